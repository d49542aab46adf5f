package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"nutgraf/adapters/sqlstore/pgtest"
)

var update = flag.Bool("update", false, "rewrite the expected output of the scripts")

// TestMain lets the scripts run the program itself as the command nutgraf.
func TestMain(m *testing.M) {
	// The tests mostly wait for processes.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"nutgraf": main, "sender": sender})
}

// TestScripts drives the program as people do, from the command line.
func TestScripts(t *testing.T) {
	config, err := filepath.Abs("../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	// With NUTGRAF_TEST_STORE=postgres, the scripts that say $STORE run on a database.
	store := "news.db"
	if os.Getenv("NUTGRAF_TEST_STORE") == "postgres" {
		var pg pgtest.Server
		t.Cleanup(pg.Stop)
		store = pg.Database(t)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLE", config)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("STORE", store)
			env.Setenv("COLUMNS", "100")
			return errors.Join(os.MkdirAll(filepath.Join(env.WorkDir, "tmp"), 0o755), startLife(env))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"serve": serveUntil, "ask": ask,
			"up": up, "down": down, "slack": slackSays, "discord": discordSays, "posts": posts, "push": pushes, "revoke": revokes},
	})
}
