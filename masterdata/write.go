package masterdata

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/policy"
	"wattdue/pricelist"
	"wattdue/rating"
)

// Write returns a file in the format Parse reads, with a line break at the end. The same records give the same bytes.
func Write(f File) ([]byte, error) {
	out := fileOut{
		Format:  Version,
		Tenant:  tenantOut{f.Tenant.Code, f.Tenant.Zone, f.Tenant.Profile, issuerOf(f.Tenant.Issuer)},
		Parties: f.Parties,
	}
	plans := plansOf(f.Plans)
	for _, c := range f.Contracts {
		out.Contracts = append(out.Contracts, contractOut{
			c.No, c.PartyNo, c.EMAID, c.Groups, c.TariffCode, string(c.Payment), c.PaymentDays, c.NoticeDays, c.PriceNoticeDays, c.Zone,
			c.From, c.Until, plans[c.No],
		})
	}
	for _, t := range f.Tokens {
		out.Tokens = append(out.Tokens, tokenOut{t.UID, t.ContractNo, t.From.UTC(), t.Until.UTC()})
	}
	for _, m := range f.Mandates {
		out.Mandates = append(out.Mandates, mandateOut{m.Reference, m.ContractNo, m.Scheme, m.SignedOn, m.EndedOn, m.DebtorName, m.IBAN, m.BIC})
	}
	for _, e := range f.EVSEs {
		out.EVSEs = append(out.EVSEs, evseOf(e))
	}
	for _, p := range f.Policies {
		out.Policies = append(out.Policies, policyOut{
			p.ID, p.Country, p.Party, p.EVSECountry, p.Power, p.CommissionedBefore, p.From.UTC(), p.Until.UTC(), p.Note,
		})
	}
	for _, a := range f.Ageing {
		out.Ageing = append(out.Ageing, ageingOut(a))
	}
	for _, t := range f.Tariffs {
		o := tariffOf(t)
		o.Announced = f.Announced[TariffVersion{t.Code, t.Version}]
		out.Tariffs = append(out.Tariffs, o)
	}
	for _, s := range f.Schedules {
		out.Schedules = append(out.Schedules, scheduleOut(s))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(out)
	return b.Bytes(), err
}

type fileOut struct {
	Format    int              `json:"format"`
	Tenant    tenantOut        `json:"tenant"`
	Parties   []customer.Party `json:"parties,omitempty"` // its JSON form is that of the format
	Contracts []contractOut    `json:"contracts,omitempty"`
	Tokens    []tokenOut       `json:"tokens,omitempty"`
	Mandates  []mandateOut     `json:"mandates,omitempty"`
	EVSEs     []evseOut        `json:"evses,omitempty"`
	Policies  []policyOut      `json:"signature_policies,omitempty"`
	Ageing    []ageingOut      `json:"ageing_rules,omitempty"`
	Tariffs   []tariffOut      `json:"tariffs,omitempty"`
	Schedules []scheduleOut    `json:"schedules,omitempty"`
}

type tenantOut struct {
	Code    string    `json:"code"`
	Zone    string    `json:"zone"`
	Profile string    `json:"verdict_profile,omitempty"`
	Issuer  issuerOut `json:"issuer"`
}

// issuerOut is the issuer without what is empty.
type issuerOut struct {
	Name          string                   `json:"name"`
	Address       customer.Address         `json:"address"`
	Email         string                   `json:"email"`
	Phone         string                   `json:"phone,omitempty"`
	Web           string                   `json:"web,omitempty"`
	VATID         string                   `json:"vat_id,omitempty"`
	TaxNo         string                   `json:"tax_no,omitempty"`
	Register      string                   `json:"register,omitempty"`
	Directors     string                   `json:"directors,omitempty"`
	IBAN          string                   `json:"iban"`
	BIC           string                   `json:"bic,omitempty"`
	Bank          string                   `json:"bank,omitempty"`
	CreditorID    string                   `json:"creditor_id,omitempty"`
	ProofURL      string                   `json:"proof_url,omitempty"`
	Registrations []invoicing.Registration `json:"registrations,omitempty"`
}

func issuerOf(i invoicing.Issuer) issuerOut {
	return issuerOut{
		i.Name, i.Address, i.Email, i.Phone, i.Web, i.VATID, i.TaxNo, i.Register, i.Directors, i.IBAN, i.BIC, i.Bank, i.CreditorID, i.ProofURL,
		i.Registrations,
	}
}

type contractOut struct {
	No          string        `json:"no"`
	Party       string        `json:"party"`
	EMAID       string        `json:"emaid"`
	Groups      []string      `json:"groups,omitempty"`
	Tariff      string        `json:"tariff"`
	Payment     string        `json:"payment"`
	PaymentDays int           `json:"payment_days"`
	NoticeDays  int           `json:"notice_days,omitempty"`
	PriceNotice int           `json:"price_notice_days,omitempty"`
	Zone        string        `json:"zone,omitempty"`
	From        calendar.Date `json:"valid_from"`
	Until       calendar.Date `json:"valid_until,omitzero"`
	Plans       []planOut     `json:"plans,omitempty"`
}

type tokenOut struct {
	UID      string    `json:"uid"`
	Contract string    `json:"contract"`
	From     time.Time `json:"valid_from"`
	Until    time.Time `json:"valid_until,omitzero"`
}

type mandateOut struct {
	Reference string        `json:"reference"`
	Contract  string        `json:"contract"`
	Scheme    string        `json:"scheme"`
	SignedOn  calendar.Date `json:"signed_on"`
	EndedOn   calendar.Date `json:"ended_on,omitzero"`
	Holder    string        `json:"account_holder"`
	IBAN      string        `json:"iban"`
	BIC       string        `json:"bic,omitempty"`
}

type evseOut struct {
	ID       string        `json:"id"`
	Country  string        `json:"country"`
	Zone     string        `json:"zone"`
	Operator string        `json:"operator,omitempty"`
	Power    policy.Power  `json:"power,omitempty"`
	Since    calendar.Date `json:"commissioned_on,omitzero"`
	MaxWatts int           `json:"max_watts,omitempty"`
	Location locationOut   `json:"location"`
	Meters   []meterOut    `json:"meters,omitempty"`
}

type locationOut struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	City string `json:"city"`
	Zone string `json:"pricing_zone,omitempty"`
}

