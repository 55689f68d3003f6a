package meter

import "strings"

// The two sources of a key, as Verdict.KeySource shows them.
const (
	keyRegistered = "registered"
	keyOfRecord   = "record"
)

// findRegistered asks the ring once for the key: of the EVSE at the start of the session, else of the meter that the
// first readable value names.
func (x *examination) findRegistered() {
	if x.ring == nil {
		return
	}
	if given, ok := x.ring.(GivenKey); ok {
		x.registered = given
		return
	}
	if r := x.evidence.Stated; r != nil {
		if spki, ok := x.ring.Registered(r.Location.EVSEID, r.Start); ok {
			x.registered = spki
			return
		}
		if x.ring.Keyed(r.Location.EVSEID) {
			return
		}
	}
	for _, v := range x.values {
		m := &v.message
		if m.Meter == "" || len(m.Entries) == 0 {
			continue
		}
		at := m.Entries[0].Time
		if r := x.evidence.Stated; r != nil {
			at = r.Start
		}
		if spki, ok := x.ring.RegisteredMeter(m.Meter, at); ok {
			x.registered = spki
		}
		return
	}
}

// carriedKeys lists the keys that came with the value: beside it and inside it.
func (x *examination) carriedKeys(m *Message) []string {
	var texts []string
	for _, t := range [...]string{x.evidence.Key, m.Outer.Key, m.Key} {
		if strings.TrimSpace(t) != "" {
			texts = append(texts, t)
		}
	}
	return texts
}

// requireKey reports a missing key where the algorithm is unknown and a key could not be judged further.
func (x *examination) requireKey(m *Message) {
	switch {
	case x.registered != nil:
	case !x.profile.TrustRecordKey:
		x.addOnce("key-not-registered", x.placeOf(m))
	case len(x.carriedKeys(m)) == 0:
		x.addOnce("key-missing", "")
	}
}

// placeOf names what a key would have to be registered for.
func (x *examination) placeOf(m *Message) string {
	if r := x.evidence.Stated; r != nil && r.Location.EVSEID != "" {
		return clean(r.Location.EVSEID)
	}
	return clean(m.Meter)
}

// keyFor chooses the key to verify a value with, nil when there is none. The registered key has priority and the
// keys that travel with the record must equal it, however valid their signature: anybody can sign with a key of
// his own and send it along. refused says that a key is at hand and cannot have signed the value.
func (x *examination) keyFor(m *Message, s scheme) (key *Key, refused bool) {
	if x.registered != nil {
		return x.registeredKey(m, s)
	}
	x.requireKey(m)
	if !x.profile.TrustRecordKey {
		return nil, false
	}
	return x.recordKey(m, s)
}

func (x *examination) registeredKey(m *Message, s scheme) (key *Key, refused bool) {
	key, err := x.keys.parseDER(x.registered, s.name())
	if err != nil {
		x.refuseKey("registered key", err)
		return nil, true
	}
	for _, text := range x.carriedKeys(m) {
		carried, err := x.keys.parse(text, s.name())
		switch {
		case err != nil:
			x.addOnce("record-key-unreadable", firstCode(err))
		case !carried.Same(key):
			x.addOnce("wrong-key", "key with SHA-256 "+carried.Hash[:16]+", registered "+key.Hash[:16])
		}
	}
	return x.use(key, keyRegistered, s)
}

func (x *examination) recordKey(m *Message, s scheme) (key *Key, refused bool) {
	for _, text := range x.carriedKeys(m) {
		carried, err := x.keys.parse(text, s.name())
		if err != nil {
			x.refuseKey("record key", err)
			return nil, true
		}
		if len(carried.Odd) > 0 && text == x.evidence.Key && x.evidence.Stated != nil {
			x.addOnce("key-encoding", strings.Join(carried.Odd, ", "))
		}
		if key != nil && !key.Same(carried) {
			x.addOnce("key-conflict", "keys with SHA-256 "+key.Hash[:16]+" and "+carried.Hash[:16])
			return nil, true
		}
		key = carried
	}
	if key == nil {
		return nil, false
	}
	return x.use(key, keyOfRecord, s)
}

// use enters the key in the verdict and refuses one of another curve than the record was signed on: that is a
// wrong key, not a forged record. The values of a session are signed with one key.
func (x *examination) use(key *Key, source string, s scheme) (*Key, bool) {
	if used := x.verdict.KeyHash; used != "" && used != key.Hash {
		x.addOnce("key-conflict", "keys with SHA-256 "+used[:16]+" and "+key.Hash[:16])
	}
	x.verdict.KeySource, x.verdict.KeyHash, x.verdict.PublicKey = source, key.Hash, key.SPKI
	if key.Degenerate {
		x.addOnce("key-degenerate", "base point of "+key.Curve)
	}
	if !key.fits(s) {
		x.addOnce("key-curve-differs", "key "+key.Curve+", record "+s.name())
		return nil, true
	}
	return key, false
}

// refuseKey lists why a key cannot be used and whose it is.
func (x *examination) refuseKey(whose string, err error) {
	for _, r := range faultsOf(err) {
		x.addOnce(r.Code, whose+": "+r.Value)
	}
}

func firstCode(err error) string {
	for _, r := range faultsOf(err) {
		return r.Code
	}
	return ""
}
