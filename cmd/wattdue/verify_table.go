package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"wattdue/cdr"
	"wattdue/meter"
	"wattdue/meter/evidence"
)

// verdictTable shows verdicts to people: one line per session, below it why it may not be billed, at the end what was
// noticed beside, once per kind, and a summary. Ids of customers are not shown.
type verdictTable struct {
	out      io.Writer
	profile  string
	colour   bool
	rows     []verdictRow
	notices  []noticeCount
	problems []*evidence.Problem
	aside    []*evidence.Problem
	energy   cdr.MicroKWh // of sessions that may be billed
}

// verdictRow is a line of the table and what stands below it.
type verdictRow struct {
	session evidence.Session
	cells   [4]string // session, meter, time, energy; the first is made when all are known
	word    meter.Word
	reasons []meter.Reason
}

type noticeCount struct {
	meter.Reason
	sessions int
}

func newVerdictTable(out io.Writer, profile string) *verdictTable {
	f, isFile := out.(*os.File)
	return &verdictTable{out: out, profile: profile, colour: isFile && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == ""}
}

// plainWord is a verdict in the words of a driver.
type plainWord struct{ sign, text, colour string }

// Colours of a terminal (ECMA-48, SGR).
const (
	green  = "32"
	red    = "31"
	yellow = "33"
	dim    = "2"
)

var plainWords = map[meter.Word]plainWord{
	meter.Valid:            {"✓", "genuine", green},
	meter.InvalidSignature: {"✗", "not genuine", red},
	meter.KeyMissing:       {"?", "no key to check it with", yellow},
	meter.KeyMalformed:     {"?", "wrong or damaged key", yellow},
	meter.Unsupported:      {"?", "cannot be checked here", yellow},
	meter.RecordMalformed:  {"?", "cannot be read", yellow},
	meter.NotBillable:      {"✗", "not fit for billing", red},
	meter.DisagreesOutside: {"✗", "record and meter differ", red},
}

func (t *verdictTable) verdict(s evidence.Session, v meter.Verdict) error {
	row := verdictRow{session: s, word: v.Word, cells: [4]string{"", meterCell(v), timeCell(v), "-"}}
	if isProven(v) {
		row.cells[3] = v.Energy.KWh() + " kWh"
	}
	if v.Billable() && !v.Has(seenBefore) {
		t.energy += v.Energy
	}
	seen := map[string]bool{}
	for _, r := range v.Reasons {
		if len(s.Evidence.Messages) == 1 && strings.HasPrefix(r.Reading, "value ") {
			r.Reading = ""
		}
		if !r.Notice || r.Code == seenBefore {
			row.reasons = append(row.reasons, r)
		} else if !seen[r.Code] {
			seen[r.Code] = true
			t.notice(r)
		}
	}
	t.rows = append(t.rows, row)
	return nil
}

func (t *verdictTable) notice(r meter.Reason) {
	at := slices.IndexFunc(t.notices, func(n noticeCount) bool { return n.Code == r.Code })
	if at < 0 {
		t.notices = append(t.notices, noticeCount{r, 1})
		return
	}
	t.notices[at].sessions++
}

func (t *verdictTable) problem(p *evidence.Problem) error {
	if p.Harmless {
		t.aside = append(t.aside, p)
	} else {
		t.problems = append(t.problems, p)
	}
	return nil
}

// Widths of columns at most, and of the sentences below.
const (
	maxRecordCell = 56
	maxMeterCell  = 42
	sentenceWidth = 100
)

// recordCell names a session: its file without the folder all have in common, cut at the begin where the way is long,
// and its number.
func recordCell(s evidence.Session, common string) string {
	name := shorten(s.Name, maxRecordCell*2/3)
	room := maxRecordCell - utf8.RuneCountInString(name)
	file := []rune(strings.TrimPrefix(s.File, common))
	if len(file) > room {
		file = append([]rune("…"), file[len(file)-room+1:]...)
	}
	return strings.TrimSuffix(string(file)+", "+name, ", ")
}

// commonFolder is the path that all files begin with, up to the last folder.
func commonFolder(rows []verdictRow) string {
	common := rows[0].session.File
	for _, r := range rows {
		for !strings.HasPrefix(r.session.File, common) {
			common = common[:len(common)-1]
		}
	}
	return common[:strings.LastIndexByte(common, '/')+1]
}

// meterCell names manufacturer, model and serial number, as far as the record tells. The number stays whole where the
// names must be cut.
func meterCell(v meter.Verdict) string {
	maker, number := v.Manufacturer, ""
	if v.Model != v.Manufacturer {
		maker += " " + v.Model
	}
	if v.MeterID != "" {
		number = shorten("no. "+v.MeterID, maxMeterCell)
	}
	maker = strings.TrimSpace(maker)
	room := maxMeterCell - utf8.RuneCountInString(number) - 1
	switch {
	case maker == "" || room < len(verdictHead[1]):
		return orDash(number)
	case number == "":
		return shorten(maker, maxMeterCell)
	}
	return shorten(maker, room) + " " + number
}

// firstClockYear is before the first signed record; clocks that lost their time begin at 1970 or 2000.
const firstClockYear = 2010

