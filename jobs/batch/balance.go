package batch

import "fmt"

// Tally is records and money (minor units of the books' currency) of one kind.
type Tally struct {
	Records int64 `json:"records"`
	Minor   int64 `json:"minor"`
}

// Balance is the one control formula of the product: what came in equals what became of it, in records and in money.
// Records that never got a price carry no money.
type Balance struct {
	In         Tally `json:"in"`
	CarriedIn  Tally `json:"carried_in"`
	Billed     Tally `json:"billed"`
	Free       Tally `json:"free"`
	Credited   Tally `json:"credited"`
	Held       Tally `json:"held"`
	Duplicate  Tally `json:"duplicate"`
	Waived     Tally `json:"waived"` // taken out by decision: dropped, or claimed from the operator
	CarriedOut Tally `json:"carried_out"`
	// Parts of the above that were held first: Goodwill of Free, Claimed of Waived.
	Goodwill Tally `json:"goodwill"`
	Claimed  Tally `json:"claimed"`
	// What documents show beside charges: fees of plans and true-ups, and the VAT that comes on top of net prices.
	Fees     Tally `json:"fees,omitzero"`
	TaxOnTop int64 `json:"tax_on_top,omitempty"`
	// Books holds the ledger's side: unbilled charging and debtors, as booked since the start.
	UnbilledBooked int64 `json:"unbilled_booked"`
	BilledBooked   int64 `json:"billed_booked"`
}

// Stock is the state of a tenant at one moment, counted since the start. Balances are differences of stocks.
type Stock struct {
	Arrived   Tally `json:"arrived"` // money: everything ever priced
	Billed    Tally `json:"billed"`
	Free      Tally `json:"free"`
	Held      Tally `json:"held"`
	Duplicate Tally `json:"duplicate"`
	Waived    Tally `json:"waived"`
	Open      Tally `json:"open"` // on the way: imported, verified, rated or accrued
	// Parts of the above: Goodwill of Free, Claimed of Waived.
	Goodwill Tally `json:"goodwill"`
	Claimed  Tally `json:"claimed"`
	// What documents show beside charges.
	Fees     Tally `json:"fees,omitzero"`
	TaxOnTop int64 `json:"tax_on_top,omitempty"`
	// Booked sums of the ledger: what must equal Open, and Billed with Fees and TaxOnTop.
	UnbilledBooked int64 `json:"unbilled_booked"`
	BilledBooked   int64 `json:"billed_booked"`
}

// BalanceOf returns the balance of the time between two stocks.
func BalanceOf(before, now Stock) Balance {
	return Balance{
		In:             now.Arrived.minus(before.Arrived),
		CarriedIn:      before.Held.plus(before.Open),
		Billed:         now.Billed.minus(before.Billed),
		Free:           now.Free.minus(before.Free),
		Held:           now.Held,
		Duplicate:      now.Duplicate.minus(before.Duplicate),
		Waived:         now.Waived.minus(before.Waived),
		CarriedOut:     now.Open,
		Goodwill:       now.Goodwill.minus(before.Goodwill),
		Claimed:        now.Claimed.minus(before.Claimed),
		Fees:           now.Fees.minus(before.Fees),
		TaxOnTop:       now.TaxOnTop - before.TaxOnTop,
		UnbilledBooked: now.UnbilledBooked,
		BilledBooked:   now.BilledBooked - before.BilledBooked,
	}
}

// Check returns an error of class invariant when the balance does not close.
func (b Balance) Check() error {
	in := b.In.plus(b.CarriedIn)
	out := b.Billed.plus(b.Free).plus(b.Credited).plus(b.Held).plus(b.Duplicate).plus(b.Waived).plus(b.CarriedOut)
	switch {
	case in.Records != out.Records:
		return Failf(ClassInvariant, "records do not balance: %d in, %d accounted for", in.Records, out.Records)
	case in.Minor != out.Minor:
		return Failf(ClassInvariant, "money does not balance: %d in, %d accounted for (minor units)", in.Minor, out.Minor)
	case b.UnbilledBooked != b.CarriedOut.Minor:
		return Failf(ClassInvariant, "the ledger holds %d unbilled, the open charges are worth %d (minor units)", b.UnbilledBooked, b.CarriedOut.Minor)
	case b.Goodwill.Minor != 0 || b.Claimed.Minor != 0:
		return Failf(ClassInvariant, "goodwill of %d and claims of %d are worth something to the customer (minor units); only what has no price ends so",
			b.Goodwill.Minor, b.Claimed.Minor)
	case b.BilledBooked != b.Billed.Minor+b.Fees.Minor+b.TaxOnTop:
		return Failf(ClassInvariant, "the ledger was debited %d; the billed charges are worth %d, fees %d, VAT on net prices %d (minor units)",
			b.BilledBooked, b.Billed.Minor, b.Fees.Minor, b.TaxOnTop)
	}
	return nil
}

// String prints the formula with its figures, and the parts that come from decisions about held records when there are any.
func (b Balance) String() string {
	formula := fmt.Sprintf("in %d + carried in %d = billed %d + free %d + credited %d + held %d + duplicate %d + waived %d + carried out %d",
		b.In.Records, b.CarriedIn.Records, b.Billed.Records, b.Free.Records, b.Credited.Records,
		b.Held.Records, b.Duplicate.Records, b.Waived.Records, b.CarriedOut.Records)
	if b.Goodwill.Records+b.Claimed.Records > 0 {
		formula += fmt.Sprintf("; %d of the free are goodwill, %d of the waived are claimed", b.Goodwill.Records, b.Claimed.Records)
	}
	if b.Fees.Records > 0 {
		formula += fmt.Sprintf("; %d fees are billed beside", b.Fees.Records)
	}
	return formula
}

func (t Tally) plus(o Tally) Tally  { return Tally{t.Records + o.Records, t.Minor + o.Minor} }
func (t Tally) minus(o Tally) Tally { return Tally{t.Records - o.Records, t.Minor - o.Minor} }
