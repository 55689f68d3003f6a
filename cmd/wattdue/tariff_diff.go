package main

import (
	"context"
	"fmt"

	"wattdue/pricelist"
	"wattdue/rating"
)

type tariffDiffCmd struct {
	Older string   `arg:"" placeholder:"A" help:"A file, or a published version as CODE@VERSION; CODE alone is the version valid now."`
	Newer string   `arg:"" placeholder:"B" help:"The version to compare with it."`
	Group []string `placeholder:"NAME" help:"Say whether it is dearer for a contract in these customer groups; left out: for any contract."`
	JSON  bool     `help:"Print as JSON: changes, and whether the second is dearer and why."`
}

func (*tariffDiffCmd) Help() string {
	return `Dearer means that some session could cost more; what cannot be compared counts as dearer. The first such case is named.

Example:
  wattdue tariff diff nord-4.yaml nord-5.yaml
  wattdue tariff diff NORD@4 nord-5.yaml --group staff
  wattdue tariff diff NORD@4 NORD@5 --json`
}

// diffView is a comparison for machines.
type diffView struct {
	Changes []pricelist.Change `json:"changes"`
	Dearer  bool               `json:"dearer"`
	Why     string             `json:"why,omitempty"`
}

func (d *tariffDiffCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	list, err := c.tariffs(ctx, con, d.Older, d.Newer)
	if err != nil {
		return err
	}
	older, newer := list[0].Tariff, list[1].Tariff
	var payer *rating.Contract
	if len(d.Group) > 0 {
		payer = &rating.Contract{Groups: d.Group}
	}
	view := diffView{Changes: append([]pricelist.Change{}, pricelist.Diff(older, newer)...)}
	view.Why, view.Dearer = pricelist.Dearer(older, newer, payer)
	if d.JSON {
		return printJSON(con.out, view)
	}
	for _, change := range view.Changes {
		if _, err := fmt.Fprintln(con.out, change); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(con.out, dearerText(versionName(newer), len(view.Changes), view.Dearer, view.Why))
	return err
}

// dearerText says in a sentence what a change of prices means.
func dearerText(name string, changes int, dearer bool, why string) string {
	switch {
	case dearer:
		return name + " can be dearer: " + why
	case changes == 0:
		return name + ": the prices are the same"
	}
	return name + " is dearer for nobody"
}
