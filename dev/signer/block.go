package signer

import (
	"encoding/binary"
	"encoding/hex"
)

// blockSize is the length of the message that meters of the EDL40 family sign. What is not said stays zero.
const blockSize = 320

// Objects of the EDL40 family (OBIS codes in six bytes).
var (
	objectSigned     = [6]byte{0x01, 0x00, 0x01, 0x11, 0x00, 0xff} // 1.17.0: the register that is signed
	objectTotal      = [6]byte{0x01, 0x00, 0x01, 0x08, 0x00, 0xff} // 1.8.0
	objectContract   = [6]byte{0x81, 0x82, 0x81, 0x54, 0x01, 0xff}
	objectPage       = [6]byte{0x81, 0x80, 0x81, 0x71, 0x01, 0xff}
	objectSeconds    = [6]byte{0x81, 0x00, 0x60, 0x08, 0x00, 0x01}
	objectHistoric   = [6]byte{0x01, 0x00, 0x01, 0x11, 0x00, 0x64}
	objectCompensate = [6]byte{0x01, 0x00, 0x01, 0x11, 0x00, 0xc8}
	objectResistance = [6]byte{0x00, 0xaf, 0x6c, 0x6c, 0x72, 0xff}
	objectWatch      = [6]byte{0x00, 0xaf, 0x64, 0x75, 0x72, 0xff}
	objectPrice      = [6]byte{0x00, 0xaf, 0x70, 0x72, 0x63, 0xff}
	objectVersion    = [6]byte{0x00, 0xaf, 0x73, 0x76, 0x72, 0xff}
)

// unitWattHour is the DLMS code of Wh (IEC 62056-6-2).
const unitWattHour = 30

// edlScaler is the power of ten the meters count in: 0.1 Wh.
const edlScaler = -1

// edlLogBook is the event counter. Nothing happened to the meter between the readings.
const edlLogBook = 6

// Bits of the status byte.
const (
	edlError      = 1
	edlClockRight = 8
)

// edlReading is a reading with everything that is signed with it.
type edlReading struct {
	server           []byte
	page             uint32
	at, since        uint32 // local seconds since 1970
	status           byte
	seconds          uint32
	value            int64 // 0.1 Wh
	contract         []byte
	historic         int64 // the register at the begin of the session; meters with a key on P-256
	resistance       uint16
	watch            uint32 // seconds since the begin of the session
	moment, identity localTime
}

// localTime is a moment with what leads from UTC to the clock on the wall, in minutes.
type localTime struct {
	utc          uint32
	zone, season int16
}

// edlReading prepares the begin or the end of a session. The contract is the identification as text.
func (s *Session) edlReading(end bool) (edlReading, error) {
	from, page := s.Begin, s.Page
	e := edlReading{status: edlClockRight, contract: []byte(s.User)}
	if end {
		from, page = s.End, s.Page+1
		if s.Broken {
			e.status |= edlError
		}
	}
	if s.ClockLost {
		e.status &^= edlClockRight
	}
	var err error
	if e.server, err = serverID(s.Meter); err != nil {
		return e, err
	}
	if e.value, err = from.units(100); err != nil {
		return e, err
	}
	if len(e.contract) > 128 {
		return e, errUser
	}
	if page > 1<<32-1 || from.Seconds > 1<<32-1 {
		return e, errTime
	}
	e.page, e.seconds = uint32(page), uint32(from.Seconds)
	if e.at, err = s.localEpoch(from.At); err != nil {
		return e, err
	}
	if e.moment.utc, err = epoch(from.At); err != nil {
		return e, err
	}
	if e.since, err = s.localEpoch(s.UserSince); err != nil {
		return e, err
	}
	if e.identity.utc, err = epoch(s.UserSince); err != nil {
		return e, err
	}
	zone, season := s.offsets(from.At)
	e.moment.zone, e.moment.season = int16(zone), int16(season)
	zone, season = s.offsets(s.UserSince)
	e.identity.zone, e.identity.season = int16(zone), int16(season)
	return e, nil
}

// serverID reads the ten bytes of a meter's number.
func serverID(text string) ([]byte, error) {
	id, err := hex.DecodeString(text)
	if err != nil || len(id) != 10 {
		return nil, errDevice
	}
	return id, nil
}

// block lays the reading out as it is signed.
func (e *edlReading) block() []byte {
	b := make([]byte, blockSize)
	le := binary.LittleEndian
	copy(b, e.server)
	le.PutUint32(b[10:], e.at)
	b[14] = e.status
	le.PutUint32(b[15:], e.seconds)
	le.PutUint32(b[19:], e.page)
	copy(b[23:], objectSigned[:])
	b[29] = unitWattHour
	b[30] = scalerByte(edlScaler)
	le.PutUint64(b[31:], uint64(e.value))
	binary.BigEndian.PutUint16(b[39:], edlLogBook)
	copy(b[41:169], e.contract)
	le.PutUint32(b[169:], e.since)
	le.PutUint64(b[173:], uint64(e.historic))
	le.PutUint64(b[181:], uint64(e.historic))
	le.PutUint16(b[189:], e.resistance)
	le.PutUint32(b[191:], e.watch)
	return b
}

func scalerByte(scaler int8) byte { return byte(scaler) }

// edlPair prepares both readings of a session.
func (s *Session) edlPair() (pair [2]edlReading, err error) {
	if pair[0], err = s.edlReading(false); err != nil {
		return pair, err
	}
	pair[1], err = s.edlReading(true)
	return pair, err
}

// natures of the two readings.
var natures = [2]string{"Start", "End"}

// withLogBook is r||s and the two bytes of the log book.
func withLogBook(g Signature) []byte { return append(g.Raw(), edlLogBook>>8, edlLogBook&0xff) }
