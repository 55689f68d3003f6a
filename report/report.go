// Package report tells a finance clerk in one page what a run did with a month: what came in, what became of it, which
// documents, mails and bank files left, what waits for a person, and whether all of it adds up.
//
// One value, Report, goes in; a web page, JSON or a screen of text comes out. The package counts nothing itself: it
// shows figures and compares them with each other (Checks). It knows no storage, clock or language but English.
// Amounts are minor units, energy is micro-kWh; what is rounded for the eye is exact in the JSON.
package report

import (
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/jobs/batch"
	"wattdue/money"
)

// Report is everything the report shows. The zero value is a report of nothing and can be shown too.
type Report struct {
	Tenant string    `json:"tenant"` // name as people know it
	Period string    `json:"period"` // 2026-10, a day, or any other words
	Engine string    `json:"engine"` // version of this program
	AsOf   time.Time `json:"as_of"`  // the run's now, shown in its own location

	// Currency is that of every amount in the report.
	Currency money.Currency `json:"currency"`

	Files   int           `json:"files"`   // charge record files read
	Balance batch.Balance `json:"balance"` // of the period; everything else covers the same time
	Held    []Held        `json:"held"`    // open quarantine, grouped by stage and code; in any order

	Findings Findings `json:"findings"` // of comparing sessions

	Documents Documents    `json:"documents"`
	Mails     []StateSum   `json:"mails"`
	BankFiles []BankFile   `json:"bank_files"`
	Ledger    []AccountSum `json:"ledger"` // trial balance, sub-accounts added up

	Sessions  int64         `json:"sessions"`         // billed and free charging sessions
	Energy    cdr.MicroKWh  `json:"energy_micro_kwh"` // of these sessions
	Days      []DaySum      `json:"days"`             // of these sessions, by local day of their start
	Locations []LocationSum `json:"locations"`        // of these sessions, in the order they are to be shown

	Tariffs []string    `json:"tariffs"` // tariff versions that priced sessions
	Stages  []StageTime `json:"stages"`  // in the order they ran
	Places  []Place     `json:"places"`  // where the files lie
	Next    []string    `json:"next"`    // what to do next, in sentences, the most urgent first
}

// Held is a group of records, contracts or debits that were set aside for one reason. Meaning and ToDo may be left
// empty: the words of Meaning then stand for them.
type Held struct {
	Stage   string `json:"stage"`   // import, verify, assign, rate, draft, seal
	Code    string `json:"code"`    // stable code of the reason
	Meaning string `json:"meaning"` // what is wrong, in plain words
	ToDo    string `json:"to_do"`   // what to do about it
	Records int64  `json:"records"`
}

// concerns says what a group counts: charge records until they are priced, after that contracts and debits, whose
// sessions are not on hold but wait for a later run.
func (h Held) concerns() string {
	switch h.Stage {
	case "draft":
		return "contract or session"
	case "seal":
		return "direct debit"
	}
	return ""
}

// Findings is what was found by comparing the sessions of each meter.
type Findings struct {
	Sums []FindingSum  `json:"sums"` // by code; in any order
	List []FindingLine `json:"list"` // as many as are to be shown, in their order
}

// FindingSum counts the findings of one code. Meaning may be left empty: the words of package finding then stand for it.
type FindingSum struct {
	Code    string `json:"code"`
	Meaning string `json:"meaning"`
	Holds   bool   `json:"holds"` // the sessions are held for it; else it is information
	N       int64  `json:"n"`
}

// FindingLine is one finding.
type FindingLine struct {
	Code   string `json:"code"`
	State  string `json:"state"` // noted, held, decided
	Record string `json:"record"`
	Other  string `json:"other,omitempty"` // the record it was compared with
	Meter  string `json:"meter"`
	EVSE   string `json:"evse"`
	Value  string `json:"value"`
}

// Documents is what was issued in the time the balance covers.
type Documents struct {
	Count    int64       `json:"count"`
	First    string      `json:"first"` // lowest and highest number
	Last     string      `json:"last"`
	Net      int64       `json:"net"`
	Tax      int64       `json:"tax"`
	Gross    int64       `json:"gross"`
	VAT      []VATSum    `json:"vat"`
	ByMethod []MethodSum `json:"by_method"`
}

// VATSum is the tax of one country and rate over all documents.
type VATSum struct {
	Country string         `json:"country"`  // ISO 3166 alpha-2
	Rate    money.Fraction `json:"rate_ppm"` // millionths: 190000 is 19 %
	Net     int64          `json:"net"`
	Tax     int64          `json:"tax"`
	Gross   int64          `json:"gross"`
}

// MethodSum is what is to be paid by one payment method.
type MethodSum struct {
	Method    string `json:"method"` // direct_debit, on_account
	Documents int64  `json:"documents"`
	Gross     int64  `json:"gross"`
}

// StateSum counts things in one state.
type StateSum struct {
	State string `json:"state"`
	N     int64  `json:"n"`
}

// BankFile is a direct debit file as finance hands it in.
type BankFile struct {
	Name      string        `json:"name"`
	CollectOn calendar.Date `json:"collect_on"`
	Debits    int64         `json:"debits"`
	Sum       int64         `json:"sum"`
	SHA256    string        `json:"sha256"` // hexadecimal, of the file's bytes
}

// AccountSum is a line of the trial balance: the sums of both sides, neither below zero, and Balance = Debit - Credit.
type AccountSum struct {
	Account string `json:"account"`
	Debit   int64  `json:"debit"`
	Credit  int64  `json:"credit"`
	Balance int64  `json:"balance"`
}

// DaySum is one day of charging.
type DaySum struct {
	Date     calendar.Date `json:"date"`
	Sessions int64         `json:"sessions"`
	Energy   cdr.MicroKWh  `json:"energy_micro_kwh"`
	Gross    int64         `json:"gross"`
}

// LocationSum is the charging at one location.
type LocationSum struct {
	Name     string       `json:"name"`
	Sessions int64        `json:"sessions"`
	Energy   cdr.MicroKWh `json:"energy_micro_kwh"`
	Gross    int64        `json:"gross"`
}

// StageTime says how long a stage worked. The report of a run that is to be repeated byte for byte leaves it out.
type StageTime struct {
	Name     string        `json:"name"`
	Records  int64         `json:"records"`
	Duration time.Duration `json:"duration_ns"`
}

// Place says where something lies that the run made.
type Place struct {
	Label string `json:"label"`
	Path  string `json:"path"`           // as to be typed on the command line
	Link  string `json:"link,omitempty"` // relative to the web page; empty when it cannot be followed
}
