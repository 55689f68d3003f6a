package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestBench measures a few records; what it says must hang together.
func TestBench(t *testing.T) {
	// Another user may run the servers, who must be able to pass.
	tmp, err := os.MkdirTemp("", "wd-bench") //nolint:usetesting // nobody else can pass through a folder of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	if err := os.Chmod(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	var out, errOut bytes.Buffer
	if status := run(t.Context(), []string{"bench", "--records", "300", "--json"}, nil, &out, &errOut); status != 0 {
		t.Fatalf("status %d: %s", status, &errOut)
	}
	var keys map[string]any
	var f benchFigures
	for _, to := range []any{&keys, &f} {
		if err := json.Unmarshal(out.Bytes(), to); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"cpu_us_per_record", "limits_us_per_record", "peak_mb", "ratio", "records", "seconds", "stages"}
	if got := slices.Sorted(maps.Keys(keys)); !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
	var names []string
	var wall, cpu float64
	for _, s := range f.Stages {
		names = append(names, s.Name)
		wall, cpu = wall+s.Seconds, cpu+s.CPU
	}
	if got := strings.Join(names, " "); got != "receive import age verify compare rate accrue balance" {
		t.Errorf("stages %s", got)
	}
	l := f.Limits
	for name, pair := range map[string][2]float64{
		"wall time is that of the stages": {f.Seconds, wall}, "CPU time is that of the stages": {f.CPU, cpu},
		"the sum is that of the limits": {l.Sum, l.ECDSA + l.JSON + l.Copy}, "the ratio is CPU time to limits": {f.Ratio, f.CPU / l.Sum},
	} {
		if math.Abs(pair[0]-pair[1]) > 0.05 {
			t.Errorf("%s: %v, got %v", name, pair[1], pair[0])
		}
	}
	// A verification takes no machine less than 5 µs and none we run on a millisecond, on any curve of the fleet.
	if f.Records != 300 || l.ECDSA < 5 || l.ECDSA > 1000 || l.JSON <= 0 || f.CPU <= l.ECDSA || f.PeakMB <= 1 {
		t.Errorf("figures make no sense: %s", &out)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v %v", left, err)
	}
}

func TestBenchRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"--records", "0"}, 2, "want 1 to 1000000"},
		{[]string{"--records", "1000001"}, 2, "want 1 to 1000000"},
		{[]string{"--out", full}, 1, "not empty; give another --out"},
		{[]string{"--out", filepath.Join(full, "mine", "below")}, 1, "give another --out"},
		{[]string{"--records", "10", "--set", "jobs.concurrency=none", "--out", filepath.Join(full, "a")}, 2, "jobs.concurrency"},
	} {
		var out, errOut bytes.Buffer
		status := run(t.Context(), append([]string{"bench"}, c.args...), nil, &out, &errOut)
		if status != c.status || !strings.Contains(errOut.String(), c.want) || out.Len() > 0 {
			t.Errorf("%q: status %d, %q; want %d, %q", c.args, status, errOut.String(), c.status, c.want)
		}
	}
}

// TestReadStat burns CPU time here and in a child, and looks for both.
func TestReadStat(t *testing.T) {
	before, ok := readStat(os.Getpid())
	if !ok {
		t.Skip("no /proc")
	}
	for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
		_ = json.Valid([]byte(`{"burn": [1, 2, 3]}`))
	}
	if err := exec.CommandContext(t.Context(), "sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done").Run(); err != nil {
		t.Fatal(err)
	}
	after, ok := readStat(os.Getpid())
	if !ok || after.own-before.own < 10*time.Millisecond || after.waited-before.waited < 10*time.Millisecond {
		t.Errorf("%v own and %v of children, want some of both", after.own-before.own, after.waited-before.waited)
	}
	if _, ok := readStat(-1); ok {
		t.Error("a process that does not exist was read")
	}
}
