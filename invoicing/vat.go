package invoicing

import (
	"errors"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/money"
)

// ErrVATUnknown is wrapped when no VAT rule covers a supply. An unknown rate is never zero.
var ErrVATUnknown = errors.New("VAT_UNKNOWN")

// StandardRate is the VAT code a tariff states for what is taxed at a country's standard rate. Whether charging takes
// the standard rate in a country is for the tariff to say.
const StandardRate = "standard"

// Penalty is the VAT code of contractual penalties, such as a fee per minute for blocking a charge point beyond a time
// agreed. It has a code of its own because it is no price for a supply (BGB §339; AG Karlsruhe 6 C 184/23): it does not
// enter the tax base, and no VAT is shown for it. Whether a fee is a penalty is for the tariff to say.
const Penalty = "penalty"

// The EN 16931 categories of VAT (UNTDID 5305).
const (
	CategoryStandard = "S" // taxed at a rate above zero
	CategoryOutside  = "O" // not subject to VAT
)

// vatRule is the rate of a country and code for supplies from From until before Until (zero: open end).
type vatRule struct {
	country, code string
	from, until   calendar.Date
	category      string
	rate          money.Fraction
	source        string
}

// vatRules are the rates known here, by country, code and date of supply. Dates before the first row are unknown.
var vatRules = []vatRule{
	{"DE", StandardRate, on(2007, 1, 1), on(2020, 7, 1), CategoryStandard, 190_000, "UStG §12 Abs. 1"},
	{"DE", StandardRate, on(2020, 7, 1), on(2021, 1, 1), CategoryStandard, 160_000, "UStG §28 Abs. 1 (Zweites Corona-Steuerhilfegesetz)"},
	{"DE", StandardRate, on(2021, 1, 1), noEnd, CategoryStandard, 190_000, "UStG §12 Abs. 1"},

	{"DE", Penalty, on(2007, 1, 1), noEnd, CategoryOutside, 0, "UStG §1 Abs. 1 Nr. 1 (no consideration for a supply); UStAE 1.3 Abs. 3"},

	{"AT", StandardRate, on(1984, 1, 1), noEnd, CategoryStandard, 200_000, "UStG 1994 (AT) §10 Abs. 1"},
	{"BE", StandardRate, on(1996, 1, 1), noEnd, CategoryStandard, 210_000, "arrêté royal no 20 (TVA), art. 1"},
	{"CH", StandardRate, on(2018, 1, 1), on(2024, 1, 1), CategoryStandard, 77_000, "MWSTG Art. 25 Abs. 1, until 2023"},
	{"CH", StandardRate, on(2024, 1, 1), noEnd, CategoryStandard, 81_000, "MWSTG Art. 25 Abs. 1"},
	{"CZ", StandardRate, on(2013, 1, 1), noEnd, CategoryStandard, 210_000, "zákon č. 235/2004 Sb., §47"},
	{"DK", StandardRate, on(1992, 1, 1), noEnd, CategoryStandard, 250_000, "momsloven §33"},
	{"FR", StandardRate, on(2014, 1, 1), noEnd, CategoryStandard, 200_000, "code général des impôts, art. 278"},
	{"LU", StandardRate, on(2015, 1, 1), on(2023, 1, 1), CategoryStandard, 170_000, "loi TVA (LU) art. 39"},
	{"LU", StandardRate, on(2023, 1, 1), on(2024, 1, 1), CategoryStandard, 160_000, "loi TVA (LU) art. 39, lowered for 2023"},
	{"LU", StandardRate, on(2024, 1, 1), noEnd, CategoryStandard, 170_000, "loi TVA (LU) art. 39"},
	{"NL", StandardRate, on(2012, 10, 1), noEnd, CategoryStandard, 210_000, "Wet op de omzetbelasting 1968, art. 9"},
	{"PL", StandardRate, on(2011, 1, 1), noEnd, CategoryStandard, 230_000, "ustawa o VAT, art. 41 ust. 1"},
}

var noEnd calendar.Date

func on(year int, month time.Month, day int) calendar.Date { //nolint:unparam // a rate may change on any day
	return calendar.NewDate(year, month, day)
}

// TaxRate returns the VAT category and rate of a code in a country (ISO 3166 alpha-2) for a supply on a date. What
// the table does not hold is an error that wraps ErrVATUnknown.
func TaxRate(country, code string, date calendar.Date) (category string, rate money.Fraction, err error) {
	for _, r := range vatRules {
		if r.country == country && r.code == code && !date.Before(r.from) && (r.until.IsZero() || date.Before(r.until)) {
			return r.category, r.rate, nil
		}
	}
	return "", 0, fmt.Errorf("%w: no rate for country %q, code %q, supply on %s; correct the tariff or add the rate to the table",
		ErrVATUnknown, country, code, dateOrNone(date))
}

func dateOrNone(d calendar.Date) string {
	if d.IsZero() {
		return "no date"
	}
	return d.String()
}
