package cdr

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMicroKWh(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
		ok   bool
	}{
		{"0", 0, true},
		{"11.078", 11_078_000, true},
		{"0.2597", 259_700, true},
		{"0.000001", 1, true},
		{"10", 10_000_000, true},
		{"0.0000004", 0, true},
		{"0.0000005", 1, true}, // half away from zero
		{"0.00000049999999", 0, true},
		{"1.23456749", 1_234_567, true},
		{"1.2345675", 1_234_568, true},
		{"-1.2345675", -1_234_568, true},
		{"1e-6", 1, true},
		{"5E-7", 1, true},
		{"4e-7", 0, true},
		{"1.0E-4", 100, true},
		{"1.5e+3", 1_500_000_000, true},
		{"0e999999", 0, true},
		{"1e-999999", 0, true},
		{"0.00001e5", 1_000_000, true},
		{"9223372036853", 9223372036853_000_000, true},
		{"9223372036855", 0, false},
		{"1e13", 0, false},
		{"1e99999999999999999999", 0, false},
	} {
		d, ok := parseDecimal([]byte(c.text))
		if !ok {
			t.Errorf("%s: not read", c.text)
			continue
		}
		if got, ok := d.micro(); got != c.want || ok != c.ok {
			t.Errorf("%s: got %d %v, want %d %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestHoursSnapToSeconds(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
	}{
		{"0", 0},
		{"1", 3600},
		{"1.973", 7103},        // 7102.8
		{"0.1667", 600},        // 600.12
		{"0.16667", 600},       // 600.012
		{"0.1666", 600},        // 599.76
		{"0.00125", 5},         // 4.5, half away from zero
		{"0.0001388", 0},       // 0.49968
		{"0.000138888888", 0},  // a little under half a second
		{"0.0001388888889", 1}, // a little over
		{"0.000138888888888888888888888888888", 0},
		{"0.000138888888888888888888888888889", 1},
		{"2.7777777777777777e-4", 1},
		{"8784", 31622400}, // 366 days
	} {
		d, _ := parseDecimal([]byte(c.text))
		if got, ok := d.hours(); got != c.want*time.Second || !ok {
			t.Errorf("%s h: got %s, want %s", c.text, got, c.want*time.Second)
		}
	}
	if d, _ := parseDecimal([]byte("2500001")); d.whole == nil {
		t.Error("not read")
	} else if _, ok := d.hours(); ok {
		t.Error("2,500,001 hours are accepted")
	}
}

func TestNotDecimals(t *testing.T) {
	for _, s := range []string{"", "-", "ten", "12,5", "1.", ".5", "+1", "01", "-01", "1e", "1e+", "1 ", " 1", "0x10", "NaN", "1.2.3", "1_000", "--1", "١"} {
		if _, ok := parseDecimal([]byte(s)); ok {
			t.Errorf("%q is read as a number", s)
		}
	}
}

func TestAmountsKeepTheirText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"4.50", "4.50"},
		{"-0.00", "-0.00"},
		{"12.495", "12.495"},
		{"1e1", "10"},
		{"1.25E-3", "0.00125"},
		{"-1.5e2", "-150"},
		{"1.234e2", "123.4"},
		{"0.001e2", "0.1"},
		{"0e5", "0"},
		{"1e41", ""},
		{"1e-41", ""},
		{strings.Repeat("9", 41), ""},
	} {
		d, _ := parseDecimal([]byte(c.text))
		if got, _ := d.amount([]byte(c.text)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

// TestDecimalsAgreeWithRationals checks the digit loops against exact fractions of math/big.
func TestDecimalsAgreeWithRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,25})?([eE][+-]?[0-3])?`).Draw(t, "text")
		exact, _ := new(big.Rat).SetString(text)
		d, ok := parseDecimal([]byte(text))
		if !ok {
			t.Fatalf("%s is not read", text)
		}
		micro, ok1 := d.micro()
		if want := nearest(exact, 1_000_000); ok1 && micro != want {
			t.Errorf("%s kWh: got %d, want %d", text, micro, want)
		}
		hours, ok2 := d.hours()
		if want := nearest(exact, 3600); ok2 && hours != time.Duration(want)*time.Second {
			t.Errorf("%s h: got %s, want %d s", text, hours, want)
		}
		if !ok1 {
			t.Errorf("%s kWh does not fit", text)
		}
		if plain, ok := d.amount([]byte(text)); ok {
			if back, _ := new(big.Rat).SetString(plain); back == nil || back.Cmp(exact) != 0 || strings.ContainsAny(plain, "eE") {
				t.Errorf("%s is written %s", text, plain)
			}
			if _, ok := parseDecimal([]byte(plain)); !ok {
				t.Errorf("%s is written %s, which is no number", text, plain)
			}
		}
		if d.negative() != (exact.Sign() < 0) {
			t.Errorf("%s: negative is %v", text, d.negative())
		}
	})
}

// nearest returns r times scale, rounded half away from zero.
func nearest(r *big.Rat, scale int64) int64 {
	x := new(big.Rat).Mul(new(big.Rat).Abs(r), big.NewRat(scale, 1))
	x.Add(x, big.NewRat(1, 2))
	q := new(big.Int).Div(x.Num(), x.Denom()).Int64()
	if r.Sign() < 0 {
		return -q
	}
	return q
}

func TestParseTime(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"2026-10-05T18:00:00Z", "2026-10-05T18:00:00Z"},
		{"2026-10-05T18:00:00", "2026-10-05T18:00:00Z"},
		{"2026-10-05t18:00:00z", "2026-10-05T18:00:00Z"},
		{"2026-10-05 18:00:00", "2026-10-05T18:00:00Z"},
		{"2026-10-05T18:00:00.123456789Z", "2026-10-05T18:00:00.123456Z"},
		{"2026-10-05T18:00:00.5", "2026-10-05T18:00:00.5Z"},
		{"2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"}, // the first 02:30 of that night in Berlin
		{"2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"}, // and the second
		{"2026-01-01T00:30:00+0100", "2025-12-31T23:30:00Z"},
		{"2025-12-31T20:00:00-05:30", "2026-01-01T01:30:00Z"},
		{"2028-02-29T12:00:00Z", "2028-02-29T12:00:00Z"},
	} {
		if got, ok := parseTime(c.text); !ok || got != utc(c.want) {
			t.Errorf("%s: got %s %v, want %s", c.text, got, ok, c.want)
		}
	}
	for _, s := range []string{
		"", "2026-10-05", "2026-10-05T18:00Z", "2026-10-05T24:00:00Z", "2026-02-29T12:00:00Z", "2026-13-01T12:00:00Z",
		"2026-00-01T12:00:00Z", "2026-01-00T12:00:00Z", "2026-10-05T18:60:00Z", "2026-10-05T18:00:60Z", "2026-10-05T18:00:00,5Z",
		"2026-10-05T18:00:00.Z", "2026-10-05T18:00:00ZZ", "2026-10-05T18:00:00+2:00", "2026-10-05T18:00:00+24:00", "26-10-05T18:00:00Z000",
		"2026-10-05T18:00:00 CET", "2026/10/05T18:00:00Z", "２026-10-05T18:00:00Z",
	} {
		if got, ok := parseTime(s); ok {
			t.Errorf("%q is read as %s", s, got)
		}
	}
}
