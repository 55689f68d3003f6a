package store_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/masterdata"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// runOf opens a run of some chunks for a tenant.
func runOf(t *testing.T, db *store.DB, tenant string, chunks int) batch.Run {
	t.Helper()
	ctx := t.Context()
	var r batch.Run
	err := db.InTx(ctx, func(tx *store.Tx) error {
		id, err := tx.PutTenant(ctx, masterdata.Tenant{Code: tenant, Zone: "Europe/Berlin", Issuer: invoicing.Issuer{Name: tenant}})
		if err != nil {
			return err
		}
		r = batch.Run{Tenant: id, ID: batch.RunID(tenant, "mail", "2026-11-02", 1), Job: "mail", Period: "2026-11-02", Seq: 1, AsOf: time.Now(), OpenedBy: "test"}
		if _, err := tx.OpenRun(ctx, r, "test", ""); err != nil {
			return err
		}
		spans := make([]batch.Span, chunks)
		for i := range spans {
			spans[i].Lo = strconv.Itoa(i)
		}
		return tx.EnterStage(ctx, r, "deliver", spans)
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// offer offers at most ten chunks of each run and counts them by tenant.
func offer(t *testing.T, db *store.DB) (rows []store.ChunkRow, byTenant map[int]int) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *store.Tx) (err error) {
		rows, err = tx.OfferChunks(t.Context(), time.Minute, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	byTenant = map[int]int{}
	for _, r := range rows {
		byTenant[r.TenantID]++
	}
	return rows, byTenant
}

// TestALongRunKeepsNobodyOut offers the chunks of two runs: each gets its places, whatever waits or fails in the other.
func TestALongRunKeepsNobodyOut(t *testing.T) {
	db := storetest.New(t).DB(t)
	long := runOf(t, db, "long", 40)
	rows, first := offer(t, db)
	if first[long.Tenant] != 10 {
		t.Fatalf("%d chunks were offered, want the ten places of a run", first[long.Tenant])
	}
	short := runOf(t, db, "short", 1)
	if _, second := offer(t, db); second[long.Tenant] != 0 || second[short.Tenant] != 1 {
		t.Errorf("offered %v; want one of the short run, and none of the long one whose places are taken", second)
	}
	// The environment fails what was offered: those chunks wait in the queue for their next try and give their places back.
	err := db.InTx(t.Context(), func(tx *store.Tx) error {
		for _, r := range rows {
			if err := tx.EndChunk(context.Background(), r.Chunk(), batch.ChunkOpen, batch.ClassEnvironment, "no relay", nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, third := offer(t, db); third[long.Tenant] != 10 {
		t.Errorf("%d further chunks were offered, want ten", third[long.Tenant])
	}
}

// TestAPausedTenantIsOfferedNothing keeps to what operations promise.
func TestAPausedTenantIsOfferedNothing(t *testing.T) {
	d := storetest.New(t)
	db := d.DB(t)
	r := runOf(t, db, "paused", 3)
	mustExec(t, d.SQL(t, store.RoleApp), `update tenant set paused = true`)
	if _, got := offer(t, db); got[r.Tenant] != 0 {
		t.Errorf("%d chunks of a paused tenant were offered", got[r.Tenant])
	}
}
