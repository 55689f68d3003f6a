package signer

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// writeOCMF writes one line that holds both readings.
func writeOCMF(p *pen, s *Session) ([]Value, error) {
	line := s.ocmfLine(p, s.Page, s.ocmfReading("B", s.Begin, false)+","+s.ocmfReading("E", s.End, s.Terse))
	return []Value{ocmfValue("End", line)}, nil
}

// writeOCMFPair writes a line for each reading.
func writeOCMFPair(p *pen, s *Session) ([]Value, error) {
	begin := s.ocmfLine(p, s.Page, s.ocmfReading("B", s.Begin, false))
	end := s.ocmfLine(p, s.Page+1, s.ocmfReading("E", s.End, false))
	return []Value{ocmfValue("Start", begin), ocmfValue("End", end)}, nil
}

func ocmfValue(nature, line string) Value {
	return Value{Format: "OCMF", Nature: nature, Plain: line, Data: []byte(line)}
}

// ocmfLine signs the payload: the header fields and the readings (OCMF 1.0, section 3).
func (s *Session) ocmfLine(p *pen, page uint64, readings string) string {
	flags := `"RFID_PLAIN","OCPP_RS_TLS","ISO15118_NONE","PLMN_NONE"`
	if s.UserKind != "ISO14443" {
		flags = `"RFID_NONE","OCPP_AUTH_TLS","ISO15118_NONE","PLMN_NONE"`
	}
	payload := fmt.Sprintf(`{"FV":"1.0","GI":%s,"GS":%s,"GV":%s,"PG":"T%d","MV":%s,"MM":%s,"MS":%s,"IS":true,"IL":"VERIFIED",`+
		`"IF":[%s],"IT":%s,"ID":%s,"CT":"EVSEID","CI":%s,"RD":[%s]}`,
		quote(s.Vendor+" CU3"), quote(s.Gateway), quote(s.Firmware), page, quote(s.Vendor), quote(s.Model), quote(s.Meter),
		flags, quote(s.UserKind), quote(s.User), quote(s.EVSE), readings)
	return "OCMF|" + payload + "|" + s.ocmfSignature(p, payload)
}

// ocmfReading writes a reading; a short one leaves out what did not change since the one before it in its line.
func (s *Session) ocmfReading(tx string, r Reading, short bool) string {
	clock, status, current := "S", "G", "AC"
	if s.ClockLost {
		clock = "U"
	}
	if s.Broken && tx == "E" {
		status = "M"
	}
	if s.DC {
		current = "DC"
	}
	at := r.At.In(s.Zone).Format("2006-01-02T15:04:05,000-0700")
	if short {
		return fmt.Sprintf(`{"TM":"%s %s","TX":"%s","RV":%s,"ST":"%s"}`, at, clock, tx, r.Energy.KWh(), status)
	}
	return fmt.Sprintf(`{"TM":"%s %s","TX":"%s","RV":%s,"RI":"1-b:1.8.0","RU":"kWh","RT":"%s","EF":"","ST":"%s"}`,
		at, clock, tx, r.Energy.KWh(), current, status)
}

// ocmfAlgorithms are the names of SA that do not follow from the curve alone: OCMF writes its own names of the brainpool
// curves, and the last ones are extensions of manufacturers.
var ocmfAlgorithms = map[string]string{
	"brainpoolP256r1": "ECDSA-brainpool256r1-SHA256",
	"brainpoolP384r1": "ECDSA-brainpool384r1-SHA256",
	"secp521r1":       "ECDSA-secp521r1-SHA512",
	"Ed25519":         "EdDSA-Ed25519",
	"Ed448":           "EdDSA-Ed448",
	"ML-DSA-44":       "ML-DSA-44",
	"ML-DSA-65":       "ML-DSA-65",
	"ML-DSA-87":       "ML-DSA-87",
}

// ocmfSignature writes the last section. Left out are the defaults: hex, and for a terse meter the curve secp256r1.
func (s *Session) ocmfSignature(p *pen, payload string) string {
	signature := p.sign([]byte(payload))
	algorithm := ocmfAlgorithms[p.key.name]
	if algorithm == "" {
		algorithm = "ECDSA-" + p.key.name + "-SHA256"
	}
	var fields []string
	if !s.Terse || p.key.name != "secp256r1" {
		fields = append(fields, `"SA":"`+algorithm+`"`)
	}
	if signature.R == nil {
		fields = append(fields, `"SM":"application/octet-stream"`)
	}
	if s.Terse {
		fields = append(fields, `"SE":"base64"`, `"SD":"`+base64.StdEncoding.EncodeToString(signature.DER())+`"`)
	} else {
		fields = append(fields, `"SD":"`+hex.EncodeToString(signature.DER())+`"`)
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// quote writes a JSON string. Text always can be written.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic("signer: " + err.Error())
	}
	return string(b)
}
