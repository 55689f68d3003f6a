package invoicing

import (
	"fmt"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/meter"
	"wattdue/money"
	"wattdue/rating"
)

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func issuer() Issuer {
	return Issuer{
		Name:    "Stadtstrom Beispiel GmbH",
		Address: customer.Address{Street: "Werkstraße 1", PostalCode: "50667", City: "Köln", Country: "DE"},
		VATID:   "DE123456789", TaxNo: "215/5800/0001", IBAN: "DE89370400440532013000",
		CreditorID: "DE98ZZZ09999999999", ProofURL: "https://beispiel.example/nachweis",
	}
}

// charge returns a gross charge in Germany, started at noon in summer time on a date, with one energy line.
func charge(id string, supplied string, minor int64) Charge {
	return Charge{
		ID: ident.Derive("charge", id), Key: cdr.Key{Country: "DE", Party: "ABC", ID: id}, SessionID: "S-" + id,
		Start: supplied + "T12:00:00+02:00", End: supplied + "T12:40:00+02:00",
		BillingDate: day(supplied), SupplyDate: day(supplied), TaxCountry: "DE",
		EVSEID: "DE*ABC*E1234*1", Place: "Parkhaus Dom, Köln", TokenShort: "D5E6", Energy: 10_500_000,
		Verdict: meter.Verdict{
			Word: meter.Valid, MeterID: "1EMH0001", KeyHash: "ab12",
			Begin: meter.Reading{Value: 1_000_000_000}, End: meter.Reading{Value: 1_010_500_000},
		},
		Basis: BasisValid,
		Rated: rating.Rated{
			Tariff: "home", Version: 1, Currency: money.EUR, Mode: rating.Gross, Total: minor,
			Lines: []rating.Line{{Component: rating.Energy, Quantity: 10_500_000, Unit: 490_000, Amount: minor, VATCode: StandardRate}},
		},
	}
}

// with returns the charge with its lines replaced by the given components and amounts.
func (c Charge) with(lines ...rating.Line) Charge {
	c.Rated.Lines, c.Rated.Total = lines, 0
	for _, l := range lines {
		c.Rated.Total += l.Amount
	}
	return c
}

func line(component rating.Component, quantity int64, unit money.Price, amount int64) rating.Line {
	return rating.Line{Component: component, Quantity: quantity, Unit: unit, Amount: amount, VATCode: StandardRate}
}

func settlement(charges ...Charge) Settlement {
	return Settlement{
		Tenant: "t1", Series: "invoice",
		Contract: customer.Contract{
			No: "V-1001", PartyNo: "K-1001", EMAID: "DE-WAT-C00001001-A", Payment: customer.DirectDebit, PaymentDays: 14,
			ZoneLocation: time.UTC, From: day("2026-01-01"),
		},
		Recipient: ident.Derive("snapshot", "K-1001"),
		Issuer:    issuer(),
		Period:    calendar.Period{First: day("2026-10-01"), Next: day("2026-11-01")},
		IssuedOn:  day("2026-11-03"),
		Mandate: customer.Mandate{
			Reference: "M-1001", ContractNo: "V-1001", Scheme: "CORE", SignedOn: day("2026-01-02"),
			DebtorName: "Erika Muster", IBAN: "DE02120300000000202051",
		},
		CollectOn: day("2026-11-18"),
		Charges:   charges,
		Engine:    "1",
	}
}

func build(t testing.TB, s Settlement) Document {
	t.Helper()
	d, err := Build(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// october is the settlement of the golden file: two sessions of two lines.
//
//	10.500 kWh x 0.49 =  5.145, rounded 5.15; start fee 1.00     6.15
//	20.000 kWh x 0.49 =  9.80; 20 min x 0.10 = 2.00             11.80
//	gross 17.95; tax 17.95 x 19/119 = 2.866, rounded 2.87; net 15.08
func october() Settlement {
	a := charge("a", "2026-10-03", 0).with(line(rating.Energy, 10_500_000, 490_000, 515), line(rating.PerUse, 1, 1_000_000, 100))
	b := charge("b", "2026-10-20", 0).with(line(rating.Energy, 20_000_000, 490_000, 980), line(rating.Idle, 1200, 100_000, 200))
	b.Energy = 20_000_000
	b.Verdict = meter.Verdict{Word: meter.KeyMissing}
	b.Basis = BasisNotRequired
	return settlement(a, b)
}

func charges(n int, supplied string, minor int64) []Charge {
	var cs []Charge
	for i := range n {
		cs = append(cs, charge(fmt.Sprintf("%03d", i), supplied, minor))
	}
	return cs
}
