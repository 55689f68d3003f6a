package meter

import (
	"errors"
	"strings"
	"unicode"
)

// Message is one signed record, whatever its format. Texts are as signed.
type Message struct {
	Format   string
	Version  string // of the format
	Maker    Maker
	Gateway  string // serial number of the signing unit
	Meter    string // serial number of the meter; the gateway's when the meter states none
	Firmware string // of meter or signing unit
	Session  string // number of the transaction, empty when none is signed
	Page     Page
	User     User
	Place    Place
	Tariff   string // signed tariff text
	Cable    Cable
	Entries  []Entry

	Signed    []byte // exactly the bytes that were hashed
	Trimmed   []byte // second reading of the same without outer blanks; nil when there were none
	Record    []byte // the record as carried, without what it was carried in; several messages may share one
	Text      []byte // the whole record as text, to compare with what was sent beside it
	Signature Signature
	Key       string // key carried inside the record, as text

	Outer Outer

	Faults []Reason // why it could not be read completely; empty when it could
	Notes  []Reason // what was noticed while reading it, harmless or not
}

// Outer is what the container says about a message. None of it is signed: it is compared with the signed content and
// stands in only where the format signs nothing of the kind.
type Outer struct {
	Container   string // SAFE-XML, PTB-JSON ...; the outermost one
	Encoding    string // plain, hex, base64, base32: how the outermost text was carried
	Transaction string // groups the messages of a session
	Role        Role
	Key         string // public key beside the record, as text
	Plain       string // readable copy beside the record
	Place       string // charge point the container names
	Sealed      Sealed
}

// Role is the place of a message in its session as a container states it.
type Role string

// The roles of a message.
const (
	RoleBegin        Role = "begin"
	RoleIntermediate Role = "intermediate"
	RoleEnd          Role = "end"
)

// Sealed says whether the record came in a SAFE seal and whether the seal was whole. A seal is transport, not proof.
type Sealed int

// The states of a seal.
const (
	NotSealed Sealed = iota
	SealWhole
	SealBroken
)

// Maker is who built the meter and what it is called, as the record tells.
type Maker struct{ Vendor, Model string }

// PageRule says how the page numbers of the messages of one session must follow each other.
type PageRule int

// The rules of pagination.
const (
	PageNone   PageRule = iota // the format has no pages, or one message holds the whole session
	PageNext                   // each message has the next number
	PageRising                 // numbers rise; other records may lie between, if the moment of identification is signed
)

// Page is the pagination of a message: a counter of the signing unit that grows with every record it signs.
type Page struct {
	Text    string // as signed
	Counter string // which counter, for formats that have several
	Number  uint64
	Rule    PageRule
	Read    bool // Number could be read from Text
}

// User is how the record identifies the customer.
type User struct {
	Kind  string   // such as ISO14443, EMAID
	ID    string   // personal data: not for logs or messages
	Since string   // moment of the identification, where the record signs one
	Level string   // trust in the assignment, such as VERIFIED, or an error level
	Flags []string // such as RFID_PLAIN
}

// Place is the charge point as the record names it.
type Place struct {
	Kind string // EVSEID, CBIDC
	ID   string
}

// Cable is the loss compensation of a cable.
type Cable struct {
	Stated     bool
	ID         string
	Resistance string // as stated, exact
	Unit       string // mOhm, uOhm
}

// Signature is the signature as carried and what it was made with.
type Signature struct {
	Algorithm string // as stated or by default of the format; ECDSA-*-SHA256 leaves the curve to the key
	Encoding  string // hex, base64
	Raw       bool   // the format prescribes r||s instead of DER
	Bytes     []byte
}

// fault notes why the message cannot be read.
func (m *Message) fault(code, value string) { m.Faults = append(m.Faults, reason(code, "", value)) }

// note notes what was noticed while reading.
func (m *Message) note(code, value string) { m.Notes = append(m.Notes, reason(code, "", value)) }

// Faults is why something could not be read: one or more reasons.
type Faults []Reason

// Error prints the first fault.
func (f Faults) Error() string {
	if len(f) == 0 {
		return "no fault"
	}
	text := f[0].Code + ": " + f[0].Text
	if f[0].Value != "" {
		text += " (" + f[0].Value + ")"
	}
	return text
}

// faultsOf returns the reasons inside an error.
func faultsOf(err error) []Reason {
	var f Faults
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// clean makes foreign text fit for a message or a database: valid, printable, at most 60 characters.
func clean(s string) string {
	const limit = 60
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(s, "?"))
	n := 0
	for i := range s {
		if n++; n > limit {
			return s[:i] + "..."
		}
	}
	return s
}
