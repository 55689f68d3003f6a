package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"wattdue/jobs"
	"wattdue/sql/store"
)

type quarantineCmd struct {
	List    quarantineListCmd    `cmd:"" help:"List records set aside."`
	Show    quarantineShowCmd    `cmd:"" help:"Show one of them, with its bytes on request."`
	Release quarantineReleaseCmd `cmd:"" help:"Give them another try."`
	Drop    quarantineDropCmd    `cmd:"" help:"Take them out for good."`
}

// heldView is a record set aside, for machines.
type heldView struct {
	store.QuarantineRow
	Charge  string `json:"charge,omitempty"`
	Payload []byte `json:"payload,omitempty"` // base64
}

func viewHeld(r store.QuarantineRow) heldView {
	v := heldView{QuarantineRow: r}
	if !r.Charge.IsZero() {
		v.Charge = r.Charge.String()
	}
	return v
}

type quarantineListCmd struct {
	State string `default:"open" enum:"open,released,dropped,all" help:"open, released, dropped or all."`
	Code  string `placeholder:"CODE" help:"Only those with this reason code."`
	JSON  bool   `help:"Print as JSON."`
}

func (*quarantineListCmd) Help() string {
	return "Example:\n  wattdue quarantine list\n  wattdue quarantine list --state all --code key-not-registered --json"
}

