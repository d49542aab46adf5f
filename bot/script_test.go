package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output of the scripts")

// TestMain lets the scripts run the program itself as the command nutgraf.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nutgraf": main})
}

// TestScripts drives the program as people do, from the command line.
func TestScripts(t *testing.T) {
	config, err := filepath.Abs("../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLE", config)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("COLUMNS", "100")
			return errors.Join(os.MkdirAll(filepath.Join(env.WorkDir, "tmp"), 0o755), startLife(env))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"serve": serveUntil, "ask": ask,
			"up": up, "down": down, "slack": slackSays, "discord": discordSays, "posts": posts},
	})
}
