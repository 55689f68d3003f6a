package posting

import (
	"strings"

	"wattdue/ledger"
)

// TaxMonth returns the month of supply (YYYY-MM) of a revenue or VAT leg: that of the entry, or the one in the leg's
// sub-account when the entry covers several months. It is empty for legs without tax.
func TaxMonth(e ledger.Entry, l ledger.Leg) string {
	if l.Account != ledger.Revenue && l.Account != ledger.VATPayable {
		return ""
	}
	if _, month, ok := strings.Cut(l.Sub, ":"); ok {
		return month
	}
	return e.TaxMonth
}
