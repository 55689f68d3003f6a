package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"wattdue/customer"
	"wattdue/rating"
)

const qPutParty = `insert into party (tenant_id, party_no, company, name, street, postal_code, city, country, email, vat_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant_id, party_no) do update set version = party.version + 1, company = excluded.company, name = excluded.name,
street = excluded.street, postal_code = excluded.postal_code, city = excluded.city, country = excluded.country,
email = excluded.email, vat_id = excluded.vat_id
where (party.company, party.name, party.street, party.postal_code, party.city, party.country, party.email, party.vat_id)
is distinct from (excluded.company, excluded.name, excluded.street, excluded.postal_code, excluded.city, excluded.country, excluded.email, excluded.vat_id)`

// PutParties adds parties or changes them; a change raises the version.
func (tx *Tx) PutParties(ctx context.Context, tenant int, parties []customer.Party) error {
	for _, p := range parties {
		_, err := tx.ExecContext(ctx, qPutParty, tenant, p.No, p.Company, p.Name, p.Address.Street, p.Address.PostalCode, p.Address.City,
			p.Address.Country, p.Email, p.VATID)
		if err != nil {
			return err
		}
	}
	return nil
}

const qPutContract = `insert into contract (tenant_id, contract_no, party_no, emaid, emaid_key, groups, tariff_code, payment, payment_days,
notice_days, zone, valid_from, valid_until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, nullif($13, '')::date)
on conflict (tenant_id, contract_no) do update set groups = excluded.groups, tariff_code = excluded.tariff_code,
payment = excluded.payment, payment_days = excluded.payment_days, notice_days = excluded.notice_days, valid_until = excluded.valid_until`

// PutContracts adds contracts or changes their terms.
func (tx *Tx) PutContracts(ctx context.Context, tenant int, contracts []customer.Contract) error {
	for _, c := range contracts {
		_, err := tx.ExecContext(ctx, qPutContract, tenant, c.No, c.PartyNo, c.EMAID, customer.NormaliseEMAID(c.EMAID), pq.Array(append([]string{}, c.Groups...)),
			c.TariffCode, string(c.Payment), c.PaymentDays, c.NoticeDays, c.Zone, c.From.String(), c.Until.String())
		if err != nil {
			return err
		}
	}
	return nil
}

const qPutToken = `insert into token (tenant_id, uid_key, contract_no, valid_from, valid_until) values ($1, $2, $3, $4, $5)
on conflict (tenant_id, uid_key, valid_from) do update set valid_until = excluded.valid_until`

// PutTokens adds tokens or changes until when they are valid.
func (tx *Tx) PutTokens(ctx context.Context, tenant int, tokens []customer.Token) error {
	for _, t := range tokens {
		_, err := tx.ExecContext(ctx, qPutToken, tenant, customer.NormaliseUID(t.UID), t.ContractNo, t.From, timeOrNull(t.Until))
		if err != nil {
			return err
		}
	}
	return nil
}

const qPutMandate = `insert into mandate (tenant_id, reference, contract_no, scheme, signed_on, debtor_name, iban, bic)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`

// PutMandates adds mandates; a known reference stays as it is.
func (tx *Tx) PutMandates(ctx context.Context, tenant int, mandates []customer.Mandate) error {
	for _, m := range mandates {
		_, err := tx.ExecContext(ctx, qPutMandate, tenant, m.Reference, m.ContractNo, m.Scheme, m.SignedOn.String(), m.DebtorName, m.IBAN, m.BIC)
		if err != nil {
			return err
		}
	}
	return nil
}

// EVSE is a charge point outlet with its registered key.
type EVSE struct {
	ID, LocationID, LocationName, City, Country, Zone string
	MeterID                                           string
	SPKI                                              []byte // empty: no key registered
	KeyFrom                                           time.Time
	KeySource                                         string
}

const qPutEVSE = `insert into evse (tenant_id, evse_id, location_id, location_name, city, country, zone) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, evse_id) do update set location_id = excluded.location_id, location_name = excluded.location_name,
city = excluded.city, country = excluded.country, zone = excluded.zone`

const qPutMeterKey = `insert into meter_key (tenant_id, evse_id, valid_from, meter_id, spki, source) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing`

// PutEVSEs adds outlets and their registered keys.
func (tx *Tx) PutEVSEs(ctx context.Context, tenant int, evses []EVSE) error {
	for _, e := range evses {
		if _, err := tx.ExecContext(ctx, qPutEVSE, tenant, e.ID, e.LocationID, e.LocationName, e.City, e.Country, e.Zone); err != nil {
			return err
		}
		if len(e.SPKI) == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, qPutMeterKey, tenant, e.ID, e.KeyFrom, e.MeterID, e.SPKI, e.KeySource); err != nil {
			return err
		}
	}
	return nil
}

const qPutTariff = `insert into tariff (tenant_id, code, version, valid_from, valid_until, body, hash) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing`

const qTariffHash = `select hash from tariff where tenant_id = $1 and code = $2 and version = $3`

// PutTariff publishes a tariff version with its content hash. Publishing the same content again does nothing; other
// content under a known version is refused.
func (tx *Tx) PutTariff(ctx context.Context, tenant int, t rating.Tariff, hash [32]byte) error {
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, qPutTariff, tenant, t.Code, t.Version, t.ValidFrom, timeOrNull(t.ValidTo), string(body), hash[:])
	if err != nil {
		return err
	}
	var have []byte
	if err := tx.GetContext(ctx, &have, qTariffHash, tenant, t.Code, t.Version); err != nil {
		return found(err)
	}
	if string(have) != string(hash[:]) {
		return errPublished(t.Code, t.Version)
	}
	return nil
}

const qPutPolicy = `insert into signature_policy (tenant_id, country, party, valid_from, note) values ($1, $2, $3, $4, $5) on conflict do nothing`

// PutPolicy lets records of a country and sender be billed without a signature from an instant on.
func (tx *Tx) PutPolicy(ctx context.Context, tenant int, country, party string, from time.Time, note string) error {
	_, err := tx.ExecContext(ctx, qPutPolicy, tenant, country, party, from, note)
	return err
}

func errPublished(code string, version int) error {
	return fmt.Errorf("tariff %s version %d is published with other content; published versions never change, use the next version", code, version)
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
