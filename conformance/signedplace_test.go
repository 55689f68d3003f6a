package conformance

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"

	"wattdue/meter"
)

// spot is one bit of a piece, and the word a record deserves in which it is turned.
type spot struct {
	piece
	byte int
	mask byte
	word meter.Word
}

// turned is the vector with this one bit turned.
func (s spot) turned() carried {
	b := bytes.Clone(s.data)
	b[s.byte] ^= s.mask
	return s.wrap(b)
}

// bit is the lowest bit of a byte.
func (p piece) bit(at int) spot { return spot{p, at, 1, meter.InvalidSignature} }

// signedPlaces are the bits of one signed message, by what they are a bit of: value, time, id or signature; cipher in a
// sealed record.
type signedPlaces map[string][]spot

// digit adds the lowest bit of the last digit of a text. A digit with this bit turned is a digit, 8 for 9 and 0 for 1, so
// the text stays readable and only the signature tells.
func (m signedPlaces) digit(kind string, texts ...piece) {
	for _, p := range texts {
		if at := bytes.LastIndexAny(p.data, "0123456789"); at >= 0 {
			m[kind] = append(m[kind], p.bit(at))
		}
	}
}

// second adds the last digit of the seconds of times written as 2019-08-13T10:03:15. There 59 becomes 58 and no digit a 60.
func (m signedPlaces) second(times ...piece) {
	for _, p := range times {
		if len(p.data) > 0 {
			m.digit("time", p.span(0, len("2019-08-13T10:03:15")))
		}
	}
}

// bits adds the lowest bit of bytes.
func (m signedPlaces) bits(kind string, p piece, at ...int) {
	for _, i := range at {
		m[kind] = append(m[kind], p.bit(i))
	}
}

// signature adds the last bits of both numbers. Behind numbers without DER two bytes of the log book may follow.
func (m signedPlaces) signature(p piece) {
	n := len(p.data)
	if n > 4 && p.data[0] == 0x30 && int(p.data[1]) == n-2 {
		m.bits("signature", p, 3+int(p.data[3]), n-1)
		return
	}
	if n == 50 || n == 66 {
		n -= 2
	}
	m.bits("signature", p, n/2-1, n-1)
}

// keyBit is the bit of a public key to turn.
func (p piece) keyBit() spot {
	n := len(p.data)
	if key, err := x509.ParsePKIXPublicKey(p.data); err == nil {
		if sealing, ok := key.(*rsa.PublicKey); ok { // any odd number may be a modulus
			return p.bit(bytes.Index(p.data, sealing.N.Bytes()) + sealing.Size()/2)
		}
	}
	switch {
	case n%2 == 1 && p.data[0]|1 == 3: // a compressed point: 02 for 03 is the point on the other side of the axis
		return p.bit(0)
	case n == 32: // Ed25519 knows no malformed key; 32 bytes that are no point verify nothing
		return p.bit(n - 1)
	}
	// The last bit of y. Beside a given x only y and p-y lie on the curve, and with p odd they are not neighbours.
	return spot{p, n - 1, 1, meter.KeyMalformed}
}

// ocmfPlaces looks into a line of OCMF.
func ocmfPlaces(p piece) (signedPlaces, []spot) {
	m := signedPlaces{}
	payload, end := p.value(len("OCMF|"))
	signature, _ := p.value(end + len("|"))
	for i := 0; ; i++ {
		reading, ok := payload.at("RD", i)
		if !ok {
			break
		}
		m.digit("value", reading.text("RV"))
		m.second(reading.text("TM"))
	}
	m.digit("id", payload.text("MS"), payload.text("GS"), payload.text("PG"))
	m.signature(signature.text("SD").without(inHexOrBase64...))
	return m, nil
}

// alfenPlaces looks into AP;type;version;key;dataset;signature; where the dataset is binary (82 bytes).
func alfenPlaces(p piece) (signedPlaces, []spot) {
	m := signedPlaces{}
	fields := p.groups(`^AP;[^;]*;[^;]*;([^;]*);([^;]*);([^;]*)`)[0]
	dataset := fields[1].without(inBase32...)
	m.bits("value", dataset, 46)
	m.bits("time", dataset, 34)
	m.bits("id", dataset, 9, 25, 74, 78) // of adapter, meter and session, and the page
	m.signature(fields[2].without(inBase32...))
	return m, []spot{fields[0].without(inBase32...).keyBit()}
}

// pcdfPlaces looks into a line of PCDF. It signs the energy of the session, its begin and its end.
func pcdfPlaces(p piece) (signedPlaces, []spot) {
	m := signedPlaces{}
	group := func(name string) piece { return p.groups(`\(` + name + `:([^)]*)\)`)[0][0] }
	m.digit("value", group("RV"))
	m.digit("time", group("ST"), group("CT"))
	m.digit("id", group("HW"), group("CSC"))
	m.signature(group("SG").without(inHexOrBase64...))
	return m, []spot{group("PK").without(inHexOrBase64...).keyBit()}
}

// blockPlaces looks into the XML around the block of an EDL40 meter (320 bytes).
func blockPlaces(p piece) (signedPlaces, []spot) {
	m := signedPlaces{}
	block := p.elements("encodedMeterValue")[0].without(inHexOrBase64...)
	m.bits("value", block, 31)
	m.bits("time", block, 10)
	m.bits("id", block, 9, 19) // of the meter, and the page
	m.signature(p.elements("meterValueSignature")[0].without(inHexOrBase64...))
	return m, []spot{p.elements("publicKey")[0].without(inHexOrBase64...).keyBit()}
}

