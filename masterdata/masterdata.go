// Package masterdata reads and writes a provider's master data as one JSON file: tenant, parties, contracts, tokens,
// mandates, charge points with their meter keys, signature policies, ageing rules, tariffs and schedules. docs/formats/masterdata.md
// describes the format.
//
// Parse is strict: a member that is not known, a mandatory one that is missing, a value of the wrong type or form. It goes
// on after a fault and returns all of them, each with line, record and field and what to do, and without the value,
// which may be a name or an account number. Account numbers and creditor identifiers are checked by package sepa, keys
// by meter, tariffs by rating. The package knows no storage, time zones and schedules only through Lookups; whether a
// record the file refers to was loaded before is for the caller to ask, see File.Loose.
package masterdata

import (
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/policy"
	"wattdue/rating"
)

// Version is the version of the format, the value of the member "format".
const Version = 1

// File is the content of one file, or the part of a provider's master data that is to be loaded at once. Records keep the
// order of the file.
type File struct {
	Tenant    Tenant
	Parties   []customer.Party
	Contracts []customer.Contract // ZoneLocation is set
	Plans     []Plan              // of these contracts
	Tokens    []customer.Token
	Mandates  []Mandate
	EVSEs     []EVSE
	Policies  []policy.Exemption
	Ageing    []policy.Ageing
	Tariffs   []rating.Tariff
	Schedules []Schedule
	// Announced is when customers were told of a version of a tariff. One that is not here is announced when it is loaded.
	Announced map[TariffVersion]calendar.Date

	lines map[Kind][]int // where each record begins; empty when the file was not read from text
}

// Tenant is the company billing.
type Tenant struct {
	Code    string // short name, also of its folder in the inbox
	Zone    string
	Profile string // how strictly signed meter values are judged, see meter.Profiles
	Issuer  invoicing.Issuer
}

// Plan is a product of a contract.
type Plan struct {
	Contract string
	rating.Plan
}

// TariffVersion names a version of a tariff.
type TariffVersion struct {
	Code    string
	Version int
}

// Mandate is a direct debit mandate with the date it ended on, if it did.
type Mandate struct {
	customer.Mandate
}

// EVSE is a charge point outlet with its place and the keys of its meters. Country is ISO 3166 alpha-2.
type EVSE struct {
	ID           string
	LocationID   string
	LocationName string
	City         string
	Country      string
	Zone         string
	PricingZone  string        // as tariffs name it; empty: in none
	Operator     string        // as tariffs name it; empty: the sender of the record
	Power        policy.Power  // empty: not known
	Commissioned calendar.Date // when it was; zero: not known
	MaxWatts     int           // the most it delivers; 0: not known
	Keys         []MeterKey
}

// MeterKey is the public key of a meter, valid from From until before Until, or until the next one.
type MeterKey struct {
	MeterID string
	SPKI    []byte // DER
	From    time.Time
	Until   time.Time // zero: open end; equal to From: never valid
}

// Schedule is when a job runs by itself.
type Schedule struct{ Job, Spec, Zone string }

// Lookups answer what this package does not know.
type Lookups struct {
	Zone     func(name string) (*time.Location, error)
	Schedule func(job, spec, zone string) error // an error says what is wrong with it
	Reason   func(stage, reason string) error   // for which charges are held in a stage; an error says what is wrong with it
}
