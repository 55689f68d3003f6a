package cdr

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// bomb returns a compressed file of one good record and then size bytes of a repeated text.
func bomb(t testing.TB, text string, size int64) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.Copy(z, io.MultiReader(strings.NewReader(sampleCDR+"\n"), &repeat{text: text, left: size})); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGzipBombEndsWithOneReject(t *testing.T) {
	for name, text := range map[string]string{
		"zeros":            strings.Repeat("\x00", 1<<16),
		"one endless text": strings.Repeat("a", 1<<16),
		"blanks":           strings.Repeat(" ", 1<<16),
		"open braces":      strings.Repeat("[", 1<<16),
	} {
		got := collect(t, ReadOCPI221(bytes.NewReader(bomb(t, text, 16<<20))))
		if got.String() != "CDR-1 "+CodeGzipBomb || got.err != nil {
			t.Errorf("%s: got %q %v %v", name, got, got.rejects, got.err)
			continue
		}
		if r := got.rejects[0]; !strings.Contains(r.Detail, "200 times") || len(r.Origin.Raw) > 64<<10 {
			t.Errorf("%s: %s, %d bytes kept", name, r.Detail, len(r.Origin.Raw))
		}
	}
}

func TestGzipSizeLimit(t *testing.T) {
	three := sampleCDR + "\n" + numbered("B") + "\n" + numbered("C") + "\n"
	limits := Limits{MaxExpanded: int64(len(sampleCDR) + 100)}
	got := collect(t, OCPI221(limits)(strings.NewReader(packed(t, three))))
	if !strings.HasPrefix(got.String(), "CDR-1 ") || !strings.HasSuffix(got.String(), CodeGzipBomb) {
		t.Errorf("got %q %v", got, got.rejects)
	}
	if got := collect(t, OCPI221(limits)(strings.NewReader(three))); got.String() != "CDR-1 B C" {
		t.Errorf("the limit holds for compressed files only, got %q", got)
	}
}

func TestDamagedGzip(t *testing.T) {
	whole := packed(t, sampleCDR+"\n"+numbered("B")+"\n")
	flipped := []byte(whole)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	for _, c := range []struct{ name, file, want string }{
		{"cut in the header", whole[:5], CodeGzip},
		{"cut in the first record", whole[:len(whole)/2], CodeGzip},
		{"cut behind the last record", whole[:len(whole)-9], "CDR-1 B " + CodeGzip},
		{"cut in the checksum", whole[:len(whole)-3], "CDR-1 B " + CodeGzip},
		{"wrong checksum", string(flipped), "CDR-1 B " + CodeGzip},
		{"something behind it", whole + "rubbish", "CDR-1 B " + CodeGzip},
	} {
		got := collect(t, ReadOCPI221(strings.NewReader(c.file)))
		if got.String() != c.want || got.err != nil {
			t.Errorf("%s: got %q %v %v, want %q", c.name, got, got.rejects, got.err, c.want)
		}
	}
}
