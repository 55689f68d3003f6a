package jobs_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/sql/store"
)

// post is a house that sends by a relay of the test, and whose month is billed up to its mails.
type post struct {
	*house
	relay   *relay
	billing store.RunRow
}

func newPost(t *testing.T, rule func(to string) string) *post {
	t.Helper()
	p := &post{house: newHouse(t, simulate.Options{Seed: 6, Customers: 6, Sessions: 40, Faults: -1}), relay: newRelay(t)}
	p.relay.obey(rule)
	p.Config.Mail.Transport, p.Config.Mail.Host, p.Config.Mail.Port, p.Config.Mail.TLS = "smtp", "127.0.0.1", p.relay.port(), "none"
	p.start(t)
	p.wait(t, p.open(t, "intake", "2026-11-02", intakeAsOf, 50), "closed")
	p.billing = p.wait(t, p.open(t, "billing", "2026-10", billingAsOf, 50), "review")
	if _, err := p.Approve(t.Context(), p.billing, "approver"); err != nil {
		t.Fatal(err)
	}
	return p
}

// victim is the recipient of whom the rules of these tests speak: the first one asked about.
func victim(answer string) func(string) string {
	first := ""
	return func(to string) string {
		if first == "" {
			first = to
		}
		if to == first {
			return answer
		}
		return ""
	}
}

// mail works the mail job of a day in the morning.
func (p *post) mail(t *testing.T, day string) store.RunRow {
	t.Helper()
	asOf, err := time.Parse(time.DateTime, day+" 06:00:00")
	if err != nil {
		t.Fatal(err)
	}
	return p.wait(t, p.open(t, "mail", day, asOf, 3), "closed")
}

// idle wants the mail job to find nothing to do.
func (p *post) idle(t *testing.T, day string) {
	t.Helper()
	pending, err := p.DB.MailsPending(t.Context(), p.tenant.ID)
	if err != nil || pending {
		t.Errorf("mails pending on %s: %v, error %v; want none", day, pending, err)
	}
}

// only returns the one mail in a state.
func (p *post) only(t *testing.T, state string) jobs.MailView {
	t.Helper()
	mails, err := p.Mails(t.Context(), p.tenant, state)
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d mails are %s, error %v; want one", len(mails), state, err)
	}
	return mails[0]
}

// TestFullMailboxHoldsNothingUp lets the relay refuse one recipient for the time being. The billing run closes all the
// same; the mail goes out with a later run of the mail job, as the message it was, and its notice counts from that day.
func TestFullMailboxHoldsNothingUp(t *testing.T) {
	p := newPost(t, victim("452 4.2.2 mailbox full"))
	p.wait(t, p.billing, "closed")
	documents := p.number(t, `select count(*) from document`)
	if n := p.number(t, `select count(*) from outbox where state = 'sent' and sent_on = '2026-11-03'`); n != documents-1 {
		t.Errorf("%d mails were sent with the billing run, want %d", n, documents-1)
	}
	m := p.only(t, "retry")
	if m.Attempts != 1 || m.NextAt == nil || !strings.Contains(m.Error, "452 4.2.2") || strings.Contains(m.Error, "@") {
		t.Errorf("the refused mail reads %+v", m)
	}
	if n := p.number(t, `select round(extract(epoch from next_at - refused_since))::int from outbox where state = 'retry'`); n != 300 {
		t.Errorf("the next try is %d seconds after the first refusal, want 300", n)
	}
	p.idle(t, "the same day")
	p.sql(t, `update outbox set next_at = now() where state = 'retry'`)
	p.mail(t, "2026-11-04")
	if m := p.only(t, "retry"); m.Attempts != 2 {
		t.Errorf("%d attempts, want 2", m.Attempts)
	}
	p.relay.obey(func(string) string { return "" })
	p.sql(t, `update outbox set next_at = now() where state = 'retry'`)
	p.mail(t, "2026-11-05")
	if n := p.number(t, `select count(*) from outbox where state = 'sent' and sent_on = '2026-11-05'`); n != 1 {
		t.Errorf("%d mails count from the day of the mail run, want 1", n)
	}
	for to, bodies := range p.relay.bodies {
		if len(bodies) != 1 || !strings.Contains(bodies[0], "Date: Tue, 03 Nov 2026") {
			t.Errorf("the mail to %s was sent %d times or is dated otherwise than its document:\n%.300s", to, len(bodies), bodies[0])
		}
	}
	p.idle(t, "the end")
}

