package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/meter"
)

// Digest is a SHA-256 as text.
type Digest string

// Scan reads a column of type bytea.
func (d *Digest) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok {
		return fmt.Errorf("digest: cannot read a %T", src)
	}
	*d = Digest(hex.EncodeToString(b))
	return nil
}

// TracedCharge is a charge with the file it came from and where it stands. It leaves out whose it is beyond the contract.
type TracedCharge struct {
	ID          ident.ID      `db:"charge_id" json:"charge"`
	Month       calendar.Date `db:"month" json:"-"`
	Record      string        `db:"record" json:"record"`
	SessionID   string        `db:"session_id" json:"session_id,omitempty"`
	Start       time.Time     `db:"start_at" json:"start"`
	End         time.Time     `db:"end_at" json:"end"`
	Energy      int64         `db:"energy" json:"energy_micro_kwh"`
	EVSE        string        `db:"evse_id" json:"evse"`
	CreditRef   string        `db:"credit_ref" json:"credits,omitempty"`
	State       string        `db:"state" json:"state"`
	Attempt     int           `db:"attempt" json:"attempt"`
	Contract    string        `db:"contract_no" json:"contract,omitempty"`
	BillingDate calendar.Date `db:"billing_date" json:"billing_date,omitzero"`
	Total       *int64        `db:"total" json:"total,omitempty"` // minor units; nil when it has no price
	Currency    string        `db:"currency" json:"currency"`
	Document    ident.ID      `db:"document_id" json:"-"`
	FileID      ident.ID      `db:"file_id" json:"-"`
	Ordinal     int           `db:"ordinal" json:"ordinal"`
	File        string        `db:"file" json:"file"`
	SHA256      Digest        `db:"sha256" json:"sha256"`
	ReceivedAt  time.Time     `db:"received_at" json:"received_at"`
	RunID       ident.ID      `db:"run_id" json:"-"`
}

const tracedColumns = `c.charge_id, c.month, c.country || '/' || c.party || '/' || upper(c.cdr_id) as record, c.session_id, c.start_at, c.end_at,
c.energy, c.evse_id, c.credit_ref, s.state, s.attempt, coalesce(s.contract_no, '') as contract_no, s.billing_date, r.total, coalesce(r.currency, c.currency) as currency, b.document_id,
c.file_id, c.ordinal, f.name as file, f.sha256, f.received_at, f.run_id`

const tracedJoins = ` join charge_state s on s.tenant_id = c.tenant_id and s.charge_id = c.charge_id
join import_file f on f.tenant_id = c.tenant_id and f.file_id = c.file_id
left join billed b on b.tenant_id = c.tenant_id and b.charge_id = c.charge_id
left join rated r on r.tenant_id = c.tenant_id and r.month = c.month and r.charge_id = c.charge_id and r.attempt = s.attempt `

const qTraceCharges = `select ` + tracedColumns + ` from cdr_key k
join charge c on c.tenant_id = k.tenant_id and c.month = k.month and c.charge_id = k.charge_id` + tracedJoins + `
where k.tenant_id = $1 and k.charge_id = any($2) order by c.start_at, c.charge_id`

// TraceCharges returns charges by id, in the order of their start.
func (db *DB) TraceCharges(ctx context.Context, tenant int, ids []ident.ID) ([]TracedCharge, error) {
	rows := []TracedCharge{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceCharges, tenant, idArray(ids)))
	return rows, err
}

const qFindCharges = `select ` + tracedColumns + ` from charge c` + tracedJoins + `
where c.tenant_id = $1 and (upper(c.cdr_id) = upper($2) or c.session_id = $2) order by c.start_at, c.charge_id limit $3`

// FindCharges returns charges by the sender's id of the record or of the session. No index helps it: it reads all charges.
func (db *DB) FindCharges(ctx context.Context, tenant int, id string, limit int) ([]TracedCharge, error) {
	rows := []TracedCharge{}
	err := classify(db.x.SelectContext(ctx, &rows, qFindCharges, tenant, id, limit))
	return rows, err
}

// TracedPlace is a record of a file.
type TracedPlace struct {
	File    string `db:"file" json:"file"`
	Ordinal int    `db:"ordinal" json:"ordinal"`
}

const qTraceDuplicates = `select f.name as file, d.ordinal from cdr_duplicate d
join import_file f on f.tenant_id = d.tenant_id and f.file_id = d.file_id
where d.tenant_id = $1 and d.charge_id = $2 order by f.name, d.ordinal`

// TraceDuplicates returns where a charge arrived again with equal content.
func (db *DB) TraceDuplicates(ctx context.Context, tenant int, charge ident.ID) ([]TracedPlace, error) {
	rows := []TracedPlace{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceDuplicates, tenant, charge.String()))
	return rows, err
}

// TracedVerdict is the outcome of one attempt to verify a charge.
type TracedVerdict struct {
	Attempt  int           `db:"attempt" json:"attempt"`
	Word     string        `db:"word" json:"word"`
	Billable bool          `db:"billable" json:"billable"`
	Basis    string        `db:"basis" json:"basis,omitempty"`
	Rule     string        `db:"rule" json:"rule,omitempty"`
	Profile  string        `db:"profile" json:"profile"`
	Energy   int64         `db:"energy" json:"energy_micro_kwh"`
	RunID    ident.ID      `db:"run_id" json:"-"`
	Raw      []byte        `db:"detail" json:"-"`
	Detail   meter.Verdict `db:"-" json:"-"`
}

