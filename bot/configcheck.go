package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/egress"
	"nutgraf/digest"
	"nutgraf/digest/edition"
	"nutgraf/digest/schedule"
)

var validID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// check reports the first thing in the configuration that cannot work, with
// the line where it stands.
func (c *Config) check() error {
	for _, step := range []func() error{c.checkProgram, c.checkTiming, c.checkSources, c.checkSubscriptions} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkProgram() error {
	if c.Store.URL == "" {
		return c.wrong("store", -1, "url", "the store needs a file; write url = \"nutgraf.db\"")
	}
	if scheme, _, ok := strings.Cut(c.Store.URL, "://"); ok && scheme != "postgres" && scheme != "postgresql" {
		return c.wrong("store", -1, "url", "%q is no store that Nutgraf knows; write a file path such as \"nutgraf.db\", or postgres://user@host/database", scheme+"://")
	}
	if c.Web.Listen != "" {
		if _, _, err := net.SplitHostPort(c.Web.Listen); err != nil {
			return c.wrong("web", -1, "listen", "%q is no address to listen on; write host:port, as in \"127.0.0.1:8080\"", c.Web.Listen)
		}
	}
	if c.Web.PublicURL != "" && !isHTTP(c.Web.PublicURL) {
		return c.wrong("web", -1, "public_url", "%q is no web address; write for example \"https://news.example.org\"", c.Web.PublicURL)
	}
	if err := c.checkMetrics(); err != nil {
		return err
	}
	if err := c.checkTransports(); err != nil {
		return err
	}
	if c.Fetch.Proxy != "" && !isHTTP(c.Fetch.Proxy) {
		return c.wrong("fetch", -1, "proxy", "%q is no proxy address; write for example \"http://proxy.example.org:3128\"", c.Fetch.Proxy)
	}
	if c.Fetch.Every.Duration < time.Minute {
		return c.wrong("fetch", -1, "every", "sources may be fetched once a minute at most; write every = \"1h\"")
	}
	if err := c.oneOf("log", -1, "format", c.Log.Format, "text", "json"); err != nil {
		return err
	}
	if err := c.oneOf("log", -1, "level", c.Log.Level, "debug", "info", "warn", "error"); err != nil {
		return err
	}
	if err := c.oneOf("defaults", -1, "language", c.Defaults.Language, chat.Languages()...); err != nil {
		return err
	}
	if c.Defaults.Stories < 1 || c.Defaults.Stories > 60 {
		return c.wrong("defaults", -1, "stories", "a digest shows 1 to 60 stories, not %d", c.Defaults.Stories)
	}
	if c.Retention.Shown.Duration < 90*24*time.Hour {
		return c.wrong("retention", -1, "shown", "what a channel was shown must be remembered for 90 days at least, or stories come back")
	}
	for i, w := range c.Workspaces {
		if w.ID == "" {
			return c.wrong("workspace", i, "id", "every [[workspace]] needs an id such as \"slack:T012ABC\"")
		}
		if a, err := digest.ParseAddress(w.AdminChannel); err != nil {
			return c.wrong("workspace", i, "admin_channel", "%s", digest.Explain(err))
		} else if known := c.platformNames(); !slices.Contains(known, a.Platform) {
			return c.wrong("workspace", i, "admin_channel", "%q is on no platform that is set up here; there are %s", w.AdminChannel, strings.Join(known, ", "))
		}
	}
	return nil
}

// checkTransports checks on which way each platform is heard.
func (c *Config) checkTransports() error {
	transports := make(map[string]string)
	if c.Slack != nil {
		transports["slack"] = c.Slack.Transport
	}
	if c.Discord != nil {
		transports["discord"] = c.Discord.Transport
	}
	for table, transport := range transports {
		if transport == "" {
			continue
		}
		if err := c.oneOf(table, -1, "transport", transport, "socket", "http"); err != nil {
			return err
		}
		if transport == "http" && c.Web.Listen == "" {
			return c.wrong(table, -1, "transport", "%s", digest.Explain(errNoPage(table)))
		}
	}
	return nil
}

// checkMetrics checks where metrics are read and where the heartbeat goes.
func (c *Config) checkMetrics() error {
	if m := c.Metrics; m.Listen != "" {
		host, _, err := net.SplitHostPort(m.Listen)
		if err != nil {
			return c.wrong("metrics", -1, "listen", "%q is no address to listen on; write host:port, as in \"127.0.0.1:9464\"", m.Listen)
		}
		ip, err := netip.ParseAddr(host)
		local := host == "localhost" || err == nil && ip.IsLoopback()
		switch {
		case !local && !m.Open:
			return c.wrong("metrics", -1, "listen", "%s can be reached from outside; write open = true to let everybody read the metrics, or listen on 127.0.0.1", m.Listen)
		case !local && m.Pprof:
			return c.wrong("metrics", -1, "pprof", "pprof shows the program's memory; it answers on this machine only, so listen on 127.0.0.1 or write pprof = false")
		}
	}
	if h := c.Heartbeat; h.URL != "" {
		if _, err := egress.Operator(h.URL, egress.Options{}); err != nil {
			return c.wrong("heartbeat", -1, "url", "%s", digest.Explain(err))
		}
		if h.Every.Duration < time.Minute {
			return c.wrong("heartbeat", -1, "every", "a heartbeat is sent once a minute at most; write every = \"5m\"")
		}
	}
	return nil
}

// checkTiming holds the spans against each other: with wrong ones, two
// processes could post the same part, or a post be looked for too early.
func (c *Config) checkTiming() error {
	t := c.Timing
	switch {
	case t.Poll.Duration < 10*time.Millisecond || t.Poll.Duration > 15*time.Second:
		return c.wrong("timing", -1, "poll", "poll lies between 10ms and 15s: a clock that is put or a machine that slept is noticed by it")
	case t.Timeout.Duration < 50*time.Millisecond || t.Timeout.Duration > 10*time.Second:
		return c.wrong("timing", -1, "timeout", "timeout lies between 50ms and 10s")
	case t.Quiet.Duration < t.Timeout.Duration:
		return c.wrong("timing", -1, "quiet", "quiet = %q is shorter than the timeout of %s: a post that is still on its way would be looked for and sent twice", t.Quiet.Duration, t.Timeout.Duration)
	case t.Lease.Duration <= 2*t.Timeout.Duration:
		return c.wrong("timing", -1, "lease", "lease = %q must be more than twice the timeout of %s, or a part could be taken over while it is posted", t.Lease.Duration, t.Timeout.Duration)
	}
	return nil
}

func (c *Config) checkSources() error {
	seen := make(map[string]bool)
	for i, s := range c.Sources {
		if !validID.MatchString(s.ID) {
			return c.wrong("source", i, "id", "every [[source]] needs an id of small letters, digits, - and _, such as id = \"city-news\"; this one has %q", s.ID)
		}
		if seen[s.ID] {
			return c.wrong("source", i, "id", "there are two sources with the id %q; give each its own", s.ID)
		}
		seen[s.ID] = true
		if err := c.oneOf("source", i, "kind", s.Kind, "feed", "folder", "push", "sample"); err != nil {
			return err
		}
		switch {
		case s.Kind == "feed" && !isHTTP(s.URL):
			return c.wrong("source", i, "url", "the feed %q needs url = \"https://…\"", s.ID)
		case s.Kind == "folder" && s.Path == "":
			return c.wrong("source", i, "path", "the folder %q needs path = \"…\"", s.ID)
		case s.Weight < 0 || s.Weight > 100:
			return c.wrong("source", i, "weight", "a weight lies between 0 and 100; 1 is normal")
		case s.Every.Duration != 0 && s.Every.Duration < time.Minute:
			return c.wrong("source", i, "every", "a source may be fetched once a minute at most; write every = \"1h\"")
		}
	}
	return nil
}

func (c *Config) checkSubscriptions() error {
	seen := make(map[string]bool)
	sources := make([]string, len(c.Sources))
	for i, s := range c.Sources {
		sources[i] = s.ID
	}
	for i := range c.Subscriptions {
		s := &c.Subscriptions[i]
		if !validID.MatchString(s.ID) {
			return c.wrong("subscription", i, "id", "every [[subscription]] needs an id of small letters, digits, - and _, such as id = \"morning\"; this one has %q", s.ID)
		}
		if seen[s.ID] {
			return c.wrong("subscription", i, "id", "there are two subscriptions with the id %q; give each its own", s.ID)
		}
		seen[s.ID] = true
		if err := c.checkSubscription(i, s, sources); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkSubscription(i int, s *SubscriptionConfig, sources []string) error {
	if len(s.Channels) == 0 {
		return c.wrong("subscription", i, "channels", "%q needs channels = [\"web:news\"] or others", s.ID)
	}
	for _, ch := range s.Channels {
		a, err := digest.ParseAddress(ch)
		if err != nil {
			return c.wrong("subscription", i, "channels", "%s", digest.Explain(err))
		}
		if known := c.platformNames(); !slices.Contains(known, a.Platform) {
			return c.wrong("subscription", i, "channels", "%q is on no platform that is set up here; there are %s", ch, strings.Join(known, ", "))
		}
	}
	for _, id := range s.Sources {
		if !slices.Contains(sources, id) {
			return c.wrong("subscription", i, "sources", "there is no source %q%s", id, didYouMean(id, sources))
		}
	}
	for _, f := range []struct {
		key   string
		list  []string
		check func(string) error
	}{{"include", s.Include, edition.CheckRule}, {"exclude", s.Exclude, edition.CheckRule}, {"days_off", s.DaysOff, schedule.CheckDay}} {
		for _, one := range f.list {
			if err := f.check(one); err != nil {
				return c.wrong("subscription", i, f.key, "%s", digest.Explain(err))
			}
		}
	}
	if a, err := digest.ParseAddress(s.Editors); s.Editors != "" && (err != nil || !slices.Contains(c.platformNames(), a.Platform)) {
		return c.wrong("subscription", i, "editors", "%q is no channel of a platform that is set up; write it like slack:T012ABC/C345DEF", s.Editors)
	}
	if d := s.Lead.Duration; d != 0 && (d < time.Minute || d > 12*time.Hour) {
		return c.wrong("subscription", i, "lead", "the editors get the draft at most 12 hours before; write lead = \"1h\"")
	}
	if err := digest.CheckPing(s.Ping); err != nil {
		return c.wrong("subscription", i, "ping", "%s", digest.Explain(err))
	}
	if utf8.RuneCountInString(s.Tag) > digest.MaxTag {
		return c.wrong("subscription", i, "tag", "a tag has at most %d characters", digest.MaxTag)
	}
	if s.Zone.Name == "" {
		s.Zone = c.Defaults.Zone
	}
	if s.Cron == "" {
		return c.wrong("subscription", i, "cron", "%q needs a time; write cron = \"0 8 * * *\" for 08:00 every day", s.ID)
	}
	if _, err := schedule.Parse(s.Cron, s.Zone.Name); err != nil {
		return c.wrong("subscription", i, "cron", "%s", digest.Explain(err))
	}
	if s.Language == "" {
		s.Language = c.Defaults.Language
	}
	if s.Stories == 0 {
		s.Stories = c.Defaults.Stories
	}
	if s.Stories < 1 || s.Stories > 60 {
		return c.wrong("subscription", i, "stories", "a digest shows 1 to 60 stories, not %d", s.Stories)
	}
	for _, f := range []struct {
		key, value string
		allowed    []string
	}{
		{"language", s.Language, chat.Languages()},
		{"length", s.Length, []string{"", "line", "short", "full"}},
		{"thread", s.Thread, []string{"", "yes", "no"}},
		{"empty", s.Empty, []string{"", "skip", "note"}},
		{"on_unknown", s.OnUnknown, []string{"", "park", "resend"}},
		{"undecided", s.Undecided, []string{"", digest.RulePublish, digest.RuleHold, digest.RuleSkip}},
	} {
		if err := c.oneOf("subscription", i, f.key, f.value, f.allowed...); err != nil {
			return err
		}
	}
	return nil
}

// oneOf checks a setting with a fixed set of values.
func (c *Config) oneOf(table string, n int, key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	var names []string
	for _, a := range allowed {
		if a != "" {
			names = append(names, a)
		}
	}
	return c.wrong(table, n, key, "%s = %q is not possible; it is one of %s%s", key, value, strings.Join(names, ", "), didYouMean(value, names))
}

func didYouMean(word string, names []string) string {
	if near := chat.Nearest(word, names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// wrong returns an error about a key of a table, at its line. n counts the
// tables of an array from 0; -1 is a plain table.
func (c *Config) wrong(table string, n int, key, format string, args ...any) error {
	return digest.Errorf(digest.Invalid, "%s:%d: %s", c.path, lineOf(string(c.text), table, n, key), fmt.Sprintf(format, args...))
}

// lineOf returns the line (from 1) of a key, or of its table when the key is
// missing there, or 1.
func lineOf(text, table string, n int, key string) int {
	header := "[" + table + "]"
	if n >= 0 {
		header = "[[" + table + "]]"
	}
	at, inside := 1, false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "["):
			inside = false
			if strings.HasPrefix(strings.ReplaceAll(line, " ", ""), header) {
				if n--; n < 0 {
					at, inside = i+1, true
					n = 1 << 30
				}
			}
		case inside && strings.HasPrefix(line, key):
			if rest := strings.TrimLeft(line[len(key):], " \t"); strings.HasPrefix(rest, "=") {
				return i + 1
			}
		}
	}
	return at
}

func isHTTP(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// secret reads the secret of a table from the environment variable that
// KEY_env names or from the file that KEY_file names; without both it is empty.
func (c *Config) secret(table, key, env, file string) (digest.Secret, error) {
	switch {
	case env != "" && file != "":
		return digest.Secret{}, c.wrong(table, -1, key+"_env", "give the token by %s_env or by %[1]s_file, not by both", key)
	case env != "":
		v := strings.TrimSpace(os.Getenv(env))
		if v == "" {
			return digest.Secret{}, c.wrong(table, -1, key+"_env", "the environment variable %s is empty; set it, or remove %s_env", env, key)
		}
		return digest.NewSecret(v), nil
	case file != "":
		b, err := os.ReadFile(file)
		v := strings.TrimSpace(string(b))
		if err != nil || v == "" {
			return digest.Secret{}, c.wrong(table, -1, key+"_file", "the token cannot be read from %s; write it into that file, or remove %s_file", file, key)
		}
		return digest.NewSecret(v), nil
	}
	return digest.Secret{}, nil
}

// needed reads a secret without which its table cannot work.
func (c *Config) needed(table, key, env, file string) (digest.Secret, error) {
	s, err := c.secret(table, key, env, file)
	if err == nil && s.IsZero() {
		err = c.wrong(table, -1, key+"_env", "[%s] needs a token; write %s_env = \"…\" with the name of the environment variable that holds it, or remove the section", table, key)
	}
	return s, err
}

// platformNames lists the platforms that subscriptions may post to.
func (c *Config) platformNames() []string {
	names := []string{"terminal", "web"}
	if c.Slack != nil {
		names = append(names, "slack")
	}
	if c.Discord != nil {
		names = append(names, "discord")
	}
	return names
}

// sources returns the configured sources in the store's terms; without any,
// the sample articles stand in.
func (c *Config) sources() []digest.Source {
	var out []digest.Source
	for _, s := range c.Sources {
		d := digest.Source{ID: s.ID, Workspace: digest.Shared, Kind: s.Kind, Address: s.URL, Name: s.Name,
			Category: s.Category, Language: s.Language, Weight: s.Weight, Every: s.Every.Duration}
		if s.Kind == "folder" {
			d.Address = s.Path
		}
		if d.Every == 0 {
			d.Every = c.Fetch.Every.Duration
		}
		out = append(out, d)
	}
	return out
}

// tenant returns the workspace that all channels belong to, or Shared when they
// are in several: then each of them may look at the digest.
func tenant(channels []digest.Address) string {
	ws := channels[0].Tenant()
	for _, c := range channels {
		if c.Tenant() != ws {
			return digest.Shared
		}
	}
	return ws
}

// admins returns the channels in which operators are told what needs them, by
// workspace.
func (c *Config) admins() map[string]digest.Address {
	out := make(map[string]digest.Address, len(c.Workspaces))
	for _, w := range c.Workspaces {
		out[w.ID], _ = digest.ParseAddress(w.AdminChannel) // checked above
	}
	return out
}

// subscriptions returns the configured subscriptions in the store's terms.
func (c *Config) subscriptions(now time.Time) []digest.Subscription {
	var out []digest.Subscription
	for _, s := range c.Subscriptions {
		d := digest.Subscription{ID: s.ID, Workspace: digest.Local, Name: s.Name, Sources: s.Sources, Categories: s.Categories,
			Languages: s.Languages, Include: s.Include, Exclude: s.Exclude, DaysOff: s.DaysOff, Review: digest.Review{Channel: s.Editors, Lead: s.Lead.Duration, Rule: s.Undecided}, Cron: s.Cron, Zone: s.Zone.Name, Language: s.Language,
			Layout: digest.Layout{Stories: s.Stories, Length: s.Length, Thread: s.Thread, Images: s.Images, Ping: s.Ping, Silent: s.Silent, Publish: s.Publish, Tag: s.Tag},
			Empty:  s.Empty, CatchUp: s.CatchUp.Duration, OnUnknown: s.OnUnknown, Origin: "config", Since: now, Changed: now}
		if d.Name == "" {
			d.Name = s.ID
		}
		for _, ch := range s.Channels {
			a, _ := digest.ParseAddress(ch) // checked above
			d.Channels = append(d.Channels, a)
		}
		d.Workspace = tenant(d.Channels)
		out = append(out, d)
	}
	return out
}
