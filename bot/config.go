package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// Config is what config.toml says. The zero value is not usable: defaults()
// is the base that the file is read over.
type Config struct {
	Store     StoreConfig     `toml:"store"`
	Web       WebConfig       `toml:"web"`
	Defaults  DefaultsConfig  `toml:"defaults"`
	Fetch     FetchConfig     `toml:"fetch"`
	Retention RetentionConfig `toml:"retention"`
	Log       LogConfig       `toml:"log"`
	Timing    TimingConfig    `toml:"timing"`
	Metrics   MetricsConfig   `toml:"metrics"`
	Heartbeat HeartbeatConfig `toml:"heartbeat"`
	Slack     *SlackConfig    `toml:"slack"`   // nil: not set up
	Discord   *DiscordConfig  `toml:"discord"` // nil: not set up

	Workspaces    []WorkspaceConfig    `toml:"workspace"`
	Sources       []SourceConfig       `toml:"source"`
	Subscriptions []SubscriptionConfig `toml:"subscription"`

	path string // the file it came from, "" for the built-in defaults
	text []byte
}

// StoreConfig says where everything is kept.
type StoreConfig struct {
	URL string `toml:"url"` // a file path for SQLite, or postgres://…
}

// WebConfig is the web channel.
type WebConfig struct {
	Listen    string `toml:"listen"`     // host:port, "" to switch it off
	TokenEnv  string `toml:"token_env"`  // environment variable with the access token
	TokenFile string `toml:"token_file"` // file with the access token
	PublicURL string `toml:"public_url"` // how readers reach the page, for links
	Open      bool   `toml:"open"`       // let everybody who reaches the page in, without a token
}

// SlackConfig is the Slack app, in one workspace or in those that install it.
type SlackConfig struct {
	BotTokenEnv  string   `toml:"bot_token_env"` // environment variable with the token xoxb-…
	BotTokenFile string   `toml:"bot_token_file"`
	AppTokenEnv  string   `toml:"app_token_env"` // environment variable with the token xapp-…
	AppTokenFile string   `toml:"app_token_file"`
	Managers     []string `toml:"managers"` // user ids who may change subscriptions beside admins
	Thread       string   `toml:"thread"`
	APIURL       string   `toml:"api_url"`

	Transport         string `toml:"transport"`          // "socket" or "http"
	SigningSecretEnv  string `toml:"signing_secret_env"` // environment variable with the signing secret, for http
	SigningSecretFile string `toml:"signing_secret_file"`

	ClientID         string   `toml:"client_id"` // lets other workspaces install the app
	ClientSecretEnv  string   `toml:"client_secret_env"`
	ClientSecretFile string   `toml:"client_secret_file"`
	TokenKeyEnv      string   `toml:"token_key_env"` // environment variable with the key that encrypts their tokens
	TokenKeyFile     string   `toml:"token_key_file"`
	PKCE             bool     `toml:"pkce"`       // the app's settings have PKCE switched on
	Workspaces       []string `toml:"workspaces"` // ids of those that may install the app; empty: all

	bot, app digest.Secret // given by the program itself, instead of by environment or file
}

// DiscordConfig is the Discord application, in any number of servers.
type DiscordConfig struct {
	TokenEnv    string `toml:"token_env"`
	TokenFile   string `toml:"token_file"`
	Application string `toml:"application"`
	Transport   string `toml:"transport"`  // "socket" or "http"
	PublicKey   string `toml:"public_key"` // of the application, for http
	Thread      string `toml:"thread"`
	APIURL      string `toml:"api_url"`

	token digest.Secret // given by the program itself, instead of by environment or file
}

// DefaultsConfig is what subscriptions inherit.
type DefaultsConfig struct {
	Zone     Zone   `toml:"zone"`
	Language string `toml:"language"`
	Stories  int    `toml:"stories"`
	Command  string `toml:"command"`
}

