package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/dev/simulate"
	"wattdue/ident"
	"wattdue/jobs"
	"wattdue/jobs/batch"
	"wattdue/masterdata"
	"wattdue/policy"
	"wattdue/sql/store"
)

// heldHouse delivers four sessions on 2 November 2026 of which three are held, each in another stage, and one more that is
// held like the first: the sender OLD need not sign, NEW must.
func heldHouse(t *testing.T) (*house, *simulate.World) {
	t.Helper()
	h, w := quietHouse(t)
	h.loadMore(t, masterdata.File{Policies: []policy.Exemption{{ID: "OLD", Country: "DE", Party: "OLD", From: sessionStart, Note: "tolerated"}}})
	uid, evse := card(t, w, sessionStart).UID, w.EVSEs[0].ID
	h.deliver(t, "a.ndjson",
		session{"DE", "NEW", "UNSIGNED", evse, uid},
		session{"DE", "NEW", "UNSIGNED-2", evse, uid},
		session{"DE", "OLD", "NOBODY", evse, "04FFFFFFFFFFFF"},
		session{"DE", "OLD", "NOWHERE", "DE*OLD*E9999", uid},
		session{"DE", "OLD", "GOOD", evse, uid})
	h.intake(t, 2)
	h.states(t, "held held held held accrued")
	return h, w
}

// intake runs the intake of a day counted from 31 October 2026: day 2 is 2 November.
func (h *house) intake(t *testing.T, day int) {
	t.Helper()
	at := time.Date(2026, time.November, day, 2, 30, 0, 0, time.UTC)
	h.wait(t, h.open(t, "intake", at.Format(time.DateOnly), at, 0), "closed")
}

// states are those of the sessions of heldHouse, in the order delivered.
func (h *house) states(t *testing.T, want string) {
	t.Helper()
	var got []string
	for _, record := range []string{"DE/NEW/UNSIGNED", "DE/NEW/UNSIGNED-2", "DE/OLD/NOBODY", "DE/OLD/NOWHERE", "DE/OLD/GOOD"} {
		state, _ := h.state(t, record)
		got = append(got, state)
	}
	if s := strings.Join(got, " "); s != want {
		t.Fatalf("the sessions are %s, want %s", s, want)
	}
}

// balanced counts everything since the start and wants it accounted for.
func (h *house) balanced(t *testing.T) batch.Balance {
	t.Helper()
	stock, err := h.DB.Stock(t.Context(), h.tenant.ID)
	if err != nil {
		t.Fatal(err)
	}
	b := batch.BalanceOf(batch.Stock{}, stock)
	if err := b.Check(); err != nil {
		t.Error(err)
	}
	return b
}

// row is what is set aside of a record and open.
func (h *house) row(t *testing.T, record string) store.QuarantineRow {
	t.Helper()
	rows, err := h.DB.QuarantineList(t.Context(), h.tenant.ID, "open")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Record == record {
			return r
		}
	}
	t.Fatalf("nothing open of %s", record)
	return store.QuarantineRow{}
}

func ageing(id, stage, reason string, days int, d policy.Decision) policy.Ageing {
	return policy.Ageing{
		ID: id, Stage: stage, Reason: reason, AfterDays: days, Decision: d, SetBy: "Ann Lee", From: calendar.NewDate(2026, 1, 1), Note: "agreed",
	}
}

