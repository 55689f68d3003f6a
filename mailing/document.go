package mailing

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"wattdue/customer"
	"wattdue/ident"
	"wattdue/invoicing"
)

// Invoice is the purpose of the first mail of a document. A resend is a purpose of its own, such as "resend-2".
const Invoice = "invoice"

// DocumentMail is what a mail of an issued document needs. The document must have its number.
type DocumentMail struct {
	Document invoicing.Document
	Purpose  string // empty means Invoice; letters, digits and hyphens
	From     string // address, may carry a name; empty means the issuer's
	ReplyTo  string // empty means the issuer's address
	To       string // bare address
	ToName   string // for header and salutation; may be empty
	Date     time.Time
	PDF      []byte
}

// ForDocument returns the German mail of a document with its PDF attached. For a direct debit it repeats the
// pre-notification in the words of the document. It is pure; the same input gives the same message.
func ForDocument(d DocumentMail) Message {
	if d.Purpose == "" {
		d.Purpose = Invoice
	}
	doc := d.Document
	from := d.From
	if from == "" {
		from = addressLine(doc.Issuer.Name, doc.Issuer.Email)
	}
	replyTo := d.ReplyTo
	if replyTo == "" {
		replyTo = doc.Issuer.Email
	}
	v := viewOf(d)
	name := doc.Number
	if d.Purpose != Invoice {
		name += "-" + d.Purpose
	}
	return Message{
		Name:     name,
		ID:       MessageID(doc.ID, d.Purpose, d.To, domainOf(from)),
		Date:     d.Date,
		From:     from,
		ReplyTo:  replyTo,
		To:       d.To,
		ToName:   d.ToName,
		Subject:  fmt.Sprintf("Ihre %s %s von %s", invoicing.HeadingDE(doc.Kind), doc.Number, doc.Issuer.Name),
		Text:     textOf(v),
		HTML:     htmlOf(v),
		Attached: []Attachment{{Name: doc.Number + ".pdf", MediaType: "application/pdf", Bytes: d.PDF}},
	}
}

// MessageID returns the Message-ID of a mail, <document>.<purpose>.<hash>@domain, where the hash covers the key of
// the outbox: document, channel, purpose and recipient. It is the same for every attempt.
func MessageID(document ident.ID, purpose, to, domain string) string {
	hash := ident.Derive("mail", document.Hex(), "email", purpose, to).Hex()[:8]
	return document.Hex() + "." + purpose + "." + hash + "@" + domain
}

// view is what the templates print; every text is final.
type view struct {
	Heading, Number, Name, Issued, Period, Amount, Payment string
	Issuer                                                 string
	Legal                                                  []string
}

func viewOf(d DocumentMail) view {
	doc := d.Document
	return view{
		Heading: invoicing.HeadingDE(doc.Kind),
		Number:  doc.Number,
		Name:    clean(d.ToName),
		Issued:  doc.IssuedOn.German(),
		Period:  doc.Period.First.German() + " bis " + doc.Period.Last().German(),
		Amount:  invoicing.AmountDE(doc.Gross, doc.Currency),
		Payment: payment(doc),
		Issuer:  clean(doc.Issuer.Name),
		Legal:   legal(doc.Issuer),
	}
}

// payment says how the document is paid. A pre-notification without a date or mandate would be void, so the mail
// then only points to the document.
func payment(doc invoicing.Document) string {
	p := doc.Payment
	if doc.Gross > 0 && p.Method == customer.DirectDebit && (p.CollectOn.IsZero() || p.Mandate == "" || p.CreditorID == "") {
		return "Wie der Betrag gezahlt wird, steht in der Rechnung."
	}
	return invoicing.PaymentDE(doc)
}

// legal is what a business letter must name, e-mail included (GmbHG §35a, HGB §37a).
func legal(i invoicing.Issuer) []string {
	a := i.Address
	var lines []string
	add := func(label string, parts ...string) {
		var given []string
		for _, s := range parts {
			if s = clean(s); s != "" {
				given = append(given, s)
			}
		}
		if len(given) > 0 {
			lines = append(lines, label+strings.Join(given, ", "))
		}
	}
	add("", i.Name, a.Street, a.PostalCode+" "+a.City)
	add("", i.Register)
	add("Geschäftsführung: ", i.Directors)
	add("USt-IdNr.: ", i.VATID)
	add("", i.Phone, i.Email, i.Web)
	return lines
}

func addressLine(name, address string) string {
	name = strings.NewReplacer(`\`, ``, `"`, `'`).Replace(clean(name))
	return `"` + name + `" <` + address + `>`
}

// domainOf returns what follows the last at sign, without the closing bracket.
func domainOf(from string) string {
	domain := from[strings.LastIndexByte(from, '@')+1:]
	return strings.TrimRight(domain, "> ")
}

var (
	textTemplate = texttemplate.Must(texttemplate.New("text").Parse(documentText))
	htmlTemplate = htmltemplate.Must(htmltemplate.New("html").Parse(documentHTML))
)

// textOf and htmlOf panic only when a template and the view disagree, which every test of the package would show.
func textOf(v view) string {
	var b bytes.Buffer
	if err := textTemplate.Execute(&b, v); err != nil {
		panic(err)
	}
	return b.String()
}

func htmlOf(v view) string {
	var b bytes.Buffer
	if err := htmlTemplate.Execute(&b, v); err != nil {
		panic(err)
	}
	return b.String()
}
