package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/meter"
)

// isOICP looks for the names of a charge detail record of OICP 2.3 (eRoamingChargeDetailRecord).
func isOICP(data []byte) bool {
	return isJSON(data) && (bytes.Contains(data, []byte(`"SignedMeteringValues"`)) ||
		bytes.Contains(data, []byte(`"SessionID"`)) && bytes.Contains(data, []byte(`"EvseID"`)))
}

// maxOICPValues bounds the signed values of one record; real ones have a begin, an end and some between.
const maxOICPValues = 1000

// oicp reads charge detail records: one, an array, a page with its content, or one per line. They are walked through
// token by token, so that the memory for a file does not depend on what it claims to hold.
func (r *reader) oicp(s source) {
	o := oicpReader{d: json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(s.data, []byte("\ufeff")))), r: r, file: s.display}
	for !r.done {
		err := o.value()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.problem(Problem{File: s.display, Text: "the JSON cannot be read to its end; ask the operator for the unchanged file"})
			return
		}
	}
}

type oicpReader struct {
	d    *json.Decoder
	r    *reader
	file string
}

// value reads a record, or an array of them.
func (o *oicpReader) value() error {
	token, err := o.d.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return o.object()
	case json.Delim('['):
		return o.array()
	}
	return errOICP
}

var errOICP = errors.New("neither a record nor a list of records")

// array reads the records of an array that has begun.
func (o *oicpReader) array() error {
	for o.d.More() && !o.r.done {
		if token, err := o.d.Token(); err != nil || token != json.Delim('{') {
			return errors.Join(err, errOICP)
		}
		if err := o.object(); err != nil {
			return err
		}
	}
	if o.r.done {
		return nil
	}
	_, err := o.d.Token()
	return err
}

// oicpRecord is what is used of a charge detail record (OICP 2.3, eRoamingChargeDetailRecord).
type oicpRecord struct {
	session, evse              string
	chargingStart, chargingEnd string
	sessionStart, sessionEnd   string
	energy                     json.RawMessage
	values                     []cdr.SignedValue
	verification               struct{ PublicKey string }
	publicKey                  string
	identification             oicpIdentification
	wrapper, tooMany           bool
}

type oicpIdentification struct {
	RFIDMifareFamilyIdentification *struct{ UID string }
	RFIDIdentification             *struct{ UID, EvcoID string }
	PlugAndChargeIdentification    *struct{ EvcoID string }
	RemoteIdentification           *struct{ EvcoID string }
	QRCodeIdentification           *struct{ EvcoID string }
}

// object reads an object that has begun: a record, or a page of them.
func (o *oicpReader) object() error {
	var c oicpRecord
	for o.d.More() {
		token, err := o.d.Token()
		if err != nil {
			return err
		}
		if name, _ := token.(string); name == "content" || name == "ChargeDetailRecords" {
			err = o.list(&c)
		} else {
			err = o.member(&c, name)
		}
		if err != nil || o.r.done {
			return err
		}
	}
	if _, err := o.d.Token(); err != nil {
		return err
	}
	if c.wrapper {
		return nil
	}
	o.yield(&c)
	return nil
}

// list reads the records of a page.
func (o *oicpReader) list(c *oicpRecord) error {
	c.wrapper = true
	token, err := o.d.Token()
	if err != nil || token != json.Delim('[') {
		return errors.Join(err, errOICP)
	}
	return o.array()
}

func (o *oicpReader) member(c *oicpRecord, name string) error {
	to, known := map[string]any{
		"SessionID": &c.session, "EvseID": &c.evse, "ChargingStart": &c.chargingStart, "ChargingEnd": &c.chargingEnd,
		"SessionStart": &c.sessionStart, "SessionEnd": &c.sessionEnd, "ConsumedEnergy": &c.energy,
		"CalibrationLawVerificationInfo": &c.verification, "PublicKey": &c.publicKey, "Identification": &c.identification,
	}[name]
	if name == "SignedMeteringValues" {
		return o.signed(c)
	}
	if !known {
		var skipped json.RawMessage
		to = &skipped
	}
	if err := o.d.Decode(to); err != nil && !isWrongKind(err) {
		return err
	}
	return nil // what is missing is told where it matters
}

