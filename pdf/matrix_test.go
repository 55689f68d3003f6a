package pdf

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/rating"
)

// penalty puts a line outside VAT.
func penalty(l invoicing.Line) invoicing.Line {
	l.VATCode, l.Category, l.Rate = invoicing.Penalty, invoicing.CategoryOutside, 0
	return l
}

func adjustment(kind rating.LineKind, c rating.Component, label string, cents int64) invoicing.Line {
	l := otherLine(c, 0, 0, cents)
	l.Kind, l.Label = kind, label
	return l
}

func rowed(l invoicing.Line, row string) invoicing.Line { l.Row = row; return l }

// matrix is a document with everything a price list can ask for, the first two sessions those of examples E6 and E9 of the
// rating rules. Sums by hand, in cents:
//
//	1: 980 + 2400 - 1200 = 2180       2: 0 + 75 + 378 = 453
//	3: 1446 + 50 - 217 = 1279         4: 29 + 71 = 100
//	5: 900 + 200 + 75 + 2122 - 40 - 1757 = 1500
//	sessions 5512, fees 322 + 1354 - 2000 = -324: together 5188
//	outside VAT 1200, taxed 3988: x 19/119 = 636.7 -> 637, net 3351
func matrix() invoicing.Document {
	d := threeSessions()
	d.Number = "RE-2026-0000815"
	session := func(id, start, end string, kWh cdr.MicroKWh, lines ...invoicing.Line) invoicing.SessionLines {
		s := d.Sessions[0]
		s.SessionID, s.Start, s.End, s.Energy, s.Lines, s.Total = id, start, end, kWh, lines, 0
		s.MeterEnd = s.MeterBegin + kWh
		for _, l := range lines {
			s.Total += l.Amount
		}
		return s
	}
	blocked := otherLine(rating.Occupancy, 14_400, 100_000, 2400)
	d.Sessions = []invoicing.SessionLines{
		session("E6", "2026-10-03T14:00:00+02:00", "2026-10-03T23:30:00+02:00", 20_000_000,
			energyLine(20_000_000, 490_000, 980), penalty(blocked), penalty(adjustment(rating.CapLine, rating.Occupancy, "", -1200))),
		session("E9", "2026-10-05T04:00:00+02:00", "2026-10-05T08:00:00+02:00", 18_400_000,
			func() invoicing.Line {
				l := energyLine(7_500_000, 0, 0)
				l.Kind, l.Label = rating.IncludedLine, "komfort"
				return l
			}(),
			rowed(energyLine(2_500_000, 300_000, 75), "nachts"), rowed(energyLine(8_400_000, 450_000, 378), "tags")),
		session("E12", "2026-10-07T12:00:00+02:00", "2026-10-07T13:00:00+02:00", 31_420_000,
			energyLine(31_420_000, 460_000, 1446), otherLine(rating.PerUse, 1, 500_000, 50),
			adjustment(rating.DiscountLine, rating.Energy, "Mitarbeiter", -217)),
		session("E17", "2026-10-08T12:00:00+02:00", "2026-10-08T12:10:00+02:00", 600_000,
			energyLine(600_000, 490_000, 29), adjustment(rating.LimitLine, "", "min", 71)),
		session("V2G", "2026-10-09T12:00:00+02:00", "2026-10-11T00:30:00+02:00", 18_000_000,
			energyLine(18_000_000, 500_000, 900), otherLine(rating.Reservation, 1, 2_000_000, 200),
			otherLine(rating.ReservationMin, 900, 50_000, 75), otherLine(rating.Idle, 127_320, 10_000, 2122),
			otherLine(rating.Export, 5_000_000, -80_000, -40), adjustment(rating.LimitLine, "", "max", -1757)),
	}
	plan := func(name string, from, until calendar.Date, monthly money.Price, cents int64) invoicing.FeeLine {
		return invoicing.FeeLine{
			Fee: ident.Derive("fee", name), Kind: invoicing.MonthlyFee, Plan: name, From: from, Until: until, SupplyDate: until.AddDays(-1),
			Monthly: monthly, Amount: cents, Country: "DE", VATCode: "standard", Category: "S", Rate: 190_000,
		}
	}
	first, change, next := calendar.NewDate(2026, time.October, 1), calendar.NewDate(2026, time.October, 11), calendar.NewDate(2026, time.November, 1)
	d.Fees = []invoicing.FeeLine{
		plan("Komfort 30", first, change, 9_990_000, 322), plan("Vielfahrer", change, next, 19_990_000, 1354), plan("STUFEN", first, next, 0, -2000),
	}
	d.Fees[2].Kind, d.Fees[2].Energy = invoicing.TrueUpFee, 320_000_000
	d.VAT = []invoicing.VATGroup{
		{Country: "DE", Category: "O", Net: 1200, Gross: 1200}, {Country: "DE", Category: "S", Rate: 190_000, Net: 3351, Tax: 637, Gross: 3988},
	}
	d.Net, d.Tax, d.Gross = 4551, 637, 5188
	return d
}

