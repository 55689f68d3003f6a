package cdr

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
)

// contentVersion is the first byte of what ContentHash hashes. It changes with the encoding.
const contentVersion = 1

// ContentHash returns the SHA-256 of what a record says, to tell a second delivery from a changed one. Blanks,
// order of members, unknown members, letter case of ids and enumerations, trailing zeros, LastUpdated and Origin
// make no difference, nor do the descriptive texts of the place (name, street, postal code, city), which hubs
// rewrite. Everything that decides payer, price, tax or proof does, signed values included.
//
// The encoding, version 1: the version byte, then in this order country, party, id, session id, start, end, token
// uid, type and contract id, authorization reference, location id, country, EVSE uid, EVSE id, connector and power
// type, currency, energy, duration, parking, number of periods, per period start, energy, charging, parking and
// dimensions, stated total excluding and including tax, credit, credit reference, 0 or 1 for signed data and, if 1,
// method, version, key, number of values, per value nature, plain and signed text, and the URL. A text is its
// length in four bytes and its bytes; a number has eight bytes, all big-endian; a time is microseconds since 1970,
// energy is micro-kWh, a duration is nanoseconds, a flag is 0 or 1. Country, party, id and credit reference are in
// upper case; totals have no trailing zeros after the point.
func ContentHash(r Record) [32]byte {
	b := make(canonical, 0, 2048)
	b = append(b, contentVersion)
	key := r.Key()
	b.texts(key.Country, key.Party, key.ID, r.SessionID)
	b.times(r.Start, r.End)
	b.texts(r.Token.UID, r.Token.Type, r.Token.ContractID, r.AuthRef)
	l := &r.Location
	b.texts(l.ID, l.Country, l.EVSEUID, l.EVSEID, l.Connector, l.PowerType)
	b.texts(string(r.Currency))
	b.numbers(int64(r.Energy), int64(r.Duration), int64(r.Parking), int64(len(r.Periods)))
	for i := range r.Periods {
		p := &r.Periods[i]
		b.times(p.Start)
		b.numbers(int64(p.Energy), int64(p.Charging), int64(p.Parking), int64(p.Has))
	}
	b.texts(shortest(r.StatedExcl), shortest(r.StatedIncl))
	b.flag(r.Credit)
	b.texts(strings.ToUpper(r.CreditRef))
	b.flag(r.Signed != nil)
	if s := r.Signed; s != nil {
		b.texts(s.Method, s.Version, s.PublicKey)
		b.numbers(int64(len(s.Values)))
		for i := range s.Values {
			b.texts(s.Values[i].Nature, s.Values[i].Plain, s.Values[i].Signed)
		}
		b.texts(s.URL)
	}
	return sha256.Sum256(b)
}

// canonical is the encoding under construction.
type canonical []byte

func (b *canonical) texts(texts ...string) {
	for _, s := range texts {
		*b = binary.BigEndian.AppendUint32(*b, uint32(len(s)))
		*b = append(*b, s...)
	}
}

func (b *canonical) numbers(numbers ...int64) {
	for _, n := range numbers {
		*b = binary.BigEndian.AppendUint64(*b, uint64(n))
	}
}

func (b *canonical) times(times ...time.Time) {
	for _, t := range times {
		b.numbers(t.UnixMicro())
	}
}

func (b *canonical) flag(f bool) {
	if f {
		b.numbers(1)
		return
	}
	b.numbers(0)
}

// shortest cuts trailing zeros after the decimal point: 10.50 and 10.5 are one amount.
func shortest(amount string) string {
	if strings.IndexByte(amount, '.') < 0 {
		return amount
	}
	return strings.TrimSuffix(strings.TrimRight(amount, "0"), ".")
}
