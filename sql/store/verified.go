package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/meter"
	"wattdue/money"
)

// Verified is a charge that may be priced, with what rating needs. What is registered of the EVSE is nil where it is not
// registered.
type Verified struct {
	Charge         ident.ID       `db:"charge_id"`
	Month          calendar.Date  `db:"month"`
	Attempt        int            `db:"attempt"`
	File           ident.ID       `db:"file_id"`
	Ordinal        int            `db:"ordinal"`
	Country        string         `db:"country"`
	Party          string         `db:"party"`
	ID             string         `db:"cdr_id"`
	Start          time.Time      `db:"start_at"`
	End            time.Time      `db:"end_at"`
	Energy         int64          `db:"energy"`
	Stated         int64          `db:"stated_energy"`
	ParkingS       int            `db:"parking_s"`
	Contract       string         `db:"contract_no"`
	TokenType      string         `db:"token_type"`
	StatedExcl     string         `db:"stated_excl"`
	StatedIncl     string         `db:"stated_incl"`
	EVSE           string         `db:"evse_id"`
	Location       *string        `db:"location_id"`
	Zone           *string        `db:"zone"`
	PointCountry   string         `db:"point_country"`
	PricingZone    string         `db:"pricing_zone"`
	Operator       string         `db:"operator"`
	Power          string         `db:"power"`
	Watts          int64          `db:"max_watts"`
	Currency       money.Currency `db:"currency"`
	CreditRef      string         `db:"credit_ref"`
	Periods        []byte         `db:"periods"`
	Basis          string         `db:"basis"`
	DurationUsable bool           `db:"duration_usable"`
	BeginUsable    bool           `db:"begin_usable"`
	EndUsable      bool           `db:"end_usable"`
	RawReadings    []byte         `db:"readings"`
}

const verifiedColumns = `c.charge_id, c.month, s.attempt, c.file_id, c.ordinal, c.country, c.party, c.cdr_id, c.start_at, c.end_at,
v.energy, c.energy as stated_energy, c.parking_s, s.contract_no, c.token_type, c.stated_excl, c.stated_incl, c.evse_id, e.location_id, e.zone,
coalesce(e.country, '') as point_country, coalesce(e.pricing_zone, '') as pricing_zone, coalesce(e.operator, '') as operator,
coalesce(e.power, '') as power, coalesce(e.max_watts, 0) as max_watts, c.currency, c.credit_ref, c.periods, v.basis, v.duration_usable,
v.begin_usable, v.end_usable, v.readings`

const verifiedJoins = `
join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
join verdict v on v.tenant_id = s.tenant_id and v.month = s.month and v.charge_id = s.charge_id and v.attempt = s.attempt
left join evse e on e.tenant_id = s.tenant_id and e.evse_id = c.evse_id`

const qVerified = `select ` + verifiedColumns + ` from charge_state s` + verifiedJoins + `
where s.tenant_id = $1 and s.state = 'verified' and s.unit_id is null and s.contract_no >= $2 and ($3 = '' or s.contract_no < $3)
order by s.contract_no, c.start_at, c.charge_id`

// Verified returns the charges of a range of contracts that wait for their price, in the order of their start.
func (tx *Tx) Verified(ctx context.Context, tenant int, span batch.Span) ([]Verified, error) {
	var rows []Verified
	err := tx.SelectContext(ctx, &rows, qVerified, tenant, span.Lo, span.Hi)
	return rows, err
}

// Reading is a signed reading inside a session, with the energy since its begin.
type Reading struct {
	At     time.Time    `json:"at"`
	Energy cdr.MicroKWh `json:"energy"`
}

// Readings returns the signed readings between the first and the last.
func (v Verified) Readings() ([]Reading, error) {
	if v.RawReadings == nil {
		return nil, nil
	}
	var list []Reading
	if err := json.Unmarshal(v.RawReadings, &list); err != nil {
		return nil, fmt.Errorf("charge %s: stored readings: %w", v.Charge, err)
	}
	return list, nil
}

// readingsOf is the column of the signed readings inside a session, or null.
func readingsOf(v meter.Verdict) any {
	if len(v.Between) == 0 {
		return nil
	}
	list := make([]Reading, len(v.Between))
	for i, r := range v.Between {
		list[i] = Reading{r.Time, r.Value - v.Begin.Value}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil // cannot be: instants and numbers
	}
	return string(text)
}
