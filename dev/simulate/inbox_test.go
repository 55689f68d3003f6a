package simulate

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/cdr"
)

// received is one record as a receiver finds it: raw bytes, and fields when they are JSON.
type received struct {
	raw    []byte
	fields map[string]any // nil when broken
}

// receive reads a file of the inbox without any code of the writer: JSON by encoding/json, line breaks as frames.
func receive(t *testing.T, dir string, f File) []received {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, f.Name))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(f.Name, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if !z.ModTime.IsZero() || z.Name != "" {
			t.Errorf("%s: gzip header with time or name", f.Name)
		}
		if raw, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	if f.Shape == Single {
		return []received{parse(raw)}
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if f.Shape != NDJSON {
		lines = lines[1 : len(lines)-1]
	}
	var list []received
	for _, line := range lines {
		if f.Shape != NDJSON {
			line = strings.TrimSuffix(line, ",")
		}
		list = append(list, parse([]byte(line)))
	}
	return list
}

func parse(raw []byte) received {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var fields map[string]any
	if d.Decode(&fields) != nil {
		fields = nil
	}
	return received{raw, fields}
}

// field walks a path such as cdr_token.uid.
func (r received) field(path string) string {
	var v any = r.fields
	for _, key := range strings.Split(path, ".") {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func (r received) number(t *testing.T, path string) *big.Rat {
	t.Helper()
	n, ok := new(big.Rat).SetString(r.field(path))
	if !ok {
		return new(big.Rat)
	}
	return n
}

func (r received) time(t *testing.T, path string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, r.field(path))
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return at
}

// inbox writes a world into a folder and returns it.
func inbox(t *testing.T, w *World) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "inbox")
	if err := w.WriteInbox(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestInboxHoldsEveryRecordInItsPlace(t *testing.T) {
	w := generate(t, small)
	dir := inbox(t, w)
	shapes := map[Shape]int{}
	zipped, seen := 0, map[int]int{}
	for i, f := range w.Files {
		if i > 0 && w.Files[i-1].Name >= f.Name {
			t.Errorf("%s does not come after %s", f.Name, w.Files[i-1].Name)
		}
		shapes[f.Shape]++
		if f.Gzip {
			zipped++
		}
		got := receive(t, dir, f)
		if len(got) != len(f.Records) {
			t.Fatalf("%s holds %d records, want %d", f.Name, len(got), len(f.Records))
		}
		for n, r := range f.Records {
			seen[r.Session]++
			if r.Ordinal != n+1 {
				t.Errorf("%s: record %d has ordinal %d", f.Name, n+1, r.Ordinal)
			}
			if broken := got[n].fields == nil; broken != (r.Fault == BrokenJSON) {
				t.Errorf("%s: record %d: broken %v, fault %q", f.Name, n+1, broken, r.Fault)
			} else if !broken && !strings.EqualFold(got[n].field("id"), r.Key.ID) {
				t.Errorf("%s: record %d is %s, want %s", f.Name, n+1, got[n].field("id"), r.Key.ID)
			}
		}
	}
	for i, s := range w.Sessions {
		want := 1
		if s.Fault.isSecond() {
			want = 2
		}
		if seen[i] != want {
			t.Errorf("session %d is reported %d times, want %d", s.Number, seen[i], want)
		}
	}
	if shapes[Single] < 1 || shapes[Array] < 5 || shapes[Envelope] < 5 || shapes[NDJSON] < 5 || zipped < 5 {
		t.Errorf("shapes %v, compressed %d", shapes, zipped)
	}
}

func TestWholeFilesAreJSONUnlessARecordIsBroken(t *testing.T) {
	w := generate(t, small)
	for _, f := range w.Files {
		if f.Shape == NDJSON || slices.ContainsFunc(f.Records, func(r Record) bool { return r.Fault == BrokenJSON }) {
			continue
		}
		f.Gzip = false
		var b bytes.Buffer
		if err := w.WriteFile(&b, f); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b.Bytes()) {
			t.Errorf("%s is not JSON", f.Name)
		}
	}
}

// TestRecordsAddUp checks each record against itself: energy, hours and costs of the periods and the totals.
func TestRecordsAddUp(t *testing.T) {
	w := generate(t, small)
	dir := inbox(t, w)
	hour := big.NewRat(3600, 1)
	for _, f := range w.Files {
		for i, r := range receive(t, dir, f) {
			if r.fields == nil {
				continue
			}
			sums := map[string]*big.Rat{"ENERGY": new(big.Rat), "TIME": new(big.Rat), "PARKING_TIME": new(big.Rat), "MAX_CURRENT": new(big.Rat)}
			for _, p := range r.fields["charging_periods"].([]any) {
				for _, d := range p.(map[string]any)["dimensions"].([]any) {
					dimension := received{fields: d.(map[string]any)}
					sum := sums[dimension.field("type")]
					sum.Add(sum, dimension.number(t, "volume"))
				}
			}
			id := r.field("id")
			if sums["ENERGY"].Cmp(r.number(t, "total_energy")) != 0 {
				t.Errorf("%s: energy of the periods %s, total %s", id, sums["ENERGY"].FloatString(6), r.field("total_energy"))
			}
			if sums["PARKING_TIME"].Cmp(r.number(t, "total_parking_time")) != 0 {
				t.Errorf("%s: idle hours of the periods %s, total %s", id, sums["PARKING_TIME"].FloatString(6), r.field("total_parking_time"))
			}
			both := new(big.Rat).Add(sums["TIME"], sums["PARKING_TIME"])
			if both.Cmp(r.number(t, "total_time")) != 0 {
				t.Errorf("%s: hours of the periods %s, total %s", id, both.FloatString(6), r.field("total_time"))
			}
			took := r.time(t, "end_date_time").Sub(r.time(t, "start_date_time"))
			if both.Mul(both, hour).Cmp(big.NewRat(int64(took/time.Second), 1)) != 0 {
				t.Errorf("%s: total_time %s, but it took %s", id, r.field("total_time"), took)
			}
			s := w.Sessions[f.Records[i].Session]
			if !r.time(t, "start_date_time").Equal(s.Start) || !r.time(t, "end_date_time").Equal(s.End) {
				t.Errorf("%s: from %s to %s", id, r.field("start_date_time"), r.field("end_date_time"))
			}
		}
	}
}

func TestSecondRecords(t *testing.T) {
	w := generate(t, small)
	dir := inbox(t, w)
	first := map[cdr.Key]received{}
	lower, counts := 0, map[Fault]int{}
	for _, f := range w.Files {
		for i, r := range receive(t, dir, f) {
			key, fault := f.Records[i].Key, f.Records[i].Fault
			original, seen := first[key]
			if fault != Duplicate && fault != ChangedDuplicate {
				if seen {
					t.Errorf("%s twice without a fault", key)
				}
				first[key] = r
				continue
			}
			counts[fault]++
			if !seen {
				t.Fatalf("%s: the %s comes before its original", key, fault)
			}
			same := bytes.Equal(r.raw, original.raw)
			if same != (fault == Duplicate) {
				t.Errorf("%s: %s, same bytes: %v", key, fault, same)
			}
			if r.field("id") != key.ID {
				lower++
			}
		}
	}
	if counts[Duplicate] < 2 || counts[ChangedDuplicate] < 2 {
		t.Errorf("second records: %v, want at least two of each", counts)
	}
	t.Logf("%d ids in lower case", lower)
}

func TestGarbleKeepsTheBraces(t *testing.T) {
	got := string(garble([]byte(`{"id":"A","end_date_time":"2026-10-05T10:00:00Z","x":{"y":[1]}}`)))
	const want = `{"id":"A","end_date_time":2026-10-05T10:00:00Z,"x":{"y":[1]}}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
