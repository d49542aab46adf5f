package egress

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"nutgraf/digest"
)

// names is a name server of the test's own: every look-up of a name takes the
// next of its answers, and "*" answers for all others.
type names struct {
	mu      sync.Mutex
	answers map[string][]string
	asked   map[string]int
}

func (n *names) next(name string, v6 bool) []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	sets, ok := n.answers[name]
	if !ok {
		sets = n.answers["*"]
	}
	if len(sets) == 0 {
		return nil
	}
	if n.asked == nil {
		n.asked = make(map[string]int)
	}
	i := n.asked[name] / 2 // A and AAAA are asked together
	n.asked[name]++
	var out []netip.Addr
	for s := range strings.FieldsSeq(sets[min(i, len(sets)-1)]) {
		if a := netip.MustParseAddr(s); a.Is6() == v6 {
			out = append(out, a)
		}
	}
	return out
}

// resolver returns a resolver that asks n over a pipe.
func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go n.serve(server)
		return client, nil
	}}
}

func (n *names) serve(c net.Conn) {
	defer c.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, query); err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(query) != nil || len(m.Questions) != 1 {
			return
		}
		q := m.Questions[0]
		m.Response, m.Additionals = true, nil
		for _, a := range n.next(strings.ToLower(strings.TrimSuffix(q.Name.String(), ".")), q.Type == dnsmessage.TypeAAAA) {
			h := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET}
			if a.Is6() {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
			} else {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}})
			}
		}
		answer, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

var errDialled = errors.New("the guard let it pass")

// dials records what passes the guard, and lets none of it leave the machine.
type dials struct {
	mu   sync.Mutex
	list []string
}

func (d *dials) hook(keep netip.Prefix) func(string) error {
	return func(address string) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.list = append(d.list, address)
		if keep.IsValid() && keep.Contains(netip.MustParseAddrPort(address).Addr()) {
			return nil
		}
		return errDialled
	}
}

func (d *dials) seen() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.list)
}

