package sepa

import (
	"io"
	"strconv"
	"time"
)

// flushAt is how much is collected before it is handed to the writer.
const flushAt = 64 << 10

// WritePain008 writes the batch as pain.008.001.08 in UTF-8: the same batch gives the same bytes. All checks run
// before the first byte, in a first pass over the debits; when they find something, nothing is written and the error
// is CheckErrors with every fault. Other errors are those of w. Memory does not grow with the file beyond one index
// per debit.
//
// Header, payment block and each debit stand on lines of their own, so that a person can compare two files.
func WritePain008(w io.Writer, b SealedBatch) error {
	t, found := inspect(b)
	if err := found.orNil(); err != nil {
		return err
	}
	buf := appendHead(make([]byte, 0, flushAt+4<<10), b, t)
	for _, i := range t.order {
		buf = appendDebit(buf, &b.Debits[i])
		if len(buf) < flushAt {
			continue
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
	_, err := w.Write(append(buf, tail...))
	return err
}

const tail = "</PmtInf>\n</CstmrDrctDbtInitn></Document>\n"

// appendHead writes everything before the first debit, in the order of the schema. InitgPty carries the name alone:
// DK advises against an identification there.
func appendHead(buf []byte, b SealedBatch, t totals) []byte {
	count := strconv.Itoa(len(b.Debits))
	sum := string(appendEuro(nil, t.sum))
	name := Convert(b.Creditor.Name)
	buf = append(buf, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	buf = append(buf, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"><CstmrDrctDbtInitn>`+"\n<GrpHdr>"...)
	buf = appendElement(buf, "MsgId", b.MessageID)
	buf = appendElement(buf, "CreDtTm", b.Created.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05Z"))
	buf = appendElement(buf, "NbOfTxs", count)
	buf = appendElement(buf, "CtrlSum", sum)
	buf = append(buf, "<InitgPty>"...)
	buf = appendElement(buf, "Nm", name)
	buf = append(buf, "</InitgPty></GrpHdr>\n<PmtInf>"...)
	buf = appendElement(buf, "PmtInfId", paymentID(b.MessageID))
	buf = append(buf, "<PmtMtd>DD</PmtMtd><BtchBookg>true</BtchBookg>"...)
	buf = appendElement(buf, "NbOfTxs", count)
	buf = appendElement(buf, "CtrlSum", sum)
	buf = append(buf, "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm>"...)
	buf = appendElement(buf, "Cd", b.Scheme)
	buf = append(buf, "</LclInstrm>"...)
	buf = appendElement(buf, "SeqTp", b.Sequence)
	buf = append(buf, "</PmtTpInf>"...)
	buf = appendElement(buf, "ReqdColltnDt", b.CollectOn.String())
	buf = append(buf, "<Cdtr>"...)
	buf = appendElement(buf, "Nm", name)
	buf = append(buf, "</Cdtr>"...)
	buf = appendAccount(buf, "CdtrAcct", b.Creditor.IBAN)
	buf = appendAgent(buf, "CdtrAgt", b.Creditor.BIC)
	buf = append(buf, "<ChrgBr>SLEV</ChrgBr><CdtrSchmeId><Id><PrvtId><Othr>"...)
	buf = appendElement(buf, "Id", b.Creditor.CreditorID)
	return append(buf, "<SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>\n"...)
}

func appendDebit(buf []byte, d *Debit) []byte {
	buf = append(buf, "<DrctDbtTxInf><PmtId>"...)
	buf = appendElement(buf, "EndToEndId", d.EndToEndID)
	buf = append(buf, `</PmtId><InstdAmt Ccy="EUR">`...)
	buf = appendEuro(buf, d.Minor)
	buf = append(buf, "</InstdAmt><DrctDbtTx><MndtRltdInf>"...)
	buf = appendElement(buf, "MndtId", d.Mandate)
	buf = appendElement(buf, "DtOfSgntr", d.SignedOn.String())
	buf = append(buf, "</MndtRltdInf></DrctDbtTx>"...)
	buf = appendAgent(buf, "DbtrAgt", d.BIC)
	buf = append(buf, "<Dbtr>"...)
	buf = appendElement(buf, "Nm", Convert(d.DebtorName))
	buf = appendAddress(buf, d.Address)
	buf = append(buf, "</Dbtr>"...)
	buf = appendAccount(buf, "DbtrAcct", d.IBAN)
	buf = append(buf, "<RmtInf>"...)
	buf = appendElement(buf, "Ustrd", Convert(d.Remittance))
	return append(buf, "</RmtInf></DrctDbtTxInf>\n"...)
}

func appendAddress(buf []byte, a Address) []byte {
	if a.IsZero() {
		return buf
	}
	buf = append(buf, "<PstlAdr>"...)
	if street := Convert(a.Street); street != "" {
		buf = appendElement(buf, "StrtNm", street)
	}
	if code := Convert(a.PostalCode); code != "" {
		buf = appendElement(buf, "PstCd", code)
	}
	buf = appendElement(buf, "TwnNm", Convert(a.Town))
	buf = appendElement(buf, "Ctry", a.Country)
	return append(buf, "</PstlAdr>"...)
}

// appendAgent writes a bank. NOTPROVIDED stands in Othr: as BICFI it would pass the schema, but banks refuse it.
func appendAgent(buf []byte, element, bic string) []byte {
	buf = append(append(append(buf, '<'), element...), "><FinInstnId>"...)
	if bic == "" {
		buf = append(buf, "<Othr><Id>NOTPROVIDED</Id></Othr>"...)
	} else {
		buf = appendElement(buf, "BICFI", bic)
	}
	return append(append(append(buf, "</FinInstnId></"...), element...), '>')
}

func appendAccount(buf []byte, element, iban string) []byte {
	buf = append(append(append(buf, '<'), element...), "><Id>"...)
	buf = appendElement(buf, "IBAN", electronicIBAN(iban))
	return append(append(append(buf, "</Id></"...), element...), '>')
}

// appendElement writes text without escaping: the checks let only the SEPA set through, which holds none of & < >.
func appendElement(buf []byte, name, text string) []byte {
	buf = append(append(append(buf, '<'), name...), '>')
	buf = append(buf, text...)
	return append(append(append(buf, "</"...), name...), '>')
}

// appendEuro writes cents as euro with a decimal point and exactly two decimals.
func appendEuro(buf []byte, cents int64) []byte {
	buf = strconv.AppendInt(buf, cents/100, 10)
	rest := cents % 100
	return append(buf, '.', byte('0'+rest/10), byte('0'+rest%10))
}
