package meter

import (
	"encoding/base32"
	"encoding/hex"
	"html"
	"strings"
	"testing"
)

func TestDecodeText(t *testing.T) {
	const line = `OCMF|{"FV":"1.0","TT":"Q&amp;A"}|` + sd
	for _, c := range []struct{ name, carried, codes string }{
		{"base64", b64(line), ""},
		{"base64 in lines", b64(line)[:20] + "\r\n" + b64(line)[20:], ""},
		{"base64 without padding", strings.TrimRight(b64(line), "="), ""},
		{"base64 of text with a byte order mark", b64(byteOrderMark + line + "\n"), ""},
		{"plain", line, "encoding-deviation"},
		{"plain with byte order mark and blanks", " " + byteOrderMark + "\t" + line + "\r\n", "encoding-deviation"},
		{"hex", hex.EncodeToString([]byte(line)), "encoding-deviation"},
		{"hex in capitals and groups", strings.ToUpper(hex.EncodeToString([]byte(line[:4])) + " " + hex.EncodeToString([]byte(line[4:]))), "encoding-deviation"},
		{"base32", base32.StdEncoding.EncodeToString([]byte(line)), "encoding-deviation"},
		{"base64 twice", b64(b64(line)), "encoding-deviation"},
		{"escaped once", html.EscapeString(line), "text-escaped encoding-deviation"},
		{"escaped twice", html.EscapeString(html.EscapeString(line)), "text-escaped encoding-deviation"},
		{"base64 of escaped text", b64(html.EscapeString(line)), "text-escaped"},
	} {
		payload, notes, ok := DecodeText([]byte(c.carried))
		var got []string
		for _, n := range notes {
			got = append(got, n.Code)
		}
		// The entity inside the signed text belongs to the hash and must survive.
		if !ok || string(payload) != line || strings.Join(got, " ") != c.codes {
			t.Errorf("%s: %v [%s]\n%s", c.name, ok, strings.Join(got, " "), payload)
		}
	}
}

func TestDecodeTextRefuses(t *testing.T) {
	for _, carried := range []string{
		"", "   ", byteOrderMark, "OCMF", "ocmf|{}", "c2lnbmVkX3N0YXJ0", "00", "=", strings.Repeat("A", maxRecord+1),
	} {
		if payload, _, ok := DecodeText([]byte(carried)); ok {
			t.Errorf("%.20q read as %.40q", carried, payload)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"MTR1":                  "MTR1",
		"Zähler 7":              "Zähler 7",
		"a\x00b\nc":             "a?b?c",
		"\xff\xfe":              "?",
		strings.Repeat("ä", 61): strings.Repeat("ä", 60) + "...",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
