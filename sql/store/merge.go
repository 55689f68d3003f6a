package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/masterdata"
)

// Merged counts what loading did with records of a kind.
type Merged struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
}

func (m Merged) plus(o Merged) Merged {
	return Merged{m.New + o.New, m.Changed + o.Changed, m.Same + o.Same}
}

// mergeStep is how many rows one statement takes.
const mergeStep = 5000

// merge hands rows to a query as JSON, which tells how many were new and how many changed.
func merge[R any](ctx context.Context, tx *Tx, q string, tenant int, rows []R) (Merged, error) {
	var sum Merged
	for part := range slices.Chunk(rows, mergeStep) {
		text, err := json.Marshal(part)
		if err != nil {
			return sum, err
		}
		var n struct {
			New     int `db:"new"`
			Changed int `db:"changed"`
		}
		if err := tx.GetContext(ctx, &n, q, tenant, string(text)); err != nil {
			return sum, err
		}
		sum = sum.plus(Merged{n.New, n.Changed, len(part) - n.New - n.Changed})
	}
	return sum, nil
}

// clashes hands rows to a query as JSON, which names those that cannot be, by their place.
func clashes[R any](ctx context.Context, tx *Tx, q string, tenant int, rows []R) ([]int, error) {
	var found []int
	for start := 0; start < len(rows); start += mergeStep {
		text, err := json.Marshal(rows[start:min(start+mergeStep, len(rows))])
		if err != nil {
			return nil, err
		}
		var places []int
		if err := tx.SelectContext(ctx, &places, q, tenant, string(text)); err != nil {
			return nil, err
		}
		for _, p := range places {
			found = append(found, start+p-1)
		}
	}
	return found, nil
}

// A row that was inserted has never been locked or updated: its xmax is zero.
const mergedCounts = ` returning xmax = 0 as fresh)
select count(*) filter (where fresh) as new, count(*) filter (where not fresh) as changed from m`

const qTenantLocked = `select tenant_id, code, zone, paused, profile, issuer from tenant where code = $1 for update`

// MergeTenant adds a tenant or changes its particulars, and returns its internal number.
func (tx *Tx) MergeTenant(ctx context.Context, t masterdata.Tenant) (int, Merged, error) {
	var have Tenant
	err := found(tx.GetContext(ctx, &have, qTenantLocked, t.Code))
	switch {
	case errors.Is(err, ErrNotFound):
		id, err := tx.PutTenant(ctx, t)
		return id, Merged{New: 1}, err
	case err != nil:
		return 0, Merged{}, err
	}
	same, err := sameIssuer(have.Raw, t.Issuer)
	if err != nil || same && have.Zone == t.Zone && have.Profile == t.Profile {
		return have.ID, Merged{Same: 1}, err
	}
	id, err := tx.PutTenant(ctx, t)
	return id, Merged{Changed: 1}, err
}

// sameIssuer compares an issuer with a stored one, whose members may stand in another order.
func sameIssuer(stored []byte, i invoicing.Issuer) (bool, error) {
	var have invoicing.Issuer
	if err := json.Unmarshal(stored, &have); err != nil {
		return false, err
	}
	a, errA := json.Marshal(have)
	b, errB := json.Marshal(i)
	return bytes.Equal(a, b), errors.Join(errA, errB)
}

type partyIn struct {
	No         string `json:"no"`
	Company    bool   `json:"company"`
	Name       string `json:"name"`
	Street     string `json:"street"`
	PostalCode string `json:"postal_code"`
	City       string `json:"city"`
	Country    string `json:"country"`
	Email      string `json:"email"`
	VATID      string `json:"vat_id"`
}

const qMergeParties = `with m as (insert into party (tenant_id, party_no, company, name, street, postal_code, city, country, email, vat_id)
select $1, x.* from jsonb_to_recordset($2::jsonb)
as x(no text, company boolean, name text, street text, postal_code text, city text, country text, email text, vat_id text) order by x.no
on conflict (tenant_id, party_no) do update set version = party.version + 1, company = excluded.company, name = excluded.name,
street = excluded.street, postal_code = excluded.postal_code, city = excluded.city, country = excluded.country,
email = excluded.email, vat_id = excluded.vat_id
where (party.company, party.name, party.street, party.postal_code, party.city, party.country, party.email, party.vat_id)
is distinct from (excluded.company, excluded.name, excluded.street, excluded.postal_code, excluded.city, excluded.country, excluded.email, excluded.vat_id)` +
	mergedCounts

