package meter

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"wattdue/cdr"
)

// Checker judges charge records and remembers parsed keys between them. The zero value works without memory. A
// Checker with Keys may be used by many goroutines at once.
type Checker struct{ Keys *Keys }

// Check judges a charge record without memory of earlier keys; see Checker.Check.
func Check(r cdr.Record, keys KeyRing, p Profile) Verdict { return Checker{}.Check(r, keys, p) }

// Check decodes and verifies every signed value of a charge record, judges the session they prove and compares it
// with what the record states. The verdict lists every finding; its word is the strongest of them: record
// malformed, key malformed, key missing, unsupported, invalid signature, not billable, disagrees, valid. A key
// registered for the EVSE at the start of the session always comes first; a nil ring has none registered.
func (c Checker) Check(r cdr.Record, ring KeyRing, p Profile) Verdict {
	e, ok := EvidenceOf(r)
	if !ok {
		e.Messages = nil
	}
	return c.Judge(e, ring, p)
}

// Judge does what Check does for signed values that were decoded before, with or without a charge record beside them.
func (c Checker) Judge(e Evidence, ring KeyRing, p Profile) Verdict {
	x := examination{evidence: e, ring: ring, profile: p, keys: c.Keys}
	x.verdict.Profile = p.Name
	if len(e.Messages) == 0 {
		x.add("no-signed-data", "", "")
		return x.finish()
	}
	x.take()
	x.findRegistered()
	for i := range x.values {
		x.prove(&x.values[i])
	}
	// What a readable record says is judged even when its signature fails: the clerk who asks the operator wants
	// the whole list at once.
	if x.readable() {
		if s, ok := x.session(); ok {
			x.judge(s)
			x.agree(s)
		}
		x.agreePlain()
	}
	return x.finish()
}

// examination is the state of one judgement.
type examination struct {
	evidence Evidence
	ring     KeyRing
	profile  Profile
	keys     *Keys

	registered []byte // SPKI, nil when none is registered
	values     []signedValue
	verdict    Verdict
}

// signedValue is one signed value on its way through the examination.
type signedValue struct {
	label   string // value 1, value 2 ...
	message Message
	outcome outcome
}

// outcome is what became of a signature.
type outcome int

const (
	unchecked outcome = iota // no key or no way to check it
	proven                   // it holds under the right key
	refuted                  // it does not hold under the key at hand
)

func (x *examination) add(code, reading, value string) {
	x.enlist(reason(code, reading, value))
}

// maxReasons is how many findings are listed with every value they concern; real records have a dozen. Beyond, each code
// is listed once.
const maxReasons = 500

// enlist adds a finding, as a notice where the profile tolerates it.
func (x *examination) enlist(r Reason) {
	if len(x.verdict.Reasons) >= maxReasons && x.verdict.Has(r.Code) {
		return
	}
	r.Notice = r.Notice || slices.Contains(x.profile.Tolerated, r.Code)
	x.verdict.Reasons = append(x.verdict.Reasons, r)
}

// addOnce adds what concerns the record as a whole but is met at every value.
func (x *examination) addOnce(code, value string) {
	for _, r := range x.verdict.Reasons {
		if r.Code == code && r.Value == value {
			return
		}
	}
	x.add(code, "", value)
}

// adopt adds findings of a part under the label of the value they belong to.
func (x *examination) adopt(label string, reasons []Reason) {
	for _, r := range reasons {
		r.Reading = label
		x.enlist(r)
	}
}

func (x *examination) finish() Verdict {
	x.verdict.Word = wordFor(x.verdict.Reasons)
	x.verdict.Signature = x.signatureState()
	x.verdict.Session = sessionState(x.verdict.Reasons, x.verdict.Signature)
	x.enterLone()
	if x.verdict.Session == SessionComplete && !x.showsSession() {
		x.verdict.Session = SessionIncomplete
	}
	return x.verdict
}

// take lists the messages with what their decoders found.
func (x *examination) take() {
	x.values = make([]signedValue, len(x.evidence.Messages))
	for i, m := range x.evidence.Messages {
		v := &x.values[i]
		v.label, v.message = fmt.Sprintf("value %d", i+1), m
		x.adopt(v.label, m.Faults)
		x.adopt(v.label, m.Notes)
		if x.verdict.Format == "" {
			x.verdict.Format, x.verdict.Container = m.Format, m.Outer.Container
			x.verdict.MeterID = clean(m.Meter)
			x.verdict.Manufacturer, x.verdict.Model = makerOf(m)
		}
	}
}

func (x *examination) readable() bool {
	return !slices.ContainsFunc(x.values, func(v signedValue) bool { return len(v.message.Faults) > 0 && !v.message.tolerated(x.profile) })
}

// tolerated reports that the profile overlooks every fault of the message.
func (m *Message) tolerated(p Profile) bool {
	return !slices.ContainsFunc(m.Faults, func(r Reason) bool { return !slices.Contains(p.Tolerated, r.Code) })
}

func (x *examination) proven() bool {
	return !slices.ContainsFunc(x.values, func(v signedValue) bool { return v.outcome != proven })
}

// signatureState sums up the outcomes.
func (x *examination) signatureState() SignatureState {
	var count [3]int
	for _, v := range x.values {
		count[v.outcome]++
	}
	switch {
	case count[refuted] > 0 && count[proven] > 0:
		return SignatureMixed
	case count[refuted] > 0:
		return SignatureInvalid
	case count[proven] > 0 && count[unchecked] == 0:
		return SignatureValid
	}
	return SignatureUnchecked
}

// prove verifies the signature of a value as far as it has one.
func (x *examination) prove(v *signedValue) {
	m := &v.message
	if m.Outer.Sealed != NotSealed && len(m.Signature.Bytes) == 0 {
		x.proveSealed(v)
		return
	}
	if m.Signature.Algorithm == "" {
		return // not read so far; the fault is listed
	}
	s, ok := schemeNamed(m.Signature.Algorithm)
	if !ok {
		x.requireKey(m)
		x.addOnce("algorithm-unsupported", clean(m.Signature.Algorithm))
		return
	}
	if x.verdict.Curve == "" {
		x.verdict.Curve = s.name()
	}
	key, refused := x.keyFor(m, s)
	if refused {
		v.outcome = refuted // a key is at hand, and it cannot have made the signature
	}
	if key != nil && x.verdict.Curve == "" {
		x.verdict.Curve = key.Curve
	}
	if m.Signature.Bytes == nil {
		return
	}
	if done := x.check(v, s, key); done != unchecked {
		v.outcome = done
	}
	if v.outcome == proven {
		x.verdict.Curve = key.Curve
		x.verdict.Prints = append(x.verdict.Prints, printOf(m, key))
	}
}

// printOf is the fingerprint of a proven message.
func printOf(m *Message, key *Key) Print {
	sum := sha256.New()
	digest := sha256.Sum256(m.Signed)
	sum.Write(digest[:])
	sum.Write([]byte(key.Hash))
	p := Print{Digest: hex.EncodeToString(sum.Sum(nil)), Rule: m.Page.Rule}
	if m.Page.Read {
		p.Counter, p.Page = m.Page.Counter, m.Page.Number
	}
	return p
}
