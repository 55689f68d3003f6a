package conformance

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Here signed values are read once more, by nothing the product has: each format gives the bytes its meter signed, the
// signature in DER and the key, for openssl to judge. The layouts are those the transparency software of SAFE e.V. and
// the makers publish.

// sealedBytes is what one meter signed.
type sealedBytes struct {
	message, signature []byte
	spki               []byte // nil where the key stands beside the record
}

// makes are the formats of the demo other than OCMF, by what only their records contain.
var makes = []struct {
	mark, format string
	read         func(data []byte) ([]sealedBytes, error)
}{
	{"AP;", "ALFEN", readAP},
	{"\x1b\x1b\x1b\x1b\x01\x01\x01\x01", "EDL_40_P", readList},
	{"Mennekes.EdlVerification", "EDL_40_MENNEKES", readBill},
	{`"additionalValues"`, "BSM_WS36A", readSnapshots},
	{`"signedMeterValues"`, "CHARGEIT_EMH", readChargeIT},
}

// readAP reads a line of the Alfen adapter: the signed dataset stands in it as it is.
func readAP(line []byte) ([]sealedBytes, error) {
	part := strings.Split(string(line), ";")
	if len(part) < 6 {
		return nil, fmt.Errorf("a line of %d parts", len(part))
	}
	var decoded [3][]byte
	for i := range decoded {
		var err error
		if decoded[i], err = base32.StdEncoding.DecodeString(part[3+i]); err != nil {
			return nil, err
		}
	}
	return []sealedBytes{{decoded[1], derOf(decoded[2]), spkiOf(decoded[0])}}, nil
}

// edl is what a meter of the EDL40 family signs with a value.
type edl struct {
	server, object, log, contract         []byte
	at, since, index, page, watch         int64
	status, unit, scaler                  int64
	value, historic, compensated, lineOhm int64
}

// bytes lays the 320 bytes out.
func (e edl) bytes() []byte {
	b := append([]byte(nil), pad(e.server, 10)...)
	b = append(b, low(e.at, 4)...)
	b = append(b, low(e.status, 1)...)
	b = append(b, low(e.index, 4)...)
	b = append(b, low(e.page, 4)...)
	b = append(b, pad(e.object, 6)...)
	b = append(b, low(e.unit, 1)...)
	b = append(b, low(e.scaler, 1)...)
	b = append(b, low(e.value, 8)...)
	b = append(b, pad(e.log, 2)...)
	b = append(b, pad(e.contract, 128)...)
	b = append(b, low(e.since, 4)...)
	b = append(b, low(e.historic, 8)...)
	b = append(b, low(e.compensated, 8)...)
	b = append(b, low(e.lineOhm, 2)...)
	b = append(b, low(e.watch, 4)...)
	return pad(b, 320)
}

// low is a number, lowest byte first.
func low(n int64, size int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(n))
	return b[:size]
}

func pad(b []byte, size int) []byte {
	return append(append([]byte(nil), b...), make([]byte, size)...)[:size]
}

var registerSigned = []byte{1, 0, 1, 17, 0, 255}

// readBill reads a bill of Mennekes.
func readBill(data []byte) ([]sealedBytes, error) {
	type measurement struct {
		Timestamp, TimestampCustomerIdent, Signature                      string
		EventCounter, MeterStatus, Value, Scaler, Pagination, SecondIndex int64
	}
	var bill struct {
		Process []struct {
			ServerID                         string `xml:"ServerId"`
			CustomerIdent                    string
			MeasurementStart, MeasurementEnd measurement
		} `xml:"BillingPeriods>BillingPeriod>ChargingProcesses>ChargingProcess"`
	}
	if err := xml.Unmarshal(data, &bill); err != nil {
		return nil, err
	}
	var all []sealedBytes
	for _, p := range bill.Process {
		for _, m := range []measurement{p.MeasurementStart, p.MeasurementEnd} {
			e := edl{
				server: unhex(p.ServerID), object: registerSigned, contract: unhex(p.CustomerIdent),
				log: binary.BigEndian.AppendUint16(nil, uint16(m.EventCounter)),
				at:  onTheWall(m.Timestamp), since: onTheWall(m.TimestampCustomerIdent),
				index: m.SecondIndex, page: m.Pagination, status: m.MeterStatus, unit: 30, scaler: m.Scaler, value: m.Value,
			}
			all = append(all, sealedBytes{message: e.bytes(), signature: derOf(unhex(m.Signature))})
		}
	}
	return all, nil
}

// onTheWall is the seconds since 1970 to the time of day that is written, whatever its zone.
func onTheWall(text string) int64 {
	t, err := time.Parse("2006-01-02T15:04:05", text[:min(len(text), 19)])
	if err != nil {
		return 0
	}
	return t.Unix()
}

