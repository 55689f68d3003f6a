package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wattdue/jobs"
	"wattdue/sql/store"
)

type explainCmd struct {
	Charge  string `arg:"" help:"Charge record (country/party/id, or its id), charge UUID, or session id."`
	Attempt int    `placeholder:"N" help:"Explain the price of this attempt; default: the one that counts."`
	JSON    bool   `help:"Print as JSON: price, trace as bytes and opened, and tariff and session as wattdue rate takes them."`
}

func (*explainCmd) Help() string {
	return `For each part of the session: which row of the tariff won, the best row that lost and why; then every adjustment before and
after, and the lines. Times are local at the charge point. Names no customer, only the contract.

The JSON can be replayed: inputs.tariff and inputs.session, saved as files, give the same trace again with wattdue rate,
to the byte, where inputs.same says so; the trace alone gives the same price in any case.

Example:
  wattdue explain DE/ABC/CDR-17
  wattdue explain DE/ABC/CDR-17 --json
  wattdue explain DE/ABC/CDR-17 --attempt 1`
}

func (x *explainCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	if x.Attempt < 0 {
		return usageError{fmt.Errorf("--attempt %d: want 1 or more", x.Attempt)}
	}
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		why, err := a.Explain(ctx, t, x.Charge, x.Attempt)
		if err != nil {
			return err
		}
		if x.JSON {
			return printJSON(con.out, why)
		}
		zone, err := time.LoadLocation(why.Zone)
		if err != nil {
			return err
		}
		p := pricePrinter{w: con.out, zone: zone}
		p.explanation(why)
		return p.err
	})
}

func (p *pricePrinter) explanation(x jobs.Explanation) {
	p.linef("charge    %s at %s, %s", x.Record, x.EVSE, x.State)
	p.linef("contract  %s", x.Contract)
	p.linef("price     of attempt %d, made in %s", x.Attempt, x.Run)
	if n := len(x.Attempts); n > 1 {
		p.linef("          there are prices of attempts %s; the last one counts", strings.Trim(fmt.Sprint(x.Attempts), "[]"))
	}
	p.price(x.Price)
	if !x.Replays {
		p.linef("remark    the price was made by other rules than this program's and is told as it was recorded")
	}
	if x.Inputs.Remark != "" {
		p.linef("remark    %s", x.Inputs.Remark)
	}
}
