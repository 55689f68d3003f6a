package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/jobs"
	"wattdue/money"
	"wattdue/sql/store"
)

type traceCmd struct {
	What string `arg:"" help:"Charge record (country/party/id, or its id), charge UUID, session id, invoice number, end-to-end id, bank file message id, or id of a quarantined record."`
	JSON bool   `help:"Print as JSON."`
}

func (*traceCmd) Help() string {
	return `Follows the stored keys in both directions: file, charge, verdict, price, entry, document, mail, debit, bank file, and what was
set aside and decided on the way. Names no customer, only contracts.

Example:
  wattdue trace RE-2026-0000001
  wattdue trace DE/ABC/CDR-17
  wattdue trace RE-2026-0000001-1 --json`
}

func (x *traceCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		trail, err := a.Trace(ctx, t, x.What)
		if err != nil {
			return err
		}
		if x.JSON {
			return printJSON(con.out, trail)
		}
		p := tracePrinter{w: con.out}
		p.trail(trail)
		return p.err
	})
}

// tracePrinter writes a trail as text, indented by what hangs on what. It keeps the first error of the output.
type tracePrinter struct {
	w   io.Writer
	err error
}

func (p *tracePrinter) linef(depth int, format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, strings.Repeat("  ", depth)+format+"\n", args...)
	}
}

func (p *tracePrinter) trail(t jobs.Trail) {
	for _, c := range t.Charges {
		p.charge(c)
	}
	for _, d := range t.Documents {
		p.document(d)
	}
	for _, b := range t.BankFiles {
		p.bankFile(b)
	}
	if len(t.Quarantine) > 0 {
		p.linef(0, "set aside")
	}
	for _, q := range t.Quarantine {
		p.held(q)
	}
	if len(t.Audit) > 0 {
		p.linef(0, "audit")
	}
	for _, a := range t.Audit {
		reason := ""
		if a.Reason != "" {
			reason = ": " + a.Reason
		}
		p.linef(1, "%s %s %s by %s%s", stampOf(a.At), a.Action, a.Target, a.Actor, reason)
	}
}

func (p *tracePrinter) charge(c jobs.ChargeTrail) {
	p.linef(0, "charge %s  %s", c.Record, c.State)
	p.linef(1, "id        %s, attempt %d", c.ID, c.Attempt)
	if c.SessionID != "" {
		p.linef(1, "session   %s", c.SessionID)
	}
	p.linef(1, "stated    %s to %s, %s kWh at %s", stampOf(c.Start), stampOf(c.End), cdr.MicroKWh(c.Energy).KWh(), c.EVSE)
	if c.CreditRef != "" {
		p.linef(1, "credits   %s", c.CreditRef)
	}
	if c.Contract != "" {
		p.linef(1, "contract  %s", c.Contract)
	}
	p.linef(1, "file      %s, record %d, sha256 %s, received %s in %s", c.File, c.Ordinal, c.SHA256, stampOf(c.ReceivedAt), c.Run)
	for _, d := range c.Duplicates {
		p.linef(1, "again     %s, record %d, with equal content", d.File, d.Ordinal)
	}
	for _, v := range c.Verdicts {
		p.verdict(v)
	}
	for _, f := range c.Findings {
		p.finding(f)
	}
	for _, w := range c.Waivers {
		p.linef(1, "waiver    by %s at %s: %s", w.Actor, stampOf(w.At), w.Reason)
	}
	for _, s := range c.Settled {
		p.linef(1, "decided   %s on %s, held since %s, by %s: %s", s.Decision, s.DecidedOn, s.HeldSince, s.Actor, s.Reason)
	}
	for _, r := range c.Prices {
		p.price(r)
	}
	p.entries(c.Entries)
}

func (p *tracePrinter) verdict(v jobs.VerdictTrail) {
	may := "not billable"
	if v.Billable {
		basis := v.Basis
		if v.Rule != "" {
			basis += " by rule " + v.Rule
		}
		may = fmt.Sprintf("billable as %s, %s kWh", basis, cdr.MicroKWh(v.Energy).KWh())
	}
	p.linef(1, "verdict   %s: %s (attempt %d, profile %s, %s)", v.Word, may, v.Attempt, v.Profile, v.Run)
	if v.Meter != "" {
		p.linef(2, "meter %s, key %s", v.Meter, orDash(v.KeyHash))
	}
	for _, r := range v.Reasons {
		where := ""
		if r.Reading != "" {
			where = " at " + r.Reading
		}
		p.linef(2, "%s%s: %s", r.Code, where, r.Text)
	}
}

