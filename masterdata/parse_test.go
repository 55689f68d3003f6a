package masterdata

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/policy"
	"wattdue/rating"
)

// lookups know three zones and two jobs.
func lookups() Lookups {
	return Lookups{
		Zone: func(name string) (*time.Location, error) {
			if name == "Europe/Berlin" || name == "Europe/Lisbon" || name == "UTC" {
				return time.LoadLocation(name)
			}
			return nil, errors.New("unknown")
		},
		Schedule: func(job, spec, zone string) error {
			if job != "intake" && job != "mail" {
				return errors.New("there is no such job")
			}
			if len(strings.Fields(spec)) != 5 || zone == "" {
				return errors.New("want five fields")
			}
			return nil
		},
		Reason: func(stage, reason string) error {
			if stage == "verify" && (reason == "key missing" || reason == "wrong-key") {
				return nil
			}
			return errors.New("no charge is held for it in stage " + stage)
		},
	}
}

// example is the example of the format's documentation.
func example(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../docs/formats/masterdata.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "```json\n")
	text, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the documentation has no example")
	}
	return text
}

func TestExampleOfTheDocumentation(t *testing.T) {
	f, faults := Parse([]byte(example(t)), lookups())
	if len(faults) > 0 {
		t.Fatalf("faults:\n%v", faults)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	newYear := time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC)
	if d := cmp.Diff([]customer.Contract{{
		No: "V500001", PartyNo: "K100001", EMAID: "DE-NLM-C20000001", Groups: []string{"gold", "public"}, TariffCode: "NORD",
		Payment: customer.DirectDebit, PaymentDays: 14, NoticeDays: 5, Zone: "Europe/Berlin", ZoneLocation: berlin,
		From: calendar.NewDate(2026, 1, 1), PriceNoticeDays: 42,
	}}, f.Contracts, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); d != "" {
		t.Errorf("contracts:\n%s", d)
	}
	if d := cmp.Diff([]customer.Token{{UID: "04A1B2C3D4E5F6", ContractNo: "V500001", From: newYear}}, f.Tokens); d != "" {
		t.Errorf("tokens:\n%s", d)
	}
	if d := cmp.Diff([]Mandate{{Mandate: customer.Mandate{
		Reference: "NLM-V500001-1", ContractNo: "V500001", Scheme: "CORE", SignedOn: calendar.NewDate(2026, 1, 2),
		DebtorName: "Inga Petersen", IBAN: "DE19900200020007654321",
	}}}, f.Mandates); d != "" {
		t.Errorf("mandates:\n%s", d)
	}
	if len(f.EVSEs) != 1 || len(f.EVSEs[0].Keys) != 1 || len(f.EVSEs[0].Keys[0].SPKI) != 91 {
		t.Errorf("evses: %+v", f.EVSEs)
	}
	tariff := f.Tariffs[0]
	if tariff.ZeroBelow != cdr.MicroKWh(100_000) || tariff.ZeroUnder != 2*time.Minute {
		t.Errorf("free below %d and %s", tariff.ZeroBelow, tariff.ZeroUnder)
	}
	want := map[rating.Component]rating.Price{rating.Idle: {Unit: 20_000, VATCode: "standard", FreeTime: time.Hour}}
	if d := cmp.Diff(want, tariff.Rows[2].Prices); d != "" {
		t.Errorf("idle-garage:\n%s", d)
	}
	if d := cmp.Diff([]Plan{{"V500001", rating.Plan{
		ID: "PLUS", Name: "Nordlicht Plus", From: calendar.NewDate(2026, 1, 1), Fee: 5_990_000, VATCode: "standard",
		Included: []rating.Included{{ID: "PLUS-KWH", Component: rating.Energy, Quantity: 30_000_000}},
	}}}, f.Plans); d != "" {
		t.Errorf("plans:\n%s", d)
	}
	if second := f.Tariffs[1]; second.Version != 2 || !second.ValidFrom.Equal(time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC)) ||
		second.Rows[0].Prices[rating.Energy].Unit != 610_000 || f.Announced[TariffVersion{"NORD", 2}] != calendar.NewDate(2026, 5, 4) {
		t.Errorf("price list: %+v, announced %v", second, f.Announced)
	}
	if d := cmp.Diff([]Schedule{{"intake", "30 2 * * *", "Europe/Berlin"}, {"mail", "*/15 * * * *", "Europe/Berlin"}}, f.Schedules); d != "" {
		t.Errorf("schedules:\n%s", d)
	}
	if e := f.EVSEs[0]; e.Power != policy.AC || e.Commissioned != calendar.NewDate(2018, 5, 14) || e.MaxWatts != 22_000 || e.Operator != "NLC" || e.PricingZone != "Kiel" {
		t.Errorf("power %q, commissioned on %s, %d W, operator %q, zone %q", e.Power, e.Commissioned, e.MaxWatts, e.Operator, e.PricingZone)
	}
	if d := cmp.Diff([]policy.Exemption{
		{ID: "NL/any/20251231T230000Z", Country: "NL", From: newYear, Note: "agreed with the operator, no signed values there; ticket 4711"},
		{
			ID: "NLC-OLD-AC", Country: "DE", Party: "NLC", EVSECountry: "DE", Power: policy.AC, CommissionedBefore: calendar.NewDate(2019, 4, 1),
			From: newYear, Until: newYear.AddDate(1, 0, 0), Note: "tolerated until then, letter of the weights and measures office of 2025-11-03",
		},
	}, f.Policies); d != "" {
		t.Errorf("policies:\n%s", d)
	}
	first := calendar.NewDate(2026, 1, 1)
	if d := cmp.Diff([]policy.Ageing{
		{
			ID: "KEY-30", Stage: "verify", Reason: "key missing", AfterDays: 30, Decision: policy.Claim, SetBy: "Frauke Jöhnk", From: first,
			Note: "contract with the operators, section 7",
		},
		{
			ID: "PRICE-60", Stage: "rate", Reason: "*", AfterDays: 60, Decision: policy.Goodwill, SetBy: "Frauke Jöhnk", From: first,
			Until: calendar.NewDate(2027, 1, 1), Note: "until the tariffs are complete",
		},
	}, f.Ageing); d != "" {
		t.Errorf("ageing rules:\n%s", d)
	}
	if loose := f.Loose(); len(loose) != 0 {
		t.Errorf("loose references: %v", loose)
	}
}

