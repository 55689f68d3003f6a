package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/ledger"
	"wattdue/meter"
	"wattdue/money"
	"wattdue/rating"
)

const qBillable = `select s.charge_id, s.month, s.attempt, c.country, c.party, c.cdr_id, c.session_id, c.start_at, c.end_at, v.energy, c.token_key, c.evse_id,
c.place, e.country as tax_country, e.zone, v.basis, v.detail, r.contract_no, r.billing_date, r.supply_date, r.currency, r.mode,
r.total, r.tariff_code, r.tariff_version, c.file_id, c.ordinal
from charge_state s
join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
join verdict v on v.tenant_id = s.tenant_id and v.month = s.month and v.charge_id = s.charge_id and v.attempt = s.attempt
join rated r on r.tenant_id = s.tenant_id and r.month = s.month and r.charge_id = s.charge_id and r.attempt = s.attempt
join evse e on e.tenant_id = c.tenant_id and e.evse_id = c.evse_id
where s.tenant_id = $1 and s.state = 'accrued' and s.billing_date < $2 and s.contract_no >= $3 and ($4 = '' or s.contract_no < $4)
order by s.contract_no, c.start_at, s.charge_id for update of s`

const qBillableContracts = `select distinct contract_no from charge_state
where tenant_id = $1 and state = 'accrued' and billing_date < $2 and contract_no >= $3 and ($4 = '' or contract_no < $4)`

const qBillableLines = `select l.charge_id, ` + lineColumns + `
from charge_state s join rated_line l on l.tenant_id = s.tenant_id and l.month = s.month and l.charge_id = s.charge_id and l.attempt = s.attempt
where s.tenant_id = $1 and s.state = 'accrued' and s.billing_date < $2 and s.contract_no >= $3 and ($4 = '' or s.contract_no < $4)
order by l.charge_id, l.no`

type billableRow struct {
	Charge      ident.ID       `db:"charge_id"`
	Month       calendar.Date  `db:"month"`
	Attempt     int            `db:"attempt"`
	Country     string         `db:"country"`
	Party       string         `db:"party"`
	ID          string         `db:"cdr_id"`
	SessionID   string         `db:"session_id"`
	Start       time.Time      `db:"start_at"`
	End         time.Time      `db:"end_at"`
	Energy      int64          `db:"energy"`
	Token       string         `db:"token_key"`
	EVSE        string         `db:"evse_id"`
	Place       string         `db:"place"`
	TaxCountry  string         `db:"tax_country"`
	Zone        string         `db:"zone"`
	Basis       string         `db:"basis"`
	Detail      []byte         `db:"detail"`
	Contract    string         `db:"contract_no"`
	BillingDate calendar.Date  `db:"billing_date"`
	SupplyDate  calendar.Date  `db:"supply_date"`
	Currency    money.Currency `db:"currency"`
	Mode        string         `db:"mode"`
	Total       int64          `db:"total"`
	Tariff      string         `db:"tariff_code"`
	Version     int            `db:"tariff_version"`
	File        ident.ID       `db:"file_id"`
	Ordinal     int            `db:"ordinal"`
}

// Billable is an accrued charge with where it came from.
type Billable struct {
	invoicing.Charge
	Contract string
	Month    calendar.Date
	Attempt  int
	File     ident.ID
	Ordinal  int
}

// Billable returns the accrued charges of a range of contracts whose billing date lies before a date. The contracts are
// locked first, so that no price among them is made anew meanwhile.
func (tx *Tx) Billable(ctx context.Context, tenant int, before calendar.Date, span batch.Span) ([]Billable, error) {
	var numbers []string
	if err := tx.SelectContext(ctx, &numbers, qBillableContracts, tenant, before.String(), span.Lo, span.Hi); err != nil {
		return nil, err
	}
	if err := tx.LockContracts(ctx, tenant, numbers); err != nil {
		return nil, err
	}
	var rows []billableRow
	if err := tx.SelectContext(ctx, &rows, qBillable, tenant, before.String(), span.Lo, span.Hi); err != nil {
		return nil, err
	}
	lines, err := tx.billableLines(ctx, tenant, before, span)
	if err != nil {
		return nil, err
	}
	zones := map[string]*time.Location{}
	charges := make([]Billable, len(rows))
	for i, r := range rows {
		c, err := r.charge(zones)
		if err != nil {
			return nil, err
		}
		c.Rated.Lines = lines[r.Charge]
		charges[i] = Billable{c, r.Contract, r.Month, r.Attempt, r.File, r.Ordinal}
	}
	return charges, nil
}

