package jobs

import (
	"context"
	"fmt"

	"wattdue/cdr"
	"wattdue/meter"
	"wattdue/sql/store"
)

// TransparencyFile writes the signed values of a charge as a file that the transparency software of SAFE e.V. reads: the
// records as the operator sent them, with the key they were verified with last. what names one charge as for Trace.
func (e *Env) TransparencyFile(ctx context.Context, tenant store.Tenant, what string) ([]byte, error) {
	trail, err := e.Trace(ctx, tenant, what)
	if err != nil {
		return nil, err
	}
	switch n := len(trail.Charges); {
	case n == 0:
		return nil, fmt.Errorf("%q names no charge; give a charge record as country/party/id, its id or a session id", what)
	case n > 1:
		return nil, fmt.Errorf("%q names %d charges; give one as country/party/id", what, n)
	}
	charge := trail.Charges[0]
	signed, err := e.DB.SignedOf(ctx, tenant.ID, charge.TracedCharge)
	if err != nil {
		return nil, err
	}
	values, ok := meter.EvidenceOf(cdr.Record{Signed: signed})
	if !ok {
		return nil, fmt.Errorf("charge %s carries no signed meter values", charge.Record)
	}
	file, err := meter.WriteSAFEXML(values.Messages, charge.keyUsed())
	if err != nil {
		return nil, fmt.Errorf("charge %s: %w", charge.Record, err)
	}
	return file, nil
}

// keyUsed is the key of the latest verdict that names one; empty when the charge was never verified with any.
func (c ChargeTrail) keyUsed() string {
	key := ""
	for _, v := range c.Verdicts {
		if v.Detail.PublicKey != "" {
			key = v.Detail.PublicKey
		}
	}
	return key
}
