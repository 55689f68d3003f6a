package rating

import (
	"fmt"
	"slices"
	"time"
)

// largestRow bounds the combinations of key values in one row, so that a typing mistake does not fill the memory.
const largestRow = 1 << 20

// check returns every fault of a tariff that shows without comparing rows.
func check(t Tariff) []string {
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
	if len(t.Rows) == 0 {
		report("there are no rows")
	}
	seen := map[string]bool{}
	for i, r := range t.Rows {
		switch {
		case r.ID == "":
			report("row %d has no id", i+1)
		case seen[r.ID]:
			report("row id %q occurs twice", r.ID)
		}
		seen[r.ID] = true
		for _, fault := range checkRow(r) {
			report("row %q: %s", r.ID, fault)
		}
	}
	return faults
}

func checkRow(r Row) []string {
	var faults []string
	combinations := 1
	for _, k := range keys {
		values := k.row(r)
		if fault := checkValues(k.name, values); fault != "" {
			faults = append(faults, fault)
		}
		combinations *= max(1, len(values))
		if combinations > largestRow {
			faults = append(faults, fmt.Sprintf("its keys combine to more than %d cells; split it", largestRow))
			break
		}
	}
	if len(r.Prices) == 0 {
		faults = append(faults, "it prices nothing")
	}
	names := make([]Component, 0, len(r.Prices))
	for name := range r.Prices {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, fault := range checkPrice(name, r.Prices[name]) {
			faults = append(faults, fmt.Sprintf("%s: %s", name, fault))
		}
	}
	return faults
}

func checkValues(key string, values []string) string {
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

func checkPrice(name Component, p Price) []string {
	i := componentIndex(name)
	if i < 0 {
		return []string{"the component is not known"}
	}
	var faults []string
	if p.Unit < 0 {
		faults = append(faults, "the price is negative")
	}
	if p.VATCode == "" {
		faults = append(faults, "the VAT code is missing")
	}
	switch {
	case p.FreeTime != 0 && !components[i].timed:
		faults = append(faults, "free time is only for minutes")
	case p.FreeTime < 0:
		faults = append(faults, "the free time is negative")
	case p.FreeTime%time.Second != 0:
		faults = append(faults, "the free time must be whole seconds")
	}
	return faults
}