// signed reads the signed values. What is none counts as missing.
func (o *oicpReader) signed(c *oicpRecord) error {
	token, err := o.d.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
	case json.Delim('{'):
		return o.leave()
	default:
		return nil
	}
	for o.d.More() {
		var v struct{ SignedMeteringValue, MeteringStatus string }
		if err := o.d.Decode(&v); err != nil && !isWrongKind(err) {
			return err
		}
		if c.tooMany = len(c.values) >= maxOICPValues; !c.tooMany {
			c.values = append(c.values, cdr.SignedValue{Nature: v.MeteringStatus, Signed: v.SignedMeteringValue})
		}
	}
	_, err = o.d.Token()
	return err
}

// leave reads to the end of the object or array that has begun.
func (o *oicpReader) leave() error {
	for depth := 1; depth > 0; {
		token, err := o.d.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// isWrongKind reports a value of another kind than wanted, which has been read all the same.
func isWrongKind(err error) bool {
	var kind *json.UnmarshalTypeError
	return errors.As(err, &kind)
}

// yield gives out a record.
func (o *oicpReader) yield(c *oicpRecord) {
	record, err := c.record()
	if err != nil {
		o.r.problem(Problem{File: o.file, Text: err.Error()})
		return
	}
	o.r.charge(o.file, c.session, oicpCDR, record)
}

// record turns what was read into a charge record. Signed readings belong to the charging, which begins after the
// session does; some senders state only the session.
func (c *oicpRecord) record() (cdr.Record, error) {
	record := cdr.Record{ID: c.session, SessionID: c.session, Token: c.identification.token()}
	record.Location.EVSEID = c.evse
	var ok bool
	if record.Energy, ok = microKWh(c.energy); !ok {
		return record, c.refuse("ConsumedEnergy is no number of kWh")
	}
	if record.Start, ok = firstTime(c.chargingStart, c.sessionStart); !ok {
		return record, c.refuse("neither ChargingStart nor SessionStart is a time in RFC 3339")
	}
	if record.End, ok = firstTime(c.chargingEnd, c.sessionEnd); !ok {
		return record, c.refuse("neither ChargingEnd nor SessionEnd is a time in RFC 3339")
	}
	if c.tooMany {
		return record, c.refuse(fmt.Sprintf("more than %d signed values", maxOICPValues))
	}
	key := c.verification.PublicKey
	if key == "" {
		key = c.publicKey
	}
	if len(c.values) > 0 {
		record.Signed = &cdr.SignedData{PublicKey: key, Values: c.values}
	}
	return record, nil
}

func (c *oicpRecord) refuse(what string) error {
	return fmt.Errorf("charge detail record %q: %s; ask the operator for a corrected record", shown(c.session), what)
}

// shown makes an id of a sender fit for a message.
func shown(id string) string {
	const limit = 60
	if len(id) > limit {
		return id[:limit]
	}
	return id
}

func (i oicpIdentification) token() cdr.Token {
	switch {
	case i.RFIDMifareFamilyIdentification != nil:
		return cdr.Token{Type: "RFID", UID: i.RFIDMifareFamilyIdentification.UID}
	case i.RFIDIdentification != nil:
		return cdr.Token{Type: "RFID", UID: i.RFIDIdentification.UID, ContractID: i.RFIDIdentification.EvcoID}
	case i.PlugAndChargeIdentification != nil:
		return cdr.Token{ContractID: i.PlugAndChargeIdentification.EvcoID}
	case i.RemoteIdentification != nil:
		return cdr.Token{ContractID: i.RemoteIdentification.EvcoID}
	case i.QRCodeIdentification != nil:
		return cdr.Token{ContractID: i.QRCodeIdentification.EvcoID}
	}
	return cdr.Token{}
}

// firstTime reads the first time that is stated.
func firstTime(texts ...string) (time.Time, bool) {
	for _, text := range texts {
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		return t.UTC(), err == nil
	}
	return time.Time{}, false
}

// microKWh reads a number of kWh, quoted or not, and cuts what is finer than a millionth.
func microKWh(raw json.RawMessage) (cdr.MicroKWh, bool) {
	d, ok := meter.ParseDecimal(strings.Trim(string(raw), `"`))
	if !ok {
		return 0, false
	}
	const micro = 6
	exp := d.Exp + micro
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exp, -exp))), nil)
	v := big.NewInt(d.Coef)
	if exp >= 0 {
		v.Mul(v, power)
	} else {
		v.Quo(v, power)
	}
	if !v.IsInt64() || v.Int64() < 0 || v.Int64() == math.MaxInt64 {
		return 0, false
	}
	return cdr.MicroKWh(v.Int64()), true
}