func (tx *Tx) billableLines(ctx context.Context, tenant int, before calendar.Date, span batch.Span) (map[ident.ID][]rating.Line, error) {
	var rows []struct {
		Charge ident.ID `db:"charge_id"`
		lineRow
	}
	if err := tx.SelectContext(ctx, &rows, qBillableLines, tenant, before.String(), span.Lo, span.Hi); err != nil {
		return nil, err
	}
	lines := map[ident.ID][]rating.Line{}
	for _, r := range rows {
		lines[r.Charge] = append(lines[r.Charge], r.line())
	}
	return lines, nil
}

func (r billableRow) charge(zones map[string]*time.Location) (invoicing.Charge, error) {
	zone, ok := zones[r.Zone]
	if !ok {
		var err error
		if zone, err = time.LoadLocation(r.Zone); err != nil {
			return invoicing.Charge{}, fmt.Errorf("EVSE %s: time zone %q is not known", r.EVSE, r.Zone)
		}
		zones[r.Zone] = zone
	}
	var v meter.Verdict
	if err := json.Unmarshal(r.Detail, &v); err != nil {
		return invoicing.Charge{}, fmt.Errorf("charge %s: stored verdict: %w", r.Charge, err)
	}
	return invoicing.Charge{
		ID: r.Charge, Key: cdr.Key{Country: r.Country, Party: r.Party, ID: r.ID}, SessionID: r.SessionID,
		Start: r.Start.In(zone).Format(time.RFC3339), End: r.End.In(zone).Format(time.RFC3339),
		BillingDate: r.BillingDate, SupplyDate: r.SupplyDate, TaxCountry: r.TaxCountry, EVSEID: r.EVSE, Place: r.Place,
		TokenShort: lastFour(r.Token), Energy: cdr.MicroKWh(r.Energy), Verdict: v, Basis: r.Basis,
		Rated: rating.Rated{
			Tariff: r.Tariff, Version: r.Version, Currency: r.Currency, Mode: rating.Mode(r.Mode), Total: r.Total,
		},
	}, nil
}

func lastFour(s string) string {
	if len(s) > 4 {
		return s[len(s)-4:]
	}
	return s
}

const qParties = `select party_no, version, company, name, street, postal_code, city, country, email, vat_id from party
where tenant_id = $1 and party_no = any($2)`

// PartyVersion is a party with the number of its version, which names the snapshot made of it.
type PartyVersion struct {
	customer.Party
	Version int
}

// Parties returns parties by number.
func (tx *Tx) Parties(ctx context.Context, tenant int, numbers []string) (map[string]PartyVersion, error) {
	var rows []struct {
		No         string `db:"party_no"`
		Version    int    `db:"version"`
		Company    bool   `db:"company"`
		Name       string `db:"name"`
		Street     string `db:"street"`
		PostalCode string `db:"postal_code"`
		City       string `db:"city"`
		Country    string `db:"country"`
		Email      string `db:"email"`
		VATID      string `db:"vat_id"`
	}
	if err := tx.SelectContext(ctx, &rows, qParties, tenant, pq.Array(numbers)); err != nil {
		return nil, err
	}
	m := make(map[string]PartyVersion, len(rows))
	for _, r := range rows {
		m[r.No] = PartyVersion{customer.Party{
			No: r.No, Company: r.Company, Name: r.Name, Email: r.Email, VATID: r.VATID,
			Address: customer.Address{Street: r.Street, PostalCode: r.PostalCode, City: r.City, Country: r.Country},
		}, r.Version}
	}
	return m, nil
}

