package store

import (
	"wattdue/money"
	"wattdue/rating"
)

// lineColumns are the columns of a rated line l. Lines written before exact amounts were kept have none.
const lineColumns = `l.kind, l.component, l.label, l.quantity, l.unit, l.block, l.amount, coalesce(l.exact, 0) as exact, l.vat_code, l.row_id`

// lineRow is a rated line as it is stored.
type lineRow struct {
	Kind      string `db:"kind"`
	Component string `db:"component"`
	Label     string `db:"label"`
	Quantity  int64  `db:"quantity"`
	Unit      int64  `db:"unit"`
	Block     int64  `db:"block"`
	Amount    int64  `db:"amount"`
	Exact     int64  `db:"exact"`
	VATCode   string `db:"vat_code"`
	Row       string `db:"row_id"`
}

func (r lineRow) line() rating.Line {
	return rating.Line{
		Kind: rating.LineKind(r.Kind), Component: rating.Component(r.Component), Label: r.Label, Quantity: r.Quantity,
		Unit: money.Price(r.Unit), Block: r.Block, Amount: r.Amount, Exact: money.Exact(r.Exact), VATCode: r.VATCode, Row: r.Row,
	}
}
