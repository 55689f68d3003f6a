package meter

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// proof is the pair of readings that proves a session.
type proof struct {
	begin, end         *Entry
	beginFrom, endFrom *Message
	values             []*signedValue // all of the record, as sent, without repetitions
	entries            []*Entry       // all readings of the billed register
}

// session finds the begin and the end reading among all values. Only what is signed decides; the role beside a
// value is compared and otherwise ignored, unless the format signs no role at all. ok is false when there is no such
// pair.
func (x *examination) session() (proof, bool) {
	values := x.distinct()
	x.assignRoles(values)
	var begins, ends []register
	for _, v := range values {
		b, e := v.message.registers()
		x.compareRole(v, len(b) > 0, len(e) > 0)
		begins, ends = append(begins, b...), append(ends, e...)
	}
	if len(begins) == 0 {
		x.add("begin-missing", "begin", "")
	}
	if len(ends) == 0 {
		x.add("end-missing", "end", "")
	}
	if len(begins) == 0 || len(ends) == 0 {
		if len(values) < len(x.values) {
			x.add("value-duplicate", "", "")
		}
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

// assignRoles gives readings without a signed role their place in the session. With several messages their signed order
// decides: the first begins, the last ends. A message alone has only the word of its container.
func (x *examination) assignRoles(values []*signedValue) {
	var silent []*signedValue
	for _, v := range values {
		if v.message.isSilent() {
			silent = append(silent, v)
		}
	}
	if len(silent) == 0 || len(silent) < len(values) {
		return
	}
	slices.SortStableFunc(silent, func(a, b *signedValue) int { return compareOrder(&a.message, &b.message) })
	for i, v := range silent {
		role := TxCharge
		switch {
		case len(silent) == 1 && v.message.Outer.Role == RoleBegin, len(silent) > 1 && i == 0:
			role = TxBegin
		case len(silent) == 1 && v.message.Outer.Role == RoleEnd, len(silent) > 1 && i == len(silent)-1:
			role = TxEnd
		}
		v.message.Entries = slices.Clone(v.message.Entries)
		for j := range v.message.Entries {
			v.message.Entries[j].Tx = role
		}
		if v.message.Format == "OCMF" {
			x.add("role-unsigned", v.label, "")
		}
	}
}

// isSilent reports that no reading of the message says what it was taken for.
func (m *Message) isSilent() bool {
	return !slices.ContainsFunc(m.Entries, func(e Entry) bool { return e.Tx != "" })
}

// compareOrder orders two messages of one meter by what they sign: page, running seconds, time, value.
func compareOrder(a, b *Message) int {
	if a.Page.Read && b.Page.Read && a.Page.Number != b.Page.Number {
		return cmp.Compare(a.Page.Number, b.Page.Number)
	}
	if len(a.Entries) == 0 || len(b.Entries) == 0 {
		return len(a.Entries) - len(b.Entries)
	}
	e, f := &a.Entries[0], &b.Entries[0]
	if e.Counted && f.Counted && e.Seconds != f.Seconds {
		return cmp.Compare(e.Seconds, f.Seconds)
	}
	if c := e.Time.Compare(f.Time); c != 0 {
		return c
	}
	return e.Value.Cmp(f.Value)
}

// registers lists what begins and what ends in the message.
func (m *Message) registers() (begins, ends []register) {
	for i := range m.Entries {
		switch e := &m.Entries[i]; {
		case e.Tx.IsBegin():
			begins = append(begins, e.register())
		case e.Tx.IsEnd():
			ends = append(ends, e.register())
		}
	}
	return begins, ends
}

func (x *examination) compareRole(v *signedValue, begins, ends bool) {
	role := v.message.Outer.Role
	if role == RoleBegin && !begins || role == RoleEnd && !ends || role == RoleIntermediate && (begins || ends) {
		x.add("nature-contradicts", v.label, string(role))
	}
}

// chooseRegister picks the register of energy taken that stands in begin and end with the same name, unit and scale: the
// first that counts behind the cable, where its loss is taken off, else the first. Others, such as energy fed back or
// elapsed seconds, stand beside it and are not billed.
func (x *examination) chooseRegister(begins, ends []register) (register, bool) {
	code, value := "register-differs", fmt.Sprintf("begin %s, end %s", begins[0].obis, ends[0].obis)
	ended := make(map[register]bool, len(ends))
	for _, r := range ends {
		ended[r] = true
	}
	var before register // the loss of the cable
	for _, r := range begins {
		if !ended[r] {
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
		if isCompensated(r.obis) {
			return r, true
		}
		if before == (register{}) {
			before = r
		}
	}
	if before != (register{}) {
		return before, true
	}
	x.add(code, "", clean(value))
	return register{}, false
}

// isExport reports a register of energy fed back: group C is 2 (IEC 62056-61) or C0 to C3 (OCMF 1.4).
func isExport(obis string) bool {
	switch groupC(obis) {
	case "2", "C0", "C1", "C2", "C3":
		return true
	}
	return false
}

// isCompensated reports a register of energy taken from which the loss of the cable is taken off already (OCMF 1.4, RI).
func isCompensated(obis string) bool {
	switch groupC(obis) {
	case "98", "9E", "B1", "B3":
		return true
	}
	return false
}

// groupC returns the third group of an OBIS code, what is counted. The groups A and B before it may be left out.
func groupC(obis string) string {
	group, _, _ := strings.Cut(obis[strings.LastIndexAny(obis, ":-")+1:], ".")
	return strings.ToUpper(strings.TrimLeft(group, "0"))
}

// pair finds the one begin and the one end of the billed register.
func (x *examination) pair(values []*signedValue, billed register) (proof, bool) {
	p := proof{values: values}
	single := true
	for _, v := range values {
		m := &v.message
		for j := range m.Entries {
			e := &m.Entries[j]
			if e.register() != billed {
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

// judgePages demands that the records of one session follow each other as their format says: begin first, end last. A
// single record needs no neighbour.
func (x *examination) judgePages(p proof) {
	if len(p.values) == 1 || p.beginFrom.Page.Rule == PageNone {
		return
	}
	pages := make([]Page, len(p.values))
	for i, v := range p.values {
		pages[i] = v.message.Page
		if !pages[i].Read {
			x.add("page-unreadable", v.label, clean(pages[i].Text))
			return
		}
	}
	slices.SortFunc(pages, func(a, b Page) int {
		return cmp.Or(cmp.Compare(a.Counter, b.Counter), cmp.Compare(a.Number, b.Number))
	})
	begin, end := p.beginFrom.Page, p.endFrom.Page
	bound := p.beginFrom.User.Since != "" // the moment the customer came stands in all of them
	ordered := p.beginFrom == p.endFrom || begin.same(pages[0]) && end.same(pages[len(pages)-1])
	for i := 1; i < len(pages); i++ {
		ordered = ordered && pages[i-1].before(pages[i], bound)
	}
	if !ordered {
		x.add("page-gap", "", clean(begin.Text+" to "+end.Text))
	}
}

func (p Page) same(o Page) bool { return p.Counter == o.Counter && p.Number == o.Number }

// before reports whether the page o may follow p within one session. Pages of other sessions may lie between only where
// something else than the pages binds the records of one together.
func (p Page) before(o Page, bound bool) bool {
	if p.Counter != o.Counter {
		return false
	}
	if p.Rule == PageRising && bound {
		return p.Number < o.Number
	}
	return p.Number+1 == o.Number
}
