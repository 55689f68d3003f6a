// Package meter decodes, verifies and judges signed meter values.
//
// It answers one question about a charge record: is there proof, good for billing under German metering law,
// of the energy and the times it states? Facts about the formats come from the OCMF specification 1.4.1 (SAFE e.V.),
// the published formats of the manufacturers as the transparency software reads them, and OCPI 2.2.1, CDR object,
// SignedData. The package checks public data only and keeps no state.
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

// SignatureState sums up the signatures of a record.
type SignatureState string

// The states of the signatures of a record.
const (
	SignatureValid     SignatureState = "valid"     // all hold
	SignatureInvalid   SignatureState = "invalid"   // none holds, and at least one was checked with the key at hand
	SignatureMixed     SignatureState = "mixed"     // some hold, others do not
	SignatureUnchecked SignatureState = "unchecked" // none fails, but not all could be checked
)

// SessionState says whether the signed values are those of one whole session.
type SessionState string

// The states of a session.
const (
	SessionComplete     SessionState = "complete"
	SessionIncomplete   SessionState = "incomplete"   // begin or end is missing
	SessionInconsistent SessionState = "inconsistent" // begin and end contradict each other
	SessionMixed        SessionState = "mixed"        // of several sessions: some complete, others not
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

// Print is the fingerprint of a proven signed value: the same wherever and in whatever container it turns up again.
type Print struct {
	Digest  string   `json:"digest"`            // SHA-256 over the hash of the signed bytes and the hash of the key, hexadecimal
	Counter string   `json:"counter,omitempty"` // which pagination counter
	Page    uint64   `json:"page,omitempty"`
	Rule    PageRule `json:"rule,omitempty"` // whether Page means anything
}

// Verdict is what Check found out. Begin, End, Between, Energy, Register and Prints are set only when the signature of every
// value was verified.
type Verdict struct {
	Word    Word     `json:"word"`
	Reasons []Reason `json:"reasons,omitempty"`
	Profile string   `json:"profile,omitempty"` // the name of the profile it was judged by

	Signature SignatureState `json:"signature,omitempty"`
	Session   SessionState   `json:"session,omitempty"`

	Format       string `json:"format,omitempty"`    // OCMF
	Container    string `json:"container,omitempty"` // SAFE-XML; empty when the record was carried bare
	Curve        string `json:"curve,omitempty"`     // secp256r1
	Manufacturer string `json:"manufacturer,omitempty"`
	Model        string `json:"model,omitempty"`
	MeterID      string `json:"meter_id,omitempty"`
	Firmware     string `json:"firmware,omitempty"`
	Register     string `json:"register,omitempty"`   // OBIS code of the billed register
	KeySource    string `json:"key_source,omitempty"` // registered, record
	KeyHash      string `json:"key_hash,omitempty"`   // SHA-256 of the SPKI, hexadecimal
	PublicKey    string `json:"public_key,omitempty"` // SPKI, hexadecimal, for the invoice

	Begin   Reading      `json:"begin,omitzero"`
	End     Reading      `json:"end,omitzero"`
	Between []Reading    `json:"between,omitempty"` // good ones of a synchronised clock, in order; they may part the energy by time
	Energy  cdr.MicroKWh `json:"energy,omitempty"`
	Prints  []Print      `json:"prints,omitempty"`
	Lone    Reading      `json:"lone,omitzero"` // of a session without begin or end, with its Register, when its signature was verified

	DurationUsable  bool `json:"duration_usable,omitempty"`   // the signed times prove a duration
	TimeUsable      bool `json:"time_usable,omitempty"`       // both signed times prove a time of day
	BeginTimeUsable bool `json:"begin_time_usable,omitempty"` // the begin may select a price by its time of day
	EndTimeUsable   bool `json:"end_time_usable,omitempty"`   // the end may
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

// Main returns the finding that decided the word: the first of its kind. ok is false when nothing speaks against billing.
func (v Verdict) Main() (r Reason, ok bool) {
	i := slices.IndexFunc(v.Reasons, func(r Reason) bool { return !r.Notice && ruleOf[r.Code].Word == v.Word })
	if i < 0 {
		return Reason{}, false
	}
	return v.Reasons[i], true
}

// KeyRing finds the registered public key of a meter.
type KeyRing interface {
	// Registered returns the SPKI (DER) registered for an EVSE at an instant; ok is false when none is.
	Registered(evseID string, at time.Time) (spki []byte, ok bool)
	// Keyed reports whether a key was ever registered for an EVSE. Then only such keys count for it, also after the last
	// one ended: else its operator could present any meter that is registered by its number.
	Keyed(evseID string) bool
	// RegisteredMeter returns the SPKI (DER) registered for the serial number of a meter at an instant. It is asked when
	// the EVSE was never given a key.
	RegisteredMeter(meterID string, at time.Time) (spki []byte, ok bool)
}
