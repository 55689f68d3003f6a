package meter

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// ocmfPrefix opens every OCMF line (OCMF 1.4, data format).
const ocmfPrefix = "OCMF|"

func isOCMF(payload []byte) bool { return bytes.HasPrefix(payload, []byte(ocmfPrefix)) }

// DecodeOCMF reads a line OCMF|payload|signature, with an optional key as fourth section, of the versions 0.1 to
// 1.4; newer ones are read with a notice.
func DecodeOCMF(line []byte) Message {
	d := ocmfDecoder{m: Message{Text: line}}
	if !isOCMF(line) {
		d.m.fault("format-unknown", "no "+ocmfPrefix)
		return d.result()
	}
	s := &jsonScanner{b: line, i: len(ocmfPrefix)}
	if err := d.payload(s); err != nil {
		d.m.fault("payload-json", err.Error())
		return d.result()
	}
	end := s.i
	if !s.take('|') {
		d.m.fault("signature-missing", "")
		return d.result()
	}
	// The hash covers what stands between the two pipes. Writers that put blanks around the object disagree
	// whether these count, so both readings are kept.
	d.m.Signed = line[len(ocmfPrefix) : s.i-1]
	if trimmed := bytes.TrimSpace(line[len(ocmfPrefix):end]); len(trimmed) != len(d.m.Signed) {
		d.m.Trimmed = trimmed
	}
	if err := d.signature(s); err != nil {
		d.m.fault("signature-json", err.Error())
		return d.result()
	}
	d.tail(s)
	d.checkHeader()
	return d.result()
}

// ocmfDecoder collects the message and the faults found on the way.
type ocmfDecoder struct {
	m Message

	gateway, gatewaySerial, gatewayFirmware string
	meterSerial, meterFirmware              string
	assigned                                string // IS where it is text: the level before version 0.4
}

func (d *ocmfDecoder) result() Message {
	d.m.Format = "OCMF"
	d.m.Gateway, d.m.Meter = d.gatewaySerial, d.meterSerial
	if d.m.Meter == "" {
		d.m.Meter = d.gatewaySerial
	}
	if d.m.Maker.Vendor == "" {
		d.m.Maker.Vendor = d.gateway
	}
	if d.m.Maker.Model == "" {
		d.m.Maker.Model = d.gateway
	}
	d.m.Firmware = strings.TrimSpace(d.meterFirmware + " " + d.gatewayFirmware)
	d.m.Page = ocmfPage(d.m.Page.Text)
	for i := range d.m.Entries {
		d.m.Entries[i].Quality = d.quality(&d.m.Entries[i])
	}
	return d.m
}

// ocmfPage reads a pagination: a letter for the counter, T for transactions and F for fiscal readings, and a number
// (OCMF 1.4, PG).
func ocmfPage(text string) Page {
	p := Page{Text: text, Rule: PageNext}
	if len(text) < 2 || text[0] < 'A' || text[0] > 'Z' {
		return p
	}
	n, err := strconv.ParseUint(text[1:], 10, 63)
	if err != nil {
		return p
	}
	p.Counter, p.Number, p.Read = text[:1], n, true
	return p
}

// quality says what ST means; the field came with version 0.3.
func (d *ocmfDecoder) quality(e *Entry) Quality {
	switch e.Status {
	case "G":
		return Good
	case "":
		major, minor, ok := ocmfVersion(d.m.Version)
		if !ok || major > 0 || minor >= 3 {
			return Missing
		}
		return Unstated
	}
	return Bad
}

// payload reads the first section (OCMF 1.4, payload section). Unknown names are vendor fields.
func (d *ocmfDecoder) payload(s *jsonScanner) error {
	return s.object(func(name []byte) error {
		switch string(name) {
		case "FV":
			return readText(s, &d.m.Version)
		case "GI", "VI":
			return readText(s, &d.gateway)
		case "MV":
			return readText(s, &d.m.Maker.Vendor)
		case "MM":
			return readText(s, &d.m.Maker.Model)
		case "MF":
			return readText(s, &d.meterFirmware)
		case "GV", "VV":
			return readText(s, &d.gatewayFirmware)
		case "GS":
			return readText(s, &d.gatewaySerial)
		case "MS":
			return readText(s, &d.meterSerial)
		case "PG":
			return readText(s, &d.m.Page.Text)
		case "IS":
			return readText(s, &d.assigned)
		case "IL":
			return readText(s, &d.m.User.Level)
		case "IF":
			return readTexts(s, &d.m.User.Flags)
		case "IT":
			return readText(s, &d.m.User.Kind)
		case "ID":
			return readText(s, &d.m.User.ID)
		case "CT":
			return readText(s, &d.m.Place.Kind)
		case "CI":
			return readText(s, &d.m.Place.ID)
		case "TT":
			return readText(s, &d.m.Tariff)
		case "LC":
			return d.cable(s)
		case "RD":
			return d.readings(s)
		}
		return s.skip()
	})
}

// readText reads a scalar as text: some writers state serial numbers as numbers and IS as boolean or text.
func readText(s *jsonScanner, to *string) error {
	b, err := s.scalar()
	*to = string(b)
	return err
}

