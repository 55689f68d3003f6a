package signer

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SAFE puts the values of one session into a file of the transparency software of SAFE e.V. The key stands beside every
// value; an empty one is left out.
func SAFE(values []Value, key string) []byte {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<values>\n")
	for _, v := range values {
		context := "Transaction.End"
		if v.Nature == "Start" {
			context = "Transaction.Begin"
		}
		encoding, text := "plain", escapeXML(string(v.Data))
		if !isText(v.Data) {
			encoding, text = "hex", hex.EncodeToString(v.Data)
		}
		fmt.Fprintf(&b, "  <value transactionId=\"1\" context=\"%s\">\n    <signedData format=\"%s\" encoding=\"%s\">%s</signedData>\n",
			context, v.Format, encoding, text)
		if key != "" {
			fmt.Fprintf(&b, "    <publicKey encoding=\"%s\">%s</publicKey>\n", keyEncoding(key), escapeXML(key))
		}
		b.WriteString("  </value>\n")
	}
	b.WriteString("</values>\n")
	return []byte(b.String())
}

// isText reports whether bytes can stand in XML.
func isText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return false
		}
	}
	return true
}

func keyEncoding(key string) string {
	if strings.Trim(key, "0123456789abcdefABCDEF") == "" {
		return "hex"
	}
	return "base64"
}

// writeSAFE writes a file with a pair of OCMF lines.
func writeSAFE(p *pen, s *Session) ([]Value, error) {
	values, err := writeOCMFPair(p, s)
	if err != nil {
		return nil, err
	}
	return []Value{textValue("SAFE-XML", "End", string(SAFE(values, keyBase64(p.key))))}, nil
}

// writePTB writes the JSON container with a pair of OCMF lines.
func writePTB(p *pen, s *Session) ([]Value, error) {
	values, err := writeOCMFPair(p, s)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(`{"format":"ptb","publicKey":"%s","chargeboxIdentifier":%s,"address":{"street":"Am Leuchtfeuer 1",`+
		`"city":"Kiel"},"geoLocation":{"lat":54.32,"lng":10.13},"ocmfBegin":%s,"ocmfEnd":%s}`,
		keyBase64(p.key), quote(s.EVSE), quote(values[0].Plain), quote(values[1].Plain))
	return []Value{textValue("PTB", "End", text)}, nil
}