// TestMailIsGivenUpAfterThreeDays refuses a mail for too long; then a person has it sent once more.
func TestMailIsGivenUpAfterThreeDays(t *testing.T) {
	p := newPost(t, victim("451 4.7.1 come back later"))
	p.wait(t, p.billing, "closed")
	p.sql(t, `update outbox set next_at = now(), refused = 7, refused_since = now() - interval '65 hours 20 minutes' where state = 'retry'`)
	p.mail(t, "2026-11-06")
	m := p.only(t, "failed")
	if !strings.HasPrefix(m.Error, "given up after three days: ") {
		t.Errorf("the reason is %q", m.Error)
	}
	p.idle(t, "after giving up")
	if err := p.ConfirmMails(t.Context(), p.tenant, []string{m.Number}, jobs.Decision{Actor: "ann", Reason: "r"}); err == nil {
		t.Error("a failed mail was confirmed")
	}
	if err := p.ResendMails(t.Context(), p.tenant, []string{m.Number}, jobs.Decision{Actor: "ann"}); err == nil {
		t.Error("a mail was sent once more without a reason")
	}
	p.relay.obey(func(string) string { return "" })
	if err := p.ResendMails(t.Context(), p.tenant, []string{m.Number}, jobs.Decision{Actor: "ann", Reason: "mailbox emptied"}); err != nil {
		t.Fatal(err)
	}
	if m := p.only(t, "new"); m.Error != "" {
		t.Errorf("the mail still reads %+v", m)
	}
	p.mail(t, "2026-11-07")
	if n := p.number(t, `select count(*) from outbox where state = 'sent' and sent_on = '2026-11-07'`); n != 1 {
		t.Errorf("%d mails were sent once more, want 1", n)
	}
	audit, err := p.DB.AuditOf(t.Context(), p.tenant.ID, m.Number)
	if err != nil || len(audit) != 1 || audit[0].Action != "mail.resend" || audit[0].Reason != "mailbox emptied" || audit[0].Actor != "ann" {
		t.Errorf("audit has %v, error %v", audit, err)
	}
}

// TestMailInDoubtWaitsForAPerson lets the relay hang up after it has the mail. Nothing sends it again by itself. Confirmed,
// it counts from the day of the run that tried; resent, it goes out once more under the same Message-ID.
func TestMailInDoubtWaitsForAPerson(t *testing.T) {
	p := newPost(t, victim("hang up"))
	p.wait(t, p.billing, "closed")
	m := p.only(t, "in_doubt")
	if !strings.Contains(m.MessageID, "@") || m.TriedOn.String() != "2026-11-03" {
		t.Errorf("the mail in doubt reads %+v", m)
	}
	p.idle(t, "in doubt")
	all := []string{m.Number, "RE-2026-9999999"}
	err := p.ConfirmMails(t.Context(), p.tenant, all, jobs.Decision{Actor: "ann", Reason: "in the log"})
	if err == nil || !strings.Contains(err.Error(), "RE-2026-9999999") {
		t.Errorf("a document that is not there: %v", err)
	}
	p.only(t, "in_doubt") // all or none

	p.relay.obey(func(string) string { return "" })
	again := jobs.Decision{Actor: "ann", Reason: "not in the log"}
	if err := p.ResendMails(t.Context(), p.tenant, []string{m.Number}, again); err != nil {
		t.Fatal(err)
	}
	p.mail(t, "2026-11-05")
	twice := 0
	for to, ids := range p.relay.taken {
		if len(ids) == 2 {
			twice++
			if ids[0] != ids[1] || ids[0] != "<"+m.MessageID+">" || p.relay.bodies[to][0] != p.relay.bodies[to][1] {
				t.Errorf("the second message differs: %q and %q, listed as %q", ids[0], ids[1], m.MessageID)
			}
		}
	}
	if twice != 1 {
		t.Errorf("%d mails went out twice, want the one resent", twice)
	}

	p.sql(t, `update outbox set state = 'in_doubt', sent_on = null, sent_at = null, tried_on = '2026-11-03' where sent_on = '2026-11-05'`)
	if err := p.ConfirmMails(t.Context(), p.tenant, []string{m.Number}, jobs.Decision{Actor: "ann", Reason: "in the log"}); err != nil {
		t.Fatal(err)
	}
	if n := p.number(t, `select count(*) from outbox where state = 'sent' and sent_on = '2026-11-03' and sent_at is null`); n != 1 {
		t.Errorf("%d mails were confirmed for the day that tried, want 1", n)
	}
}

