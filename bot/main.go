// Command nutgraf keeps the articles a team cares about and posts one digest a
// day into its channels.
package main

import (
	"os"

	_ "time/tzdata" // schedules need every zone, also where the system has none

	_ "golang.org/x/crypto/x509roots/fallback" // and the web its roots, in an empty image
)

func main() {
	os.Exit(run(os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}
