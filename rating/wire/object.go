package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wattdue/pricelist"
)

// parser collects what is wrong while it reads.
type parser struct {
	file   string
	look   Lookups
	faults pricelist.Faults
}

// mostFaults bounds the list: whoever sees a hundred has the wrong file.
const mostFaults = 100

func (p *parser) faultf(line int, field, format string, args ...any) {
	if len(p.faults) < mostFaults {
		p.faults = append(p.faults, pricelist.Fault{File: p.file, Line: line, Field: field, Text: fmt.Sprintf(format, args...)})
	}
}

// object reads the members of a JSON object. A member that is wrong reads as zero.
type object struct {
	p       *parser
	line    int
	at      string // where it stands, such as "contract."
	members []member
	asked   []string
}

// object opens an object. What is no object is a fault.
func (p *parser) object(v value, at string) *object {
	o := &object{p: p, line: v.line, at: at}
	if v.kind != isObject {
		p.faultf(v.line, strings.TrimSuffix(at, "."), "want an object in braces")
		return nil
	}
	for _, m := range v.members {
		if slices.ContainsFunc(o.members, func(other member) bool { return other.name == m.name }) {
			p.faultf(m.line, at+nameOf(m.name), "is there twice; keep one")
			continue
		}
		o.members = append(o.members, m)
	}
	return o
}

// close notes the members nobody asked for.
func (o *object) close() {
	for _, m := range o.members {
		if slices.Contains(o.asked, m.name) {
			continue
		}
		o.p.faultf(m.line, o.at+nameOf(m.name), "no such member%s", o.instead(m.name))
	}
}

// instead says which member was meant: one that is the name with its unit, or one that is spelt nearly like it.
func (o *object) instead(name string) string {
	for _, known := range o.asked {
		if strings.HasPrefix(known, strings.ToLower(name)+"_") {
			return "; write " + known
		}
	}
	return pricelist.Instead(name, o.asked)
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

// find returns a member that is there. One that is null counts as left out.
func (o *object) find(name string) (member, bool) {
	if !slices.Contains(o.asked, name) {
		o.asked = append(o.asked, name)
	}
	for _, m := range o.members {
		if m.name == name {
			return m, m.value.kind != isNull
		}
	}
	return member{}, false
}

func (o *object) wrongf(m member, format string, args ...any) {
	o.p.faultf(m.line, o.at+m.name, format, args...)
}

// need notes a member that is mandatory and not there.
func (o *object) need(name, want string) (member, bool) {
	m, ok := o.find(name)
	if !ok {
		o.p.faultf(o.line, o.at+name, "is missing; want %s", want)
	}
	return m, ok
}

// longest bounds a text.
const longest = 200

func (o *object) text(name string) string {
	m, ok := o.find(name)
	switch {
	case !ok:
	case m.value.kind != isText:
		o.wrongf(m, "want a text in quotes")
	case m.value.text == "":
		o.wrongf(m, "is empty; fill it in or leave the member out")
	case len(m.value.text) > longest, strings.ContainsFunc(m.value.text, unicode.IsControl):
		o.wrongf(m, "is longer than %d bytes or holds a character that cannot be printed; correct it", longest)
	default:
		return m.value.text
	}
	return ""
}

// word reads a text that is one of some words.
func (o *object) word(name string, words ...string) string {
	m, ok := o.find(name)
	switch {
	case !ok:
	case m.value.kind == isText && slices.Contains(words, m.value.text):
		return m.value.text
	default:
		o.wrongf(m, "want %s", oneOf(words))
	}
	return ""
}

func oneOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	last := len(quoted) - 1
	if last == 0 {
		return quoted[0]
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// truth reads true or false; left out it is what it would be anyway.
func (o *object) truth(name string, otherwise bool) bool {
	m, ok := o.find(name)
	switch {
	case !ok:
	case m.value.kind != isTruth:
		o.wrongf(m, "want true or false, without quotes")
	default:
		return m.value.truth
	}
	return otherwise
}

const wantInstant = `an instant with its offset, such as "2026-10-05T21:30:00+02:00"`

func (o *object) instant(m member, ok bool) time.Time {
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, m.value.text)
	switch {
	case m.value.kind != isText, err != nil:
		if _, err := time.Parse("2006-01-02T15:04:05", strings.Replace(m.value.text, " ", "T", 1)); err == nil {
			o.wrongf(m, "has no offset, so it could be any hour; want %s", wantInstant)
		} else {
			o.wrongf(m, "want %s", wantInstant)
		}
	case t.UTC().Year() < 2000 || t.UTC().Year() > 2200:
		o.wrongf(m, "the year must be 2000 to 2200")
	default:
		return t.UTC()
	}
	return time.Time{}
}

const wantDuration = `a duration such as "15m", "90s" or "1h30m"`

func (o *object) duration(name string) time.Duration {
	m, ok := o.find(name)
	if !ok {
		return 0
	}
	text := strings.NewReplacer(" ", "", "min", "m").Replace(m.value.text)
	d, err := time.ParseDuration(text)
	switch {
	case m.value.kind == isNumber:
		o.wrongf(m, "%s has no unit; want %s", nameOf(m.value.text), wantDuration)
	case m.value.kind != isText, err != nil, strings.ContainsAny(text, ".µu"), d%time.Second != 0:
		o.wrongf(m, "want %s, in whole seconds", wantDuration)
	default:
		return d
	}
	return 0
}

// list reads a list, and calls a function with each of its values and its place.
func (o *object) list(name, want string, each func(v value, at string)) {
	m, ok := o.find(name)
	switch {
	case !ok:
	case m.value.kind != isList:
		o.wrongf(m, "want %s in brackets", want)
	default:
		for i, v := range m.value.list {
			each(v, fmt.Sprintf("%s%s[%d]", o.at, name, i))
		}
	}
}

func (o *object) texts(name string) []string {
	var list []string
	o.list(name, `a list of texts, such as ["gold", "staff"],`, func(v value, at string) {
		switch {
		case v.kind != isText || v.text == "" || len(v.text) > longest:
			o.p.faultf(v.line, at, "want a text in quotes")
		case slices.Contains(list, v.text):
			o.p.faultf(v.line, at, "is there twice; keep one")
		default:
			list = append(list, v.text)
		}
	})
	return list
}
