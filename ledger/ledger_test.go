package ledger

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/money"
)

var (
	nov3  = calendar.NewDate(2026, 11, 3)
	oct31 = calendar.NewDate(2026, 10, 31)
)

// invoice is the textbook entry: 11.90 from the debtor, 10.00 revenue, 1.90 VAT.
func invoice() Entry {
	e := NewEntry("t1", "document", "document:1", nov3, oct31,
		Leg{Debtors, "V-1", 1190, "EUR"}, Leg{Revenue, "DE-19", -1000, "EUR"}, Leg{VATPayable, "DE-19", -190, "EUR"})
	e.TaxMonth, e.Text = "2026-10", "RE-2026-0000001"
	return e
}

func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*Entry)
		want  error
		text  string
	}{
		{"the textbook entry", func(*Entry) {}, nil, ""},
		{"two currencies, each balanced", func(e *Entry) {
			e.Legs = append(e.Legs, Leg{Bank, "", 5, "CHF"}, Leg{Transit, "", -5, "CHF"})
		}, nil, ""},
		{"no tax", func(e *Entry) { e.TaxMonth = "" }, nil, ""},
		{"a cent too much", func(e *Entry) { e.Legs[0].Minor++ }, ErrUnbalanced, "0.01 EUR"},
		{"a leg short", func(e *Entry) { e.Legs = e.Legs[:2] }, ErrUnbalanced, "1.90 EUR"},
		{"balanced only across currencies", func(e *Entry) { e.Legs[0].Currency = "CHF" }, ErrUnbalanced, "11.90 CHF"},
		{"one leg", func(e *Entry) { e.Legs = e.Legs[:1] }, ErrMalformed, "1 legs"},
		{"no legs", func(e *Entry) { e.Legs = nil }, ErrMalformed, "0 legs"},
		{"a zero leg", func(e *Entry) { e.Legs = append(e.Legs, Leg{Bank, "", 0, "EUR"}) }, ErrMalformed, "leg 4: amount is zero"},
		{"no reference", func(e *Entry) { e.Reference = "" }, ErrMalformed, "reference"},
		{"no id", func(e *Entry) { e.ID = ident.ID{} }, ErrMalformed, "id"},
		{"no kind", func(e *Entry) { e.Kind = "" }, ErrMalformed, "kind"},
		{"no booking date", func(e *Entry) { e.BookingDate = calendar.Date{} }, ErrMalformed, "date"},
		{"no value date", func(e *Entry) { e.ValueDate = calendar.Date{} }, ErrMalformed, "date"},
		{"tax month as a date", func(e *Entry) { e.TaxMonth = "2026-10-31" }, ErrMalformed, "tax month"},
		{"no currency", func(e *Entry) { e.Legs[1].Currency = "" }, ErrMalformed, "leg 2: currency"},
		{"account off the chart", func(e *Entry) { e.Legs[1].Account = "sales" }, ErrMalformed, `"sales"`},
		{"sum out of range", func(e *Entry) {
			e.Legs = []Leg{{Bank, "", math.MaxInt64, "EUR"}, {Transit, "", math.MaxInt64, "EUR"}, {Debtors, "V-1", 2, "EUR"}}
		}, money.ErrOverflow, "leg 2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := invoice()
			tc.spoil(&e)
			err := e.Check()
			if !errors.Is(err, tc.want) {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if err != nil && !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %q does not say %q", err, tc.text)
			}
		})
	}
}

func TestNewEntry(t *testing.T) {
	e := NewEntry("t1", "document", "document:1", nov3, oct31, Leg{Bank, "", 5, "EUR"}, Leg{Revenue, "", 0, "EUR"}, Leg{Transit, "", -5, "EUR"})
	if want := []Leg{{Bank, "", 5, "EUR"}, {Transit, "", -5, "EUR"}}; !slices.Equal(e.Legs, want) {
		t.Errorf("legs %v, want %v: zero legs are left out", e.Legs, want)
	}
	if e.ID != ident.Derive("entry", "t1", "document:1") {
		t.Errorf("id %s is not derived from tenant and reference", e.ID)
	}
	if NewEntry("t2", "document", "document:1", nov3, oct31).ID == e.ID {
		t.Error("two tenants have the same entry id")
	}
}

