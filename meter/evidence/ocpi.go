package evidence

import (
	"bytes"

	"wattdue/cdr"
	"wattdue/meter"
)

// Containers of charge records, as verdicts name them.
const (
	ocpiCDR = "OCPI-CDR"
	oicpCDR = "OICP-CDR"
)

// isOCPI looks for names that only charge records of OCPI have: cdr_token (2.2 and later) or the signed data.
func isOCPI(data []byte) bool {
	return isJSON(data) && (bytes.Contains(data, []byte(`"cdr_token"`)) || bytes.Contains(data, []byte(`"signed_values"`)))
}

// isJSON reports an object or array at the start of the text.
func isJSON(data []byte) bool {
	b := bytes.TrimLeft(data, "\ufeff \t\r\n")
	return len(b) > 0 && (b[0] == '{' || b[0] == '[')
}

// ocpi reads charge records of OCPI 2.2.1: one, an array, a response with its data, or one per line.
func (r *reader) ocpi(s source) {
	for record, err := range cdr.ReadOCPI221(bytes.NewReader(s.data)) {
		if err != nil {
			r.problem(Problem{File: s.display, Text: err.Error()})
		} else {
			r.charge(s.display, record.Key().String(), ocpiCDR, record)
		}
		if r.done {
			return
		}
	}
}

// charge yields the session of a charge record. One without signed values has evidence without messages.
func (r *reader) charge(display, name, container string, record cdr.Record) {
	record.Origin.Raw = nil // valid for a moment only
	e, ok := meter.EvidenceOf(record)
	if !ok {
		e.Messages = nil
	}
	for i := range e.Messages {
		e.Messages[i].Outer.Container = container
		if container == oicpCDR {
			e.Messages[i].Notes = withoutEncoding(e.Messages[i].Notes)
		}
	}
	r.session(Session{File: display, Name: name, Evidence: e})
}

// withoutEncoding drops the remark that a value is not carried as base64, which is a rule of OCPI alone.
func withoutEncoding(notes []meter.Reason) []meter.Reason {
	var kept []meter.Reason
	for _, n := range notes {
		if n.Code != "encoding-deviation" {
			kept = append(kept, n)
		}
	}
	return kept
}
