package policy_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/policy"
)

func day(month time.Month, d int) calendar.Date { return calendar.NewDate(2026, month, d) }

// keyHold was set aside on 1 October 2026 because no key was registered.
func keyHold() policy.Hold {
	return policy.Hold{Stage: policy.Verify, Code: "key-not-registered", Word: "key missing", Since: day(10, 1)}
}

func rule(id, reason string, days int, d policy.Decision) policy.Ageing {
	return policy.Ageing{ID: id, Stage: policy.Verify, Reason: reason, AfterDays: days, Decision: d, SetBy: "ann", From: day(1, 1)}
}

func TestWhichRuleIsDue(t *testing.T) {
	any30, word20, code60 := rule("ANY", policy.AnyReason, 30, policy.Goodwill), rule("WORD", "key missing", 20, policy.Claim), rule("CODE", "key-not-registered", 60, policy.Bill)
	ended, later, elsewhere := any30, any30, any30
	ended.Until, later.From, elsewhere.Stage = day(10, 31), day(11, 1), policy.Rate
	credit := policy.Hold{Stage: policy.Rate, Code: "credit", Since: day(10, 1)}
	price := policy.Hold{Stage: policy.Rate, Code: "NO_PRICE", Word: "valid", Since: day(10, 1)}
	crashed := policy.Hold{Stage: policy.Verify, Code: "crash", Since: day(10, 1)}
	twin := any30
	twin.ID = "ANOTHER"
	for _, c := range []struct {
		name  string
		rules []policy.Ageing
		hold  policy.Hold
		on    calendar.Date
		want  string
	}{
		{"a day early", []policy.Ageing{any30}, keyHold(), day(10, 30), ""},
		{"on the day", []policy.Ageing{any30}, keyHold(), day(10, 31), "ANY"},
		{"long after", []policy.Ageing{any30}, keyHold(), day(12, 31), "ANY"},
		{"the word before any reason", []policy.Ageing{any30, word20}, keyHold(), day(11, 1), "WORD"},
		{"the code before the word, though it is due later", []policy.Ageing{any30, word20, code60}, keyHold(), day(11, 1), ""},
		{"the code on its day", []policy.Ageing{any30, word20, code60}, keyHold(), day(11, 30), "CODE"},
		{"a rule on its last day", []policy.Ageing{ended}, keyHold(), day(10, 30), ""},
		{"a rule that has ended", []policy.Ageing{ended}, keyHold(), day(10, 31), ""},
		{"a rule that has not begun", []policy.Ageing{later}, keyHold(), day(10, 31), ""},
		{"a rule that begins on the day", []policy.Ageing{later}, keyHold(), day(11, 1), "ANY"},
		{"a rule of another stage", []policy.Ageing{elsewhere}, keyHold(), day(12, 1), ""},
		{"another reason", []policy.Ageing{rule("X", "wrong-key", 1, policy.Claim)}, keyHold(), day(12, 1), ""},
		{"of two alike the one due earlier", []policy.Ageing{any30, rule("Z", policy.AnyReason, 29, policy.Claim)}, keyHold(), day(12, 1), "Z"},
		{"of two the same by name", []policy.Ageing{any30, twin}, keyHold(), day(12, 1), "ANOTHER"},
		{"a hold of pricing", []policy.Ageing{any30, elsewhere}, price, day(12, 1), "ANY"},
		{"a credit record", []policy.Ageing{elsewhere}, credit, day(12, 1), ""},
		{"a charge that kills the program", []policy.Ageing{any30}, crashed, day(12, 1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := policy.Due(c.rules, c.hold, c.on)
			if ok != (c.want != "") || ok && got.ID != c.want {
				t.Errorf("rule %q, %v; want %q", got.ID, ok, c.want)
			}
		})
	}
}

