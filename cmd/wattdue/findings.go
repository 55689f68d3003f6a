package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"wattdue/calendar"
	"wattdue/jobs"
	"wattdue/meter/finding"
	"wattdue/sql/store"
)

type findingsCmd struct {
	Code   string `placeholder:"CODE" help:"Only those with this code, such as replay or page-gap."`
	Meter  string `placeholder:"ID" help:"Only those about the meter with this serial number."`
	Charge string `placeholder:"RECORD" help:"Only those in which this charge record has a part: country/party/id, its id alone, or the charge's UUID."`
	Since  string `placeholder:"DATE" help:"Only those recorded by runs as of this day or later."`
	JSON   bool   `help:"Print as JSON."`
}

func (*findingsCmd) Help() string {
	return `The intake compares what the signatures of charge records prove: with each other and with what was proven before, meter by meter.

Held for a finding are charges that contradict one that was there first: replay, page-conflict, overlap, counter-regression; and
power-above-limit. Release them with: wattdue quarantine release. Once released, a charge is not held for the same finding again.
Only noted are page-gap, advance-unexplained, meter-changed, key-changed and firmware-changed: the meter also serves customers of
others. Closed is what was noted and turned out otherwise, because the record that was missing came in later.

Example:
  wattdue findings
  wattdue findings --code replay --since 2026-11-01
  wattdue findings --meter 1EMH0012345678 --json`
}

// foundView is a finding for machines.
type foundView struct {
	store.FoundRow
	ID    string `json:"charge"`
	Holds bool   `json:"holds"`
	Text  string `json:"text"`
}

func (x *findingsCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		q := jobs.FindingQuery{Code: x.Code, Meter: x.Meter, Charge: x.Charge}
		if x.Since != "" {
			day, err := calendar.ParseDate(x.Since)
			if err != nil {
				return usageError{fmt.Errorf("--since: %w", err)}
			}
			zone, err := t.Location()
			if err != nil {
				return err
			}
			q.Since = time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, zone)
		}
		rows, err := a.Findings(ctx, t, q)
		if err != nil {
			return err
		}
		if x.JSON {
			return printJSON(con.out, viewFound(rows))
		}
		return printFound(con.out, rows)
	})
}

// exportFindings writes all that was found, as the command does with --json.
func exportFindings(ctx context.Context, a *app, t store.Tenant, w io.Writer) error {
	rows, err := a.Findings(ctx, t, jobs.FindingQuery{})
	if err != nil {
		return err
	}
	return printJSON(w, viewFound(rows))
}

func viewFound(rows []store.FoundRow) []foundView {
	views := make([]foundView, len(rows))
	for i, r := range rows {
		rule, _ := finding.RuleOf(finding.Code(r.Code))
		views[i] = foundView{r, r.Charge.String(), rule.Holds, rule.Text}
	}
	return views
}

func printFound(out io.Writer, rows []store.FoundRow) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "nothing was found")
		return err
	}
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "CODE\tSTATE\tMETER\tRECORD\tCOMPARED WITH\tFOUND")
	for _, r := range rows {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Code, r.State, orDash(r.Meter), r.Record, orDash(r.Other), r.Value)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, counted(len(rows), "finding")); err != nil {
		return err
	}
	return explainCodes(out, rows)
}

// explainCodes says what each code means that was listed, the gravest first.
func explainCodes(out io.Writer, rows []store.FoundRow) error {
	met := map[string]bool{}
	for _, r := range rows {
		met[r.Code] = true
	}
	for _, r := range finding.Rules() {
		if !met[string(r.Code)] {
			continue
		}
		if _, err := fmt.Fprintf(out, "%s: %s\n", r.Code, r.Text); err != nil {
			return err
		}
	}
	return nil
}
