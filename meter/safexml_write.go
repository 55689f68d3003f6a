package meter

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"wattdue/meter/curve"
)

// safeNamespace is that of the published schema of transparency files.
const safeNamespace = "http://transparenz.software/schema/2018/07"

// keyForm is how the transparency software takes the key of a format.
type keyForm int

const (
	keySPKI   keyForm = iota + 1 // in hexadecimal
	keyPoint                     // X||Y in hexadecimal
	keyInside                    // inside the record, and nowhere else
)

// safeFormats are the formats that the transparency software of SAFE e.V. reads, under the same names as here.
var safeFormats = map[string]keyForm{
	"OCMF": keySPKI, "EDL_40_P": keyPoint, "EDL_40_SIG": keyPoint, "EDL_40_MENNEKES": keyPoint, "ISA_EDL_40_P": keyPoint,
	"ALFEN": keyInside, "PCDF": keyInside,
}

// WriteSAFEXML writes the records of one session as a file that the transparency software of SAFE e.V. reads, with the
// key that verified them (SPKI in hexadecimal, as verdicts state it; empty leaves it out). The records are written
// byte for byte as they were signed. An error says which record cannot be handed over and why.
func WriteSAFEXML(messages []Message, spki string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<values xmlns="` + safeNamespace + "\">\n")
	written := 0
	for i := range messages {
		m := &messages[i]
		if i > 0 && m.Record != nil && bytes.Equal(m.Record, messages[i-1].Record) {
			continue // several messages of one record
		}
		if err := m.exportable(); err != nil {
			return nil, fmt.Errorf("signed value %d: %w", i+1, err)
		}
		key, err := m.exportedKey(spki)
		if err != nil {
			return nil, fmt.Errorf("signed value %d: %w", i+1, err)
		}
		writeSAFEValue(&b, m, contextOf(messages, i), key)
		written++
	}
	if written == 0 {
		return nil, fmt.Errorf("no signed value to write")
	}
	b.WriteString("</values>\n")
	return b.Bytes(), nil
}

// exportable refuses what the transparency software cannot read.
func (m *Message) exportable() error {
	switch {
	case len(m.Faults) > 0:
		return fmt.Errorf("it cannot be read (%s); hand over the original file", m.Faults[0].Code)
	case m.Outer.Sealed != NotSealed:
		return fmt.Errorf("it came in a seal, which covers the file as it was sent; hand over the original file")
	case slices.ContainsFunc(m.Notes, func(r Reason) bool { return r.Code == "unit-unstated" }):
		return fmt.Errorf("its unit is a convention of the container it came in; hand over the original file")
	case safeFormats[m.Format] == 0 || len(m.Record) == 0:
		return fmt.Errorf("the transparency software reads no %s; hand over the original file with the software of the manufacturer", m.Format)
	}
	return nil
}

// exportedKey gives the key in the form the format wants; empty when it stands inside the record or none is known.
func (m *Message) exportedKey(spki string) (string, error) {
	form := safeFormats[m.Format]
	if form == keyInside || spki == "" {
		return "", nil
	}
	key, err := ParseKey(spki, "")
	if err != nil {
		return "", fmt.Errorf("its key: %w", err)
	}
	if c := curve.Named(key.Curve); form == keyPoint && c != nil {
		return key.SPKI[len(key.SPKI)-4*c.Size():], nil // the point ends the SPKI, two hexadecimal digits per byte
	}
	return key.SPKI, nil
}

// contextOf says what place a record has in its session: what it signs itself, else what was said beside it, else its
// place among the records. A record that holds a whole session has the context of its end, as its writers have it.
func contextOf(messages []Message, i int) string {
	m := &messages[i]
	begins, ends := m.registers()
	shared := i+1 < len(messages) && bytes.Equal(m.Record, messages[i+1].Record)
	switch {
	case len(ends) > 0 || shared:
		return contexts[1].prefix
	case len(begins) > 0:
		return contexts[0].prefix
	case !m.isSilent():
		return ""
	}
	for _, c := range contexts {
		if c.role == m.Outer.Role {
			return c.prefix
		}
	}
	first, last := i, i
	for j := range messages {
		if compareOrder(&messages[j], &messages[first]) < 0 {
			first = j
		}
		if compareOrder(&messages[j], &messages[last]) > 0 {
			last = j
		}
	}
	switch {
	case len(messages) == 1:
		return ""
	case i == first:
		return contexts[0].prefix
	case i == last:
		return contexts[1].prefix
	}
	return ""
}

// writeSAFEValue writes one value. All belong to transaction 1: the schema wants a number there, and the file holds one
// session.
func writeSAFEValue(b *bytes.Buffer, m *Message, context, key string) {
	encoding, text := "plain", string(m.Record)
	switch {
	case !utf8.Valid(m.Record) || m.Record[0] == smlEscape:
		encoding, text = "hex", hex.EncodeToString(m.Record)
	case !survivesXML(text):
		encoding, text = "base64", base64.StdEncoding.EncodeToString(m.Record)
	}
	b.WriteString(`  <value transactionId="1"`)
	if context != "" {
		b.WriteString(` context="` + context + `"`)
	}
	fmt.Fprintf(b, ">\n    <signedData format=\"%s\" encoding=\"%s\">%s</signedData>\n", m.Format, encoding, escapeXMLText(text))
	if key != "" {
		fmt.Fprintf(b, "    <publicKey encoding=\"hex\">%s</publicKey>\n", key)
	}
	b.WriteString("  </value>\n")
}

// survivesXML reports text that XML gives back unchanged: no control characters, and no carriage return, which becomes a
// line feed (XML 1.0, 2.11). An entity inside the record would be undone once too often by readers that expect
// escaped records.
func survivesXML(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == '&' || r == 0xfffe || r == 0xffff
	})
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escapeXMLText(text string) string { return xmlEscapes.Replace(text) }