// timeCell shows begin and end as signed, with the zone they were signed in.
func timeCell(v meter.Verdict) string {
	begin, end := signedTime(v.Begin), signedTime(v.End)
	switch {
	case !isProven(v):
		return "-"
	case begin.Year() < firstClockYear || end.Year() < firstClockYear:
		return "clock of the meter not set"
	}
	zone := end.Format("-0700")
	if v.End.Zone == 0 {
		zone = "UTC"
	}
	if begin.Format("2006-01-02") == end.Format("2006-01-02") {
		return begin.Format("2006-01-02 15:04") + "–" + end.Format("15:04 ") + zone
	}
	return begin.Format("2006-01-02 15:04") + " – " + end.Format("2006-01-02 15:04 ") + zone
}

var verdictHead = [4]string{"SESSION", "METER", "TIME", "ENERGY"}

func (t *verdictTable) end() error {
	p := &textPrinter{w: t.out}
	if len(t.rows) > 0 {
		t.table(p)
	}
	for _, problem := range t.problems {
		p.linef("%s %s", t.paint("? "+problem.File, yellow), "could not be read")
		p.sentence("", problem.Text)
	}
	if len(t.notices) > 0 {
		p.linef("%s", t.paint("Noticed beside, without effect on the verdicts:", dim))
	}
	for _, n := range t.notices {
		p.sentence("· ", fmt.Sprintf("%s (%s, %s)", n.Text, n.Code, counted(n.sessions, "session")))
	}
	for _, problem := range t.aside {
		p.sentence("· ", problem.Error())
	}
	if len(t.rows)+len(t.problems)+len(t.aside) > 0 {
		p.linef("")
	}
	p.linef("%s", t.summary())
	return p.err
}

// table prints the rows with columns as wide as their widest cell.
func (t *verdictTable) table(p *textPrinter) {
	common := commonFolder(t.rows)
	for i, r := range t.rows {
		t.rows[i].cells[0] = recordCell(r.session, common)
	}
	var width [4]int
	for i, head := range verdictHead {
		width[i] = len(head)
		for _, r := range t.rows {
			width[i] = max(width[i], utf8.RuneCountInString(r.cells[i]))
		}
	}
	line := func(cells [4]string) string {
		return fmt.Sprintf("%-*s  %-*s  %-*s  %*s", width[0], cells[0], width[1], cells[1], width[2], cells[2], width[3], cells[3])
	}
	p.linef("%s", t.paint(line(verdictHead)+"  VERDICT", dim))
	for _, r := range t.rows {
		word := plainWords[r.word]
		p.linef("%s  %s", line(r.cells), t.paint(word.sign+" "+word.text, word.colour))
		for _, s := range sentencesOf(r.reasons) {
			p.sentence("", s)
		}
	}
	p.linef("")
}

// sentencesOf says each reason once, with the readings and the values it concerns.
func sentencesOf(reasons []meter.Reason) []string {
	var out []string
	done := map[string]bool{}
	for _, r := range reasons {
		if done[r.Code] {
			continue
		}
		done[r.Code] = true
		var where, values []string
		for _, o := range reasons {
			if o.Code != r.Code {
				continue
			}
			if o.Reading != "" && !slices.Contains(where, o.Reading) {
				where = append(where, o.Reading)
			}
			if o.Value != "" && !slices.Contains(values, o.Value) {
				values = append(values, o.Value)
			}
		}
		text := r.Text
		if len(where) > 0 {
			text = strings.Join(where, ", ") + ": " + text
		}
		if len(values) > 0 {
			text += " [" + strings.Join(values, "; ") + "]"
		}
		out = append(out, text+" ("+r.Code+")")
	}
	return out
}

// wordOrder is the order of the words in the summary.
var wordOrder = []meter.Word{
	meter.Valid, meter.InvalidSignature, meter.NotBillable, meter.DisagreesOutside, meter.KeyMissing, meter.KeyMalformed, meter.Unsupported,
	meter.RecordMalformed,
}

// summary says it in one line.
func (t *verdictTable) summary() string {
	if len(t.rows)+len(t.problems) == 0 {
		return "No signed meter values were found."
	}
	number := map[meter.Word]int{}
	for _, r := range t.rows {
		number[r.word]++
	}
	var parts []string
	for _, w := range wordOrder {
		n := number[w]
		if n == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", n, plainWords[w].text)
		if w == meter.Valid {
			part += " (" + t.energy.KWh() + " kWh)"
		}
		parts = append(parts, part)
	}
	text := counted(len(t.rows), "session")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if n := len(t.problems); n > 0 {
		text += "; " + counted(n, "file") + " could not be read"
	}
	return text + ". Judged by the profile " + t.profile + "."
}

func (t *verdictTable) paint(text, colour string) string {
	if !t.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// textPrinter writes lines and keeps the first error.
type textPrinter struct {
	w   io.Writer
	err error
}

func (p *textPrinter) linef(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// sentence writes a text indented and broken at blanks.
func (p *textPrinter) sentence(lead, text string) {
	const indent = "    "
	line := indent + lead
	begun := false
	for word := range strings.FieldsSeq(text) {
		if begun && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > sentenceWidth {
			p.linef("%s", line)
			line, begun = indent+strings.Repeat(" ", utf8.RuneCountInString(lead)), false
		}
		if begun {
			line += " "
		}
		line += word
		begun = true
	}
	p.linef("%s", line)
}