// listPlaces looks into the list of a meter that speaks SML. Meters of ISA sign two values and have another page.
func listPlaces(p piece) (signedPlaces, []spot) {
	m := signedPlaces{}
	body := p.without(framed)
	last := func(e element) int { return cap(body.data) - cap(e.data) + len(e.data) - 1 } // elements are windows on the body
	for rest := body.data; len(rest) > 0 && rest[0] != 0; {
		message, after, err := take(rest, 0)
		if err != nil {
			p.t.Fatal(err)
		}
		rest = after
		if message.at(3).at(0).number() != 0x0701 {
			continue
		}
		answer := message.at(3).at(1)
		m.bits("id", body, last(answer.at(1)))
		signature := cap(body.data) - cap(answer.at(5).data)
		m.signature(body.span(signature, signature+len(answer.at(5).data)))
		for _, entry := range answer.at(4).list {
			switch fmt.Sprintf("%x", entry.at(0).data) {
			case "0100011100ff", "010001080080", "0100010800ff":
				m.bits("value", body, last(entry.at(5)))
				moment := entry.at(2).at(1)
				if len(moment.list) > 0 {
					moment = moment.at(0)
				}
				m.bits("time", body, last(moment))
			case "8180817101ff", "8180c7f040ff":
				m.bits("id", body, last(entry.at(5)))
			}
		}
	}
	return m, nil
}

// processPlaces looks into one measurement of a charging process of a bill of MENNEKES.
func processPlaces(process, measurement piece) signedPlaces {
	m := signedPlaces{}
	m.digit("value", measurement.elements("Value")...)
	m.second(measurement.elements("Timestamp")...)
	m.digit("id", measurement.elements("Pagination")...)
	server := process.elements("ServerId")[0].without(inHexOrBase64...)
	m.bits("id", server, len(server.data)-1)
	m.signature(measurement.elements("Signature")[0].without(inHexOrBase64...))
	return m
}

// emhPlaces looks into a block of an EDL40 meter spelled out in JSON.
func emhPlaces(p piece) (signedPlaces, []spot) {
	m := signedPlaces{}
	server := p.text("meterInfo", "meterId").without(inHexOrBase64...)
	m.digit("value", p.text("measuredValue", "value"))
	m.digit("time", p.text("measuredValue", "timestampLocal", "timestamp"))
	m.bits("id", server, len(server.data)-1)
	m.digit("id", p.text("measurementId"))
	m.signature(p.text("signature").without(inHexOrBase64...))
	return m, []spot{p.text("meterInfo", "publicKey").without(inHexOrBase64...).keyBit()}
}

// bsmPlaces looks into a snapshot of a BSM meter. The readable fields around the signed ones stay as they are.
func bsmPlaces(p piece) (signedPlaces, []spot) {
	m := signedPlaces{}
	kindOf := map[string]string{"RCR": "value", "TotWhImp": "value", "Epoch": "time", "MA1": "id", "RCnt": "id"}
	for i := 0; ; i++ {
		item, ok := p.at("additionalValues", i)
		if !ok {
			break
		}
		if kind := kindOf[string(item.text("measurand", "name").data)]; kind != "" {
			m.digit(kind, item.text("measuredValue", "value"))
		}
	}
	m.signature(p.text("signature").without(inHexOrBase64...))
	return m, []spot{p.text("meterInfo", "publicKey").without(inHexOrBase64...).keyBit()}
}

// receiptPlaces looks into a receipt, its signature and its key, which lie in three files.
func receiptPlaces(key, receipt, signature piece) (signedPlaces, []spot) {
	m := signedPlaces{}
	m.digit("value", receipt.text("additional_info", "meter_startreading"), receipt.text("additional_info", "meter_endreading"))
	for _, list := range []string{"energy", "parking"} {
		if line, ok := receipt.at(list, 0); ok {
			m.digit("time", line.text("start_time_utc"), line.text("end_time_utc"))
		}
	}
	m.digit("id", receipt.text("additional_info", "meter_serial"), receipt.text("additional_info", "session_id"))
	m.signature(signature)
	block, _ := pem.Decode(key.data)
	if block == nil {
		key.t.Fatal("the key is no PEM")
	}
	armour := key.groups(`(?s)-----BEGIN PUBLIC KEY-----(.*)-----END PUBLIC KEY-----`)[0][0]
	return m, []spot{armour.without(inHexOrBase64...).keyBit()}
}

// sealPlaces looks into a sealed record. Value, time and id lie in it under a cipher, and no signature does. What the seal
// holds it by is the block under RSA, the first 256 bytes of the data: one number, so whichever bit of it is turned,
// another number comes out of RSA. With that all its bytes change, and among them the marker of the last unit, which the
// seal compares. The bytes behind this block have keys that travel with the record, so turning one of those proves nothing.
func sealPlaces(p piece) signedPlaces {
	m := signedPlaces{}
	var outer, data asn1.RawValue
	_, err := asn1.Unmarshal(p.data, &outer)
	for rest := outer.Bytes; len(rest) > 0 && err == nil; {
		rest, err = asn1.Unmarshal(rest, &data)
	}
	const underRSA = 256
	if err != nil || len(data.Bytes) <= underRSA {
		p.t.Fatalf("the sealed data cannot be found: %v", err)
	}
	sealed := p.span(len(p.data)-len(data.Bytes), len(p.data))
	m.bits("cipher", sealed, 0, underRSA/2, underRSA-1)
	return m
}
