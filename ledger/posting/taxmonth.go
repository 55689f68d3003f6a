package posting

import (
	"strings"

	"wattdue/ledger"
)

// TaxMonth returns the month of supply (YYYY-MM) of a revenue or VAT leg: that of the entry, or the one in the leg's
// sub-account when the entry covers several months. It is empty for legs without tax, which penalties are as well.
func TaxMonth(e ledger.Entry, l ledger.Leg) string {
	switch l.Account {
	case ledger.Revenue, ledger.FeeRevenue, ledger.VATPayable:
	default:
		return ""
	}
	if _, month, ok := strings.Cut(l.Sub, ":"); ok {
		return month
	}
	return e.TaxMonth
}
