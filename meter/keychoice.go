package meter

import "strings"

// The two sources of a key, as Verdict.KeySource shows them.
const (
	keyRegistered = "registered"
	keyOfRecord   = "record"
)

// findRegistered asks the ring once for the key of the EVSE at the start of the session.
func (x *examination) findRegistered() {
	if x.ring == nil {
		return
	}
	if spki, ok := x.ring.Registered(x.record.Location.EVSEID, x.record.Start); ok {
		x.registered = spki
	}
}

// carriedKeys lists the keys that came with the value: beside it and inside it.
func (x *examination) carriedKeys(m *Message) []string {
	var texts []string
	for _, t := range [...]string{x.record.Signed.PublicKey, m.Key} {
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
		x.addOnce("key-not-registered", clean(x.record.Location.EVSEID))
	case len(x.carriedKeys(m)) == 0:
		x.addOnce("key-missing", "")
	}
}

// keyFor chooses the key to verify a value with, nil when there is none. The registered key has priority and the
// keys that travel with the record must equal it, however valid their signature: anybody can sign with a key of
// his own and send it along.
func (x *examination) keyFor(m *Message, c *curve) *Key {
	if x.registered != nil {
		return x.registeredKey(m, c)
	}
	x.requireKey(m)
	if !x.profile.TrustRecordKey {
		return nil
	}
	return x.recordKey(m, c)
}

func (x *examination) registeredKey(m *Message, c *curve) *Key {
	key, err := x.keys.parseDER(x.registered, c.name)
	if err != nil {
		x.refuseKey("registered key", err)
		return nil
	}
	for _, text := range x.carriedKeys(m) {
		carried, err := x.keys.parse(text, c.name)
		switch {
		case err != nil:
			x.addOnce("record-key-unreadable", firstCode(err))
		case !carried.Same(key):
			x.addOnce("wrong-key", "key with SHA-256 "+carried.Hash[:16]+", registered "+key.Hash[:16])
		}
	}
	return x.use(key, keyRegistered, c)
}

func (x *examination) recordKey(m *Message, c *curve) *Key {
	var key *Key
	for _, text := range x.carriedKeys(m) {
		carried, err := x.keys.parse(text, c.name)
		if err != nil {
			x.refuseKey("record key", err)
			return nil
		}
		if len(carried.Odd) > 0 {
			x.addOnce("key-encoding", strings.Join(carried.Odd, ", "))
		}
		if key != nil && !key.Same(carried) {
			x.addOnce("key-conflict", "keys with SHA-256 "+key.Hash[:16]+" and "+carried.Hash[:16])
			return nil
		}
		key = carried
	}
	if key == nil {
		return nil
	}
	return x.use(key, keyOfRecord, c)
}

// use enters the key in the verdict and refuses one of another curve than the record was signed on: that is a
// wrong key, not a forged record.
func (x *examination) use(key *Key, source string, c *curve) *Key {
	x.verdict.KeySource, x.verdict.KeyHash, x.verdict.PublicKey = source, key.Hash, key.SPKI
	if key.curve != c {
		x.addOnce("key-curve-differs", "key "+key.Curve+", record "+c.name)
		return nil
	}
	return key
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
