package invoicing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wattdue/meter"
	"wattdue/money"
	"wattdue/rating"
)

// ChargeCode says in one stable word why a charge cannot be on a document.
type ChargeCode string

// The codes of a ChargeFault.
const (
	ChargeHeld         ChargeCode = "charge-held"         // rating holds it
	ChargeUnproven     ChargeCode = "charge-unproven"     // no valid verdict, policy or waiver
	ChargeMalformed    ChargeCode = "charge-malformed"    // ids, times or sums do not fit together
	ChargeMixed        ChargeCode = "charge-mixed"        // other currency, price mode or tax country than the document
	ChargeVATUnknown   ChargeCode = "charge-vat-unknown"  // no VAT rule
	ChargeUnregistered ChargeCode = "charge-unregistered" // the issuer has no tax registration in the country
)

// ChargeFault names a charge that cannot be billed, and why. The other charges are not affected.
type ChargeFault struct {
	Charge Charge
	Code   ChargeCode
	Err    error
}

// Error prints the code, the key of the charge record and the reason.
func (f *ChargeFault) Error() string {
	return fmt.Sprintf("%s: charge %s: %v", f.Code, f.Charge.Key, f.Err)
}

// Unwrap returns the reason.
func (f *ChargeFault) Unwrap() error { return f.Err }

// CheckCharge reports whether a charge may be put on a document of the issuer at all; the error is a *ChargeFault.
// Build asks it of every charge, and a run asks it before, to hold one charge instead of a whole contract.
func CheckCharge(issuer Issuer, c Charge) error {
	fault := func(code ChargeCode, format string, args ...any) error {
		return &ChargeFault{Charge: c, Code: code, Err: fmt.Errorf(format, args...)}
	}
	if c.Rated.Held {
		return fault(ChargeHeld, "rating holds it (%s); solve that and rate it again", flags(c.Rated.Flags))
	}
	switch c.Basis {
	case BasisNotRequired, BasisWaiver:
	case BasisValid:
		if !c.Verdict.Billable() {
			return fault(ChargeUnproven, "basis is valid but the verdict is %q; hold it or record a waiver", c.Verdict.Word)
		}
	default:
		return fault(ChargeUnproven, "basis %q allows no billing; hold it or record a waiver", c.Basis)
	}
	if err := wellFormed(c); err != nil {
		return fault(ChargeMalformed, "%w", err)
	}
	if _, ok := issuer.VATIDIn(c.TaxCountry); !ok {
		return fault(ChargeUnregistered, "the issuer has no tax registration in %q; enter the VAT id or settle it by hand", c.TaxCountry)
	}
	for _, l := range c.Rated.Lines {
		if _, _, err := TaxRate(c.TaxCountry, l.VATCode, c.SupplyDate); err != nil {
			return fault(ChargeVATUnknown, "%s: %w", lineName(l), err)
		}
	}
	return nil
}

// wellFormed checks what no later step could repair: identity, times and that the lines are the total.
func wellFormed(c Charge) error {
	switch {
	case c.ID.IsZero():
		return errors.New("id is missing")
	case c.BillingDate.IsZero():
		return errors.New("billing date is missing")
	case c.SupplyDate.IsZero():
		return errors.New("supply date is missing")
	case len(c.Rated.Lines) == 0:
		return errors.New("no priced lines; rate it again")
	}
	if _, ok := c.Rated.Currency.Digits(); !ok {
		return fmt.Errorf("currency %q is not known", c.Rated.Currency)
	}
	if c.Rated.Mode != rating.Gross && c.Rated.Mode != rating.Net {
		return fmt.Errorf("price mode %q is neither gross nor net", c.Rated.Mode)
	}
	start, err := time.Parse(time.RFC3339, c.Start)
	if err != nil {
		return fmt.Errorf("start %q: want RFC 3339 with offset", c.Start)
	}
	end, err := time.Parse(time.RFC3339, c.End)
	if err != nil {
		return fmt.Errorf("end %q: want RFC 3339 with offset", c.End)
	}
	if end.Before(start) {
		return fmt.Errorf("end %s is before start %s", c.End, c.Start)
	}
	var sum int64
	for _, l := range c.Rated.Lines {
		if sum, err = add(sum, l.Amount); err != nil {
			return err
		}
	}
	if sum != c.Rated.Total {
		return fmt.Errorf("lines add up to %d, total is %d; rate it again", sum, c.Rated.Total)
	}
	return nil
}

// compareStart orders charges by the instant they started, then by id. Two local times of the autumn clock change
// compare as instants, not as text. A time that cannot be read comes first; CheckCharge refuses it.
func compareStart(a, b Charge) int {
	ta, _ := time.Parse(time.RFC3339, a.Start)
	tb, _ := time.Parse(time.RFC3339, b.Start)
	return cmp.Or(ta.Compare(tb), slices.Compare(a.ID[:], b.ID[:]))
}

// sessionLines is the charge as the document shows it. The VAT rate is that of the day of supply. Meter values are
// shown only when their signatures were verified.
func sessionLines(c Charge) (SessionLines, error) {
	s := SessionLines{
		Charge: c.ID, SessionID: c.SessionID, Start: c.Start, End: c.End, SupplyDate: c.SupplyDate,
		EVSEID: c.EVSEID, Place: c.Place, Token: c.TokenShort, Energy: c.Energy,
		Basis: c.Basis, Total: c.Rated.Total, Lines: make([]Line, 0, len(c.Rated.Lines)),
	}
	if c.Verdict.Word == meter.Valid {
		s.Measured = true
		s.MeterID, s.KeyHash = c.Verdict.MeterID, c.Verdict.KeyHash
		s.MeterBegin, s.MeterEnd = c.Verdict.Begin.Value, c.Verdict.End.Value
	}
	for _, l := range c.Rated.Lines {
		category, rate, err := TaxRate(c.TaxCountry, l.VATCode, c.SupplyDate)
		if err != nil {
			return SessionLines{}, err
		}
		s.Lines = append(s.Lines, Line{
			Kind: l.Kind, Component: l.Component, Quantity: l.Quantity, Unit: l.Unit, Block: l.Block, Amount: l.Amount,
			Row: l.Row, Label: l.Label, Country: c.TaxCountry, VATCode: l.VATCode, Category: category, Rate: rate,
		})
	}
	return s, nil
}

// lineName names a line in messages.
func lineName(l rating.Line) string {
	switch {
	case l.Component == "":
		return "session " + l.Label
	case l.Kind != rating.QuantityLine:
		return string(l.Component) + " " + string(l.Kind)
	}
	return string(l.Component)
}

func flags(fs []rating.Flag) string {
	if len(fs) == 0 {
		return "no reason given"
	}
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}

// add returns a + b or money.ErrOverflow.
func add(a, b int64) (int64, error) {
	sum, err := money.Amount{Minor: a}.Add(money.Amount{Minor: b})
	return sum.Minor, err
}
