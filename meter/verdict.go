// Package meter decodes, verifies and judges signed meter values.
//
// It answers one question about a charge record: is there proof, good for billing under German metering law,
// of the energy and the times it states? Facts about the formats come from the OCMF specification 1.4.1 (SAFE e.V.)
// and from OCPI 2.2.1, CDR object, SignedData. The package checks public data only and keeps no state.
package meter

import (
	"slices"
	"time"

	"wattdue/cdr"
)

// Word is the verdict in one word. The eight words stay apart: a missing key is never called a forgery.
type Word string

// The eight verdict words.
const (
	Valid            Word = "valid"
	InvalidSignature Word = "invalid signature"
	KeyMissing       Word = "key missing"
	KeyMalformed     Word = "key malformed"       // unreadable, off the curve, degenerate, or not the registered key
	Unsupported      Word = "unsupported"         // curve or algorithm
	RecordMalformed  Word = "record malformed"    // the signed value cannot be read
	NotBillable      Word = "not billable"        // valid signature, but status, session or plausibility forbid billing
	DisagreesOutside Word = "disagrees with data" // valid signature, but the unsigned charge record says otherwise
)

// Reason is one finding behind a verdict.
type Reason struct {
	Code    string `json:"code"`              // stable, such as energy-mismatch
	Reading string `json:"reading,omitempty"` // which reading it concerns: begin, end, or value 1, 2 ...
	Value   string `json:"value,omitempty"`   // the value at fault
	Text    string `json:"text"`              // what is wrong and what to do
	Notice  bool   `json:"notice,omitempty"`  // a deviation that does not change the verdict
}

// Reading is a signed meter reading as the record shows it.
type Reading struct {
	Time   time.Time    `json:"time"`
	Zone   int          `json:"zone"` // offset from UTC in seconds, as signed
	Clock  string       `json:"clock,omitempty"`
	Value  cdr.MicroKWh `json:"value"` // register reading in micro-kWh
	Status string       `json:"status,omitempty"`
}

// Verdict is what Check found out. Begin, End and Energy are set only when a signed pair was read.
type Verdict struct {
	Word    Word     `json:"word"`
	Reasons []Reason `json:"reasons,omitempty"`

	Format    string `json:"format,omitempty"` // OCMF
	Curve     string `json:"curve,omitempty"`  // secp256r1
	MeterID   string `json:"meter_id,omitempty"`
	KeySource string `json:"key_source,omitempty"` // registered, record
	KeyHash   string `json:"key_hash,omitempty"`   // SHA-256 of the SPKI, hexadecimal
	PublicKey string `json:"public_key,omitempty"` // SPKI, hexadecimal, for the invoice

	Begin  Reading      `json:"begin,omitzero"`
	End    Reading      `json:"end,omitzero"`
	Energy cdr.MicroKWh `json:"energy,omitempty"`

	DurationUsable bool `json:"duration_usable,omitempty"` // the signed times prove a duration
	TimeUsable     bool `json:"time_usable,omitempty"`     // the signed times prove a time of day
}

// Billable reports whether the verdict alone allows billing.
func (v Verdict) Billable() bool { return v.Word == Valid }

// Unsigned reports that the record carries no signed meter values at all, which is a question of duty, not of
// proof: a dated policy may say that none are required.
func (v Verdict) Unsigned() bool { return v.Has("no-signed-data") }

// Has reports whether the verdict lists a reason code.
func (v Verdict) Has(code string) bool {
	return slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.Code == code })
}

// KeyRing finds the registered public key of a meter.
type KeyRing interface {
	// Registered returns the SPKI (DER) registered for an EVSE at an instant; ok is false when none is.
	Registered(evseID string, at time.Time) (spki []byte, ok bool)
}

// Profile says how strictly to judge. It is stored with every verdict.
type Profile struct {
	Name string
	// TrustRecordKey accepts the key inside the record where none is registered for the EVSE. Production keeps it
	// off: a key that travels with the record proves nothing about the meter.
	TrustRecordKey bool
	// EnergyTolerance is the largest accepted difference between signed and stated energy, in micro-kWh.
	EnergyTolerance cdr.MicroKWh
	// TimeTolerance is the largest accepted difference between signed and stated times.
	TimeTolerance time.Duration
	// MatchUser compares the signed card number or EMAID with the token of the charge record where both are stated
	// in plain form. A difference means that somebody else's session would be billed.
	MatchUser bool
}

// DefaultProfile is the profile of production: registered keys only; 0.001 kWh, because charge records state
// energy to three decimals and some cut instead of rounding; 60 seconds, because the signed reading is taken
// some seconds before or after the moment the charge point reports as start or end.
func DefaultProfile() Profile {
	return Profile{
		Name:            "default",
		EnergyTolerance: 1000,
		TimeTolerance:   time.Minute,
		MatchUser:       true,
	}
}
