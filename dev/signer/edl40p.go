package signer

import "wattdue/meter/sml"

// writeEDL40P writes an SML file for each reading, as EDL meters do. Those with a key on P-256 are a later generation:
// they have a status word of 32 bits and more values.
func writeEDL40P(p *pen, s *Session) ([]Value, error) {
	pair, err := s.edlPair()
	if err != nil {
		return nil, err
	}
	later := p.key.curve.Size() > 24
	var values []Value
	for i := range pair {
		e := &pair[i]
		if later {
			e.historic, e.resistance, e.watch = pair[0].value, 1000, e.seconds-pair[0].seconds
		}
		file := sml.Write(e.list(later, withLogBook(p.sign(e.block()))))
		values = append(values, binaryValue("EDL_40_P", natures[i], file))
	}
	return values, nil
}

// binaryValue is a record that is not text.
func binaryValue(format, nature string, data []byte) Value {
	return Value{Format: format, Nature: nature, Plain: upperHex(data), Data: data}
}

// list is the answer of the meter.
func (e *edlReading) list(later bool, signature []byte) sml.List {
	index := sml.Time{Kind: sml.Index, Seconds: e.seconds}
	l := sml.List{
		Server: e.server, SensorTime: &index, Signature: signature,
		Values: []sml.Value{
			{
				Object: objectSigned, Status: e.statusWord(later), HasStatus: true, Time: e.moment.sml(),
				Unit: unitWattHour, Scaler: edlScaler, Number: e.value, IsNumber: true,
			},
			{Object: objectSeconds, Moment: &index},
			number(objectPage, int64(e.page)),
			{Object: objectContract, Time: e.identity.sml(), Bytes: e.contract},
		},
	}
	if later {
		const ohm, second, milli = 38, 7, -3
		l.Values = append(l.Values,
			sml.Value{Object: objectHistoric, Unit: unitWattHour, Scaler: edlScaler, Number: e.historic, IsNumber: true},
			sml.Value{Object: objectCompensate, Unit: unitWattHour, Scaler: edlScaler, Number: e.historic, IsNumber: true},
			sml.Value{Object: objectResistance, Unit: ohm, Scaler: milli, Number: int64(e.resistance), IsNumber: true},
			sml.Value{Object: objectWatch, Unit: second, Number: int64(e.watch), IsNumber: true},
			number(objectPrice, 0),
			number(objectVersion, 4))
	}
	return l
}

func number(object [6]byte, n int64) sml.Value {
	return sml.Value{Object: object, Number: n, IsNumber: true}
}

func (t localTime) sml() *sml.Time {
	return &sml.Time{Kind: sml.Local, Seconds: t.utc, Local: t.zone, Season: t.season}
}

// statusWord is the status as the meter sends it. Of the later word the signed byte has only some bits, in other places:
// 17 is the error, 31 the clock.
func (e *edlReading) statusWord(later bool) uint64 {
	if !later {
		return uint64(e.status)
	}
	const always = 1<<2 | 1<<18 // bits that such meters set and do not sign
	return always | uint64(e.status&edlError)<<17 | uint64(e.status&edlClockRight)>>3<<31
}
