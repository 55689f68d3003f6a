package curve

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
)

func TestCurves(t *testing.T) {
	tests := []struct {
		name      string
		aliases   []string
		oid       asn1.ObjectIdentifier
		size      int
		orderSize int
	}{
		{"secp192r1", []string{"SECP192R1", "prime192v1", "NIST P-192"}, asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 1}, 24, 24},
		{"secp192k1", nil, asn1.ObjectIdentifier{1, 3, 132, 0, 31}, 24, 24},
		{"secp224k1", nil, asn1.ObjectIdentifier{1, 3, 132, 0, 32}, 28, 29},
		{"secp256r1", []string{"prime256v1", "nist p-256", "P-256"}, asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, 32, 32},
		{"secp256k1", nil, asn1.ObjectIdentifier{1, 3, 132, 0, 10}, 32, 32},
		{"brainpoolP256r1", []string{"brainpool256r1", "BRAINPOOLP256R1"}, asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 7}, 32, 32},
		{"secp384r1", []string{"prime384v1", "NIST P-384"}, asn1.ObjectIdentifier{1, 3, 132, 0, 34}, 48, 48},
		{"brainpoolP384r1", []string{"brainpool384r1"}, asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 11}, 48, 48},
		{"secp521r1", []string{"NIST P-521"}, asn1.ObjectIdentifier{1, 3, 132, 0, 35}, 66, 66},
	}
	if len(All()) != len(tests) {
		t.Errorf("%d curves, want %d", len(All()), len(tests))
	}
	for i, tt := range tests {
		c := Named(tt.name)
		if c == nil || c != All()[i] || c.Name() != tt.name || c.Size() != tt.size || c.OrderSize() != tt.orderSize {
			t.Errorf("Named(%q) = %+v", tt.name, c)
			continue
		}
		for _, alias := range tt.aliases {
			if Named(alias) != c {
				t.Errorf("%s is not called %s", tt.name, alias)
			}
		}
		der, err := asn1.Marshal(tt.oid)
		if err != nil {
			t.Fatal(err)
		}
		if WithOID(der[2:]) != c || !bytes.Equal(c.OID(), der[2:]) {
			t.Errorf("%s does not have the object identifier %s", tt.name, tt.oid)
		}
	}
	if Named("secp160r1") != nil || Named("") != nil || WithOID([]byte{1}) != nil || WithOID(nil) != nil {
		t.Error("an unknown curve is found")
	}
}

// TestCopies changes what the package gives away.
func TestCopies(t *testing.T) {
	for i, c := range All() {
		n := c.Order()
		want := new(big.Int).Set(n)
		n.SetInt64(1)
		c.OID()[0] = 0
		All()[i] = nil
		k, err := c.Key(c.BaseMult([]byte{7}))
		if err != nil {
			t.Fatal(err)
		}
		k.Bytes()[1] ^= 1
		if c.Order().Cmp(want) != 0 || c.OID()[0] == 0 || All()[i] != c || !bytes.Equal(k.Bytes(), c.BaseMult([]byte{7})) {
			t.Errorf("%s can be changed from outside", c.Name())
		}
	}
}

// squeezed writes a point as 02 or 03 and X.
func (c *reference) squeezed(q *spot) []byte {
	b := append([]byte{2 + byte(q.y.Bit(0))}, make([]byte, c.Size())...)
	q.x.FillBytes(b[1:])
	return b
}

func TestKey(t *testing.T) {
	for _, c := range references() {
		size := c.Size()
		q := c.mul(big.NewInt(31), c.g)
		full := c.bytes(q)
		changed := func(at int, to byte) []byte {
			b := bytes.Clone(full)
			b[at] = to
			return b
		}
		noRoot := new(big.Int)
		for new(big.Int).ModSqrt(c.square(noRoot), c.p) != nil {
			noRoot.Add(noRoot, big.NewInt(1))
		}
		small := c.spotWithX(big.NewInt(1))
		beyond := &spot{new(big.Int).Add(small.x, c.p), small.y} // a coordinate that is not below the prime
		type test struct {
			name  string
			point []byte
			want  *spot
			err   error
		}
		tests := []test{
			{"uncompressed", full, q, nil},
			{"compressed", c.squeezed(q), q, nil},
			{"the negative", c.squeezed(c.negative(q)), c.negative(q), nil},
			{"empty", nil, nil, ErrForm},
			{"infinity", []byte{0}, nil, ErrInfinity},
			{"zeros", append([]byte{4}, make([]byte, 2*size)...), nil, ErrInfinity},
			{"other zeros", make([]byte, 1+2*size), nil, ErrForm},
			{"bare", full[1:], nil, ErrForm},
			{"too short", full[:2*size], nil, ErrForm},
			{"too long", append(bytes.Clone(full), 0), nil, ErrForm},
			{"hybrid", changed(0, 6+byte(q.y.Bit(0))), nil, ErrForm},
			{"compressed by name only", changed(0, 2), nil, ErrForm},
			{"uncompressed by name only", append([]byte{4}, full[1:1+size]...), nil, ErrForm},
			{"another y", changed(2*size, full[2*size]^1), nil, ErrOffCurve},
			{"another x", changed(size, full[size]^1), nil, ErrOffCurve},
			{"no square", c.squeezed(&spot{noRoot, big.NewInt(1)}), nil, ErrOffCurve},
		}
		if beyond.x.BitLen() <= 8*size {
			tests = append(tests,
				test{"x beyond the prime", c.bytes(beyond), nil, ErrOffCurve},
				test{"compressed x beyond the prime", c.squeezed(beyond), nil, ErrOffCurve})
		}
		for i := range int64(40) {
			q := c.mul(big.NewInt(100+i), c.g)
			if y := new(big.Int).Add(q.y, c.p); y.BitLen() <= 8*size { // the primes of others leave no room for it
				tests = append(tests, test{"y beyond the prime", c.bytes(&spot{q.x, y}), nil, ErrOffCurve})
			}
		}
		for _, tt := range tests {
			k, err := c.Key(tt.point)
			if !errors.Is(err, tt.err) || (k != nil) != (tt.want != nil) {
				t.Errorf("%s: %s: Key(%x) = %v, %v, want error %v", c.Name(), tt.name, tt.point, k, err, tt.err)
				continue
			}
			if k != nil && (!bytes.Equal(k.Bytes(), c.bytes(tt.want)) || k.Curve() != c.Curve) {
				t.Errorf("%s: %s: got %s %x, want %x", c.Name(), tt.name, k.Curve().Name(), k.Bytes(), c.bytes(tt.want))
			}
		}
	}
}

// TestKeyKeepsNothing changes the bytes a key was read from.
func TestKeyKeepsNothing(t *testing.T) {
	for _, c := range All() {
		point := c.BaseMult([]byte{3})
		k, err := c.Key(point)
		if err != nil {
			t.Fatal(err)
		}
		clear(point)
		if !bytes.Equal(k.Bytes(), c.BaseMult([]byte{3})) {
			t.Errorf("%s: the key changes with the bytes it was read from", c.Name())
		}
	}
}
