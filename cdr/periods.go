package cdr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// periodsVersion is the first byte of encoded periods.
const periodsVersion = 1

var errPeriods = errors.New("encoded charging periods are damaged")

// EncodePeriods packs periods for storage: a version byte, the number of periods, and for each of them as varints
// the microseconds from the start of the one before (the first from 1970), the micro-kWh, the seconds of charging,
// the seconds of parking, and one byte for the dimensions. Durations are whole seconds and times whole
// microseconds, as readers make them; finer parts are cut off.
func EncodePeriods(periods []Period) []byte {
	b := make([]byte, 0, 2+16*len(periods))
	b = append(b, periodsVersion)
	b = binary.AppendUvarint(b, uint64(len(periods)))
	var before int64
	for _, p := range periods {
		start := p.Start.UnixMicro()
		b = binary.AppendVarint(b, start-before)
		b = binary.AppendVarint(b, int64(p.Energy))
		b = binary.AppendVarint(b, int64(p.Charging/time.Second))
		b = binary.AppendVarint(b, int64(p.Parking/time.Second))
		b = append(b, byte(p.Has))
		before = start
	}
	return b
}

// DecodePeriods reads what EncodePeriods wrote. It accepts no other bytes: encoding its result gives them back.
func DecodePeriods(b []byte) ([]Period, error) {
	if len(b) == 0 || b[0] != periodsVersion {
		return nil, fmt.Errorf("%w: unknown version", errPeriods)
	}
	d := decoder{b: b[1:]}
	const least = 5 // bytes of a period
	n := d.unsigned()
	if n > uint64(len(d.b)/least) {
		return nil, fmt.Errorf("%w: too short for %d periods", errPeriods, n)
	}
	periods := make([]Period, n)
	var start int64
	for i := range periods {
		start += d.signed()
		periods[i] = Period{
			Start:    time.UnixMicro(start).UTC(),
			Energy:   MicroKWh(d.signed()),
			Charging: d.seconds(),
			Parking:  d.seconds(),
			Has:      Dimension(d.byte()),
		}
		if periods[i].Has >= HasParking<<1 {
			d.bad = true
		}
	}
	if d.bad || len(d.b) > 0 {
		return nil, errPeriods
	}
	return periods, nil
}

// decoder takes values off the front of stored bytes. After a fault it returns zeros and bad is set.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) unsigned() uint64 {
	v, n := binary.Uvarint(d.b)
	// A number ending in a zero byte has a shorter form, which is the one that would be written.
	if n <= 0 || n > 1 && d.b[n-1] == 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) signed() int64 {
	u := d.unsigned()
	return int64(u>>1) ^ -int64(u&1) // zigzag, as binary.AppendVarint writes it
}

func (d *decoder) seconds() time.Duration {
	v := d.signed()
	if v > math.MaxInt64/int64(time.Second) || v < math.MinInt64/int64(time.Second) {
		d.bad = true
		return 0
	}
	return time.Duration(v) * time.Second
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) text() string {
	n := d.unsigned()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}
