package signer

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
)

// Bits of the status words of the Alfen adapter.
const (
	alfenMeterClock = 1
	alfenFatal      = 1
	alfenStop       = 4096
	alfenStart      = 8192
)

// writeAlfen writes a line for each reading.
func writeAlfen(p *pen, s *Session) ([]Value, error) {
	var values []Value
	for i, nature := range natures {
		set, err := s.alfenSet(i == 1)
		if err != nil {
			return nil, err
		}
		encode := base32.StdEncoding.EncodeToString
		line := fmt.Sprintf("AP;%d;3;%s;%s;%s;", i, encode(p.key.compressed()), encode(set), encode(p.sign(set).Raw()))
		values = append(values, textValue("ALFEN", nature, line))
	}
	return values, nil
}

// alfenSet is the dataset of 82 bytes.
func (s *Session) alfenSet(end bool) ([]byte, error) {
	r, page, command, meterStatus := s.Begin, s.Page, uint16(alfenStart), uint16(0)
	if end {
		r, page, command = s.End, s.Page+1, alfenStop
		if s.Broken {
			command |= alfenFatal
		}
	}
	if s.ClockLost {
		meterStatus |= alfenMeterClock
	}
	meter, err := serverID(s.Meter)
	if err != nil {
		return nil, err
	}
	adapter, err := serverID(s.Gateway)
	if err != nil || len(s.Firmware) != 4 || !isASCII(s.Firmware) {
		return nil, errDevice
	}
	if len(s.User) > 20 || !isASCII(s.User) {
		return nil, errUser
	}
	value, err := r.units(1000)
	if err != nil {
		return nil, err
	}
	at, err := epoch(r.At)
	if err != nil || r.Seconds > 1<<32-1 || page > 1<<32-1 {
		return nil, errTime
	}
	firmware := sha256.Sum256([]byte(s.Firmware))

	b := make([]byte, 82)
	le := binary.LittleEndian
	copy(b, adapter)
	copy(b[10:], s.Firmware)
	copy(b[14:16], firmware[:]) // a checksum of the adapter's program
	copy(b[16:], meter)
	le.PutUint16(b[26:], meterStatus)
	le.PutUint16(b[28:], command)
	le.PutUint32(b[30:], uint32(r.Seconds))
	le.PutUint32(b[34:], at)
	copy(b[38:], objectTotal[:])
	b[44] = unitWattHour
	le.PutUint64(b[46:], uint64(value))
	copy(b[54:], s.User)
	le.PutUint32(b[74:], s.Transaction)
	le.PutUint32(b[78:], uint32(page))
	return b, nil
}
