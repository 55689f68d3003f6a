// Package posting decides which business event books what: event in, ledger entry out, one file per event.
//
// Entries are pure functions of tenant and event; the reference names the event, so booking it twice gives the same
// entry with the same id. Nothing here is stored or checked against other entries.
package posting

import (
	"wattdue/calendar"
	"wattdue/invoicing"
	"wattdue/ledger"
)

// KindAccrual is the kind of the entry that Accrue books.
const KindAccrual = "accrual"

// Accrue books a rated session as unbilled, in the mode of its tariff: no revenue and no VAT, which come with the
// document. The reference is charge:<id>, the value date the day of supply. ok is false when there is nothing to book:
// the session costs nothing, or rating holds it and it has no price.
//
//	Dr memo:unbilled, contract    Cr memo:clearing
func Accrue(tenant string, c invoicing.Charge, contractNo string, booking calendar.Date) (e ledger.Entry, ok bool) {
	if c.Rated.Held || c.Rated.Total == 0 {
		return ledger.Entry{}, false
	}
	amount, currency := c.Rated.Total, c.Rated.Currency
	e = ledger.NewEntry(tenant, KindAccrual, "charge:"+c.ID.String(), booking, c.SupplyDate,
		ledger.Leg{Account: ledger.UnbilledCharging, Sub: contractNo, Minor: amount, Currency: currency},
		ledger.Leg{Account: ledger.UnbilledClearing, Minor: -amount, Currency: currency})
	e.Text = c.Key.String()
	return e, true
}
