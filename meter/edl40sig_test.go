package meter

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// sigText is EDL_40_SIG in base64, after a change of what was signed.
func sigText(key, sig, block []byte) string {
	std := base64.StdEncoding.EncodeToString
	return `<?xml version="1.0" encoding="UTF-8" ?><signedMeterValue> <publicKey encoding="base64">` + std(key) +
		`</publicKey><meterValueSignature encoding="base64">` + std(sig) +
		"</meterValueSignature><signatureMethod>\nECDSA192SHA256</signatureMethod><encodingMethod>EDL</encodingMethod>" +
		`<encodedMeterValue encoding="base64">` + std(block) + `</encodedMeterValue></signedMeterValue>`
}

// signature is r||s and the log book.
func (c edlCase) signature(t testing.TB) []byte {
	return append(edlKey(t).sign(c.block(t)), unhexed(t, c.log)...)
}

func (c edlCase) sigText(t testing.TB) string {
	return sigText(edlKey(t).public(), c.signature(t), c.block(t))
}

func TestDecodeEDL40SIG(t *testing.T) {
	begin, end := DecodeEDL40SIG([]byte(edlBegin.sigText(t))), DecodeEDL40SIG([]byte(edlEnd.sigText(t)))
	if !bytes.Equal(begin.Signed, edlBegin.block(t)) || len(begin.Faults)+len(begin.Notes) > 0 {
		t.Errorf("%+v", begin)
	}
	expectProof(t, judgeEvidence(t, nil, end, begin), "EDL_40_SIG", "secp192r1")
	expectProof(t, judgeEvidence(t, edlKey(t).public(), begin, end), "EDL_40_SIG", "secp192r1")
	expectTwin(t, "another key beside the record", judgeEvidence(t, rawKeyOf(t, "secp192r1", "other").public(), begin, end), KeyMalformed)
}

func TestEDL40SIGOnP256(t *testing.T) {
	key := rawKeyOf(t, "secp256r1", "edl")
	text := func(c edlCase) []byte {
		block := c.block(t)
		return []byte(swap(t, sigText(key.public(), append(key.sign(block), unhexed(t, c.log)...), block), "ECDSA192", "ECDSA256"))
	}
	v := judgeEvidence(t, nil, DecodeEDL40SIG(text(edlBegin)), DecodeEDL40SIG(text(edlEnd)))
	expectProof(t, v, "EDL_40_SIG", "secp256r1")
	if codes(v) != "" {
		t.Error(codes(v))
	}
}

// A session of 20 minutes during which the clock is set back: only the counter of the meter tells.
func TestEDL40SIGOverTheHour(t *testing.T) {
	begin, end := edlBegin, edlEnd
	begin.seconds = uint32(parseUTC(t, "2026-10-25 02:50:00").Unix())
	end.seconds, end.index = begin.seconds-40*60, begin.index+20*60
	v := judgeEvidence(t, nil, DecodeEDL40SIG([]byte(begin.sigText(t))), DecodeEDL40SIG([]byte(end.sigText(t))))
	if v.Word != Valid || v.Begin.Time != parseUTC(t, "2026-10-25 00:50:00") || v.End.Time != parseUTC(t, "2026-10-25 01:10:00") {
		t.Errorf("%s [%s] from %s to %s", v.Word, codes(v), v.Begin.Time, v.End.Time)
	}
}

func TestEDL40SIGForms(t *testing.T) {
	whole, block := edlBegin.sigText(t), edlBegin.block(t)
	text := base64.StdEncoding.EncodeToString(block)
	for _, c := range []struct {
		name, text    string
		faults, notes string
	}{
		{"as it is", whole, "", ""},
		{"the block in hex, called base64", swap(t, whole, text, hex.EncodeToString(block)), "", ""},
		{"line breaks inside", swap(t, whole, text, text[:100]+"\r\n\t"+text[100:]), "", ""},
		{"a namespace", swap(t, whole, "<signedMeterValue>", `<signedMeterValue xmlns="urn:x">`), "", ""},
		{"ISO-8859-1", swap(t, whole, "UTF-8", "ISO-8859-1", "EDL<", "EDL<!-- \xfc --><"), "", ""},
		{"another method named", swap(t, whole, "ECDSA192", "ecdsa256"), "", "method-contradicts"},
		{"no method named", swap(t, whole, "\nECDSA192SHA256", ""), "", ""},
		{"another encoding named", swap(t, whole, ">EDL<", ">OCMF<"), "field-unfit", ""},
		{"no signature", swap(t, whole, base64.StdEncoding.EncodeToString(edlBegin.signature(t)), ""), "signature-missing", ""},
		{"a signature of signs", swap(t, whole, base64.StdEncoding.EncodeToString(edlBegin.signature(t)), "!!"), "signature-unreadable", ""},
		{"a short signature", sigText(edlKey(t).public(), edlBegin.signature(t)[:47], block), "signature-unreadable", ""},
		{"no log book", sigText(edlKey(t).public(), edlBegin.signature(t)[:48], block), "", ""},
		{"another log book", sigText(edlKey(t).public(), flip(edlBegin.signature(t), 8*49), block), "", "log-book-differs"},
		{"a short block", sigText(edlKey(t).public(), edlBegin.signature(t), block[:319]), "field-unfit", ""},
		{"no block", swap(t, whole, text, ""), "readings-missing", ""},
		{"cut off", whole[:len(whole)-5], "xml-unreadable", ""},
		{"a document type", swap(t, whole, "<signedMeterValue>", "<!DOCTYPE a [<!ENTITY b 'c'>]><signedMeterValue>"), "xml-unreadable", ""},
		{"an entity", swap(t, whole, "EDL<", "&b;<"), "xml-unreadable", ""},
		{"nested deep", swap(t, whole, ">EDL<", ">"+strings.Repeat("<a>", 40)+"EDL"+strings.Repeat("</a>", 40)+"<"), "xml-unreadable", ""},
	} {
		m := DecodeEDL40SIG([]byte(c.text))
		if reasonCodes(m.Faults) != c.faults || reasonCodes(m.Notes) != c.notes {
			t.Errorf("%s: faults %q, notes %q, want %q, %q", c.name, reasonCodes(m.Faults), reasonCodes(m.Notes), c.faults, c.notes)
		}
		if c.faults == "" && !bytes.Equal(m.Signed, block) {
			t.Errorf("%s: other bytes signed", c.name)
		}
	}
}

