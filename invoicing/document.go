// Package invoicing builds documents from priced sessions: lines, VAT, totals, due date and texts.
//
// Cents come from rating and are only added here. VAT is computed once per document and VAT group. A draft becomes a
// document by Issue, which gives it its number; after that nothing in it changes. The legal content follows
// UStG §14 Abs. 4 and, for measured values, MessEG §33. Names and addresses are not part of the frozen content: a
// document refers to the frozen party snapshot.
package invoicing

import (
	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/meter"
	"wattdue/money"
	"wattdue/rating"
)

// Kind is the kind of a document.
type Kind string

// ContractSettlement bills the sessions of a contract in a period.
const ContractSettlement Kind = "contract_settlement"

// Why a session may be billed. Anything else holds it.
const (
	BasisValid       = "valid"        // the signed meter values were verified
	BasisNotRequired = "not_required" // a dated policy asks for no signature
	BasisWaiver      = "waiver"       // a person released it, on record
)

// Charge is one priced session as billing sees it.
type Charge struct {
	ID          ident.ID
	Key         cdr.Key
	SessionID   string
	Start       string // local time at the EVSE, RFC 3339 with offset
	End         string
	BillingDate calendar.Date // local date of the start in the contract's zone
	SupplyDate  calendar.Date // local date of the end in the EVSE's zone
	TaxCountry  string        // ISO 3166 alpha-2 of the EVSE
	EVSEID      string
	Place       string // name and city of the location
	TokenShort  string // last four characters of the token uid
	Energy      cdr.MicroKWh
	Verdict     meter.Verdict
	Basis       string // why it may be billed: BasisValid, BasisNotRequired or BasisWaiver
	Rated       rating.Rated
}

// Issuer is the tenant as it appears on documents.
type Issuer struct {
	Name       string           `json:"name"`
	Address    customer.Address `json:"address"`
	Email      string           `json:"email"`
	Phone      string           `json:"phone"`
	Web        string           `json:"web"`
	VATID      string           `json:"vat_id"`
	TaxNo      string           `json:"tax_no"`
	Register   string           `json:"register"` // court and number
	Directors  string           `json:"directors"`
	IBAN       string           `json:"iban"`
	BIC        string           `json:"bic"`
	Bank       string           `json:"bank"`
	CreditorID string           `json:"creditor_id"`
	ProofURL   string           `json:"proof_url"` // where signed records and keys can be fetched

	// Registrations are the tax registrations outside Address.Country, where VATID holds. A charge in a country
	// without a registration cannot be billed.
	Registrations []Registration `json:"registrations,omitempty"`
}

// Registration is a VAT registration of the issuer in a country.
type Registration struct {
	Country string `json:"country"` // ISO 3166 alpha-2
	VATID   string `json:"vat_id"`
}

// VATIDIn returns the issuer's VAT id for supplies in a country; ok is false when it is not registered there. In its
// own country the tax number does as well, and the id may be empty.
func (i Issuer) VATIDIn(country string) (id string, ok bool) {
	if country != "" && country == i.Address.Country {
		return i.VATID, i.VATID != "" || i.TaxNo != ""
	}
	for _, r := range i.Registrations {
		if r.Country == country && r.VATID != "" {
			return r.VATID, true
		}
	}
	return "", false
}

// Document is the frozen content of an issued document; Number is empty while it is a draft. All amounts are minor
// units of Currency.
type Document struct {
	ID         ident.ID        `json:"id"`
	Kind       Kind            `json:"kind"`
	Series     string          `json:"series"`
	Number     string          `json:"number,omitempty"`
	IssuedOn   calendar.Date   `json:"issued_on"`
	Issuer     Issuer          `json:"issuer"`
	Registered string          `json:"registered"` // country of the issuer's tax registration
	Recipient  ident.ID        `json:"recipient"`  // party snapshot
	CustomerNo string          `json:"customer_no"`
	ContractNo string          `json:"contract_no"`
	EMAID      string          `json:"emaid"`
	Period     calendar.Period `json:"period"`
	Currency   money.Currency  `json:"currency"`
	Mode       rating.Mode     `json:"mode"`
	Split      string          `json:"split"` // tells documents apart that agree in all other parts of the sort key
	Sessions   []SessionLines  `json:"sessions"`
	Fees       []FeeLine       `json:"fees,omitempty"`
	VAT        []VATGroup      `json:"vat"`
	Net        int64           `json:"net"`
	Tax        int64           `json:"tax"`
	Gross      int64           `json:"gross"`
	Payment    Payment         `json:"payment"`
	Engine     string          `json:"engine"` // engine version
}

// SessionLines is a session with its priced lines.
type SessionLines struct {
	Charge     ident.ID      `json:"charge"`
	SessionID  string        `json:"session_id"`
	Start      string        `json:"start"` // local time at the EVSE, RFC 3339
	End        string        `json:"end"`
	SupplyDate calendar.Date `json:"supply_date"`
	EVSEID     string        `json:"evse_id"`
	Place      string        `json:"place"`
	Token      string        `json:"token"`
	Energy     cdr.MicroKWh  `json:"energy"`
	MeterID    string        `json:"meter_id,omitempty"`
	MeterBegin cdr.MicroKWh  `json:"meter_begin"`
	MeterEnd   cdr.MicroKWh  `json:"meter_end"`
	Measured   bool          `json:"measured"` // signed readings were verified
	KeyHash    string        `json:"key_hash,omitempty"`
	Basis      string        `json:"basis"` // one of BasisValid, BasisNotRequired, BasisWaiver
	Lines      []Line        `json:"lines"`
	Total      int64         `json:"total"`
}

// Line is one printed line of a session: a quantity at a price, or what an allowance, cap, discount or limit makes of it.
type Line struct {
	Kind      rating.LineKind  `json:"kind,omitempty"`
	Component rating.Component `json:"component"`
	Quantity  int64            `json:"quantity"` // micro-kWh, seconds or count
	Unit      money.Price      `json:"unit"`     // negative for what is paid to the customer
	Block     int64            `json:"block,omitempty"`
	Amount    int64            `json:"amount"`
	Row       string           `json:"row,omitempty"`   // of the price list; printed where several price a component of the session
	Label     string           `json:"label,omitempty"` // as in rating.Line
	Country   string           `json:"country"`
	VATCode   string           `json:"vat_code"`
	Category  string           `json:"category"` // EN 16931 code of the VAT group the line belongs to
	Rate      money.Fraction   `json:"rate"`
}

// VATGroup is the tax of one country, category and rate; the tax is rounded once here.
type VATGroup struct {
	Country  string         `json:"country"`
	Category string         `json:"category"` // EN 16931 code: S standard, O outside the scope of VAT
	Rate     money.Fraction `json:"rate"`
	Net      int64          `json:"net"`
	Tax      int64          `json:"tax"`
	Gross    int64          `json:"gross"`
}

// Payment says how and when the document is paid.
type Payment struct {
	Method     customer.PaymentMethod `json:"method"`
	DueOn      calendar.Date          `json:"due_on"`
	Mandate    string                 `json:"mandate,omitempty"`
	CreditorID string                 `json:"creditor_id,omitempty"`
	DebtorIBAN string                 `json:"debtor_iban,omitempty"` // masked: first and last four characters
	CollectOn  calendar.Date          `json:"collect_on,omitzero"`
}
