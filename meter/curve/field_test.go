package curve

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// ourFields returns both fields of every curve calculated here.
func ourFields(t testing.TB) map[string]*field {
	fields := make(map[string]*field)
	for _, c := range ownReferences() {
		g := c.group(t)
		fields[c.Name()+" coordinates"], fields[c.Name()+" scalars"] = &g.p, &g.n
	}
	return fields
}

// below draws a number below limit, often one of the ends.
func below(limit *big.Int) *rapid.Generator[*big.Int] {
	return rapid.Custom(func(t *rapid.T) *big.Int {
		n := new(big.Int)
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			n.SetInt64(int64(rapid.IntRange(0, 3).Draw(t, "small")))
		case 1:
			n.Sub(limit, big.NewInt(int64(rapid.IntRange(1, 3).Draw(t, "from the top"))))
		case 2: // limbs of ones and zeros
			for range limit.BitLen() / 64 {
				n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(-uint64(rapid.IntRange(0, 1).Draw(t, "limb"))))
			}
		default:
			size := (limit.BitLen() + 7) / 8
			n.SetBytes(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "bytes"))
		}
		return n.Mod(n, limit)
	})
}

func TestField(t *testing.T) {
	for name, f := range ourFields(t) {
		p := f.p.number()
		r := new(big.Int).Lsh(big.NewInt(1), uint(64*f.limbs))
		rInverse := new(big.Int).ModInverse(r, p)
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			a, b, any := below(p).Draw(t, "a"), below(p).Draw(t, "b"), below(r).Draw(t, "any below R")
			x, y, unreduced := elementOf(a), elementOf(b), elementOf(any)
			check := func(what string, got *element, want *big.Int) {
				t.Helper()
				if want.Mod(want, p); got.number().Cmp(want) != 0 {
					t.Fatalf("%s: got %x, want %x", what, got.number(), want)
				}
			}
			montgomery := func(a, b *big.Int) *big.Int {
				product := new(big.Int).Mul(a, b)
				return product.Mul(product, rInverse)
			}
			var z element
			f.mul(&z, &x, &y)
			check("product", &z, montgomery(a, b))
			f.mul(&z, &unreduced, &y)
			check("product of a number below R", &z, montgomery(any, b))
			f.mul(&z, &y, &unreduced)
			check("product by a number below R", &z, montgomery(any, b))
			f.sqr(&z, &x)
			check("square", &z, montgomery(a, a))
			f.add(&z, &x, &y)
			check("sum", &z, new(big.Int).Add(a, b))
			f.sub(&z, &x, &y)
			check("difference", &z, new(big.Int).Sub(a, b))

			z = x
			f.mul(&z, &z, &z)
			check("square in place", &z, montgomery(a, a))
			z = y
			f.sub(&z, &x, &z)
			check("difference in place", &z, new(big.Int).Sub(a, b))
			z = x
			f.add(&z, &z, &z)
			check("sum in place", &z, new(big.Int).Add(a, a))
		}))
	}
}

func TestInverse(t *testing.T) {
	for name, f := range ourFields(t) {
		p := f.p.number()
		rr := f.rr.number()
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			a := below(p).Draw(t, "a")
			z := elementOf(a)
			f.inv(&z, &z)
			want := new(big.Int)
			if a.Sign() > 0 { // (aR⁻¹)⁻¹R = a⁻¹R²
				want.ModInverse(a, p)
				want.Mul(want, rr).Mod(want, p)
			}
			if z.number().Cmp(want) != 0 {
				t.Fatalf("got %x, want %x", z.number(), want)
			}
		}))
	}
}

func TestParseElement(t *testing.T) {
	long := make([]byte, 60)
	long[59] = 7
	tests := []struct {
		name string
		in   []byte
		want element
		ok   bool
	}{
		{"nothing", nil, element{}, true},
		{"one byte", []byte{5}, element{5}, true},
		{"nine bytes", []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, element{0x0203040506070809, 1}, true},
		{"leading zeros", long, element{7}, true},
		{"385 bits", append([]byte{1}, make([]byte, 48)...), element{}, false},
	}
	for _, tt := range tests {
		if got, ok := parseElement(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("%s: parseElement(%x) = %v, %t, want %v, %t", tt.name, tt.in, got, ok, tt.want, tt.ok)
		}
	}
}