// MergeParties adds parties or changes them; a change raises the version.
func (tx *Tx) MergeParties(ctx context.Context, tenant int, parties []customer.Party) (Merged, error) {
	rows := make([]partyIn, len(parties))
	for i, p := range parties {
		rows[i] = partyIn{p.No, p.Company, p.Name, p.Address.Street, p.Address.PostalCode, p.Address.City, p.Address.Country, p.Email, p.VATID}
	}
	return merge(ctx, tx, qMergeParties, tenant, rows)
}

type contractIn struct {
	No          string        `json:"no"`
	Party       string        `json:"party"`
	EMAID       string        `json:"emaid"`
	Key         string        `json:"emaid_key"`
	Groups      []string      `json:"groups"`
	Tariff      string        `json:"tariff"`
	Payment     string        `json:"payment"`
	PaymentDays int           `json:"payment_days"`
	NoticeDays  int           `json:"notice_days"`
	PriceNotice int           `json:"price_notice_days"`
	Zone        string        `json:"zone"`
	From        calendar.Date `json:"valid_from"`
	Until       calendar.Date `json:"valid_until,omitzero"`
}

func contractsIn(contracts []customer.Contract) []contractIn {
	rows := make([]contractIn, len(contracts))
	for i, c := range contracts {
		rows[i] = contractIn{
			c.No, c.PartyNo, c.EMAID, customer.NormaliseEMAID(c.EMAID), append([]string{}, c.Groups...), c.TariffCode, string(c.Payment),
			c.PaymentDays, c.NoticeDays, c.PriceNoticeDays, c.Zone, c.From, c.Until,
		}
	}
	return rows
}

