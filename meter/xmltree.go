package meter

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// xmlNode is an element of a record in XML, with its text trimmed. Records are looked up in a tree; transparency files,
// which hold many, are read as a stream.
type xmlNode struct {
	name     string // local
	text     string
	children []xmlNode
}

// Bounds of a tree; real records nest seven deep and have, per session, some forty elements in two thousand bytes.
const (
	maxXMLDepth    = 32
	maxXMLElements = 50_000
	maxXMLBytes    = 4 << 20
)

// parseXML reads the root element in UTF-8 or ISO-8859-1. Declarations of document types are refused with the entities
// they could bring.
func parseXML(payload []byte) (xmlNode, error) {
	if len(payload) > maxXMLBytes {
		return xmlNode{}, fmt.Errorf("more than %d bytes", maxXMLBytes)
	}
	d := xmlTree{d: xmlDecoder(xmlText(payload)), left: maxXMLElements}
	for {
		token, err := d.d.Token()
		if err != nil {
			return xmlNode{}, plainXML(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			return d.element(t, 1)
		case xml.Directive:
			return xmlNode{}, errDirective
		}
	}
}

var errDirective = errors.New("a declaration of a document type; no record has one")

// plainXML turns the early end of a file into a sentence.
func plainXML(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the XML ends too early")
	}
	return err
}

type xmlTree struct {
	d    *xml.Decoder
	left int
}

// element reads to the end of the element just begun.
func (x *xmlTree) element(start xml.StartElement, depth int) (xmlNode, error) {
	n := xmlNode{name: start.Name.Local}
	if x.left--; x.left < 0 {
		return n, fmt.Errorf("more than %d elements", maxXMLElements)
	}
	if depth > maxXMLDepth {
		return n, fmt.Errorf("elements nested more than %d deep", maxXMLDepth)
	}
	var text strings.Builder
	for {
		token, err := x.d.Token()
		if err != nil {
			return n, plainXML(err)
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			child, err := x.element(t, depth+1)
			if err != nil {
				return n, err
			}
			n.children = append(n.children, child)
		case xml.Directive:
			return n, errDirective
		case xml.EndElement:
			n.text = strings.TrimSpace(text.String())
			return n, nil
		}
	}
}

// at follows names to the first element of each; what is not there is empty.
func (n xmlNode) at(path ...string) xmlNode {
	for _, name := range path {
		at := slices.IndexFunc(n.children, func(c xmlNode) bool { return c.name == name })
		if at < 0 {
			return xmlNode{}
		}
		n = n.children[at]
	}
	return n
}

// all lists the elements at the end of a path, of every element on the way.
func (n xmlNode) all(path ...string) []xmlNode {
	found := []xmlNode{n}
	for _, name := range path {
		var next []xmlNode
		for _, parent := range found {
			for _, c := range parent.children {
				if c.name == name {
					next = append(next, c)
				}
			}
		}
		found = next
	}
	return found
}

// decoded gives the bytes of a text in hex, base64 or base32: in the first of them that gives one of the lengths, whatever
// the element states. ok is false when none does; then it is the first that decodes at all.
func (n xmlNode) decoded(lengths ...int) (b []byte, encoding string, ok bool) {
	packed := removeSpace([]byte(n.text))
	for _, enc := range encodings {
		decoded, ok := enc.decode(packed)
		if !ok {
			continue
		}
		if slices.Contains(lengths, len(decoded)) {
			return decoded, enc.name, true
		}
		if b == nil {
			b, encoding = decoded, enc.name
		}
	}
	return b, encoding, false
}
