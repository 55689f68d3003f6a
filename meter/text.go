package meter

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// maxCarried is the longest carried text that is looked at. OCPI allows 5,000 characters for a value, transparency
// files with a hundred sessions reach a hundred thousand.
const maxCarried = 16 << 20

// byteOrderMark is how some editors begin a UTF-8 text.
const byteOrderMark = "\ufeff"

// Text is a record found inside carried text.
type Text struct {
	Payload  []byte
	Encoding string // plain, hex, base64, base32 or base64 twice
	Escaped  bool   // the text as a whole was escaped for XML
}

// DecodeText finds the record inside carried text: plain, with XML entities, or in hex, base64 or base32. The
// decoding whose result is recognised wins, not the first that decodes. ok is false when no format recognises the
// content.
func DecodeText(carried []byte) (text Text, ok bool) {
	if len(carried) > maxCarried {
		return Text{}, false
	}
	if text, ok := recognisedText(carried, "plain"); ok {
		return text, true
	}
	packed := removeSpace(trimText(carried))
	for _, enc := range encodings {
		decoded, ok := enc.decode(packed)
		if !ok {
			continue
		}
		if text, ok := recognisedText(decoded, enc.name); ok {
			return text, true
		}
		if text, ok := recognisedTwice(decoded); ok {
			return text, true
		}
	}
	return Text{}, false
}

// recognisedTwice looks through a second layer of base64: OCPP encodes the record, and some back ends encode it
// again for OCPI.
func recognisedTwice(b []byte) (Text, bool) {
	inner, ok := decodeBase64(removeSpace(trimText(b)))
	if !ok {
		return Text{}, false
	}
	return recognisedText(inner, "base64 twice")
}

// recognisedText returns the text, without XML entities where it is escaped as a whole, if a format knows it.
func recognisedText(b []byte, encoding string) (Text, bool) {
	text := Text{Payload: trimText(b), Encoding: encoding}
	for range 2 { // doubly escaped text occurs
		if !isEscaped(text.Payload) {
			break
		}
		text.Payload, text.Escaped = trimText(unescapeXML(text.Payload)), true
	}
	_, ok := formatOf(text.Payload)
	return text, ok
}

// isEscaped reports whether the text as a whole is escaped for XML. Text with a single bare quotation mark or
// angle bracket is not: there an entity belongs to the signed content. Binary records hold an ampersand by chance.
func isEscaped(b []byte) bool {
	return !isBinary(b) && bytes.IndexByte(b, '&') >= 0 && !bytes.ContainsAny(b, `"<`)
}

// xmlEntities undoes one level of escaping. The ampersand is replaced in the same pass, so that a doubly escaped
// text loses one level only.
var xmlEntities = strings.NewReplacer("&quot;", `"`, "&#34;", `"`, "&#x22;", `"`, "&apos;", "'", "&#39;", "'",
	"&lt;", "<", "&#60;", "<", "&gt;", ">", "&#62;", ">", "&amp;", "&", "&#38;", "&", "&#10;", "\n", "&#13;", "\r")

func unescapeXML(b []byte) []byte { return []byte(xmlEntities.Replace(string(b))) }

// smlEscape opens the transport of binary SML records.
const smlEscape = 0x1b

// isBinary reports records and archives whose bytes are no text, though they may look like it by chance.
func isBinary(b []byte) bool { return len(b) > 0 && b[0] == smlEscape || isArchive(b) }

// trimText drops a byte order mark and outer blanks. Binary records keep every byte.
func trimText(b []byte) []byte {
	if isBinary(b) {
		return b
	}
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
