package rating

import (
	"fmt"
	"slices"
	"time"

	"wattdue/money"
)

const (
	// largestRow bounds the combinations of key values in one row, so that a typing mistake does not fill the memory.
	largestRow = 1 << 20
	// mostDiscounts is how many discounts a tariff may have; traces keep a bit for each.
	mostDiscounts = 64
)

// check returns every fault of a tariff that shows without comparing rows.
func check(t *Tariff) []string {
	var faults []string
	report := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if t.Code == "" {
		report("code is missing")
	}
	if t.Version < 1 {
		report("version must be 1 or more")
	}
	if !t.ValidTo.IsZero() && !t.ValidFrom.Before(t.ValidTo) {
		report("valid_to must be after valid_from")
	}
	if _, ok := t.Currency.Digits(); !ok {
		report("currency %q is not known; use an ISO 4217 code in upper case", string(t.Currency))
	}
	if t.Mode != Gross && t.Mode != Net {
		report("mode %q is not known; use gross or net", string(t.Mode))
	}
	if t.ZeroBelow < 0 || t.ZeroUnder < 0 {
		report("zero_below and zero_under must not be negative")
	}
	faults = append(faults, checkTerms(t)...)
	for i := range t.Discounts {
		for _, fault := range checkDiscount(t.Discounts, i) {
			report("discount %q: %s", t.Discounts[i].ID, fault)
		}
	}
	if len(t.Rows) == 0 {
		report("there are no rows")
	}
	seen := make(map[string]bool, len(t.Rows))
	for i := range t.Rows {
		r := &t.Rows[i]
		switch {
		case r.ID == "":
			report("row %d has no id", i+1)
		case seen[r.ID]:
			report("row id %q occurs twice", r.ID)
		}
		seen[r.ID] = true
		for _, fault := range checkRow(r, t.Holidays) {
			report("row %q: %s", r.ID, fault)
		}
	}
	return faults
}

// checkTerms returns the faults of what holds for the whole tariff.
func checkTerms(t *Tariff) []string {
	var faults []string
	report := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for i, c := range t.Free {
		if componentIndex(c) < 0 {
			report("free component %q is not known", string(c))
		}
		if slices.Contains(t.Free[:i], c) {
			report("free component %s occurs twice", c)
		}
	}
	switch {
	case t.SessionMin < 0 || t.SessionMax < 0:
		report("session_min and session_max must not be negative")
	case t.SessionMax > 0 && t.SessionMin > t.SessionMax:
		report("session_min is above session_max")
	}
	if t.MinOnZero && (t.SessionMin == 0 || t.LimitVAT == "") {
		report("min_on_zero needs session_min and limit_vat: a session without lines has no VAT code of its own")
	}
	for _, limit := range [...]money.Price{t.SessionMin, t.SessionMax} {
		if tooLarge(limit) {
			report("the session limit %s is too large", limit)
		}
	}
	switch t.Round {
	case "", AtLine, AtSession, AtDocument:
	default:
		report("round %q is not known; use line, session or document", string(t.Round))
	}
	if !t.Rounding.Known() {
		report("rounding %q is not known; use half_even, down or up, or leave it out for half away from zero", string(t.Rounding))
	}
	switch t.Split {
	case "", SplitLinear, SplitReadings, SplitPeriodStart, SplitSessionStart:
	default:
		report("energy_split %q is not known; use linear, readings, period_start or session_start", string(t.Split))
	}
	if h := t.Holidays; h != nil {
		if h.Name == "" {
			report("the calendar of holidays has no name")
		}
		for i, d := range h.Days {
			if d.IsZero() || slices.Contains(h.Days[:i], d) {
				report("holidays: a day is missing or occurs twice (%s)", d)
			}
		}
	}
	return faults
}

func checkDiscount(all []Discount, at int) []string {
	var faults []string
	d := all[at]
	if d.ID == "" {
		faults = append(faults, fmt.Sprintf("number %d has no id", at+1))
	}
	if at == mostDiscounts {
		faults = append(faults, fmt.Sprintf("there are more than %d", mostDiscounts))
	}
	if slices.ContainsFunc(all[:at], func(o Discount) bool { return o.ID == d.ID }) {
		faults = append(faults, "the id occurs twice")
	}
	if (d.Percent == 0) == (d.Amount == 0) {
		faults = append(faults, "give either a percent or an amount")
	}
	if d.Percent < 0 || d.Percent > 1_000_000 {
		faults = append(faults, "the percent must be above 0 and at most 100")
	}
	if tooLarge(d.Amount) || d.Amount < 0 {
		faults = append(faults, "the amount is negative or too large")
	}
	if fault := checkValues("group", d.Groups); fault != "" {
		faults = append(faults, fault)
	}
	for i, c := range d.Components {
		switch {
		case componentIndex(c) < 0:
			faults = append(faults, fmt.Sprintf("component %q is not known", string(c)))
		case c == Export:
			faults = append(faults, "what is paid for export cannot be discounted")
		case slices.Contains(d.Components[:i], c):
			faults = append(faults, fmt.Sprintf("component %s occurs twice", c))
		}
	}
	return faults
}

// tooLarge reports whether an amount is beyond a million currency units.
func tooLarge(p money.Price) bool { return p > 1_000_000*1_000_000 }

func checkValues(key string, values []string) string {
	if len(values) < 2 {
		if len(values) == 1 && values[0] == "" {
			return fmt.Sprintf("a %s is empty; leave the key out to match every %s", key, key)
		}
		return ""
	}
	sorted := slices.Sorted(slices.Values(values))
	for i, v := range sorted {
		if v == "" {
			return fmt.Sprintf("a %s is empty; leave the key out to match every %s", key, key)
		}
		if i > 0 && v == sorted[i-1] {
			return fmt.Sprintf("%s %q occurs twice", key, v)
		}
	}
	return ""
}

func checkSeconds(name string, d time.Duration) string {
	switch {
	case d < 0:
		return name + " is negative"
	case d%time.Second != 0:
		return name + " must be whole seconds"
	}
	return ""
}