// FetchConfig is how sources are fetched.
type FetchConfig struct {
	Every   Duration `toml:"every"`
	Contact string   `toml:"contact"`
	Allow   []Prefix `toml:"allow"`
	Proxy   string   `toml:"proxy"`
}

// RetentionConfig is how long things are kept.
type RetentionConfig struct {
	Articles Duration `toml:"articles"`
	Slots    Duration `toml:"slots"`
	Shown    Duration `toml:"shown"`
}

// LogConfig is the log.
type LogConfig struct {
	Format string `toml:"format"`
	Level  string `toml:"level"`
}

// TimingConfig scales the loops.
type TimingConfig struct {
	Poll    Duration `toml:"poll"`    // between two looks for work
	Timeout Duration `toml:"timeout"` // of one post
	Quiet   Duration `toml:"quiet"`   // before a post without an answer is looked for
	Lease   Duration `toml:"lease"`   // of a part by one process
	Jitter  Duration `toml:"jitter"`  // over which many digests of one time are spread
}

// MetricsConfig is where metrics are read, apart from the web page.
type MetricsConfig struct {
	Listen string `toml:"listen"` // host:port, "" for none
	Open   bool   `toml:"open"`   // answer others than this machine
	Pprof  bool   `toml:"pprof"`  // answer /debug/pprof/ too, on this machine only
}

// HeartbeatConfig is an address that is asked for while all is well.
type HeartbeatConfig struct {
	URL   string   `toml:"url"`
	Every Duration `toml:"every"`
}

// WorkspaceConfig is a tenant that has settings of its own.
type WorkspaceConfig struct {
	ID           string `toml:"id"`
	AdminChannel string `toml:"admin_channel"`
}

// SourceConfig is one [[source]].
type SourceConfig struct {
	ID       string   `toml:"id"`
	Kind     string   `toml:"kind"`
	URL      string   `toml:"url"`
	Path     string   `toml:"path"`
	Name     string   `toml:"name"`
	Category string   `toml:"category"`
	Language string   `toml:"language"`
	Weight   float64  `toml:"weight"`
	Every    Duration `toml:"every"`
}

// SubscriptionConfig is one [[subscription]].
type SubscriptionConfig struct {
	ID         string   `toml:"id"`
	Name       string   `toml:"name"`
	Channels   []string `toml:"channels"`
	Sources    []string `toml:"sources"`
	Categories []string `toml:"categories"`
	Languages  []string `toml:"languages"`
	Include    []string `toml:"include"`
	Exclude    []string `toml:"exclude"`
	DaysOff    []string `toml:"days_off"`
	Editors    string   `toml:"editors"`
	Lead       Duration `toml:"lead"`
	Undecided  string   `toml:"undecided"`
	Ping       string   `toml:"ping"`
	Silent     bool     `toml:"silent"`
	Publish    bool     `toml:"publish"`
	Tag        string   `toml:"tag"`
	Cron       string   `toml:"cron"`
	Zone       Zone     `toml:"zone"`
	Language   string   `toml:"language"`
	Stories    int      `toml:"stories"`
	Length     string   `toml:"length"`
	Thread     string   `toml:"thread"`
	Images     bool     `toml:"images"`
	Empty      string   `toml:"empty"`
	CatchUp    Duration `toml:"catch_up"`
	OnUnknown  string   `toml:"on_unknown"`
}

// defaults returns the configuration of an empty file.
func defaults() Config {
	return Config{
		Store:     StoreConfig{URL: "nutgraf.db"},
		Web:       WebConfig{Listen: "127.0.0.1:8080"},
		Defaults:  DefaultsConfig{Zone: Zone{"UTC"}, Language: "en", Stories: 8, Command: "digest"},
		Fetch:     FetchConfig{Every: hours(1)},
		Retention: RetentionConfig{Articles: hours(180 * 24), Slots: hours(400 * 24), Shown: hours(90 * 24)},
		Log:       LogConfig{Format: "text", Level: "info"},
		Heartbeat: HeartbeatConfig{Every: Duration{5 * time.Minute}},
		Timing:    TimingConfig{Poll: seconds(15), Timeout: seconds(10), Quiet: seconds(40), Lease: seconds(60), Jitter: seconds(60)},
	}
}

