package meter

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// pcdfPrefix opens every record: the identification of its data set and the first group.
const pcdfPrefix = "128.8.0("

// Control characters that frame a record (IEC 62056-21).
const (
	startOfText = 0x02
	endOfText   = 0x03
)

func isPCDF(payload []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(payload, string(rune(startOfText))+" \t\r\n"), []byte(pcdfPrefix))
}

// pcdfGroups are the names of the groups. Their order is fixed.
var pcdfGroups = [...]string{"ST", "CT", "CD", "TV", "BV", "CSC", "SP", "RV", "SI", "CS", "HW", "DT", "PK", "SG"}

// DecodePCDF reads a record 128.8.0(ST:...)...(SG:...) of the Porsche charging data format. One record holds a whole
// session: its energy, not the counter of the meter. Times are those of the wall clock, without a zone.
func DecodePCDF(line []byte) Message {
	m := Message{Format: "PCDF", Text: line}
	text := bytes.TrimLeft(line, string(rune(startOfText))+" \t\r\n")
	if at := bytes.IndexByte(text, endOfText); at >= 0 {
		m.pcdfTail(text[at+1:])
		text = text[:at]
	}
	fields, signed, ok := m.pcdfFields(bytes.TrimSpace(text))
	if !ok {
		return m
	}
	m.Signed = signed
	m.Signature = Signature{Algorithm: "ECDSA-secp256r1-SHA256", Encoding: "hex"}
	if m.Signature.Bytes, ok = decodeHex([]byte(fields["SG"])); !ok {
		m.Signature.Bytes = nil
		m.pcdfSignatureFault(fields["SG"])
	}
	m.Key = fields["PK"]
	m.Meter, m.Firmware, m.Maker.Model = fields["HW"], fields["CS"], "DC meter "+fields["DT"]
	m.pcdfPage(fields["CSC"])
	m.pcdfUser(fields["SI"])
	m.pcdfEntries(fields)
	return m
}

// pcdfTail names what follows the frame. A check character of the transport may stand there.
func (m *Message) pcdfTail(rest []byte) {
	if rest = bytes.TrimSpace(rest); len(rest) > 0 {
		m.note("line-trailing", fmt.Sprintf("%d bytes", len(rest)))
	}
}

func (m *Message) pcdfSignatureFault(text string) {
	if text == "" {
		m.fault("signature-missing", "")
		return
	}
	m.fault("signature-unreadable", "no hex")
}

// pcdfFields cuts the groups apart. Signed is everything up to the group of the signature.
func (m *Message) pcdfFields(text []byte) (fields map[string]string, signed []byte, ok bool) {
	if !bytes.HasPrefix(text, []byte(pcdfPrefix)) {
		m.fault("record-form", "no "+pcdfPrefix)
		return nil, nil, false
	}
	fields = make(map[string]string, len(pcdfGroups))
	rest := text[len(pcdfPrefix)-1:]
	for _, name := range pcdfGroups {
		signed = text[:len(text)-len(rest)]
		if !bytes.HasPrefix(rest, []byte("("+name+":")) {
			m.fault("record-form", "no group "+name+" in its place")
			return nil, nil, false
		}
		rest = rest[len(name)+2:]
		end := bytes.IndexAny(rest, "()")
		if end < 0 || rest[end] != ')' {
			m.fault("record-form", "group "+name+" is not closed")
			return nil, nil, false
		}
		fields[name], rest = string(rest[:end]), rest[end+1:]
	}
	m.pcdfTail(rest)
	return fields, signed, true
}

// pcdfPage reads the counter of sessions.
func (m *Message) pcdfPage(text string) {
	m.Page = Page{Text: text, Rule: PageNext}
	if n, err := strconv.ParseUint(text, 10, 63); err == nil {
		m.Page.Number, m.Page.Read = n, true
	}
}

// pcdfUserKinds translates the type of an identification.
var pcdfUserKinds = map[string]string{"1": "ISO14443", "2": "EMAID", "3": "ISO7812", "4": "CENTRAL", "5": "NFC"}

