package invoicing

import (
	"errors"
	"strings"
	"testing"

	"wattdue/calendar"
)

func TestTaxRate(t *testing.T) {
	for _, tc := range []struct{ country, date, percent string }{
		{"DE", "2007-01-01", "19"},
		{"DE", "2020-06-30", "19"},
		{"DE", "2020-07-01", "16"},
		{"DE", "2020-12-31", "16"},
		{"DE", "2021-01-01", "19"},
		{"DE", "2026-10-31", "19"},
		{"AT", "2026-10-31", "20"},
		{"BE", "2026-10-31", "21"},
		{"CH", "2023-12-31", "7.7"},
		{"CH", "2024-01-01", "8.1"},
		{"CZ", "2026-10-31", "21"},
		{"DK", "2026-10-31", "25"},
		{"FR", "2026-10-31", "20"},
		{"LU", "2022-12-31", "17"},
		{"LU", "2023-01-01", "16"},
		{"LU", "2023-12-31", "16"},
		{"LU", "2024-01-01", "17"},
		{"NL", "2026-10-31", "21"},
		{"PL", "2026-10-31", "23"},
	} {
		category, rate, err := TaxRate(tc.country, "standard", day(tc.date))
		if err != nil || category != "S" || rate.Percent() != tc.percent {
			t.Errorf("%s on %s: category %q, %s %%, error %v, want S, %s %%", tc.country, tc.date, category, rate.Percent(), err, tc.percent)
		}
	}
}

func TestUnknownTaxIsAnErrorNotZero(t *testing.T) {
	for _, tc := range []struct{ name, country, code, date, text string }{
		{"before the first rate", "DE", "standard", "2006-12-31", "2006-12-31"},
		{"penalties are not known everywhere", "AT", "penalty", "2026-10-31", `"penalty"`},
		{"unknown code", "DE", "reduced", "2026-10-31", `"reduced"`},
		{"no code", "DE", "", "2026-10-31", `code ""`},
		{"unknown country", "US", "standard", "2026-10-31", `"US"`},
		{"country in lower case", "de", "standard", "2026-10-31", `"de"`},
		{"no date", "DE", "standard", "", "no date"},
	} {
		var date calendar.Date
		if tc.date != "" {
			date = day(tc.date)
		}
		_, _, err := TaxRate(tc.country, tc.code, date)
		if !errors.Is(err, ErrVATUnknown) || !strings.Contains(err.Error(), tc.text) {
			t.Errorf("%s: error %v, want VAT_UNKNOWN with %s", tc.name, err, tc.text)
		}
	}
}

func TestVATRulesNeitherOverlapNorLackASource(t *testing.T) {
	for i, a := range vatRules {
		if taxed := a.rate > 0; a.source == "" || len(a.country) != 2 || taxed != (a.category == CategoryStandard) || !taxed && a.category != CategoryOutside {
			t.Errorf("rule %d: %+v", i, a)
		}
		if !a.until.IsZero() && !a.from.Before(a.until) {
			t.Errorf("rule %d: %s to %s is empty", i, a.from, a.until)
		}
		for _, b := range vatRules[i+1:] {
			apart := !a.until.IsZero() && !b.from.Before(a.until) || !b.until.IsZero() && !a.from.Before(b.until)
			if a.country == b.country && a.code == b.code && !apart {
				t.Errorf("%s %s: rules from %s and %s overlap", a.country, a.code, a.from, b.from)
			}
		}
	}
}
