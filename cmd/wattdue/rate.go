package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"wattdue/calendar"
	"wattdue/invoicing"
	"wattdue/jobs"
	"wattdue/money"
	"wattdue/rating"
	"wattdue/rating/wire"
)

type rateCmd struct {
	Tariff     string   `placeholder:"FILE" help:"Price list in YAML, see docs/formats/tariff.md."`
	Session    string   `placeholder:"FILE" help:"Session in JSON, see docs/formats/session.md; - reads standard input."`
	OCPITariff []string `name:"ocpi-tariff" sep:"none" placeholder:"FILE" help:"Tariff of OCPI 2.1.1, 2.2.1 or 2.3.0; may be given again. Left out, those inside the record count."`
	CDR        string   `name:"cdr" placeholder:"FILE" help:"Charge record of OCPI 2.1.1, 2.2.1 or 2.3.0; - reads standard input."`
	Timezone   string   `placeholder:"ZONE" help:"Time zone of the charging point, such as Europe/Berlin, where the record does not state it."`
	Extensions string   `enum:"as-given,agreed,standard" default:"as-given" help:"What OCPI does not know (rounding rules, SESSION_TIME): price it and tell, price it, or leave it out (as-given, agreed, standard)."`
	JSON       bool     `help:"Print as JSON: total and each dimension with and without VAT and exact, lines, flags and trace."`
}

func (*rateCmd) Help() string {
	return `Prices one session without a database: by a price list of ours, to try it; or a charge record of a partner by the partner's own
tariff, to check it. Exit status 1 when there is no price, or the session is held.

A session needs three members, and a time zone for prices by the hour; docs/formats/session.md lists the others:
  {"start": "2026-10-05T21:30:00+02:00", "end": "2026-10-05T23:00:00+02:00", "energy_kwh": "30",
   "time_zone": "Europe/Berlin", "country": "DE", "contract": {"groups": ["gold"]}}

Example:
  wattdue rate --tariff nord.yaml --session session.json
  wattdue rate --tariff nord.yaml --session session.json --json
  wattdue rate --ocpi-tariff tariff.json --cdr cdr.json --timezone Europe/Berlin`
}

// way says which of the two ways of calling is meant.
func (r *rateCmd) way() error {
	ours, theirs := r.Tariff != "" || r.Session != "", r.CDR != "" || len(r.OCPITariff) > 0
	switch {
	case ours && theirs:
		return errors.New("give --tariff with --session, or --ocpi-tariff with --cdr, but not both")
	case theirs && r.CDR == "":
		return errors.New("--ocpi-tariff needs a charge record; add --cdr FILE")
	case theirs:
		return nil
	case r.Tariff == "" && r.Session == "":
		return errors.New("what shall be priced? give --tariff FILE.yaml with --session FILE.json, or --cdr FILE.json")
	case r.Tariff == "":
		return errors.New("--session needs a price list; add --tariff FILE.yaml")
	case r.Session == "":
		return errors.New("--tariff needs a session; add --session FILE.json, see docs/formats/session.md")
	case r.Timezone != "":
		return errors.New("--timezone belongs to --cdr; a session states it in its file, as time_zone")
	case r.Tariff == "-" && r.Session == "-":
		return errors.New("only one file can be standard input")
	}
	return nil
}

func (r *rateCmd) Run(_ context.Context, con *terminal) error {
	if err := r.way(); err != nil {
		return usageError{err}
	}
	if r.CDR != "" {
		return r.rateRecord(con)
	}
	price, zone, err := r.price(con)
	if err != nil {
		return err
	}
	if r.JSON {
		err = printJSON(con.out, price)
	} else {
		p := pricePrinter{w: con.out, zone: zone}
		p.price(price)
		err = p.err
	}
	if err == nil && price.Held {
		err = errSilent
	}
	return err
}

// price prices the session file by the price list.
func (r *rateCmd) price(con *terminal) (wire.Price, *time.Location, error) {
	list, session, err := r.files(con)
	if err != nil {
		return wire.Price{}, nil, err
	}
	checked := jobs.CheckTariff(list)
	c, faults := wire.ParseSession(session.Name, session.Data, wire.Lookups{TimeZone: time.LoadLocation})
	if all := append(checked.Faults, faults...); len(all) > 0 {
		_ = printFaults(con.err, all)
		return wire.Price{}, nil, errSilent
	}
	compiled, err := rating.Compile(checked.Tariff)
	if err != nil { // the publication check tells it better
		_ = printCheck(con, list.Name, checked)
		return wire.Price{}, nil, errSilent
	}
	if t := checked.Tariff; !t.ValidAt(c.Session.Start) {
		until := ""
		if !t.ValidTo.IsZero() {
			until = " until before " + stampOf(t.ValidTo)
		}
		return wire.Price{}, nil, fmt.Errorf("%s: start %s is outside the validity of %s, from %s%s; change the one or the other",
			session.Name, stampOf(c.Session.Start), versionName(t), stampOf(t.ValidFrom), until)
	}
	rated, err := rating.Rate(c.Contract, compiled, c.Session)
	if err != nil {
		return wire.Price{}, nil, err
	}
	zone := c.Session.TimeZone
	if zone == nil {
		zone = time.UTC
	}
	price, err := wire.NewPrice(rated, wire.Of{
		Session: c.Session.ID, Hash: compiled.Hash(), Rate: vatRates(c.Session.Country, calendar.DateOf(c.Session.End, zone)),
	})
	return price, zone, err
}

func (r *rateCmd) files(con *terminal) (list, session jobs.TariffFile, err error) {
	if list, err = readTariffFile(con, r.Tariff); err != nil {
		return list, session, err
	}
	session, err = readTariffFile(con, r.Session)
	return list, session, err
}

// vatRates finds the rates of a country for a supply on a date.
func vatRates(country string, on calendar.Date) wire.Rate {
	return func(code string) (money.Fraction, bool) {
		_, rate, err := invoicing.TaxRate(country, code, on)
		return rate, err == nil
	}
}

// baseName is how messages call a file.
func baseName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return filepath.Base(name)
}