func get(tb testing.TB, c *http.Client, address string) (*http.Response, []byte, error) {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

var loopback = netip.MustParsePrefix("127.0.0.1/32")

// local returns options under which a test server on 127.0.0.1 can be reached.
func local() Options { return Options{Allow: []netip.Prefix{loopback}} }

// refused lists addresses at which nothing may be dialled. A name without a
// number resolves as the name server of the test says.
const refused = `
http://127.0.0.1/ http://127.0.0.1:8080/ http://127.1/ http://127.0.1/ http://127.255.255.254/ http://0/ http://0.0.0.0/ http://0.0.0.0:8080/
http://0.1.2.3/ http://2130706433/ http://0x7f000001/ http://0x7f.1/ http://0177.0.0.1/ http://017700000001/ http://127.0.0.1./ http://127.0.0.1.:80/
http://10.0.0.1/ http://10.255.255.255/ http://100.64.0.1/ http://100.127.255.255/ http://169.254.0.1/ http://169.254.169.254/latest/meta-data/
http://169.254.170.2/ http://172.16.0.1/ http://172.31.255.255/ http://192.0.0.1/ http://192.0.0.8/ http://192.0.0.170/ http://192.0.2.1/
http://192.88.99.1/ http://192.168.0.1/ http://192.168.255.255/ http://198.18.0.1/ http://198.19.255.255/ http://198.51.100.7/ http://203.0.113.9/
http://224.0.0.1/ http://239.255.255.250/ http://240.0.0.1/ http://255.255.255.255/ http://168.63.129.16/ http://168.63.129.16:8080/machine
http://[::]/ http://[::1]/ http://[::1]:8443/ http://[0:0:0:0:0:0:0:1]/ http://[::127.0.0.1]/ http://[::7f00:1]/ http://[::a9fe:a9fe]/
http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://[::ffff:10.0.0.1]/ http://[::ffff:169.254.169.254]/ http://[::ffff:0:0]/ http://[::ffff:0:127.0.0.1]/
http://[64:ff9b::7f00:1]/ http://[64:ff9b::127.0.0.1]/ http://[64:ff9b::a9fe:a9fe]/ http://[64:ff9b::8.8.8.8]/ http://[64:ff9b:1::1]/ http://[64:ff9b:1::7f00:1]/
http://[100::1]/ http://[2001::1]/ http://[2001:0:7f00:1::]/ http://[2001:2::1]/ http://[2001:10::1]/ http://[2001:20::1]/ http://[2001:db8::1]/
http://[2002:7f00:1::]/ http://[2002:7f00:0001::1]/ http://[2002:a00:1::]/ http://[2002:a9fe:a9fe::]/ http://[3fff::1]/ http://[5f00::1]/
http://[fc00::1]/ http://[fd00:ec2::254]/ http://[fd12:3456::1]/ http://[fe80::1]/ http://[fe80::1%25lo]/ http://[febf::1]/ http://[fec0::1]/
http://[ff02::1]/ http://[ff0e::1]/ http://[4000::1]/ http://[::2]/
http://①②⑦.⓪.⓪.①/ http://127。0。0。1/ http://127．0．0．1/ http://127｡0｡0｡1/ http://⑩.0.0.1/ http://１２７.０.０.１/ http://ⓛocalhost/ http://ｌｏｃａｌｈｏｓｔ/
http://localhost/ http://LOCALHOST/ http://localhost./ http://localhost:8080/ http://foo.localhost/ http://printer/ http://router:8080/ http://db.local/ http://DB.LOCAL./
http://metadata.google.internal/ http://vault.internal:8443/ http://abcdefghij.onion/ http://nas.home.arpa/ http://nas.lan/ http://wiki.corp/
http://user@public.example/ http://user:pass@public.example/ http://127.0.0.1@public.example/ http://public.example@127.0.0.1/ http://:@public.example/
http://public.example:22/ http://public.example:25/ http://public.example:5432/ http://public.example:6379/ http://public.example:0/ http://public.example:65535/ https://public.example:8081/ http://public.example:99999/
ftp://public.example/ gopher://public.example/ file:///etc/passwd file://localhost/etc/passwd unix:///var/run/docker.sock dict://public.example:11211/ ldap://public.example/
jar:http://public.example!/ javascript:alert(1) data:text/html,hello ws://public.example/ mailto:a@public.example //public.example/ public.example/feed
http:/// http://./ http://../ http://%31%32%37.0.0.1/ http://public.example%00.evil.example/ http://pub%20lic.example/
http://private.example/ https://private.example/ http://private.example:8080/ http://private.example./ http://linklocal.example/ http://metadata.example/
http://mapped.example/ http://nat64.example/ http://sixtofour.example/ http://ula.example/ http://loop6.example/ http://azure.example/ http://cgnat.example/ http://zero.example/
http://own.example/ http://archive.own.example/ http://OWN.example./ http://ownip.example/ http://93.184.216.77/
`

func outsideAnswers() *names {
	return &names{answers: map[string][]string{
		"public.example": {"93.184.216.34 2606:2800:220:1::1"}, "private.example": {"10.1.2.3"}, "linklocal.example": {"169.254.1.1 fe80::1"},
		"metadata.example": {"169.254.169.254"}, "mapped.example": {"::ffff:127.0.0.1"}, "nat64.example": {"64:ff9b::7f00:1"},
		"sixtofour.example": {"2002:7f00:1::"}, "ula.example": {"fd00::1"}, "loop6.example": {"::1"}, "azure.example": {"168.63.129.16"},
		"cgnat.example": {"100.64.3.4"}, "zero.example": {"0.0.0.0 ::"}, "ownip.example": {"93.184.216.77"}, "*": {"127.0.0.1 ::1"},
	}}
}

func outsideOptions(d *dials) Options {
	return Options{
		Deny: []netip.Prefix{netip.MustParsePrefix("93.184.216.77/32"), netip.MustParsePrefix("2606:2800:220:1::77/128")}, DenyHosts: []string{"own.example"},
		hooks: hooks{resolver: outsideAnswers().resolver(), dialled: d.hook(netip.Prefix{})},
	}
}

func TestOutsideRefusesEveryAddressThatIsNotPublic(t *testing.T) {
	addresses := strings.Fields(refused)
	if got, want := len(addresses), 120; got < want {
		t.Fatalf("the table has %d addresses, want at least %d", got, want)
	}
	var d dials
	c := Outside(outsideOptions(&d))
	for _, address := range addresses {
		_, _, err := get(t, c, address)
		if err == nil {
			t.Errorf("%s was fetched", address)
		}
		var perr *url.Error
		if k := digest.KindOf(err); k != digest.Forbidden && k != digest.Invalid && !(errors.As(err, &perr) && perr.Op == "parse") {
			t.Errorf("%s: got error %v (kind %v), want one of this package", address, err, k)
		}
		if got := d.seen(); len(got) > 0 {
			t.Fatalf("%s led to a connection to %v", address, got)
		}
	}
	t.Logf("%d addresses, 0 connections", len(addresses))
}

func TestOutsideReachesPublicAddresses(t *testing.T) {
	for _, address := range strings.Fields(`http://public.example/ https://public.example/feed http://public.example:8080/ https://public.example:8443/
		http://PUBLIC.example./ http://93.184.216.34/ http://[2606:2800:220:1::1]/ http://1.1.1.1/`) {
		var d dials
		_, _, err := get(t, Outside(outsideOptions(&d)), address)
		if !errors.Is(err, errDialled) || len(d.seen()) == 0 {
			t.Errorf("%s: got error %v and dials %v, want it to pass the guard", address, err, d.seen())
		}
	}
}

func TestOutsideSurvivesRebinding(t *testing.T) {
	n := &names{answers: map[string][]string{"rebind.example": {"93.184.216.34", "127.0.0.1"}, "mixed.example": {"10.0.0.1 ::1"}, "half.example": {"93.184.216.34 ::1"}}}
	var d dials
	o := Options{hooks: hooks{resolver: n.resolver(), dialled: d.hook(netip.Prefix{})}}
	for range 4 {
		for _, host := range []string{"rebind.example", "mixed.example", "half.example"} {
			if _, _, err := get(t, Outside(o), "http://"+host+"/"); err == nil {
				t.Errorf("%s was fetched", host)
			}
		}
	}
	got := d.seen()
	for _, address := range got {
		if address != "93.184.216.34:80" {
			t.Errorf("%s was dialled, want public addresses only", address)
		}
	}
	if len(got) == 0 {
		t.Error("the public answer was not dialled: the test proves nothing")
	}
}

func TestAllowOpensIntranets(t *testing.T) {
	n := &names{answers: map[string][]string{"wiki": {"10.1.2.3"}, "other": {"10.9.9.9"}, "feeds.internal": {"10.1.2.4"}, "public.example": {"93.184.216.34"}}}
	for _, c := range []struct {
		address string
		want    string
	}{
		{"http://10.1.2.3:9000/", "10.1.2.3:9000"}, {"http://wiki/feed", "10.1.2.3:80"}, {"http://feeds.internal:3000/", "10.1.2.4:3000"},
		{"http://10.9.9.9/", ""}, {"http://other/", ""}, {"http://127.0.0.1/", ""}, {"http://public.example:3000/", ""}, {"http://public.example/", "93.184.216.34:80"},
		{"http://10.1.2.200/", ""},
	} {
		var d dials
		o := Options{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.2.0/24")}, Deny: []netip.Prefix{netip.MustParsePrefix("10.1.2.200/32")},
			hooks: hooks{resolver: n.resolver(), dialled: d.hook(netip.Prefix{})}}
		_, _, err := get(t, Outside(o), c.address)
		if got := strings.Join(d.seen(), " "); got != c.want {
			t.Errorf("%s: dialled %q, want %q (error %v)", c.address, got, c.want, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	var target string
	loc := "/"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range []string{"Authorization", "Cookie", "Referer"} {
			if r.URL.Path != "/first" && r.Header.Get(h) != "" {
				t.Errorf("%s was sent to %s", h, r.URL.Path)
			}
		}
		switch p := r.URL.Path; {
		case p == "/first":
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			w.Header()["Location"] = []string{loc}
			w.WriteHeader(http.StatusFound)
		case p == "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case strings.HasPrefix(p, "/n"):
			http.Redirect(w, r, p+"n", http.StatusMovedPermanently)
		case strings.HasPrefix(p, "/hop"):
			next := map[string]string{"/hop5": "/hop4", "/hop4": "/hop3", "/hop3": "/hop2", "/hop2": "/hop1", "/hop1": "/end"}[p]
			http.Redirect(w, r, next, http.StatusPermanentRedirect)
		default:
			_, _ = io.WriteString(w, "arrived")
		}
	}))
	defer srv.Close()
	target = srv.URL
	for _, c := range []struct{ to, want string }{
		{"//10.0.0.1", "not public"}, {"http://10.0.0.1/", "not public"}, {"http://127.0.0.2/", "not public"}, {"http://[::1]/", "not public"},
		{"http://169.254.169.254/latest", "not public"}, {"http://①②⑦.⓪.⓪.②/", "not public"}, {"http://2130706434/", "number where"}, {"file:///etc/passwd", "only http"},
		{"ftp://public.example/", "only http"}, {"http://user:pw@public.example/", "user name"}, {"http://private.example/", "not public"},
		{"https:///x", "host"}, {"/loop", "circle"}, {"/n", "more than 5"}, {"/hop5", "more than 5"}, {"/hop4", ""}, {"/end", ""}, {"end", ""},
	} {
		loc = c.to
		var d dials
		o := local()
		o.hooks = hooks{resolver: (&names{answers: map[string][]string{"private.example": {"10.0.0.7"}, "*": {"127.0.0.2 ::1"}}}).resolver(), dialled: d.hook(loopback)}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, target+"/first", nil)
		req.Header.Set("Authorization", "Bearer x")
		req.Header.Set("Cookie", "a=b")
		resp, err := Outside(o).Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(digest.Explain(err), c.want)) {
			t.Errorf("redirect to %s: got error %v, want %q", c.to, err, c.want)
		}
		for _, a := range d.seen() {
			if a != strings.TrimPrefix(target, "http://") {
				t.Errorf("redirect to %s dialled %s", c.to, a)
			}
		}
	}
}

