package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

func (g *global) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE|FOLDER",
		Short: "Copy the store while everything goes on, and check the copy",
		Long: "Copies the store into FILE, or into a dated file in FOLDER, and writes beside it FILE.json, which\n" +
			"says what it holds. serve may go on meanwhile. A SQLite copy is checked page by page; PostgreSQL is\n" +
			"saved with pg_dump. Nothing is overwritten. The copy posts nothing until nutgraf deliveries resume.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			now := clock()()
			file := args[0]
			if info, err := os.Stat(file); err == nil && info.IsDir() {
				file = filepath.Join(file, "nutgraf-"+now.Format("20060102-150405")+".backup")
			}
			m, err := sqlstore.Backup(c.Context(), cfg.Store.URL, file, now)
			if err != nil {
				return err
			}
			fmt.Fprintf(g.std.out, "%s holds %s\n", file, contents(m))
			return nil
		},
	}
}

// contents says what a backup holds.
func contents(m sqlstore.Manifest) string {
	return fmt.Sprintf("%s (schema version %d, installation %.6s…)", held(m.Counts), m.Schema, m.Install)
}

// held says what a store holds.
func held(c digest.Counts) string {
	return plural(c.Articles, "article", "articles") + ", " + plural(c.Stories, "story", "stories") + ", " + plural(c.Editions, "digest", "digests")
}

func (g *global) restoreCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the store; it posts nothing until you say so",
		Long: "Checks a backup and puts it where [store] url says. Stop serve first. With --force a SQLite store\n" +
			"that is there is moved out of the way, never deleted; a PostgreSQL database must be empty.\n\n" +
			"What was posted after the backup was made, the restored store does not know. So it posts nothing\n" +
			"until nutgraf deliveries resume, and then looks into the channels before it posts what was due.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			m, moved, err := sqlstore.Restore(c.Context(), cfg.Store.URL, args[0], force, clock()())
			if moved != "" {
				fmt.Fprintf(g.std.out, "what was there is now %s\n", moved)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(g.std.out, "restored %s, as of %s\n", contents(m), m.Made.Format(time.RFC3339))
			fmt.Fprintln(g.std.out, "It posts nothing yet. When no other Nutgraf posts for this installation any more:  nutgraf deliveries resume")
			return nil
		},
	}
	c.Flags().BoolVar(&force, "force", false, "move a store that is there out of the way")
	return c
}

func (g *global) resumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resume",
		Short: "Let a restored store post again, once the original does no more",
		Long: "After a restore nothing is built or posted. When the original no longer runs, resume lets this store\n" +
			"take over: it looks into the channels for everything that was due or on its way, marks what it finds\n" +
			"as sent, and posts only what is not there.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return g.withStore(c.Context(), func(a *app) error {
				before, err := a.store.Restored(c.Context())
				if err != nil {
					return err
				}
				if !before.Fenced() {
					fmt.Fprintln(g.std.out, "nothing keeps this store from posting")
					return nil
				}
				_, parts, err := a.store.Resume(c.Context())
				if err != nil {
					return err
				}
				fmt.Fprintf(g.std.out, "serve posts again; it first looks for %s and for the digests that were due since %s\n",
					strings.TrimSpace(plural(parts, "message that was", "messages that were")+" on the way"), before.Backup.Format(time.RFC3339))
				return nil
			})
		},
	}
}

// errFenced says why a restored store posts nothing; nil when it does.
func errFenced(r digest.Restored) error {
	if !r.Fenced() {
		return nil
	}
	return digest.Errorf(digest.Conflict, "this store was restored from a backup of %s and posts nothing; when no other Nutgraf posts for it any more, run nutgraf deliveries resume", r.Backup.Format(time.RFC3339))
}

// plural returns a number with the form of a word that goes with it.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