const qTraceVerdicts = `select attempt, word, billable, basis, rule, profile, energy, run_id, detail from verdict
where tenant_id = $1 and month = $2 and charge_id = $3 order by attempt`

// TraceVerdicts returns the verdicts about a charge, the oldest first.
func (db *DB) TraceVerdicts(ctx context.Context, tenant int, c TracedCharge) ([]TracedVerdict, error) {
	rows := []TracedVerdict{}
	if err := db.x.SelectContext(ctx, &rows, qTraceVerdicts, tenant, c.Month.String(), c.ID.String()); err != nil {
		return nil, classify(err)
	}
	for i := range rows {
		if err := json.Unmarshal(rows[i].Raw, &rows[i].Detail); err != nil {
			return nil, fmt.Errorf("charge %s: stored verdict: %w", c.ID, err)
		}
	}
	return rows, nil
}

// TracedWaiver is a person's word that a charge may be billed without a valid signature.
type TracedWaiver struct {
	Actor  string    `db:"actor" json:"actor"`
	Reason string    `db:"reason" json:"reason"`
	At     time.Time `db:"at" json:"at"`
}

const qTraceWaivers = `select actor, reason, at from waiver where tenant_id = $1 and charge_id = $2`

// TraceWaivers returns the waiver of a charge, if there is one.
func (db *DB) TraceWaivers(ctx context.Context, tenant int, charge ident.ID) ([]TracedWaiver, error) {
	rows := []TracedWaiver{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceWaivers, tenant, charge.String()))
	return rows, err
}

// TracedPrice is the price of a charge. Amounts are minor units.
type TracedPrice struct {
	Attempt    int           `db:"attempt" json:"attempt"`
	Tariff     string        `db:"tariff_code" json:"tariff"`
	Version    int           `db:"tariff_version" json:"version"`
	SupplyDate calendar.Date `db:"supply_date" json:"supply_date"`
	Currency   string        `db:"currency" json:"currency"`
	Mode       string        `db:"mode" json:"mode"`
	Total      int64         `db:"total" json:"total"`
	Flags      textColumn    `db:"flags" json:"flags"`
	RunID      ident.ID      `db:"run_id" json:"-"`
	Trace      []byte        `db:"trace" json:"-"`

	Lines []TracedLine `db:"-" json:"lines"`
}

// TracedLine is a line of a price: quantity in micro-kWh, seconds or count, unit in millionths of the currency. Kind is
// empty for a quantity at a price; Component is empty for limits of the session.
type TracedLine struct {
	Attempt   int    `db:"attempt" json:"-"`
	Kind      string `db:"kind" json:"kind,omitempty"`
	Component string `db:"component" json:"component,omitempty"`
	Label     string `db:"label" json:"label,omitempty"`
	Quantity  int64  `db:"quantity" json:"quantity"`
	Unit      int64  `db:"unit" json:"unit"`
	Block     int64  `db:"block" json:"block,omitempty"`
	Amount    int64  `db:"amount" json:"amount"`
	VATCode   string `db:"vat_code" json:"vat_code"`
	Row       string `db:"row_id" json:"row"`
}

const qTracePrices = `select attempt, tariff_code, tariff_version, supply_date, currency, mode, total, flags, run_id, trace from rated
where tenant_id = $1 and month = $2 and charge_id = $3 order by attempt`

const qTraceLines = `select attempt, kind, component, label, quantity, unit, block, amount, vat_code, row_id from rated_line
where tenant_id = $1 and month = $2 and charge_id = $3 order by attempt, no`

// TracePrices returns the prices of a charge with their lines, the oldest first.
func (db *DB) TracePrices(ctx context.Context, tenant int, c TracedCharge) ([]TracedPrice, error) {
	rows := []TracedPrice{}
	if err := db.x.SelectContext(ctx, &rows, qTracePrices, tenant, c.Month.String(), c.ID.String()); err != nil {
		return nil, classify(err)
	}
	var lines []TracedLine
	if err := db.x.SelectContext(ctx, &lines, qTraceLines, tenant, c.Month.String(), c.ID.String()); err != nil {
		return nil, classify(err)
	}
	for _, l := range lines {
		for i := range rows {
			if rows[i].Attempt == l.Attempt {
				rows[i].Lines = append(rows[i].Lines, l)
			}
		}
	}
	return rows, nil
}

const qTraceQuarantine = `select ` + quarantined + `
where q.tenant_id = $1 and (q.charge_id = any($2) or upper(q.record) = any(select upper(r) from unnest($3::text[]) r))
order by q.noted_at, q.file_id, q.ordinal, q.stage, q.attempt`

// TraceQuarantine returns what was set aside of charges and of records by their names, the oldest first.
func (db *DB) TraceQuarantine(ctx context.Context, tenant int, charges []ident.ID, records []string) ([]QuarantineRow, error) {
	rows := []QuarantineRow{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceQuarantine, tenant, idArray(charges), pq.Array(records)))
	return rows, err
}
