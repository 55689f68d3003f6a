package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"wattdue/calendar"
	"wattdue/jobs"
	"wattdue/policy"
	"wattdue/sql/store"
)

type quarantineCmd struct {
	List    quarantineListCmd    `cmd:"" help:"List records set aside."`
	Show    quarantineShowCmd    `cmd:"" help:"Show one of them, with its bytes on request."`
	Release quarantineReleaseCmd `cmd:"" help:"Give them another try."`
	Drop    quarantineDropCmd    `cmd:"" help:"Take them out for good."`
	Settle  quarantineSettleCmd  `cmd:"" help:"Decide about held charges: bill, goodwill or claim."`
	Claims  quarantineClaimsCmd  `cmd:"" help:"List what is claimed from operators of charge points."`
}

// heldView is a record set aside, for machines.
type heldView struct {
	store.QuarantineRow
	Charge  string    `json:"charge,omitempty"`
	AgeDays int       `json:"age_days"`
	Next    *nextView `json:"next,omitempty"`
	Payload []byte    `json:"payload,omitempty"` // base64
}

// nextView is what becomes of a record if nobody decides before.
type nextView struct {
	Decision policy.Decision `json:"decision"`
	On       calendar.Date   `json:"on"`
	Rule     string          `json:"rule"`
}

func viewHeld(r store.QuarantineRow, look jobs.Outlook) heldView {
	v := heldView{QuarantineRow: r, AgeDays: look.Days}
	if !r.Charge.IsZero() {
		v.Charge = r.Charge.String()
	}
	if look.Rule != nil {
		v.Next = &nextView{look.Rule.Decision, look.On, look.Rule.ID}
	}
	return v
}

// momentOf reads a moment that may be left out.
func momentOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, usageError{fmt.Errorf("--as-of %q: want RFC 3339, such as 2026-11-02T04:00:00+01:00", text)}
	}
	return at, nil
}

// outlooks say what becomes of records, counted from a moment: now unless one is given.
func outlooks(ctx context.Context, a *app, t store.Tenant, rows []store.QuarantineRow, asOf string) ([]jobs.Outlook, error) {
	at, err := momentOf(asOf)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		if at, err = a.DB.Clock(ctx); err != nil {
			return nil, err
		}
	}
	return a.Outlooks(ctx, t, rows, at)
}

type quarantineListCmd struct {
	State string `default:"open" enum:"open,released,dropped,goodwill,claimed,all" help:"open, released, dropped, goodwill, claimed or all."`
	Code  string `placeholder:"CODE" help:"Only those with this reason code."`
	AsOf  string `placeholder:"TIME" help:"Count the days from this moment (RFC 3339); default: now."`
	JSON  bool   `help:"Print as JSON."`
}

func (*quarantineListCmd) Help() string {
	return `AGE is in days since a record was first set aside. NEXT says what becomes of it, on which day and by which ageing rule, if
nobody decides before; "person" means that it waits for one.

Example:
  wattdue quarantine list
  wattdue quarantine list --state all --code key-not-registered --json`
}

func (l *quarantineListCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		rows, err := heldRows(ctx, a, t, l.State, l.Code)
		if err != nil {
			return err
		}
		looks, err := outlooks(ctx, a, t, rows, l.AsOf)
		if err != nil {
			return err
		}
		views := make([]heldView, len(rows))
		for i, r := range rows {
			views[i] = viewHeld(r, looks[i])
		}
		if l.JSON {
			return printJSON(con.out, views)
		}
		return printHeld(con.out, views)
	})
}

// heldRows lists what is set aside in a state, of one reason code when one is given.
func heldRows(ctx context.Context, a *app, t store.Tenant, state, code string) ([]store.QuarantineRow, error) {
	if state == "all" {
		state = ""
	}
	rows, err := a.DB.QuarantineList(ctx, t.ID, state)
	if code == "" || err != nil {
		return rows, err
	}
	return slices.DeleteFunc(rows, func(r store.QuarantineRow) bool { return r.Code != code }), nil
}