func TestReverse(t *testing.T) {
	e := invoice()
	nov10 := calendar.NewDate(2026, 11, 10)
	r := Reverse("t1", e, "cancel:1", nov10)
	want := Entry{
		ID: ident.Derive("entry", "t1", "cancel:1"), Reference: "cancel:1", Kind: "document", BookingDate: nov10,
		ValueDate: oct31, TaxMonth: "2026-10", Text: "RE-2026-0000001", Reverses: e.ID,
		Legs: []Leg{{Debtors, "V-1", -1190, "EUR"}, {Revenue, "DE-19", 1000, "EUR"}, {VATPayable, "DE-19", 190, "EUR"}},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("reversal (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(invoice(), e); diff != "" {
		t.Errorf("the original changed:\n%s", diff)
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
}

func TestBalances(t *testing.T) {
	accrual := NewEntry("t1", "accrual", "charge:1", oct31, oct31, Leg{UnbilledCharging, "V-1", 1190, "EUR"}, Leg{UnbilledClearing, "", -1190, "EUR"})
	second := NewEntry("t1", "document", "document:2", nov3, oct31, Leg{Debtors, "V-2", 119, "EUR"}, Leg{Revenue, "DE-19", -100, "EUR"}, Leg{VATPayable, "DE-19", -19, "EUR"})
	franc := NewEntry("t1", "document", "document:3", nov3, oct31, Leg{Debtors, "V-1", 500, "CHF"}, Leg{Revenue, "CH-8.1", -500, "CHF"})
	entries := []Entry{invoice(), accrual, second, franc, Reverse("t1", accrual, "x", nov3)}
	got, err := Balances(slices.Values(entries))
	if err != nil {
		t.Fatal(err)
	}
	want := []Balance{
		{Position{Debtors, "V-1", "CHF"}, 500},
		{Position{Debtors, "V-1", "EUR"}, 1190},
		{Position{Debtors, "V-2", "EUR"}, 119},
		{Position{UnbilledClearing, "", "EUR"}, 0},
		{Position{UnbilledCharging, "V-1", "EUR"}, 0},
		{Position{Revenue, "CH-8.1", "CHF"}, -500},
		{Position{Revenue, "DE-19", "EUR"}, -1100},
		{Position{VATPayable, "DE-19", "EUR"}, -209},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("balances (-want +got):\n%s", diff)
	}
	if err := Prove(got); err != nil {
		t.Error(err)
	}
	if total, err := Control(got, Debtors, "EUR"); err != nil || total.Minor != 1309 {
		t.Errorf("debtors %s (%v), want 13.09 EUR", total, err)
	}
	got[1].Minor++
	if err := Prove(got); !errors.Is(err, ErrUnbalanced) {
		t.Errorf("a planted cent gives %v", err)
	}
}

func TestBalancesDoNotWrap(t *testing.T) {
	huge := Entry{Reference: "huge", Legs: []Leg{{Bank, "", math.MaxInt64, "EUR"}}}
	if _, err := Balances(slices.Values([]Entry{huge, huge})); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("error %v, want overflow", err)
	}
}

// drawEntry draws a balanced entry: some legs, and one that settles each currency.
func drawEntry(t *rapid.T, n int) Entry {
	all := []Account{Debtors, Revenue, VATPayable, UnbilledCharging, UnbilledClearing, Bank, Transit}
	var legs []Leg
	open := map[money.Currency]int64{}
	for range rapid.IntRange(1, 5).Draw(t, "legs") {
		l := Leg{
			rapid.SampledFrom(all).Draw(t, "account"), rapid.SampledFrom([]string{"", "V-1", "V-2"}).Draw(t, "sub"),
			rapid.Int64Range(1, 1_000_000).Draw(t, "minor"), rapid.SampledFrom([]money.Currency{"EUR", "CHF"}).Draw(t, "currency"),
		}
		if rapid.Bool().Draw(t, "credit") {
			l.Minor = -l.Minor
		}
		legs = append(legs, l)
		open[l.Currency] += l.Minor
	}
	for _, c := range []money.Currency{"EUR", "CHF"} {
		legs = append(legs, Leg{Transit, "", -open[c], c})
	}
	return NewEntry("t1", "document", fmt.Sprintf("document:%d", n), nov3, oct31, legs...)
}

// Random postings and reversals against a ledger kept as plain sums.
func TestPropertyBooksAgreeWithAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []Entry
		model := map[Position]int64{}
		book := func(e Entry, sign int64, legs []Leg) {
			if err := e.Check(); err != nil {
				t.Fatal(err)
			}
			entries = append(entries, e)
			for _, l := range legs {
				model[Position{l.Account, l.Sub, l.Currency}] += sign * l.Minor
			}
		}
		for n := range rapid.IntRange(1, 20).Draw(t, "operations") {
			if len(entries) == 0 || rapid.IntRange(0, 2).Draw(t, "operation") > 0 {
				e := drawEntry(t, n)
				book(e, 1, e.Legs)
				continue
			}
			e := entries[rapid.IntRange(0, len(entries)-1).Draw(t, "which")]
			book(Reverse("t1", e, fmt.Sprintf("reversal:%d", n), nov3), -1, e.Legs)
		}
		got, err := Balances(slices.Values(entries))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(model) {
			t.Errorf("%d positions, model has %d", len(got), len(model))
		}
		for _, b := range got {
			if model[b.Position] != b.Minor {
				t.Errorf("%v: %d, model has %d", b.Position, b.Minor, model[b.Position])
			}
		}
		if err := Prove(got); err != nil {
			t.Error(err)
		}
		for _, c := range []money.Currency{"EUR", "CHF"} {
			var want int64
			for p, minor := range model {
				if p.Account == Debtors && p.Currency == c {
					want += minor
				}
			}
			if total, err := Control(got, Debtors, c); err != nil || total.Minor != want {
				t.Errorf("debtors %s (%v), model has %d %s", total, err, want, c)
			}
		}
	})
}

func TestPropertyReversingTwiceIsTheOriginal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntry(t, 1)
		once := Reverse("t1", e, "reversal:1", nov3)
		twice := Reverse("t1", once, "reversal:2", nov3)
		if !slices.Equal(twice.Legs, e.Legs) || twice.ValueDate != e.ValueDate || twice.TaxMonth != e.TaxMonth || twice.Reverses != once.ID {
			t.Errorf("reversed twice %+v, original %+v", twice, e)
		}
		balances, err := Balances(slices.Values([]Entry{e, once}))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range balances {
			if b.Minor != 0 {
				t.Errorf("entry and reversal leave %d on %v", b.Minor, b.Position)
			}
		}
	})
}

func TestPropertyOneCentIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntry(t, 1)
		i := rapid.IntRange(0, len(e.Legs)-1).Draw(t, "leg")
		e.Legs[i].Minor++
		if e.Check() == nil {
			t.Errorf("a cent too much in leg %d is not found", i)
		}
	})
}
