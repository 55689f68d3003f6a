package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"wattdue/calendar"
	"wattdue/jobs"
	"wattdue/sql/store"
)

type tariffPublishCmd struct {
	File         string `arg:"" help:"Price list in YAML; - reads standard input. docs/formats/tariff.md describes the format."`
	Actor        string `placeholder:"NAME" help:"Who publishes; default: the user."`
	AnnouncedOn  string `placeholder:"DATE" help:"When customers were told of the prices; default: today."`
	AllowUnknown bool   `help:"Let groups, places, contracts and customers be named that are not loaded yet."`
	DryRun       bool   `help:"Check everything and tell what would change, but publish nothing."`
	JSON         bool   `help:"Print the outcome as JSON."`
}

func (*tariffPublishCmd) Help() string {
	return `A published version never changes; the next prices are the next version. What stands against it is told, and then nothing is
published; warnings do not stand against it. The difference to the version before is printed. Where the new one is dearer,
contracts with a notice period (price_notice_days in the master data) keep the price before until that is over. Publishing
the same again does nothing.

Example:
  wattdue tariff publish nord-5.yaml --dry-run
  wattdue tariff publish nord-5.yaml --actor j.doe --announced-on 2026-11-15`
}

// publishView is the outcome of publishing, for machines.
type publishView struct {
	checkedView

	DryRun    bool              `json:"dry_run"`
	Published bool              `json:"published"`
	Same      bool              `json:"as_before"` // it was published before, with the same content
	Change    *jobs.PriceChange `json:"change,omitempty"`
}

func (p *tariffPublishCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	job := jobs.Publication{Actor: actorOr(p.Actor), DryRun: p.DryRun}
	var err error
	if p.AnnouncedOn != "" {
		if job.AnnouncedOn, err = calendar.ParseDate(p.AnnouncedOn); err != nil {
			return usageError{fmt.Errorf("--announced-on: %w", err)}
		}
	}
	if job.File, err = readTariffFile(con, p.File); err != nil {
		return err
	}
	job.File.Unknown = p.AllowUnknown
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		done, err := a.PublishTariff(ctx, t, job)
		if err != nil {
			return err
		}
		if p.JSON {
			err = printJSON(con.out, publishView{
				checkedView: viewCheck(job.File.Name, done.CheckedTariff), DryRun: p.DryRun, Published: done.Done && !p.DryRun, Same: done.Same, Change: done.Change,
			})
		} else {
			err = p.print(con, job.File.Name, done, t)
		}
		if err == nil && !done.Done {
			err = errSilent
		}
		return err
	})
}

func (p *tariffPublishCmd) print(con *terminal, name string, done jobs.PublishedVersion, t store.Tenant) error {
	if !done.Done {
		if err := printCheck(con, name, done.CheckedTariff); err != nil {
			return err
		}
		_, err := fmt.Fprintln(con.err, "wattdue: nothing was published")
		return err
	}
	version := versionName(done.Tariff)
	if done.Same {
		_, err := fmt.Fprintf(con.out, "%s is published with the same content since before\n", version)
		return err
	}
	if _, _, err := printFindings(con, name, done.Findings); err != nil {
		return err
	}
	zone, err := t.Location()
	if err != nil {
		return err
	}
	if err := printChange(con.out, version, done.Change, zone); err != nil {
		return err
	}
	head := "published"
	if p.DryRun {
		head = "dry run, nothing was changed; would be published"
	}
	_, err = fmt.Fprintf(con.out, "%s: %s, valid from %s, content sha256 %s\n", version, head, dayOr(done.Tariff.ValidFrom, zone), hashText(done.Hash))
	return err
}

// printChange tells what a version changes, and for whom the price before goes on.
func printChange(w io.Writer, version string, change *jobs.PriceChange, zone *time.Location) error {
	if change == nil {
		_, err := fmt.Fprintln(w, "there is no version before it")
		return err
	}
	if _, err := fmt.Fprintf(w, "compared with version %d, which holds before it:\n", change.Before); err != nil {
		return err
	}
	for _, d := range change.Changes {
		if _, err := fmt.Fprintf(w, "  %s\n", d); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintln(w, dearerText(version, len(change.Changes), change.Dearer, change.Why)); err != nil {
		return err
	}
	for _, l := range change.Later {
		group := ""
		if len(l.Groups) > 0 {
			group = " of group " + strings.Join(l.Groups, ", ")
		}
		if _, err := fmt.Fprintf(w, "  %s%s with %s of notice: the price before goes on until %s (%s)\n",
			counted(l.Contracts, "contract"), group, counted(l.Days, "day"), dayOr(l.Until, zone), l.Why); err != nil {
			return err
		}
	}
	if change.AtOnce > 0 {
		_, err := fmt.Fprintf(w, "  %s: no notice is running by then, the price counts at once\n", counted(change.AtOnce, "contract"))
		return err
	}
	return nil
}

type tariffListCmd struct {
	Code string `arg:"" optional:"" help:"Only versions of this tariff."`
	JSON bool   `help:"Print as JSON."`
}

func (*tariffListCmd) Help() string {
	return `STATE is as of now: valid, future, ended, or replaced by a newer version. A dearer version counts for a contract only after
its notice, see: wattdue tariff publish --help.

Example:
  wattdue tariff list
  wattdue tariff list NORD --json`
}

// tariffView is a published version with how it stands now.
type tariffView struct {
	store.TariffRow

	State string `json:"state"`
}

func (l *tariffListCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		rows, err := a.DB.TariffRows(ctx, t.ID, l.Code)
		if err != nil {
			return err
		}
		now, err := a.DB.Clock(ctx)
		if err != nil {
			return err
		}
		zone, err := t.Location()
		if err != nil {
			return err
		}
		views := viewTariffs(rows, now)
		if l.JSON {
			return printJSON(con.out, views)
		}
		if len(views) == 0 {
			_, err := fmt.Fprintln(con.out, "no tariff is published")
			return err
		}
		w := tabwriter.NewWriter(con.out, 2, 4, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "TARIFF\tSTATE\tFROM\tUNTIL\tPRICES\tROWS\tCONTRACTS\tCONTENT")
		for _, v := range views {
			until := "-"
			if v.To != nil {
				until = dayOr(*v.To, zone)
			}
			_, _ = fmt.Fprintf(w, "%s@%d\t%s\t%s\t%s\t%s %s\t%d\t%d\t%.16s\n",
				v.Code, v.Version, v.State, dayOr(v.From, zone), until, v.Currency, v.Mode, v.Rows, v.Contracts, v.Hash)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.out, "%s; look closer with: wattdue tariff show CODE@VERSION\n", counted(len(views), "version"))
		return err
	})
}

// viewTariffs tells how versions stand at a moment. They come with the oldest of each code first.
func viewTariffs(rows []store.TariffRow, now time.Time) []tariffView {
	views := make([]tariffView, len(rows))
	newest := map[string]int{} // the place of the version that holds
	for i, r := range rows {
		views[i] = tariffView{r, "valid"}
		switch {
		case now.Before(r.From):
			views[i].State = "future"
		case r.To != nil && !now.Before(*r.To):
			views[i].State = "ended"
		default:
			if before, ok := newest[r.Code]; ok {
				views[before].State = "replaced"
			}
			newest[r.Code] = i
		}
	}
	return views
}
