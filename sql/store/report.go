package store

import (
	"context"

	"wattdue/calendar"
)

// HeldSum counts what is set aside for one reason.
type HeldSum struct {
	Stage   string `db:"stage"`
	Code    string `db:"code"`
	Records int64  `db:"records"`
}

const qHeldSums = `select stage, code, count(*) as records from quarantine where tenant_id = $1 and state = 'open'
group by stage, code order by array_position(array['import', 'verify', 'assign', 'compare', 'rate', 'draft', 'seal'], stage), records desc, code`

// DocumentSum is what was issued: count, span of numbers and sums in minor units.
type DocumentSum struct {
	Count int64  `db:"count"`
	First string `db:"first"`
	Last  string `db:"last"`
	Net   int64  `db:"net"`
	Tax   int64  `db:"tax"`
	Gross int64  `db:"gross"`
}

const qDocumentSum = `select count(*) as count, coalesce(min(number), '') as first, coalesce(max(number), '') as last,
coalesce(sum(net), 0)::bigint as net, coalesce(sum(tax), 0)::bigint as tax, coalesce(sum(gross), 0)::bigint as gross
from document where tenant_id = $1`

// VATSum is the tax of one country and rate over all documents.
type VATSum struct {
	Country string `db:"country"`
	Rate    int64  `db:"rate"`
	Net     int64  `db:"net"`
	Tax     int64  `db:"tax"`
	Gross   int64  `db:"gross"`
}

// The first byte of a document's content is the version of its encoding; JSON follows.
const qVATSums = `select v->>'country' as country, (v->>'rate')::bigint as rate, sum((v->>'net')::bigint)::bigint as net,
sum((v->>'tax')::bigint)::bigint as tax, sum((v->>'gross')::bigint)::bigint as gross
from document d, jsonb_array_elements(convert_from(substr(d.content, 2), 'UTF8')::jsonb->'vat') v
where d.tenant_id = $1 group by 1, 2 order by 1, 2 desc`

// MethodSum is what is to be paid by one payment method.
type MethodSum struct {
	Method    string `db:"method"`
	Documents int64  `db:"documents"`
	Gross     int64  `db:"gross"`
}

const qMethodSums = `select payment as method, count(*) as documents, sum(gross)::bigint as gross from document where tenant_id = $1
group by payment order by payment desc`

// AccountSum is a line of the trial balance: sums of debits and of credits, neither below zero.
type AccountSum struct {
	Account string `db:"account"`
	Debit   int64  `db:"debit"`
	Credit  int64  `db:"credit"`
}

const qAccountSums = `select account, coalesce(sum(minor) filter (where minor > 0), 0)::bigint as debit,
coalesce(-sum(minor) filter (where minor < 0), 0)::bigint as credit from leg where tenant_id = $1 group by account order by account`

// PlaceSum is the billed and free charging of a day or a location.
type PlaceSum struct {
	Date     calendar.Date `db:"date"`
	Name     string        `db:"name"`
	Sessions int64         `db:"sessions"`
	Energy   int64         `db:"energy"`
	Gross    int64         `db:"gross"`
}

const settled = `from charge_state s
join verdict v on v.tenant_id = s.tenant_id and v.month = s.month and v.charge_id = s.charge_id and v.attempt = s.attempt
join rated r on r.tenant_id = s.tenant_id and r.month = s.month and r.charge_id = s.charge_id and r.attempt = s.attempt
join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
where s.tenant_id = $1 and s.state in ('billed', 'free')`

// A session at net prices has its share of the VAT that its document adds, for display: the shares need not add up to it.
const withTax = `sum(case when r.mode = 'net' then coalesce((select round(r.total::numeric * d.gross / nullif(d.net, 0)) from billed b
join document d on d.tenant_id = b.tenant_id and d.document_id = b.document_id
where b.tenant_id = s.tenant_id and b.charge_id = s.charge_id), r.total) else r.total end)::bigint as gross`

const qDaySums = `select r.billing_date as date, '' as name, count(*) as sessions, sum(v.energy)::bigint as energy, ` + withTax + `
` + settled + ` group by r.billing_date order by r.billing_date`

const qLocationSums = `select c.place as name, count(*) as sessions, sum(v.energy)::bigint as energy, ` + withTax + `
` + settled + ` group by c.place order by gross desc, name`

const qUsedTariffs = `select distinct r.tariff_code || ' version ' || r.tariff_version as name ` + settled + ` order by 1`

const qPeriods = `select distinct to_char(period_first, 'YYYY-MM') from document where tenant_id = $1 order by 1`

const qFileCount = `select count(*) from import_file where tenant_id = $1`

// StageTime says how long a stage of the runs so far worked, from its first offer to its last end.
type StageTime struct {
	Name    string `db:"name"`
	Records int64  `db:"records"`
	Micros  int64  `db:"micros"`
}

const qStageTimes = `select c.stage as name, sum(coalesce(n.most, 0))::bigint as records,
(extract(epoch from max(c.done_at) - min(c.offered_at)) * 1000000)::bigint as micros
from chunk c left join lateral (select max(value::bigint) as most from jsonb_each_text(c.counts)
where key in ('files', 'imported', 'decided', 'verified', 'compared', 'rated', 'accrued', 'charges', 'documents', 'pdfs', 'sent', 'debits')) n on true
where c.tenant_id = $1 and c.state = 'done' group by c.stage order by min(c.offered_at)`

// Overview is what a tenant's report shows, counted since the start.
type Overview struct {
	Files     int
	Held      []HeldSum
	Documents DocumentSum
	VAT       []VATSum
	Methods   []MethodSum
	Accounts  []AccountSum
	Days      []PlaceSum
	Locations []PlaceSum
	Tariffs   []string
	Periods   []string
	Mails     []MailSum
	Batches   []SepaBatch
	Stages    []StageTime
	Findings  []FindingSum
	Found     []FoundRow // the first of them
}

// Overview counts what a tenant's report shows.
func (db *DB) Overview(ctx context.Context, tenant int) (Overview, error) {
	var o Overview
	if err := db.x.GetContext(ctx, &o.Files, qFileCount, tenant); err != nil {
		return o, classify(err)
	}
	if err := db.x.GetContext(ctx, &o.Documents, qDocumentSum, tenant); err != nil {
		return o, classify(err)
	}
	for q, into := range map[string]any{
		qHeldSums: &o.Held, qVATSums: &o.VAT, qMethodSums: &o.Methods, qAccountSums: &o.Accounts, qDaySums: &o.Days, qLocationSums: &o.Locations,
		qUsedTariffs: &o.Tariffs, qPeriods: &o.Periods, qMailSums: &o.Mails, qBatches: &o.Batches, qStageTimes: &o.Stages,
		qFindingSums: &o.Findings, qReportedFindings: &o.Found,
	} {
		if err := db.x.SelectContext(ctx, into, q, tenant); err != nil {
			return o, classify(err)
		}
	}
	return o, nil
}
