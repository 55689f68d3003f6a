package registry

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"wattdue/calendar"
	"wattdue/meter"
)

// The columns of a list of keys. The first line names them, in any order and case.
const (
	colEVSE   = "evse_id"
	colMeter  = "meter_id"
	colKey    = "public_key"
	colCurve  = "curve"
	colFrom   = "valid_from"
	colUntil  = "valid_until"
	colSource = "source"
)

var columns = []string{colEVSE, colMeter, colKey, colCurve, colFrom, colUntil, colSource}

// longestRow is how many lines a quoted field may span: a key in PEM takes some, a forgotten quote would take all.
const longestRow = 50

// ReadCSV reads a list of keys: a header line, then a line per key, parted by commas or semicolons, in UTF-8. A line that
// is wrong becomes a fault and the others are read. Dates without a time begin in the zone. source is where the keys come
// from, for lines that do not say.
func ReadCSV(data []byte, zone *time.Location, source string) ([]Entry, []Fault) {
	if !utf8.Valid(data) {
		return nil, []Fault{{Line: 1, Text: "the text is not UTF-8; save the file as UTF-8"}}
	}
	l := list{zone: zone, source: source, first: map[string]int{}}
	rest := string(bytes.TrimPrefix(data, []byte("\ufeff")))
	for line := 1; rest != ""; {
		row, n, closed := cutRow(rest)
		if n > 1 && !l.holds(row) { // two stray quotes, each in a line of its own: the lines between are good
			row, n, closed = firstLine(rest), 1, false
		}
		rest = rest[len(row):]
		switch {
		case !closed:
			l.fault(line, "", "", "a quote is opened and not closed; take it away or close it")
		case strings.TrimSpace(row) == "":
		case l.column == nil:
			if fault := l.header(row); fault != "" {
				return nil, append(l.faults, Fault{Line: line, Text: fault})
			}
		default:
			l.row(line, row)
		}
		line += n
	}
	if l.column == nil {
		return nil, append(l.faults, Fault{Line: 1, Text: "the list is empty; " + wantHeader})
	}
	return l.entries, l.faults
}

// cutRow returns the next row with its line break and the number of lines it has. A row goes on behind a line break inside
// quotes; one that finds no end is only its first line.
func cutRow(text string) (row string, lines int, closed bool) {
	quotes := 0
	for at := 0; lines < longestRow; {
		end := strings.IndexByte(text[at:], '\n')
		next := len(text)
		if end >= 0 {
			next = at + end + 1
		}
		lines++
		if quotes += strings.Count(text[at:next], `"`); quotes%2 == 0 {
			return text[:next], lines, true
		}
		if next == len(text) {
			break
		}
		at = next
	}
	return firstLine(text), 1, false
}

// firstLine returns a text up to its first line break.
func firstLine(text string) string {
	if end := strings.IndexByte(text, '\n'); end >= 0 {
		return text[:end+1]
	}
	return text
}

// list is what was read of a file so far.
type list struct {
	zone    *time.Location
	source  string
	comma   rune
	column  map[string]int // place of each column; nil before the header
	first   map[string]int // line on which an owner's key from an instant stands
	entries []Entry
	faults  []Fault
}

const wantHeader = "the first line must name the columns: evse_id,meter_id,public_key,valid_from,valid_until,source, " +
	"and curve where keys do not name theirs"

// header reads the names of the columns; it returns what is wrong with them.
func (l *list) header(row string) string {
	l.comma = ','
	if strings.Count(row, ";") > strings.Count(row, ",") {
		l.comma = ';'
	}
	names, err := l.fields(row)
	if err != nil {
		return "cannot be read; " + wantHeader
	}
	column := map[string]int{}
	for i, n := range names {
		name := strings.ToLower(strings.TrimSpace(n))
		_, twice := column[name]
		switch {
		case name == "":
			return fmt.Sprintf("column %d has no name; %s", i+1, wantHeader)
		case twice:
			return fmt.Sprintf("column %s is there twice; keep one", name)
		case !known(name):
			return fmt.Sprintf("column %d is not known; %s", i+1, wantHeader)
		}
		column[name] = i
	}
	for _, name := range []string{colKey, colFrom} {
		if _, ok := column[name]; !ok {
			return fmt.Sprintf("column %s is missing; %s", name, wantHeader)
		}
	}
	_, evse := column[colEVSE]
	if _, meterID := column[colMeter]; !evse && !meterID {
		return "neither column evse_id nor meter_id is there; " + wantHeader
	}
	l.column = column
	return ""
}

func known(name string) bool {
	for _, c := range columns {
		if c == name {
			return true
		}
	}
	return false
}

// holds reports whether a row of several lines has the form of one row. The header tells its separator.
func (l *list) holds(row string) bool {
	if l.column == nil {
		return false
	}
	fields, err := l.fields(row)
	return err == nil && len(fields) <= len(l.column)
}

