package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// PlainTable is a table to measure COPY with: one column of text, and no key, index, constraint or trigger. It is what
// storing bytes in Postgres costs at the least.
type PlainTable struct{ x *sqlx.DB }

// NewPlainTable makes an empty plain table, in place of one made before, as a role that may create tables.
func NewPlainTable(ctx context.Context, ownerDSN string) (*PlainTable, error) {
	x, err := sqlx.Open("postgres", withSession(ownerDSN))
	if err != nil {
		return nil, err
	}
	_, err = x.ExecContext(ctx, "drop table if exists plain; create table plain (line text not null)")
	if err != nil {
		_ = x.Close()
		return nil, fmt.Errorf("table for measuring cannot be made: %s", reason(err))
	}
	return &PlainTable{x}, nil
}

// Copy stores lines by COPY, in one transaction.
func (p *PlainTable) Copy(ctx context.Context, lines [][]byte) error {
	return (&DB{p.x}).InTx(ctx, func(tx *Tx) error {
		return tx.copyIn(ctx, "copy plain (line) from stdin", each(lines, func(line []byte) []any { return []any{string(line)} }))
	})
}

// Close ends the connection; the table stays.
func (p *PlainTable) Close() error { return p.x.Close() }