// readSnapshots reads a document of chargeIT with values of a BSM meter: the signed fields in their order.
func readSnapshots(data []byte) ([]sealedBytes, error) {
	var document struct {
		SignedMeterValues []struct {
			Signature        string
			MeterInfo        struct{ PublicKey string }
			AdditionalValues []struct {
				MeasuredValue struct {
					ValueType          string
					Value              json.RawMessage
					Scale, UnitEncoded int64
				}
			}
		}
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	var all []sealedBytes
	for _, v := range document.SignedMeterValues {
		var b []byte
		for _, a := range v.AdditionalValues {
			m := a.MeasuredValue
			if m.ValueType == "String" {
				var text string
				if err := json.Unmarshal(m.Value, &text); err != nil {
					return nil, err
				}
				b = append(binary.BigEndian.AppendUint32(b, uint32(len(text))), text...)
				continue
			}
			b = append(binary.BigEndian.AppendUint32(b, uint32(number(string(m.Value), 10))), byte(m.Scale), byte(m.UnitEncoded))
		}
		all = append(all, sealedBytes{b, unhex(v.Signature), unhex(v.MeterInfo.PublicKey)})
	}
	return all, nil
}

// localStamp is a time of chargeIT, with the minutes of its zone and season.
type localStamp struct{ Timestamp, LocalOffset, SeasonOffset int64 }

func (t localStamp) wall() int64 { return t.Timestamp + 60*(t.LocalOffset+t.SeasonOffset) }

// readChargeIT reads a document of chargeIT with values of an EMH meter.
func readChargeIT(data []byte) ([]sealedBytes, error) {
	var document struct {
		SignedMeterValues []struct {
			Signature, MeasurementID string
			MeterInfo                struct{ MeterID, PublicKey string }
			Contract                 struct {
				ID             string
				TimestampLocal localStamp
			}
			MeasuredValue struct {
				TimestampLocal     localStamp
				Value              string
				Scale, UnitEncoded int64
			}
			Measurand      struct{ ID string }
			AdditionalInfo struct {
				Status  string
				Indexes struct {
					Timer   int64
					LogBook string
				}
			}
		}
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	var all []sealedBytes
	for _, v := range document.SignedMeterValues {
		e := edl{
			server: unhex(v.MeterInfo.MeterID), object: unhex(v.Measurand.ID), contract: []byte(v.Contract.ID),
			log: unhex(v.AdditionalInfo.Indexes.LogBook), index: v.AdditionalInfo.Indexes.Timer,
			at: v.MeasuredValue.TimestampLocal.wall(), since: v.Contract.TimestampLocal.wall(),
			page: number(v.MeasurementID, 16), status: number(v.AdditionalInfo.Status, 16),
			unit: v.MeasuredValue.UnitEncoded, scaler: v.MeasuredValue.Scale, value: number(v.MeasuredValue.Value, 10),
		}
		all = append(all, sealedBytes{e.bytes(), derOf(unhex(v.Signature)), spkiOf(unhex(v.MeterInfo.PublicKey))})
	}
	return all, nil
}

func number(text string, base int) int64 {
	n, _ := strconv.ParseInt(text, base, 64) // what is no number makes a wrong signature
	return n
}

func unhex(text string) []byte {
	b, _ := hex.DecodeString(strings.Join(strings.Fields(text), "")) // what is no hex makes a wrong signature
	return b
}

// derOf writes r||s as SEQUENCE{INTEGER, INTEGER}. What is no two numbers of a curve is left as it is.
func derOf(raw []byte) []byte {
	if len(raw) != 48 && len(raw) != 64 {
		return raw
	}
	var body []byte
	for _, half := range [][]byte{raw[:len(raw)/2], raw[len(raw)/2:]} {
		n := new(big.Int).SetBytes(half).Bytes()
		if len(n) == 0 || n[0] >= 0x80 {
			n = append([]byte{0}, n...)
		}
		body = append(append(body, 2, byte(len(n))), n...)
	}
	return append([]byte{0x30, byte(len(body))}, body...)
}

// spkiOf puts the wrapping of secp192r1 or secp256r1 around a point: 25 bytes are a compressed one.
func spkiOf(point []byte) []byte {
	heads := map[int]string{
		25: "3031301306072a8648ce3d020106082a8648ce3d030101031a00",
		48: "3049301306072a8648ce3d020106082a8648ce3d03010103320004",
		64: "3059301306072a8648ce3d020106082a8648ce3d03010703420004",
	}
	head, ok := heads[len(point)]
	if !ok {
		return point
	}
	return append(unhex(head), point...)
}

// statedSPKI reads the key that stands beside a record: an SPKI in base64, or X||Y in hex.
func statedSPKI(text string) ([]byte, error) {
	if b, err := hex.DecodeString(text); err == nil {
		return spkiOf(b), nil
	}
	return base64.StdEncoding.DecodeString(text)
}
