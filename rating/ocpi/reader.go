package ocpi

import (
	"fmt"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

// source is what one reading found: the first error, and all remarks.
type source struct {
	err      error
	findings []Finding
}

func (s *source) failf(field, format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("%s: %s", field, fmt.Sprintf(format, args...))
	}
}

func (s *source) findf(flag rating.Flag, field, format string, args ...any) {
	s.findings = append(s.findings, Finding{flag, field, fmt.Sprintf(format, args...)})
}

// object is a JSON object being read, with its place in the text. A member that is missing or null reads as the zero
// value; one that cannot be what it should be is an error naming it.
type object struct {
	*source
	node node
	path string // ends with a point unless it is empty
}

func (o object) has(name string) bool {
	_, ok := o.node.get(name)
	return ok
}

func (o object) text(name string) string {
	n, ok := o.node.get(name)
	switch {
	case !ok:
		return ""
	case n.kind == '"' || n.kind == '0': // some number their ids
		return n.text
	}
	o.failf(o.path+name, "is no text; send a string")
	return ""
}

// enum reads a word of a list; case does not count.
func (o object) enum(name string) string { return strings.ToUpper(o.text(name)) }

func (o object) flag(name string) bool {
	n, ok := o.node.get(name)
	if ok && n.kind != 't' && n.kind != 'f' {
		o.failf(o.path+name, "is neither true nor false")
	}
	return n.kind == 't'
}

// number reads a number, also one sent as a string.
func (o object) number(name string) (number, bool) {
	n, ok := o.node.get(name)
	if !ok {
		return number{}, false
	}
	d, good := parseNumber(n.text)
	if !good || n.kind != '0' && n.kind != '"' {
		o.failf(o.path+name, "%s is no number; send a decimal such as 0.25", quoted(n.text))
		return number{}, false
	}
	return d, true
}

// fixed reads a number in units of the last of so many decimals. Further digits are rounded off with a remark: numbers of
// OCPI have four decimals.
func (o object) fixed(name string, decimals int, largest int64) (int64, bool) {
	d, ok := o.number(name)
	if !ok {
		return 0, false
	}
	v, exact, fits := d.fixed(decimals)
	if !fits || v > largest || v < -largest {
		o.failf(o.path+name, "%s is too large to be true; check the unit", quoted(o.node.must(name)))
		return 0, false
	}
	if !exact {
		o.findf("", o.path+name, "%s has more than %d decimals and was rounded", quoted(o.node.must(name)), decimals)
	}
	return v, true
}

func (n node) must(name string) string {
	v, _ := n.get(name)
	return v.text
}

// The largest values that are believed. Sums of as many periods as are read stay within their integers.
const (
	maxPrice  = 1_000_000_000_000   // millionths: a million currency units
	maxEnergy = 100_000_000_000_000 // micro-kWh: 100 GWh
	maxStep   = 1_000_000_000       // Wh or seconds
)

func (o object) energy(name string) (cdr.MicroKWh, bool) {
	v, ok := o.fixed(name, 6, maxEnergy)
	if v < 0 {
		o.failf(o.path+name, "is negative; energy given back has a dimension of its own, ask the sender to correct it")
	}
	return cdr.MicroKWh(v), ok
}

// hours reads a duration in hours, snapped to the nearest second.
func (o object) hours(name string) (time.Duration, bool) {
	d, ok := o.number(name)
	if !ok {
		return 0, false
	}
	v, fits := d.seconds()
	if !fits {
		o.failf(o.path+name, "%s is too large to be true; the unit is hours", quoted(o.node.must(name)))
	}
	if v < 0 {
		o.failf(o.path+name, "is negative; ask the sender to correct it")
	}
	return time.Duration(v) * time.Second, fits
}

// whole reads a number that must be a whole one from 0 on.
func (o object) whole(name string, largest int64) int64 {
	d, ok := o.number(name)
	if !ok {
		return 0
	}
	v, exact, fits := d.fixed(0)
	if !exact || !fits || v < 0 || v > largest {
		o.failf(o.path+name, "%s is no whole number from 0 to %d", quoted(o.node.must(name)), largest)
		return 0
	}
	return v
}

func (o object) sum(name string) Sum {
	v, ok := o.fixed(name, 6, maxPrice/2)
	if !ok {
		return Sum{}
	}
	return Known(money.Exact(v) * (money.ExactUnit / 1_000_000))
}

// timeForms are the forms of a DateTime, after blanks and lower case are put right. Without a zone it is UTC (module types).
var timeForms = [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"}

func (o object) time(name string) time.Time {
	text := o.text(name)
	if text == "" {
		return time.Time{}
	}
	text = strings.Replace(strings.ToUpper(text), " ", "T", 1)
	for _, layout := range timeForms {
		if t, err := time.Parse(layout, text); err == nil && !t.IsZero() {
			return t.UTC()
		}
	}
	o.failf(o.path+name, "%s is no date and time; send it as 2026-10-31T18:30:00Z", quoted(text))
	return time.Time{}
}

func (o object) currency(name string) money.Currency {
	code := o.enum(name)
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		o.failf(o.path+name, "%s is no currency; send an ISO 4217 code such as EUR", quoted(code))
	}
	return money.Currency(code)
}

// child reads an object below this one.
func (o object) child(name string) (object, bool) {
	n, ok := o.node.get(name)
	if ok && n.kind != '{' {
		o.failf(o.path+name, "is no object")
		return object{}, false
	}
	return object{o.source, n, o.path + name + "."}, ok
}

// each reads the objects of a list.
func (o object) each(name string, most int, read func(object)) {
	n, ok := o.node.get(name)
	switch {
	case !ok:
		return
	case n.kind != '[':
		o.failf(o.path+name, "is no list")
		return
	case len(n.items) > most:
		o.failf(o.path+name, "has %d entries; at most %d are read", len(n.items), most)
		return
	}
	for i, item := range n.items {
		path := fmt.Sprintf("%s%s[%d]", o.path, name, i)
		if item.kind != '{' {
			o.failf(path, "is no object")
			return
		}
		read(object{o.source, item, path + "."})
		if o.err != nil {
			return
		}
	}
}