const qMovedContracts = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as (no text, party text))
with ordinality as x(no, party, n)
join contract c on c.tenant_id = $1 and c.contract_no = x.no where c.party_no <> x.party order by x.n`

// MovedContracts returns the places of contracts that are known with another party.
func (tx *Tx) MovedContracts(ctx context.Context, tenant int, contracts []customer.Contract) ([]int, error) {
	return clashes(ctx, tx, qMovedContracts, tenant, contractsIn(contracts))
}

const qMergeContracts = `with m as (insert into contract (tenant_id, contract_no, party_no, emaid, emaid_key, groups, tariff_code, payment,
payment_days, notice_days, price_notice_days, zone, valid_from, valid_until)
select $1, x.* from jsonb_to_recordset($2::jsonb) as x(no text, party text, emaid text, emaid_key text, groups text[], tariff text,
payment text, payment_days int, notice_days int, price_notice_days int, zone text, valid_from date, valid_until date) order by x.no
on conflict (tenant_id, contract_no) do update set emaid = excluded.emaid, emaid_key = excluded.emaid_key, groups = excluded.groups,
tariff_code = excluded.tariff_code, payment = excluded.payment, payment_days = excluded.payment_days, notice_days = excluded.notice_days,
price_notice_days = excluded.price_notice_days, zone = excluded.zone, valid_from = excluded.valid_from, valid_until = excluded.valid_until
where (contract.emaid, contract.groups, contract.tariff_code, contract.payment, contract.payment_days, contract.notice_days,
contract.price_notice_days, contract.zone, contract.valid_from, contract.valid_until) is distinct from (excluded.emaid, excluded.groups,
excluded.tariff_code, excluded.payment, excluded.payment_days, excluded.notice_days, excluded.price_notice_days, excluded.zone,
excluded.valid_from, excluded.valid_until)` + mergedCounts

// MergeContracts adds contracts or changes everything about them but their party.
func (tx *Tx) MergeContracts(ctx context.Context, tenant int, contracts []customer.Contract) (Merged, error) {
	return merge(ctx, tx, qMergeContracts, tenant, contractsIn(contracts))
}

const qSharedContractIDs = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as (no text, emaid_key text, valid_from date, valid_until date))
with ordinality as x(no, emaid_key, valid_from, valid_until, n)
where exists (select from contract c where c.tenant_id = $1 and c.emaid_key = x.emaid_key and c.contract_no <> x.no
and c.valid_from < coalesce(x.valid_until, 'infinity') and x.valid_from < coalesce(c.valid_until, 'infinity')) order by x.n`

// SharedContractIDs returns the places of contracts whose contract id belongs to another one at the same time.
func (tx *Tx) SharedContractIDs(ctx context.Context, tenant int, contracts []customer.Contract) ([]int, error) {
	return clashes(ctx, tx, qSharedContractIDs, tenant, contractsIn(contracts))
}

type tokenIn struct {
	UID      string     `json:"uid"`
	Contract string     `json:"contract"`
	From     time.Time  `json:"valid_from"`
	Until    *time.Time `json:"valid_until"`
}

func tokensIn(tokens []customer.Token) []tokenIn {
	rows := make([]tokenIn, len(tokens))
	for i, t := range tokens {
		rows[i] = tokenIn{customer.NormaliseUID(t.UID), t.ContractNo, t.From, timePointer(t.Until)}
	}
	return rows
}

func timePointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

const qMovedTokens = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as (uid text, contract text, valid_from timestamptz))
with ordinality as x(uid, contract, valid_from, n)
join token t on t.tenant_id = $1 and t.uid_key = x.uid and t.valid_from = x.valid_from where t.contract_no <> x.contract order by x.n`

// MovedTokens returns the places of tokens that are known from the same instant with another contract.
func (tx *Tx) MovedTokens(ctx context.Context, tenant int, tokens []customer.Token) ([]int, error) {
	return clashes(ctx, tx, qMovedTokens, tenant, tokensIn(tokens))
}

const qMergeTokens = `with m as (insert into token (tenant_id, uid_key, contract_no, valid_from, valid_until)
select $1, x.* from jsonb_to_recordset($2::jsonb) as x(uid text, contract text, valid_from timestamptz, valid_until timestamptz)
order by x.uid, x.valid_from
on conflict (tenant_id, uid_key, valid_from) do update set valid_until = excluded.valid_until
where token.valid_until is distinct from excluded.valid_until` + mergedCounts

// MergeTokens adds tokens or changes until when they are valid.
func (tx *Tx) MergeTokens(ctx context.Context, tenant int, tokens []customer.Token) (Merged, error) {
	return merge(ctx, tx, qMergeTokens, tenant, tokensIn(tokens))
}

const qSharedTokens = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as (uid text, contract text, valid_from timestamptz, valid_until timestamptz))
with ordinality as x(uid, contract, valid_from, valid_until, n)
where exists (select from token t where t.tenant_id = $1 and t.uid_key = x.uid and t.contract_no <> x.contract and t.valid_from <> x.valid_from
and t.valid_from < coalesce(x.valid_until, 'infinity') and x.valid_from < coalesce(t.valid_until, 'infinity')) order by x.n`

// SharedTokens returns the places of tokens that belong to another contract at the same time.
func (tx *Tx) SharedTokens(ctx context.Context, tenant int, tokens []customer.Token) ([]int, error) {
	return clashes(ctx, tx, qSharedTokens, tenant, tokensIn(tokens))
}

type mandateIn struct {
	Reference string        `json:"reference"`
	Contract  string        `json:"contract"`
	Scheme    string        `json:"scheme"`
	SignedOn  calendar.Date `json:"signed_on"`
	Holder    string        `json:"holder"`
	IBAN      string        `json:"iban"`
	BIC       string        `json:"bic"`
	EndedOn   calendar.Date `json:"ended_on,omitzero"`
}

func mandatesIn(mandates []masterdata.Mandate) []mandateIn {
	rows := make([]mandateIn, len(mandates))
	for i, m := range mandates {
		rows[i] = mandateIn{m.Reference, m.ContractNo, m.Scheme, m.SignedOn, m.DebtorName, m.IBAN, m.BIC, m.EndedOn}
	}
	return rows
}

const qOtherMandates = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as (reference text, contract text, scheme text,
signed_on date, holder text, iban text, bic text)) with ordinality as x(reference, contract, scheme, signed_on, holder, iban, bic, n)
join mandate m on m.tenant_id = $1 and m.reference = x.reference
where (m.contract_no, m.scheme, m.signed_on, m.debtor_name, m.iban, m.bic)
is distinct from (x.contract, x.scheme, x.signed_on, x.holder, x.iban, x.bic) order by x.n`

// OtherMandates returns the places of mandates that are known with other content. What a debtor signed does not change.
func (tx *Tx) OtherMandates(ctx context.Context, tenant int, mandates []masterdata.Mandate) ([]int, error) {
	return clashes(ctx, tx, qOtherMandates, tenant, mandatesIn(mandates))
}

const qMergeMandates = `with m as (insert into mandate (tenant_id, reference, contract_no, scheme, signed_on, debtor_name, iban, bic, ended_on)
select $1, x.* from jsonb_to_recordset($2::jsonb) as x(reference text, contract text, scheme text, signed_on date, holder text, iban text,
bic text, ended_on date) order by x.reference
on conflict (tenant_id, reference) do update set ended_on = excluded.ended_on
where mandate.ended_on is distinct from excluded.ended_on` + mergedCounts

// MergeMandates adds mandates or changes when they ended.
func (tx *Tx) MergeMandates(ctx context.Context, tenant int, mandates []masterdata.Mandate) (Merged, error) {
	return merge(ctx, tx, qMergeMandates, tenant, mandatesIn(mandates))
}
