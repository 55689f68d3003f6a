package signer

import (
	"encoding/binary"

	"wattdue/meter/sml"
)

// Objects of ISA meters beside those of the family.
var (
	objectStart   = [6]byte{0x01, 0x00, 0x01, 0x08, 0x00, 0x80} // the register at the begin of the session
	objectStation = [6]byte{0x81, 0x80, 0x81, 0x61, 0x01, 0xff} // ESTH
	objectISAPage = [6]byte{0x81, 0x80, 0xc7, 0xf0, 0x40, 0xff}
	listStop      = [6]byte{0x81, 0x80, 0x81, 0x62, 0x02, 0xff} // name of the list that ends a session
)

// writeISA writes one SML file with both readings, under a signature of its own layout.
func writeISA(p *pen, s *Session) ([]Value, error) {
	pair, err := s.edlPair()
	if err != nil {
		return nil, err
	}
	begin, end := &pair[0], &pair[1]
	station := make([]byte, 20)
	copy(station, s.EVSE)

	b := make([]byte, blockSize)
	le := binary.LittleEndian
	copy(b, end.server)
	le.PutUint32(b[10:], end.at)
	b[14] = end.status
	copy(b[15:], objectTotal[:])
	b[21], b[22] = unitWattHour, scalerByte(edlScaler)
	le.PutUint64(b[23:], uint64(end.value))
	binary.BigEndian.PutUint16(b[31:], edlLogBook)
	inner := withLogBook(p.sign(b[:33])) // of the value; the signature over the list covers it
	copy(b[33:], inner)
	copy(b[99:227], end.contract)
	le.PutUint32(b[227:], begin.at)
	copy(b[231:], station)
	b[251] = begin.status
	copy(b[252:], objectStart[:])
	b[258], b[259] = unitWattHour, scalerByte(edlScaler)
	le.PutUint64(b[260:], uint64(begin.value))
	copy(b[268:], listStop[:])
	le.PutUint32(b[274:], begin.page)

	energy := func(object [6]byte, e *edlReading) sml.Value {
		return sml.Value{
			Object: object, Status: uint64(e.status), HasStatus: true, Time: e.moment.sml(), Unit: unitWattHour,
			Scaler: edlScaler, Number: e.value, IsNumber: true,
		}
	}
	actual := energy(objectTotal, end)
	actual.Signature = inner
	file := sml.Write(sml.List{
		Client: []byte("SPCstation"), Server: end.server, ListName: listStop[:], SensorTime: end.moment.sml(),
		Values: []sml.Value{
			{Object: objectContract, Time: end.identity.sml(), Bytes: end.contract},
			energy(objectStart, begin),
			number(objectISAPage, int64(begin.page)),
			{Object: objectStation, Bytes: station},
			actual,
		},
		Signature: withLogBook(p.sign(b)),
	})
	return []Value{binaryValue("ISA_EDL_40_P", "End", file)}, nil
}