// TestFaults makes one change to the example and expects the faults told for it, and no others.
func TestFaults(t *testing.T) {
	good := example(t)
	for _, tc := range []struct {
		name, old, new string
		want           []string
	}{
		{"unknown member of the file", `"format": 1,`, `"format": 1, "customers": [],`, []string{"line 2: file: customers: no such member; take it out or correct its name"}},
		{"member of the file twice", `"format": 1,`, "\"format\": 1,\n\"format\": 1,", []string{"line 3: file: format: the member is there twice; keep one"}},
		{"other format", `"format": 1`, `"format": 2`, []string{"line 2: file: format: want the number 1; another version of the program reads other formats"}},
		{"format as text", `"format": 1`, `"format": "1"`, []string{"line 2: file: format: want the number 1; another version of the program reads other formats"}},
		{"no format", `"format": 1,`, ``, []string{"line 1: file: format: is missing; see docs/formats/masterdata.md"}},
		{"section of another type", `"schedules": [`, `"schedules": {}, "parties": [`, []string{
			"line 87: file: schedules: want a list of records in brackets", "line 87: file: parties: the member is there twice; keep one",
		}},
		{"record of another type", `"tokens": [`, `"tokens": [ 7,`, []string{"line 39: token 1: want an object in braces"}},

		{"tenant code", `"code": "nordlicht"`, `"code": "Nord Licht"`, []string{"line 4: tenant: code: want 1 to 40 lower-case letters, digits or hyphens, such as nordlicht"}},
		{"tenant's zone", `"zone": "Europe/Berlin",
    "issuer"`, `"zone": "Europe/Kiel",
    "issuer"`, []string{"line 5: tenant: zone: the time zone is not known; want a time zone such as Europe/Berlin"}},
		{"the machine's zone", `"zone": "Europe/Berlin",
    "issuer"`, `"zone": "Local",
    "issuer"`, []string{"line 5: tenant: zone: want a time zone such as Europe/Berlin"}},
		{"unknown member of the issuer", `"bank":`, `"Bank":`, []string{"line 14: tenant: issuer.Bank: no such member; take it out or correct its name"}},
		{"neither VAT id nor tax number", `"tax_no": "27/999/99999",`, ``, []string{
			"line 6: tenant: issuer.vat_id: neither vat_id nor tax_no is there; an invoice must name one (UStG §14 Abs. 4 Nr. 2)",
		}},
		{"issuer's account", `DE85900200010100200300`, `DE86900200010100200300`, []string{
			"line 13: tenant: issuer.iban: check digits do not fit; ask the customer for the IBAN",
		}},
		{"creditor id", `DE98ZZZ09999999999`, `DE97ZZZ09999999999`, []string{
			"line 15: tenant: issuer.creditor_id: check digits are 97, right would be 98; enter the creditor identifier as the central bank issued it",
		}},
		{"no creditor id but direct debits", `"bank": "Norddeutsche Leuchtfeuerbank",
      "creditor_id": "DE98ZZZ09999999999"`, `"bank": "Norddeutsche Leuchtfeuerbank"`, []string{
			"line 3: tenant: issuer.creditor_id: is missing, but contract V500001 pays by direct debit; enter the creditor identifier",
		}},

		{"party without a name", `"name": "Inga Petersen",
      "address"`, `"address"`, []string{"line 19: party K100001: name: is missing; want a text"}},
		{"null", `"name": "Inga Petersen",
      "address"`, `"name": null,
      "address"`, []string{"line 21: party K100001: name: want a text, or leave the member out"}},
		{"empty text", `"name": "Inga Petersen",
      "address"`, `"name": "",
      "address"`, []string{"line 21: party K100001: name: is empty; fill it in or leave the member out"}},
		{"blank at an end", `"name": "Inga Petersen",
      "address"`, `"name": "Inga Petersen ",
      "address"`, []string{"line 21: party K100001: name: has a blank at an end; take it away"}},
		{"control character", `"name": "Inga Petersen",
      "address"`, `"name": "Inga\u0007Petersen",
      "address"`, []string{"line 21: party K100001: name: holds a character that cannot be printed; take it away"}},
		{"half of a surrogate pair", `"name": "Inga Petersen",
      "address"`, `"name": "Inga \ud800 Petersen",
      "address"`, []string{"line 21: party K100001: name: holds a character that cannot be printed; take it away"}},
		{"party number that cannot be shown", `"no": "K100001"`, `"no": "K 100001"`, []string{
			"line 20: party 1: no: want 1 to 35 letters, digits, points, hyphens, underscores or slashes, beginning with a letter or digit",
		}},
		{"country", `"city": "Kiel", "country": "DE"`, `"city": "Kiel", "country": "Germany"`, []string{
			"line 22: party K100001: address.country: want a country of two capital letters (ISO 3166-1 alpha-2), such as DE",
		}},
		{"no city", `"city": "Kiel", "country": "DE"`, `"country": "DE"`, []string{"line 22: party K100001: address.city: is missing; want a text"}},
		{"address as text", `"address": {"street": "Hafenstraße 12", "postal_code": "24103", "city": "Kiel", "country": "DE"}`, `"address": "Kiel"`, []string{
			"line 22: party K100001: address: want an object in braces",
		}},
		{"mail address", `inga.petersen@example.org`, `Inga <inga.petersen@example.org>`, []string{
			"line 23: party K100001: email: want one mail address without a name, such as billing@example.com",
		}},
		{"company as text", `"no": "K100001",`, `"no": "K100001", "company": "yes",`, []string{"line 20: party K100001: company: want true or false"}},

		{"contract id", `DE-NLM-C20000001`, `DE-NLM-C2000001`, []string{
			"line 30: contract V500001: emaid: want a contract id such as DE-ABC-C12345678-X: country, provider, nine letters or digits, and a check digit if there is one",
		}},
		{"payment", `"payment": "direct_debit"`, `"payment": "card"`, []string{"line 33: contract V500001: payment: want direct_debit or on_account"}},
		{"days as text", `"payment_days": 14`, `"payment_days": "14"`, []string{"line 34: contract V500001: payment_days: want a whole number of 0 to 365"}},
		{"half a day", `"payment_days": 14`, `"payment_days": 14.5`, []string{"line 34: contract V500001: payment_days: want a whole number of 0 to 365"}},
		{"too many days", `"notice_days": 5`, `"notice_days": 61`, []string{"line 35: contract V500001: notice_days: want a whole number of 0 to 60"}},
		{"date that does not exist", `"valid_from": "2026-01-01"
`, `"valid_from": "2026-02-30"
`, []string{"line 36: contract V500001: valid_from: want a date such as 2026-10-31"}},
		{"year with a digit wrong", `"valid_from": "2026-01-01"
`, `"valid_from": "0226-01-01"
`, []string{"line 36: contract V500001: valid_from: the year must be 1950 to 2200"}},
		{"end before beginning", `"valid_from": "2026-01-01"
`, `"valid_from": "2026-01-01", "valid_until": "2026-01-01"
`, []string{"line 27: contract V500001: valid_until: must be after valid_from; it is the first day on which the contract is no longer valid"}},
		{"plan without a name", `"name": "Nordlicht Plus", `, ``, []string{"line 35: contract V500001: plans 1.name: is missing; want a text"}},
		{"fee as number", `"fee": "5.99"`, `"fee": 5.99`, []string{
			"line 35: contract V500001: plans 1.fee: want a fee per month as decimal text with at most six decimals, such as \"5.99\"",
		}},
		{"component without a measure", `"component": "energy_kwh", "per_month"`, `"component": "session", "per_month"`, []string{
			"line 35: contract V500001: plans 1.allowances 1.component: want one of energy_kwh, charge_min, idle_min, occupancy_min",
		}},
		{"minutes as a number", `"component": "energy_kwh", "per_month"`, `"component": "idle_min", "per_month"`, []string{
			"line 35: contract V500001: plans 1.allowances 1.per_month: want a duration in hours, minutes and seconds, such as 15m or 1h30m",
		}},
		{"roll-over", `"none"`, `"12 months"`, []string{
			"line 35: contract V500001: plans 1.allowances 1.roll_over: want \"none\"; what is left of a month cannot be used in the next",
		}},
		{"plan twice", `"plans": [`, `"plans": [{"id": "PLUS", "name": "x", "valid_from": "2026-01-01", "valid_until": "2025-12-31"}, `, []string{
			"line 35: contract V500001: plans 1.valid_until: must not be before valid_from; it is the first day that is out, and the same day means never",
			"line 35: contract V500001: plans 2.id: another plan of the contract has it; keep one, or give the later one another id",
		}},
		{"allowance twice", `"allowances": [`, `"allowances": [{"id": "PLUS-KWH", "component": "idle_min", "per_month": "1h"}, `, []string{
			"line 35: contract V500001: plans 1.allowances 2.id: another allowance of the contract has it; lines and counters are told apart by it, give this one another",
		}},
		{"price list with a comma", `energy: 0.61`, `energy: \"0,61\"`, []string{
			"line 85: tariff 2: price_list: line 7, column 17: price, energy: \"0,61\" has a comma; write 0.61 with a point",
		}},
		{"price list beside rows", `"announced_on": "2026-05-04"`, `"announced_on": "2026-05-04", "code": "NORD"`, []string{
			"line 85: tariff NORD version 2: code: no such member; take it out or correct its name",
		}},
		{"price list that may not be published", `price: {energy: 0.61`, `energy_split: linear\nprice: {energy: 0.61`, []string{
			"line 85: tariff NORD version 2: price_list: energy_split linear would estimate energy in DE, where calibration law allows measured values only; " +
				"take energy_split out, or limit the row to other countries",
		}},
		{"group twice", `["gold", "public"]`, `["gold", "gold"]`, []string{"line 31: contract V500001: groups: the list has an entry twice; keep one"}},

		{"token without offset", `"valid_from": "2026-01-01T00:00:00+01:00"}
  ],
  "mandates"`, `"valid_from": "2026-01-01T00:00:00"}
  ],
  "mandates"`, []string{"line 40: token 1, of contract V500001: valid_from: want an instant with offset, in whole seconds, such as 2026-10-01T00:00:00+02:00"}},
		{"debtor's account", `DE19900200020007654321`, `DE19900200020007654312`, []string{
			"line 48: mandate NLM-V500001-1: iban: check digits do not fit; ask the customer for the IBAN",
		}},
		{"mandate reference", `"reference": "NLM-V500001-1"`, `"reference": "NLM_V500001_1"`, []string{
			"line 44: mandate 1: reference: character '_' at place 4 is not allowed; rename it or its number range",
		}},
		{"scheme", `"signed_on": "2026-01-02"`, `"scheme": "B2B", "signed_on": "2026-01-02"`, []string{
			"line 46: mandate NLM-V500001-1: scheme: want CORE; mandates of another scheme cannot be collected",
		}},
		{"BIC of another country", `"account_holder"`, `"bic": "NLBHFRH1XXX", "account_holder"`, []string{
			"line 47: mandate NLM-V500001-1: bic: BIC of country FR with an account of country DE; correct the BIC or leave it empty",
		}},
		{"revoked before it was signed", `"account_holder"`, `"ended_on": "2025-01-01", "account_holder"`, []string{
			"line 43: mandate NLM-V500001-1: ended_on: lies before signed_on; correct one of them",
		}},

		{"EVSE id", `DE*NLC*E0001*1`, `de*nlc*e0001*1`, []string{
			"line 53: evse 1: id: want an EVSE id of at most 48 capital letters, digits, stars, hyphens or plus signs, such as DE*ABC*E0001*1",
		}},
		{"meter key", `MFkwEwYH`, `AAAAEwYH`, []string{
			"line 60: evse DE*NLC*E0001*1: meters 1.public_key: cannot be used (key-unreadable); want a public key as base64, hexadecimal or PEM of a SubjectPublicKeyInfo",
		}},
		{"meter without a beginning", `Qg==",
          "valid_from": "2025-01-01T00:00:00Z"`, `Qg=="`, []string{
			"line 58: evse DE*NLC*E0001*1: meters 1.valid_from: is missing; want an instant with offset, in whole seconds, such as 2026-10-01T00:00:00+02:00",
		}},
		{"policy's country", `"country": "NL"`, `"country": "nl"`, []string{
			"line 67: signature policy 1: country: want a country of two capital letters (ISO 3166-1 alpha-2), such as DE",
		}},
		{"policy's power", `"power": "AC", "commissioned_before"`, `"power": "ac", "commissioned_before"`, []string{"line 68: signature policy NLC-OLD-AC: power: want AC or DC"}},
		{"policy's date", `"2019-04-01"`, `"April 2019"`, []string{"line 68: signature policy NLC-OLD-AC: commissioned_before: want a date such as 2026-10-31"}},
		{"policy's name", `"NLC-OLD-AC"`, `"NLC old AC"`, []string{
			"line 68: signature policy 2: id: want 1 to 35 letters, digits, points, hyphens, underscores or slashes, beginning with a letter or digit",
		}},
		{"charge point's power", `"power": "AC", "commissioned_on"`, `"power": "AC_3_PHASE", "commissioned_on"`, []string{"line 54: evse DE*NLC*E0001*1: power: want AC or DC"}},
		{"charge point's limit", `"max_watts": 22000`, `"max_watts": 22.5`, []string{"line 54: evse DE*NLC*E0001*1: max_watts: want a whole number of 1 to 10000000"}},
		{"charge point's date", `"2018-05-14"`, `"14.05.2018"`, []string{"line 54: evse DE*NLC*E0001*1: commissioned_on: want a date such as 2026-10-31"}},

		{"price as a number", `"price": "0.49"`, `"price": 0.49`, []string{
			`line 81: tariff NORD version 1: rows 2.prices.energy_kwh.price: want a price as decimal text with at most six decimals, such as "0.49"`,
		}},
		{"price with a comma", `"price": "0.49"`, `"price": "0,49"`, []string{
			`line 81: tariff NORD version 1: rows 2.prices.energy_kwh.price: want a price as decimal text with at most six decimals, such as "0.49"`,
		}},
		{"negative price", `"price": "0.49"`, `"price": "-0.49"`, []string{
			`line 81: tariff NORD version 1: rows 2.prices.energy_kwh.price: want a price as decimal text with at most six decimals, such as "0.49"`,
		}},
		{"VAT code", `"price": "0.49", "vat": "standard"`, `"price": "0.49", "vat": "19"`, []string{
			`line 81: tariff NORD version 1: rows 2.prices.energy_kwh.vat: want the VAT code "standard"; no other is known`,
		}},
		{"free energy", `"price": "0.49", "vat": "standard"`, `"price": "0.49", "vat": "standard", "free_time": "1h"`, []string{
			"line 81: tariff NORD version 1: rows 2.prices.energy_kwh.free_time: no such member; take it out or correct its name",
		}},
		{"free time in days", `"free_time": "1h"`, `"free_time": "1d"`, []string{
			"line 83: tariff NORD version 1: rows 3.prices.idle_min.free_time: want a duration in hours, minutes and seconds, such as 15m or 1h30m",
		}},
		{"component", `"idle_min"`, `"blocking"`, []string{
			"line 83: tariff NORD version 1: rows 3.prices.blocking: no such member; take it out or correct its name",
		}},
		{"currency", `"EUR"`, `"EURO"`, []string{"line 75: tariff NORD version 1: currency: want a currency of ISO 4217 that is known here, such as EUR"}},
		{"mode", `"mode": "gross"`, `"mode": "brutto"`, []string{"line 76: tariff NORD version 1: mode: want gross for prices with VAT, or net"}},
		{"version zero", `"version": 1`, `"version": 0`, []string{"line 73: tariff 1: version: want a whole number of 1 to 1000000"}},
		{"rows that overlap", `"groups": ["gold"], "prices"`, `"groups": ["public"], "prices"`, []string{
			`line 71: tariff NORD version 1: rows: rows "gold" and "public" both price energy_kwh for group public with priority 0; give one a higher priority or part them`,
		}},

		{"ageing rule's stage", `"stage": "rate"`, `"stage": "draft"`, []string{"line 96: ageing rule PRICE-60: stage: want the stage in which charges are held: verify, assign, compare or rate"}},
		{"ageing rule's reason", `"key missing"`, `"missing key"`, []string{"line 92: ageing rule KEY-30: reason: no charge is held for it in stage verify"}},
		{"ageing at once", `"after_days": 30`, `"after_days": 0`, []string{"line 93: ageing rule KEY-30: after_days: want a whole number of 1 to 3650"}},
		{"ageing decision", `"claim"`, `"forget"`, []string{"line 93: ageing rule KEY-30: decision: want bill, goodwill or claim"}},
		{"nobody's rule", `"set_by": "Frauke Jöhnk",
      "valid_from": "2026-01-01", "note"`, `"valid_from": "2026-01-01", "note"`, []string{"line 92: ageing rule KEY-30: set_by: is missing; want a text"}},
		{"a price waived", `"decision": "goodwill"`, `"decision": "bill"`, []string{
			"line 96: ageing rule PRICE-60: decision: only what is held in stage verify can be billed by rule; what has no payer or no price wants goodwill or claim",
		}},
		{"ends before it begins", `"valid_until": "2027-01-01", "note"`, `"valid_until": "2025-01-01", "note"`, []string{
			"line 96: ageing rule PRICE-60: valid_until: must not be before valid_from; it is the first day that is out, and the same day means never",
		}},

		{"job", `"job": "intake"`, `"job": "outtake"`, []string{"line 88: schedule outtake: there is no such job"}},
		{"schedule", `"30 2 * * *"`, `"daily"`, []string{"line 88: schedule intake: want five fields"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if n := strings.Count(good, tc.old); n != 1 {
				t.Fatalf("the text to change is there %d times", n)
			}
			_, faults := Parse([]byte(strings.Replace(good, tc.old, tc.new, 1)), lookups())
			var got []string
			for _, f := range faults {
				got = append(got, f.String())
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("faults:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

// TestTwoRecordsThatContradict adds a second record of a kind.
func TestTwoRecordsThatContradict(t *testing.T) {
	good := example(t)
	contract := func(no, emaid, span string) string {
		return `"contracts": [{"no": "` + no + `", "party": "K100001", "emaid": "` + emaid +
			`", "tariff": "NORD", "payment": "on_account", "payment_days": 14, ` + span + `},`
	}
	token := func(uid, contract, span string) string {
		return `"tokens": [{"uid": "` + uid + `", "contract": "` + contract + `", ` + span + `},`
	}
	const whole = `"valid_from": "2026-01-01T00:00:00+01:00"`
	for _, tc := range []struct{ name, old, new, want string }{
		{
			"contract number twice", `"contracts": [`, contract("V500001", "DE-NLM-C20000002", `"valid_from": "2026-01-01"`),
			"line 27: contract V500001: no: is that of the contract in line 26; keep one of them",
		},
		{
			"contract id of two contracts, lower case", `"contracts": [`, contract("V500002", "denlmc20000001", `"valid_from": "2026-06-01"`),
			"line 27: contract V500001: emaid: is that of contract V500002 at the same time; end one of them or correct the id",
		},
		{
			"contract id of two contracts, other separators", `"contracts": [`, contract("V500002", "DE*NLM*C20000001", `"valid_from": "2026-06-01"`),
			"line 27: contract V500001: emaid: is that of contract V500002 at the same time; end one of them or correct the id",
		},
		{"contract id handed on", `"contracts": [`, contract("V500002", "DE*NLM*C20000001", `"valid_from": "2025-01-01", "valid_until": "2026-01-01"`), ""},
		{
			"card twice", `"tokens": [`, token("04a1b2c3d4e5f6", "V500001", whole),
			"line 40: token 2, of contract V500001: uid: is that of the token in line 39, with the same valid_from; keep one of them",
		},
		{
			"card of two contracts", `"tokens": [`, token("04a1b2c3d4e5f6", "V500009", `"valid_from": "2025-01-01T00:00:00Z"`),
			"line 40: token 2, of contract V500001: uid: belongs to contract V500009 at the same time; end one of them",
		},
		{"card handed on", `"tokens": [`, token("04a1b2c3d4e5f6", "V500009", `"valid_from": "2025-01-01T00:00:00Z", "valid_until": "2025-12-31T23:00:00Z"`), ""},
		{
			"mandate twice", `"mandates": [`, `"mandates": [{"reference": "NLM-V500001-1", "contract": "V500001", "signed_on": "2026-01-02", "account_holder": "X", "iban": "DE19900200020007654321"},`,
			"line 43: mandate NLM-V500001-1: reference: is that of the mandate in line 42; keep one of them",
		},
		{
			"two meters at once", `"meters": [`, `"meters": [{"id": "M", "public_key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEa0PY1PeusV8QHJODoAseMXCv6NDWpR/J20WeERM82Q9Ok1tf9Kqeqc1FaEV0NcJ9L0KS5r8MFOK7Ik+wTFg3Qg==", "valid_from": "2025-01-01T00:00:00Z"},`,
			"line 52: evse DE*NLC*E0001*1: meters 2.valid_from: another meter of the charge point begins at the same instant; keep one of them",
		},
		{
			"rule twice, once without a name", `"signature_policies": [`, `"signature_policies": [{"id": "NL/any/20251231T230000Z", "country": "NL", "party": "ABC", "valid_from": "2027-01-01T00:00:00Z", "note": "x"},`,
			"line 67: signature policy NL/any/20251231T230000Z: id: is that of the signature policy in line 66; keep one of them",
		},
		{
			"ageing rule twice", `"id": "PRICE-60", "stage"`, `"id": "KEY-30", "stage"`,
			"line 96: ageing rule KEY-30: id: is that of the ageing rule in line 92; keep one of them",
		},
		{
			"job twice", `"schedules": [`, `"schedules": [{"job": "intake", "spec": "0 3 * * *"},`,
			"line 88: schedule intake: job: is that of the schedule in line 87; keep one of them",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, faults := Parse([]byte(strings.Replace(good, tc.old, tc.new, 1)), lookups())
			if got := faults.Error(); got != tc.want {
				t.Errorf("faults:\n%s\nwant:\n%s", got, tc.want)
			}
		})
	}
}

func TestWhatIsNoFileAtAll(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", "line 1: file: this is no JSON; look for a missing comma, quote or bracket here or just before"},
		{"a missing comma", "{\n\"format\": 1\n\"tenant\": {}}", "line 3: file: this is no JSON; look for a missing comma, quote or bracket here or just before"},
		{"cut off", "{\n\"format\": 1,\n", "line 2: file: this is no JSON; look for a missing comma, quote or bracket here or just before"},
		{"something after it", "{}\n{}", "line 2: file: this is no JSON; look for a missing comma, quote or bracket here or just before"},
		{"Latin-1", "{\n\"a\": \"K\xf6ln\"}", "line 2: file: the text is not UTF-8; save the file as UTF-8"},
		{"a list", "[]", "line 1: file: want one object in braces with format, tenant and lists of records"},
		{"an empty object", "{}", "line 1: file: format: is missing; see docs/formats/masterdata.md\nline 1: file: tenant: is missing; see docs/formats/masterdata.md"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, faults := Parse([]byte(tc.text), lookups()); faults.Error() != tc.want {
				t.Errorf("faults:\n%v\nwant:\n%s", faults, tc.want)
			}
		})
	}
	if _, faults := Parse([]byte("\ufeff"+example(t)), lookups()); len(faults) > 0 {
		t.Errorf("a byte order mark is refused:\n%v", faults)
	}
}

// TestAllFaultsAtOnce makes several changes at once and expects all of them, in the order of the lines, and no value.
func TestAllFaultsAtOnce(t *testing.T) {
	text := strings.NewReplacer(
		"DE19900200020007654321", "DE00900200020007654321", "inga.petersen@example.org", "inga.petersen(at)example.org",
		`"payment": "direct_debit"`, `"payment": "Lastschrift"`, `"party": "K100001"`, `"party": "K999999"`, `"0.59"`, `"neunundfünfzig"`,
	).Replace(example(t))
	f, faults := Parse([]byte(text), lookups())
	var fields []string
	for _, x := range faults {
		fields = append(fields, x.Field)
	}
	if want := []string{"email", "payment", "iban", "rows 1.prices.energy_kwh.price"}; !slices.Equal(fields, want) {
		t.Errorf("fields %q, want %q", fields, want)
	}
	for _, secret := range []string{"900200", "petersen", "Inga", "Lastschrift", "neunund", "04A1B2"} {
		if strings.Contains(faults.Error(), secret) {
			t.Errorf("the faults repeat %q:\n%v", secret, faults)
		}
	}
	loose := f.Loose()
	if len(loose) != 1 || loose[0].Kind != PartyKind || loose[0].Key != "K999999" ||
		loose[0].Missing.String() != "line 27: contract V500001: party: party K999999 is neither in the file nor loaded; add it or correct the reference" {
		t.Errorf("loose references: %+v", loose)
	}
}

// TestPartOfTheData reads a file with one customer whose tariff was loaded before.
func TestPartOfTheData(t *testing.T) {
	text := example(t)
	a, b := strings.Index(text, `"tariffs": [`), strings.Index(text, `"schedules": [`)
	f, faults := Parse([]byte(text[:a]+text[b:]), lookups())
	if len(faults) > 0 {
		t.Fatalf("faults:\n%v", faults)
	}
	if loose := f.Loose(); len(loose) != 1 || loose[0].Kind != TariffKind || loose[0].Key != "NORD" {
		t.Errorf("loose references: %+v", loose)
	}
}

func TestForms(t *testing.T) {
	for _, tc := range []struct {
		form func(string) bool
		text string
		want bool
	}{
		{isEMAID, "DE-ABC-C12345678-X", true},
		{isEMAID, "de-abc-C12345678", true},
		{isEMAID, "DEABCC12345678X", true},
		{isEMAID, "D1-ABC-C12345678", false},
		{isEMAID, "DE-ABC-C1234567", false},
		{isEMAID, "DE-ABC-C12345678-XY", false},
		{isEMAID, "", false},
		{isEmail, "a@b.example", true},
		{isEmail, "a.b+c@d-e.example", true},
		{isEmail, "ö@example.org", true},
		{isEmail, "a@b", false},
		{isEmail, "@b.example", false},
		{isEmail, "a@b@c.example", false},
		{isEmail, "a b@c.example", false},
		{isEmail, "a@.example", false},
		{isEmail, "a@b..example", false},
		{isEmail, "a@b.example\n", false},
		{isEmail, "a,b@c.example", false},
		{isRecordNumber, "V500001", true},
		{isRecordNumber, "2026/17", true},
		{isRecordNumber, "-1", false},
		{isRecordNumber, "V 1", false},
		{isRecordNumber, strings.Repeat("1", 35), true},
		{isRecordNumber, strings.Repeat("1", 36), false},
		{isEVSEID, "DE*ABC*E1", true},
		{isEVSEID, "+49*839*00001", true},
		{isEVSEID, "*DE", false},
		{isEVSEID, "DE ABC", false},
		{isPartyID, "ABC", true},
		{isPartyID, "AB", false},
		{isTenantCode, "a-1", true},
		{isTenantCode, "A", false},
	} {
		if got := tc.form(tc.text); got != tc.want {
			t.Errorf("%q: %v, want %v", tc.text, got, tc.want)
		}
	}
}

func TestDecimalText(t *testing.T) {
	for _, tc := range []struct {
		text string
		want int64
		ok   bool
	}{
		{"0.49", 490_000, true},
		{"0", 0, true},
		{"1", 1_000_000, true},
		{"0.000001", 1, true},
		{"999999999.999999", 999_999_999_999_999, true},
		{"0.4", 400_000, true},
		{"10.50", 10_500_000, true},
		{"", 0, false},
		{".5", 0, false},
		{"5.", 0, false},
		{"00.5", 0, false},
		{"0.0000001", 0, false},
		{"1e3", 0, false},
		{"+1", 0, false},
		{"-1", 0, false},
		{"1,5", 0, false},
		{" 1", 0, false},
		{"1000000000", 0, false},
		{"0x1", 0, false},
		{"١", 0, false},
	} {
		if got, ok := parseMillionths(tc.text); got != tc.want || ok != tc.ok {
			t.Errorf("%q = %d, %v; want %d, %v", tc.text, got, ok, tc.want, tc.ok)
		}
	}
}

func TestDurationText(t *testing.T) {
	for _, tc := range []struct {
		text, again string
		want        time.Duration
		ok          bool
	}{
		{"15m", "15m", 15 * time.Minute, true},
		{"1h30m", "1h30m", 90 * time.Minute, true},
		{"90s", "1m30s", 90 * time.Second, true},
		{"60m", "1h", time.Hour, true},
		{"0s", "0s", 0, true},
		{"1h0m5s", "1h0m5s", time.Hour + 5*time.Second, true},
		{"744h", "744h", 744 * time.Hour, true},
		{"745h", "", 0, false},
		{"", "", 0, false},
		{"15", "", 0, false},
		{"1.5h", "", 0, false},
		{"-15m", "", 0, false},
		{"15ms", "", 0, false},
		{"1d", "", 0, false},
		{"h", "", 0, false},
	} {
		got, ok := parseDuration(tc.text)
		if !ok {
			got = 0
		}
		if got != tc.want || ok != tc.ok || ok && spell(got) != tc.again {
			t.Errorf("%q = %s (%s), %v; want %s (%s), %v", tc.text, got, spell(got), ok, tc.want, tc.again, tc.ok)
		}
	}
}

// FuzzParse reads any bytes. What is accepted is written and read again as the same.
func FuzzParse(f *testing.F) {
	good := example(f)
	f.Add([]byte(good))
	f.Add([]byte(`{"format": 1, "tenant": {"code": "x"}, "parties": [[], null, {}], "tariffs": [{"rows": [{"prices": {"session": 1}}]}]}`))
	f.Add([]byte(strings.ReplaceAll(good, `"`, "")))
	f.Add([]byte(strings.ReplaceAll(good, "[", "[{},")))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, faults := Parse(data, lookups())
		for _, x := range faults {
			if x.Text == "" || x.Record == "" || strings.ContainsAny(x.String(), "\n\r") {
				t.Errorf("fault %+v says nothing or takes more than a line", x)
			}
		}
		if len(faults) > 0 {
			_ = read.Loose()
			return
		}
		text, err := Write(read)
		if err != nil {
			t.Fatal(err)
		}
		again, faults := Parse(text, lookups())
		if len(faults) > 0 {
			t.Fatalf("what was written is refused:\n%v\n%s", faults, text)
		}
		same := cmp.Options{
			cmpopts.IgnoreUnexported(File{}), cmpopts.EquateEmpty(),
			cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
		}
		if d := cmp.Diff(read, again, same); d != "" {
			t.Errorf("written and read again:\n%s", d)
		}
	})
}

// TestWriteThenParse writes what was read, and reads the same again: rows as rows, and what they cannot say as a price list.
func TestWriteThenParse(t *testing.T) {
	f, faults := Parse([]byte(example(t)), lookups())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	f.Tariffs[1].Rows[0].Moving.Times = []rating.Window{{From: 0, To: 1440}}
	text, err := Write(f)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), `"price_list"`); n != 1 {
		t.Errorf("%d tariffs are written as price lists, want the one that looks at the time", n)
	}
	again, faults := Parse(text, lookups())
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text)
	}
	for i := range f.Tariffs {
		a, errA := rating.Compile(f.Tariffs[i])
		b, errB := rating.Compile(again.Tariffs[i])
		if errA != nil || errB != nil || a.Hash() != b.Hash() {
			t.Errorf("tariff %d is another one (%v, %v):\n%s", i, errA, errB, text)
		}
	}
	if d := cmp.Diff(f.Plans, again.Plans); d != "" {
		t.Errorf("plans:\n%s", d)
	}
	if d := cmp.Diff(f.Announced, again.Announced); d != "" {
		t.Errorf("announced:\n%s", d)
	}
	if d := cmp.Diff(f.EVSEs, again.EVSEs); d != "" {
		t.Errorf("evses:\n%s", d)
	}
}
