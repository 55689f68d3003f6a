package seal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"math/big"
	"slices"
	"strings"
	"testing"
)

const line = `OCMF|{"FV":"1.1","PG":"T86","RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":62500.2031,"RI":"1-b:1.8.0","RU":"kWh"}]}|{"SD":""}`

func open(t testing.TB, encoded []byte) Opened {
	t.Helper()
	o, err := Open(encoded, &testKey(t).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// A unit holds 224 bytes of text.
func TestOpenWhatWasSealed(t *testing.T) {
	for _, n := range []int{0, 1, 223, 224, 225, 448, 449, 5000} {
		text := []byte(strings.Repeat(line, n/len(line)+1)[:n])
		for _, deflate := range []bool{false, true} {
			o := open(t, recipe{text: text, deflate: deflate}.seal(t))
			if !bytes.Equal(o.Text, text) || o.Compressed != deflate || o.Faults != nil || o.Broken() {
				t.Errorf("%d bytes, deflate %t: %q %+v", n, deflate, o.Text, o.Faults)
			}
		}
	}
}

// Every check of every unit, spoiled one at a time. The text is there all the same.
func TestFaults(t *testing.T) {
	text := []byte(strings.Repeat(line, 4)[:500]) // three units, 172 zeros behind
	spoil := func(at int, with ...byte) func([]byte) []byte {
		return func(units []byte) []byte {
			copy(units[at:], with)
			return units
		}
	}
	same := func(units []byte) []byte { return units }
	for _, c := range []struct {
		name   string
		units  func([]byte) []byte
		faults []Fault
		text   string
		whole  bool
	}{
		{"nothing", same, nil, string(text), true},
		{"marker of the first unit", spoil(0, 0), []Fault{{Marker, 0}}, string(text), false},
		{"marker of the last unit", spoil(512+15, 0), []Fault{{Marker, 2}}, string(text), false},
		{"nonce", spoil(256+16, 9), []Fault{{Nonce, 1}}, string(text), false},
		{"nonce of the first unit", spoil(16, 9), []Fault{{Nonce, 1}, {Nonce, 2}}, string(text), false},
		{"length", spoil(256+27, 1), []Fault{{Length, 1}}, string(text), false},
		{"length beyond the units, in the first", spoil(24, 0xff), []Fault{{Length, 0}}, string(text), false},
		{"counter", spoil(512+31, 7), []Fault{{Counter, 2}}, string(text), false},
		{
			"units in another order", func(u []byte) []byte { return slices.Concat(u[256:512], u[:256], u[512:]) },
			[]Fault{{Counter, 0}, {Counter, 1}},
			string(text[224:448]) + string(text[:224]) + string(text[448:]), false,
		},
		{
			"a unit missing", func(u []byte) []byte { return u[:512] },
			[]Fault{{Length, 0}, {Length, 1}},
			string(text[:448]), false,
		},
		{
			"no marker at all", func(u []byte) []byte { u[0], u[256], u[512] = 0, 0, 0; return u },
			[]Fault{{Marker, 0}, {Marker, 1}, {Marker, 2}},
			string(text), false,
		},
	} {
		o := open(t, recipe{text: text, units: c.units}.seal(t))
		if !slices.Equal(o.Faults, c.faults) || string(o.Text) != c.text || o.Broken() == c.whole {
			t.Errorf("%s: %+v broken %t\n%q\n%q", c.name, o.Faults, o.Broken(), o.Text, c.text)
		}
	}
}

func TestPrefixBreaksNothing(t *testing.T) {
	o := open(t, recipe{text: []byte(line), unsealed: func(b []byte) { b[0], b[1] = 0x12, 0x34 }}.seal(t))
	if !slices.Equal(o.Faults, []Fault{{Check: Prefix}}) || o.Broken() || string(o.Text) != line {
		t.Errorf("%+v %q", o.Faults, o.Text)
	}
}

// A bit changed behind the first 256 bytes of the data. CBC decryption garbles the block of the change and touches the
// next; the order of the n blocks is reversed; each of the two rounds that follow lets it run one block further. So block
// j of the ciphertext garbles the blocks n-2-j to n+1-j, as far as there are any.
func TestChangesBehindTheFirstBlock(t *testing.T) {
	text := []byte(strings.Repeat(line, 4)[:426]) // two units, 32 blocks
	units := makeUnits(text)
	for _, c := range []struct {
		name   string
		offset int // in the data, two bytes of prefix counted
		blocks []int
		broken bool
	}{
		{"block 18 meets only text of the first unit", 300, []int{12, 13, 14, 15}, false},
		{"the last block meets the first head", 513, []int{0, 1, 2}, true},
		{"block 16 meets the second head", 258, []int{14, 15, 16, 17}, true},
	} {
		o := open(t, recipe{text: text, sealed: func(b []byte) { b[c.offset] ^= 1 }}.seal(t))
		if o.Broken() != c.broken || len(o.Text) != len(text) {
			t.Errorf("%s: broken %t, %d bytes, %+v", c.name, o.Broken(), len(o.Text), o.Faults)
		}
		var garbled []int
		for block := range 32 {
			if unit, in := block/16, block%16; in >= 2 { // heads are no text
				from := unit*224 + (in-2)*16
				until := min(from+16, len(text))
				if from < until && !bytes.Equal(o.Text[from:until], units[block*16:block*16+until-from]) {
					garbled = append(garbled, block)
				}
			}
		}
		want := slices.DeleteFunc(slices.Clone(c.blocks), func(b int) bool { return b%16 < 2 })
		if !slices.Equal(garbled, want) {
			t.Errorf("%s: blocks %v of the text are garbled, want %v", c.name, garbled, want)
		}
	}
}

func TestWrongKeyBreaks(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Open(recipe{text: []byte(strings.Repeat(line, 3))}.seal(t), &other.PublicKey)
	if err != nil || !o.Broken() {
		t.Errorf("%+v %v", o, err)
	}
}

func TestNumberBeyondModulus(t *testing.T) {
	encoded := recipe{text: []byte(line), sealed: func(b []byte) {
		for i := range 256 {
			b[i] = 0xff
		}
	}}.seal(t)
	if o := open(t, encoded); !o.Broken() || !slices.Contains(o.Faults, Fault{Check: Range}) {
		t.Errorf("%+v", o.Faults)
	}
}

func TestDeflate(t *testing.T) {
	long := []byte(strings.Repeat(line, 5))
	packed := deflated(t, long)
	o := open(t, recipe{text: long, deflate: true, units: func([]byte) []byte { return makeUnits(packed[:len(packed)-4]) }}.seal(t))
	if !slices.Equal(o.Faults, []Fault{{Check: Deflate}}) || !o.Broken() || !bytes.HasPrefix(long, o.Text) || len(o.Text) < len(line) {
		t.Errorf("text that breaks off: %+v, %d bytes", o.Faults, len(o.Text))
	}
	if o := open(t, recipe{text: make([]byte, maxText), deflate: true}.seal(t)); len(o.Text) != maxText || o.Broken() {
		t.Errorf("as much as may be: %d bytes %+v", len(o.Text), o.Faults)
	}
	_, err := Open(recipe{text: make([]byte, maxText+1), deflate: true}.seal(t), &testKey(t).PublicKey)
	if err == nil || !strings.Contains(err.Error(), "more than 1 MiB") {
		t.Errorf("too much: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := recipe{text: []byte(line)}.seal(t)
	data := make([]byte, 258)
	id, number := der(0x06, derSeal), der(0x02, []byte{2})
	keys := func(n int) []byte { return der(0x60, bytes.Repeat(der(0x04, aes1), n)) }
	nested := der(0x04, aes1)
	for range 20 {
		nested = der(0x60, nested)
	}
	for _, c := range []struct {
		name    string
		encoded []byte
		want    string
	}{
		{"nothing", nil, "no DER sequence"},
		{"text", []byte(line), "no DER sequence"},
		{"cut off", good[:len(good)-1], "no DER sequence"},
		{"bytes behind", append(bytes.Clone(good), 1), "no DER sequence"},
		{"an empty sequence", der(0x30), "does not begin with the identifier"},
		{"another identifier", der(0x30, der(0x06, derPlain), number), "does not begin with the identifier"},
		{"version 1", der(0x30, id, der(0x02, []byte{1})), "not version 2"},
		{"no header", der(0x30, id, number, der(0x04, data)), "0 AES keys"},
		{"two keys", der(0x30, id, number, keys(2), der(0x04, data)), "2 AES keys"},
		{"four keys", der(0x30, id, number, keys(4), der(0x04, data)), "4 AES keys"},
		{"many keys", der(0x30, id, number, keys(1000), der(0x04, data)), "too many elements"},
		{"deep header", der(0x30, id, number, nested, der(0x04, data)), "too many elements"},
		{"torn header", der(0x30, id, number, der(0x60, []byte{4, 9}), der(0x04, data)), "the header cannot be read"},
		{"bytes instead of an element", der(0x30, id, number, keys(3), []byte{4, 9}), "cannot be read to its end"},
		{"no data", der(0x30, id, number, keys(3)), "whole units of 256"},
		{"data of two bytes", der(0x30, id, number, keys(3), der(0x04, data[:2])), "whole units of 256"},
		{"a byte too many", der(0x30, id, number, keys(3), der(0x04, make([]byte, 259))), "whole units of 256"},
		{"too large", make([]byte, maxEncoded+1), "more than 1048576"},
	} {
		if _, err := Open(c.encoded, &testKey(t).PublicKey); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestKeys(t *testing.T) {
	key := testKey(t).PublicKey
	if got, err := ParseKey(spki(t, &key)); err != nil || !got.Equal(&key) {
		t.Errorf("%v %v", got, err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseKey(spki(t, &curve.PublicKey)); err == nil || !strings.Contains(err.Error(), "no RSA key") {
		t.Errorf("key of a curve: %v", err)
	}
	if _, err := ParseKey([]byte("key")); err == nil || !strings.Contains(err.Error(), "no SubjectPublicKeyInfo") {
		t.Errorf("no key: %v", err)
	}
	bits := func(n uint) *big.Int { return new(big.Int).SetBit(big.NewInt(1), int(n-1), 1) }
	for _, c := range []struct {
		name string
		key  *rsa.PublicKey
		want string
	}{
		{"none", nil, "missing"},
		{"no modulus", &rsa.PublicKey{E: 3}, "missing"},
		{"small", &rsa.PublicKey{N: bits(1023), E: 65537}, "1023 bits"},
		{"large", &rsa.PublicKey{N: bits(4097), E: 65537}, "4097 bits"},
		{"exponent 1", &rsa.PublicKey{N: bits(2048), E: 1}, "degenerate"},
		{"even", &rsa.PublicKey{N: new(big.Int).SetBit(bits(2048), 0, 0), E: 3}, "degenerate"},
		{"negative", &rsa.PublicKey{N: new(big.Int).Neg(bits(2048)), E: 3}, "degenerate"},
	} {
		if _, err := Open(nil, c.key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// FuzzOpen: nothing panics, no text is longer than its bounds, and the input is left alone.
func FuzzOpen(f *testing.F) {
	key := &testKey(f).PublicKey
	f.Add(recipe{text: []byte(line)}.seal(f))
	f.Add(recipe{text: []byte(strings.Repeat(line, 5)), deflate: true}.seal(f))
	f.Add(box(true, binary.BigEndian.AppendUint32(make([]byte, 510), 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		o, err := Open(b, key)
		if !bytes.Equal(before, b) {
			t.Fatal("the input was changed")
		}
		if len(o.Text) > maxText || err != nil && (o.Text != nil || o.Faults != nil) {
			t.Fatalf("%d bytes, %v, %v", len(o.Text), o.Faults, err)
		}
	})
}
