package ident

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The expected ids are the first 16 bytes that sha256sum prints for the bytes in the comments.
func TestDerive(t *testing.T) {
	cases := []struct {
		kind  string
		parts []string
		want  string
	}{
		// 00000001 "k"
		{"k", nil, "86df0f1f-2b6a-4435-57c8-471cb5d8fd33"},
		// 00000001 "k" 00000000
		{"k", []string{""}, "9db4a23f-db6d-996f-344c-e8fe99455163"},
		// 00000001 "k" 00000002 "ab" 00000001 "c"
		{"k", []string{"ab", "c"}, "fc84f43d-1061-af7a-3dd2-ced9b2d522ba"},
		// 00000006 "charge" 00000002 "DE" 00000003 "ABC" 00000001 "3"
		{"charge", []string{"DE", "ABC", "3"}, "adf9d226-4048-17d1-c638-1e3f8e7c4ad8"},
	}
	for _, c := range cases {
		if got := Derive(c.kind, c.parts...); got.String() != c.want {
			t.Errorf("Derive(%q, %q) = %s, want %s", c.kind, c.parts, got, c.want)
		}
	}
}

// Keys that differ in any part, or only in where one part ends, have different ids.
func TestDeriveKeepsPartsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringOfN(rapid.RuneFrom([]rune("ab\x00\x01")), 0, 3, -1)
		a := rapid.SliceOfN(part, 1, 4).Draw(t, "a")
		b := rapid.SliceOfN(part, 1, 4).Draw(t, "b")
		same := len(a) == len(b)
		for i := 0; same && i < len(a); i++ {
			same = a[i] == b[i]
		}
		if got := Derive(a[0], a[1:]...) == Derive(b[0], b[1:]...); got != same {
			t.Fatalf("%q and %q have the same id: %v", a, b, got)
		}
	})
}

func TestDeriveTakesLongKeys(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	if Derive("k", long) == Derive("k", long+"x") || Derive("k", long) != Derive("k", long) {
		t.Error("long keys are cut or unstable")
	}
}

func TestParse(t *testing.T) {
	const text = "adf9d226-4048-17d1-c638-1e3f8e7c4ad8"
	want := Derive("charge", "DE", "ABC", "3")
	for _, s := range []string{text, strings.ToUpper(text), strings.ReplaceAll(text, "-", ""), want.Hex()} {
		if got, err := Parse(s); err != nil || got != want {
			t.Errorf("Parse(%q) = %s, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "adf9d226", text[1:], text + "0", "gdf9d226-4048-17d1-c638-1e3f8e7c4ad8", // too short, too long, not hexadecimal
		"adf9d2264-048-17d1-c638-1e3f8e7c4ad8", "{" + text + "}", "----adf9d226404817d1c6381e3f8e7c4ad8", // hyphens elsewhere
		"adf9d226-4048-17d1-c638x1e3f8e7c4ad8", "adf9d226x4048-17d1-c638-1e3f8e7c4ad8", "adf9d226-4048-17d1xc638-1e3f8e7c4ad8", "adf9d226-4048x17d1-c638-1e3f8e7c4ad8",
		"-df9d226404817d1c6381e3f8e7c4ad8",
	} {
		if got, err := Parse(s); err == nil {
			t.Errorf("%q was read as %s", s, got)
		}
	}
}

func TestIDAsText(t *testing.T) {
	id := Derive("charge", "DE", "ABC", "3")
	b, err := json.Marshal(map[ID]ID{id: id})
	if err != nil || string(b) != `{"adf9d226-4048-17d1-c638-1e3f8e7c4ad8":"adf9d226-4048-17d1-c638-1e3f8e7c4ad8"}` {
		t.Errorf("wrote %s, %v", b, err)
	}
	var back map[ID]ID
	if err := json.Unmarshal(b, &back); err != nil || back[id] != id {
		t.Errorf("read %v, %v", back, err)
	}
}

func TestScanID(t *testing.T) {
	want := Derive("charge", "DE", "ABC", "3")
	for _, src := range []any{want.String(), []byte(want.String())} {
		var got ID
		if err := got.Scan(src); err != nil || got != want {
			t.Errorf("Scan(%v) = %s, %v", src, got, err)
		}
	}
	got := want
	if err := got.Scan(nil); err != nil || !got.IsZero() {
		t.Errorf("null: %s, %v", got, err)
	}
	for _, src := range []any{int64(3), "x", []byte{1, 2}} {
		if err := got.Scan(src); err == nil {
			t.Errorf("Scan(%v) was read as %s", src, got)
		}
	}
}

func TestIsZero(t *testing.T) {
	if !(ID{}).IsZero() || Derive("k").IsZero() {
		t.Error("only the unset id is zero")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"adf9d226-4048-17d1-c638-1e3f8e7c4ad8", "adf9d226404817d1c6381e3f8e7c4ad8", "x", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := Parse(s)
		if err != nil {
			return
		}
		if low := strings.ToLower(s); low != id.String() && low != id.Hex() {
			t.Errorf("%q was read as %s", s, id)
		}
	})
}
