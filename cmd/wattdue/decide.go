package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wattdue/jobs"
	"wattdue/sql/store"
)

// deciding is what release, drop and settle share.
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
	return q.decide(ctx, c, con, "released", nextAfterRelease, func(a *app, t store.Tenant, rows []store.QuarantineRow) error {
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
	return q.decide(ctx, c, con, "dropped", nothingNext, func(a *app, t store.Tenant, rows []store.QuarantineRow) error {
		return a.Drop(ctx, t, rows, jobs.Decision{Actor: actorOr(q.Actor), Reason: q.Reason})
	})
}

// decide finds the records meant, decides about them and says what comes next.
func (d *deciding) decide(
	ctx context.Context, c *cli, con *terminal, word string, after func([]store.QuarantineRow) []string,
	decide func(*app, store.Tenant, []store.QuarantineRow) error,
) error {
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
		next := after(rows)
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

// nothingNext: what was decided for good needs no run.
func nothingNext([]store.QuarantineRow) []string { return []string{} }

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
