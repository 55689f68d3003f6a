package meter

import (
	"slices"
	"strings"
	"time"
)

// chargePointFormat is the id of the receipts of ChargePoint.
const chargePointFormat = "CHARGEPOINT"

// driverKind is the kind of a user that receipts call the driver; it may be a card or a name.
const driverKind = "DRIVER"

// The two files of a receipt.
const (
	receiptFile   = "secrrct"
	signatureFile = "secrrct.sign"
)

// isReceipt recognises a receipt that was sent without its signature, so that the verdict can say what is missing.
func isReceipt(payload []byte) bool {
	return looksLikeObject(payload, "meter_startreading", "meter_endreading", "station_mac")
}

// decodeBareReceipt reads a receipt that came alone.
func decodeBareReceipt(receipt []byte) Message { return DecodeReceipt(receipt, nil) }

// DecodeReceipt reads a receipt and the signature that was made over its bytes as they are; the curve is that of the
// key. One receipt holds a whole session. Its numbers were printed from binary fractions and are taken as printed.
func DecodeReceipt(receipt, signature []byte) Message {
	m := Message{Format: chargePointFormat, Text: receipt, Signed: receipt}
	m.Signature = Signature{Algorithm: "ECDSA-" + anyCurve + "-SHA256", Bytes: signature}
	if len(signature) == 0 {
		m.Signature.Bytes = nil
		m.fault("signature-missing", signatureFile)
	}
	root, err := parseJSON(receipt)
	if err != nil {
		m.fault("payload-json", err.Error())
		return m
	}
	r := receiptReader{root}
	m.Gateway = r.text("station_mac")
	m.Meter = r.text("meter_serial")
	m.Session = r.text("session_id")
	if id := r.text("driver_info"); id != "" {
		m.User = User{Kind: driverKind, ID: id}
	}
	if m.Gateway != "" {
		m.Place = Place{"OUTLET", outletOf(m.Gateway, r.text("outlet"))}
	}
	m.Entries = r.entries(&m)
	return m
}

// outletOf names an outlet as the files of the keys do: the address of the station without separators, and a number.
func outletOf(mac, outlet string) string {
	return strings.ToLower(strings.NewReplacer(":", "", "-", "").Replace(mac)) + "_" + outlet
}

// receiptReader finds the fields of both generations: the older one keeps most of them under additional_info.
type receiptReader struct{ root node }

func (r receiptReader) field(name string) node {
	if n := r.root.at("additional_info", name); n.isThere() {
		return n
	}
	return r.root.at(name)
}

func (r receiptReader) text(name string) string { return textOf(r.field(name)) }

// entries makes the begin and the end of the session. Nothing says how well the clock was set: its times are compared
// and prove no duration.
func (r receiptReader) entries(m *Message) []Entry {
	begin := Entry{Tx: TxBegin, Unit: r.text("energy_units"), Clock: ClockInformative}
	end := begin
	end.Tx = TxEnd
	r.reading(m, "meter_startreading", &begin)
	r.reading(m, "meter_endreading", &end)
	if begin.Unit == "" {
		m.fault("field-missing", "energy_units")
	}
	r.times(m, &begin, &end)
	return []Entry{begin, end}
}

func (r receiptReader) reading(m *Message, name string, e *Entry) {
	text := r.text(name)
	if text == "" {
		m.fault("field-missing", name)
		return
	}
	var ok bool
	if e.Value, ok = ParseDecimal(text); !ok {
		m.fault("value-unreadable", name)
	}
}

// times takes the earliest start and the latest end of all lines for energy and parking; a session may have several.
func (r receiptReader) times(m *Message, begin, end *Entry) {
	lines := []node{r.root, r.root.at("additional_info")}
	for _, list := range [...]string{"energy", "parking"} {
		lines = append(lines, r.field(list).items...)
	}
	found := [2]bool{}
	for _, line := range lines {
		if t, zone, ok := receiptTime(line, "start_time"); ok && (!found[0] || t.Before(begin.Time)) {
			begin.Time, begin.Zone, found[0] = t, zone, true
		}
		if t, zone, ok := receiptTime(line, "end_time"); ok && (!found[1] || t.After(end.Time)) {
			end.Time, end.Zone, found[1] = t, zone, true
		}
	}
	for i, name := range [...]string{"start_time_utc", "end_time_utc"} {
		switch {
		case slices.ContainsFunc(lines, func(line node) bool { return unreadableTime(line, name) }):
			m.fault("time-unreadable", name)
		case !found[i]:
			m.fault("field-missing", name)
		}
	}
}

// latestTime is a second in the year 2242.
const latestTime = 1 << 33

func unreadableTime(line node, name string) bool {
	n := line.at(name)
	_, ok := wholeNumber(n, 0, latestTime)
	return n.isThere() && !ok
}

// receiptTime reads the seconds of UTC, and the zone from those of the wall clock beside them. ok is false for lines
// without times, such as sums.
func receiptTime(line node, name string) (t time.Time, zone int, ok bool) {
	seconds, ok := wholeNumber(line.at(name+"_utc"), 0, latestTime)
	if !ok {
		return time.Time{}, 0, false
	}
	const farthest = 14 * 3600 // of all zones there are
	if wall, ok := wholeNumber(line.at(name), seconds-farthest, seconds+farthest); ok {
		zone = int(wall - seconds)
	}
	return time.Unix(seconds, 0).UTC(), zone, true
}
