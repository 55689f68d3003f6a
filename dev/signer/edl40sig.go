package signer

import (
	"encoding/base64"
	"fmt"
)

// writeEDL40Sig writes an XML document for each reading, with the signed block as it is.
func writeEDL40Sig(p *pen, s *Session) ([]Value, error) {
	pair, err := s.edlPair()
	if err != nil {
		return nil, err
	}
	encode := base64.StdEncoding.EncodeToString
	var values []Value
	for i := range pair {
		block := pair[i].block()
		text := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8" ?><signedMeterValue>`+
			`<publicKey encoding="base64">%s</publicKey><meterValueSignature encoding="base64">%s</meterValueSignature>`+
			`<signatureMethod>ECDSA%dSHA256</signatureMethod><encodingMethod>EDL</encodingMethod>`+
			`<encodedMeterValue encoding="base64">%s</encodedMeterValue></signedMeterValue>`,
			encode(p.key.bare()), encode(withLogBook(p.sign(block))), 8*p.key.curve.Size(), encode(block))
		values = append(values, textValue("EDL_40_SIG", natures[i], text))
	}
	return values, nil
}

// textValue is a record that is text.
func textValue(format, nature, text string) Value {
	return Value{Format: format, Nature: nature, Plain: text, Data: []byte(text)}
}
