package sml

import (
	"bytes"
	"errors"
	"fmt"
)

// The transport of SML 1.04, 8: four escape bytes announce a command. The start is followed by the body, the end
// carries the number of fill bytes and the checksum; four escape bytes inside the body are written twice.
var (
	escape   = []byte{0x1b, 0x1b, 0x1b, 0x1b}
	startTag = []byte{0x01, 0x01, 0x01, 0x01}
)

// endTag begins the end command; fill count and two bytes of checksum follow.
const endTag = 0x1a

// maxFile is the longest file that is looked at. A signed list has some hundred bytes.
const maxFile = 1 << 20

// body is the content of a file without its frame.
type body struct {
	bytes      []byte
	start      int   // where it begins in the file
	doubled    []int // positions in bytes behind an escape that was written twice in the file
	deviations []Deviation
}

// origin says where in the file a byte of the body stands.
func (b body) origin(at int) int {
	out := b.start + at
	for _, d := range b.doubled {
		if d > at {
			break
		}
		out += len(escape)
	}
	return out
}

// unwrap takes the frame off. A file without a frame is its own body. The body shares no memory with the file.
func unwrap(file []byte) (body, error) {
	if len(file) > maxFile {
		return body{}, fmt.Errorf("SML: the file has %d bytes, more than %d; send a single record", len(file), maxFile)
	}
	if !framed(file) {
		return body{bytes: bytes.Clone(file)}, nil
	}
	out := body{start: len(escape) + len(startTag)}
	at := out.start
	for {
		next := bytes.Index(file[at:], escape)
		if next < 0 {
			out.bytes = append(out.bytes, file[at:]...)
			out.deviations = append(out.deviations, NoEnd)
			return out, nil
		}
		out.bytes = append(out.bytes, file[at:at+next]...)
		at += next
		command := file[at+len(escape):]
		switch {
		case bytes.HasPrefix(command, escape):
			out.bytes = append(out.bytes, escape...)
			out.doubled = append(out.doubled, len(out.bytes))
			at += 2 * len(escape)
		case len(command) > 0 && command[0] == endTag:
			out.end(file, at)
			return out, nil
		default:
			return body{}, fmt.Errorf("SML: unknown command after the escape bytes at byte %d; the file is damaged", at)
		}
	}
}

func framed(file []byte) bool {
	rest, ok := bytes.CutPrefix(file, escape)
	return ok && bytes.HasPrefix(rest, startTag)
}

// end checks the end command, whose escape bytes begin at the given place, and takes the fill bytes off.
func (b *body) end(file []byte, at int) {
	checked := at + len(escape) + 2 // up to and including the fill count
	if len(file) < checked+2 {
		b.deviations = append(b.deviations, NoEnd)
		return
	}
	fill := int(file[checked-1])
	rest := bytes.TrimRight(b.bytes, "\x00")
	if fill > 3 || at%4 != 0 || fill > len(b.bytes)-len(rest) {
		b.deviations = append(b.deviations, Padding)
	} else {
		b.bytes = b.bytes[:len(b.bytes)-fill]
	}
	if crc := crc16(file[:checked]); byte(crc) != file[checked] || byte(crc>>8) != file[checked+1] {
		b.deviations = append(b.deviations, FileCRC)
	}
	if len(file) > checked+2 {
		b.deviations = append(b.deviations, Trailing)
	}
}

// wrap puts the frame around a body.
func wrap(content []byte) []byte {
	out := append(bytes.Clone(escape), startTag...)
	out = append(out, bytes.ReplaceAll(content, escape, append(bytes.Clone(escape), escape...))...)
	fill := -len(out) & 3
	out = append(out, make([]byte, fill)...)
	out = append(append(out, escape...), endTag, byte(fill))
	crc := crc16(out)
	return append(out, byte(crc), byte(crc>>8))
}

// crc16 is CRC-16/X25 (ISO/IEC 13239): the polynomial 0x1021 mirrored, begun with ones and inverted at the end.
func crc16(b []byte) uint16 {
	crc := uint16(0xffff)
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			if crc&1 == 0 {
				crc >>= 1
				continue
			}
			crc = crc>>1 ^ 0x8408
		}
	}
	return ^crc
}

var errNoList = errors.New("SML: no message of the file is an answer with a list of values (GetList.Response); send the record of the meter")