func TestMatrixOnPaper(t *testing.T) {
	pieces := texts(t, render(t, matrix(), privateCustomer()))
	checkGeometry(t, pieces)
	all := strings.Join(textLines(pieces), "\n")
	for _, want := range []string{
		// the table
		"Ladestrom B 20,000 kWh × 0,49 €/kWh 9,80 €", "Blockiergebühr A 4 h × 0,10 €/min 24,00 €",
		"Ladestrom (nachts) B 2,500 kWh × 0,30 €/kWh 0,75 €", "Ladestrom (tags) B 8,400 kWh × 0,45 €/kWh 3,78 €",
		"Reservierung B 2,00 € 2,00 €", "Reservierungszeit B 15 min × 0,05 €/min 0,75 €",
		"Standzeit nach Ladeende B 35 h 22 min × 0,01 €/min 21,22 €", "Rückspeisung B 5,000 kWh × -0,08 €/kWh -0,40 €",
		"Summe aus 5 Ladevorgängen 88,420 kWh 55,12 €",
		// the overview: 20 + 2.5 + 8.4 + 31.42 + 0.6 + 18 = 80.92 kWh for 9.80 + 0.75 + 3.78 + 14.46 + 0.29 + 9.00 = 38.08
		"Ladestrom B 80,920 kWh 38,08 €",
		"Blockiergebühr A 4 h 24,00 €", "Startgebühr B 1 × 0,50 €", "Rückspeisung B 5,000 kWh -0,40 €",
		"Grundgebühr Komfort 30, 01.10.2026 bis 10.10.2026 B 10 von 31 Tagen 3,22 €",
		"Grundgebühr Vielfahrer, 11.10.2026 bis 31.10.2026 B 21 von 31 Tagen 13,54 €",
		"Mengenausgleich STUFEN, 01.10.2026 bis 31.10.2026 B 320,000 kWh -20,00 €",
		// tax
		"A ohne USt. 12,00 € 0,00 € 12,00 €", "B Steuersatz 19 % 33,51 € 6,37 € 39,88 €",
		"A Vertragsstrafe, kein Entgelt für eine Leistung: nicht umsatzsteuerbar (§ 1 Abs. 1 Nr. 1 UStG).",
		"Nettobetrag 45,51 €\nUSt. 19 % 6,37 €\nRechnungsbetrag 51,88 €", "Alle Preise inkl. USt. · A = ohne USt. · B = 19 %",
	} {
		if n := strings.Count(all+"\n", want+"\n"); n != 1 {
			t.Errorf("%q ends %d lines, want 1", want, n)
		}
	}
	// What has no unit price reads the same in the overview and in the table.
	for _, want := range []string{
		"Ladestrom inklusive B 7,500 kWh 0,00 €", "Begrenzung Blockiergebühr A -12,00 €", "Rabatt Mitarbeiter auf Ladestrom B -2,17 €",
		"Aufschlag auf Mindestpreis B 0,71 €", "Begrenzung auf Höchstpreis B -17,57 €",
	} {
		if n := strings.Count(all+"\n", want+"\n"); n != 2 {
			t.Errorf("%q ends %d lines, want 2", want, n)
		}
	}
}

func TestDocumentOfFeesOnly(t *testing.T) {
	d := matrix()
	d.Sessions, d.Fees = nil, d.Fees[:2]
	// 3.22 + 13.54 = 16.76; x 19/119 = 2.676
	d.VAT = []invoicing.VATGroup{{Country: "DE", Category: "S", Rate: 190_000, Net: 1408, Tax: 268, Gross: 1676}}
	d.Net, d.Tax, d.Gross = 1408, 268, 1676
	pieces := texts(t, render(t, d, privateCustomer()))
	checkGeometry(t, pieces)
	all := strings.Join(textLines(pieces), "\n")
	for _, want := range []string{
		"Ladevorgänge sind nicht dabei.", "Grundgebühr Komfort 30, 01.10.2026 bis 10.10.2026 10 von 31 Tagen 3,22 €", "Rechnungsbetrag 16,76 €", "Seite 1 von 1",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, none := range []string{"Einzelnachweis", "Zählerstand", "Summe aus", "0,000 kWh"} {
		if strings.Contains(all, none) {
			t.Errorf("%q on a page without sessions", none)
		}
	}
}

func TestCitationsDoNotBreak(t *testing.T) {
	// Lengths of the date and of what stands before it move the break through the whole sentence.
	for _, width := range []float64{60, 70, 80, 90, 100, 110, 120, 130, 138.5, 140, 150} {
		f := testRenderer(t).fonts.regular
		lines := f.breakLines(invoicing.DefaultNoticeDE, 9, width)
		whole := slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "(§\u00a0286\u00a0Abs.\u00a03\u00a0BGB).") })
		if !whole {
			t.Errorf("at %.1f mm: %q", width, lines)
		}
	}
	all := strings.Join(textLines(texts(t, render(t, manySessions(2), company()))), "\n")
	if !strings.Contains(all, "(§ 286 Abs. 3 BGB).") || strings.Contains(all, "\u00a0") {
		t.Error("the citation is not in one line of ordinary blanks")
	}
}

// A contract with very many plans still has a first page, and its table goes on on the next.
func TestManyFees(t *testing.T) {
	d := matrix()
	one := d.Fees[0]
	d.Sessions, d.Fees = nil, nil
	for range 90 {
		d.Fees = append(d.Fees, one)
	}
	// 90 x 3.22 = 289.80; x 19/119 = 46.27
	d.VAT = []invoicing.VATGroup{{Country: "DE", Category: "S", Rate: 190_000, Net: 24353, Tax: 4627, Gross: 28980}}
	d.Net, d.Tax, d.Gross = 24353, 4627, 28980
	pieces := texts(t, render(t, d, privateCustomer()))
	checkGeometry(t, pieces)
	n := 0
	for _, p := range pieces {
		if strings.HasPrefix(p.text, "Grundgebühr ") {
			n++
		}
	}
	if n != 90 {
		t.Errorf("%d fees are printed, want 90", n)
	}
}
