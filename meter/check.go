package meter

import (
	"crypto/ecdsa"
	"fmt"
	"strings"

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
	x := examination{record: r, ring: ring, profile: p, keys: c.Keys}
	if unsigned(r.Signed) {
		x.add("no-signed-data", "", "")
		return x.finish()
	}
	x.decode()
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
	}
	return x.finish()
}

// unsigned reports that there is nothing signed at all, an envelope without content included.
func unsigned(s *cdr.SignedData) bool {
	if s == nil {
		return true
	}
	for _, v := range s.Values {
		if strings.TrimSpace(v.Signed) != "" {
			return false
		}
	}
	return true
}

// examination is the state of one Check.
type examination struct {
	record  cdr.Record
	ring    KeyRing
	profile Profile
	keys    *Keys

	registered []byte // SPKI, nil when none is registered
	values     []signedValue
	verdict    Verdict
}

// signedValue is one signed value on its way through the examination.
type signedValue struct {
	label   string // value 1, value 2 ...
	carried cdr.SignedValue
	message Message
	faulty  bool // the message could not be read completely
	proven  bool // the signature holds under the right key
}

func (x *examination) add(code, reading, value string) {
	x.verdict.Reasons = append(x.verdict.Reasons, reason(code, reading, value))
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
		x.verdict.Reasons = append(x.verdict.Reasons, r)
	}
}

func (x *examination) finish() Verdict {
	x.verdict.Word = wordFor(x.verdict.Reasons)
	return x.verdict
}

// decode reads every signed value.
func (x *examination) decode() {
	x.values = make([]signedValue, len(x.record.Signed.Values))
	for i, carried := range x.record.Signed.Values {
		v := &x.values[i]
		v.label, v.carried = fmt.Sprintf("value %d", i+1), carried
		if strings.TrimSpace(carried.Signed) == "" {
			v.faulty = true
			x.add("value-empty", v.label, "")
			continue
		}
		m, err := Decode([]byte(carried.Signed))
		v.message, v.faulty = m, err != nil
		x.adopt(v.label, faultsOf(err))
		x.adopt(v.label, m.Notices)
		if x.verdict.Format == "" {
			x.verdict.Format, x.verdict.MeterID = m.Format, clean(m.Meter)
		}
	}
}

func (x *examination) readable() bool {
	for _, v := range x.values {
		if v.faulty {
			return false
		}
	}
	return true
}

func (x *examination) proven() bool {
	for _, v := range x.values {
		if !v.proven {
			return false
		}
	}
	return true
}

// prove verifies the signature of a value as far as it has one.
func (x *examination) prove(v *signedValue) {
	m := &v.message
	if m.Signature.Algorithm == "" {
		return // not read so far; the fault is listed
	}
	alg := algorithmNamed(m.Signature.Algorithm)
	if alg.curve == nil {
		x.requireKey(m)
		x.addOnce("algorithm-unsupported", clean(m.Signature.Algorithm))
		return
	}
	x.verdict.Curve = alg.curve.name
	key := x.keyFor(m, alg.curve)
	if m.Signature.Bytes == nil {
		return
	}
	sig, notes, ok := parseSignature(m.Signature.Bytes, alg.curve.size)
	x.adopt(v.label, notes)
	if !ok {
		v.faulty = true
		x.add("signature-unreadable", v.label, fmt.Sprintf("%d bytes", len(m.Signature.Bytes)))
		return
	}
	if alg.curve.std == nil {
		x.addOnce("curve-unsupported", alg.curve.name)
		return
	}
	if key == nil {
		return
	}
	v.proven = x.verify(v, key, alg, sig)
}

// verify checks the signature and reports why it fails.
func (x *examination) verify(v *signedValue, key *Key, alg algorithm, sig signaturePair) bool {
	n := alg.curve.order()
	if sig.r.Sign() == 0 || sig.s.Sign() == 0 || sig.r.Cmp(n) >= 0 || sig.s.Cmp(n) >= 0 {
		x.add("signature-range", v.label, "")
		return false
	}
	if ecdsa.Verify(key.std, alg.digest(v.message.Signed), sig.r, sig.s) {
		return true
	}
	if v.message.Trimmed != nil && ecdsa.Verify(key.std, alg.digest(v.message.Trimmed), sig.r, sig.s) {
		x.add("payload-blanks", v.label, "")
		return true
	}
	x.add("signature-invalid", v.label, "")
	return false
}
