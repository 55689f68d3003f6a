package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/meter/finding"
	"wattdue/sql/store"
)

// FindingQuery says which findings are asked for. Empty members ask for any.
type FindingQuery struct {
	Code   string
	Meter  string // serial number
	Charge string // record as country/party/id or its id alone, or the UUID of the charge
	Since  time.Time
}

// Findings lists what was found by comparing sessions. An error says that a code or charge is not known.
func (e *Env) Findings(ctx context.Context, tenant store.Tenant, q FindingQuery) ([]store.FoundRow, error) {
	f := store.FindingFilter{Code: q.Code, Meter: q.Meter, Since: q.Since}
	if _, known := finding.RuleOf(finding.Code(q.Code)); q.Code != "" && !known {
		return nil, fmt.Errorf("no finding has the code %q; want one of %s", q.Code, strings.Join(findingCodes(), ", "))
	}
	if q.Charge != "" {
		var err error
		if f.Charges, err = e.chargesNamed(ctx, tenant, q.Charge); err != nil {
			return nil, err
		}
	}
	return e.DB.Findings(ctx, tenant.ID, f)
}

func findingCodes() []string {
	var codes []string
	for _, r := range finding.Rules() {
		codes = append(codes, string(r.Code))
	}
	return codes
}

// chargesNamed finds the charges a person means.
func (e *Env) chargesNamed(ctx context.Context, tenant store.Tenant, name string) ([]ident.ID, error) {
	name = strings.TrimSpace(name)
	var rows []store.TracedCharge
	var err error
	id, notUUID := ident.Parse(name)
	switch parts := strings.SplitN(name, "/", 3); {
	case len(parts) == 3:
		key := cdr.Record{Country: parts[0], Party: parts[1], ID: parts[2]}.Key()
		rows, err = e.DB.TraceCharges(ctx, tenant.ID, []ident.ID{chargeID(tenant.Code, key)})
	case notUUID == nil:
		rows, err = e.DB.TraceCharges(ctx, tenant.ID, []ident.ID{id})
	default:
		rows, err = e.DB.FindCharges(ctx, tenant.ID, name, traceLimit)
	}
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("no charge is known under %q; give the record as country/party/id or its id alone, or the UUID of the charge", name)
	}
	ids := make([]ident.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return slices.Compact(ids), err
}
