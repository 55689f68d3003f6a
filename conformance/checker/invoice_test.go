package checker

import (
	"slices"
	"strings"
	"testing"
)

// sheet is a page as pdftotext lays it out, with what the shapes of lines differ in: a session over the change of clocks,
// one without readings, a price on a line of its own, and blanks lost before units.
const sheet = `                                       Rechnungsnummer                 RE-2026-0000007
                                       Rechnungsdatum                       03.11.2026
Max Muster                             Kundennummer                               K100
                                       Vertrag                                    V500
                                       Leistungszeitraum      01.10.2026 – 31.10.2026
Rechnung RE-2026-0000007
     Ladevorgänge                      Energie                           Gesamtbetrag
     2                                 1.030,500 kWh                     506,14 €
Ladestrom                              1.030,500 kWh                     504,95 €
Standzeit nach Ladeende                          9s                        0,19 €
Startgebühr                                      2×                        1,00 €
Steuersatz 19 %                425,33 €                80,81 €           506,14 €
                                    Nettobetrag                          425,33 €
                                    USt. 19 %                             80,81 €
                                    Rechnungsbetrag                      506,14 €
     Bitte überweisen Sie den Rechnungsbetrag bis zum 17.11.2026 und geben Sie die
     Betrag            506,14 €                      Fällig am             17.11.2026
                                                                         Seite 1 von 2
` + "\f" + `
Einzelnachweis Ihrer Ladevorgänge                               Alle Preise inkl. USt.
1     25.10.2026 01:30 (UTC+2) – 05:30 (UTC+1)    48.524,581               30,500 kWh      15,64 €
      Betriebshof Nord, Kiel                      48.555,081  Ladestrom   30,500 kWh × 0,49 €/kWh    14,95 €
      DE*NLC*E0001*1 · Karte …0001               1NLZ0001     Standzeit nach Ladeende
      Ladevorgang NLC-S-000001                                            9s × 1,25 €/min     0,19 €
                                                              Startgebühr     0,50 €           0,50 €
2     31.10.2026 23:59 – 01.11.2026 00:26         –                      1.000,000 kWh     490,50 €
      Schnellladepark, Hamburg                                Ladestrom
      DE*RAL*E0007*1 · Karte …0002                            1.000,000 kWh × 0,49 €/kWh   490,00 €
      Ladevorgang RAL-S-000002                                Startgebühr     0,50 €           0,50 €
      Summe aus 2 Ladevorgängen                               1.030,500 kWh               506,14 €
                                                                         Seite 2 von 2
` + "\f"

func TestParseInvoice(t *testing.T) {
	v := ParseInvoice("RE-2026-0000007", sheet)
	for _, f := range v.Faults {
		t.Error(f)
	}
	if v.Number != "RE-2026-0000007" || v.IssuedOn != "2026-11-03" || v.Customer != "K100" || v.Contract != "V500" || period(&v) != "2026-10" ||
		v.PayOn != "2026-11-17" || v.Debit || !v.Gross || v.Net != 42533 || v.Total != 50614 {
		t.Errorf("particulars: %+v", v)
	}
	want := []Session{
		{
			Place: 1, ID: "NLC-S-000001", EVSE: "DE*NLC*E0001*1", Start: "2026-10-25T01:30+02:00", End: "2026-10-25T05:30+01:00",
			Begin: 48_524_581_000, Finish: 48_555_081_000, Metered: true, finished: true, Energy: 30_500_000, Amount: 1564,
			Lines: []Line{{"energy", 30_500_000, 490_000, 1495}, {"idle", 9, 1_250_000, 19}, {"session", 1, 500_000, 50}},
		},
		{
			Place: 2, ID: "RAL-S-000002", EVSE: "DE*RAL*E0007*1", Start: "2026-10-31T23:59", End: "2026-11-01T00:26",
			Energy: 1_000_000_000, Amount: 49050, Lines: []Line{{"energy", 1_000_000_000, 490_000, 49000}, {"session", 1, 500_000, 50}},
		},
	}
	for i, s := range v.Sessions {
		if w := want[i]; !slices.Equal(s.Lines, w.Lines) {
			t.Errorf("session %d: lines %+v, want %+v", i+1, s.Lines, w.Lines)
		}
		s.Lines, want[i].Lines = nil, nil
		if got, w := s, want[i]; got.ID != w.ID || got.EVSE != w.EVSE || got.Start != w.Start || got.End != w.End || got.Begin != w.Begin ||
			got.Finish != w.Finish || got.Metered != w.Metered || got.Energy != w.Energy || got.Amount != w.Amount || got.Place != w.Place {
			t.Errorf("session %d:\n got %+v\nwant %+v", i+1, got, w)
		}
	}
	var f findings
	checkInvoice(&f, &v)
	if len(f) > 0 {
		t.Errorf("the sums hold, but: %v", f)
	}
}

// TestNothingOnThePageGoesUnread changes the page so that something on it can no longer be read.
func TestNothingOnThePageGoesUnread(t *testing.T) {
	tests := []struct{ name, old, changed, want string }{
		{"an amount that nobody knows", "Max Muster ", "Aufschlag 1,00 € ", "0 of the 1 amounts"},
		{"two numbers", "Rechnung RE-2026-0000007", "Rechnung RE-2026-0000008", `stated as "RE-2026-0000007" and as "RE-2026-0000008"`},
		{"a sheet without its number", "Seite 2 von 2", "", "1 of 2 sheets"},
		{"a sheet too few", "Seite 1 von 2", "Seite 1 von 3", "sheet 1 is numbered 1 of 3"},
		{"no total", "Rechnungsbetrag   ", "Summe   ", "Rechnungsbetrag is missing"},
		{"no VAT", "USt. 19 %  ", "Zuschlag   ", "sums are not complete"},
		{"no id", "Ladevorgang NLC-S-000001", "", `session 1: id ""`},
		{"no second reading", "48.555,081", "", "second reading false"},
		{"a price without a component", "Ladestrom\n", "\n", `a price per kWh of ""`},
		{"a date that is none", "03.11.2026", "33.11.2026", "is no date"},
	}
	for _, tt := range tests {
		if !strings.Contains(sheet, tt.old) {
			t.Fatalf("%s: the page has no %q", tt.name, tt.old)
		}
		v := ParseInvoice("RE-2026-0000007", strings.Replace(sheet, tt.old, tt.changed, 1))
		if !slices.ContainsFunc(v.Faults, func(f Finding) bool { return strings.Contains(f.What, tt.want) }) {
			t.Errorf("%s: %v, want %q", tt.name, v.Faults, tt.want)
		}
	}
}
