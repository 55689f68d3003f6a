package jobs_test

import (
	"context"
	"sync"
	"testing"

	"wattdue/dev/simulate"
	"wattdue/jobs"
)

// TestTenantChoosesTheProfile works the same records, whose keys nobody registered, under two profiles: billing believes
// none of them, the transparency software believes the keys that came along. The verdict names the profile.
func TestTenantChoosesTheProfile(t *testing.T) {
	for _, c := range []struct{ profile, missing, valid string }{
		{"strict", "all", "none"},
		{"reference", "none", "all"},
	} {
		t.Run(c.profile, func(t *testing.T) {
			w, err := simulate.Generate(simulate.Options{Seed: 8, Customers: 6, Sessions: 30, Faults: -1})
			if err != nil {
				t.Fatal(err)
			}
			h := houseOf(t, w)
			h.sql(t, `delete from meter_key`)
			h.sql(t, `update tenant set profile = '`+c.profile+`'`)
			h.start(t)
			h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
			all := h.number(t, `select count(*) from verdict where profile = '`+c.profile+`'`)
			count := map[string]int64{"all": all, "none": 0}
			if all < 25 {
				t.Fatalf("%d verdicts name the profile", all)
			}
			if n := h.number(t, `select count(*) from verdict where word = 'key missing'`); n != count[c.missing] {
				t.Errorf("%d of %d records have no key, want %s", n, all, c.missing)
			}
			if n := h.number(t, `select count(*) from verdict where word = 'valid'`); n != count[c.valid] {
				t.Errorf("%d of %d records are valid, want %s", n, all, c.valid)
			}
		})
	}
}

// TestAnotherCardIsNotBilled exchanges the cards of records after they were signed: the meter signed who charged.
func TestAnotherCardIsNotBilled(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 9, Customers: 6, Sessions: 60, Faults: -1})
	var once sync.Once
	h.Jobs = rework(h.Jobs, "verify", func(verify work) work {
		return func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
			once.Do(func() {
				h.sql(t, `alter table charge disable trigger user`)
				h.sql(t, `update charge set token_key = '04AAAAAAAAAAAA' where ordinal % 2 = 0 and token_key ~ '^[0-9A-F]{14}$'`)
			})
			return verify(ctx, e, task)
		}
	})
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	differs := `select count(*) from verdict v join charge c using (tenant_id, charge_id)
where convert_from(v.detail, 'UTF8') like '%user-mismatch%' and v.word = 'disagrees with data'`
	if n := h.number(t, differs+` and c.token_key = '04AAAAAAAAAAAA'`); n == 0 {
		t.Error("records of another card are billed")
	}
	if n := h.number(t, differs+` and c.token_key <> '04AAAAAAAAAAAA'`); n != 0 {
		t.Errorf("%d honest records are said to name another card", n)
	}
}
