package invoicing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGoldenDocument(t *testing.T) {
	d, err := Issue(build(t, october()), "RE-2026-0000001")
	if err != nil {
		t.Fatal(err)
	}
	// Checked by hand in the comment of october.
	if d.Gross != 1795 || d.Tax != 287 || d.Net != 1508 {
		t.Errorf("gross %d, tax %d, net %d, want 1795, 287, 1508", d.Gross, d.Tax, d.Net)
	}
	b, err := Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	if b[0] != 1 {
		t.Fatalf("version byte %d, want 1", b[0])
	}
	golden := filepath.Join("testdata", "settlement.json")
	if *update {
		if err := os.WriteFile(golden, b[1:], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), ",", ",\n"), strings.ReplaceAll(string(b[1:]), ",", ",\n")); diff != "" {
		t.Errorf("document (-golden +got):\n%s", diff)
	}
	if Hash(d) != sha256.Sum256(append([]byte{1}, want...)) {
		t.Error("the hash is not the SHA-256 of version byte and golden bytes")
	}
	back, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, back); diff != "" {
		t.Errorf("read back (-wrote +read):\n%s", diff)
	}
}

func TestDecodeTakesOnlyCanonicalBytes(t *testing.T) {
	good, err := Encode(build(t, october()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(good); err != nil {
		t.Fatalf("canonical bytes: %v", err)
	}
	swap := func(old, new string) []byte {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("the document does not contain %s", old)
		}
		return bytes.Replace(good, []byte(old), []byte(new), 1)
	}
	for _, tc := range []struct {
		name string
		in   []byte
	}{
		{"nothing", nil},
		{"no version", good[1:]},
		{"version of the future", append([]byte{2}, good[1:]...)},
		{"cut off", good[:len(good)-10]},
		{"no line feed at the end", good[:len(good)-1]},
		{"bytes after the end", append(bytes.Clone(good), '{', '}')},
		{"blank between members", swap(`,"kind"`, `, "kind"`)},
		{"unknown member", swap(`{"id"`, `{"new":1,"id"`)},
		{"member in other case", swap(`"gross":1795`, `"Gross":1795`)},
		{"amount with decimals", swap(`"gross":1795`, `"gross":1795.0`)},
		{"amount as text", swap(`"gross":1795`, `"gross":"1795"`)},
		{"other escape of the same text", swap(`Köln`, `K\u00f6ln`)},
	} {
		if d, err := Decode(tc.in); err == nil {
			t.Errorf("%s: read as document %s, want an error", tc.name, d.ID)
		}
	}
}

func TestEveryFieldCountsInTheHash(t *testing.T) {
	base := build(t, october())
	seen := map[[32]byte]string{Hash(base): "nothing"}
	for _, tc := range []struct {
		name  string
		spoil func(*Document)
	}{
		{"number", func(d *Document) { d.Number = "X" }},
		{"issue date", func(d *Document) { d.IssuedOn = d.IssuedOn.AddDays(1) }},
		{"recipient", func(d *Document) { d.Recipient[0] ^= 1 }},
		{"place", func(d *Document) { d.Sessions[0].Place += "." }},
		{"amount", func(d *Document) { d.Sessions[0].Lines[0].Amount++ }},
		{"meter value", func(d *Document) { d.Sessions[0].MeterEnd++ }},
		{"collection day", func(d *Document) { d.Payment.CollectOn = d.Payment.CollectOn.AddDays(1) }},
		{"engine", func(d *Document) { d.Engine = "2" }},
	} {
		d := build(t, october())
		tc.spoil(&d)
		h := Hash(d)
		if other, dup := seen[h]; dup {
			t.Errorf("a change of %s hashes as a change of %s", tc.name, other)
		}
		seen[h] = tc.name
	}
}

func TestSetHash(t *testing.T) {
	a, b := sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))
	// Calculated with: printf 'wattdue draft set 1\0\0\0\0\0\0\0\0' | sha256sum
	const empty = "6f1d51e9db6105ca394543e16dde84be1d629e10f3d44fe72fe4476337a79db9"
	none := SetHash(nil)
	if got := hex.EncodeToString(none[:]); got != empty {
		t.Errorf("empty set %s, want %s", got, empty)
	}
	// SHA-256 of the same text, the count 2 in eight bytes and the digests of "a" and "b", by sha256sum.
	const two = "28cd6aa8ed15178bdf7b348510f6c71d32b6abf905f62e0ad1484718d634d192"
	both := SetHash([][32]byte{a, b})
	if got := hex.EncodeToString(both[:]); got != two {
		t.Errorf("set of two %s, want %s", got, two)
	}
	if SetHash([][32]byte{b, a}) == both {
		t.Error("the order does not count")
	}
}

func FuzzDecode(f *testing.F) {
	d, err := Build(october())
	if err != nil {
		f.Fatal(err)
	}
	good, err := Encode(d)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{})
	f.Add([]byte("\x01{}\n"))
	f.Add([]byte("\x01null\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Encode(d)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("read %q, wrote %q (%v)", b, again, err)
		}
		_ = d.Check() // must not panic, whatever the sums are
		_ = d.SortKey()
	})
}
