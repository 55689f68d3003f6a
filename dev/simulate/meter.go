package simulate

import (
	"fmt"
	"time"

	"wattdue/cdr"
	"wattdue/dev/signer"
)

// Meter is the meter of a charge point with the key it signs with.
type Meter struct {
	MeterID string    // serial number, as its format writes it
	KeySPKI []byte    // public key, DER SubjectPublicKeyInfo
	KeyFrom time.Time // the key is valid from here

	since   time.Time // in use from here
	device  signer.Device
	key     *signer.Key
	reading int64 // register in Wh before the first session
	page    int64 // pagination counter before the first session
}

// newMeter returns the meter with a number, the key of a seed, and what it counted before the month.
func newMeter(o Options, b brand, number uint32, seed string, since time.Time) (Meter, error) {
	key, err := signer.NewKey(b.curve, fmt.Sprintf("simulate %d %s", o.Seed, seed))
	if err != nil {
		return Meter{}, fmt.Errorf("key of %s: %w", seed, err)
	}
	device := signer.DeviceOf(b.format, number)
	r := stream(o.Seed, "meter "+seed)
	return Meter{
		MeterID: device.Meter, KeySPKI: key.SPKI(), KeyFrom: since, since: since, device: device, key: key,
		reading: between(r, 1_000, 90_000_000), page: between(r, 1, 40_000),
	}, nil
}

// meterAt returns the meter in use at an instant.
func (e *EVSE) meterAt(at time.Time) *Meter {
	m := &e.Meter
	for i := range e.Later {
		if !at.Before(e.Later[i].since) {
			m = &e.Later[i]
		}
	}
	return m
}

// meters lists the meters of the charge point in the order of their use.
func (e *EVSE) meters() []Meter { return append([]Meter{e.Meter}, e.Later...) }

// meterOf returns the meter that recorded a session.
func (w *World) meterOf(s *Session) *Meter { return w.evse(s).meterAt(s.Start) }

// register is what a meter remembers between sessions.
type register struct {
	meter         string // serial number
	reading, page int64
	joins         bool // can sign both readings of a session in one record, under one page
}

func newRegister(m *Meter, b brand) register {
	return register{m.MeterID, m.reading, m.page, b.joins()}
}

// record gives the session its readings and page and moves the meter on.
func (m *register) record(s *Session) {
	if s.foreign > 0 {
		m.reading += s.foreign
		m.page += m.pages(false)
	}
	if s.Fault == CounterRegression {
		m.reading -= min(m.reading, setBack)
	}
	s.Begin = cdr.MicroKWh(m.reading * 1000)
	s.Final = cdr.MicroKWh((m.reading + s.wh) * 1000)
	s.Page = m.page + 1
	if s.Fault == PageConflict {
		return // the meter knows nothing of it
	}
	m.reading += s.wh
	m.page += m.pages(s.Pair)
}

// pages is how many records the meter signs for a session.
func (m *register) pages(pair bool) int64 {
	if pair || !m.joins {
		return 2
	}
	return 1
}

// readMeters runs the meters through the month in order of time: the register at the beginning of a session is the
// register at the end of the one before.
func (w *World) readMeters() {
	registers := make([]register, len(w.EVSEs))
	for i := range w.Sessions {
		s := &w.Sessions[i]
		e, m := w.evse(s), w.meterOf(s)
		if s.ghost >= 0 {
			own := newRegister(m, e.make)
			own.record(s)
			continue
		}
		if r := &registers[s.EVSE]; r.meter != m.MeterID {
			*r = newRegister(m, e.make)
		}
		registers[s.EVSE].record(s)
		if s.Fault == PageConflict {
			s.Page = w.Sessions[s.twin].Page
		}
	}
}
