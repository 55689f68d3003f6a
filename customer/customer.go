// Package customer holds parties, contracts, tokens and mandates with their validity.
//
// Everything is a plain value; "as of" questions are answered by functions that take an instant or a date. The
// package knows no storage.
package customer

import (
	"strings"
	"time"

	"wattdue/calendar"
)

// Party is a legal person we bill or who bills: the current master data, not the copy frozen in a document.
type Party struct {
	No      string  `json:"no"` // customer number
	Company bool    `json:"company,omitempty"`
	Name    string  `json:"name"`
	Address Address `json:"address"`
	Email   string  `json:"email,omitempty"`
	VATID   string  `json:"vat_id,omitempty"`
}

// Address is a postal address. Country is ISO 3166 alpha-2.
type Address struct {
	Street     string `json:"street"`
	PostalCode string `json:"postal_code"`
	City       string `json:"city"`
	Country    string `json:"country"`
}

// PaymentMethod says how a contract pays.
type PaymentMethod string

// The payment methods.
const (
	DirectDebit PaymentMethod = "direct_debit"
	OnAccount   PaymentMethod = "on_account"
)

// Contract is one contractual relationship of a party, valid from From until before Until (zero: open end).
type Contract struct {
	No           string
	PartyNo      string
	EMAID        string   // contract id for roaming, compared by NormaliseEMAID
	Groups       []string // customer groups, in order of precedence
	TariffCode   string
	Payment      PaymentMethod
	PaymentDays  int // days until an invoice is due
	NoticeDays   int // days between pre-notification and collection
	Zone         string
	ZoneLocation *time.Location
	From         calendar.Date
	Until        calendar.Date
	// PriceNoticeDays is for how many days after its announcement a dearer version of the tariff does not count yet; 0: it
	// counts from the day it is valid.
	PriceNoticeDays int
}

// ActiveAt reports whether the contract is valid at an instant, by its own zone.
func (c Contract) ActiveAt(t time.Time) bool {
	d := calendar.DateOf(t, c.ZoneLocation)
	return !d.Before(c.From) && (c.Until.IsZero() || d.Before(c.Until))
}

// Token is a card, app account or similar that belongs to a contract from From until before Until.
type Token struct {
	UID        string // compared without case
	ContractNo string
	From       time.Time
	Until      time.Time // zero: open end
}

// NormaliseEMAID returns a contract id for comparison: upper case without separators (ISO 15118-1, eMI3).
func NormaliseEMAID(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', '*', ' ':
			return -1
		}
		return r
	}, strings.ToUpper(s))
}

// NormaliseUID returns a token uid for comparison: upper case, without surrounding blanks.
func NormaliseUID(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// Mandate is a SEPA direct debit mandate.
type Mandate struct {
	Reference     string
	ContractNo    string
	Scheme        string // CORE
	SignedOn      calendar.Date
	DebtorName    string
	IBAN          string
	BIC           string // empty when unknown
	LastPresented calendar.Date
	EndedOn       calendar.Date // the first day it can no longer be used; zero: open end
}
