package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"nutgraf/digest"
)

func (g *global) takedownCommand() *cobra.Command {
	workspace, reason := digest.Shared, ""
	c := &cobra.Command{
		Use:   "takedown ID",
		Short: "Remove an article for good, also from what was posted",
		Long: "The article is removed from the store and does not come in again. What was posted of it in the last three days\n" +
			"is edited by the serve that runs, or by the next one.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.withStore(c.Context(), func(a *app) error {
				gone, err := a.store.Takedown(c.Context(), workspace, args[0], reason)
				if err != nil {
					return err
				}
				fmt.Fprintf(g.std.out, "taken down  %s  %s\n", gone.ID, gone.Title)
				return nil
			})
		},
	}
	c.Flags().StringVar(&workspace, "workspace", workspace, "workspace that the article belongs to; * for those of shared sources")
	c.Flags().StringVar(&reason, "reason", "", "why, for the record")
	return c
}
