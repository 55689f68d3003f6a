package invoicing

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zone of the examples

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

// The worked examples of the rating rules, section 14, as documents. Amounts are theirs; where the document adds VAT the
// calculation stands beside it.

const (
	kWh  = cdr.MicroKWh(1_000_000)
	cent = money.Price(10_000)
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func tariffOf(rows ...rating.Row) rating.Tariff {
	return rating.Tariff{
		Code: "CITY", Version: 1, Currency: money.EUR, Mode: rating.Gross, Rows: rows,
		ValidFrom: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), ZeroBelow: kWh / 10, ZeroUnder: 2 * time.Minute,
	}
}

func bySession(t rating.Tariff) rating.Tariff {
	t.Round = rating.AtSession
	return t
}

func priced(unit money.Price, vat string) rating.Price { return rating.Price{Unit: unit, VATCode: vat} }

func row(id string, c rating.Component, p rating.Price, m rating.Moving) rating.Row {
	return rating.Row{ID: id, Moving: m, Prices: map[rating.Component]rating.Price{c: p}}
}

func flat(unit money.Price) rating.Row {
	return row("all", rating.Energy, priced(unit, StandardRate), rating.Moving{})
}

func dayNight() rating.Tariff {
	return bySession(tariffOf(
		row("night", rating.Energy, priced(30*cent, StandardRate), rating.Moving{Times: []rating.Window{{From: 22 * 60, To: 6 * 60}}}),
		row("day", rating.Energy, priced(45*cent, StandardRate), rating.Moving{})))
}

// blocking is the tariff of E6, its fee under a VAT code.
func blocking(vat string) rating.Tariff {
	return tariffOf(row("energy", rating.Energy, priced(49*cent, StandardRate), rating.Moving{}),
		row("blocking", rating.Occupancy, rating.Price{Unit: 10 * cent, VATCode: vat, Cap: 12_000_000},
			rating.Moving{Times: []rating.Window{{From: 8 * 60, To: 22 * 60}}, AfterTime: 4 * time.Hour}))
}

// during is a session between two local times.
func during(t testing.TB, from, to string, energy cdr.MicroKWh) rating.Session {
	t.Helper()
	zone := berlin(t)
	s := rating.Session{
		ID: "DE/ABC/" + from, Energy: energy, TimeZone: zone, Country: "DE", DurationUsable: true, StartTimeUsable: true, EndTimeUsable: true,
	}
	var err error
	if s.Start, err = time.ParseInLocation("2006-01-02 15:04", from, zone); err != nil {
		t.Fatal(err)
	}
	if s.End, err = time.ParseInLocation("2006-01-02 15:04", to, zone); err != nil {
		t.Fatal(err)
	}
	return s
}

// bill rates a session and makes a charge of it.
func bill(t testing.TB, c rating.Contract, tariff rating.Tariff, s rating.Session) Charge {
	t.Helper()
	compiled, err := rating.Compile(tariff)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rating.Rate(c, compiled, s)
	if err != nil {
		t.Fatal(err)
	}
	b := charge(s.ID, "2025-06-03", 0)
	b.Start, b.End = s.Start.Format(time.RFC3339), s.End.Format(time.RFC3339)
	b.BillingDate, b.SupplyDate = calendar.DateOf(s.Start, s.TimeZone), calendar.DateOf(s.End, s.TimeZone)
	b.TaxCountry, b.Energy, b.Rated = s.Country, s.Energy, r
	return b
}

func e6(t testing.TB, vat string) Charge {
	return bill(t, rating.Contract{}, blocking(vat), during(t, "2025-06-03 14:00", "2025-06-03 23:30", 20*kWh))
}

// e9 has used 22.5 of 30 kWh before.
func e9(t testing.TB) Charge {
	s := during(t, "2025-06-03 04:00", "2025-06-03 08:00", 184*kWh/10)
	s.Periods = []rating.Period{{Start: s.Start, Energy: 10 * kWh}, {Start: s.Start.Add(2 * time.Hour), Energy: 84 * kWh / 10}}
	return bill(t, rating.Contract{Allowances: []rating.Allowance{{ID: "komfort", Component: rating.Energy, Left: 7_500_000}}}, dayNight(), s)
}

// documentOf settles charges of June 2025.
func documentOf(t testing.TB, charges ...Charge) Document {
	t.Helper()
	s := settlement(charges...)
	s.Contract.Payment = "on_account"
	s.Issuer.Registrations = []Registration{{Country: "AT", VATID: "ATU12345678"}}
	d := build(t, s)
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	b, err := Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := Decode(b); err != nil || Hash(back) != Hash(d) {
		t.Errorf("read back: %v", err)
	}
	return d
}

