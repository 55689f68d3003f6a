package conformance

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// piece is a run of bytes inside a carried vector, freed of everything it is wrapped in.
type piece struct {
	t    *testing.T
	data []byte
	wrap func(changed []byte) carried // the vector with other bytes here and the same everywhere else
}

func (p piece) span(from, to int) piece {
	return piece{p.t, p.data[from:to], func(b []byte) carried { return p.wrap(slices.Concat(p.data[:from], b, p.data[to:])) }}
}

// trimmed is the piece without a byte order mark and outer blanks.
func (p piece) trimmed() piece {
	from := len(p.data) - len(bytes.TrimLeft(p.data, "\ufeff \t\r\n"))
	return p.span(from, max(from, len(bytes.TrimRight(p.data, " \t\r\n"))))
}

// groups are the groups of every match of an expression.
func (p piece) groups(expression string) [][]piece {
	var found [][]piece
	for _, m := range regexp.MustCompile(expression).FindAllSubmatchIndex(p.data, -1) {
		var match []piece
		for i := 2; i < len(m); i += 2 {
			match = append(match, p.span(m[i], m[i+1]))
		}
		found = append(found, match)
	}
	return found
}

// elements are the contents of all XML elements of a name; none of those looked for holds another of its name.
func (p piece) elements(name string) []piece {
	var found []piece
	for _, match := range p.groups(`(?s)<` + name + `(?:\s[^>]*)?>(.*?)</` + name + `>`) {
		found = append(found, match[0])
	}
	return found
}

// value is the JSON value that begins at a byte, and where it ends.
func (p piece) value(from int) (piece, int) {
	d := json.NewDecoder(bytes.NewReader(p.data[from:]))
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		p.t.Fatalf("no JSON value at byte %d: %v", from, err)
	}
	end := from + int(d.InputOffset())
	return p.span(end-len(raw), end), end
}

// at follows names and indexes through JSON to a value; false when there is none.
func (p piece) at(path ...any) (piece, bool) {
	for _, want := range path {
		inner, ok := p.member(want)
		if !ok {
			return piece{}, false
		}
		p = inner
	}
	return p, true
}

// member is the value of a name in a JSON object or of an index in an array.
func (p piece) member(want any) (piece, bool) {
	d := json.NewDecoder(bytes.NewReader(p.data))
	open, err := d.Token()
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; d.More(); i++ {
		var name any = i
		if open == json.Delim('{') {
			if name, err = d.Token(); err != nil {
				p.t.Fatal(err)
			}
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			p.t.Fatal(err)
		}
		if end := int(d.InputOffset()); name == want {
			return p.span(end-len(raw), end), true
		}
	}
	return piece{}, false
}

// text is the text of a JSON string without quotation marks and escapes, or the characters of a number. It is empty for
// an absent value.
func (p piece) text(path ...any) piece {
	v, ok := p.at(path...)
	if ok && v.data[0] == '"' {
		return v.span(1, len(v.data)-1).without(jsonString)
	}
	return v
}

// coat is a way to carry bytes.
type coat struct {
	off func(worn []byte) ([]byte, error)
	on  func(bare, worn []byte) []byte // as it was worn before
}

// without takes off the first coat that fits: one that comes off, and put on again gives the same bytes. So a twin differs
// from its vector by the turned bit alone.
func (p piece) without(coats ...coat) piece {
	p.t.Helper()
	for _, c := range coats {
		bare, err := c.off(p.data)
		if err == nil && bytes.Equal(c.on(bare, p.data), p.data) {
			return piece{p.t, bare, func(b []byte) carried { return p.wrap(c.on(b, p.data)) }}
		}
	}
	p.t.Fatalf("nothing known fits %.40q", p.data)
	return piece{}
}

// printed is bytes written with characters, between which blanks and line breaks may stand.
func printed(decode func(string) ([]byte, error), encode func([]byte) string) coat {
	return coat{
		off: func(worn []byte) ([]byte, error) { return decode(string(bytes.Join(bytes.Fields(worn), nil))) },
		on: func(bare, worn []byte) []byte {
			text, out := encode(bare), bytes.Clone(worn)
			for i, c := range worn {
				if len(text) > 0 && !strings.ContainsRune(" \t\r\n", rune(c)) {
					out[i], text = text[0], text[1:]
				}
			}
			return append(out, text...)
		},
	}
}

// The coats of records, keys and signatures.
var (
	inHexOrBase64 = []coat{
		printed(hex.DecodeString, hex.EncodeToString),
		printed(hex.DecodeString, func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }),
		printed(base64.StdEncoding.DecodeString, base64.StdEncoding.EncodeToString),
	}
	inBase32 = []coat{
		printed(base32.StdEncoding.DecodeString, base32.StdEncoding.EncodeToString),
	}
	jsonString = coat{
		off: func(worn []byte) ([]byte, error) {
			var text string
			err := json.Unmarshal(slices.Concat([]byte{'"'}, worn, []byte{'"'}), &text)
			return []byte(text), err
		},
		on: func(bare, _ []byte) []byte {
			var out bytes.Buffer
			e := json.NewEncoder(&out)
			e.SetEscapeHTML(false)
			if err := e.Encode(string(bare)); err != nil {
				return nil
			}
			return out.Bytes()[1 : out.Len()-2] // without the quotation marks and the line break
		},
	}
	escapedXML = coat{
		off: func(worn []byte) ([]byte, error) {
			return []byte(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(string(worn))), nil
		},
		on: func(bare, _ []byte) []byte {
			return []byte(strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;").Replace(string(bare)))
		},
	}
	framed = coat{off: unframe, on: frame}
)

var escape = []byte{0x1b, 0x1b, 0x1b, 0x1b}

// unframe takes the transport frame off the messages of a meter. The fill bytes stay behind the last message.
func unframe(file []byte) ([]byte, error) {
	end := bytes.LastIndex(file, append(bytes.Clone(escape), 0x1a))
	if end < 8 {
		return nil, errShort
	}
	return bytes.ReplaceAll(file[8:end], append(bytes.Clone(escape), escape...), escape), nil
}

// frame puts the messages back, each with its checksum and all with theirs, so that only the signature tells.
func frame(messages, worn []byte) []byte {
	body := bytes.Clone(messages)
	for rest := body; len(rest) > 0 && rest[0] != 0; {
		message, after, err := take(rest, 0)
		sum := message.at(4).data
		if err != nil || len(sum) != 2 {
			return nil
		}
		binary.LittleEndian.PutUint16(sum, crc16(rest[:cap(rest)-cap(sum)-1])) // up to the byte before that says what follows
		rest = after
	}
	body = bytes.ReplaceAll(body, escape, append(bytes.Clone(escape), escape...))
	out := slices.Concat(worn[:8], body, worn[len(worn)-8:])
	binary.LittleEndian.PutUint16(out[len(out)-2:], crc16(out[:len(out)-2]))
	return out
}

// crc16 is the checksum of SML, CRC-16/X25 of ISO/IEC 13239.
func crc16(b []byte) uint16 {
	crc := ^uint16(0)
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			crc = crc>>1 ^ 0x8408*(crc&1)
		}
	}
	return ^crc
}
