package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"wattdue/cdr"
	"wattdue/jobs"
	"wattdue/policy"
	"wattdue/sql/store"
)

type quarantineSettleCmd struct {
	deciding
	As policy.Decision `required:"" enum:"bill,goodwill,claim" placeholder:"DECISION" help:"bill (without proof), goodwill (the customer pays 0.00) or claim (from the operator)."`
}

func (*quarantineSettleCmd) Help() string {
	return `Decides about held charges under a name, as the provider's ageing rules do once they are old enough. What is to be billed is
verified and priced again by the next intake, without asking for proof; only what was set aside in verify can be. Goodwill
counts as free in the balance, a claim as waived. All or none, and once.

Example:
  wattdue quarantine settle 1f2e3d4c.17.verify.1 --as goodwill --reason "customer complained, ticket 4711"
  wattdue quarantine settle --code key-not-registered --as claim --actor j.doe --reason "no key for a month"`
}

func (q *quarantineSettleCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	after := nothingNext
	if q.As == policy.Bill {
		after = nextAfterRelease
	}
	return q.decide(ctx, c, con, "settled", after, func(a *app, t store.Tenant, rows []store.QuarantineRow) error {
		return a.Settle(ctx, t, rows, q.As, jobs.Decision{Actor: actorOr(q.Actor), Reason: q.Reason})
	})
}

type quarantineClaimsCmd struct {
	Operator string `placeholder:"COUNTRY/PARTY" help:"Only what is claimed from this operator, named as in the records."`
	JSON     bool   `help:"Print as JSON."`
}

func (*quarantineClaimsCmd) Help() string {
	return `Lists the charges that are claimed from operators of charge points instead of being billed to customers: energy and price
before tax as the operator stated them, and why they were held.

Example:
  wattdue quarantine claims
  wattdue quarantine claims --operator DE/ABC --json`
}

func (q *quarantineClaimsCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		claims, err := a.DB.Claims(ctx, t.ID, q.Operator)
		if err != nil {
			return err
		}
		if q.JSON {
			return printJSON(con.out, claims)
		}
		if len(claims) == 0 {
			_, err := fmt.Fprintln(con.out, "nothing is claimed")
			return err
		}
		w := tabwriter.NewWriter(con.out, 2, 4, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "OPERATOR\tRECORD\tSESSION\tSTART\tKWH\tSTATED\tDECIDED\tBY\tHELD FOR")
		for _, x := range claims {
			stated := "-"
			if x.Stated != "" {
				stated = x.Stated + " " + x.Currency
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.Operator, x.Record, orDash(x.SessionID), stampOf(x.Start),
				cdr.MicroKWh(x.Energy).KWh(), stated, x.DecidedOn, x.Actor, x.Code)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.out, "%s claimed\n", counted(len(claims), "charge"))
		return err
	})
}
