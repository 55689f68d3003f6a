package signer

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"wattdue/cdr"
)

// bsmField is one signed field of a BSM meter: a number, or a text when it has no unit.
type bsmField struct {
	name, id string
	unit     byte // DLMS code
	number   uint32
	text     string
	isText   bool
}

// bsmUnits are the names of the units.
var bsmUnits = map[byte]string{6: "MIN", 7: "SECOND", 27: "WATT", 30: "WATT_HOUR", 255: "UNITLESS"}

// bsmMissingSensor is the event of a meter that lost a sensor.
const bsmMissingSensor = 1 << 7

// writeBSM writes a chargeIT document for each reading; both in one would be more than the 5,000 characters OCPI allows.
func writeBSM(p *pen, s *Session) ([]Value, error) {
	var values []Value
	for i, nature := range natures {
		fields, err := s.bsmFields(i == 1)
		if err != nil {
			return nil, err
		}
		signature := hex.EncodeToString(p.sign(bsmMessage(fields)).DER())
		values = append(values, textValue("BSM_WS36A", nature, s.chargeIT([]string{s.bsmValue(p.key, fields, i == 1, signature)})))
	}
	return values, nil
}

// bsmFields are the signed fields in their order.
func (s *Session) bsmFields(end bool) ([]bsmField, error) {
	r, page, kind, since := s.Begin, s.Page, uint32(1), cdr.MicroKWh(0)
	setCount, setSeconds, events := uint32(110), uint32(1), uint32(0)
	if end {
		r, page, kind, since = s.End, s.Page+1, 2, s.End.Energy-s.Begin.Energy
		if s.ClockLost {
			setCount, setSeconds = setCount+1, uint32(s.End.Seconds) // somebody set the clock in between
		}
		if s.Broken {
			events = bsmMissingSensor
		}
	}
	total, err := r.units(1000)
	if err != nil {
		return nil, err
	}
	energy, err := Reading{Energy: since}.units(1000)
	if err != nil || total > 1<<32-1 {
		return nil, errEnergy
	}
	at, err := epoch(r.At)
	if err != nil || r.Seconds > 1<<32-1 || page > 1<<32-1 {
		return nil, errTime
	}
	zone, season := s.offsets(r.At)
	text := func(name, id, value string) bsmField { return bsmField{name: name, id: id, text: value, isText: true} }
	return []bsmField{
		{name: "Typ", unit: 255, number: kind},
		{name: "RCR", id: "1-0:1.8.0*198", unit: unitWattHour, number: uint32(energy)},
		{name: "TotWhImp", id: "1-0:1.8.0*255", unit: unitWattHour, number: uint32(total)},
		{name: "W", id: "1-0:1.7.0*255", unit: 27},
		text("MA1", "1-0:0.0.0*255", s.Meter),
		{name: "RCnt", unit: 255, number: uint32(page)},
		{name: "OS", unit: 7, number: uint32(r.Seconds)},
		{name: "Epoch", unit: 7, number: at},
		{name: "TZO", unit: 6, number: uint32(int32(zone + season))},
		{name: "EpochSetCnt", unit: 255, number: setCount},
		{name: "EpochSetOS", unit: 7, number: setSeconds},
		{name: "DI", unit: 255, number: 1},
		{name: "DO", unit: 255},
		text("Meta1", "", "contract-id: "+s.bsmUserKind()+":"+s.User),
		text("Meta2", "", "evse-id: "+s.EVSE),
		text("Meta3", "", "csc-sw-version: 1.6.2"),
		{name: "Evt", unit: 255, number: events},
	}, nil
}

// bsmUserKind is the kind of identification as the controller names it.
func (s *Session) bsmUserKind() string {
	if s.UserKind == "ISO14443" {
		return "rfid"
	}
	return strings.ToLower(s.UserKind)
}

// bsmMessage packs the fields as they are signed.
func bsmMessage(fields []bsmField) []byte {
	var b []byte
	for _, f := range fields {
		if f.isText {
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(f.text))), f.text...)
			continue
		}
		b = append(binary.BigEndian.AppendUint32(b, f.number), 0, f.unit) // scale 0
	}
	return b
}

// bsmValue writes the reading with the fields beside it. What stands outside the fields repeats some of them.
func (s *Session) bsmValue(k *Key, fields []bsmField, end bool, signature string) string {
	r, page := s.Begin, s.Page
	if end {
		r, page = s.End, s.Page+1
	}
	var additional []string
	for _, f := range fields {
		additional = append(additional, f.json())
	}
	return fmt.Sprintf(`{"signature":"%s","contract":{"id":%s,"type":%s},"meterInfo":{"meterId":%s,"publicKey":"%s",`+
		`"firmwareVersion":%s,"type":%s,"manufacturer":%s},"@id":%s,"time":"%s",`+
		`"@context":"https://www.chargeit-mobility.com/contexts/bsm-ws36a-json-v1","measurementId":%d,`+
		`"chargePoint":{"softwareVersion":"1.6.2"},"value":%s,"additionalValues":[%s]}`,
		signature, quote(s.User), quote(s.bsmUserKind()), quote(s.Meter), hex.EncodeToString(k.spki),
		quote(s.Firmware), quote(s.Model), quote(s.Vendor), quote(fmt.Sprintf("%s-%d", s.Meter, page)), s.wall(r.At),
		page, fields[1].json(), strings.Join(additional, ","))
}

func (f bsmField) json() string {
	measurand := `"name":"` + f.name + `"`
	if f.id != "" {
		measurand += `,"id":"` + f.id + `"`
	}
	if f.isText {
		return fmt.Sprintf(`{"measurand":{%s},"measuredValue":{"valueType":"String","value":%s,"valueEncoding":"UTF-8"}}`,
			measurand, quote(f.text))
	}
	kind, number := "UnsignedInteger32", int64(f.number)
	if f.name == "W" || f.name == "TZO" {
		kind, number = "Integer32", int64(int32(f.number))
	}
	return fmt.Sprintf(`{"measurand":{%s},"measuredValue":{"unit":"%s","unitEncoded":%d,"valueType":"%s","scale":0,"value":%d}}`,
		measurand, bsmUnits[f.unit], f.unit, kind, number)
}
