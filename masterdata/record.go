package masterdata

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wattdue/calendar"
)

// record reads the members of one JSON object and notes what is wrong with them. A member that is wrong reads as zero.
type record struct {
	p       *parser
	line    int
	at      string // where it stands in its record, such as "address."
	members []member
	asked   []string
	broken  bool // it is no object; nothing more is said about it
}

// record opens an object that stands at a place of the present record.
func (p *parser) record(v value, at string) *record {
	r := &record{p: p, line: v.line, at: at}
	if v.kind != isObject {
		r.broken = true
		p.fault(v.line, strings.TrimSuffix(at, "."), "want an object in braces")
		return r
	}
	for _, m := range v.members {
		if slices.ContainsFunc(r.members, func(o member) bool { return o.name == m.name }) {
			p.fault(m.line, at+nameOf(m.name), "the member is there twice; keep one")
			continue
		}
		r.members = append(r.members, m)
	}
	return r
}

// close notes the members nobody asked for.
func (r *record) close() {
	for _, m := range r.members {
		if !slices.Contains(r.asked, m.name) {
			r.p.fault(m.line, r.at+nameOf(m.name), "no such member; take it out or correct its name")
		}
	}
}

// nameOf shows the name of a member, which may be anything.
func nameOf(s string) string {
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	if s == "" || strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) || c == ' ' || c == '"' }) {
		return strconv.Quote(s)
	}
	return s
}

// find returns a member, if it is there.
func (r *record) find(name string) (member, bool) {
	r.asked = append(r.asked, name)
	for _, m := range r.members {
		if m.name == name {
			return m, true
		}
	}
	return member{line: r.line}, false
}

// need returns a member of a type; want says which, and how it is written.
func (r *record) need(name string, k kind, want string) (member, bool) {
	m, there := r.find(name)
	if !there {
		r.missing(name, want)
		return m, false
	}
	return m, r.typed(m, k, want)
}

// may returns a member of a type if it is there.
func (r *record) may(name string, k kind, want string) (member, bool) {
	m, there := r.find(name)
	return m, there && r.typed(m, k, want)
}

func (r *record) missing(name, want string) {
	if !r.broken {
		r.p.fault(r.line, r.at+name, "is missing; want "+want)
	}
}

func (r *record) typed(m member, k kind, want string) bool {
	if m.value.kind == k {
		return true
	}
	text := "want " + want
	if m.value.kind == isNull {
		text += ", or leave the member out"
	}
	r.p.fault(m.line, r.at+m.name, text)
	return false
}

func (r *record) wrongf(m member, format string, args ...any) {
	r.p.fault(m.line, r.at+m.name, fmt.Sprintf(format, args...))
}

// longest bounds a text.
const longest = 200

const anyText = "a text"

// text reads a mandatory text.
func (r *record) text(name string) string {
	m, ok := r.need(name, isText, anyText)
	if !ok {
		return ""
	}
	return r.clean(m)
}

// textOr reads a text that may be left out.
func (r *record) textOr(name string) string {
	m, ok := r.may(name, isText, anyText)
	if !ok {
		return ""
	}
	return r.clean(m)
}

// clean refuses what no text of master data should hold.
func (r *record) clean(m member) string {
	s := m.value.text
	switch {
	case s == "":
		r.wrongf(m, "is empty; fill it in or leave the member out")
	case strings.TrimSpace(s) != s:
		r.wrongf(m, "has a blank at an end; take it away")
	case strings.ContainsFunc(s, func(c rune) bool { return unicode.IsControl(c) || c == unicode.ReplacementChar }):
		r.wrongf(m, "holds a character that cannot be printed; take it away")
	case len(s) > longest:
		r.wrongf(m, "is longer than %d bytes; shorten it", longest)
	default:
		return s
	}
	return ""
}

// checked reads a mandatory text of a certain form.
func (r *record) checked(name string, good func(string) bool, want string) string {
	m, ok := r.need(name, isText, want)
	return r.check(m, ok, good, want)
}

// checkedOr reads a text of a certain form that may be left out.
func (r *record) checkedOr(name string, good func(string) bool, want string) string {
	m, ok := r.may(name, isText, want)
	return r.check(m, ok, good, want)
}

func (r *record) check(m member, ok bool, good func(string) bool, want string) string {
	if !ok {
		return ""
	}
	if s := m.value.text; good(s) {
		return s
	}
	r.wrongf(m, "want %s", want)
	return ""
}