const qMandates = `select m.reference, m.contract_no, m.scheme, m.signed_on, m.debtor_name, m.iban, m.bic, m.ended_on,
(select max(d.collect_on) from debit d where d.tenant_id = m.tenant_id and d.mandate = m.reference and d.state = 'sealed') as last_presented
from mandate m where m.tenant_id = $1 and m.contract_no = any($2) order by m.contract_no, m.ended_on is not null, m.signed_on desc`

// Mandates returns the mandate to use for each contract: the one not ended that was signed last.
func (tx *Tx) Mandates(ctx context.Context, tenant int, contracts []string) (map[string]customer.Mandate, error) {
	var rows []struct {
		Reference     string        `db:"reference"`
		Contract      string        `db:"contract_no"`
		Scheme        string        `db:"scheme"`
		SignedOn      calendar.Date `db:"signed_on"`
		DebtorName    string        `db:"debtor_name"`
		IBAN          string        `db:"iban"`
		BIC           string        `db:"bic"`
		EndedOn       calendar.Date `db:"ended_on"`
		LastPresented calendar.Date `db:"last_presented"`
	}
	if err := tx.SelectContext(ctx, &rows, qMandates, tenant, pq.Array(contracts)); err != nil {
		return nil, err
	}
	m := make(map[string]customer.Mandate, len(rows))
	for _, r := range rows {
		if _, have := m[r.Contract]; have {
			continue
		}
		m[r.Contract] = customer.Mandate{
			Reference: r.Reference, ContractNo: r.Contract, Scheme: r.Scheme, SignedOn: r.SignedOn, DebtorName: r.DebtorName,
			IBAN: r.IBAN, BIC: r.BIC, EndedOn: r.EndedOn, LastPresented: r.LastPresented,
		}
	}
	return m, nil
}

// Snapshot is what was frozen of a party, sealed.
type Snapshot struct {
	ID      ident.ID `db:"snapshot_id"`
	PartyNo string   `db:"party_no"`
	Sealed  []byte   `db:"sealed"`
}

const qPutSnapshot = `insert into party_snapshot (tenant_id, snapshot_id, party_no, sealed) values ($1, $2, $3, $4) on conflict do nothing`

// PutSnapshot stores a snapshot unless it is there.
func (tx *Tx) PutSnapshot(ctx context.Context, tenant int, s Snapshot) error {
	_, err := tx.ExecContext(ctx, qPutSnapshot, tenant, s.ID.String(), s.PartyNo, s.Sealed)
	return err
}

const qSnapshots = `select snapshot_id, party_no, sealed from party_snapshot where tenant_id = $1 and snapshot_id = any($2)`

// Snapshots returns sealed snapshots by id.
func (tx *Tx) Snapshots(ctx context.Context, tenant int, ids []ident.ID) ([]Snapshot, error) {
	var rows []Snapshot
	err := tx.SelectContext(ctx, &rows, qSnapshots, tenant, idArray(ids))
	return rows, err
}

// Draft is a document to be, with the posting it will make.
type Draft struct {
	Document invoicing.Document
	Entry    ledger.Entry
	Debit    ident.ID
	Mail     bool
	Free     bool
	Charges  []ident.ID
	Fees     []DraftFee
	Content  []byte
	Hash     [32]byte
}

const cDraft = `copy draft (tenant_id, run_id, document_id, sort_key, kind, series, contract_no, party_no, snapshot_id, period_first,
period_next, issued_on, due_on, collect_on, mandate, payment, currency, net, tax, gross, content, content_hash, charges, free, mail,
entry_id, debit_id, reference, value_date, tax_month, mode) from stdin`

const cDraftLeg = `copy draft_leg (tenant_id, run_id, document_id, no, account, sub, minor, currency) from stdin`

