package store

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/ident"
)

// copyPiece is how many bytes of rows are handed to the driver at once; it sends what has this size without keeping it.
const copyPiece = 64 << 10

// copyIn streams rows into a table by COPY. next returns the row's values, or nil at the end. The rows are written here
// and handed over in large pieces, because passing every value through database/sql costs more than storing it.
func (tx *Tx) copyIn(ctx context.Context, statement string, next func() []any) error {
	return tx.conn.Raw(func(c any) (err error) {
		conn, ok := c.(driver.Conn)
		if !ok {
			return errors.New("the database driver cannot COPY")
		}
		st, err := conn.Prepare(statement)
		if err != nil {
			return err
		}
		// Closing tells the server that no more comes, and brings back what it says of all rows.
		defer func() {
			if closed := st.Close(); err == nil {
				err = closed
			}
		}()
		to, ok := st.(copier)
		if !ok {
			return fmt.Errorf("the database driver cannot COPY: %s", statement)
		}
		return sendRows(ctx, to, next)
	})
}

// copier is the driver's statement of a COPY in text form. It ends each piece with a line break.
type copier interface {
	CopyData(ctx context.Context, lines string) (driver.Result, error)
}

func sendRows(ctx context.Context, to copier, next func() []any) error {
	b := make([]byte, 0, copyPiece+copyPiece/4)
	for row := next(); row != nil; row = next() {
		var err error
		if len(b) > 0 {
			b = append(b, '\n')
		}
		if b, err = appendRow(b, row); err != nil {
			return err
		}
		if len(b) < copyPiece {
			continue
		}
		if _, err := to.CopyData(ctx, string(b)); err != nil {
			return err
		}
		b = b[:0]
	}
	if len(b) == 0 {
		return nil
	}
	_, err := to.CopyData(ctx, string(b))
	return err
}

// each makes the row source of copyIn from a slice.
func each[T any](rows []T, values func(T) []any) func() []any {
	i := 0
	return func() []any {
		if i == len(rows) {
			return nil
		}
		i++
		return values(rows[i-1])
	}
}

// appendRow writes a row in the text form of COPY (PostgreSQL documentation, COPY, "Text Format"), without line break.
func appendRow(b []byte, row []any) ([]byte, error) {
	for i, v := range row {
		if i > 0 {
			b = append(b, '\t')
		}
		var err error
		if b, err = appendValue(b, v); err != nil {
			return b, fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return b, nil
}

func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, `\N`...), nil
	case string:
		return appendText(b, v), nil
	case []byte:
		return appendBytes(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case time.Time:
		return append(b, pq.FormatTimestamp(v)...), nil
	case ident.ID:
		return appendID(b, v), nil
	case calendar.Date:
		return append(b, v.String()...), nil
	case driver.Valuer:
		plain, err := v.Value()
		if err != nil {
			return b, err
		}
		return appendValue(b, plain)
	}
	return b, fmt.Errorf("a %T cannot be stored", v)
}

// appendText writes text; what has a meaning in COPY is escaped.
func appendText(b []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var escaped byte
		switch s[i] {
		case '\\':
			escaped = '\\'
		case '\n':
			escaped = 'n'
		case '\r':
			escaped = 'r'
		case '\t':
			escaped = 't'
		default:
			continue
		}
		b = append(append(b, s[from:i]...), '\\', escaped)
		from = i + 1
	}
	return append(b, s[from:]...)
}

// appendBytes writes bytes for a column of type bytea: what is mostly text in the escape form, which is half as long and
// half the work for both sides, everything else in hexadecimal. The backslashes of either form are escaped for COPY.
func appendBytes(b, v []byte) []byte {
	odd := 0
	for _, c := range v {
		if isOdd(c) {
			odd++
		}
	}
	if 8*odd >= len(v) {
		return hex.AppendEncode(append(b, `\\x`...), v)
	}
	from := 0
	for i, c := range v {
		if !isOdd(c) {
			continue
		}
		b = append(b, v[from:i]...)
		from = i + 1
		if c == '\\' {
			b = append(b, `\\\\`...)
			continue
		}
		b = append(b, '\\', '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
	}
	return append(b, v[from:]...)
}

// isOdd reports whether a byte needs an escape in bytea.
func isOdd(c byte) bool { return c < ' ' || c > '~' || c == '\\' }

// appendID writes an id as its method String does.
func appendID(b []byte, id ident.ID) []byte {
	b = append(hex.AppendEncode(b, id[:4]), '-')
	b = append(hex.AppendEncode(b, id[4:6]), '-')
	b = append(hex.AppendEncode(b, id[6:8]), '-')
	b = append(hex.AppendEncode(b, id[8:10]), '-')
	return hex.AppendEncode(b, id[10:])
}
