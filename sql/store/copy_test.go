package store_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

const copied = `create temp table copied (no int, t text, b bytea, n bigint, yes boolean, at timestamptz, id uuid, day date) on commit drop`

// TestCopyKeepsEveryValue stores values whose bytes mean something in COPY and reads them back.
func TestCopyKeepsEveryValue(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	at := time.Date(2026, time.October, 25, 2, 30, 0, 123456000, time.FixedZone("", 7200))
	id, day := ident.Derive("test", "copy"), calendar.NewDate(2026, time.February, 28)
	texts := []string{"", `\N`, `\.`, "a\tb\nc\r\\d", `\x41`, "ß€", strings.Repeat("long \t", 40_000)}
	blobs := [][]byte{{}, every, []byte(`\x41`), []byte(`{"a":"b\\c"}`), []byte("plain text\x00"), bytes.Repeat([]byte("signed "), 30_000), []byte("Straße: mostly text")}
	var rows [][]any
	for i := range texts {
		rows = append(rows, []any{i, texts[i], blobs[i], int64(-1) << 62, i%2 == 0, at, id, day})
	}
	rows = append(rows, []any{len(texts), nil, nil, nil, nil, nil, nil, nil})
	ctx := t.Context()
	err := storetest.New(t).DB(t).InTx(ctx, func(tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, copied); err != nil {
			return err
		}
		if err := tx.CopyRows(ctx, `copy copied (no, t, b, n, yes, at, id, day) from stdin`, rows); err != nil {
			return err
		}
		for i := range texts {
			var r struct {
				No  int           `db:"no"`
				T   string        `db:"t"`
				B   []byte        `db:"b"`
				N   int64         `db:"n"`
				Yes bool          `db:"yes"`
				At  time.Time     `db:"at"`
				ID  ident.ID      `db:"id"`
				Day calendar.Date `db:"day"`
			}
			if err := tx.GetContext(ctx, &r, `select no, t, b, n, yes, at, id, day from copied where no = $1`, i); err != nil {
				return err
			}
			if r.T != texts[i] || !bytes.Equal(r.B, blobs[i]) {
				t.Errorf("row %d: text %.40q, bytes %.40q; want %.40q, %.40q", i, r.T, r.B, texts[i], blobs[i])
			}
			if r.N != -4611686018427387904 || r.Yes != (i%2 == 0) || !r.At.Equal(at) || r.ID != id || r.Day != day {
				t.Errorf("row %d: %+v", i, r)
			}
		}
		var nulls int
		if err := tx.GetContext(ctx, &nulls, `select count(*) from copied where t is null and b is null and n is null and yes is null and at is null`); err != nil {
			return err
		}
		if nulls != 1 {
			t.Errorf("%d rows of nulls, want 1", nulls)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCopyKeepsAnyBytes(t *testing.T) {
	ctx := t.Context()
	db := storetest.New(t).DB(t)
	rapid.Check(t, func(r *rapid.T) {
		// Mostly text with some odd bytes, and the other way round.
		blob := rapid.SliceOf(rapid.OneOf(rapid.ByteRange(' ', '~'), rapid.ByteRange(' ', '~'), rapid.Byte())).Draw(r, "bytes")
		blob = append(blob, bytes.Repeat([]byte{'x'}, rapid.IntRange(0, 100).Draw(r, "more"))...)
		err := db.InTx(ctx, func(tx *store.Tx) error {
			if _, err := tx.ExecContext(ctx, copied); err != nil {
				return err
			}
			if err := tx.CopyRows(ctx, `copy copied (b) from stdin`, [][]any{{blob}}); err != nil {
				return err
			}
			var got []byte
			if err := tx.GetContext(ctx, &got, `select b from copied`); err != nil {
				return err
			}
			if !bytes.Equal(got, blob) {
				r.Fatalf("got %q, want %q", got, blob)
			}
			return nil
		})
		if err != nil {
			r.Fatal(err)
		}
	})
}

// TestCopyRefusesWhole: what the server or we refuse stores nothing and is told once.
func TestCopyRefusesWhole(t *testing.T) {
	ctx := t.Context()
	db := storetest.New(t).DB(t)
	for name, bad := range map[string]any{"a value of the wrong type": "no number", "a type we cannot store": struct{}{}} {
		err := db.InTx(ctx, func(tx *store.Tx) error {
			if _, err := tx.ExecContext(ctx, copied); err != nil {
				return err
			}
			return tx.CopyRows(ctx, `copy copied (n) from stdin`, [][]any{{1}, {bad}, {3}})
		})
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := db.Ping(ctx); err != nil {
		t.Error(err)
	}
}