func printHeld(out io.Writer, rows []heldView) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "nothing is set aside")
		return err
	}
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tSTATE\tCODE\tRECORD\tFROM\tAGE\tNEXT\tREASON")
	for _, r := range rows {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n",
			r.ID, r.State, r.Code, orDash(r.Record), placeOf(r.QuarantineRow), r.AgeDays, r.next(), shorten(r.Reason, 80))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d records; look closer with: wattdue quarantine show ID\n", len(rows))
	return err
}

// next says what becomes of a record.
func (v heldView) next() string {
	switch {
	case v.Next != nil:
		return fmt.Sprintf("%s on %s by %s", v.Next.Decision, v.Next.On, v.Next.Rule)
	case v.State == "open":
		return "person"
	}
	return "-"
}

// placeOf says where a record stood; notes about contracts and debits stood nowhere.
func placeOf(r store.QuarantineRow) string {
	if r.File == "" {
		return "-"
	}
	return fmt.Sprintf("%s:%d", r.File, r.Ordinal)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// shorten cuts a text to n characters.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

type quarantineShowCmd struct {
	ID    string `arg:"" help:"As listed, such as 1f2e3d4c.17.verify.1."`
	Bytes bool   `help:"Also print the kept bytes; they may hold personal data. What cannot be shown is written as \\x and two digits."`
	AsOf  string `placeholder:"TIME" help:"Count the days from this moment (RFC 3339); default: now."`
	JSON  bool   `help:"Print as JSON; kept bytes are base64."`
}

func (*quarantineShowCmd) Help() string {
	return "Example:\n  wattdue quarantine show 1f2e3d4c.17.import.1 --bytes"
}

func (s *quarantineShowCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		r, err := a.DB.QuarantineRecord(ctx, t.ID, s.ID)
		if err != nil {
			return err
		}
		payload, err := a.DB.QuarantinePayload(ctx, t.ID, r)
		if err != nil {
			return err
		}
		looks, err := outlooks(ctx, a, t, []store.QuarantineRow{r}, s.AsOf)
		if err != nil {
			return err
		}
		v := viewHeld(r, looks[0])
		if s.JSON {
			if s.Bytes {
				v.Payload = payload
			}
			return printJSON(con.out, v)
		}
		if err := showHeld(con.out, v, len(payload)); err != nil || !s.Bytes {
			return err
		}
		_, err = fmt.Fprintf(con.out, "\n%s\n", legible(payload))
		return err
	})
}

// legible shows foreign bytes without letting them command the terminal.
func legible(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1, r != '\n' && r != '\t' && !unicode.IsPrint(r):
			for _, c := range b[:n] {
				fmt.Fprintf(&s, "\\x%02x", c)
			}
		default:
			s.WriteRune(r)
		}
		b = b[n:]
	}
	return s.String()
}

func showHeld(out io.Writer, r heldView, kept int) error {
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	line("id", r.ID)
	line("record", r.Record)
	line("from", placeOf(r.QuarantineRow))
	line("stage", fmt.Sprintf("%s, attempt %d", r.Stage, r.Attempt))
	line("class", r.Class)
	line("code", r.Code)
	line("field", r.Field)
	line("reason", r.Reason)
	line("verdict", r.Word)
	line("noted", r.NotedAt.UTC().Format(time.RFC3339))
	line("age", counted(r.AgeDays, "day"))
	line("state", r.State)
	line("charge", r.Charge)
	if r.DecidedAt != nil {
		line("decided", fmt.Sprintf("by %s at %s: %s", r.DecidedBy, r.DecidedAt.UTC().Format(time.RFC3339), r.Decision))
	}
	switch {
	case kept > 0:
		line("kept", fmt.Sprintf("%d bytes; show them with --bytes", kept))
	case r.Charge != "":
		line("kept", "as a charge; follow it with: wattdue trace "+r.Record)
	}
	if r.State == "open" {
		line("next", r.next())
		line("release", fmt.Sprintf("wattdue quarantine release %s --reason TEXT", r.ID))
		line("drop", fmt.Sprintf("wattdue quarantine drop %s --reason TEXT", r.ID))
	}
	return w.Flush()
}
