package meter

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// maxRecord is the longest signed record that is looked at; OCPI allows 5,000 characters, transparency files
// with many readings reach some tens of thousands.
const maxRecord = 1 << 20

// byteOrderMark is how some editors begin a UTF-8 text.
const byteOrderMark = "\ufeff"

// DecodeText finds the record inside carried text: plain, with XML entities, or in hex, base64 or base32. The
// decoding whose result is recognised wins, not the first that decodes. Plain text is told from base64, the form
// OCPI prescribes, by a notice. ok is false when no format recognises the content.
func DecodeText(carried []byte) (payload []byte, notices []Reason, ok bool) {
	if len(carried) > maxRecord {
		return nil, nil, false
	}
	b := trimText(carried)
	if plain, note, ok := recognisedText(b); ok {
		return plain, append(note, reason("encoding-deviation", "", "plain text")), true
	}
	packed := removeSpace(b)
	for _, enc := range encodings {
		decoded, ok := enc.decode(packed)
		if !ok {
			continue
		}
		plain, note, ok := recognisedText(trimText(decoded))
		if !ok {
			plain, note, ok = recognisedTwice(decoded)
		}
		if !ok {
			continue
		}
		if enc.name != "base64" {
			note = append(note, reason("encoding-deviation", "", enc.name))
		}
		return plain, note, true
	}
	return nil, nil, false
}

// recognisedTwice looks through a second layer of base64: OCPP encodes the record, and some back ends encode it
// again for OCPI.
func recognisedTwice(b []byte) ([]byte, []Reason, bool) {
	inner, ok := decodeBase64(removeSpace(trimText(b)))
	if !ok {
		return nil, nil, false
	}
	plain, note, ok := recognisedText(trimText(inner))
	return plain, append(note, reason("encoding-deviation", "", "base64 twice")), ok
}

// recognisedText returns the text, without XML entities where it is escaped as a whole, if a format knows it.
func recognisedText(b []byte) ([]byte, []Reason, bool) {
	var notes []Reason
	for range 2 { // doubly escaped text occurs
		if !isEscaped(b) {
			break
		}
		b = unescapeXML(b)
		if notes == nil {
			notes = []Reason{reason("text-escaped", "", "")}
		}
	}
	_, ok := formatOf(b)
	return b, notes, ok
}

// isEscaped reports whether the text as a whole is escaped for XML. Text with a single bare quotation mark or
// angle bracket is not: there an entity belongs to the signed content.
func isEscaped(b []byte) bool {
	return bytes.IndexByte(b, '&') >= 0 && !bytes.ContainsAny(b, `"<`)
}

// xmlEntities undoes one level of escaping. The ampersand is replaced in the same pass, so that a doubly escaped
// text loses one level only.
var xmlEntities = strings.NewReplacer("&quot;", `"`, "&#34;", `"`, "&#x22;", `"`, "&apos;", "'", "&#39;", "'",
	"&lt;", "<", "&#60;", "<", "&gt;", ">", "&#62;", ">", "&amp;", "&", "&#38;", "&", "&#10;", "\n", "&#13;", "\r")

func unescapeXML(b []byte) []byte { return []byte(xmlEntities.Replace(string(b))) }

// trimText drops a byte order mark and outer blanks.
func trimText(b []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(b), []byte(byteOrderMark)))
}

// encodings are tried in this order. Hexadecimal text is base64 text too, so hex comes first.
var encodings = []struct {
	name   string
	decode func([]byte) ([]byte, bool)
}{
	{"hex", decodeHex},
	{"base64", decodeBase64},
	{"base32", decodeBase32},
}

// removeSpace returns b without blanks and line breaks; b itself is left alone.
func removeSpace(b []byte) []byte {
	if !bytes.ContainsAny(b, " \t\r\n") {
		return b
	}
	return bytes.Join(bytes.Fields(b), nil)
}

func decodeHex(b []byte) ([]byte, bool) {
	if len(b)%2 != 0 || len(b) == 0 {
		return nil, false
	}
	out := make([]byte, len(b)/2)
	_, err := hex.Decode(out, b)
	return out, err == nil
}

// decodeBase64 accepts the standard and the URL alphabet, padded or not.
func decodeBase64(b []byte) ([]byte, bool) {
	if len(b) == 0 {
		return nil, false
	}
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(b, "-_") {
		enc = base64.RawURLEncoding
	}
	b = bytes.TrimRight(b, "=")
	out := make([]byte, enc.DecodedLen(len(b)))
	n, err := enc.Decode(out, b)
	return out[:n], err == nil
}

func decodeBase32(b []byte) ([]byte, bool) {
	if len(b) == 0 {
		return nil, false
	}
	b = bytes.TrimRight(bytes.ToUpper(b), "=")
	enc := base32.StdEncoding.WithPadding(base32.NoPadding)
	out := make([]byte, enc.DecodedLen(len(b)))
	n, err := enc.Decode(out, b)
	return out[:n], err == nil
}
