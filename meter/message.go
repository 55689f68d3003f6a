package meter

import (
	"errors"
	"strings"
	"time"
	"unicode"
)

// Decoder reads one signed record. The payload is the decoded text or bytes, as DecodeText returns it. When it
// fails the error is a Faults, and the Message holds whatever could be read.
type Decoder func(payload []byte) (Message, error)

// format is one row of the table of formats.
type format struct {
	id         string
	recognises func(payload []byte) bool // by content; what a sender calls the format is often wrong
	decode     Decoder
}

// formats is asked from the top; the first that recognises the content decodes it. A new format is one file and
// one row.
var formats = []format{
	{"OCMF", isOCMF, DecodeOCMF},
}

// formatOf finds the row that recognises the payload.
func formatOf(payload []byte) (format, bool) {
	for _, f := range formats {
		if f.recognises(payload) {
			return f, true
		}
	}
	return format{}, false
}

// Formats lists the ids of the formats that can be read.
func Formats() []string {
	ids := make([]string, len(formats))
	for i, f := range formats {
		ids[i] = f.id
	}
	return ids
}

// Decode reads a signed record as a sender carries it: plain or encoded text of any known format. The error is a
// Faults; the Message then holds whatever could be read.
func Decode(carried []byte) (Message, error) {
	payload, notices, ok := DecodeText(carried)
	if !ok {
		return Message{}, Faults{reason("format-unknown", "", "")}
	}
	f, _ := formatOf(payload)
	m, err := f.decode(payload)
	m.Format = f.id
	m.Notices = append(notices, m.Notices...)
	return m, err
}

// Message is one signed record, whatever its format. Texts are as signed.
type Message struct {
	Format  string
	Version string // of the format
	Gateway string // serial number of the signing unit
	Meter   string // serial number of the meter; the gateway's when the meter states none
	Page    string // pagination: a letter for the counter and a number
	User    User
	Place   Place
	Tariff  string // signed tariff text
	Cable   Cable
	Entries []Entry

	Signed    []byte // exactly the bytes that were hashed
	Trimmed   []byte // second reading of the same without outer blanks; nil when there were none
	Text      []byte // the whole record as text, to compare with what was sent beside it
	Signature Signature
	Key       string // key carried inside the record, as text

	Notices []Reason
}

// User is how the record identifies the customer.
type User struct {
	Kind  string   // such as ISO14443, EMAID
	ID    string   // personal data: not for logs or messages
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
	Algorithm string // as stated or by default of the format
	Encoding  string // hex, base64
	Bytes     []byte
}

// Entry is one reading of a record.
type Entry struct {
	Tx     Tx
	Time   time.Time // UTC; zero when none is stated
	Zone   int       // offset from UTC in seconds, as signed
	Clock  string    // U, I, S, R or empty
	Value  Decimal
	Unit   string // kWh, Wh, others are kept but not billed
	OBIS   string
	Errors string // E energy unusable, t time unusable
	Status string // G good; empty when not stated
	Events string // event counter of old records

	Loss    Decimal // cable loss already subtracted
	HasLoss bool
}

// Tx is the moment in a transaction a reading was taken for.
type Tx string

// IsBegin reports whether the reading begins a transaction.
func (t Tx) IsBegin() bool { return t == "B" }

// IsEnd reports whether the reading ends a transaction: normally, locally, remotely, by error or power failure.
func (t Tx) IsEnd() bool {
	switch t {
	case "E", "L", "R", "A", "P":
		return true
	}
	return false
}

// Faults is why a record could not be read: one or more reasons.
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

// faultsOf returns the reasons inside an error of a decoder.
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