func TestRedirectFromHTTPSToHTTPIsRefused(t *testing.T) {
	p := newPolicy(Options{})
	from := httptest.NewRequest(http.MethodGet, "https://public.example/", nil)
	to := httptest.NewRequest(http.MethodGet, "http://public.example/", nil)
	if got, want := digest.KindOf(p.redirect(to, []*http.Request{from})), digest.Forbidden; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := p.redirect(from, []*http.Request{to}); err != nil {
		t.Errorf("http to https: %v", err)
	}
}

func TestProxy(t *testing.T) {
	var hits []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits = append(hits, r.URL.String())
		_, _ = io.WriteString(w, "through the proxy")
	}))
	defer proxy.Close()
	u, _ := url.Parse(proxy.URL)
	o := Options{Proxy: u, hooks: hooks{resolver: outsideAnswers().resolver()}}
	for _, address := range []string{"http://private.example/", "http://10.0.0.1/", "http://unknown.example/", "http://public.example:22/"} {
		if _, _, err := get(t, Outside(o), address); err == nil {
			t.Errorf("%s was fetched through the proxy", address)
		}
	}
	_, body, err := get(t, Outside(o), "http://public.example/feed")
	if err != nil || string(body) != "through the proxy" {
		t.Errorf("got %q, %v", body, err)
	}
	if len(hits) != 1 {
		t.Errorf("the proxy saw %v, want the public one only", hits)
	}
}