func TestWhatComesNext(t *testing.T) {
	any30, code60 := rule("ANY", policy.AnyReason, 30, policy.Goodwill), rule("CODE", "key-not-registered", 60, policy.Claim)
	brief := code60
	brief.Until = day(11, 10)
	future := any30
	future.From = day(12, 24)
	over := any30
	over.Until = day(10, 31)
	for _, c := range []struct {
		name  string
		rules []policy.Ageing
		today calendar.Date
		want  string
		on    calendar.Date
	}{
		{"in some days", []policy.Ageing{any30}, day(10, 5), "ANY", day(10, 31)},
		{"overdue is today", []policy.Ageing{any30}, day(11, 5), "ANY", day(11, 5)},
		{"the narrower rule holds the wider one back", []policy.Ageing{any30, code60}, day(10, 5), "CODE", day(11, 30)},
		{"until it ends", []policy.Ageing{any30, brief}, day(10, 5), "ANY", day(11, 10)},
		{"a rule to come", []policy.Ageing{future}, day(10, 5), "ANY", day(12, 24)},
		{"a rule that ends before", []policy.Ageing{over}, day(10, 5), "", calendar.Date{}},
		{"no rule", nil, day(10, 5), "", calendar.Date{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, on, ok := policy.Next(c.rules, keyHold(), c.today)
			if ok != (c.want != "") || got.ID != c.want || on != c.on {
				t.Errorf("rule %q on %s, %v; want %q on %s", got.ID, on, ok, c.want, c.on)
			}
		})
	}
}

// TestNextIsTheFirstDue walks day by day and compares.
func TestNextIsTheFirstDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		today := day(10, 1).AddDays(rapid.IntRange(0, 30).Draw(t, "today"))
		rules := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) policy.Ageing {
			a := rule(rapid.StringMatching(`[A-Z]`).Draw(t, "id"), rapid.SampledFrom([]string{"*", "key missing", "key-not-registered", "wrong-key"}).Draw(t, "reason"),
				rapid.IntRange(1, 40).Draw(t, "days"), policy.Goodwill)
			a.From = day(10, 1).AddDays(rapid.IntRange(0, 60).Draw(t, "from"))
			if n := rapid.IntRange(0, 30).Draw(t, "length"); n > 0 {
				a.Until = a.From.AddDays(n)
			}
			return a
		}), 0, 4).Draw(t, "rules")
		got, on, ok := policy.Next(rules, keyHold(), today)
		for d := today; d.Before(today.AddDays(120)); d = d.AddDays(1) {
			want, due := policy.Due(rules, keyHold(), d)
			if !due {
				continue
			}
			if !ok || on != d || got != want {
				t.Fatalf("next is %q on %s (%v), but %q is due on %s", got.ID, on, ok, want.ID, d)
			}
			return
		}
		if ok {
			t.Fatalf("next is %q on %s, but nothing falls due", got.ID, on)
		}
	})
}

// TestWhatIsOpenToADecision: whoever decides.
func TestWhatIsOpenToADecision(t *testing.T) {
	for _, c := range []struct {
		stage, code           string
		bill, goodwill, claim bool
	}{
		{"verify", "signature-invalid", true, true, true},
		{"verify", "crash", false, true, true},
		{"assign", "token-unknown", false, true, true},
		{"compare", "replay", false, true, true},
		{"rate", "NO_PRICE", false, true, true},
		{"rate", "credit", false, false, false},
		{"import", "json-syntax", false, false, false},
		{"seal", "date-passed", false, false, false},
	} {
		h := policy.Hold{Stage: c.stage, Code: c.code}
		for d, want := range map[policy.Decision]bool{policy.Bill: c.bill, policy.Goodwill: c.goodwill, policy.Claim: c.claim} {
			if got := h.Open(d); got != want {
				t.Errorf("%s %s, %s: %v, want %v", c.stage, c.code, d, got, want)
			}
		}
	}
	if len(policy.Decisions()) != 3 {
		t.Errorf("decisions %v", policy.Decisions())
	}
	if got := rule("R", "*", 1, policy.Bill).Actor(); got != "rule R, set by ann" {
		t.Errorf("actor %q", got)
	}
}
