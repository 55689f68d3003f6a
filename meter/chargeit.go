package meter

import (
	"crypto/sha256"
	"encoding/hex"
)

// chargeITJSON is the id of the container of chargeIT mobility.
const chargeITJSON = "chargeIT-JSON"

// chargeITValues names the list every such container has.
const chargeITValues = "signedMeterValues"

func isChargeIT(payload []byte) bool { return looksLikeObject(payload, chargeITValues) }

// decodeChargeIT reads a container {placeInfo, signedMeterValues[]}. Its elements are spelled out records of two kinds of
// meters, or carry the text of a record of any other format. All of them belong to one session.
func decodeChargeIT(payload []byte, inside opener) []Message {
	container, err := parseJSON(payload)
	if err != nil {
		return unreadable("container-unreadable", clean(err.Error()))
	}
	var messages []Message
	firstKey, place := "", textOf(container.at("placeInfo", "evseId"))
	for _, value := range container.at(chargeITValues).items {
		if firstKey == "" {
			firstKey = bsmKey(value)
		}
		for _, m := range decodeChargeITValue(value, firstKey, inside) {
			if m.Outer.Place == "" {
				m.Outer.Place = place
			}
			messages = append(messages, m)
		}
		if len(messages) > maxMessages {
			return messages // refused as a whole by the caller
		}
	}
	nameSession(messages, payload)
	return messages
}

// decodeChargeITValue tells the kinds of elements apart by what they have.
func decodeChargeITValue(value node, firstKey string, inside opener) []Message {
	text := value.at("payload")
	if value.kind == '"' {
		text = value // the older form
	}
	switch {
	case text.kind == '"':
		return inside.open([]byte(text.text))
	case value.kind != '{':
		return unreadable("record-form", "an element of "+chargeITValues)
	case value.at("additionalValues").isThere():
		return []Message{decodeBSM(value, firstKey)}
	}
	return []Message{decodeEMH(value)}
}

// nameSession groups the messages of a container that name no transaction. The name only has to differ from that of the
// next container, so it is made of the content. A message alone needs none: its other half may come in a container of
// its own.
func nameSession(messages []Message, payload []byte) {
	name := ""
	for i := range messages {
		if name == "" {
			name = messages[i].Outer.Transaction
		}
	}
	if name == "" && len(messages) > 1 {
		sum := sha256.Sum256(payload)
		name = hex.EncodeToString(sum[:8])
	}
	for i := range messages {
		if messages[i].Outer.Transaction == "" {
			messages[i].Outer.Transaction = name
		}
	}
}