type meterOut struct {
	ID    string    `json:"id"`
	Key   string    `json:"public_key"`
	From  time.Time `json:"valid_from"`
	Until time.Time `json:"valid_until,omitzero"`
}

func evseOf(e EVSE) evseOut {
	out := evseOut{
		e.ID, e.Country, e.Zone, e.Operator, e.Power, e.Commissioned, e.MaxWatts, locationOut{e.LocationID, e.LocationName, e.City, e.PricingZone}, nil,
	}
	for _, k := range e.Keys {
		out.Meters = append(out.Meters, meterOut{k.MeterID, base64.StdEncoding.EncodeToString(k.SPKI), k.From.UTC(), k.Until.UTC()})
	}
	return out
}

type policyOut struct {
	ID                 string        `json:"id"`
	Country            string        `json:"country"`
	Party              string        `json:"party,omitempty"`
	EVSECountry        string        `json:"evse_country,omitempty"`
	Power              policy.Power  `json:"power,omitempty"`
	CommissionedBefore calendar.Date `json:"commissioned_before,omitzero"`
	From               time.Time     `json:"valid_from"`
	Until              time.Time     `json:"valid_until,omitzero"`
	Note               string        `json:"note"`
}

type ageingOut struct {
	ID        string          `json:"id"`
	Stage     string          `json:"stage"`
	Reason    string          `json:"reason"`
	AfterDays int             `json:"after_days"`
	Decision  policy.Decision `json:"decision"`
	SetBy     string          `json:"set_by"`
	From      calendar.Date   `json:"valid_from"`
	Until     calendar.Date   `json:"valid_until,omitzero"`
	Note      string          `json:"note"`
}

// tariffOut is a version as rows, or as a price list and nothing else.
type tariffOut struct {
	Code      string         `json:"code,omitempty"`
	Version   int            `json:"version,omitempty"`
	From      time.Time      `json:"valid_from,omitzero"`
	Until     time.Time      `json:"valid_until,omitzero"`
	Currency  money.Currency `json:"currency,omitempty"`
	Mode      rating.Mode    `json:"mode,omitempty"`
	FreeBelow *freeOut       `json:"free_below,omitempty"`
	Rows      []rowOut       `json:"rows,omitempty"`
	PriceList string         `json:"price_list,omitempty"`
	Announced calendar.Date  `json:"announced_on,omitzero"`
}

type freeOut struct {
	Energy   string `json:"energy_kwh"`
	Duration string `json:"duration"`
}

type rowOut struct {
	ID        string                        `json:"id"`
	Priority  int                           `json:"priority,omitempty"`
	Groups    []string                      `json:"groups,omitempty"`
	Locations []string                      `json:"locations,omitempty"`
	Prices    map[rating.Component]priceOut `json:"prices"` // sorted by encoding/json
}

type priceOut struct {
	Price    string `json:"price"`
	VAT      string `json:"vat"`
	FreeTime string `json:"free_time,omitempty"`
}

func tariffOf(t rating.Tariff) tariffOut {
	if !asRows(t) {
		return tariffOut{PriceList: string(pricelist.Write(t))}
	}
	out := tariffOut{Code: t.Code, Version: t.Version, From: t.ValidFrom.UTC(), Until: t.ValidTo.UTC(), Currency: t.Currency, Mode: t.Mode}
	if t.ZeroBelow != 0 || t.ZeroUnder != 0 {
		// A price is written in millionths with up to six decimals, and so is energy.
		out.FreeBelow = &freeOut{money.Price(t.ZeroBelow).String(), spell(t.ZeroUnder)}
	}
	for _, r := range t.Rows {
		row := rowOut{r.ID, r.Priority, r.Groups, r.Locations, map[rating.Component]priceOut{}}
		for c, p := range r.Prices {
			row.Prices[c] = priceOut{Price: p.Unit.String(), VAT: p.VATCode}
			if p.FreeTime != 0 {
				row.Prices[c] = priceOut{p.Unit.String(), p.VATCode, spell(p.FreeTime)}
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

type scheduleOut struct {
	Job  string `json:"job"`
	Spec string `json:"spec"`
	Zone string `json:"zone,omitempty"`
}