// One bit of every byte of the block, of the signature and of the key.
func TestTamperedEDL40SIG(t *testing.T) {
	begin := DecodeEDL40SIG([]byte(edlBegin.sigText(t)))
	key, sig, block := edlKey(t).public(), edlEnd.signature(t), edlEnd.block(t)
	end := func(key, sig, block []byte) Verdict {
		return judgeEvidence(t, nil, begin, DecodeEDL40SIG([]byte(sigText(key, sig, block))))
	}
	expectProof(t, end(key, sig, block), "EDL_40_SIG", "secp192r1")
	for i := range block {
		expectTwin(t, fmt.Sprintf("byte %d of the block", i), end(key, sig, flip(block, 8*i+i%8)), InvalidSignature)
	}
	for i := range sig[:48] {
		expectTwin(t, fmt.Sprintf("byte %d of the signature", i), end(key, flip(sig, 8*i+i%8), block), InvalidSignature)
	}
	for i := range key {
		expectTwin(t, fmt.Sprintf("byte %d of the key", i), end(flip(key, 8*i+i%8), sig, block), KeyMalformed)
	}
}

var edl40SIGCases = []evidenceCase{
	{
		name: "EDL_40_SIG, begin and end", carried: sigCarried(), word: Valid, signature: SignatureValid, session: SessionComplete,
	},
	{
		name: "EDL_40_SIG, another method named beside the block", carried: sigCarried("ECDSA192", "ECDSA256"), word: Valid,
		signature: SignatureValid, session: SessionComplete, codes: "method-contradicts method-contradicts",
	},
	{
		name: "EDL_40_SIG, another log book beside the block", word: NotBillable, signature: SignatureValid, session: SessionIncomplete,
		codes: "log-book-differs begin-missing end-missing",
		carried: func(t testing.TB) []string {
			return []string{sigText(edlKey(t).public(), flip(edlBegin.signature(t), 8*49), edlBegin.block(t))}
		},
	},
	{
		name: "EDL_40_SIG, a method nobody knows", carried: sigCarried("ECDSA192SHA256", "SM2"), word: Unsupported,
		signature: SignatureUnchecked, session: SessionComplete, codes: "algorithm-unsupported",
	},
	{
		name: "EDL_40_SIG, an element not closed", carried: sigCarried("</encodingMethod>", ""), word: RecordMalformed,
		signature: SignatureUnchecked, session: SessionIncomplete, codes: "xml-unreadable xml-unreadable",
	},
	{
		name: "EDL_40_SIG, no key anywhere", word: KeyMissing, signature: SignatureUnchecked, session: SessionComplete, codes: "key-missing",
		carried: func(t testing.TB) []string {
			key := base64.StdEncoding.EncodeToString(edlKey(t).public())
			return []string{swap(t, edlBegin.sigText(t), key, ""), swap(t, edlEnd.sigText(t), key, "")}
		},
	},
}

// sigCarried is the session of the tests, with replacements in both records.
func sigCarried(oldNew ...string) func(t testing.TB) []string {
	return func(t testing.TB) []string {
		return []string{swap(t, edlBegin.sigText(t), oldNew...), swap(t, edlEnd.sigText(t), oldNew...)}
	}
}

// FuzzEDL40SIG: nothing panics, and what is read without faults has a block.
func FuzzEDL40SIG(f *testing.F) {
	f.Add([]byte(edlBegin.sigText(f)))
	f.Add([]byte(swap(f, edlEnd.sigText(f), "UTF-8", "ISO-8859-1", "ECDSA192", "RSA")))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "b">]><signedMeterValue>&a;</signedMeterValue>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := DecodeEDL40SIG(b)
		m.Key = "" // whoever has the key of the seeds could sign
		checkBlockMessage(t, m)
	})
}
