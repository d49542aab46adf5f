package sqlstore

import (
	"context"
	"database/sql"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"nutgraf/digest"
)

// additive is what a migration may do: a replica of the version before goes on
// working beside it, and neither reads nor writes what is new.
var additive = []*regexp.Regexp{
	regexp.MustCompile(`(?i)^CREATE TABLE `),
	regexp.MustCompile(`(?i)^CREATE (UNIQUE )?INDEX `),
	regexp.MustCompile(`(?i)^ALTER TABLE \w+ ADD COLUMN \w+ .*DEFAULT `),
	regexp.MustCompile(`(?i)^ALTER TABLE \w+ ADD COLUMN \w+ \w+$`), // may be NULL
}

// TestMigrationsOnlyAdd reads the migrations of both databases after the first.
func TestMigrationsOnlyAdd(t *testing.T) {
	files := must1(fs.Glob(migrations, "migrations/*/*.sql"))(t)
	names := make(map[string][]string)
	for _, f := range files {
		kind := path.Base(path.Dir(f))
		names[kind] = append(names[kind], path.Base(f))
		if strings.HasPrefix(path.Base(f), "001_") {
			continue
		}
		if what := subtracts(string(must1(fs.ReadFile(migrations, f))(t))); what != "" {
			t.Errorf("%s does more than add: %s", f, what)
		}
	}
	if !slices.Equal(names["sqlite"], names["postgres"]) {
		t.Errorf("the databases have different migrations: %q", names)
	}
	for _, bad := range []string{"DROP TABLE part;", "ALTER TABLE part DROP COLUMN n;", "ALTER TABLE part ADD COLUMN x TEXT NOT NULL;", "UPDATE part SET n = 1;", "ALTER TABLE a RENAME TO b;"} {
		if subtracts("-- +goose Up\n"+bad) == "" {
			t.Errorf("%s passes", bad)
		}
	}
}

// subtracts returns the first statement that does more than add.
func subtracts(migration string) string {
	var lines []string
	for line := range strings.Lines(migration) {
		line, _, _ = strings.Cut(line, "--")
		lines = append(lines, strings.TrimSpace(line))
	}
	for statement := range strings.SplitSeq(strings.Join(lines, " "), ";") {
		statement = strings.TrimSpace(statement)
		if statement != "" && !slices.ContainsFunc(additive, func(r *regexp.Regexp) bool { return r.MatchString(statement) }) {
			return statement
		}
	}
	return ""
}

// TestMigratingBesideAReplica brings a database from every version up to date
// while another process writes to it: nothing of that fails.
func TestMigratingBesideAReplica(t *testing.T) {
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			ctx := context.Background()
			address := t.TempDir() + "/old.db"
			if b.name == "postgres" {
				address = server.Database(t)
			}
			d := must1(dialectOf(address, Options{OwnTime: true}))(t)
			w, r, err := d.open(Options{})
			must(t, err)
			old := &Store{dialect: d, w: w, r: r, clock: newClock().now}
			t.Cleanup(func() { _ = old.Close() })
			provider := must1(goose.NewProvider(d.goose, w, d.migrations, goose.WithDisableGlobalRegistry(true)))(t)
			must1(provider.UpTo(ctx, 1))(t)
			stop, done := make(chan struct{}), make(chan int)
			go func() {
				n := 0
				for ; ; n++ {
					select {
					case <-stop:
						done <- n
						return
					default:
					}
					// What the first version wrote.
					err := old.write(ctx, func(ctx context.Context, tx *transaction) error {
						if err := setMeta(ctx, tx, "old", "writes"); err != nil {
							return err
						}
						_, err := tx.exec(ctx, `INSERT INTO subscription (workspace, id, origin, cron, zone, catch_up, since, changed, body) VALUES ('*', $1, 'chat', '', '', 0, 0, 0, '{}')`, unique("s"))
						return err
					})
					if err != nil {
						t.Errorf("the old replica fails: %v", err)
					}
				}
			}()
			fresh := must1(Open(ctx, address, Options{Now: newClock().now, OwnTime: true}))(t)
			t.Cleanup(func() { _ = fresh.Close() })
			must(t, fresh.Ping(ctx))
			close(stop)
			if n := <-done; n == 0 {
				t.Error("the old replica wrote nothing meanwhile")
			}
			if got, want := must1(fresh.version(ctx))(t), latest(t); got != want {
				t.Errorf("got version %d, want %d", got, want)
			}
		})
	}
}

// TestPoolIsUsedUp sees that calls end in time when all connections are in use.
func TestPoolIsUsedUp(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, server.Database(t)+"&pool_max_conns=2", Options{})
	ctx := context.Background()
	var held []*sql.Conn
	for range 2 {
		held = append(held, must1(s.w.Conn(ctx))(t))
	}
	wantKind(t, s.Ping(ctx), digest.Unavailable)
	for _, c := range held {
		must(t, c.Close())
	}
	must(t, s.Ping(ctx))
}

// TestServerThatStopsAnswering sees that beginning and committing end in time
// when the server is there but says nothing.
func TestServerThatStopsAnswering(t *testing.T) {
	t.Parallel()
	w, through := newWire(t, server.Database(t))
	s := openPostgres(t, through, Options{})
	must(t, s.Ping(context.Background()))
	w.mute.Store(true)
	began := time.Now()
	_, err := s.AddArticles(context.Background(), []digest.Article{article(1)}) // the call with the longest limit
	wantKind(t, err, digest.Unavailable)
	if took := time.Since(began); took > postgresLimit+postgresLimit/2 {
		t.Errorf("it took %v, want %v", took, postgresLimit)
	}
}
