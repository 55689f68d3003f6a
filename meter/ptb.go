package meter

// ptbJSON is the id of the container of the transparency files of the PTB: two OCMF lines with their key.
const ptbJSON = "PTB-JSON"

// ptbTransaction groups the two lines; one file is one session.
const ptbTransaction = "ptb"

// isPTB looks for the name that only this container has.
func isPTB(payload []byte) bool {
	return looksLikeObject(payload, "ocmfBegin") || looksLikeObject(payload, "ocmfEnd")
}

// decodePTB reads the lines ocmfBegin and ocmfEnd with the key publicKey. Which one begins the session is said by the
// names alone where the payloads leave it out. Address and position of the charge point are not read.
func decodePTB(payload []byte, inside opener) []Message {
	file, err := parseJSON(payload)
	if err != nil {
		return unreadable("container-unreadable", clean(err.Error()))
	}
	var messages []Message
	for _, part := range [...]struct {
		name string
		role Role
	}{{"ocmfBegin", RoleBegin}, {"ocmfEnd", RoleEnd}} {
		line := file.at(part.name)
		if line.text == "" {
			continue
		}
		opened := inside.open([]byte(line.text))
		for i := range opened {
			m := &opened[i]
			m.Outer.Role, m.Outer.Transaction = part.role, ptbTransaction
			m.Outer.Key, m.Outer.Place = file.at("publicKey").text, file.at("chargeboxIdentifier").text
			m.assumeWattHours()
		}
		messages = append(messages, opened...)
	}
	return messages
}

// assumeWattHours completes readings of rudimentary payloads, which state no unit: by convention of the container they
// are in Wh. That is no proof, and the finding says so.
func (m *Message) assumeWattHours() {
	noted := false
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Unit != "" {
			continue
		}
		e.Unit = "Wh"
		if !noted {
			m.note("unit-unstated", "")
		}
		noted = true
	}
}
