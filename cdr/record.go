// Package cdr holds the normalised charge record and the readers that produce it from the formats of partners.
//
// A reader streams: it keeps one record in memory, yields what it can read and a Reject for what it cannot, and
// never stops the file for one bad record. Numbers are read from their text, never through floating point.
// What a record costs, whether its signature holds and who pays is decided elsewhere.
package cdr

import (
	"strings"
	"time"

	"wattdue/money"
)

// MicroKWh is an energy in millionths of a kWh.
type MicroKWh int64

// KWh prints the energy in kWh with three to six decimals, such as "10.500" or "0.259700".
func (e MicroKWh) KWh() string {
	s := money.FormatMinor(int64(e), 6)
	for s[len(s)-1] == '0' && s[len(s)-4] != '.' {
		s = s[:len(s)-1]
	}
	return s
}

// Record is one finished charging session as a partner reported it. Times are UTC instants.
type Record struct {
	Country string // ISO 3166 alpha-2 of the sending CPO, upper case
	Party   string // party id of the sending CPO, upper case
	ID      string // the CPO's id, as sent; compared without case

	SessionID string
	Start     time.Time
	End       time.Time

	Token    Token
	AuthRef  string
	Location Location

	Currency money.Currency
	Energy   MicroKWh      // total energy
	Duration time.Duration // total time as stated, whole seconds
	Parking  time.Duration // total parking time as stated, whole seconds; part of Duration
	Periods  []Period

	StatedExcl string // the CPO's total before tax as decimal text, empty when not stated
	StatedIncl string // after tax, empty when not stated

	Signed *SignedData // nil when the record carries no signed meter values

	Credit    bool   // the record cancels an earlier one entirely
	CreditRef string // id of the record it cancels

	LastUpdated time.Time

	Origin Origin
}

// Key returns the record's identity within a tenant: country, party and id, without regard to case (OCPI 2.2.1,
// CDR object, id).
func (r Record) Key() Key {
	return Key{strings.ToUpper(r.Country), strings.ToUpper(r.Party), strings.ToUpper(r.ID)}
}

// Key identifies a charge record within a tenant. All parts are upper case.
type Key struct{ Country, Party, ID string }

// String prints the key as country/party/id.
func (k Key) String() string { return k.Country + "/" + k.Party + "/" + k.ID }

// Origin says where in its file a record stood.
type Origin struct {
	Ordinal int    // 1 for the first record of the file
	Line    int    // line its first byte stands on, from 1
	Raw     []byte // its exact bytes, valid only until the next record is read; of a long reject only the beginning
	Length  int64  // number of bytes it has; larger than len(Raw) when Raw was cut
}

// Token is the medium that authorised the session.
type Token struct {
	UID        string
	Type       string // RFID, APP_USER, AD_HOC_USER, OTHER
	ContractID string // EMAID as sent
}

// Location is where the session took place.
type Location struct {
	ID         string
	Name       string
	Street     string
	PostalCode string
	City       string
	Country    string // ISO 3166 alpha-3, as OCPI sends it
	EVSEUID    string
	EVSEID     string // EVSE id in the eMI3 form, such as DE*ABC*E1234*1
	Connector  string
	PowerType  string // AC_1_PHASE, AC_3_PHASE, DC ...
}

// Period is a stretch of the session with what happened in it. It ends where the next one starts, the last one
// at the end of the session.
type Period struct {
	Start    time.Time
	Energy   MicroKWh
	Charging time.Duration // dimension TIME, snapped to whole seconds
	Parking  time.Duration // dimension PARKING_TIME, snapped to whole seconds
	Has      Dimension     // which of the above the sender stated
}

// Dimension is a set of the dimensions a period states.
type Dimension uint8

// The dimensions that matter here; others (current, power) are tolerated and ignored.
const (
	HasEnergy Dimension = 1 << iota
	HasCharging
	HasParking
)

// SignedData is the envelope of signed meter values, unchanged.
type SignedData struct {
	Method    string        `json:"method"` // encoding_method as sent; not to be trusted
	Version   string        `json:"version,omitempty"`
	PublicKey string        `json:"public_key,omitempty"` // as sent: base64, hex or PEM of an SPKI
	Values    []SignedValue `json:"values"`
	URL       string        `json:"url,omitempty"`
}

// SignedValue is one signed reading. Nature and Plain are not covered by the signature.
type SignedValue struct {
	Nature string `json:"nature"`          // Start, End, Intermediate
	Plain  string `json:"plain,omitempty"` // plain_data as sent
	Signed string `json:"signed"`          // signed_data as sent, usually base64
}

// Reject is a record that could not be read. It is an error whose text names the file position, the field and
// what to do.
type Reject struct {
	Origin Origin
	ID     string // the CPO's id when it could be read
	Code   string // stable, such as json-syntax, field-missing, time-order
	Field  string // the field at fault, as the format names it
	Detail string // what is wrong and what to do
}

// Error prints record, field, fault and advice in one line.
func (r *Reject) Error() string {
	var b strings.Builder
	b.WriteString(r.Code)
	if r.ID != "" {
		b.WriteString(": record " + r.ID)
	}
	if r.Field != "" {
		b.WriteString(": field " + r.Field)
	}
	b.WriteString(": " + r.Detail)
	return b.String()
}