// TestHeldSessionsAge lets three rules decide on their days: 10, 20 and 30 days after 2 November.
func TestHeldSessionsAge(t *testing.T) {
	h, _ := heldHouse(t)
	h.loadMore(t, masterdata.File{Ageing: []policy.Ageing{
		ageing("PLACE", policy.Rate, "evse-unknown", 10, policy.Goodwill),
		ageing("CARD", policy.Assign, "token-unknown", 20, policy.Claim),
		ageing("PROOF", policy.Verify, "record malformed", 30, policy.Bill),
	}})
	for _, c := range []struct {
		day    int
		states string
	}{
		{11, "held held held held accrued"},
		{12, "held held held goodwill accrued"},
		{21, "held held held goodwill accrued"},
		{22, "held held claimed goodwill accrued"},
		{31, "held held claimed goodwill accrued"},
		{32, "accrued accrued claimed goodwill accrued"},
	} {
		h.intake(t, c.day)
		h.states(t, c.states)
		h.balanced(t)
	}
	b := h.balanced(t)
	if b.Free != (batch.Tally{Records: 1}) || b.Goodwill != b.Free || b.Waived != (batch.Tally{Records: 1}) || b.Claimed != b.Waived || b.Held.Records != 0 {
		t.Errorf("%s, goodwill %v, claimed %v", b, b.Goodwill, b.Claimed)
	}
	for _, c := range []struct{ record, decision, rule, action string }{
		{"DE/NEW/UNSIGNED", "bill", "PROOF", "charge.waive"},
		{"DE/OLD/NOBODY", "claim", "CARD", "charge.claim"},
		{"DE/OLD/NOWHERE", "goodwill", "PLACE", "charge.goodwill"},
	} {
		_, trail := h.state(t, c.record)
		if len(trail.Settled) != 1 || trail.Settled[0].Decision != c.decision || trail.Settled[0].Rule != c.rule ||
			trail.Settled[0].Actor != "rule "+c.rule+", set by Ann Lee" || trail.Settled[0].HeldSince != calendar.NewDate(2026, 11, 2) {
			t.Errorf("%s: %+v, want %s by rule %s", c.record, trail.Settled, c.decision, c.rule)
		}
		for _, action := range []string{c.action, "quarantine.settle"} {
			if n := h.number(t, fmt.Sprintf(`select count(*) from audit where action = '%s' and actor = 'rule %s, set by Ann Lee'
and reason like 'held for %% days: agreed' and detail->>'record' = '%s'`, action, c.rule, c.record)); n != 1 {
				t.Errorf("%s: %d audit lines %s, want 1", c.record, n, action)
			}
		}
	}
	_, waived := h.state(t, "DE/NEW/UNSIGNED")
	if v := waived.Verdicts; len(v) != 2 || v[1].Basis != "waiver" || len(waived.Waivers) != 1 || waived.Waivers[0].Actor != "rule PROOF, set by Ann Lee" {
		t.Errorf("verdicts %+v, waivers %+v", v, waived.Waivers)
	}
	h.claimed(t)
	billing := h.wait(t, h.open(t, "billing", "2026-10", time.Date(2026, 12, 3, 3, 0, 0, 0, time.UTC), 0), "review")
	h.approve(t, billing)
	h.wait(t, billing, "closed")
	if b := h.balanced(t); b.Billed.Records != 3 || b.Billed.Minor == 0 || b.CarriedOut.Records != 0 {
		t.Errorf("after billing: %s", b)
	}
}

// claimed wants the one claim listed with what the operator stated.
func (h *house) claimed(t *testing.T) {
	t.Helper()
	for operator, want := range map[string]int{"": 1, "DE/OLD": 1, "DE/NEW": 0} {
		claims, err := h.DB.Claims(t.Context(), h.tenant.ID, operator)
		if err != nil || len(claims) != want {
			t.Errorf("claims against %q: %+v, error %v; want %d", operator, claims, err, want)
			continue
		}
		if want == 1 && (claims[0].Record != "DE/OLD/NOBODY" || claims[0].Stated != "4.56" || claims[0].Energy != 11_078_000 || claims[0].Code != string(customer.TokenUnknown)) {
			t.Errorf("claim %+v", claims[0])
		}
	}
}

// decisions are the tables a run may change, without its own.
const decisions = `select md5(string_agg(t, '|' order by t)) from (
select s::text as t from charge_state s union all select q::text from quarantine q union all select x::text from settlement x
union all select w::text from waiver w union all select v::text from verdict v union all select l::text from leg l
union all select a::text from audit a where action not like 'run.%') x`

