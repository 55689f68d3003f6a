package meter

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
)

func isEDL40SIG(payload []byte) bool { return xmlRoot(payload) == "signedMeterValue" }

// Names in EDL_40_SIG: the encoding of the block, and the methods of signature with the algorithms they stand for.
const edlEncoding = "EDL"

var edlMethods = map[string]string{"ECDSA192SHA256": edlAlgorithmP192, "ECDSA256SHA256": edlAlgorithmP256}

// DecodeEDL40SIG reads a block of an EDL40 meter that is carried in XML as it was signed, with signature and key. The
// names of the methods are not signed: the lengths decide.
func DecodeEDL40SIG(payload []byte) Message {
	m := Message{Format: "EDL_40_SIG", Text: payload}
	root, err := parseXML(payload)
	if err != nil {
		m.fault("xml-unreadable", clean(err.Error()))
		return m
	}
	log := m.takeRawText(root.at("meterValueSignature"))
	m.checkMethods(root)
	m.Key = root.at("publicKey").text
	value := root.at("encodedMeterValue")
	if value.text == "" {
		m.fault("readings-missing", "")
		return m
	}
	block, _, ok := value.decoded(blockSize)
	if !ok {
		m.fault("field-unfit", fmt.Sprintf("encodedMeterValue of %d bytes", len(block)))
		return m
	}
	m.takeBlock(block, zoneOffset{})
	if len(log) > 0 && !bytes.Equal(log, block[39:41]) {
		m.note("log-book-differs", "signature "+hex.EncodeToString(log)+", block "+hex.EncodeToString(block[39:41]))
	}
	return m
}

// takeRawText reads a signature r||s from an element; see takeRaw.
func (m *Message) takeRawText(n xmlNode) (log []byte) {
	sig, encoding, _ := n.decoded(signatureSizes...)
	if len(sig) == 0 && n.text != "" {
		m.fault("signature-unreadable", "")
		return nil
	}
	return m.takeRaw(sig, encoding)
}

// checkMethods compares the stated methods with what was found. A method that is not known may be another signature.
func (m *Message) checkMethods(root xmlNode) {
	if encoding := root.at("encodingMethod").text; encoding != "" && !strings.EqualFold(encoding, edlEncoding) {
		m.fault("field-unfit", "encodingMethod "+clean(encoding))
	}
	method := root.at("signatureMethod").text
	if method == "" {
		return
	}
	algorithm, known := edlMethods[strings.ToUpper(method)]
	switch {
	case !known:
		m.Signature.Algorithm = method
	case m.Signature.Algorithm != "" && algorithm != m.Signature.Algorithm:
		m.note("method-contradicts", clean(method))
	}
}
