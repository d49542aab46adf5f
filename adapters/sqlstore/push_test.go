package sqlstore

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// secretOf makes a secret of the right form.
func secretOf(c string) digest.Secret {
	return digest.NewSecret("ng_" + strings.Repeat(c, 8) + "_" + strings.Repeat(c, 52))
}

func TestKeys(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		k := must1(s.AddKey(ctx, digest.Key{Name: "CMS", Workspace: "slack:T1", Source: "cms"}, secretOf("a")))(t)
		must1(s.AddKey(ctx, digest.Key{Name: "Other", Workspace: "slack:T2", Source: "cms2"}, secretOf("b")))(t)
		used := must1(s.UseKey(ctx, secretOf("a")))(t)
		if used.ID != "ng_aaaaaaaa" || used.Workspace != "slack:T1" || used.Source != "cms" || used.ID != k.ID {
			t.Errorf("got the key %+v", used)
		}
		for name, secret := range map[string]digest.Secret{
			"empty": {}, "short": digest.NewSecret("ng_aaaaaaaa"), "unknown": secretOf("c"),
			"wrong end": digest.NewSecret(secretOf("a").Reveal()[:63] + "b"), "other end": digest.NewSecret("ng_aaaaaaaa" + secretOf("b").Reveal()[11:]),
			"upper case": digest.NewSecret(strings.ToUpper(secretOf("a").Reveal())), "hash": digest.NewSecret("ng_aaaaaaaa_" + strings.Repeat("0", 52)),
			"pattern": digest.NewSecret(strings.Repeat("%", 64)), "NUL": digest.NewSecret(secretOf("a").Reveal()[:63] + "\x00"),
		} {
			if got, err := s.UseKey(ctx, secret); digest.KindOf(err) != digest.Forbidden || got != (digest.Key{}) {
				t.Errorf("%s: got %+v, %v, want nothing and Forbidden", name, got, err)
			}
		}
		// When it was used is known to a minute.
		first := day
		c.add(30 * time.Second)
		must1(s.UseKey(ctx, secretOf("a")))(t)
		if got := usedAt(t, s, k.ID); !got.Equal(first) {
			t.Errorf("used at %v, want %v", got, first)
		}
		later := c.add(time.Minute)
		must1(s.UseKey(ctx, secretOf("a")))(t)
		if got := usedAt(t, s, k.ID); !got.Equal(later) {
			t.Errorf("used at %v, want %v", got, later)
		}
		revoked := must1(s.RevokeKey(ctx, k.ID))(t)
		c.add(time.Hour)
		if again := must1(s.RevokeKey(ctx, k.ID))(t); !again.Revoked.Equal(revoked.Revoked) {
			t.Errorf("revoked at %v, then at %v", revoked.Revoked, again.Revoked)
		}
		_, err := s.UseKey(ctx, secretOf("a"))
		wantKind(t, err, digest.Forbidden)
		must1(s.UseKey(ctx, secretOf("b")))(t)
		_, err = s.RevokeKey(ctx, "ng_nothing")
		wantKind(t, err, digest.NotFound)
	})
}

func usedAt(t *testing.T, s *Store, id string) time.Time {
	t.Helper()
	for _, k := range must1(s.Keys(context.Background()))(t) {
		if k.ID == id {
			return k.Used
		}
	}
	return time.Time{}
}

// TestSecretsAreNotStored looks for a secret in every column of its row.
func TestSecretsAreNotStored(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		ctx := context.Background()
		must1(s.AddKey(ctx, digest.Key{Name: "CMS", Workspace: "*", Source: "cms"}, secretOf("a")))(t)
		hash := sha256.Sum256([]byte(secretOf("a").Reveal()))
		var stored []byte
		must(t, s.read(ctx, func(ctx context.Context, tx *transaction) error {
			return tx.queryRow(ctx, `SELECT hash FROM push_key WHERE id = $1`, "ng_aaaaaaaa").Scan(&stored)
		}))
		if string(stored) != string(hash[:]) {
			t.Errorf("%x is stored, want the hash %x", stored, hash)
		}
	})
}

func TestSourcesOfKeys(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		ctx := context.Background()
		must(t, s.PutSources(ctx, []digest.Source{{ID: "wire", Workspace: "*", Kind: "feed", Address: "https://wire.example/"}, {ID: "desk", Workspace: "*", Kind: "push", Name: "The Desk"}}, "config"))
		_, err := s.AddKey(ctx, digest.Key{Name: "x", Workspace: "*", Source: "wire"}, secretOf("a"))
		wantKind(t, err, digest.Conflict)
		_, err = s.AddKey(ctx, digest.Key{Name: "x", Workspace: "slack:T1", Source: "desk"}, secretOf("a"))
		wantKind(t, err, digest.Conflict)
		must1(s.AddKey(ctx, digest.Key{Name: "x", Workspace: "*", Source: "desk"}, secretOf("a")))(t)
		must1(s.AddKey(ctx, digest.Key{Name: "CMS", Workspace: "*", Source: "cms"}, secretOf("b")))(t)
		must(t, s.PutSources(ctx, []digest.Source{{ID: "desk", Workspace: "*", Kind: "push", Name: "The Desk"}}, "config"))
		var got []string
		for _, src := range must1(s.Sources(ctx, ""))(t) {
			got = append(got, src.ID+" "+src.Kind+" "+src.Name+" "+map[bool]string{true: "off", false: "on"}[src.Disabled])
		}
		slices.Sort(got)
		if want := "cms push CMS on, desk push The Desk on, wire feed  off"; strings.Join(got, ", ") != want {
			t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
		}
	})
}

// TestPushesComeAgain follows what is answered to the same push.
func TestPushesComeAgain(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		mine, other := digest.Key{ID: "ng_a", Workspace: "*"}, digest.Key{ID: "ng_b", Workspace: "slack:T1"}
		push := func(token, body string) digest.Push {
			return digest.Push{Token: token, Body: sha256.Sum256([]byte(body))}
		}
		begin := func(k digest.Key, p digest.Push) string {
			t.Helper()
			answer, err := s.BeginPush(ctx, k, p)
			if err != nil {
				return digest.KindOf(err).String()
			}
			return "answer " + string(answer)
		}
		check := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		check("first", begin(mine, push("t", "x")), "answer ")
		check("meanwhile", begin(mine, push("t", "x")), "conflict")
		check("another key", begin(other, push("t", "y")), "answer ")
		must(t, s.EndPush(ctx, mine, push("t", "x"), []byte("done")))
		check("again", begin(mine, push("t", "x")), "answer done")
		check("another body", begin(mine, push("t", "y")), "invalid")
		check("another token", begin(mine, push("u", "x")), "answer ")
		must(t, s.EndPush(ctx, mine, push("u", "x"), nil))
		check("after a failure", begin(mine, push("u", "x")), "answer ")
		c.add(3 * time.Minute)
		check("after a crash", begin(mine, push("u", "x")), "answer ")
		c.add(23 * time.Hour)
		check("the same day", begin(mine, push("t", "x")), "answer done")
		c.add(time.Hour)
		check("a day later", begin(mine, push("t", "x")), "answer ")
	})
}
