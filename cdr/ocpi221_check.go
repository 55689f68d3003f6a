package cdr

import (
	"strings"
	"time"
	"unicode/utf8"
)

// check applies the rules that need more than one field. A rule whose fields are already at fault is passed over.
func (p *ocpiParser) check() {
	if p.wide && !utf8.Valid(p.b[:p.i]) {
		// Everything else about the record is doubtful then, so this is its first fault.
		p.faults = append([]fault{{CodeEncoding, "", "is not UTF-8 (RFC 8259, section 8.1); ask the sender to export it as UTF-8"}}, p.faults...)
	}
	p.checkSender()
	p.checkTimes()
	p.checkCredit()
	r := &p.rec
	// Both are rounded on their own, so one second of difference proves nothing.
	if r.Parking > r.Duration+time.Second && !p.faulty("total_time") {
		p.fail(CodeValue, fParking.name, "longer than total_time, of which it is a part; ask the sender to correct it")
	}
}

func (p *ocpiParser) checkSender() {
	r := &p.rec
	if r.Country != "" && (len(r.Country) != 2 || strings.Trim(r.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		p.fail(CodeValue, fCountry.name, "not a country code of two letters, such as DE")
	}
	if len(r.Party) > 3 {
		p.fail(CodeValue, fParty.name, "longer than the three characters of a party id")
	}
	if r.ID != "" && !printable(r.ID) {
		p.fail(CodeValue, fID.name, "contains a control character; ask the sender to correct it")
		r.ID = ""
	}
}

// checkTimes keeps implausible instants away from the monthly partitions they would be routed to.
func (p *ocpiParser) checkTimes() {
	r, l := &p.rec, p.limits
	if !r.Start.IsZero() && r.Start.Before(l.Earliest) {
		p.fail(CodeTime, fStart.name, "is "+stamp(r.Start)+", before "+stamp(l.Earliest)+
			"; the clock of the charge point was probably not set, ask the sender to correct it")
	}
	if !r.End.IsZero() && !l.Latest.IsZero() && r.End.After(l.Latest) {
		p.fail(CodeTime, fEnd.name, "is "+stamp(r.End)+", after "+stamp(l.Latest)+"; ask the sender to correct it")
	}
	if r.Start.IsZero() || r.End.IsZero() {
		return
	}
	switch d := r.End.Sub(r.Start); {
	case d < 0:
		p.fail(CodeOrder, fEnd.name, "end "+stamp(r.End)+" lies before start "+stamp(r.Start)+"; ask the sender to correct it")
	case d > l.MaxSession:
		p.fail(CodeTooLong, fEnd.name, "the session lasts from "+stamp(r.Start)+" to "+stamp(r.End)+", longer than "+
			l.MaxSession.String()+"; ask the sender whether that is true")
	case r.Duration > l.MaxSession:
		p.fail(CodeTooLong, fTime.name, "longer than "+l.MaxSession.String()+"; check the unit, it must be hours")
	}
}

// checkCredit applies the rules of credit CDRs (OCPI 2.2.1, module CDRs, "Credit CDRs"): they name what they
// cancel, and only they have negative costs.
func (p *ocpiParser) checkCredit() {
	r := &p.rec
	if r.Credit && r.CreditRef == "" && !p.faulty(fCreditRef.name) {
		p.fail(CodeCredit, fCreditRef.name, "a credit without the id of the record it cancels; ask the sender for it")
	}
	if r.Credit || p.faulty(fCredit.name) {
		return
	}
	for _, side := range [...]struct {
		f    field
		text string
	}{{fExcl, r.StatedExcl}, {fIncl, r.StatedIncl}} {
		if d, ok := parseDecimal([]byte(side.text)); ok && d.negative() {
			p.fail(CodeNegative, fCost.name+"."+side.f.name, "negative cost without credit=true; a cancellation must be a credit record")
			return
		}
	}
}

// faulty reports whether a field, or a member of it, already has a fault.
func (p *fieldReader) faulty(name string) bool {
	for _, f := range p.faults {
		if rest, ok := strings.CutPrefix(f.field, name); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// reject sums up the faults of the record in one line, the first one in full. ok is false when there are none.
func (p *fieldReader) reject() (r Reject, ok bool) {
	if len(p.faults) == 0 {
		return Reject{}, false
	}
	first := p.faults[0]
	r = Reject{Code: first.code, Field: first.field, Detail: first.detail}
	const shown = 5
	var more []string
	seen := map[string]bool{first.field: true}
	for _, f := range p.faults[1:] {
		if !seen[f.field] {
			seen[f.field] = true
			more = append(more, f.field+" ("+f.code+")")
		}
	}
	if len(more) > shown {
		more = append(more[:shown], "...")
	}
	if len(more) > 0 {
		r.Detail += "; also at fault: " + strings.Join(more, ", ")
	}
	return r, true
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
