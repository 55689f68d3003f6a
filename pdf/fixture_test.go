package pdf

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/rating"
)

// Two documents carry most tests: a private customer with three sessions and direct debit, worked out by hand, and
// a company with 45 sessions, long names and two tax rates, paid on account.

func testIssuer() invoicing.Issuer {
	return invoicing.Issuer{
		Name:    "Stromweg Mobilität GmbH",
		Address: customer.Address{Street: "Rheinuferstraße 12", PostalCode: "50667", City: "Köln", Country: "DE"},
		Email:   "rechnung@stromweg.example", Phone: "+49 221 5550 100", Web: "www.stromweg.example",
		VATID: "DE123456789", TaxNo: "215/5900/1234", Register: "Amtsgericht Köln, HRB 98765",
		Directors: "Dr. Änne Öztürk, Jörg Weiß",
		IBAN:      "DE89370400440532013000", BIC: "COBADEFFXXX", Bank: "Commerzbank Köln",
		CreditorID: "DE98ZZZ09999999999", ProofURL: "https://stromweg.example/nachweis/7f3k-29xq",
	}
}

func privateCustomer() Recipient {
	return Recipient{
		Name:    "Jürgen Groß",
		Address: customer.Address{Street: "Südwall 7 b", PostalCode: "47798", City: "Krefeld", Country: "DE"},
	}
}

func energyLine(microKWh int64, unit money.Price, cents int64) invoicing.Line {
	return invoicing.Line{
		Component: rating.Energy, Quantity: microKWh, Unit: unit, Amount: cents,
		Country: "DE", VATCode: "DE-S", Category: "S", Rate: 190_000,
	}
}

func otherLine(c rating.Component, quantity int64, unit money.Price, cents int64) invoicing.Line {
	l := energyLine(quantity, unit, cents)
	l.Component = c
	return l
}

func threeSessions() invoicing.Document {
	return invoicing.Document{
		ID: ident.Derive("document", "three"), Kind: invoicing.ContractSettlement, Series: "RE",
		Number: "RE-2026-0000001", IssuedOn: calendar.NewDate(2026, time.November, 4), Issuer: testIssuer(),
		Registered: "DE", CustomerNo: "K-100234", ContractNo: "V-2024-0815", EMAID: "DE-SWM-C00A1B2C3-4",
		Period:   calendar.NewDate(2026, time.October, 1).MonthOf(),
		Currency: money.EUR, Mode: rating.Gross,
		Sessions: []invoicing.SessionLines{
			{
				SessionID: "5f0c6f9e-3b0a-4f7e-9a51-0d5cbb1f7a01", Start: "2026-10-01T08:15:12+02:00", End: "2026-10-01T09:02:40+02:00",
				EVSEID: "DE*SWM*E1001*1", Place: "Parkhaus Am Markt, Köln", Token: "A1B2", Energy: 12_345_000,
				MeterID: "1EMH0012345678", MeterBegin: 1_234_567_000, MeterEnd: 1_246_912_000, Measured: true, Basis: invoicing.BasisValid,
				Lines: []invoicing.Line{energyLine(12_345_000, 490_000, 605)}, Total: 605,
			},
			{
				SessionID: "CDR-000982", Start: "2026-10-14T23:20:00+02:00", End: "2026-10-15T01:55:00+02:00",
				EVSEID: "DE*SWM*E2044*2", Place: "Ladepark Süd, Düsseldorf", Token: "A1B2", Energy: 31_870_000,
				MeterID: "1EMH0012349999", MeterBegin: 88_000_000, MeterEnd: 119_870_000, Measured: true, Basis: invoicing.BasisValid,
				Lines: []invoicing.Line{
					energyLine(31_870_000, 490_000, 1562), otherLine(rating.Idle, 2_100, 100_000, 350),
				}, Total: 1912,
			},
			{
				// The night the clocks go back: by the clock the end lies before the start.
				SessionID: "CDR-001377", Start: "2026-10-25T02:40:00+02:00", End: "2026-10-25T02:20:00+01:00",
				EVSEID: "DE*SWM*E0007*1", Place: "Autohof A3, Leverkusen", Token: "A1B2", Energy: 48_200_000,
				MeterID: "1EMH0012340007", MeterBegin: 20_410_113_000, MeterEnd: 20_458_313_000, Measured: true, Basis: invoicing.BasisValid,
				Lines: []invoicing.Line{
					energyLine(48_200_000, 590_000, 2844), otherLine(rating.PerUse, 1, 350_000, 35),
				}, Total: 2879,
			},
		},
		// 53.96 * 19 / 119 = 8.6155
		VAT: []invoicing.VATGroup{{Country: "DE", Category: "S", Rate: 190_000, Net: 4534, Tax: 862, Gross: 5396}},
		Net: 4534, Tax: 862, Gross: 5396,
		Payment: invoicing.Payment{
			Method: customer.DirectDebit, DueOn: calendar.NewDate(2026, time.November, 18),
			CollectOn: calendar.NewDate(2026, time.November, 18), Mandate: "M-2024-0815-01", CreditorID: "DE98ZZZ09999999999",
			DebtorIBAN: "DE12 **** **** **** **34 56",
		},
	}
}

