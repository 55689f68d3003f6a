package simulate

import (
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/customer"
)

// signedValue is one OCMF line with the nature OCPI gives it.
type signedValue struct{ nature, line string }

// obis is the OBIS code of the total import register (OCMF 1.0, reading field RI).
const obis = "1-b:1.8.0"

// signedValues returns the signed values of a session: one End value with both readings, or a pair. A tampered
// session has the lowered reading in its last line, under the signature of the true one.
func (w *World) signedValues(s *Session, e *EVSE, token customer.Token, final cdr.MicroKWh) ([]signedValue, error) {
	b := w.reading(e, "B", s.Start, s.Begin, false)
	// The fast chargers leave out what did not change since the reading before it in the same line, as OCMF allows.
	f := w.reading(e, "E", s.End, s.Final, !s.Pair && w.location(e).fast)
	var values []signedValue
	var err error
	add := func(nature string, page int64, readings string) {
		if err != nil {
			return
		}
		var line string
		line, err = ocmfLine(e.key, payload(e, token, page, readings), w.location(e).fast)
		values = append(values, signedValue{nature, line})
	}
	if s.Pair {
		add("Start", s.Page, b)
		add("End", s.Page+1, f)
	} else {
		add("End", s.Page, b+","+f)
	}
	if err != nil {
		return nil, fmt.Errorf("sign session %d: %w", s.Number, err)
	}
	if final != s.Final {
		last := &values[len(values)-1]
		last.line = strings.Replace(last.line, `"RV":`+s.Final.KWh()+",", `"RV":`+final.KWh()+",", 1)
	}
	return values, nil
}

// payload returns the header fields and readings, the part that is signed.
func payload(e *EVSE, token customer.Token, page int64, readings string) string {
	flags, kind := `"RFID_PLAIN","OCPP_RS_TLS","ISO15118_NONE","PLMN_NONE"`, "ISO14443"
	if isApp(token.UID) {
		flags, kind = `"RFID_NONE","OCPP_AUTH_TLS","ISO15118_NONE","PLMN_NONE"`, "CENTRAL"
	}
	return fmt.Sprintf(`{"FV":"1.0","GI":"Leuchtfeuer CU3","GS":"G%s","GV":"2.4.1","PG":"T%d","MV":"Leuchtfeuer","MM":"LZ-80",`+
		`"MS":"%s","IS":true,"IL":"VERIFIED","IF":[%s],"IT":"%s","ID":"%s","CT":"EVSEID","CI":"%s","RD":[%s]}`,
		e.MeterID[4:], page, e.MeterID, flags, kind, token.UID, e.ID, readings)
}

// reading returns one reading. The clock is synchronised, so that durations may be billed.
func (w *World) reading(e *EVSE, kind string, at time.Time, value cdr.MicroKWh, short bool) string {
	tm := at.In(w.zone).Format("2006-01-02T15:04:05,000-0700")
	if short {
		return fmt.Sprintf(`{"TM":"%s S","TX":"%s","RV":%s,"ST":"G"}`, tm, kind, value.KWh())
	}
	return fmt.Sprintf(`{"TM":"%s S","TX":"%s","RV":%s,"RI":"%s","RU":"kWh","RT":"%s","EF":"","ST":"G"}`,
		tm, kind, value.KWh(), obis, e.PowerType[:2])
}

// ocmfLine signs the payload. One make of charge point names the algorithm and writes hex, the default; the other
// writes base64 and relies on the default algorithm.
func ocmfLine(key *ecdsa.PrivateKey, payload string, inBase64 bool) (string, error) {
	der, err := sign(key, []byte(payload))
	if err != nil {
		return "", err
	}
	if inBase64 {
		return `OCMF|` + payload + `|{"SE":"base64","SD":"` + base64.StdEncoding.EncodeToString(der) + `"}`, nil
	}
	return `OCMF|` + payload + `|{"SA":"ECDSA-secp256r1-SHA256","SD":"` + hex.EncodeToString(der) + `"}`, nil
}

// isApp reports whether a token is an app account; the others are cards.
func isApp(uid string) bool { return strings.HasPrefix(uid, "APP-") }
