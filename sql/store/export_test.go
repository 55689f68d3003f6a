package store

import "context"

// CopyRows is copyIn for tests.
func (tx *Tx) CopyRows(ctx context.Context, statement string, rows [][]any) error {
	return tx.copyIn(ctx, statement, each(rows, func(row []any) []any { return row }))
}