// TestRelayThatIsDownCountsAgainstNoMail answers nobody, then everybody.
func TestRelayThatIsDownCountsAgainstNoMail(t *testing.T) {
	p := newPost(t, func(string) string { return "421 4.3.2 shutting down" })
	deadline := time.Now().Add(time.Minute)
	for p.number(t, `select count(*) from chunk where stage = 'deliver' and state = 'open' and error_class = 'environment'`) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("the chunk does not wait for the relay")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if n := p.number(t, `select count(*) from outbox where refused > 0 or state not in ('new', 'sending', 'retry')`); n != 0 {
		t.Errorf("the relay's absence was counted against %d mails", n)
	}
	p.idle(t, "while the billing run is under way")
	p.relay.obey(victim("421 4.3.2 not for you"))
	p.wait(t, p.billing, "closed")
	if m := p.only(t, "retry"); !strings.Contains(m.Error, "421") {
		t.Errorf("the mail that alone was refused reads %+v", m)
	}
	if n := p.number(t, `select refused from outbox where state = 'retry'`); n != 1 {
		t.Errorf("%d refusals, want 1: the relay was there for others", n)
	}
}

// TestTwoMailRunsSendEveryMailOnce works two runs of the mail job at once over the same mails.
func TestTwoMailRunsSendEveryMailOnce(t *testing.T) {
	p := newPost(t, func(string) string { return "450 4.2.1 later" })
	p.wait(t, p.billing, "closed")
	p.sql(t, `update outbox set next_at = now()`)
	p.relay.mu.Lock()
	p.relay.rule, p.relay.pause = func(string) string { return "" }, 100*time.Millisecond
	p.relay.mu.Unlock()
	first := p.open(t, "mail", "2026-11-05", billingAsOf, 2)
	second := p.open(t, "mail", "2026-11-06", billingAsOf, 3)
	p.wait(t, first, "closed")
	p.wait(t, second, "closed")
	documents := p.number(t, `select count(*) from document`)
	if n := p.number(t, `select count(*) from outbox where state = 'sent'`); n != documents || documents < 5 {
		t.Errorf("%d of %d mails were sent", n, documents)
	}
	sum := 0
	for n := range maps.Values(p.relay.mails()) {
		sum += n
	}
	if sum != int(documents) {
		t.Errorf("the relay took %d mails for %d documents", sum, documents)
	}
}

// TestMailJobIsOpenedAgainTheSameDay lets a schedule come due while there is work, while there is none, and while the last
// run is still open.
func TestMailJobIsOpenedAgainTheSameDay(t *testing.T) {
	p := newPost(t, func(string) string { return "" })
	p.wait(t, p.billing, "closed")
	tick := func() {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		m, err := jobs.NewMachine(p.Env, p.redisURL, jobs.Roles{Ticker: true})
		if err != nil {
			t.Fatal(err)
		}
		p.sql(t, `update job_schedule set next_due_at = now() - interval '3 days'`)
		if err := m.Run(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if n := p.number(t, `select count(*) from job_schedule where alarm = '' and next_due_at > now() and next_due_at < now() + interval '16 minutes'`); n != 1 {
			t.Error("the schedule is not set to its next time")
		}
	}
	runs := func() int64 { return p.number(t, `select count(*) from run where job = 'mail' and state = 'closed'`) }
	if err := p.Schedule(t.Context(), p.tenant, "mail", "*/15 * * * *", "Europe/Berlin"); err != nil {
		t.Fatal(err)
	}
	tick()
	if n := runs(); n != 0 {
		t.Errorf("%d runs without work, want none", n)
	}
	for want := int64(1); want <= 2; want++ {
		p.sql(t, `update outbox set state = 'new' where key = (select min(key) from outbox)`)
		tick()
		for range 100 {
			if runs() == want {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if n := runs(); n != want {
			t.Errorf("%d runs, want %d", n, want)
		}
	}
}
