package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/term"

	"wattdue/calendar"
	"wattdue/jobs"
	"wattdue/pricelist"
	"wattdue/rating"
)

type tariffShowCmd struct {
	What     string   `arg:"" placeholder:"CODE[@VERSION]|FILE" help:"A published tariff, by default the version valid now; or a price list."`
	Group    []string `placeholder:"NAME" help:"Only what holds for a contract in these customer groups, the first counts first."`
	Location string   `placeholder:"ID" help:"Only what holds at this location."`
	HTML     string   `name:"html" placeholder:"FILE" help:"Write the page with pictures to a file; - is standard output."`
	YAML     bool     `name:"yaml" help:"Print the price list as a file, to make the next version from."`
	JSON     bool     `name:"json" help:"Print as JSON: tariff, findings and weeks."`
	Zone     string   `default:"Europe/Berlin" placeholder:"ZONE" help:"Time zone in which the validity is told."`
}

func (*tariffShowCmd) Help() string {
	return `For each component the week is drawn, Monday to Sunday, one letter for each price; "!" is a gap, "." is free. Where customer
groups, places or seasons have prices of their own, each has its week. Colours need a terminal; NO_COLOR turns them off.

Example:
  wattdue tariff show NORD
  wattdue tariff show NORD@4 --group staff --location HH-Hafen
  wattdue tariff show nord.yaml --html nord.html`
}

// showView is a tariff for machines.
type showView struct {
	Tariff   rating.Tariff       `json:"tariff"`
	SHA256   string              `json:"sha256,omitempty"`
	Findings []pricelist.Finding `json:"findings"`
	Weeks    []weekView          `json:"weeks"`
	More     int                 `json:"more_kinds"` // kinds of sessions that are not shown
}

type weekView struct {
	Component rating.Component `json:"component"`
	Title     string           `json:"title"`
	Steps     []stepView       `json:"steps"`
	Gap       string           `json:"gap,omitempty"` // hours without a price
	Free      bool             `json:"gap_is_free,omitempty"`
}

type stepView struct {
	Price string `json:"price"`
	Hours string `json:"hours"`
}

func (s *tariffShowCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return usageError{fmt.Errorf("--zone %q is no time zone; want an IANA name such as Europe/Berlin", s.Zone)}
	}
	list, err := c.tariffs(ctx, con, s.What)
	if err != nil {
		return err
	}
	t := list[0]
	weeks, more := s.weeks(t.Tariff)
	switch {
	case s.YAML:
		_, err = con.out.Write(pricelist.Write(t.Tariff))
		return err
	case s.JSON:
		return printJSON(con.out, viewShow(t, weeks, more))
	case s.HTML != "":
		page := pricelist.Page(t.Tariff, pricelist.View{Weeks: weeks, More: more, Findings: t.Findings, Zone: zone})
		return writeOut(con, s.HTML, page)
	}
	return s.print(con, t, weeks, more, zone)
}