func company() Recipient {
	return Recipient{
		Name:    "Überlandspedition Müller-Lüdenscheidt & Söhne Internationale Transporte GmbH & Co. KG",
		Company: true, VATID: "DE811234567",
		Address: customer.Address{Street: "Straße des 17. Juni 135 – Hinterhaus, Aufgang C", PostalCode: "10623", City: "Berlin", Country: "DE"},
	}
}

// manySessions is a net-mode document with n sessions of 20 kWh and more at two rates. The amounts are made by the
// rule a clerk would use: quantity times price, half up to cents.
func manySessions(n int) invoicing.Document {
	d := threeSessions()
	d.Number, d.Mode, d.Sessions = "RE-2026-0004711", rating.Net, nil
	d.CustomerNo, d.ContractNo, d.EMAID = "K-200001", "V-FLOTTE-2025-000017", "DE-SWM-C0FLEET01-7"
	d.Payment = invoicing.Payment{Method: customer.OnAccount, DueOn: calendar.NewDate(2026, time.November, 18)}
	places := []string{
		"Schnellladepark Garching-Hochbrück, München", "Tiefgarage Königstraße, Stuttgart",
		"Rasthof Lüneburger Heide Ost (A7), Bispingen-Evendorf in der Gemeinde Egestorf", "Stadtwerke-Kundenzentrum, Fürth",
	}
	sums := map[string]int64{}
	start := time.Date(2026, 10, 1, 6, 5, 0, 0, time.FixedZone("", 7200))
	register := int64(912_000_000)
	for i := range n {
		kWh := int64(20_000_000 + (i*7_919_000)%43_000_000)
		s := invoicing.SessionLines{
			SessionID: ident.Derive("session", fmt.Sprint(i)).String(),
			Start:     start.Format(time.RFC3339), End: start.Add(time.Duration(25+i) * time.Minute).Format(time.RFC3339),
			EVSEID: fmt.Sprintf("DE*SWM*E%04d*%d", 1000+i%17, 1+i%2), Place: places[i%len(places)], Token: fmt.Sprintf("%04X", 0xA000+i%5),
			Energy: cdr.MicroKWh(kWh), MeterID: fmt.Sprintf("1EMH00%08d", 7_000_000+i%17), Measured: true, Basis: invoicing.BasisValid,
			MeterBegin: cdr.MicroKWh(register), MeterEnd: cdr.MicroKWh(register + kWh),
		}
		register += kWh + 1_000_000
		start = start.Add(16 * time.Hour)
		s.Lines = []invoicing.Line{energyLine(kWh, 411_765, (kWh/1000*411_765+5_000_000)/10_000_000)}
		if i%3 == 0 {
			s.Lines = append(s.Lines, otherLine(rating.Idle, int64(600+30*i), 84_034, (int64(600+30*i)*84_034/60+5_000)/10_000))
		}
		if i%9 == 5 {
			s.Measured, s.Basis, s.MeterBegin, s.MeterEnd = false, invoicing.BasisNotRequired, 0, 0
			s.Lines = append(s.Lines, otherLine(rating.PerUse, 1, 294_118, 29))
			for k := range s.Lines {
				s.Lines[k].Country, s.Lines[k].VATCode, s.Lines[k].Rate = "AT", "AT-S", 200_000
			}
		}
		for _, l := range s.Lines {
			s.Total += l.Amount
			sums[l.Country] += l.Amount
		}
		d.Sessions = append(d.Sessions, s)
	}
	d.VAT, d.Net, d.Tax, d.Gross = nil, 0, 0, 0
	for _, g := range []invoicing.VATGroup{{Country: "AT", Rate: 200_000}, {Country: "DE", Rate: 190_000}} {
		if sums[g.Country] == 0 {
			continue
		}
		g.Category, g.Net = "S", sums[g.Country]
		g.Tax = (g.Net*int64(g.Rate) + 500_000) / 1_000_000
		g.Gross = g.Net + g.Tax
		d.VAT = append(d.VAT, g)
		d.Net, d.Tax, d.Gross = d.Net+g.Net, d.Tax+g.Tax, d.Gross+g.Gross
	}
	return d
}

var sharedRenderer = sync.OnceValues(New)

func testRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := sharedRenderer()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func render(t testing.TB, d invoicing.Document, to Recipient) []byte {
	t.Helper()
	out, err := testRenderer(t).Render(d, to)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
