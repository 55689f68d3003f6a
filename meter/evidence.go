package meter

import (
	"strings"

	"wattdue/cdr"
)

// Evidence is the signed values of one charging session with what is known about them from outside.
type Evidence struct {
	Messages []Message
	Key      string      // public key stated for all of them, as text
	Stated   *cdr.Record // what the charge record states; nil when only the signed values are at hand
}

// natures translates the nature beside a value (OCPI 2.2.1, SignedValue; OICP 2.3, MeteringStatus) into a role.
var natures = map[string]Role{
	"start": RoleBegin, "end": RoleEnd, "intermediate": RoleIntermediate, "progress": RoleIntermediate,
}

// EvidenceOf reads the signed values of a charge record. ok is false when it carries none at all.
func EvidenceOf(r cdr.Record) (e Evidence, ok bool) {
	if r.Signed == nil {
		return Evidence{Stated: &r}, false
	}
	if len(r.Signed.Values) > maxMessages {
		return Evidence{Key: r.Signed.PublicKey, Stated: &r, Messages: unreadable("messages-too-many", "")}, true
	}
	e = Evidence{Key: r.Signed.PublicKey, Stated: &r, Messages: make([]Message, 0, len(r.Signed.Values))}
	left := newBudget()
	for _, v := range r.Signed.Values {
		if strings.TrimSpace(v.Signed) == "" {
			e.Messages = append(e.Messages, unreadable("value-empty", "")...)
			continue
		}
		ok = true
		messages := decodeAt([]byte(v.Signed), 0, left)
		for i := range messages {
			m := &messages[i]
			if m.Outer.Encoding != "" && m.Outer.Encoding != "base64" {
				m.note("encoding-deviation", m.Outer.Encoding)
			}
		}
		if len(messages) == 1 {
			messages[0].Outer.Plain = v.Plain
			if role, known := natures[strings.ToLower(v.Nature)]; known {
				messages[0].Outer.Role = role
			}
		}
		e.Messages = append(e.Messages, messages...)
	}
	return e, ok
}

// Sessions groups the messages of a file into those of one session each: by the transaction the container names, else by
// the one the messages sign, else one after the other. A message that holds begin and end and is not grouped by the
// container stands alone.
func Sessions(messages []Message) [][]Message {
	var groups [][]Message
	place := map[string]int{}
	for _, m := range messages {
		key := sessionKey(&m)
		at, known := place[key]
		if key == "" || !known {
			place[key] = len(groups)
			groups = append(groups, []Message{m})
			continue
		}
		groups[at] = append(groups[at], m)
	}
	return groups
}

// sessionKey names the session a message belongs to; empty when it stands alone.
func sessionKey(m *Message) string {
	begins, ends := m.registers()
	switch {
	case m.Outer.Transaction != "":
		return "transaction " + m.Outer.Transaction
	case len(begins) > 0 && len(ends) > 0:
		return ""
	case m.Session != "":
		return "session " + m.Meter + " " + m.Session
	}
	return "meter " + m.Meter
}
