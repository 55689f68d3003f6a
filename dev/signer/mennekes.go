package signer

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// writeMennekes writes a bill with one charging process, which holds both readings.
func writeMennekes(p *pen, s *Session) ([]Value, error) {
	pair, err := s.edlPair()
	if err != nil {
		return nil, err
	}
	ident := customerIdent(s.User)
	since := s.wall(s.UserSince)
	var measurements [2]string
	for i, name := range []string{"MeasurementStart", "MeasurementEnd"} {
		e, at := &pair[i], []time.Time{s.Begin.At, s.End.At}[i]
		e.contract = ident
		signature := p.sign(e.block()).Raw()
		measurements[i] = fmt.Sprintf("<%s><TimestampCustomerIdent>%s</TimestampCustomerIdent><Timestamp>%s</Timestamp>"+
			"<Signature>%s</Signature><EventCounter>%d</EventCounter><MeterStatus>%d</MeterStatus><Value>%d</Value>"+
			"<Scaler>%d</Scaler><Pagination>%d</Pagination><SecondIndex>%d</SecondIndex></%s>",
			name, since, s.wall(at), upperHex(signature), edlLogBook, 0x10100|int(e.status), e.value,
			edlScaler, e.page, e.seconds, name)
	}
	text := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>`+
		`<Billing xmlns="http://www.mennekes.de/Mennekes.EdlVerification.xsd"><BillingPeriods><BillingPeriod><ChargingProcesses>`+
		`<ChargingProcess><ServerId>%s</ServerId><PublicKey>%s</PublicKey><MeteringPoint>%s</MeteringPoint>`+
		`<CustomerIdent>%s</CustomerIdent><TimestampCustomerIdent>%s</TimestampCustomerIdent>%s%s`+
		`</ChargingProcess></ChargingProcesses></BillingPeriod></BillingPeriods></Billing>`,
		upperHex(pair[0].server), upperHex(p.key.bare()), escapeXML(s.EVSE), upperHex(ident), since, measurements[0], measurements[1])
	return []Value{textValue("EDL_40_MENNEKES", "End", text)}, nil
}

// customerIdent is a card number as its bytes, and any other identification as its characters.
func customerIdent(user string) []byte {
	if b, err := hex.DecodeString(user); err == nil {
		return b
	}
	return []byte(user)
}

// wall writes a moment as the clock on the wall shows it, with its distance from UTC.
func (s *Session) wall(t time.Time) string { return t.In(s.Zone).Format("2006-01-02T15:04:05-07:00") }

func upperHex(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escapeXML(text string) string { return xmlEscapes.Replace(text) }
