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
	for _, c := range []struct {
		name, carried, encoding string
		escaped                 bool
	}{
		{"base64", b64(line), "base64", false},
		{"base64 in lines", b64(line)[:20] + "\r\n" + b64(line)[20:], "base64", false},
		{"base64 without padding", strings.TrimRight(b64(line), "="), "base64", false},
		{"base64 of text with a byte order mark", b64(byteOrderMark + line + "\n"), "base64", false},
		{"plain", line, "plain", false},
		{"plain with byte order mark and blanks", " " + byteOrderMark + "\t" + line + "\r\n", "plain", false},
		{"hex", hex.EncodeToString([]byte(line)), "hex", false},
		{"hex in capitals and groups", strings.ToUpper(hex.EncodeToString([]byte(line[:4])) + " " + hex.EncodeToString([]byte(line[4:]))), "hex", false},
		{"base32", base32.StdEncoding.EncodeToString([]byte(line)), "base32", false},
		{"base64 twice", b64(b64(line)), "base64 twice", false},
		{"escaped once", html.EscapeString(line), "plain", true},
		{"escaped twice", html.EscapeString(html.EscapeString(line)), "plain", true},
		{"base64 of escaped text", b64(html.EscapeString(line)), "base64", true},
	} {
		text, ok := DecodeText([]byte(c.carried))
		// The entity inside the signed text belongs to the hash and must survive.
		if !ok || string(text.Payload) != line || text.Encoding != c.encoding || text.Escaped != c.escaped {
			t.Errorf("%s: %v %s %v\n%s", c.name, ok, text.Encoding, text.Escaped, text.Payload)
		}
	}
}

func TestDecodeTextRefuses(t *testing.T) {
	for _, carried := range []string{
		"", "   ", byteOrderMark, "OCMF", "ocmf|{}", "c2lnbmVkX3N0YXJ0", "00", "=", strings.Repeat("A", maxCarried+1),
	} {
		if text, ok := DecodeText([]byte(carried)); ok {
			t.Errorf("%.20q read as %.40q", carried, text.Payload)
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
