package meter

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Encodings of the signature r = 0x0102, s = 0x81 (ITU-T X.690, 8.1.3 and 8.3): strict first, then what meters and
// back ends in the field make of it.
func TestParseSignature(t *testing.T) {
	for _, c := range []struct{ name, hex, codes string }{
		{"strict", "3008 02020102 02020081", ""},
		{"s without sign byte", "3007 02020102 020181", "der-negative"},
		{"r with superfluous zeros", "300a 020400000102 02020081", "der-padding"},
		{"sequence length in long form", "308108 02020102 02020081", "der-long-length"},
		{"two length bytes where none is needed", "30820008 02020102 02020081", "der-long-length"},
		{"integer length in long form", "3009 0281020102 02020081", "der-long-length"},
		{"bytes after the sequence", "3008 02020102 02020081 0000", "der-trailing"},
		{"bytes inside the sequence", "300a 02020102 02020081 0500", "der-trailing"},
		{"all at once", "30810a 020400000102 020181 05 00", "der-negative der-padding der-long-length der-trailing"},
		{"empty", "", "refused"},
		{"only a tag", "30", "refused"},
		{"indefinite length", "3080 02020102 02020081 0000", "refused"},
		{"longer than there is", "3009 02020102 02020081", "refused"},
		{"one integer", "3004 02020102", "refused"},
		{"empty integer", "3006 0200 02020081", "refused"},
		{"octet string instead of integer", "3008 04020102 02020081", "refused"},
		{"length of five bytes", "30850000000008 02020102 02020081", "refused"},
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(c.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		sig, notes, ok := parseSignature(b, 32)
		if !ok {
			if c.codes != "refused" {
				t.Errorf("%s: refused", c.name)
			}
			continue
		}
		var got []string
		for _, n := range notes {
			got = append(got, n.Code)
		}
		if strings.Join(got, " ") != c.codes || number(sig.r) != 0x0102 || number(sig.s) != 0x81 {
			t.Errorf("%s: r %x s %x %v, want %s", c.name, sig.r, sig.s, got, c.codes)
		}
	}
}

func number(b []byte) int64 { return new(big.Int).SetBytes(b).Int64() }

func TestParseRawSignature(t *testing.T) {
	raw := make([]byte, 64)
	raw[31], raw[63] = 7, 9
	sig, notes, ok := parseSignature(raw, 32)
	if !ok || number(sig.r) != 7 || number(sig.s) != 9 || len(notes) != 1 || notes[0].Code != "signature-raw" {
		t.Errorf("%v %v %v", sig, notes, ok)
	}
	if _, _, ok := parseSignature(raw, 48); ok {
		t.Error("64 bytes are no raw signature of a 384-bit curve")
	}
}

// Any two numbers survive being written with any number of leading zeros.
func TestParseSignatureReadsUnsigned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SliceOfN(rapid.Byte(), 1, 48).Draw(t, "r")
		s := rapid.SliceOfN(rapid.Byte(), 1, 48).Draw(t, "s")
		der := derWrap(tagSequence, append(derWrap(tagInteger, r), derWrap(tagInteger, s)...))
		sig, _, ok := parseSignature(der, 32)
		if !ok {
			t.Fatalf("%x refused", der)
		}
		if !bytes.Equal(r, sig.r) || !bytes.Equal(s, sig.s) {
			t.Fatalf("%x read as %x, %x", der, sig.r, sig.s)
		}
	})
}