// proven reads a text that a function of another package checks; the function returns the form to keep and what is wrong.
func (r *record) proven(m member, ok bool, check func(string) (string, string)) string {
	if !ok {
		return ""
	}
	kept, fault := check(m.value.text)
	if fault != "" {
		r.wrongf(m, "%s", fault)
		return ""
	}
	return kept
}

const wantDate = "a date such as 2026-10-31"

func (r *record) date(name string) calendar.Date {
	m, ok := r.need(name, isText, wantDate)
	return r.dateOf(m, ok)
}

func (r *record) dateOr(name string) calendar.Date {
	m, ok := r.may(name, isText, wantDate)
	return r.dateOf(m, ok)
}

func (r *record) dateOf(m member, ok bool) calendar.Date {
	if !ok {
		return calendar.Date{}
	}
	d, err := calendar.ParseDate(m.value.text)
	switch {
	case err != nil:
		r.wrongf(m, "want %s", wantDate)
	case !plausible(d.Year):
		r.wrongf(m, "the year must be %d to %d", firstYear, lastYear)
	default:
		return d
	}
	return calendar.Date{}
}

// firstYear and lastYear catch years with a digit wrong.
const (
	firstYear = 1950
	lastYear  = 2200
)

func plausible(year int) bool { return year >= firstYear && year <= lastYear }

const wantInstant = "an instant with offset, in whole seconds, such as 2026-10-01T00:00:00+02:00"

// span reads valid_from and valid_until, which may be left out. One that ends where it begins is good only where it means
// never.
func (r *record) span(never bool) (from, until time.Time) {
	m, ok := r.need("valid_from", isText, wantInstant)
	from = r.instantOf(m, ok)
	m, ok = r.may("valid_until", isText, wantInstant)
	until = r.instantOf(m, ok)
	if !from.IsZero() && !until.IsZero() && !from.Before(until) && !(never && from.Equal(until)) {
		r.p.fault(r.line, r.at+"valid_until", "must be after valid_from; it is the first instant that is out")
	}
	return from, until
}

func (r *record) instantOf(m member, ok bool) time.Time {
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, m.value.text)
	switch {
	case err != nil || t.Nanosecond() != 0:
		r.wrongf(m, "want %s", wantInstant)
	case !plausible(t.UTC().Year()):
		r.wrongf(m, "the year must be %d to %d", firstYear, lastYear)
	default:
		return t.UTC()
	}
	return time.Time{}
}

// whole reads a mandatory whole number within bounds.
func (r *record) whole(name string, least, most int) int {
	m, ok := r.need(name, isNumber, wantWhole(least, most))
	return r.wholeOf(m, ok, least, most)
}

func (r *record) wholeOr(name string, least, most int) int {
	m, ok := r.may(name, isNumber, wantWhole(least, most))
	return r.wholeOf(m, ok, least, most)
}

func wantWhole(least, most int) string {
	return fmt.Sprintf("a whole number of %d to %d", least, most)
}

func (r *record) wholeOf(m member, ok bool, least, most int) int {
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(m.value.text)
	if err != nil || n < least || n > most {
		r.wrongf(m, "want %s", wantWhole(least, most))
		return 0
	}
	return n
}

// truthOr reads true or false; left out it is false.
func (r *record) truthOr(name string) bool {
	m, ok := r.may(name, isTruth, "true or false")
	return ok && m.value.truth
}

// texts reads a list of texts that may be left out, none of them twice.
func (r *record) texts(name string) []string {
	const want = "a list of texts"
	m, ok := r.may(name, isList, want)
	if !ok {
		return nil
	}
	var list []string
	for _, v := range m.value.list {
		if v.kind != isText {
			r.p.fault(v.line, r.at+name, "want "+want)
			return nil
		}
		s := r.clean(member{name: name, line: v.line, value: v})
		if s == "" {
			return nil
		}
		if slices.Contains(list, s) {
			r.p.fault(v.line, r.at+name, "the list has an entry twice; keep one")
			return nil
		}
		list = append(list, s)
	}
	return list
}

// part opens a mandatory object inside the record.
func (r *record) part(name string) *record {
	m, there := r.find(name)
	if !there {
		r.missing(name, "an object in braces")
		return &record{p: r.p, broken: true}
	}
	return r.p.record(m.value, r.at+name+".")
}

// parts opens the objects of a list that may be left out.
func (r *record) parts(name string) []*record {
	m, ok := r.may(name, isList, "a list of objects")
	if !ok {
		return nil
	}
	list := make([]*record, len(m.value.list))
	for i, v := range m.value.list {
		list[i] = r.p.record(v, fmt.Sprintf("%s%s %d.", r.at, name, i+1))
	}
	return list
}