// writeOut writes a file whole or not at all; - is standard output.
func writeOut(con *terminal, name string, data []byte) error {
	if name == "-" {
		_, err := con.out.Write(data)
		return err
	}
	err := jobs.ReplaceFile(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	_, err = fmt.Fprintf(con.out, "%s\n", name)
	return err
}

// weeks draws a tariff as the engine prices it; one that the engine refuses, by its rows as they stand.
func (s *tariffShowCmd) weeks(t rating.Tariff) ([]pricelist.Week, int) {
	look := pricelist.Rows(t)
	if compiled, err := rating.Compile(t); err == nil {
		look = pricelist.Engine(compiled)
	}
	if len(s.Group) == 0 && s.Location == "" {
		return pricelist.Weeks(t, look)
	}
	return pricelist.Weeks(s.narrow(t), func(c rating.Contract, at rating.Session, moment time.Time, name rating.Component) (string, rating.Price, bool) {
		if len(s.Group) > 0 {
			c.Groups = s.Group
		}
		if s.Location != "" {
			at.Location = s.Location
		}
		return look(c, at, moment, name)
	})
}

// narrow leaves the rows that could price a session of the groups or at the location, without telling apart what is chosen.
func (s *tariffShowCmd) narrow(t rating.Tariff) rating.Tariff {
	rows := t.Rows
	t.Rows = nil
	for _, r := range rows {
		if len(s.Group) > 0 {
			if len(r.Groups) > 0 && !slices.ContainsFunc(r.Groups, func(g string) bool { return slices.Contains(s.Group, g) }) {
				continue
			}
			r.Groups = nil
		}
		if s.Location != "" {
			if len(r.Locations) > 0 && !slices.Contains(r.Locations, s.Location) {
				continue
			}
			r.Locations = nil
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func viewShow(t jobs.CheckedTariff, weeks []pricelist.Week, more int) showView {
	v := showView{Tariff: t.Tariff, SHA256: hashText(t.Hash), Findings: append([]pricelist.Finding{}, t.Findings...), Weeks: []weekView{}, More: more}
	for i := range weeks {
		w := &weeks[i]
		view := weekView{Component: w.Component, Title: w.Title(), Free: w.Free, Steps: []stepView{}}
		for _, step := range w.Steps {
			view.Steps = append(view.Steps, stepView{step.Text, step.Hours})
		}
		if w.HasGap {
			view.Gap = w.HoursOf(-1)
		}
		v.Weeks = append(v.Weeks, view)
	}
	return v
}

func (s *tariffShowCmd) print(con *terminal, t jobs.CheckedTariff, weeks []pricelist.Week, more int, zone *time.Location) error {
	f, isFile := con.out.(*os.File)
	colour := isFile && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == ""
	mode := "with VAT"
	if t.Tariff.Mode == rating.Net {
		mode = "without VAT"
	}
	until := ""
	if !t.Tariff.ValidTo.IsZero() {
		until = " until before " + dayOr(t.Tariff.ValidTo, zone)
	}
	if _, err := fmt.Fprintf(con.out, "%s, valid from %s%s (%s), prices in %s %s\n",
		versionName(t.Tariff), dayOr(t.Tariff.ValidFrom, zone), until, zone, t.Tariff.Currency, mode); err != nil {
		return err
	}
	if err := printTerms(con.out, t.Tariff); err != nil {
		return err
	}
	for i := range weeks {
		if _, err := fmt.Fprintf(con.out, "\n%s", weeks[i].Screen(t.Tariff.Currency, colour)); err != nil {
			return err
		}
	}
	if more > 0 {
		_, _ = fmt.Fprintf(con.out, "\n%d more combinations of contract and place are not shown; choose with --group and --location\n", more)
	}
	for _, f := range t.Findings {
		if _, err := fmt.Fprintf(con.out, "\n%s (%s)\n", f, f.Code); err != nil {
			return err
		}
	}
	return nil
}

// printTerms tells what holds for whole sessions.
func printTerms(w io.Writer, t rating.Tariff) error {
	var terms []string
	if t.SessionMin != 0 {
		terms = append(terms, fmt.Sprintf("at least %s per session", t.SessionMin))
	}
	if t.SessionMax != 0 {
		terms = append(terms, fmt.Sprintf("at most %s per session", t.SessionMax))
	}
	for _, d := range t.Discounts {
		what := d.Amount.String()
		if d.Percent != 0 {
			what = d.Percent.Percent() + " %"
		}
		terms = append(terms, fmt.Sprintf("discount %s: %s", d.ID, what))
	}
	if t.Holidays != nil {
		terms = append(terms, "holidays of "+t.Holidays.Name)
	}
	for _, term := range terms {
		if _, err := fmt.Fprintf(w, "  %s\n", term); err != nil {
			return err
		}
	}
	return nil
}

// dayOr is the date of an instant that is the beginning of one, else the instant in local time.
func dayOr(at time.Time, zone *time.Location) string {
	if d := calendar.DateOf(at, zone); at.Equal(d.Start(zone)) {
		return d.String()
	}
	return at.In(zone).Format("2006-01-02 15:04")
}
