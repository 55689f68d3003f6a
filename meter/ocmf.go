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
// 1.4; newer ones are read with a notice. The error is a Faults.
func DecodeOCMF(line []byte) (Message, error) {
	d := ocmfDecoder{m: Message{Text: line}}
	if !isOCMF(line) {
		d.fault("format-unknown", "no "+ocmfPrefix)
		return d.result()
	}
	s := &jsonScanner{b: line, i: len(ocmfPrefix)}
	if err := d.payload(s); err != nil {
		d.fault("payload-json", err.Error())
		return d.result()
	}
	end := s.i
	if !s.take('|') {
		d.fault("signature-missing", "")
		return d.result()
	}
	// The hash covers what stands between the two pipes. Writers that put blanks around the object disagree
	// whether these count, so both readings are kept.
	d.m.Signed = line[len(ocmfPrefix) : s.i-1]
	if trimmed := bytes.TrimSpace(line[len(ocmfPrefix):end]); len(trimmed) != len(d.m.Signed) {
		d.m.Trimmed = trimmed
	}
	if err := d.signature(s); err != nil {
		d.fault("signature-json", err.Error())
		return d.result()
	}
	d.tail(s)
	d.checkHeader()
	return d.result()
}

// ocmfDecoder collects the message and the faults found on the way.
type ocmfDecoder struct {
	m      Message
	faults Faults

	gatewaySerial, meterSerial string
	assigned                   string // IS where it is text: the level before version 0.4
}

func (d *ocmfDecoder) result() (Message, error) {
	d.m.Format = "OCMF"
	d.m.Gateway, d.m.Meter = d.gatewaySerial, d.meterSerial
	if d.m.Meter == "" {
		d.m.Meter = d.gatewaySerial
	}
	if len(d.faults) > 0 {
		return d.m, d.faults
	}
	return d.m, nil
}

func (d *ocmfDecoder) fault(code, value string) { d.faults = append(d.faults, reason(code, "", value)) }

func (d *ocmfDecoder) note(code, value string) {
	d.m.Notices = append(d.m.Notices, reason(code, "", value))
}

// payload reads the first section (OCMF 1.4, payload section). Unknown names are vendor fields.
func (d *ocmfDecoder) payload(s *jsonScanner) error {
	return s.object(func(name []byte) error {
		switch string(name) {
		case "FV":
			return readText(s, &d.m.Version)
		case "GS":
			return readText(s, &d.gatewaySerial)
		case "MS":
			return readText(s, &d.meterSerial)
		case "PG":
			return readText(s, &d.m.Page)
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

// readings reads the array RD.
func (d *ocmfDecoder) readings(s *jsonScanner) error {
	var last ocmfReading
	return s.array(func() error {
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
		d.fault("time-unreadable", fmt.Sprintf("reading %d: TM %q", no, clean(r.tm)))
	}
	if stamp.unusual {
		d.note("time-format", fmt.Sprintf("reading %d: TM %q", no, clean(r.tm)))
	}
	e.Time, e.Zone, e.Clock = stamp.time, stamp.zone, stamp.clock
	if e.Value, ok = ParseDecimal(r.rv); !ok {
		d.fault("value-unreadable", fmt.Sprintf("reading %d: RV %q", no, clean(r.rv)))
	}
	if r.cl != "" {
		e.HasLoss = true
		if e.Loss, ok = ParseDecimal(r.cl); !ok {
			d.fault("value-unreadable", fmt.Sprintf("reading %d: CL %q", no, clean(r.cl)))
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
		d.note("line-trailing", fmt.Sprintf("%d bytes", len(s.b)-s.i))
	}
}

// checkHeader judges what concerns the record as such.
func (d *ocmfDecoder) checkHeader() {
	if len(d.m.Entries) == 0 {
		d.fault("readings-missing", "")
	}
	if d.m.User.Level == "" && d.assigned != "true" && d.assigned != "false" {
		d.m.User.Level = d.assigned
	}
	if d.meterSerial == "" {
		d.note("meter-serial-missing", clean(d.gatewaySerial))
	}
	if d.m.Version == "" {
		d.note("version-missing", "")
		return
	}
	major, minor, ok := ocmfVersion(d.m.Version)
	if !ok || major == 1 && minor > 4 {
		d.note("version-newer", clean(d.m.Version))
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
