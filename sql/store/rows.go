package store

import (
	"time"

	"github.com/lib/pq"

	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/ident"
)

// textColumn reads and writes a column of type text[].
type textColumn []string

// Scan reads the column.
func (t *textColumn) Scan(src any) error { return (*pq.StringArray)(t).Scan(src) }

// chargeRow is the row of charge for an arrival.
func chargeRow(tenant int, file ident.ID, a *Arrival) []any {
	r := a.Record
	k := r.Key()
	credit := ""
	if r.Credit {
		credit = r.CreditRef
	}
	place := r.Location.Name
	switch {
	case place == "":
		place = r.Location.City
	case r.Location.City != "":
		place += ", " + r.Location.City
	}
	return []any{
		tenant, monthOf(r.End), a.Charge, file, r.Origin.Ordinal, k.Country, k.Party, r.ID, r.SessionID,
		r.Start, r.End, int64(r.Energy), int64(r.Parking / time.Second), customer.NormaliseUID(r.Token.UID),
		customer.NormaliseEMAID(r.Token.ContractID), r.Location.EVSEID, r.Location.Country, place, string(r.Currency), r.StatedExcl, r.StatedIncl,
		r.Token.Type, credit,
		cdr.EncodePeriods(r.Periods), cdr.EncodeSigned(r.Signed),
	}
}
