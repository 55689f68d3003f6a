// Package signer signs charging sessions as meters do: in every format that package meter reads and on every curve of
// package curve. Simulators, tests and fuzz seeds take their records from here.
//
// It writes what package meter reads and shares none of its code, so that reader and writer are two readings of the same
// facts. It has no clock and no chance: the same key and session give the same bytes. Its keys come out of seeds that
// stand in the open and its arithmetic takes its time by the numbers, so nothing it signs is a secret or a proof.
//
// Formats: OCMF 1.4 (SAFE e.V.); the EDL40 family (the FNN's EDL meters, as the transparency software of SAFE e.V. rebuilds
// their block) in SML, XML and JSON; ISA; the Alfen adapter; PCDF (Porsche); BSM-WS36A (Bauer); ChargePoint receipts; and
// the containers of SAFE and PTB around OCMF.
package signer

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"wattdue/cdr"
)

// Session is a charging session as its meter saw it.
type Session struct {
	Device
	DC bool // direct current; only OCMF says so

	Page        uint64 // of the first record; the next record has the next number
	Transaction uint32 // number of the session, where a format has one
	EVSE        string
	User        string // identification: a card number in hex, an account, a contract id; personal data
	UserKind    string // in the words of OCMF: ISO14443, CENTRAL, EMAID ...
	UserSince   time.Time

	Begin, End Reading
	Zone       *time.Location // of the meter; nil is UTC

	// Terse leaves out what OCMF lets a record leave out, and writes its signature in base64.
	Terse bool
	// ClockLost is a meter that says that its clock is not right.
	ClockLost bool
	// Broken is a meter that says at the end that its value must not be used.
	Broken bool
}

// Device is the meter and the unit that signs for it.
type Device struct {
	Meter    string // serial number, in the form of its format; see DeviceOf
	Gateway  string // serial number of the signing unit
	Firmware string
	Vendor   string
	Model    string
}

// Reading is what a register showed.
type Reading struct {
	At      time.Time
	Energy  cdr.MicroKWh // of the total register; formats count in Wh or 0.1 Wh and refuse what they cannot hold
	Seconds uint64       // how long the meter has been running
}

// Signed is a session in a format.
type Signed struct {
	Values    []Value
	PublicKey string // in the form that usually travels with the format
	Method    string // encoding_method of OCPI 2.2.1; the formats OCPI does not know have a name of the same kind
}

// Value is one signed value, as OCPI calls a record.
type Value struct {
	Format string // OCMF, ALFEN ...
	Nature string // Start or End; End for a record that holds the whole session
	Plain  string // readable copy: the record itself where it is text, else hex of it
	Data   []byte // the record; OCPI carries it in base64
}

// format is one row of the table of formats.
type format struct {
	id     string
	curves []string
	method string
	key    func(*Key) string
	device func(number uint32) Device
	write  func(p *pen, s *Session) ([]Value, error)
}

// Formats lists the formats and containers.
func Formats() []string {
	var ids []string
	for _, f := range formats() {
		ids = append(ids, f.id)
	}
	return ids
}

// Curves lists the curves and algorithms a format is signed with; nil for an unknown format.
func Curves(format string) []string {
	f, _ := formatNamed(format)
	return slices.Clone(f.curves)
}

// DeviceOf invents a device of the make that uses the format; numbers of up to eight digits give different ones. For an
// unknown format it is empty.
func DeviceOf(format string, number uint32) Device {
	f, ok := formatNamed(format)
	if !ok {
		return Device{}
	}
	return f.device(number % 100_000_000)
}

// Sign signs a session. It fails for an unknown format, for a curve the format is not signed with, and for a session that
// the format cannot hold.
func Sign(format string, k *Key, s Session) (Signed, error) {
	return write(format, &pen{key: k}, s)
}

// Forge writes the session shown under the signatures of the session signed: what somebody does who changes a record
// after the meter signed it. Errors as for Sign.
func Forge(format string, k *Key, signed, shown Session) (Signed, error) {
	p := &pen{key: k}
	if _, err := write(format, p, signed); err != nil {
		return Signed{}, err
	}
	return write(format, &pen{key: k, replay: p.made}, shown)
}

func write(format string, p *pen, s Session) (Signed, error) {
	f, ok := formatNamed(format)
	if !ok {
		return Signed{}, fmt.Errorf("sign in format %q: unknown format", format)
	}
	if p.key == nil || !slices.Contains(f.curves, p.key.name) {
		return Signed{}, fmt.Errorf("sign in format %s: no key on one of its curves", format)
	}
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	values, err := f.write(p, &s)
	if err != nil {
		return Signed{}, fmt.Errorf("sign in format %s: %w", format, err)
	}
	return Signed{Values: values, PublicKey: f.key(p.key), Method: f.method}, nil
}

func formatNamed(id string) (format, bool) {
	for _, f := range formats() {
		if f.id == id {
			return f, true
		}
	}
	return format{}, false
}

// pen signs, or writes signatures that were made before in their order.
type pen struct {
	key    *Key
	replay []Signature
	made   []Signature
}

func (p *pen) sign(message []byte) Signature {
	if n := len(p.made); n < len(p.replay) {
		p.made = append(p.made, p.replay[n])
	} else {
		p.made = append(p.made, p.key.Sign(message))
	}
	return p.made[len(p.made)-1]
}

// Why a session does not fit a format.
var (
	errEnergy = errors.New("energy: finer than the meter counts, or more than the record can hold")
	errTime   = errors.New("time: before 1970, after 2105, or the session is longer than the record can hold")
	errDevice = errors.New("device: not in the form of the format")
	errUser   = errors.New("user: too long, or with characters the record cannot hold")
	errFault  = errors.New("fault: the record has no way to state it")
)

// units returns the reading in units of so many micro-kWh: 1000 are Wh.
func (r Reading) units(micro int64) (int64, error) {
	if r.Energy < 0 || int64(r.Energy)%micro != 0 {
		return 0, errEnergy
	}
	return int64(r.Energy) / micro, nil
}

// epoch returns the seconds since 1970 in UTC.
func epoch(t time.Time) (uint32, error) { return seconds32(t.Unix()) }

// localEpoch returns the seconds since 1970 as the clock on the wall counts them.
func (s *Session) localEpoch(t time.Time) (uint32, error) {
	_, offset := t.In(s.Zone).Zone()
	return seconds32(t.Unix() + int64(offset))
}

func seconds32(n int64) (uint32, error) {
	if n < 0 || n > 1<<32-1 {
		return 0, errTime
	}
	return uint32(n), nil
}

// offsets are the minutes from UTC to the zone and those of summer time on top.
func (s *Session) offsets(t time.Time) (zone, season int) {
	local := t.In(s.Zone)
	_, offset := local.Zone()
	if local.IsDST() {
		season = 60
	}
	return offset/60 - season, season
}

func isASCII(text string) bool {
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
