package invoicing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/money"
	"wattdue/rating"
)

// FeeKind says what an amount apart from the sessions is for.
type FeeKind string

// The kinds of fees.
const (
	MonthlyFee FeeKind = "monthly" // of a plan, by the days it was in force
	TrueUpFee  FeeKind = "true_up" // what a month of a price with volume tiers still costs, or gives back
)

// Fee is an amount a contract owes for a month, or part of it, apart from its sessions. Cents come from rating.Fee and
// rating.TrueUp.
type Fee struct {
	ID       ident.ID // of a natural key: a fee is billed once
	Kind     FeeKind
	Plan     string // name of the plan, or of the tariff
	From     calendar.Date
	Until    calendar.Date // exclusive; in the month of From or the first day of the next
	Monthly  money.Price   // the fee of a whole month
	Energy   cdr.MicroKWh  // of a true-up: the energy of the month
	Amount   int64
	Currency money.Currency
	Mode     rating.Mode
	Country  string // where it is taxed, ISO 3166 alpha-2
	VATCode  string
}

// FeeLine is a fee as a document shows it. It is supplied on its last day.
type FeeLine struct {
	Fee        ident.ID       `json:"fee"`
	Kind       FeeKind        `json:"kind"`
	Plan       string         `json:"plan"`
	From       calendar.Date  `json:"from"`
	Until      calendar.Date  `json:"until"` // exclusive
	SupplyDate calendar.Date  `json:"supply_date"`
	Monthly    money.Price    `json:"monthly,omitempty"`
	Energy     cdr.MicroKWh   `json:"energy,omitempty"`
	Amount     int64          `json:"amount"`
	Country    string         `json:"country"`
	VATCode    string         `json:"vat_code"`
	Category   string         `json:"category"`
	Rate       money.Fraction `json:"rate"`
}

// Group returns the VAT group of the fee, without sums.
func (f FeeLine) Group() VATGroup {
	return VATGroup{Country: f.Country, Category: f.Category, Rate: f.Rate}
}

// Days returns how many days the fee is for, and how many its month has.
func (f FeeLine) Days() (days, month int) {
	m := f.From.MonthOf()
	return f.From.DaysUntil(f.Until), m.First.DaysUntil(m.Next)
}

// SupplyDate returns the day a fee counts as supplied: the last one it is for. It decides rate and tax month.
func (f Fee) SupplyDate() calendar.Date { return f.Until.AddDays(-1) }

// FeeFault names a fee that cannot be billed, and why.
type FeeFault struct {
	Fee  Fee
	Code ChargeCode
	Err  error
}

// Error prints the code, plan and days of the fee, and the reason.
func (f *FeeFault) Error() string {
	return fmt.Sprintf("%s: fee of %s from %s until before %s: %v", f.Code, f.Fee.Plan, f.Fee.From, f.Fee.Until, f.Err)
}

// Unwrap returns the reason.
func (f *FeeFault) Unwrap() error { return f.Err }

// CheckFee reports whether a fee may be put on a document of the issuer; the error is a *FeeFault.
func CheckFee(issuer Issuer, f Fee) error {
	fault := func(code ChargeCode, format string, args ...any) error {
		return &FeeFault{Fee: f, Code: code, Err: fmt.Errorf(format, args...)}
	}
	if err := f.wellFormed(); err != nil {
		return fault(ChargeMalformed, "%w", err)
	}
	if _, ok := issuer.VATIDIn(f.Country); !ok {
		return fault(ChargeUnregistered, "the issuer has no tax registration in %q; enter the VAT id or settle it by hand", f.Country)
	}
	if _, _, err := TaxRate(f.Country, f.VATCode, f.SupplyDate()); err != nil {
		return fault(ChargeVATUnknown, "%w", err)
	}
	return nil
}

func (f Fee) wellFormed() error {
	switch {
	case f.ID.IsZero():
		return errors.New("id is missing")
	case f.Kind != MonthlyFee && f.Kind != TrueUpFee:
		return fmt.Errorf("kind %q is not known", f.Kind)
	case f.Plan == "":
		return errors.New("name of the plan is missing")
	case f.From.IsZero() || !f.From.Before(f.Until) || f.From.MonthOf().Next.Before(f.Until):
		return errors.New("its days are not days of one month")
	case f.Mode != rating.Gross && f.Mode != rating.Net:
		return fmt.Errorf("price mode %q is neither gross nor net", f.Mode)
	}
	if _, ok := f.Currency.Digits(); !ok {
		return fmt.Errorf("currency %q is not known", f.Currency)
	}
	return nil
}

// compareFee orders fees by the days they are for, plans before true-ups.
func compareFee(a, b Fee) int {
	return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Plan, b.Plan), slices.Compare(a.ID[:], b.ID[:]))
}

func (s Settlement) addFees(d *Document, g group) error {
	fees := slices.Clone(s.Fees)
	slices.SortFunc(fees, compareFee)
	for i, f := range fees {
		if i > 0 && f.ID == fees[i-1].ID {
			return &FeeFault{f, ChargeMalformed, errors.New("given twice")}
		}
		if f.group() != g {
			return &FeeFault{f, ChargeMixed, fmt.Errorf("%s on a document in %s; split first", f.group(), g)}
		}
		category, rate, err := TaxRate(f.Country, f.VATCode, f.SupplyDate())
		if err != nil {
			return &FeeFault{f, ChargeVATUnknown, err}
		}
		d.Fees = append(d.Fees, FeeLine{
			Fee: f.ID, Kind: f.Kind, Plan: f.Plan, From: f.From, Until: f.Until, SupplyDate: f.SupplyDate(),
			Monthly: f.Monthly, Energy: f.Energy, Amount: f.Amount,
			Country: f.Country, VATCode: f.VATCode, Category: category, Rate: rate,
		})
	}
	return nil
}