func (l *quarantineListCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		rows, err := heldRows(ctx, a, t, l.State, l.Code)
		if err != nil {
			return err
		}
		if l.JSON {
			views := make([]heldView, len(rows))
			for i, r := range rows {
				views[i] = viewHeld(r)
			}
			return printJSON(con.out, views)
		}
		return printHeld(con.out, rows)
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

func printHeld(out io.Writer, rows []store.QuarantineRow) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "nothing is set aside")
		return err
	}
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tSTATE\tCODE\tRECORD\tFROM\tREASON")
	for _, r := range rows {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.State, r.Code, orDash(r.Record), placeOf(r), shorten(r.Reason, 80))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d records; look closer with: wattdue quarantine show ID\n", len(rows))
	return err
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
		if s.JSON {
			v := viewHeld(r)
			if s.Bytes {
				v.Payload = payload
			}
			return printJSON(con.out, v)
		}
		if err := showHeld(con.out, r, len(payload)); err != nil || !s.Bytes {
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

func showHeld(out io.Writer, r store.QuarantineRow, kept int) error {
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	line("id", r.ID)
	line("record", r.Record)
	line("from", placeOf(r))
	line("stage", fmt.Sprintf("%s, attempt %d", r.Stage, r.Attempt))
	line("class", r.Class)
	line("code", r.Code)
	line("field", r.Field)
	line("reason", r.Reason)
	line("noted", r.NotedAt.UTC().Format(time.RFC3339))
	line("state", r.State)
	line("charge", viewHeld(r).Charge)
	if r.DecidedAt != nil {
		line("decided", fmt.Sprintf("by %s at %s: %s", r.DecidedBy, r.DecidedAt.UTC().Format(time.RFC3339), r.Decision))
	}
	switch {
	case kept > 0:
		line("kept", fmt.Sprintf("%d bytes; show them with --bytes", kept))
	case !r.Charge.IsZero():
		line("kept", "as a charge; follow it with: wattdue trace "+r.Record)
	}
	if r.State == "open" {
		line("release", fmt.Sprintf("wattdue quarantine release %s --reason TEXT", r.ID))
		line("drop", fmt.Sprintf("wattdue quarantine drop %s --reason TEXT", r.ID))
	}
	return w.Flush()
}

// deciding is what release and drop share.
type deciding struct {
	IDs    []string `arg:"" optional:"" name:"id" help:"As listed."`
	Code   string   `placeholder:"CODE" help:"Instead of ids: all open ones with this reason code."`
	Reason string   `required:"" placeholder:"TEXT" help:"Why, for the audit log."`
	Actor  string   `placeholder:"NAME" help:"Who decides; default: the user."`
	JSON   bool     `help:"Print what was decided as JSON."`
}

type quarantineReleaseCmd struct {
	deciding
	Waive bool `help:"Let charges be billed without a valid signature, under the actor's name. Only for what was set aside in verify."`
}

func (*quarantineReleaseCmd) Help() string {
	return `A rejected record is read again, a held charge is verified and priced again by the next intake, for example after a key was
registered; a held debit is looked at again by the next collect run; a note of a billing run is closed. All or none.

Example:
  wattdue quarantine release 1f2e3d4c.17.verify.1 --reason "key registered"
  wattdue quarantine release --code energy-mismatch --waive --actor j.doe --reason "customer agreed, ticket 4711"`
}

func (q *quarantineReleaseCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return q.decide(ctx, c, con, "released", func(a *app, t store.Tenant, rows []store.QuarantineRow) error {
		return a.Release(ctx, t, rows, jobs.Decision{Actor: actorOr(q.Actor), Reason: q.Reason, Waive: q.Waive})
	})
}

type quarantineDropCmd struct{ deciding }

func (*quarantineDropCmd) Help() string {
	return `What is dropped is never billed or collected; the balance counts it as waived. All or none.

Example:
  wattdue quarantine drop 1f2e3d4c.17.import.1 --reason "sender sent a credit and a new record"`
}

func (q *quarantineDropCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return q.decide(ctx, c, con, "dropped", func(a *app, t store.Tenant, rows []store.QuarantineRow) error {
		return a.Drop(ctx, t, rows, jobs.Decision{Actor: actorOr(q.Actor), Reason: q.Reason})
	})
}

// decide finds the records meant, decides about them and says what comes next.
func (d *deciding) decide(ctx context.Context, c *cli, con *terminal, word string, decide func(*app, store.Tenant, []store.QuarantineRow) error) error {
	if (len(d.IDs) == 0) == (d.Code == "") {
		return usageError{errors.New("name the records by their ids, or by --code, but not by both; list them with: wattdue quarantine list")}
	}
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		rows, err := d.rows(ctx, a, t)
		if err != nil {
			return err
		}
		if err := decide(a, t, rows); err != nil {
			return err
		}
		next := []string{}
		if word == "released" {
			next = nextAfterRelease(rows)
		}
		if d.JSON {
			return printJSON(con.out, map[string]any{word: idsOf(rows), "next": next})
		}
		for _, r := range rows {
			_, _ = fmt.Fprintf(con.out, "%s %s: %s\n", r.ID, orDash(r.Record), word)
		}
		for _, n := range next {
			_, _ = fmt.Fprintf(con.out, "next: %s\n", n)
		}
		return nil
	})
}

func (d *deciding) rows(ctx context.Context, a *app, t store.Tenant) ([]store.QuarantineRow, error) {
	if d.Code != "" {
		rows, err := heldRows(ctx, a, t, "open", d.Code)
		if err == nil && len(rows) == 0 {
			err = fmt.Errorf("nothing open has code %q; list what is open with: wattdue quarantine list", d.Code)
		}
		return rows, err
	}
	var rows []store.QuarantineRow
	for i, id := range d.IDs {
		if slices.Contains(d.IDs[:i], id) {
			continue
		}
		r, err := a.DB.QuarantineRecord(ctx, t.ID, id)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func idsOf(rows []store.QuarantineRow) []string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids
}

// nextAfterRelease names the runs that look at released records again.
func nextAfterRelease(rows []store.QuarantineRow) []string {
	jobOf := map[string]string{"draft": "billing", "seal": "collect"}
	next := []string{}
	for _, r := range rows {
		job, ok := jobOf[r.Stage]
		if !ok {
			job = "intake"
		}
		if command := "wattdue run " + job; !slices.Contains(next, command) {
			next = append(next, command)
		}
	}
	return next
}
