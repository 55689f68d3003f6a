package checker

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// BankFile is a direct debit file as ISO 20022 pain.008.001.08 names its parts.
type BankFile struct {
	File   string
	Count  string
	Sum    string
	ID     string
	Blocks []Block
	Faults []Finding
}

// Block is a payment block.
type Block struct {
	ID        string  `xml:"PmtInfId"`
	Count     string  `xml:"NbOfTxs"`
	Sum       string  `xml:"CtrlSum"`
	CollectOn string  `xml:"ReqdColltnDt"`
	Creditor  string  `xml:"CdtrSchmeId>Id>PrvtId>Othr>Id"`
	Debits    []Debit `xml:"DrctDbtTxInf"`
}

// Debit is one collection.
type Debit struct {
	EndToEnd string `xml:"PmtId>EndToEndId"`
	Amount   struct {
		Value    string `xml:",chardata"`
		Currency string `xml:"Ccy,attr"`
	} `xml:"InstdAmt"`
	Mandate string `xml:"DrctDbtTx>MndtRltdInf>MndtId"`
	IBAN    string `xml:"DbtrAcct>Id>IBAN"`
	Purpose string `xml:"RmtInf>Ustrd"`
}

// ParseBank reads a bank file.
func ParseBank(file string, b []byte) BankFile {
	var doc struct {
		XMLName xml.Name `xml:"urn:iso:std:iso:20022:tech:xsd:pain.008.001.08 Document"`
		Header  struct {
			ID    string `xml:"MsgId"`
			Count string `xml:"NbOfTxs"`
			Sum   string `xml:"CtrlSum"`
		} `xml:"CstmrDrctDbtInitn>GrpHdr"`
		Blocks []Block `xml:"CstmrDrctDbtInitn>PmtInf"`
	}
	v := BankFile{File: file}
	if err := xml.Unmarshal(b, &doc); err != nil {
		(*findings)(&v.Faults).addf(file, "cannot be read: %v", err)
		return v
	}
	v.ID, v.Count, v.Sum, v.Blocks = doc.Header.ID, doc.Header.Count, doc.Header.Sum, doc.Blocks
	return v
}

// checkBank compares the bank files with the documents: every announced debit is collected once, to the cent, on the day
// and by the mandate the customer was told, and nothing else is.
func checkBank(f *findings, files []BankFile, all []Invoice, truth []Row) {
	c := collector{f: f, invoices: map[string]*Invoice{}, ids: map[string]string{}}
	for i := range all {
		c.invoices[all[i].Number] = &all[i]
	}
	for _, file := range files {
		c.once(file.File, "message "+file.ID)
		var count int
		var sum Cents
		for _, b := range file.Blocks {
			c.once(file.File, "block "+b.ID)
			n, s := c.block(file.File, b)
			count += n
			sum += s
		}
		same(f, file.File, "number of debits in the header", file.Count, strconv.Itoa(count))
		same(f, file.File, "sum in the header", c.amount(file.File, file.Sum), sum)
	}
	owed := map[string]bool{}
	for _, r := range truth {
		if r.Expected == "billed" && r.Payment == "direct_debit" && r.Amount != 0 {
			owed[r.Contract] = true
		}
	}
	for i := range all {
		v := &all[i]
		if collected := c.ids["invoice "+v.Number] != ""; collected != owed[v.Contract] {
			f.addf(v.Number, "in a bank file: %v; contract %s pays by direct debit: %v", collected, v.Contract, owed[v.Contract])
		}
	}
}

// collector goes through the debits.
type collector struct {
	f        *findings
	invoices map[string]*Invoice
	ids      map[string]string // where an id was met first
}

// once refuses an id that is used twice.
func (c *collector) once(where, id string) {
	if before := c.ids[id]; before != "" {
		c.f.addf(where, "%s was used before, in %s", id, before)
	}
	c.ids[id] = where
}

func (c *collector) amount(where, s string) Cents {
	n, err := decimal(s, ".", 2)
	if err != nil {
		c.f.addf(where, "%v", err)
	}
	return Cents(n)
}

// block compares the debits of a block and returns how many there are, and their sum.
func (c *collector) block(file string, b Block) (int, Cents) {
	var sum Cents
	for _, d := range b.Debits {
		where := file + ", debit " + d.EndToEnd
		amount := c.amount(where, d.Amount.Value)
		sum += amount
		same(c.f, where, "currency", d.Amount.Currency, "EUR")
		c.once(where, "debit "+d.EndToEnd)
		number, _, _ := strings.Cut(d.Purpose, " ")
		if !strings.HasPrefix(d.EndToEnd, number+"-") {
			c.f.addf(where, "the id does not begin with the number %q of the purpose", number)
		}
		v := c.invoices[number]
		if v == nil {
			c.f.addf(where, "no document %q", number)
			continue
		}
		c.once(where, "invoice "+number)
		same(c.f, where, "amount", amount, v.Total)
		same(c.f, where, "announced", v.Debit, true)
		same(c.f, where, "day of collection", b.CollectOn, v.PayOn)
		same(c.f, where, "mandate", d.Mandate, v.Mandate)
		same(c.f, where, "creditor", b.Creditor, v.Creditor)
		same(c.f, where, "account", masked(d.IBAN), v.IBAN)
	}
	same(c.f, file+", block "+b.ID, "number of debits", b.Count, strconv.Itoa(len(b.Debits)))
	same(c.f, file+", block "+b.ID, "sum", c.amount(file, b.Sum), sum)
	return len(b.Debits), sum
}

// masked is an account as documents show it.
func masked(iban string) string {
	if len(iban) < 8 {
		return ""
	}
	return iban[:4] + " **** " + iban[len(iban)-4:]
}
