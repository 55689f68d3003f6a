package sml

import (
	"bytes"
	"reflect"
	"testing"
)

// The check value of CRC-16/X25 in the catalogue of parametrised CRC algorithms.
func TestCRC(t *testing.T) {
	if got := crc16([]byte("123456789")); got != 0x906e {
		t.Errorf("%04x, want 906e", got)
	}
}

// smallBody is an answer without values, 9 bytes: three fill bytes follow.
const smallBody = `77 01 02 4d 01 01 70 01 01`

func TestDeviations(t *testing.T) {
	frame := func(middle string) []byte {
		b := unhex(t, "1b1b1b1b 01010101"+middle)
		crc := crc16(b)
		return append(b, byte(crc), byte(crc>>8))
	}
	good := frame(smallBody + "000000 1b1b1b1b 1a03")
	wrong := bytes.Clone(good)
	wrong[len(wrong)-1] ^= 1
	for _, c := range []struct {
		name string
		file []byte
		want []Deviation
	}{
		{"as it should be", good, nil},
		{"wrong checksum", wrong, []Deviation{FileCRC}},
		{"more counted than a word", frame(smallBody + "000000 00000000 1b1b1b1b 1a07"), []Deviation{Padding}},
		{"fill bytes that are not zero", frame(smallBody + "000100 1b1b1b1b 1a03"), []Deviation{Padding}},
		{"no fill bytes", frame(smallBody + "1b1b1b1b 1a00"), []Deviation{Padding}},
		{"no end mark", unhex(t, "1b1b1b1b 01010101"+smallBody), []Deviation{NoEnd}},
		{"half an end mark", unhex(t, "1b1b1b1b 01010101"+smallBody+"000000 1b1b1b1b 1a03"), []Deviation{NoEnd}},
		{"bytes behind", append(bytes.Clone(good), 0x0d, 0x0a), []Deviation{Trailing}},
		{"all wrong", append(unhex(t, "1b1b1b1b 01010101"+smallBody+"00 1b1b1b1b 1a01 0000"), 1, 2, 3), []Deviation{Padding, FileCRC, Trailing}},
	} {
		l, err := Read(c.file)
		if err != nil || string(l.Server) != "M" {
			t.Errorf("%s: %+v %v", c.name, l, err)
		}
		if !reflect.DeepEqual(l.Deviations, c.want) {
			t.Errorf("%s: %q, want %q", c.name, l.Deviations, c.want)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, c := range []struct{ name, plain, framed string }{
		{"none", "01020304", "1b1b1b1b 01010101 01020304 1b1b1b1b 1a00"},
		{"four are doubled", "1b1b1b1b", "1b1b1b1b 01010101 1b1b1b1b1b1b1b1b 1b1b1b1b 1a00"},
		{"three are not", "1b1b1b02", "1b1b1b1b 01010101 1b1b1b02 1b1b1b1b 1a00"},
		{"of six the first four", "1b1b1b1b1b1b02", "1b1b1b1b 01010101 1b1b1b1b1b1b1b1b 1b1b02 00 1b1b1b1b 1a01"},
		{"not at a multiple of four", "021b1b1b1b03", "1b1b1b1b 01010101 02 1b1b1b1b1b1b1b1b 03 0000 1b1b1b1b 1a02"},
	} {
		plain, framed := unhex(t, c.plain), unhex(t, c.framed)
		got := wrap(plain)
		if !bytes.Equal(got[:len(got)-2], framed) {
			t.Errorf("%s: %x, want %x", c.name, got, framed)
		}
		b, err := unwrap(got)
		if err != nil || !bytes.Equal(b.bytes, plain) || b.deviations != nil {
			t.Errorf("%s: back %x %q %v", c.name, b.bytes, b.deviations, err)
		}
	}
}
