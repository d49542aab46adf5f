package schedule

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	oracleFrom, oracleTo = "2020-01-01", "2029-12-31"
	walked               = "02:30" // the time of day whose slots are also walked with Plan.Next
)

// TestAgainstZoneinfo compares ten years of slots in every zone with Python's
// zoneinfo, which knows gaps and overlaps by PEP 495 and reads the same zone
// files as Go.
func TestAgainstZoneinfo(t *testing.T) {
	if testing.Short() {
		t.Skip("short: all zones take some seconds")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed; its zoneinfo module is the oracle")
	}
	if err := exec.Command(python, "-c", "import zoneinfo").Run(); err != nil {
		t.Skip("python3 has no zoneinfo module (3.9 or newer); it is the oracle")
	}
	dir := t.TempDir()
	zones, names := unpackZones(t, dir)
	if names < 550 {
		t.Fatalf("got %d zone names, want about 600", names)
	}
	times := []string{"00:00", "01:30", "02:30"}

	cmd := exec.Command(python, append([]string{filepath.Join("testdata", "oracle.py"), dir, oracleFrom, oracleTo, strings.Join(times, ",")}, zones...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReaderSize(out, 1<<20)
	first, last := mustTime(t, oracleFrom+"T00:00"), mustTime(t, oracleTo+"T00:00")
	days := int(last.Sub(first)/(24*time.Hour)) + 1
	workers := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for _, zone := range zones {
		for _, tm := range times {
			want := make([]int64, days)
			if err := binary.Read(in, binary.LittleEndian, want); err != nil {
				t.Fatalf("%s %s: the oracle ended early: %v", zone, tm, err)
			}
			workers <- struct{}{}
			all.Go(func() {
				defer func() { <-workers }()
				compareZone(t, filepath.Join(dir, filepath.FromSlash(zone)), tm, first, want)
			})
		}
	}
	all.Wait()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d zone names, %d distinct, %d slots compared", names, len(zones), len(zones)*len(times)*days)
}

// compareZone compares a time of day with the oracle's instants, one for each
// local date from first on.
func compareZone(t *testing.T, file, tm string, first time.Time, want []int64) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	loc, err := time.LoadLocationFromTZData(file, data)
	if err != nil {
		t.Error(err)
		return
	}
	clock, err := time.Parse("15:04", tm)
	if err != nil {
		t.Error(err)
		return
	}
	for i, epoch := range want {
		local := time.Date(first.Year(), first.Month(), first.Day()+i, clock.Hour(), clock.Minute(), 0, 0, time.UTC)
		if got := instant(local, loc); got.Unix() != epoch {
			t.Errorf("%s: got %s at %s, want %s", file, local.Format(KeyLayout), got, time.Unix(epoch, 0).UTC())
			return
		}
	}
	if tm != walked {
		return
	}
	p, err := parseIn(fmt.Sprintf("%d %d * * *", clock.Minute(), clock.Hour()), loc)
	if err != nil {
		t.Error(err)
		return
	}
	s, _ := p.Next(time.Unix(want[0]-1, 0))
	for i, epoch := range want {
		if i > 0 && epoch == want[i-1] {
			continue // the slots collapse
		}
		key := first.AddDate(0, 0, i).Format("2006-01-02") + "T" + tm
		if s.Key != key || s.At.Unix() != epoch {
			t.Errorf("%s: got slot %s at %s, want %s at %s", file, s.Key, s.At, key, time.Unix(epoch, 0).UTC())
			return
		}
		s, _ = p.Next(s.At)
	}
}

// unpackZones writes Go's own zone files to dir and returns one name for each
// distinct content, and the number of all names.
func unpackZones(t *testing.T, dir string) (zones []string, names int) {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("the go command is not installed; the oracle reads its zone files")
	}
	z, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skipf("no zone files beside the go command: %v", err)
	}
	defer z.Close()
	seen := make(map[[32]byte]bool)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		data, err := readAll(f)
		if err != nil {
			t.Fatal(err)
		}
		names++
		if sum := sha256.Sum256(data); seen[sum] {
			continue
		} else {
			seen[sum] = true
		}
		file := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		zones = append(zones, f.Name)
	}
	slices.Sort(zones)
	return zones, names
}

func readAll(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func mustTime(t testing.TB, key string) time.Time {
	t.Helper()
	at, err := time.Parse(KeyLayout, key)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