func TestTheEnvironmentsProxyIsIgnored(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	var d dials
	_, _, _ = get(t, Outside(outsideOptions(&d)), "http://public.example/")
	for _, a := range d.seen() {
		if a == "127.0.0.1:1" {
			t.Error("the proxy of the environment was dialled")
		}
	}
	if len(d.seen()) == 0 {
		t.Error("nothing was dialled")
	}
}

func TestOperator(t *testing.T) {
	for _, c := range []struct {
		base string
		ok   bool
	}{
		{"https://slack.com/api/", true}, {"http://127.0.0.1:8081/v1", true}, {"http://localhost:11434", true}, {"http://[::1]:80", true}, {"https://10.0.0.4:8443/v1", true},
		{"http://10.0.0.4/v1", false}, {"http://models.example/v1", false}, {"ftp://x", false}, {"slack.com", false}, {"", false}, {"https://", false}, {"http://%zz", false},
	} {
		_, err := Operator(c.base, Options{})
		if got := err == nil; got != c.ok {
			t.Errorf("Operator(%q): %v", c.base, err)
		}
		if err != nil && digest.KindOf(err) != digest.Invalid {
			t.Errorf("Operator(%q): kind %v, want invalid", c.base, digest.KindOf(err))
		}
	}
}

func TestOperatorStaysOnItsHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other server was asked") }))
	defer other.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/around":
			http.Redirect(w, r, "/around"+r.URL.RawQuery+"?"+r.URL.RawQuery+"a", http.StatusFound)
		case "/here":
			http.Redirect(w, r, "/ok", http.StatusFound)
		default:
			_, _ = io.WriteString(w, "ok "+r.Header.Get("Authorization"))
		}
	}))
	defer srv.Close()
	c, err := Operator(srv.URL+"/api", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/away": "stay there", other.URL: "stay there", "https://slack.com/": "stay there", "/here": "", "/ok": ""} {
		if !strings.Contains(path, "://") {
			path = srv.URL + path
		}
		_, _, err := get(t, c, path)
		if want == "" && err != nil || want != "" && !strings.Contains(digest.Explain(err), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	n := &names{answers: map[string][]string{"localhost": {"10.0.0.1"}, "wiki": {"10.0.0.1"}, "far": {"93.184.216.34"}}}
	var d dials
	for base, want := range map[string]bool{"http://far/": false, "http://wiki/": true} {
		c, err := Operator(base, Options{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, hooks: hooks{resolver: n.resolver(), dialled: d.hook(netip.Prefix{})}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := get(t, c, base); errors.Is(err, errDialled) != want {
			t.Errorf("%s: dialled %v, want %v (%v)", base, !want, want, err)
		}
	}
}

func TestUserAgent(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.UserAgent()+"|"+r.Header.Get("Accept-Encoding"))
	}))
	defer srv.Close()
	o := local()
	o.UserAgent = "Nutgraf (+mailto:desk@example.org)"
	for _, c := range []struct {
		o    Options
		want string
	}{{o, "Nutgraf (+mailto:desk@example.org)|gzip"}, {local(), "Nutgraf (self-hosted news digest)|gzip"}} {
		_, got, err := get(t, Outside(c.o), srv.URL)
		if err != nil || string(got) != c.want {
			t.Errorf("got %q, %v; want %q", got, err, c.want)
		}
	}
}
