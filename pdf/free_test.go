package pdf

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/rating"
)

// free puts lines priced at zero under a session; no sum changes by that.
func free(d *invoicing.Document, session int, lines ...invoicing.Line) {
	s := &d.Sessions[session]
	s.Lines = append(s.Lines, lines...)
}

func TestLinesPricedAtZero(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*invoicing.Document)
		want []string // each is on the page exactly once
		none []string
	}{
		{
			"beside others they are left out, in the table and in the sums",
			func(d *invoicing.Document) {
				for i := range d.Sessions {
					free(d, i, otherLine(rating.Charging, 792, 0, 0))
				}
				free(d, 0, otherLine(rating.PerUse, 1, 0, 0), otherLine(rating.Idle, 1_800, 0, 0))
			},
			[]string{
				"Ladestrom 92,415 kWh 50,11 €", "Standzeit nach Ladeende 35 min 3,50 €", "Startgebühr 1 × 0,35 €",
				"Ladestrom 12,345 kWh × 0,49 €/kWh 6,05 €", "Startgebühr 0,35 € 0,35 €",
			},
			[]string{"Ladezeit", "× 0,00", " 0,00 €"},
		},
		{
			"a price that comes to nothing stays",
			func(d *invoicing.Document) {
				free(d, 0, otherLine(rating.Charging, 900, 15_000, 0), otherLine(rating.Idle, 60, 0, 0))
			},
			[]string{"Ladezeit 15 min 0,00 €", "Ladezeit 15 min × 0,015 €/min 0,00 €"},
			[]string{"1 min × 0,00"},
		},
		{
			// 2517 * 19 / 119 = 401.87
			"a session that costs nothing says so, while the sums keep to what has a price",
			func(d *invoicing.Document) {
				s := &d.Sessions[2]
				s.Lines[0].Unit, s.Lines[0].Amount, s.Total = 0, 0, 0
				s.Lines[1].Unit, s.Lines[1].Amount = 0, 0
				d.VAT[0].Net, d.VAT[0].Tax, d.VAT[0].Gross = 2115, 402, 2517
				d.Net, d.Tax, d.Gross = 2115, 402, 2517
			},
			[]string{
				"20.410,113 48,200 kWh 0,00 €", "Ladestrom 48,200 kWh × 0,00 €/kWh 0,00 €", "Startgebühr 0,00 € 0,00 €",
				"Ladestrom 92,415 kWh 21,67 €", "Standzeit nach Ladeende 35 min 3,50 €", "Rechnungsbetrag 25,17 €",
			},
			[]string{"Startgebühr 1 ×"},
		},
		{
			"a document that costs nothing shows all of it",
			func(d *invoicing.Document) {
				d.Sessions = d.Sessions[:1]
				s := &d.Sessions[0]
				s.Lines[0].Unit, s.Lines[0].Amount, s.Total = 0, 0, 0
				free(d, 0, otherLine(rating.PerUse, 1, 0, 0))
				d.VAT[0].Net, d.VAT[0].Tax, d.VAT[0].Gross = 0, 0, 0
				d.Net, d.Tax, d.Gross = 0, 0, 0
			},
			[]string{
				"Ladestrom 12,345 kWh 0,00 €", "Startgebühr 1 × 0,00 €",
				"Ladestrom 12,345 kWh × 0,00 €/kWh 0,00 €", "Startgebühr 0,00 € 0,00 €",
			},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := threeSessions()
			c.edit(&d)
			all := strings.Join(textLines(texts(t, render(t, d, privateCustomer()))), "\n")
			for _, want := range c.want {
				if n := strings.Count(all, want); n != 1 {
					t.Errorf("%q stands %d times on the page, want once", want, n)
				}
			}
			for _, none := range c.none {
				if strings.Contains(all, none) {
					t.Errorf("%q is on the page", none)
				}
			}
		})
	}
}

// Whatever is left out, what remains adds up to the same sum, and no session is left without a line.
func TestPrintedLinesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) invoicing.Line {
			unit := rapid.SampledFrom([]money.Price{0, 0, 15_000, 490_000, -10_000}).Draw(t, "unit")
			cents := rapid.SampledFrom([]int64{0, 0, 1, 605, -20}).Draw(t, "cents")
			return otherLine(rating.Energy, 1_000_000, unit, cents)
		}), 1, 6).Draw(t, "lines")
		sum := func(lines []invoicing.Line) (total int64) {
			for _, l := range lines {
				total += l.Amount
			}
			return total
		}
		before := sum(lines)
		got := printed(lines)
		if len(got) == 0 || sum(got) != before || sum(lines) != before {
			t.Fatalf("%d of %d lines add up to %d, want %d", len(got), len(lines), sum(got), before)
		}
	})
}
