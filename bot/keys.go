package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/digest"
)

// keysCommand manages who may push articles. All of it may be done while serve
// runs.
func (g *global) keysCommand() *cobra.Command {
	var asJSON bool
	list := func(c *cobra.Command, _ []string) error {
		return g.withStore(c.Context(), func(a *app) error { return a.listKeys(c.Context(), asJSON) })
	}
	c := &cobra.Command{
		Use:   "keys",
		Short: "Say who may push articles to POST /api/articles",
		Long: "Other programs push articles with a key. Each key belongs to one source of one workspace, and can be\n" +
			"revoked. The store holds only a hash of it. docs/push.md tells how to push.",
		Args: cobra.NoArgs,
		RunE: list,
	}
	c.PersistentFlags().BoolVar(&asJSON, "json", false, "print JSON lines")
	k := digest.Key{Workspace: digest.Shared}
	add := &cobra.Command{Use: "add NAME", Short: "Make a key, and its source where that is new; the key is printed this once", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k.Name = strings.TrimSpace(args[0])
			k.Source = orDefault(k.Source, strings.ToLower(k.Name))
			if !validID.MatchString(k.Source) {
				return usageError{digest.Errorf(digest.Invalid, "%q is no id of a source: write small letters, digits, - and _, or name one with --source", k.Source)}
			}
			return g.withStore(c.Context(), func(a *app) error { return a.addKey(c.Context(), k, asJSON) })
		}}
	add.Flags().StringVar(&k.Workspace, "workspace", k.Workspace, "workspace that sees the articles, as in slack:T012ABC; * is shared by all")
	add.Flags().StringVar(&k.Source, "source", "", "id of the source that the articles come in by (default NAME)")
	c.AddCommand(add,
		&cobra.Command{Use: "list", Short: "List the keys, the newest first", Args: cobra.NoArgs, RunE: list},
		&cobra.Command{Use: "revoke ID", Short: "End a key; what was pushed with it stays", Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				return g.withStore(c.Context(), func(a *app) error {
					k, err := a.store.RevokeKey(c.Context(), args[0])
					if err == nil {
						a.printKey(k, asJSON)
					}
					return err
				})
			}})
	return c
}

// newSecret makes the secret of a key: a beginning by which it is known, and
// 256 random bits.
func newSecret() digest.Secret {
	text := strings.ToLower(rand.Text() + rand.Text() + rand.Text()) // 5 bits a character
	return digest.NewSecret("ng_" + text[:8] + "_" + text[8:60])
}

// addKey makes a key and shows its secret.
func (a *app) addKey(ctx context.Context, k digest.Key, asJSON bool) error {
	secret := newSecret()
	k, err := a.store.AddKey(ctx, k, secret)
	if err != nil {
		return err
	}
	if asJSON {
		out, _ := json.Marshal(map[string]string{"id": k.ID, "name": k.Name, "source": k.Source, "workspace": k.Workspace, "secret": secret.Reveal()})
		fmt.Fprintln(a.std.out, string(out))
		return nil
	}
	fmt.Fprintf(a.std.out, "%s\nThis is the key of %s, for the source %s of the workspace %s. It is shown this once; nutgraf keys revoke %s ends it.\n",
		secret.Reveal(), k.Name, k.Source, k.Workspace, k.ID)
	return nil
}

func (a *app) listKeys(ctx context.Context, asJSON bool) error {
	keys, err := a.store.Keys(ctx)
	if len(keys) == 0 && err == nil && !asJSON {
		fmt.Fprintln(a.std.out, "there is no key; nutgraf keys add NAME makes one")
	}
	for _, k := range keys {
		a.printKey(k, asJSON)
	}
	return err
}

func (a *app) printKey(k digest.Key, asJSON bool) {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	if asJSON {
		out, _ := json.Marshal(map[string]string{"id": k.ID, "name": k.Name, "source": k.Source, "workspace": k.Workspace,
			"created": day(k.Created), "used": day(k.Used), "revoked": day(k.Revoked)})
		fmt.Fprintln(a.std.out, string(out))
		return
	}
	state := "never used"
	switch {
	case !k.Revoked.IsZero():
		state = "revoked " + day(k.Revoked)
	case !k.Used.IsZero():
		state = "used " + day(k.Used)
	}
	fmt.Fprintf(a.std.out, "%s  %-20s  %-16s  %-16s  made %s  %s\n", k.ID, k.Name, k.Source, k.Workspace, day(k.Created), state)
}
