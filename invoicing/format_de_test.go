package invoicing

import (
	"testing"

	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

func TestAmountDE(t *testing.T) {
	for _, tc := range []struct {
		minor    int64
		currency money.Currency
		want     string
	}{
		{0, "EUR", "0,00 €"},
		{5, "EUR", "0,05 €"},
		{99999, "EUR", "999,99 €"},
		{123456, "EUR", "1.234,56 €"},
		{-123456789, "EUR", "-1.234.567,89 €"},
		{-99999, "EUR", "-999,99 €"},
		{123456, "CHF", "1.234,56 CHF"},
		{1234567, "JPY", "1.234.567 JPY"},
		{1234567, "KWD", "1.234,567 KWD"},
	} {
		if got := AmountDE(tc.minor, tc.currency); got != tc.want {
			t.Errorf("AmountDE(%d, %s) = %q, want %q", tc.minor, tc.currency, got, tc.want)
		}
	}
}

func TestQuantitiesAndPricesDE(t *testing.T) {
	for _, tc := range []struct {
		component      rating.Component
		quantity       int64
		unit           money.Price
		wantQ, wantPer string
	}{
		{rating.Energy, 10_500_000, 490_000, "10,500 kWh", "0,49 €/kWh"},
		{rating.Energy, 259_700, 411_765, "0,2597 kWh", "0,411765 €/kWh"},
		{rating.Energy, 1_234_567_891, 490_000, "1.234,567891 kWh", "0,49 €/kWh"},
		{rating.Charging, 750, 100_000, "12 min 30 s", "0,10 €/min"},
		{rating.Idle, 720, 5_000, "12 min", "0,005 €/min"},
		{rating.Idle, 45, 100_000, "45 s", "0,10 €/min"},
		{rating.Idle, 0, 100_000, "0 s", "0,10 €/min"},
		{rating.Idle, 3_599, 100_000, "59 min 59 s", "0,10 €/min"},
		{rating.Idle, 3_600, 100_000, "1 h", "0,10 €/min"},
		{rating.Idle, 3_601, 100_000, "1 h 1 s", "0,10 €/min"},
		{rating.Idle, 7_200, 100_000, "2 h", "0,10 €/min"},
		{rating.Occupancy, 127_320, 100_000, "35 h 22 min", "0,10 €/min"},
		{rating.Occupancy, 127_359, 100_000, "35 h 22 min 39 s", "0,10 €/min"}, // 2122 min 39 s
		{rating.ReservationMin, 900, 50_000, "15 min", "0,05 €/min"},
		{rating.Reservation, 1, 2_000_000, "1 ×", "2,00 €"},
		{rating.Export, 5_000_000, -80_000, "5,000 kWh", "-0,08 €/kWh"},
		{rating.Idle, -750, 100_000, "-12 min 30 s", "0,10 €/min"},
		{rating.PerUse, 1, 1_000_000, "1 ×", "1,00 €"},
	} {
		l := Line{Component: tc.component, Quantity: tc.quantity, Unit: tc.unit}
		if got := QuantityDE(l); got != tc.wantQ {
			t.Errorf("quantity %d of %s = %q, want %q", tc.quantity, tc.component, got, tc.wantQ)
		}
		if got := UnitPriceDE(l, money.EUR); got != tc.wantPer {
			t.Errorf("price %d of %s = %q, want %q", tc.unit, tc.component, got, tc.wantPer)
		}
	}
	if got := EnergyDE(cdr.MicroKWh(0)); got != "0,000 kWh" {
		t.Errorf("no energy = %q", got)
	}
	if got := PercentDE(77_000); got != "7,7 %" {
		t.Errorf("7.7 %% = %q", got)
	}
	if got := PercentDE(190_000); got != "19 %" {
		t.Errorf("19 %% = %q", got)
	}
}

func TestSpanDE(t *testing.T) {
	for _, tc := range []struct{ name, start, end, wantStart, wantEnd string }{
		{"an afternoon", "2026-10-03T14:05:09+02:00", "2026-10-03T15:00:00+02:00", "03.10.2026 14:05:09", "03.10.2026 15:00:00"},
		{
			"clock set back meanwhile", "2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00",
			"25.10.2026 02:50:00 (UTC+2)", "25.10.2026 02:10:00 (UTC+1)",
		},
		{
			"west of Greenwich, half hours", "2026-03-08T01:30:00-03:30", "2026-03-08T03:30:00-02:30",
			"08.03.2026 01:30:00 (UTC-3:30)", "08.03.2026 03:30:00 (UTC-2:30)",
		},
		{"no time", "yesterday", "today", "yesterday", "today"},
	} {
		start, end := SpanDE(SessionLines{Start: tc.start, End: tc.end})
		if start != tc.wantStart || end != tc.wantEnd {
			t.Errorf("%s: %q to %q, want %q to %q", tc.name, start, end, tc.wantStart, tc.wantEnd)
		}
	}
}

func TestPaymentDE(t *testing.T) {
	debit := build(t, october())
	if want := "Den Rechnungsbetrag von 17,95 € ziehen wir am 18.11.2026 per SEPA-Lastschrift von Ihrem Konto DE02 **** 2051 ein. " +
		"Gläubiger-Identifikationsnummer: DE98ZZZ09999999999, Mandatsreferenz: M-1001. Bitte sorgen Sie für ausreichende Deckung."; PaymentDE(debit) != want {
		t.Errorf("direct debit:\n got %q\nwant %q", PaymentDE(debit), want)
	}
	s := october()
	s.Contract.Payment = "on_account"
	account := build(t, s)
	account.Number = "RE-2026-0000001"
	if want := "Bitte überweisen Sie 17,95 € bis zum 17.11.2026 auf das Konto DE89 3704 0044 0532 0130 00 (Stadtstrom Beispiel GmbH) " +
		"und geben Sie als Verwendungszweck RE-2026-0000001 an. Sie kommen spätestens in Verzug, wenn Sie nicht innerhalb von 30 Tagen " +
		"nach Fälligkeit und Zugang dieser Rechnung zahlen (§\u00a0286\u00a0Abs.\u00a03\u00a0BGB)."; PaymentDE(account) != want {
		t.Errorf("on account:\n got %q\nwant %q", PaymentDE(account), want)
	}
	credit := build(t, settlement(charge("a", "2026-10-03", -119)))
	if want := "Der Betrag von 1,19 € wird Ihrem Vertragskonto gutgeschrieben."; PaymentDE(credit) != want {
		t.Errorf("credit: %q, want %q", PaymentDE(credit), want)
	}
	zero := build(t, settlement(charge("a", "2026-10-03", 119), charge("b", "2026-10-03", -119)))
	if want := "Es ist nichts zu zahlen."; PaymentDE(zero) != want {
		t.Errorf("nothing to pay: %q, want %q", PaymentDE(zero), want)
	}
}

func TestOtherTextsDE(t *testing.T) {
	d := build(t, october())
	for _, tc := range []struct{ name, got, want string }{
		{"period", PeriodDE(d), "Abrechnungszeitraum 01.10.2026 bis 31.10.2026"},
		{"heading", HeadingDE(d.Kind), "Rechnung"},
		{"energy", ComponentDE(rating.Energy), "Ladestrom"},
		{"minutes", ComponentDE(rating.Charging), "Ladezeit"},
		{"idle", ComponentDE(rating.Idle), "Standzeit nach Ladeende"},
		{"session", ComponentDE(rating.PerUse), "Startgebühr"},
		{"occupancy", ComponentDE(rating.Occupancy), "Belegungszeit"},
		{"reservation", ComponentDE(rating.Reservation), "Reservierung"},
		{"minutes reserved", ComponentDE(rating.ReservationMin), "Reservierungszeit"},
		{"export", ComponentDE(rating.Export), "Rückspeisung"},
		{"no word on verified values", BasisDE(BasisValid), ""},
		{"metering", MeteringDE(d), "Die Zählerstände dieser Rechnung stammen aus eichrechtskonformen Messgeräten und sind digital signiert. " +
			"Sie können jeden Ladevorgang mit der Transparenzsoftware der S.A.F.E.-Initiative (https://transparenz.software) selbst prüfen. " +
			"Signierte Datensätze und öffentliche Schlüssel finden Sie unter https://beispiel.example/nachweis; auf Wunsch senden wir Ihnen die Nachweise zu."},
	} {
		if tc.got != tc.want {
			t.Errorf("%s:\n got %q\nwant %q", tc.name, tc.got, tc.want)
		}
	}
	d.Sessions = d.Sessions[1:] // the session without signed values
	if got := MeteringDE(d); got != "" {
		t.Errorf("no measured session, but %q", got)
	}
	if BasisDE(BasisNotRequired) == "" || BasisDE(BasisWaiver) == "" || BasisDE(BasisNotRequired) == BasisDE(BasisWaiver) {
		t.Error("sessions without verified values must say why they are billed")
	}
}