// pcdfUser reads identification, type and transaction. The identification comes first because an EMAID may have the
// separator inside.
func (m *Message) pcdfUser(text string) {
	at := strings.LastIndexByte(text, '*')
	typed := strings.LastIndexByte(text[:max(at, 0)], '*')
	if typed < 0 {
		m.fault("record-form", "group SI without type or transaction")
		return
	}
	m.Session = text[at+1:]
	m.User.ID, m.User.Kind = text[:typed], pcdfUserKinds[text[typed+1:at]]
	if m.User.Kind == "ISO14443" {
		m.User.Flags = []string{"RFID_PLAIN"}
	}
}

// pcdfEntries makes the begin and the end of the session.
func (m *Message) pcdfEntries(fields map[string]string) {
	number, unit, _ := strings.Cut(fields["RV"], "*")
	value, ok := ParseDecimal(number)
	if !ok {
		m.fault("value-unreadable", "RV "+clean(fields["RV"]))
	}
	begin := Entry{Tx: TxBegin, Unit: unit, OBIS: strings.TrimSuffix(pcdfPrefix, "("), Wall: true}
	begin.Status, begin.Quality = pcdfStatus(fields)
	end := begin
	end.Tx, end.Value = TxEnd, value
	m.pcdfTimes(fields, &begin, &end)
	m.Entries = []Entry{begin, end}
}

// pcdfStatus says whether the record may be billed: both groups must be 1.
func pcdfStatus(fields map[string]string) (status string, q Quality) {
	var words []string
	if v := fields["BV"]; v != "1" {
		words = append(words, "billing data invalid, BV "+clean(v))
	}
	if v := fields["SP"]; v != "1" {
		words = append(words, "stop not regular, SP "+clean(v))
	}
	if len(words) > 0 {
		return strings.Join(words, ", "), Bad
	}
	return "BV 1, SP 1", Good
}

// pcdfTimes reads both times and what the record says about them.
func (m *Message) pcdfTimes(fields map[string]string, begin, end *Entry) {
	from, ok := pcdfTime(fields["ST"])
	if !ok {
		m.fault("time-unreadable", "ST "+clean(fields["ST"]))
	}
	to, okTo := pcdfTime(fields["CT"])
	if !okTo {
		m.fault("time-unreadable", "CT "+clean(fields["CT"]))
	}
	ran, okRan := pcdfDuration(fields["CD"])
	if !okRan {
		m.fault("time-unreadable", "CD "+clean(fields["CD"]))
	}
	begin.Clock, end.Clock = ClockSynchronised, ClockSynchronised
	if fits := germanSpan(from, to, ran, begin, end); ok && okTo && okRan && !fits {
		m.note("duration-differs", fmt.Sprintf("%s to %s, CD %s", fields["ST"], fields["CT"], fields["CD"]))
		begin.Clock, end.Clock = ClockInformative, ClockInformative
	}
	if fields["TV"] != "1" {
		begin.Clock, end.Clock = ClockUnsynchronised, ClockUnsynchronised
		begin.Errors, end.Errors = "t", "t"
	}
}

// germanSpan sets both times. In the hour that the wall clock shows twice, the stated duration decides which one is
// meant. It reports whether the duration agrees with the times, which may each be cut to a second.
func germanSpan(from, to time.Time, ran time.Duration, begin, end *Entry) bool {
	const cut = time.Second
	begin.Time, begin.Zone = germanTime(from, zoneOffset{})
	end.Time, end.Zone = germanTime(to, zoneOffset{})
	for _, first := range [...]zoneOffset{{}, standardOffset} {
		for _, last := range [...]zoneOffset{{}, standardOffset} {
			b, bz := germanTime(from, first)
			e, ez := germanTime(to, last)
			if (e.Sub(b) - ran).Abs() <= cut {
				begin.Time, begin.Zone, end.Time, end.Zone = b, bz, e, ez
				return true
			}
		}
	}
	return false
}

// pcdfTime reads yymmddhhmmss as if it were UTC.
func pcdfTime(text string) (time.Time, bool) {
	const layout = "20060102150405"
	if len(text) != len(layout)-2 {
		return time.Time{}, false
	}
	t, err := time.Parse(layout, "20"+text)
	return t, err == nil
}

// pcdfDuration reads hhmmss.
func pcdfDuration(text string) (time.Duration, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	hours, minutes, seconds := n/10000, n/100%100, n%100
	if err != nil || len(text) != 6 || minutes > 59 || seconds > 59 {
		return 0, false
	}
	return time.Duration(hours*3600+minutes*60+seconds) * time.Second, true
}
