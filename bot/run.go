package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"nutgraf/digest"
)

// The exit codes of the program.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// stdio is where a command reads and writes.
type stdio struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// usageError is a command line or a configuration that cannot be used.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// run runs one command line and returns the exit code.
func run(args []string, std stdio) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(std.err, "nutgraf: "+explain(err))
	var usage usageError
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") || strings.HasPrefix(err.Error(), "unknown flag") {
		return exitUsage
	}
	return exitFailed
}

// explain returns the sentence for people, with the cause where there is one:
// on the operator's own terminal nothing needs hiding.
func explain(err error) string {
	var known *digest.Error
	if errors.As(err, &known) {
		return known.Error()
	}
	return err.Error()
}

// global holds the flags that every command has.
type global struct {
	std    stdio
	config string
	store  string
}

func newRoot(std stdio) *cobra.Command {
	g := &global{std: std}
	root := &cobra.Command{
		Use:           "nutgraf",
		Short:         "A daily news digest for your channels",
		Long:          "Nutgraf keeps the articles a team cares about, groups them into stories, writes a short\nchecked brief of each, and shows one digest a day.\n\nStart with:  nutgraf try",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no command %q; nutgraf help lists those there are", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVar(&g.config, "config", "", "configuration file (default $NUTGRAF_CONFIG, else ./config.toml, else the built-in defaults)")
	root.PersistentFlags().StringVar(&g.store, "store", "", "the store's file or postgres:// address, instead of the configured one")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		said := err.Error()
		var number *strconv.NumError
		if errors.As(err, &number) {
			said = strings.Replace(said, number.Error(), "it takes a whole number", 1)
		}
		return usageError{fmt.Errorf("%s; see %s --help", said, c.CommandPath())}
	})
	root.AddCommand(g.serveCommand(), g.tryCommand(), g.importCommand(), g.keysCommand(), g.buildCommand(), g.searchCommand(), g.takedownCommand(), g.briefCommand(),
		g.storiesCommand(), g.slotsCommand(), g.deliveriesCommand(), g.backupCommand(), g.restoreCommand(), g.checkCommand(), g.doctorCommand(), g.manifestCommand(),
		g.evalCommand(), g.healthcheckCommand(), g.versionCommand())
	for _, c := range root.Commands() {
		wrapArgs(c)
	}
	return root
}

// wrapArgs makes wrong arguments of a command and of its subcommands usage
// errors that show how the command is written.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			err := check(c, args)
			switch {
			case err == nil:
				return nil
			case len(args) == 0:
				err = errors.New("something is missing")
			case c.HasSubCommands():
				return usageError{fmt.Errorf("%s has no command %q; see %s --help", c.CommandPath(), args[0], c.CommandPath())}
			default:
				err = fmt.Errorf("%q is too little or too much", strings.Join(args, " "))
			}
			return usageError{fmt.Errorf("%w; write it as %s, or see %s --help", err, strings.TrimSuffix(c.UseLine(), " [flags]"), c.CommandPath())}
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// load reads the configuration that the flags name.
func (g *global) load() (Config, error) {
	cfg, err := loadConfig(findConfig(g.config))
	if err != nil {
		return cfg, usageError{err}
	}
	if g.store != "" {
		cfg.Store.URL = g.store
	}
	return cfg, nil
}
