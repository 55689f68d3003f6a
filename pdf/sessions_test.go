package pdf

import (
	"slices"
	"strings"
	"testing"

	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/rating"
)

func TestPricedLineStaysOnOneLine(t *testing.T) {
	for _, c := range []struct {
		name    string
		seconds int64
		unit    money.Price
		want    string
		least   float64 // points
	}{
		{"an hour in a garage", 4_032, 20_000, "Standzeit nach Ladeende B 1 h 7 min 12 s × 0,02 €/min", 6.8},
		{"a night", 44_988, 100_000, "Standzeit nach Ladeende B 12 h 29 min 48 s × 0,10 €/min", 6.4},
		{"most of a day at a net price", 74_040, 84_034, "Standzeit nach Ladeende B 20 h 34 min × 0,084034 €/min", 6.2},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := manySessions(6) // two tax rates: the lines carry letters
			line := &d.Sessions[3].Lines[1]
			if line.Component != rating.Idle {
				t.Fatal("session 4 has no idle time")
			}
			line.Quantity, line.Unit = c.seconds, c.unit
			pieces := texts(t, render(t, d, company()))
			checkGeometry(t, pieces)
			if all := strings.Join(textLines(pieces), "\n"); !strings.Contains(all, c.want) {
				t.Errorf("%q does not stand on one line", c.want)
			}
			price := c.want[strings.Index(c.want, " B ")+3:]
			i := slices.IndexFunc(pieces, func(p placed) bool { return p.text == price })
			if i < 0 || pieces[i].size < c.least {
				t.Errorf("type of %q is smaller than %.1f points", price, c.least)
			}
		})
	}
}

func TestLineTooLongTakesTwo(t *testing.T) {
	d := threeSessions()
	line := &d.Sessions[1].Lines[1]
	line.Quantity, line.Unit = 9_000_000_000_000, 84_034
	pieces := texts(t, render(t, d, privateCustomer()))
	checkGeometry(t, pieces)
	for _, want := range []string{invoicing.ComponentDE(rating.Idle), invoicing.QuantityDE(*line) + " × 0,084034 €/min"} {
		if !slices.ContainsFunc(pieces, func(p placed) bool { return p.page == 2 && p.text == want }) {
			t.Errorf("%q is nowhere in the table", want)
		}
	}
}
