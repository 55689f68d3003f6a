package curve

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// kept returns a point as the group keeps it.
func (c *reference) kept(t testing.TB, q *spot) affine {
	t.Helper()
	a, ok := c.group(t).point(c.bytes(q))
	if !ok {
		t.Fatalf("%s: %x is not on the curve", c.Name(), c.bytes(q))
	}
	return a
}

// jacobian returns a point as the group keeps it, with the given z.
func (c *reference) jacobian(t testing.TB, q *spot, z *element) jacobian {
	t.Helper()
	if q == nil {
		return jacobian{x: *z, y: *z} // whatever stands beside z = 0
	}
	a, f := c.kept(t, q), &c.group(t).p
	p := jacobian{z: *z}
	f.sqr(&p.x, z)
	f.mul(&p.y, &p.x, z)
	f.mul(&p.x, &p.x, &a.x)
	f.mul(&p.y, &p.y, &a.y)
	return p
}

// expect compares a point with the one the reference has.
func (c *reference) expect(t testing.TB, what string, p *jacobian, want *spot) {
	t.Helper()
	if p.isInfinity() || want == nil {
		if !p.isInfinity() || want != nil {
			t.Fatalf("%s: %s is infinity: %t, want %t", c.Name(), what, p.isInfinity(), want == nil)
		}
		return
	}
	var got [1]affine
	c.group(t).normalize(got[:], []jacobian{*p})
	if a := c.kept(t, want); got[0] != a {
		t.Fatalf("%s: %s: got %x, want %x", c.Name(), what, c.group(t).encode(&got[0]), c.bytes(want))
	}
}

func TestPoints(t *testing.T) {
	for _, c := range ownReferences() {
		g := c.group(t)
		someX := below(c.p)
		t.Run(c.Name(), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				q := c.spotWithX(someX.Draw(rt, "x"))
				r := c.spotWithX(someX.Draw(rt, "other x"))
				zNumber := someX.Draw(rt, "z")
				zNumber.Add(zNumber, big.NewInt(1)).Mod(zNumber, c.p)
				if zNumber.Sign() == 0 {
					zNumber.SetInt64(1)
				}
				z := elementOf(zNumber)

				p := c.jacobian(t, q, &z)
				g.double(&p)
				c.expect(t, "2q", &p, c.add(q, q))

				a := c.kept(t, q)
				for what, other := range map[string]*spot{
					"r+q": r, "q+q": q, "-q+q": c.negative(q), "infinity+q": nil, "2q+q": c.add(q, q),
				} {
					p := c.jacobian(t, other, &z)
					if other == nil {
						p.z = element{}
					}
					g.add(&p, &a)
					c.expect(t, what, &p, c.add(other, q))
				}
			})
			infinity := jacobian{x: g.p.one, y: g.p.one}
			g.double(&infinity)
			c.expect(t, "twice infinity", &infinity, nil)
		})
	}
}

// TestTables compares every tabled multiple.
func TestTables(t *testing.T) {
	for _, c := range ownReferences() {
		g := c.group(t)
		q := c.mul(big.NewInt(0x5eed), c.g)
		point := c.kept(t, q)
		for _, tt := range []struct {
			name  string
			table *table
			point *spot
		}{
			{"base point", g.base, c.g},
			{"key", g.newTable(&point, keyRows, keyWidth), q},
			{"one row", g.newTable(&point, 1, 2), q},
		} {
			row := 1 << (tt.table.width - 2)
			first := tt.point
			for at := 0; at < len(tt.table.rows); at += row {
				step, want := c.add(first, first), first
				for i := range row {
					if got := tt.table.rows[at+i]; got != c.kept(t, want) {
						t.Fatalf("%s: %s: wrong point %d of the row from %d", c.Name(), tt.name, i, at)
					}
					want = c.add(want, step)
				}
				for range tt.table.span {
					first = c.add(first, first)
				}
			}
		}
	}
}

func TestRecode(t *testing.T) {
	for _, c := range ownReferences() {
		g := c.group(t)
		t.Run(c.Name(), rapid.MakeCheck(func(t *rapid.T) {
			n := below(c.n).Draw(t, "scalar")
			width := rapid.IntRange(2, 8).Draw(t, "width")
			scalar := elementOf(n)
			tm := term{table: &table{width: width}}
			tm.recode(&scalar, g.digits())

			sum, free := new(big.Int), 0
			for i := len(tm.digits) - 1; i >= 0; i-- {
				d := int(tm.digits[i])
				sum.Lsh(sum, 1).Add(sum, big.NewInt(int64(d)))
				if d == 0 {
					continue
				}
				if d&1 == 0 || d >= 1<<(width-1) || d <= -1<<(width-1) || i >= g.digits() {
					t.Fatalf("digit %d at place %d, width %d", d, i, width)
				}
			}
			for i, d := range tm.digits {
				if d != 0 {
					if i < free {
						t.Fatalf("digits at place %d and less than %d before", i, width)
					}
					free = i + width
				}
			}
			if sum.Cmp(n) != 0 {
				t.Fatalf("digits make %x, want %x", sum, n)
			}
		}))
	}
}

func TestBaseMult(t *testing.T) {
	for _, c := range references() {
		for _, k := range []*big.Int{
			big.NewInt(1), big.NewInt(2), big.NewInt(3), big.NewInt(1 << 40),
			new(big.Int).Sub(c.n, big.NewInt(1)), new(big.Int).Add(c.n, big.NewInt(5)), new(big.Int).Lsh(c.n, 9), new(big.Int),
			new(big.Int).Rsh(c.n, 1),
		} {
			var want []byte
			if q := c.mul(k, c.g); q != nil {
				want = c.bytes(q)
			}
			if got := c.BaseMult(k.Bytes()); string(got) != string(want) {
				t.Errorf("%s: %x times the base point is %x, want %x", c.Name(), k, got, want)
			}
		}
	}
}