// findConfig returns the configuration's path: the flag, $NUTGRAF_CONFIG,
// ./config.toml, or "" when there is none.
func findConfig(flag string) string {
	if flag != "" {
		return flag
	}
	if env := os.Getenv("NUTGRAF_CONFIG"); env != "" {
		return env
	}
	if _, err := os.Stat("config.toml"); err == nil {
		return "config.toml"
	}
	return ""
}

// loadConfig reads and checks the configuration at path; "" gives the defaults.
func loadConfig(path string) (Config, error) {
	if path == "" {
		return defaults(), nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, digest.Errorf(digest.Invalid, "the configuration cannot be read: %v; name another file with --config", err)
	}
	return parseConfig(path, text)
}

// parseConfig reads and checks the configuration text of the file path.
// Relative paths in it are taken from the file's folder.
func parseConfig(path string, text []byte) (Config, error) {
	c := defaults()
	c.path, c.text = path, text
	dec := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return Config{}, tomlError(path, err)
	}
	if err := c.check(); err != nil {
		return Config{}, err
	}
	dir := filepath.Dir(path)
	if !strings.Contains(c.Store.URL, "://") {
		c.Store.URL = within(dir, c.Store.URL)
	}
	for i := range c.Sources {
		c.Sources[i].Path = within(dir, c.Sources[i].Path)
	}
	c.Web.TokenFile = within(dir, c.Web.TokenFile)
	if c.Slack != nil {
		for _, file := range []*string{&c.Slack.BotTokenFile, &c.Slack.AppTokenFile, &c.Slack.SigningSecretFile, &c.Slack.ClientSecretFile, &c.Slack.TokenKeyFile} {
			*file = within(dir, *file)
		}
	}
	if c.Discord != nil {
		c.Discord.TokenFile = within(dir, c.Discord.TokenFile)
	}
	return c, nil
}

func within(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// tomlError turns the decoder's errors into sentences with file and line.
func tomlError(path string, err error) error {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) {
		var lines []string
		for _, e := range missing.Errors {
			row, _ := e.Position()
			lines = append(lines, fmt.Sprintf("%s:%d: there is no setting %q%s", path, row, strings.Join(e.Key(), "."), suggestKey(e.Key())))
		}
		return digest.Errorf(digest.Invalid, "%s", strings.Join(lines, "\n"))
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		row, _ := bad.Position()
		key := ""
		if k := bad.Key(); len(k) > 0 {
			key = strings.Join(k, ".") + ": "
		}
		return digest.Errorf(digest.Invalid, "%s:%d: %s%s", path, row, key, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	return digest.Errorf(digest.Invalid, "%s: %v", path, err)
}

// suggestKey returns "; did you mean …?" for a misspelt key of a table.
func suggestKey(key []string) string {
	t := reflect.TypeFor[Config]()
	for _, part := range key[:len(key)-1] {
		f, ok := fieldOf(t, part)
		if !ok {
			return ""
		}
		t = f
	}
	var names []string
	for f := range t.Fields() {
		if name := f.Tag.Get("toml"); name != "" {
			names = append(names, name)
		}
	}
	if near := chat.Nearest(key[len(key)-1], names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; see the commented config.toml for those there are"
}

func fieldOf(t reflect.Type, name string) (reflect.Type, bool) {
	for f := range t.Fields() {
		if f.Tag.Get("toml") != name {
			continue
		}
		ft := f.Type
		if ft.Kind() == reflect.Slice || ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		return ft, ft.Kind() == reflect.Struct
	}
	return nil, false
}