// PutDrafts stores drafts.
func (tx *Tx) PutDrafts(ctx context.Context, tenant int, run ident.ID, drafts []Draft) error {
	if len(drafts) == 0 {
		return nil
	}
	err := tx.copyIn(ctx, cDraft, each(drafts, func(d Draft) []any {
		doc := d.Document
		var collect any
		if !doc.Payment.CollectOn.IsZero() {
			collect = doc.Payment.CollectOn.String()
		}
		charges := make([]string, len(d.Charges))
		for i, c := range d.Charges {
			charges[i] = c.String()
		}
		value := d.Entry.ValueDate
		if value.IsZero() {
			value = doc.Period.Last()
		}
		return []any{
			tenant, run.String(), doc.ID.String(), []byte(doc.SortKey()), string(doc.Kind), doc.Series, doc.ContractNo, doc.CustomerNo,
			doc.Recipient.String(), doc.Period.First.String(), doc.Period.Next.String(), doc.IssuedOn.String(), doc.Payment.DueOn.String(),
			collect, doc.Payment.Mandate, string(doc.Payment.Method), string(doc.Currency), doc.Net, doc.Tax, doc.Gross, d.Content, d.Hash[:],
			pq.Array(charges), d.Free, d.Mail, d.Entry.ID.String(), d.Debit.String(), d.Entry.Reference, value.String(), d.Entry.TaxMonth,
			cmp.Or(string(doc.Mode), string(rating.Gross)),
		}
	}))
	if err != nil {
		return err
	}
	if err := tx.putDraftFees(ctx, tenant, run, drafts); err != nil {
		return err
	}
	d, n := 0, 0
	return tx.copyIn(ctx, cDraftLeg, func() []any {
		for d < len(drafts) && n == len(drafts[d].Entry.Legs) {
			d, n = d+1, 0
		}
		if d == len(drafts) {
			return nil
		}
		l := drafts[d].Entry.Legs[n]
		n++
		return []any{tenant, run.String(), drafts[d].Document.ID.String(), n, string(l.Account), l.Sub, l.Minor, string(l.Currency)}
	})
}

// DraftSet is what a person approves.
type DraftSet struct {
	Documents int
	Free      int
	Gross     int64
	Hash      [32]byte
}

const qDraftHashes = `select content_hash, gross, free from draft where tenant_id = $1 and run_id = $2 order by sort_key`

// DraftSet sums a run's drafts and hashes their set.
func (tx *Tx) DraftSet(ctx context.Context, tenant int, run ident.ID) (DraftSet, error) {
	var rows []struct {
		Hash  []byte `db:"content_hash"`
		Gross int64  `db:"gross"`
		Free  bool   `db:"free"`
	}
	if err := tx.SelectContext(ctx, &rows, qDraftHashes, tenant, run.String()); err != nil {
		return DraftSet{}, err
	}
	var set DraftSet
	hashes := make([][32]byte, len(rows))
	for i, r := range rows {
		hashes[i] = [32]byte(r.Hash)
		set.Gross += r.Gross
		if r.Free {
			set.Free++
		} else {
			set.Documents++
		}
	}
	set.Hash = invoicing.SetHash(hashes)
	return set, nil
}

const qApproval = `select set_hash, actor from approval where tenant_id = $1 and run_id = $2`

// Approval returns the hash a person approved for a run and who it was, or ErrNotFound.
func (tx *Tx) Approval(ctx context.Context, tenant int, run ident.ID) (hash [32]byte, actor string, err error) {
	var row struct {
		Hash  []byte `db:"set_hash"`
		Actor string `db:"actor"`
	}
	if err := found(tx.GetContext(ctx, &row, qApproval, tenant, run.String())); err != nil {
		return hash, "", err
	}
	return [32]byte(row.Hash), row.Actor, nil
}

const qApprove = `insert into approval (tenant_id, run_id, set_hash, documents, gross, actor) values ($1, $2, $3, $4, $5, $6)`

// Approve stores a person's approval of a draft set.
func (tx *Tx) Approve(ctx context.Context, tenant int, run ident.ID, set DraftSet, actor string) error {
	_, err := tx.ExecContext(ctx, qApprove, tenant, run.String(), set.Hash[:], set.Documents, set.Gross, actor)
	return err
}
