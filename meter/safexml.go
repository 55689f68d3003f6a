package meter

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// safeXML is the id of the container of the transparency software of SAFE e.V.
const safeXML = "SAFE-XML"

// isSAFEXML reports a root element values, of any namespace or none: both occur, and the published schema
// (http://transparenz.software/schema/2018/07) is rarely named.
func isSAFEXML(payload []byte) bool { return xmlRoot(payload) == "values" }

// maxProlog is how far the root element may stand from the begin of a file; it is looked for once per format.
const maxProlog = 64 << 10

// xmlRoot returns the local name of the root element; empty for anything that does not begin like XML.
func xmlRoot(payload []byte) string {
	if !bytes.HasPrefix(payload, []byte("<")) {
		return ""
	}
	d := xmlDecoder(payload[:min(len(payload), maxProlog)])
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name.Local
		}
	}
}

// xmlDecoder reads UTF-8, whatever encoding the declaration names. It knows no entities but the five of XML: a file that
// declares its own is refused.
func xmlDecoder(utf8Text []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(utf8Text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return d
}

// maxTag is how many bytes a tag may have; real ones have some hundred. A tag with a million attributes would cost many
// times its size in memory.
const maxTag = 64 << 10

// hasLongTag reports a tag longer than any real one. Comments, CDATA and declarations may be longer.
func hasLongTag(text []byte) bool {
	for {
		at := bytes.IndexByte(text, '<')
		if at < 0 || at+1 == len(text) {
			return false
		}
		if text = text[at+1:]; text[0] == '!' || text[0] == '?' {
			continue
		}
		end := bytes.IndexByte(text[:min(len(text), maxTag)], '>')
		if end < 0 {
			return len(text) >= maxTag
		}
		text = text[end:]
	}
}

// xmlText returns XML in UTF-8. Files that declare ISO-8859-1 or its relatives occur, and some that declare nothing
// hold it too.
func xmlText(payload []byte) []byte {
	head, _, _ := bytes.Cut(payload, []byte("?>"))
	declared := strings.ToLower(string(head[:min(len(head), 200)]))
	if utf8.Valid(payload) && !strings.Contains(declared, "iso-8859-1") && !strings.Contains(declared, "windows-1252") {
		return payload
	}
	out := make([]byte, 0, len(payload)+len(payload)/8)
	for _, b := range payload {
		out = utf8.AppendRune(out, rune(b)) // the first 256 code points are those of ISO-8859-1
	}
	return out
}

// decodeSAFEXML reads a transparency file: any number of values, each a record with what is said about it. What stands
// in the attributes is not signed; the content decides what the record is, not the stated format or encoding.
func decodeSAFEXML(payload []byte, inside opener) []Message {
	text := xmlText(payload)
	if hasLongTag(text) {
		return unreadable("container-unreadable", "a tag longer than any real one")
	}
	r := &safeReader{d: xmlDecoder(text), text: text, inside: inside}
	if err := r.file(); err != nil {
		r.messages = append(r.messages, unreadable("container-unreadable", clean(err.Error()))...)
	}
	return r.messages
}

type safeReader struct {
	d        *xml.Decoder
	text     []byte
	inside   opener
	messages []Message
}

// safeValue is an element value.
type safeValue struct {
	signed, sealed []string // contents of signedData and encodedData; one of both in real files
	key            string
	transaction    string
	role           Role
}

// file reads to the end of the root element and ignores what follows. Attributes of the root, which some files have,
// would make one session of all values.
func (r *safeReader) file() error {
	depth := 0
	for {
		token, err := r.d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				continue
			}
			depth--
			if t.Name.Local != "value" {
				err = r.skip()
			} else if err = r.value(t); len(r.messages) > maxMessages {
				return nil // refused as a whole by the caller
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (r *safeReader) value(start xml.StartElement) error {
	var v safeValue
	v.attributes(start)
	for {
		token, err := r.d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := r.part(&v, t); err != nil {
				return err
			}
		case xml.EndElement:
			r.messages = append(r.messages, v.open(r.inside)...)
			return nil
		}
	}
}

// part reads a child of value.
func (r *safeReader) part(v *safeValue, start xml.StartElement) error {
	switch start.Name.Local {
	case "signedData", "encodedData", "publicKey":
	default:
		return r.skip()
	}
	content, err := r.content()
	if err != nil {
		return err
	}
	switch start.Name.Local {
	case "signedData":
		v.signed = append(v.signed, content)
	case "encodedData":
		v.sealed = append(v.sealed, content)
	default:
		v.key = content
		return nil
	}
	v.attributes(start)
	return nil
}

// content reads the text of the element just begun, character data and CDATA alike. Where a record in XML stands inside
// without having been escaped, its markup is the text.
func (r *safeReader) content() (string, error) {
	var text strings.Builder
	begin, markup := r.d.InputOffset(), false
	for {
		at := r.d.InputOffset()
		token, err := r.d.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			markup = true
			if err := r.skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			if markup {
				return string(r.text[begin:at]), nil
			}
			return text.String(), nil
		}
	}
}

// skip reads to the end of the element just begun. The decoder remembers every element it is in, so their number is
// bounded.
func (r *safeReader) skip() error {
	for depth := 1; depth > 0; {
		token, err := r.d.Token()
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			if depth++; depth > maxXMLDepth {
				return errXMLDepth
			}
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

var errXMLDepth = errors.New("elements lie in each other deeper than in any real file")

// attributes takes transactionId and context, which stand at value or at its data; the first that is stated counts.
// Context is free text: only what begins with Transaction.Begin or Transaction.End says something.
func (v *safeValue) attributes(start xml.StartElement) {
	for _, a := range start.Attr {
		switch value := strings.TrimSpace(a.Value); {
		case a.Name.Local == "transactionId" && v.transaction == "":
			v.transaction = value
		case a.Name.Local == "context" && v.role == "":
			v.role = contextRole(value)
		}
	}
}

// contexts translates what a transparency file says about a value.
var contexts = []struct {
	prefix string
	role   Role
}{
	{"Transaction.Begin", RoleBegin},
	{"Transaction.End", RoleEnd},
}

func contextRole(context string) Role {
	for _, c := range contexts {
		if strings.HasPrefix(context, c.prefix) {
			return c.role
		}
	}
	return ""
}

// open decodes the data of a value.
func (v *safeValue) open(inside opener) []Message {
	var messages []Message
	for _, data := range v.signed {
		opened := inside.open([]byte(data))
		for i := range opened {
			if opened[i].Outer.Key == "" {
				opened[i].Outer.Key = v.key
			}
		}
		messages = append(messages, opened...)
	}
	for _, data := range v.sealed {
		messages = append(messages, openSealed(data, v.key, inside)...)
	}
	if len(messages) == 0 {
		messages = unreadable("value-empty", "")
	}
	for i := range messages {
		outer := &messages[i].Outer
		if v.transaction != "" {
			outer.Transaction = v.transaction
		}
		if outer.Role == "" {
			outer.Role = v.role
		}
	}
	return messages
}
