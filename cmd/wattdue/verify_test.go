package main

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wattdue/meter"
	"wattdue/meter/evidence"
)

// TestPlainWords: every verdict has words of its own for people, and stands in the summary.
func TestPlainWords(t *testing.T) {
	texts := map[string]meter.Word{}
	for _, r := range meter.Rules() {
		if r.Word == "" {
			continue
		}
		w, ok := plainWords[r.Word]
		if !ok || w.sign == "✓" || !slices.Contains(wordOrder, r.Word) {
			t.Errorf("%s: %+v", r.Word, w)
		}
		if other, known := texts[w.text]; known && other != r.Word {
			t.Errorf("%s and %s are both %q", other, r.Word, w.text)
		}
		texts[w.text] = r.Word
	}
	if len(wordOrder) != len(plainWords) {
		t.Errorf("%d words in the summary, %d known", len(wordOrder), len(plainWords))
	}
	// What cannot be checked is never called forged.
	for _, w := range []meter.Word{meter.KeyMissing, meter.KeyMalformed, meter.Unsupported, meter.RecordMalformed} {
		if plainWords[w].sign != "?" {
			t.Errorf("%s is shown as %s", w, plainWords[w].sign)
		}
	}
}

func TestVerifyCells(t *testing.T) {
	at := func(s string, zone int) meter.Reading {
		parsed, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return meter.Reading{Time: parsed.UTC(), Zone: zone}
	}
	verdict := func(begin, end meter.Reading) meter.Verdict { return meter.Verdict{Begin: begin, End: end} }
	long := strings.Repeat("folder/", 20) + "file.xml"
	for _, c := range []struct{ name, got, want string }{
		{"one day", timeCell(verdict(at("2026-10-05T08:00:00+02:00", 7200), at("2026-10-05T09:30:00+02:00", 7200))), "2026-10-05 08:00–09:30 +0200"},
		{"over midnight", timeCell(verdict(at("2026-10-05T23:00:00Z", 0), at("2026-10-06T01:00:00Z", 0))), "2026-10-05 23:00 – 2026-10-06 01:00 UTC"},
		{"the clock was never set", timeCell(verdict(at("1970-01-01T00:00:10Z", 0), at("1970-01-01T01:00:00Z", 0))), "clock of the meter not set"},
		{"nothing proven", timeCell(meter.Verdict{}), "-"},
		{"maker, model, number", meterCell(meter.Verdict{Manufacturer: "KEBA", Model: "KCP30", MeterID: "17619300"}), "KEBA KCP30 no. 17619300"},
		{"only a number", meterCell(meter.Verdict{MeterID: "17619300"}), "no. 17619300"},
		{"only a maker", meterCell(meter.Verdict{Manufacturer: "KEBA"}), "KEBA"},
		{"nothing known", meterCell(meter.Verdict{}), "-"},
		{"the number stays whole", meterCell(meter.Verdict{Manufacturer: "Bauer Electronic", Model: "BSM-WS36A-H01-1311-0000", MeterID: "001BZR1521070003"}), "Bauer Electronic BSM… no. 001BZR1521070003"},
		{"a number as long as the column", meterCell(meter.Verdict{Manufacturer: "KEBA", MeterID: strings.Repeat("1", 60)}), "no. " + strings.Repeat("1", 37) + "…"},
		{"file and number", recordCell(evidence.Session{File: "d/a.xml", Name: "7"}, "d/"), "a.xml, 7"},
		{"file without a number", recordCell(evidence.Session{File: "a.xml"}, ""), "a.xml"},
		{"a long way", recordCell(evidence.Session{File: long, Name: "7"}, ""), "…" + long[len(long)-54:] + ", 7"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestCommonFolder(t *testing.T) {
	for _, c := range []struct {
		files []string
		want  string
	}{
		{[]string{"a/b/c.xml"}, "a/b/"},
		{[]string{"a/b/c.xml", "a/bb/c.xml"}, "a/"},
		{[]string{"a/b.xml", "c.xml"}, ""},
		{[]string{"/x/b.xml", "/y/b.xml"}, "/"},
	} {
		var rows []verdictRow
		for _, f := range c.files {
			rows = append(rows, verdictRow{session: evidence.Session{File: f}})
		}
		if got := commonFolder(rows); got != c.want {
			t.Errorf("%q: %q, want %q", c.files, got, c.want)
		}
	}
}

// TestSentences: a reason met at several values is said once, with all of them.
func TestSentences(t *testing.T) {
	got := sentencesOf([]meter.Reason{
		{Code: "a", Reading: "begin", Value: "1", Text: "wrong"},
		{Code: "b", Text: "worse"},
		{Code: "a", Reading: "end", Value: "2", Text: "wrong"},
		{Code: "a", Reading: "end", Value: "2", Text: "wrong"},
	})
	if want := []string{"begin, end: wrong [1; 2] (a)", "worse (b)"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestWrapped: sentences are broken at blanks, and no line is wider than the page unless one word is.
func TestWrapped(t *testing.T) {
	var b strings.Builder
	p := &textPrinter{w: &b}
	p.sentence("· ", strings.Repeat("müßig ", 40)+strings.Repeat("x", 120))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i, line := range lines {
		if n := utf8.RuneCountInString(line); n > sentenceWidth && i < len(lines)-1 || !strings.HasPrefix(line, "    ") {
			t.Errorf("%d characters: %q", n, line)
		}
	}
	if strings.Join(strings.Fields(b.String()), " ") != "· "+strings.Repeat("müßig ", 40)+strings.Repeat("x", 120) {
		t.Errorf("%q", b.String())
	}
}

// readAll turns errors into the steps of a sequence, as Read yields them.
func readAll(problems ...*evidence.Problem) iter.Seq2[evidence.Session, error] {
	return func(yield func(evidence.Session, error) bool) {
		for _, p := range problems {
			if !yield(evidence.Session{}, p) {
				return
			}
		}
	}
}

// TestVerifyProblems: a file that cannot be read is told and spoils the result; one that is not meant to hold a record is
// told aside.
func TestVerifyProblems(t *testing.T) {
	broken, harmless := &evidence.Problem{File: "a.zip", Text: "encrypted"}, &evidence.Problem{File: "k.pem", Text: "a public key", Harmless: true}
	var out strings.Builder
	clean, err := (&verdicts{}).all(t.Context(), readAll(broken, harmless), newVerdictTable(&out, "reference"))
	if want := "? a.zip could not be read\n    encrypted\n    · k.pem: a public key\n\n0 sessions; 1 file could not be read. Judged by the profile reference.\n"; clean || err != nil || out.String() != want {
		t.Errorf("%t %v\n%s", clean, err, out.String())
	}
	out.Reset()
	var aside strings.Builder
	clean, err = (&verdicts{}).all(t.Context(), readAll(harmless, broken), &verdictJSON{out: &out, err: &aside})
	if clean || err != nil || !strings.Contains(out.String(), `"verdict":"record malformed","billable":false,"reasons":[{"code":"file-unreadable","text":"encrypted"}]`) ||
		strings.Contains(out.String(), "k.pem") || aside.String() != "k.pem: a public key\n" {
		t.Errorf("%t %v\n%s%s", clean, err, out.String(), aside.String())
	}
}

// TestVerifyStops: a cancelled call and an output that breaks end it.
func TestVerifyStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&verdicts{}).all(ctx, readAll(&evidence.Problem{File: "a"}), newVerdictTable(&strings.Builder{}, "")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := (&verdicts{}).all(t.Context(), readAll(&evidence.Problem{File: "a"}), newVerdictTable(brokenPipe{}, "")); err == nil {
		t.Error("no error")
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestColour: words have colours on a terminal only.
func TestColour(t *testing.T) {
	table := newVerdictTable(&strings.Builder{}, "")
	if got := table.paint("x", red); got != "x" {
		t.Errorf("%q", got)
	}
	table.colour = true
	if got := table.paint("x", red); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("%q", got)
	}
}

// TestVerifyFiles: folders are read in order, what is no file and what is too large is told.
func TestVerifyFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b", "a/c", "a/d"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, evidence.MaxFile+1); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	x := verifyFilesCmd{Paths: []string{dir, "-"}}
	var got []string
	for f, err := range x.files(&terminal{in: strings.NewReader("in")}) {
		line := strings.TrimPrefix(f.Name, dir+"/") + "=" + string(f.Data)
		if err != nil {
			line = strings.TrimPrefix(f.Name, dir+"/") + ": " + err.Error()
		}
		got = append(got, line)
	}
	want := []string{"a/c=a/c", "a/d=a/d", "b=b", "large: larger than 64 MiB; send it in several files", "loop: no file; name files and folders", "stdin=in"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for range x.files(&terminal{in: strings.NewReader("in")}) {
		break // nothing is read after that
	}
}

// TestGivenKeyFile: a key comes as text, from a file, or in DER.
func TestGivenKeyFile(t *testing.T) {
	dir := t.TempDir()
	der := filepath.Join(dir, "key.der")
	if err := os.WriteFile(der, []byte{0x30, 0x03, 0x01, 0x00, 0xff}, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{der, "@" + der} {
		ring, err := (&verifyFilesCmd{Key: key}).keyRing()
		if err != nil {
			t.Fatal(err)
		}
		if spki, ok := ring.RegisteredMeter("", time.Time{}); !ok || len(spki) != 5 {
			t.Errorf("%x %t", spki, ok)
		}
	}
	for _, key := range []string{"@" + filepath.Join(dir, "missing"), "@" + dir, "nonsense"} {
		if _, err := (&verifyFilesCmd{Key: key}).keyRing(); err == nil {
			t.Errorf("%s is taken", key)
		}
	}
}
