package meter

// A payload is what DecodeText found: the record without the encoding it was carried in.

// decoder reads a payload into the messages it holds: one for a record, any number for a container. It never gives up
// half way: what cannot be read stands in the faults of the message.
type decoder func(payload []byte, inside opener) []Message

// opener decodes what lies inside a container, one level deeper.
type opener struct {
	open func(carried []byte) []Message
	left *budget
}

// budget is what is left to everything that one sender put into one record or file. What it carries may be packed, in
// archives, in seals and in readings that only repeat the one before, so its own size bounds too little.
type budget struct{ messages, bytes int }

// Bounds of a budget: real transparency files hold some hundred messages of some twenty readings.
const (
	maxMessages     = 10_000
	maxBytes        = 4 * maxCarried // of all texts, those in containers and seals again
	readingsPerPart = 10             // so many readings count as one more message
)

func newBudget() *budget { return &budget{maxMessages, maxBytes} }

// take takes a text into account; false when nothing is left.
func (b *budget) take(bytes int) bool {
	b.bytes -= bytes
	return !b.spent()
}

// count takes a message into account.
func (b *budget) count(m *Message) { b.messages -= 1 + len(m.Entries)/readingsPerPart }

func (b *budget) spent() bool { return b.messages < 0 || b.bytes < 0 }

// format is one row of the table of formats.
type format struct {
	id         string
	recognises func(payload []byte) bool // by content; what a sender calls the format is often wrong
	decode     decoder
}

// formats is asked from the top; the first that recognises the content decodes it. A new format is one file and
// one row.
var formats = []format{
	{"OCMF", isOCMF, one(DecodeOCMF)},
	{"ISA_EDL_40_P", isISA, one(DecodeISA)}, // before the lists of other meters
	{"EDL_40_P", isEDL40P, one(DecodeEDL40P)},
	{"EDL_40_SIG", isEDL40SIG, one(DecodeEDL40SIG)},
	{"EDL_40_MENNEKES", isMennekes, decodeMennekes},
	{"ALFEN", isALFEN, one(DecodeALFEN)},
	{"PCDF", isPCDF, one(DecodePCDF)},
	{chargeITJSON, isChargeIT, decodeChargeIT},
	{bsmFormat, isBSM, one(DecodeBSM)},
	{receiptArchive, isReceiptArchive, decodeReceiptArchive},
	{chargePointFormat, isReceipt, one(decodeBareReceipt)},
	{safeXML, isSAFEXML, decodeSAFEXML},
	{ptbJSON, isPTB, decodePTB},
}

// one turns a decoder of a single record into a row of the table.
func one(decode func(payload []byte) Message) decoder {
	return func(payload []byte, _ opener) []Message { return []Message{decode(payload)} }
}

// maxNesting is how deep containers may lie in each other: a record in a seal in a transparency file in a charge record.
const maxNesting = 4

// Formats lists the ids of the formats and containers that can be read.
func Formats() []string {
	ids := make([]string, len(formats))
	for i, f := range formats {
		ids[i] = f.id
	}
	return ids
}

// formatOf finds the row that recognises the payload.
func formatOf(payload []byte) (format, bool) {
	for _, f := range formats {
		if f.recognises(payload) {
			return f, true
		}
	}
	return format{}, false
}

// Decode reads what a sender carries as a signed value: plain or encoded text of any known format or container. There is
// always at least one message; what cannot be read says so in its Faults.
func Decode(carried []byte) []Message {
	return decodeAt(carried, 0, newBudget())
}

func decodeAt(carried []byte, depth int, left *budget) []Message {
	if depth > maxNesting {
		return unreadable("nested-too-deep", "")
	}
	text, ok := DecodeText(carried)
	if !ok {
		return unreadable("format-unknown", "")
	}
	f, _ := formatOf(text.Payload)
	if !left.take(len(text.Payload)) || f.id == receiptArchive && !left.take(int(receiptLimits().Total)) {
		return unreadable("messages-too-many", f.id)
	}
	messages := f.decode(text.Payload, opener{func(inner []byte) []Message { return decodeAt(inner, depth+1, left) }, left})
	if len(messages) == 0 {
		return unreadable("container-empty", f.id)
	}
	for i := range messages {
		m := &messages[i]
		if m.Format == f.id {
			m.Record = text.Payload
		} else {
			m.Outer.Container = f.id
		}
		if m.Format == f.id || m.Format == "" { // the others were counted where they were decoded
			left.count(m)
		}
		m.Outer.Encoding = text.Encoding
		if text.Escaped {
			m.note("text-escaped", "")
		}
	}
	if left.spent() || len(messages) > maxMessages {
		return unreadable("messages-too-many", f.id)
	}
	return messages
}

// unreadable is the message of something that no decoder can read.
func unreadable(code, value string) []Message {
	m := Message{}
	m.fault(code, value)
	return []Message{m}
}
