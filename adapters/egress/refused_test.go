package egress

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestRefusedIsTold counts what is refused because of where it leads, at each
// place where that may turn out, and nothing else.
func TestRefusedIsTold(t *testing.T) {
	near := httptest.NewServer(http.RedirectHandler("http://10.0.0.1/", http.StatusFound))
	defer near.Close()
	for _, tt := range []struct {
		name, address string
		allowed       bool
		want          int
	}{
		{"by its looks", "http://169.254.169.254/", false, 1},
		{"by its name", "http://printer.local/", false, 1},
		{"after a redirect", near.URL, true, 1},
		{"when it is dialled", "http://private.example/", false, 1},
		{"not a web address", "ftp://example.org/", false, 0},
	} {
		n := 0
		o := Options{Refused: func() { n++ }}
		o.hooks.resolver = (&names{answers: map[string][]string{"private.example": {"10.0.0.7"}}}).resolver()
		if tt.allowed {
			o.Allow = []netip.Prefix{loopback}
		}
		if resp, err := Outside(o).Get(tt.address); err == nil {
			resp.Body.Close()
			t.Errorf("%s: it was fetched", tt.name)
		}
		if n != tt.want {
			t.Errorf("%s: told %d times, want %d", tt.name, n, tt.want)
		}
	}
}