func (l *list) fields(row string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(row))
	r.Comma, r.FieldsPerRecord = l.comma, -1
	return r.Read()
}

func (l *list) fault(line int, record, field, text string) {
	l.faults = append(l.faults, Fault{Line: line, Record: record, Field: field, Text: text})
}

// row reads one key. All its faults are told at once.
func (l *list) row(line int, row string) {
	fields, err := l.fields(row)
	if err != nil {
		l.fault(line, "", "", "a quote stands inside a field; put the whole field in quotes or take it away")
		return
	}
	if len(fields) > len(l.column) {
		l.fault(line, "", "", fmt.Sprintf("has %d fields, the header names %d; is a separator too many?", len(fields), len(l.column)))
		return
	}
	get := func(name string) string {
		if i, ok := l.column[name]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	e := Entry{EVSE: get(colEVSE), MeterID: get(colMeter), Source: get(colSource), Line: line}
	if e.Source == "" {
		e.Source = l.source
	}
	before := len(l.faults)
	wrong := func(field, text string) { l.fault(line, nameable(e), field, text) }
	for _, t := range []struct{ field, text string }{{colEVSE, e.EVSE}, {colMeter, e.MeterID}, {colSource, e.Source}} {
		if !plain(t.text) {
			wrong(t.field, "is longer than 100 bytes or holds a character that cannot be printed; correct it")
		}
	}
	if e.Owner() == "" {
		wrong(colEVSE, "neither evse_id nor meter_id is there; say whose key it is")
	}
	if e.From, err = l.moment(get(colFrom)); err != nil {
		wrong(colFrom, err.Error())
	}
	if text := get(colUntil); text != "" {
		if e.Until, err = l.moment(text); err != nil {
			wrong(colUntil, err.Error())
		} else if !e.From.IsZero() && !e.From.Before(e.Until) {
			wrong(colUntil, "must be after valid_from; it is the first instant that is out")
		}
	}
	e, err = l.key(e, get(colKey), get(colCurve))
	if err != nil {
		wrong(colKey, err.Error())
	}
	if len(l.faults) > before {
		return
	}
	at := e.Owner() + " " + e.From.Format(time.RFC3339)
	if other, twice := l.first[at]; twice {
		wrong(colFrom, fmt.Sprintf("a key of the same owner begins at the same instant in line %d; keep one of them", other))
		return
	}
	l.first[at] = line
	l.entries = append(l.entries, e)
}

// nameable names an entry in a message, unless its name cannot be shown.
func nameable(e Entry) string {
	if !plain(e.EVSE) || !plain(e.MeterID) {
		return ""
	}
	return e.Owner()
}

// plain holds for texts that can be stored and shown.
func plain(s string) bool {
	return len(s) <= 100 && !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f || c == utf8.RuneError })
}

var errMoment = errors.New("want an instant with offset, such as 2026-10-01T00:00:00+02:00, or a date such as 2026-10-01")

// moment reads an instant, or the first one of a date in the zone.
func (l *list) moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, errors.New("is missing; " + errMoment.Error())
	}
	t, err := time.Parse(time.RFC3339, text)
	if d, dateErr := calendar.ParseDate(text); dateErr == nil {
		t, err = d.Start(l.zone), nil
	}
	if err != nil || t.Nanosecond() != 0 {
		return time.Time{}, errMoment
	}
	if y := t.UTC().Year(); y < 1990 || y > 2200 {
		return time.Time{}, errors.New("the year must be 1990 to 2200")
	}
	return t.UTC(), nil
}

// key reads the public key in any form package meter reads.
func (l *list) key(e Entry, text, curve string) (Entry, error) {
	if text == "" {
		return e, errors.New("is missing; want a public key as base64, hexadecimal or PEM")
	}
	k, err := meter.ParseKey(text, curve)
	if err != nil {
		return e, fmt.Errorf("cannot be used (%s); %s", codeOf(err), advice(codeOf(err)))
	}
	return newEntry(e, k)
}

// codeOf is the reason code of what is wrong with a key.
func codeOf(err error) string {
	var faults meter.Faults
	if errors.As(err, &faults) && len(faults) > 0 {
		return faults[0].Code
	}
	return "key-unreadable"
}

// advice says what to do about a key that cannot be used.
func advice(code string) string {
	switch code {
	case "key-degenerate":
		return "everybody knows its private key; the meter must get another one"
	case "key-off-curve":
		return "it is no point of its curve and was damaged on the way; ask for it again"
	case "curve-unsupported", "algorithm-unsupported":
		return "signatures of this kind cannot be verified by this version"
	}
	return "want a public key as base64, hexadecimal or PEM of a SubjectPublicKeyInfo, or a bare point with its curve"
}
