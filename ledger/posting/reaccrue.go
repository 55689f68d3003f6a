package posting

import (
	"fmt"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/ledger"
)

// Reaccrue books that an accrued session has another price: what was booked is taken back and the new price booked, each
// in an entry of its own. was is the old price in minor units, attempt the number of the new one. The references are
// charge:<id>:<attempt>:reversal and charge:<id>:<attempt>. What is zero is left out.
//
//	Dr memo:clearing                Cr memo:unbilled, contract    the old price
//	Dr memo:unbilled, contract      Cr memo:clearing              the new one
func Reaccrue(tenant string, c invoicing.Charge, was int64, attempt int, contractNo string, booking calendar.Date) []ledger.Entry {
	reference := againReference(c.ID, attempt)
	var entries []ledger.Entry
	for _, e := range []struct {
		reference string
		minor     int64
	}{{reference + ":reversal", -was}, {reference, c.Rated.Total}} {
		if e.minor == 0 {
			continue
		}
		entry := ledger.NewEntry(tenant, KindAccrual, e.reference, booking, c.SupplyDate,
			ledger.Leg{Account: ledger.UnbilledCharging, Sub: contractNo, Minor: e.minor, Currency: c.Rated.Currency},
			ledger.Leg{Account: ledger.UnbilledClearing, Minor: -e.minor, Currency: c.Rated.Currency})
		entry.Text = c.Key.String()
		entries = append(entries, entry)
	}
	return entries
}

// AccrualReferences are the references under which entries of a charge may stand in the books before its document, of a
// charge with so many attempts.
func AccrualReferences(charge ident.ID, attempts int) []string {
	list := []string{"charge:" + charge.String()}
	for n := 2; n <= attempts; n++ {
		again := againReference(charge, n)
		list = append(list, again+":reversal", again)
	}
	return list
}

func againReference(charge ident.ID, attempt int) string {
	return fmt.Sprintf("charge:%s:%d", charge, attempt)
}
