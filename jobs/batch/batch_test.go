package batch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/ident"
)

func TestDecide(t *testing.T) {
	run := Run{State: Running, Stage: "rate"}
	chunk := Chunk{Stage: "rate", State: ChunkOpen, Gen: 4}
	for _, c := range []struct {
		name   string
		change func(*Run, *Chunk)
		gen    int
		want   Verb
	}{
		{"an open chunk under its offer", func(*Run, *Chunk) {}, 4, Work},
		{"a failed chunk, retried on the queue page", func(_ *Run, c *Chunk) { c.State = ChunkFailed }, 4, Work},
		{"offered again since", func(*Run, *Chunk) {}, 3, Ignore},
		{"an offer that does not exist yet", func(*Run, *Chunk) {}, 5, Ignore},
		{"done already", func(_ *Run, c *Chunk) { c.State = ChunkDone }, 4, Ignore},
		{"set aside already", func(_ *Run, c *Chunk) { c.State = ChunkQuarantined }, 4, Ignore},
		{"cancelled", func(_ *Run, c *Chunk) { c.State = ChunkCancelled }, 4, Ignore},
		{"the run waits for a person", func(r *Run, _ *Chunk) { r.State = Review }, 4, Ignore},
		{"the run was stopped", func(r *Run, _ *Chunk) { r.State = Failed }, 4, Ignore},
		{"the run is at another stage", func(r *Run, _ *Chunk) { r.Stage = "accrue" }, 4, Ignore},
		{"two workers died on it", func(_ *Run, c *Chunk) { c.Starts = 2 }, 4, Work},
		{"three workers died on it", func(_ *Run, c *Chunk) { c.Starts = 3 }, 4, Park},
		{"three died, but it is done", func(_ *Run, c *Chunk) { c.Starts, c.State = 3, ChunkDone }, 4, Ignore},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, k := run, chunk
			c.change(&r, &k)
			if got := Decide(r, k, c.gen, 3); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestNextStage(t *testing.T) {
	stages := []string{"import", "verify", "rate"}
	for _, c := range []struct {
		current, next string
		more          bool
	}{{"", "import", true}, {"import", "verify", true}, {"verify", "rate", true}, {"rate", "", false}, {"unknown", "", false}} {
		if next, more := NextStage(stages, c.current); next != c.next || more != c.more {
			t.Errorf("after %q: %q, %v; want %q, %v", c.current, next, more, c.next, c.more)
		}
	}
	if _, more := NextStage(nil, ""); more {
		t.Error("a job without stages has a first one")
	}
}

func TestSpansMeetWithoutGap(t *testing.T) {
	got := Spans([]string{"a", "f", "q"})
	want := []Span{{"a", "f"}, {"f", "q"}, {"q", ""}}
	if !slices.Equal(got, want) || len(Spans(nil)) != 0 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBackoff(t *testing.T) {
	for n, want := range []time.Duration{2 * time.Second, 6 * time.Second, 18 * time.Second, 54 * time.Second, 162 * time.Second, 5 * time.Minute, 5 * time.Minute} {
		if got := Backoff(2*time.Second, n); got != want {
			t.Errorf("before try %d: %s, want %s", n, got, want)
		}
	}
	if got := Backoff(2*time.Second, 1<<30); got != 5*time.Minute {
		t.Errorf("after very many tries: %s, want 5 minutes", got)
	}
}

func TestClassOf(t *testing.T) {
	plain := errors.New("disk full")
	for _, c := range []struct {
		err  error
		want Class
	}{
		{plain, ClassChunk},
		{Fail(ClassEnvironment, plain), ClassEnvironment},
		{fmt.Errorf("stage rate: %w", Fail(ClassInvariant, plain)), ClassInvariant},
		{errors.Join(plain, Failf(ClassCustomer, "no address")), ClassCustomer},
	} {
		if got := ClassOf(c.err); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
	if Fail(ClassRecord, nil) != nil {
		t.Error("no error became a failure")
	}
	if !errors.Is(Fail(ClassEnvironment, plain), plain) {
		t.Error("the cause is lost")
	}
}

// TestTaskID keeps to what the queue page can show: no hyphen, no slash.
func TestTaskID(t *testing.T) {
	id := TaskID("verify", ident.Derive("run", "acme", "intake", "2026-11-02", "1"), 12, 3)
	if strings.ContainsAny(id, "-/") || !strings.HasPrefix(id, "verify.r") || !strings.HasSuffix(id, ".c12.g3") {
		t.Errorf("task id %q", id)
	}
}

func TestRunIDFollowsTheNaturalKey(t *testing.T) {
	a := RunID("acme", "billing", "2026-10", 1)
	if a != RunID("acme", "billing", "2026-10", 1) {
		t.Error("the same run has two ids")
	}
	for _, b := range []ident.ID{
		RunID("other", "billing", "2026-10", 1), RunID("acme", "intake", "2026-10", 1), RunID("acme", "billing", "2026-11", 1), RunID("acme", "billing", "2026-10", 2),
	} {
		if a == b {
			t.Error("two runs have one id")
		}
	}
}

// A month by hand: 100 records arrive worth 500.00; 80 are billed for 450.00, 5 are free, 6 on hold, 4 came twice, 1 was
// dropped, 4 worth 50.00 are carried out. In the next month 10 arrive worth 30.00, and 12 are billed for 70.00.
func TestBalanceOfTwoMonths(t *testing.T) {
	first := Stock{
		Arrived: Tally{100, 50_000}, Billed: Tally{80, 45_000}, Free: Tally{5, 0}, Held: Tally{6, 0}, Duplicate: Tally{4, 0}, Waived: Tally{1, 0},
		Open: Tally{4, 5_000}, UnbilledBooked: 5_000, BilledBooked: 45_000,
	}
	october := BalanceOf(Stock{}, first)
	if err := october.Check(); err != nil {
		t.Error(err)
	}
	second := Stock{
		Arrived: Tally{110, 53_000}, Billed: Tally{92, 52_000}, Free: Tally{5, 0}, Held: Tally{7, 0}, Duplicate: Tally{4, 0}, Waived: Tally{1, 0},
		Open: Tally{1, 1_000}, UnbilledBooked: 1_000, BilledBooked: 52_000,
	}
	november := BalanceOf(first, second)
	if err := november.Check(); err != nil {
		t.Error(err)
	}
	want := "in 10 + carried in 10 = billed 12 + free 0 + credited 0 + held 7 + duplicate 0 + waived 0 + carried out 1"
	if got := november.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestBalanceFindsOne plants one record or one cent in every part of a balance that closes.
func TestBalanceFindsOne(t *testing.T) {
	closing := func() Balance {
		return BalanceOf(Stock{}, Stock{
			Arrived: Tally{20, 900}, Billed: Tally{9, 600}, Free: Tally{2, 0}, Held: Tally{3, 0}, Duplicate: Tally{1, 0}, Waived: Tally{1, 0},
			Open: Tally{4, 300}, Fees: Tally{2, 70}, TaxOnTop: 19, UnbilledBooked: 300, BilledBooked: 689,
		})
	}
	if err := closing().Check(); err != nil {
		t.Fatal(err)
	}
	parts := map[string]func(*Balance) *Tally{
		"in": func(b *Balance) *Tally { return &b.In }, "carried in": func(b *Balance) *Tally { return &b.CarriedIn },
		"billed": func(b *Balance) *Tally { return &b.Billed }, "free": func(b *Balance) *Tally { return &b.Free },
		"credited": func(b *Balance) *Tally { return &b.Credited }, "held": func(b *Balance) *Tally { return &b.Held },
		"duplicate": func(b *Balance) *Tally { return &b.Duplicate }, "waived": func(b *Balance) *Tally { return &b.Waived },
		"carried out": func(b *Balance) *Tally { return &b.CarriedOut },
	}
	for name, part := range parts {
		b := closing()
		part(&b).Records++
		if ClassOf(b.Check()) != ClassInvariant {
			t.Errorf("one record more in %s was not found", name)
		}
		b = closing()
		part(&b).Minor++
		if ClassOf(b.Check()) != ClassInvariant {
			t.Errorf("one cent more in %s was not found", name)
		}
	}
	for name, change := range map[string]func(*Balance){
		"fees": func(b *Balance) { b.Fees.Minor++ }, "VAT on net prices": func(b *Balance) { b.TaxOnTop-- },
		"unbilled in the ledger": func(b *Balance) { b.UnbilledBooked++ }, "billed in the ledger": func(b *Balance) { b.BilledBooked-- },
	} {
		b := closing()
		change(&b)
		if ClassOf(b.Check()) != ClassInvariant {
			t.Errorf("one cent in %s was not found", name)
		}
	}
}

// TestEveryStockThatAddsUpBalances draws stocks that add up, in sequence, and expects every balance between two to close.
func TestEveryStockThatAddsUpBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Tally {
			return Tally{rapid.Int64Range(0, 1000).Draw(t, name), rapid.Int64Range(0, 1_000_000).Draw(t, name+" cents")}
		}
		var before Stock
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			now := Stock{
				Billed: before.Billed.plus(draw("billed")), Free: before.Free.plus(draw("free")), Duplicate: before.Duplicate.plus(draw("duplicate")),
				Waived: before.Waived.plus(draw("waived")), Held: draw("held"), Open: draw("open"),
			}
			now.Arrived = now.Billed.plus(now.Free).plus(now.Held).plus(now.Duplicate).plus(now.Waived).plus(now.Open)
			now.Fees, now.TaxOnTop = before.Fees.plus(draw("fees")), before.TaxOnTop+rapid.Int64Range(0, 1000).Draw(t, "tax on top")
			now.UnbilledBooked, now.BilledBooked = now.Open.Minor, now.Billed.Minor+now.Fees.Minor+now.TaxOnTop
			if err := BalanceOf(before, now).Check(); err != nil {
				t.Fatal(err)
			}
			before = now
		}
	})
}