// readTexts reads an array of strings, or one string where a writer forgot the brackets.
func readTexts(s *jsonScanner, to *[]string) error {
	one := func() error {
		var text string
		err := readText(s, &text)
		*to = append(*to, text)
		return err
	}
	if s.peek() == '[' {
		return s.array(one)
	}
	return one()
}

// cable reads the loss compensation object LC.
func (d *ocmfDecoder) cable(s *jsonScanner) error {
	if s.peek() != '{' {
		return s.skip()
	}
	d.m.Cable.Stated = true
	return s.object(func(name []byte) error {
		switch string(name) {
		case "LI":
			return readText(s, &d.m.Cable.ID)
		case "LR":
			return readText(s, &d.m.Cable.Resistance)
		case "LU":
			return readText(s, &d.m.Cable.Unit)
		}
		return s.skip()
	})
}

// maxReadings bounds a record; a reading each minute for a day, of several registers, stays below. Because a reading may
// repeat the one before by leaving everything out, the length of the record bounds too little.
const maxReadings = 10_000

// readings reads the array RD.
func (d *ocmfDecoder) readings(s *jsonScanner) error {
	var last ocmfReading
	return s.array(func() error {
		if len(d.m.Entries) == maxReadings {
			return s.fail("fewer readings")
		}
		r := last // an omitted field keeps the value of the previous reading of the record
		if err := r.read(s); err != nil {
			return err
		}
		last = r
		d.m.Entries = append(d.m.Entries, d.entry(r))
		return nil
	})
}

// ocmfReading is a reading as text. Before it is inherited nothing is interpreted.
type ocmfReading struct {
	tm, tx, rv, ri, ru, cl, ef, st, ei string
}

func (r *ocmfReading) read(s *jsonScanner) error {
	return s.object(func(name []byte) error {
		switch string(name) {
		case "TM":
			return readText(s, &r.tm)
		case "TX":
			return readText(s, &r.tx)
		case "RV":
			return readText(s, &r.rv)
		case "RI":
			return readText(s, &r.ri)
		case "RU":
			return readText(s, &r.ru)
		case "CL":
			return readText(s, &r.cl)
		case "EF":
			return readText(s, &r.ef)
		case "ST":
			return readText(s, &r.st)
		case "EI":
			return readText(s, &r.ei)
		}
		return s.skip()
	})
}

// entry interprets a reading and reports what cannot be read.
func (d *ocmfDecoder) entry(r ocmfReading) Entry {
	e := Entry{Tx: Tx(r.tx), Unit: r.ru, OBIS: r.ri, Errors: r.ef, Status: r.st, Events: r.ei}
	no := len(d.m.Entries) + 1
	stamp, ok := parseOCMFTime(r.tm)
	if !ok {
		d.m.fault("time-unreadable", fmt.Sprintf("reading %d: TM %q", no, clean(r.tm)))
	}
	if stamp.unusual {
		d.m.note("time-format", fmt.Sprintf("reading %d: TM %q", no, clean(r.tm)))
	}
	e.Time, e.Zone, e.Clock = stamp.time, stamp.zone, Clock(stamp.clock)
	if e.Value, ok = ParseDecimal(r.rv); !ok {
		d.m.fault("value-unreadable", fmt.Sprintf("reading %d: RV %q", no, clean(r.rv)))
	}
	if r.cl != "" {
		e.HasLoss = true
		if e.Loss, ok = ParseDecimal(r.cl); !ok {
			d.m.fault("value-unreadable", fmt.Sprintf("reading %d: CL %q", no, clean(r.cl)))
		}
	}
	return e
}

// tail reads the optional key and reports anything else.
func (d *ocmfDecoder) tail(s *jsonScanner) {
	if s.take('|') {
		d.m.Key = strings.TrimSpace(string(s.b[s.i:]))
		return
	}
	if s.peek() != 0 || s.i < len(s.b) {
		d.m.note("line-trailing", fmt.Sprintf("%d bytes", len(s.b)-s.i))
	}
}

// checkHeader judges what concerns the record as such.
func (d *ocmfDecoder) checkHeader() {
	if len(d.m.Entries) == 0 {
		d.m.fault("readings-missing", "")
	}
	if d.m.User.Level == "" && d.assigned != "true" && d.assigned != "false" {
		d.m.User.Level = d.assigned
	}
	if d.meterSerial == "" {
		d.m.note("meter-serial-missing", clean(d.gatewaySerial))
	}
	if d.m.Version == "" {
		d.m.note("version-missing", "")
		return
	}
	major, minor, ok := ocmfVersion(d.m.Version)
	switch {
	case ok && major > 1:
		d.m.note("version-unknown", clean(d.m.Version))
	case !ok || major == 1 && minor > 4:
		d.m.note("version-newer", clean(d.m.Version))
	}
}

// ocmfVersion reads "major.minor"; a third part is ignored.
func ocmfVersion(s string) (major, minor int, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) < 2 {
		return 0, 0, false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	return major, minor, err1 == nil && err2 == nil
}