// shows compares the lines of a session with what a customer is to read.
func shows(t *testing.T, s SessionLines, lines ...string) {
	t.Helper()
	var got []string
	for i, l := range s.Lines {
		parts := []string{SessionLineDE(s, i), PricedDE(l, money.EUR), AmountDE(l.Amount, money.EUR)}
		got = append(got, strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " | "))
	}
	if !slices.Equal(got, lines) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(lines, "\n  "))
	}
}

func sums(t *testing.T, d Document, net, tax, gross int64, groups ...VATGroup) {
	t.Helper()
	if d.Net != net || d.Tax != tax || d.Gross != gross {
		t.Errorf("net %d, tax %d, gross %d, want %d, %d, %d", d.Net, d.Tax, d.Gross, net, tax, gross)
	}
	if len(groups) > 0 && !slices.Equal(d.VAT, groups) {
		t.Errorf("VAT %+v, want %+v", d.VAT, groups)
	}
}

func TestE6(t *testing.T) { // blocking fee with its cap, as a contractual penalty
	d := documentOf(t, e6(t, Penalty))
	shows(t, d.Sessions[0],
		"Ladestrom | 20,000 kWh × 0,49 €/kWh | 9,80 €",
		"Blockiergebühr | 4 h × 0,10 €/min | 24,00 €",
		"Begrenzung Blockiergebühr | -12,00 €")
	// 9.80 x 19/119 = 1.5647; the penalty of 12.00 has no tax.
	sums(t, d, 2024, 156, 2180, VATGroup{"DE", "O", 0, 1200, 0, 1200}, VATGroup{"DE", "S", 190_000, 824, 156, 980})
	if TaxRemarkDE(d.VAT[0]) == "" || TaxRemarkDE(d.VAT[1]) != "" || TaxDE(d.VAT[0]) != "ohne USt." || TaxDE(d.VAT[1]) != "19 %" {
		t.Errorf("remarks %q, %q", TaxRemarkDE(d.VAT[0]), TaxRemarkDE(d.VAT[1]))
	}
	early := bill(t, rating.Contract{}, blocking(Penalty), during(t, "2025-06-03 14:00", "2025-06-03 19:30", 20*kWh))
	d = documentOf(t, early)
	shows(t, d.Sessions[0], "Ladestrom | 20,000 kWh × 0,49 €/kWh | 9,80 €", "Blockiergebühr | 1 h 30 min × 0,10 €/min | 9,00 €")
	sums(t, d, 1724, 156, 1880)
}

func TestE7(t *testing.T) { // idle 40 min of which 15 are free
	for grace, want := range map[rating.Grace]string{
		rating.Deduct: "Standzeit nach Ladeende | 25 min × 0,20 €/min | 5,00 €",
		rating.Cliff:  "Standzeit nach Ladeende | 40 min × 0,20 €/min | 8,00 €",
	} {
		tariff := bySession(tariffOf(flat(0),
			row("idle", rating.Idle, rating.Price{Unit: 20 * cent, VATCode: StandardRate, FreeTime: 15 * time.Minute, Grace: grace}, rating.Moving{})))
		s := during(t, "2025-06-03 12:00", "2025-06-03 14:00", 10*kWh)
		s.Idle = 40 * time.Minute
		shows(t, documentOf(t, bill(t, rating.Contract{}, tariff, s)).Sessions[0], "Ladestrom | 10,000 kWh × 0,00 €/kWh | 0,00 €", want)
	}
}

func TestE9(t *testing.T) { // included kWh, then day and night
	d := documentOf(t, e9(t))
	shows(t, d.Sessions[0],
		"Ladestrom inklusive | 7,500 kWh | 0,00 €",
		"Ladestrom (night) | 2,500 kWh × 0,30 €/kWh | 0,75 €",
		"Ladestrom (day) | 8,400 kWh × 0,45 €/kWh | 3,78 €")
	sums(t, d, 381, 72, 453) // 4.53 x 19/119 = 0.7233
}

func TestE12(t *testing.T) { // staff discount
	tariff := bySession(tariffOf(rating.Row{ID: "all", Prices: map[rating.Component]rating.Price{
		rating.Energy: priced(46*cent, StandardRate), rating.PerUse: priced(50*cent, StandardRate),
	}}))
	tariff.Discounts = []rating.Discount{{ID: "Mitarbeiter", Groups: []string{"staff"}, Components: []rating.Component{rating.Energy}, Percent: 150_000}}
	d := documentOf(t, bill(t, rating.Contract{Groups: []string{"staff"}}, tariff, during(t, "2025-06-03 12:00", "2025-06-03 13:00", 31_420_000)))
	shows(t, d.Sessions[0],
		"Ladestrom | 31,420 kWh × 0,46 €/kWh | 14,46 €", // 14.4532, and the cent handed out
		"Startgebühr | 0,50 € | 0,50 €",
		"Rabatt Mitarbeiter auf Ladestrom | -2,17 €")
	sums(t, d, 1075, 204, 1279)
}

