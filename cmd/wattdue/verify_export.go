package main

import (
	"context"

	"wattdue/sql/store"
)

type verifyExportCmd struct {
	Charge string `arg:"" help:"Charge record (country/party/id, or its id), charge UUID, or session id."`
}

func (*verifyExportCmd) Help() string {
	return `Writes to standard output what a driver needs to check an invoice himself: the signed records as the charge point made them,
and the public key they were verified with. The official transparency software opens the file.

Example:
  wattdue verify export DE/ABC/CDR-17 > session.xml`
}

func (x *verifyExportCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		file, err := a.TransparencyFile(ctx, t, x.Charge)
		if err != nil {
			return err
		}
		if _, err := con.out.Write(file); err != nil {
			return unwritable(err)
		}
		return nil
	})
}