// TestAgeingTwiceChangesNothing runs the day again, and the next day, after everything was decided.
func TestAgeingTwiceChangesNothing(t *testing.T) {
	h, _ := heldHouse(t)
	h.loadMore(t, masterdata.File{Ageing: []policy.Ageing{ageing("ALL", policy.Verify, "*", 5, policy.Goodwill)}})
	h.intake(t, 7)
	h.states(t, "goodwill goodwill held held accrued")
	sum := func() (s string) {
		if err := h.database.SQL(t, store.RoleReader).QueryRow(decisions).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := sum()
	at := time.Date(2026, time.November, 7, 2, 30, 0, 0, time.UTC)
	if _, err := h.Open(t.Context(), h.tenant, jobs.Opening{Job: "intake", Period: "2026-11-07", AsOf: at}); !errors.Is(err, jobs.ErrNothingToDo) {
		t.Errorf("again: %v, want nothing to do", err)
	}
	h.intake(t, 8)
	if sum() != before {
		t.Error("the next day changed something")
	}
	// A rule loaded after the day's run is work for a further one.
	h.loadMore(t, masterdata.File{Ageing: []policy.Ageing{ageing("CARD", policy.Assign, "*", 5, policy.Claim)}})
	h.intake(t, 8)
	h.states(t, "goodwill goodwill claimed held accrued")
	h.balanced(t)
}

// TestSettledByAPerson decides about one session each way.
func TestSettledByAPerson(t *testing.T) {
	h, w := heldHouse(t)
	by := jobs.Decision{Actor: "j.doe", Reason: "ticket 4711"}
	settle := func(record string, as policy.Decision, want string) {
		t.Helper()
		decided(t, record+" as "+string(as), h.Settle(t.Context(), h.tenant, []store.QuarantineRow{h.row(t, record)}, as, by), want)
	}
	settle("DE/OLD/NOBODY", policy.Bill, "without payer and price it cannot be billed")
	settle("DE/NEW/UNSIGNED", policy.Bill, "")
	both := []store.QuarantineRow{h.row(t, "DE/NEW/UNSIGNED-2"), h.row(t, "DE/OLD/NOWHERE")}
	decided(t, "both", h.Settle(t.Context(), h.tenant, both, policy.Goodwill, by), "")
	decided(t, "again", h.Settle(t.Context(), h.tenant, both, policy.Claim, by), "were decided meanwhile")
	settle("DE/OLD/NOBODY", policy.Claim, "")
	h.states(t, "imported goodwill claimed goodwill accrued")
	h.intake(t, 3)
	h.states(t, "accrued goodwill claimed goodwill accrued")
	if b := h.balanced(t); b.Goodwill.Records != 2 || b.Claimed.Records != 1 {
		t.Errorf("%s", b)
	}
	_, trail := h.state(t, "DE/OLD/NOBODY")
	if s := trail.Settled; len(s) != 1 || s[0].Actor != "j.doe" || s[0].Rule != "" || s[0].Reason != "ticket 4711" {
		t.Errorf("settled %+v", s)
	}
	// A session settled is not held again by the same record coming once more.
	h.deliver(t, "b.ndjson", session{"DE", "OLD", "NOWHERE", "DE*OLD*E9999", card(t, w, sessionStart).UID})
	h.intake(t, 4)
	h.states(t, "accrued goodwill claimed goodwill accrued")
	h.balanced(t)
}

// TestWhatCannotBeSettled names records that are no held sessions, and decisions without a name or reason.
func TestWhatCannotBeSettled(t *testing.T) {
	charge := ident.Derive("charge", "test")
	for _, c := range []struct {
		name string
		row  store.QuarantineRow
		as   policy.Decision
		by   jobs.Decision
		want string
	}{
		{"a record that cannot be read", store.QuarantineRow{Stage: "import", State: "open"}, policy.Goodwill, jobs.Decision{Actor: "a", Reason: "b"}, "is no charging session"},
		{"a credit record", store.QuarantineRow{Stage: "rate", Code: "credit", State: "open", Charge: charge}, policy.Claim, jobs.Decision{Actor: "a", Reason: "b"}, "cancels another record"},
		{"one without a verdict", store.QuarantineRow{Stage: "verify", Code: "crash", State: "open", Charge: charge}, policy.Bill, jobs.Decision{Actor: "a", Reason: "b"}, "no verdict to do without"},
		{"one decided", store.QuarantineRow{Stage: "verify", State: "dropped", DecidedBy: "x", Charge: charge}, policy.Claim, jobs.Decision{Actor: "a", Reason: "b"}, "was dropped before by x"},
		{"by nobody", store.QuarantineRow{Stage: "verify", State: "open", Charge: charge}, policy.Claim, jobs.Decision{Reason: "b"}, "needs a name"},
		{"without a reason", store.QuarantineRow{Stage: "verify", State: "open", Charge: charge}, policy.Claim, jobs.Decision{Actor: "a"}, "needs a reason"},
	} {
		decided(t, c.name, (&jobs.Env{}).Settle(t.Context(), store.Tenant{}, []store.QuarantineRow{c.row}, c.as, c.by), c.want)
	}
}

// TestOutlook tells age and what comes next as the list shows it.
func TestOutlook(t *testing.T) {
	h, _ := heldHouse(t)
	h.loadMore(t, masterdata.File{Ageing: []policy.Ageing{ageing("PROOF", policy.Verify, "no-signed-data", 30, policy.Claim)}})
	rows := []store.QuarantineRow{h.row(t, "DE/NEW/UNSIGNED"), h.row(t, "DE/OLD/NOBODY")}
	looks, err := h.Outlooks(t.Context(), h.tenant, rows, time.Date(2026, 11, 12, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if l := looks[0]; l.Days != 10 || l.Rule == nil || l.Rule.ID != "PROOF" || l.On != calendar.NewDate(2026, 12, 2) {
		t.Errorf("unsigned: %+v, want 10 days and PROOF on 2 December", l)
	}
	if l := looks[1]; l.Days != 10 || l.Rule != nil {
		t.Errorf("nobody's: %+v, want 10 days and no rule", l)
	}
	if looks, err = h.Outlooks(t.Context(), h.tenant, rows[:1], time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)); err != nil || looks[0].Days != 0 {
		t.Errorf("before it was held: %+v, error %v; want no days", looks, err)
	}
}

// TestHeldChargesAreDecidedByOne: what a run is deciding about, another transaction leaves alone.
func TestHeldChargesAreDecidedByOne(t *testing.T) {
	h, _ := heldHouse(t)
	all := batch.Span{Lo: "00000000-0000-0000-0000-000000000000"}
	locked := func(ctx context.Context, also func()) (n int) {
		err := h.DB.InTx(ctx, func(tx *store.Tx) error {
			rows, err := tx.LockHeldCharges(ctx, h.tenant.ID, all)
			n = len(rows)
			also()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var second int
	first := locked(t.Context(), func() { second = locked(t.Context(), func() {}) })
	if first != 4 || second != 0 {
		t.Errorf("%d charges for the first, %d for the second; want 4 and 0", first, second)
	}
}

// TestCreditRecordsDoNotAge delivers credit records that take back another record: without proof, and for a card nobody has.
// Whatever else is wrong with them, they wait for a person; no rule gives them away or asks the operator for them.
func TestCreditRecordsDoNotAge(t *testing.T) {
	h, w := heldHouse(t)
	h.loadMore(t, masterdata.File{Ageing: []policy.Ageing{
		ageing("V", policy.Verify, policy.AnyReason, 1, policy.Claim), ageing("A", policy.Assign, policy.AnyReason, 1, policy.Goodwill),
	}})
	evse := w.EVSEs[0].ID
	h.deliver(t, "b.ndjson",
		session{"DE", "NEW", "CREDIT-1", evse, card(t, w, sessionStart).UID}, session{"DE", "OLD", "CREDIT-2", evse, "04FFFFFFFFFFFF"})
	name := filepath.Join(h.InboxOf(h.tenant.Code), "b.ndjson")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), `"auth_method"`, `"credit":true,"credit_reference_id":"GOOD","auth_method"`)
	text = strings.ReplaceAll(text, `"excl_vat":4.56`, `"excl_vat":-4.56`)
	write(t, name, []byte(text))
	h.intake(t, 3)
	h.intake(t, 20)
	for _, record := range []string{"DE/NEW/CREDIT-1", "DE/OLD/CREDIT-2"} {
		state, _ := h.state(t, record)
		if state != "held" {
			t.Errorf("%s is %s, want held", record, state)
			continue
		}
		if r := h.row(t, record); r.Code != "credit" {
			t.Errorf("%s is held for %s, want credit", record, r.Code)
		}
	}
}