func TestE13(t *testing.T) { // rounding level, net mode
	tariff := bySession(tariffOf(flat(50 * cent)))
	tariff.Mode = rating.Net
	sessions := func(tariff rating.Tariff) (cs []Charge) {
		for _, from := range []string{"2025-06-01 12:00", "2025-06-02 12:00", "2025-06-03 12:00"} {
			cs = append(cs, bill(t, rating.Contract{}, tariff, during(t, from, from[:11]+"13:00", 6_670_000)))
		}
		return cs
	}
	sums(t, documentOf(t, sessions(tariff)...), 1002, 190, 1192)

	// Where the tariff leaves the rounding to the bill, lines and total of a session need not agree, and the session is held:
	// the lines of a document are whole cents that add up (EN 16931).
	tariff = tariffOf(row("a", rating.Energy, priced(50*cent, StandardRate), rating.Moving{}),
		row("a", rating.PerUse, priced(335_000, StandardRate), rating.Moving{}))
	tariff.Mode, tariff.Round = rating.Net, rating.AtDocument
	tariff.Rows[1].ID = "b"
	c := bill(t, rating.Contract{}, tariff, during(t, "2025-06-01 12:00", "2025-06-01 13:00", 6_670_000)) // 3.335 + 0.335 are 3.67
	if err := CheckCharge(issuer(), c); err == nil || !strings.Contains(err.Error(), "lines add up to 368, total is 367") {
		t.Errorf("rounding left to the bill: %v", err)
	}
}

func TestE14(t *testing.T) { // gross bill of three sessions, the blocking fee taxed
	plain := bill(t, rating.Contract{}, tariffOf(flat(49*cent)), during(t, "2025-06-01 12:00", "2025-06-01 13:00", 20*kWh))
	d := documentOf(t, plain, e6(t, StandardRate), e9(t))
	sums(t, d, 3036, 577, 3613, VATGroup{"DE", "S", 190_000, 3036, 577, 3613})
	if d.Sessions[0].Total+d.Sessions[1].Total+d.Sessions[2].Total != d.Gross {
		t.Error("sessions do not add up to the document")
	}
}

func TestE15(t *testing.T) { // the same net price at home and abroad
	tariff := bySession(tariffOf(flat(40 * cent)))
	tariff.Mode = rating.Net
	for country, want := range map[string][3]int64{"DE": {1000, 190, 1190}, "AT": {1000, 200, 1200}} {
		s := during(t, "2025-06-03 12:00", "2025-06-03 13:00", 25*kWh)
		s.Country = country
		sums(t, documentOf(t, bill(t, rating.Contract{}, tariff, s)), want[0], want[1], want[2])
	}
}

func TestE17(t *testing.T) { // minimum, and nothing at all
	tariff := bySession(tariffOf(flat(49 * cent)))
	tariff.SessionMin = 1_000_000
	d := documentOf(t, bill(t, rating.Contract{}, tariff, during(t, "2025-06-03 12:00", "2025-06-03 13:00", 600_000)))
	shows(t, d.Sessions[0], "Ladestrom | 0,600 kWh × 0,49 €/kWh | 0,29 €", "Aufschlag auf Mindestpreis | 0,71 €")
	sums(t, d, 84, 16, 100)
	zero := during(t, "2025-06-03 12:00", "2025-06-03 12:00", 20_000)
	zero.End = zero.Start.Add(40 * time.Second)
	if c := bill(t, rating.Contract{}, tariff, zero); len(c.Rated.Lines) != 0 || c.Rated.Total != 0 {
		t.Errorf("a zero session has lines: %+v", c.Rated.Lines)
	}
}

func TestE20(t *testing.T) { // monthly fee from 11 February
	february := calendar.Period{First: day("2025-02-01"), Next: day("2025-03-01")}
	amount, err := rating.Fee(5_990_000, day("2025-02-11"), calendar.Date{}, february, money.EUR, money.HalfAway)
	if err != nil {
		t.Fatal(err)
	}
	s := settlement()
	s.Contract.Payment, s.Period = "on_account", february
	f := fee("Komfort", "2025-02-11", "2025-03-01", amount.Minor)
	f.Monthly = 5_990_000
	s.Fees = []Fee{f}
	d := build(t, s)
	sums(t, d, 324, 61, 385, VATGroup{"DE", "S", 190_000, 324, 61, 385}) // 3.85 x 19/119 = 0.6147
	if l := d.Fees[0]; FeeDE(l) != "Grundgebühr Komfort, 11.02.2025 bis 28.02.2025" || FeeQuantityDE(l) != "18 von 28 Tagen" || l.SupplyDate != day("2025-02-28") {
		t.Errorf("%q, %q, supplied %s", FeeDE(l), FeeQuantityDE(l), l.SupplyDate)
	}
}