func (p *tracePrinter) finding(f store.FoundRow) {
	other := ""
	if f.Other != "" {
		other = " (" + f.Record + " after " + f.Other + ")"
	}
	p.linef(1, "finding   %s, %s: %s%s (%s)", f.Code, f.State, f.Value, other, f.Run)
}

func (p *tracePrinter) price(r jobs.PriceTrail) {
	p.linef(1, "price     %s by tariff %s version %d (attempt %d, %s)", amount(r.Total, r.Currency), r.Tariff, r.Version, r.Attempt, r.Run)
	for _, sentence := range r.Explain {
		p.linef(2, "%s", sentence)
	}
}

func (p *tracePrinter) entries(entries []jobs.EntryTrail) {
	for _, e := range entries {
		p.linef(1, "entry     %s, booked %s, value %s (%s)", e.Reference, e.Booking, e.Value, e.Run)
		for _, l := range e.Legs {
			p.linef(2, "%-28s %14s", strings.TrimSuffix(l.Account+" "+l.Sub, " "), amount(l.Minor, l.Currency))
		}
	}
}

func (p *tracePrinter) document(d jobs.DocumentTrail) {
	p.linef(0, "document %s  %s", d.Number, d.Kind)
	p.linef(1, "id        %s, content sha256 %s", d.ID, d.ContentHash)
	p.linef(1, "contract  %s, %s to %s", d.Contract, d.First, d.Next.AddDays(-1))
	p.linef(1, "issued    %s, due %s, %s (%s)", d.IssuedOn, d.DueOn, d.Payment, d.Run)
	p.linef(1, "amount    %s, of it tax %s", amount(d.Gross, d.Currency), amount(d.Tax, d.Currency))
	for _, c := range d.Charges {
		p.linef(1, "charge    %s  %s, from %s, record %d", c.Record, totalOf(c), c.File, c.Ordinal)
	}
	for _, f := range d.Fees {
		p.linef(1, "fee       %s of %s, %s to %s: %s", strings.ReplaceAll(f.Kind, "_", "-"), f.Source, f.First, f.Next.AddDays(-1), amount(f.Amount, f.Currency))
	}
	p.entries(d.Entries)
	p.artefacts(d.Artefacts)
	for _, m := range d.Mails {
		p.mail(m)
	}
	for _, b := range d.Debits {
		p.debit(b)
	}
}

func (p *tracePrinter) artefacts(made []store.TracedArtefact) {
	for _, a := range made {
		p.linef(1, "%-9s sha256 %s, %d bytes, archive object %s", a.Kind, a.SHA256, a.Size, a.Object)
	}
}

func (p *tracePrinter) mail(m store.TracedMail) {
	state := m.State
	switch {
	case m.SentAt != nil:
		state += " " + stampOf(*m.SentAt)
	case m.LastError != "":
		state += ": " + m.LastError
	}
	p.linef(1, "mail      %s, attempt %d", state, m.Attempts)
}

func (p *tracePrinter) debit(b store.TracedDebit) {
	state := b.State
	if b.HeldCode != "" {
		state += " (" + b.HeldCode + ")"
	}
	p.linef(1, "debit     %s  %s on %s, %s, invoice %s", b.EndToEndID, amount(b.Minor, b.Currency), b.CollectOn, state, b.Number)
}

func (p *tracePrinter) bankFile(b jobs.BankFileTrail) {
	p.linef(0, "bank file %s  %s", b.MessageID, b.State)
	p.linef(1, "holds     %d debits, %s %s, to be collected on %s, sum %s (%s)", b.Count, b.Scheme, b.Sequence, b.CollectOn, amount(b.Sum, string(money.EUR)), b.Run)
	p.artefacts(b.Artefacts)
	for _, d := range b.Debits {
		p.debit(d)
	}
}

func (p *tracePrinter) held(q store.QuarantineRow) {
	p.linef(1, "%s  %s %s, %s: %s", q.ID, q.Stage, q.Code, q.State, q.Reason)
	if q.DecidedAt != nil {
		p.linef(2, "%s by %s at %s: %s", q.State, q.DecidedBy, stampOf(*q.DecidedAt), q.Decision)
	}
}

func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// amount prints minor units with their currency.
func amount(minor int64, currency string) string {
	return money.Amount{Minor: minor, Currency: money.Currency(currency)}.String()
}

func totalOf(c store.TracedCharge) string {
	if c.Total == nil {
		return "no price"
	}
	return amount(*c.Total, c.Currency)
}
