package meter

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// proof is the pair of readings that proves a session.
type proof struct {
	begin, end         *Entry
	beginFrom, endFrom *Message
	values             []*signedValue // all of the record, as sent, without repetitions
	entries            []*Entry       // all readings of the billed register
}

// register identifies what a reading counts.
type register struct{ obis, unit string }

// session finds the begin and the end reading among all values. Only what is signed decides; the nature beside a
// value is compared and otherwise ignored. ok is false when there is no such pair.
func (x *examination) session() (proof, bool) {
	values := x.distinct()
	var begins, ends []register
	for _, v := range values {
		b, e := v.message.registers()
		x.compareNature(v, len(b) > 0, len(e) > 0)
		begins, ends = append(begins, b...), append(ends, e...)
	}
	if len(begins) == 0 {
		x.add("begin-missing", "begin", "")
	}
	if len(ends) == 0 {
		x.add("end-missing", "end", "")
	}
	if len(begins) == 0 || len(ends) == 0 {
		return proof{}, false
	}
	billed, ok := x.chooseRegister(begins, ends)
	if !ok {
		return proof{}, false
	}
	return x.pair(values, billed)
}

// distinct leaves out values that repeat the signed bytes of an earlier one: some senders put the record that
// holds both readings into Start and End. The same signed content twice proves what it proves once.
func (x *examination) distinct() []*signedValue {
	values := make([]*signedValue, 0, len(x.values))
	for i := range x.values {
		v := &x.values[i]
		if slices.ContainsFunc(values, func(o *signedValue) bool { return bytes.Equal(o.message.Signed, v.message.Signed) }) {
			x.add("value-repeated", v.label, "")
			continue
		}
		values = append(values, v)
	}
	return values
}

// registers lists what begins and what ends in the message.
func (m *Message) registers() (begins, ends []register) {
	for _, e := range m.Entries {
		switch r := (register{e.OBIS, e.Unit}); {
		case e.Tx.IsBegin():
			begins = append(begins, r)
		case e.Tx.IsEnd():
			ends = append(ends, r)
		}
	}
	return begins, ends
}

func (x *examination) compareNature(v *signedValue, begins, ends bool) {
	nature := v.carried.Nature
	if strings.EqualFold(nature, "Start") && !begins || strings.EqualFold(nature, "End") && !ends ||
		strings.EqualFold(nature, "Intermediate") && (begins || ends) {
		x.add("nature-contradicts", v.label, clean(nature))
	}
}

// chooseRegister picks the first register of energy taken that stands in begin and end with the same name and
// unit. Others, such as energy fed back or elapsed seconds, stand beside it and are not billed.
func (x *examination) chooseRegister(begins, ends []register) (register, bool) {
	code, value := "register-differs", fmt.Sprintf("begin %s, end %s", begins[0].obis, ends[0].obis)
	for _, r := range begins {
		if !slices.Contains(ends, r) {
			continue
		}
		if _, known := unitExponent(r.unit); !known {
			code, value = "unit-unknown", r.unit
			continue
		}
		if isExport(r.obis) {
			code, value = "register-export", r.obis
			continue
		}
		return r, true
	}
	x.add(code, "", clean(value))
	return register{}, false
}

// isExport reports a register of energy fed back: group C is 2 (IEC 62056-61) or C0 to C3 (OCMF 1.4).
func isExport(obis string) bool {
	_, rest, ok := strings.Cut(obis, ":")
	if !ok {
		return false
	}
	group, _, _ := strings.Cut(rest, ".")
	switch strings.ToUpper(strings.TrimLeft(group, "0")) {
	case "2", "C0", "C1", "C2", "C3":
		return true
	}
	return false
}

// pair finds the one begin and the one end of the billed register.
func (x *examination) pair(values []*signedValue, billed register) (proof, bool) {
	p := proof{values: values}
	single := true
	for _, v := range values {
		m := &v.message
		for j := range m.Entries {
			e := &m.Entries[j]
			if (register{e.OBIS, e.Unit}) != billed {
				continue
			}
			p.entries = append(p.entries, e)
			switch {
			case e.Tx.IsBegin() && p.begin != nil:
				single = x.repeatedBegin(&p, m, e) && single
			case e.Tx.IsBegin():
				p.begin, p.beginFrom = e, m
			case e.Tx.IsEnd() && p.end != nil:
				x.add("end-twice", "end", "")
				single = false
			case e.Tx.IsEnd():
				p.end, p.endFrom = e, m
			}
		}
	}
	return p, single
}

// repeatedBegin accepts a begin reading that is signed a second time with the same content: some charge points
// sign the begin alone at the start and again together with the end.
func (x *examination) repeatedBegin(p *proof, m *Message, e *Entry) bool {
	if m != p.beginFrom && *e == *p.begin {
		x.addOnce("begin-repeated", "")
		return true
	}
	x.add("begin-twice", "begin", "")
	return false
}

// page is a pagination: one counter per letter.
type page struct {
	letter byte
	number uint64
}

func parsePage(s string) (page, bool) {
	if len(s) < 2 {
		return page{}, false
	}
	n, err := strconv.ParseUint(s[1:], 10, 63)
	return page{s[0], n}, err == nil && s[0] >= 'A' && s[0] <= 'Z'
}

// judgePages demands that records of one session follow each other without a gap: begin first, end last. A single
// record needs no neighbour.
func (x *examination) judgePages(p proof) {
	if len(p.values) == 1 {
		return
	}
	pages := make([]page, len(p.values))
	for i, v := range p.values {
		var ok bool
		if pages[i], ok = parsePage(v.message.Page); !ok {
			x.add("page-unreadable", v.label, clean(v.message.Page))
			return
		}
	}
	begin, _ := parsePage(p.beginFrom.Page)
	end, _ := parsePage(p.endFrom.Page)
	slices.SortFunc(pages, func(a, b page) int {
		if a.letter != b.letter {
			return int(a.letter) - int(b.letter)
		}
		return cmp.Compare(a.number, b.number)
	})
	ordered := p.beginFrom == p.endFrom || begin == pages[0] && end == pages[len(pages)-1]
	for i := 1; i < len(pages); i++ {
		ordered = ordered && pages[i] == page{pages[i-1].letter, pages[i-1].number + 1}
	}
	if !ordered {
		x.add("page-gap", "", clean(p.beginFrom.Page+" to "+p.endFrom.Page))
	}
}
