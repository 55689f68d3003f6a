package signer

import (
	"fmt"
	"strings"
)

// writeChargeIT writes a chargeIT document with both readings of an EMH meter.
func writeChargeIT(p *pen, s *Session) ([]Value, error) {
	pair, err := s.edlPair()
	if err != nil {
		return nil, err
	}
	var list []string
	for i := range pair {
		list = append(list, s.chargeITValue(p, &pair[i]))
	}
	return []Value{textValue("CHARGEIT_EMH", "End", s.chargeIT(list))}, nil
}

// chargeIT puts the document around signed values.
func (s *Session) chargeIT(values []string) string {
	return fmt.Sprintf(`{"placeInfo":{"geoLocation":{"lat":54.32,"lon":10.13},"address":{"street":"Am Leuchtfeuer 1",`+
		`"town":"Kiel","zipCode":"24103"},"evseId":%s},"signedMeterValues":[%s]}`, quote(s.EVSE), strings.Join(values, ","))
}

func (s *Session) chargeITValue(p *pen, e *edlReading) string {
	signature := upperHex(p.sign(e.block()).Raw())
	return fmt.Sprintf(`{"timestamp":%d,"meterInfo":{"firmwareVersion":%s,"publicKey":"%s","meterId":"%s","type":%s,`+
		`"manufacturer":%s},"transactionId":"%d","contract":{"type":"RFID_TAG_ID","timestampLocal":%s,"timestamp":%d,"id":%s},`+
		`"measurementId":"%08X","measuredValue":{"timestampLocal":%s,"value":"%d","unit":"WATT_HOUR","scale":%d,`+
		`"valueType":"Integer64","unitEncoded":%d},"measurand":{"id":"%s","name":"ENERGY_TOTAL"},`+
		`"additionalInfo":{"indexes":{"timer":%d,"logBook":"%04X"},"status":"%02X"},`+
		`"chargePoint":{"softwareVersion":"3.0.25"},"signature":"%s"}`,
		e.at, quote(s.Firmware), upperHex(p.key.bare()), upperHex(e.server), quote(s.Model),
		quote(s.Vendor), s.Transaction, e.identity.json(), e.since, quote(s.User),
		e.page, e.moment.json(), e.value, edlScaler,
		unitWattHour, upperHex(objectSigned[:]),
		e.seconds, edlLogBook, e.status, signature)
}

func (t localTime) json() string {
	return fmt.Sprintf(`{"timestamp":%d,"localOffset":%d,"seasonOffset":%d}`, t.utc, t.zone, t.season)
}
