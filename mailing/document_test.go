package mailing

import (
	"regexp"
	"strings"
	"testing"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/invoicing"
)

func documentMail() DocumentMail {
	d := calendar.NewDate
	return DocumentMail{
		Document: invoicing.Document{
			ID: ident.Derive("test", "1"), Kind: invoicing.ContractSettlement, Number: "RE-2026-0000001", IssuedOn: d(2026, 11, 2),
			Issuer: invoicing.Issuer{
				Name: "Müller & Söhne Ladenetz GmbH", Address: customer.Address{Street: "Hafenstraße 1", PostalCode: "20457", City: "Hamburg", Country: "DE"},
				Email: "rechnung@ladenetz.example", Phone: "+49 40 123456", Web: "www.ladenetz.example", VATID: "DE123456789",
				Register: "Amtsgericht Hamburg, HRB 12345", Directors: "Anna Beispiel", IBAN: "DE89370400440532013000", CreditorID: "DE98ZZZ09999999999",
			},
			Period: d(2026, 10, 1).MonthOf(), Currency: "EUR", Gross: 123456,
			Payment: invoicing.Payment{
				Method: customer.DirectDebit, DueOn: d(2026, 11, 16), Mandate: "M-1001", CreditorID: "DE98ZZZ09999999999",
				DebtorIBAN: "DE02 **** 2051", CollectOn: d(2026, 11, 16),
			},
		},
		To: "erika@kundin.example", ToName: "Erika Mustermann", Date: sentAt, PDF: []byte("%PDF-1.7"),
	}
}

func TestForDocumentGolden(t *testing.T) {
	m := ForDocument(documentMail())
	golden(t, "document.txt", []byte(m.Text))
	golden(t, "document.html", []byte(m.HTML))
	raw := built(t, m)
	golden(t, "document.eml", raw)
}

func TestForDocument(t *testing.T) {
	m := ForDocument(documentMail())
	if m.Subject != "Ihre Rechnung RE-2026-0000001 von Müller & Söhne Ladenetz GmbH" || m.Name != "RE-2026-0000001" {
		t.Errorf("subject %q, name %q", m.Subject, m.Name)
	}
	if len(m.Attached) != 1 || m.Attached[0].Name != "RE-2026-0000001.pdf" {
		t.Errorf("attachments %v", m.Attached)
	}
	// The pre-notification names amount, day, creditor identifier and mandate (EPC SDD Core rulebook).
	for _, must := range []string{"1.234,56 €", "16.11.2026", "DE98ZZZ09999999999", "M-1001", "HRB 12345", "Anna Beispiel"} {
		if !strings.Contains(m.Text, must) || !strings.Contains(m.HTML, must) {
			t.Errorf("%q is missing in text or HTML", must)
		}
	}
	if remote := regexp.MustCompile(`(?i)src=|href=|url\(|@import|<script|<img|<link`).FindString(m.HTML); remote != "" {
		t.Errorf("HTML loads something: %s", remote)
	}
}

func TestNamesAreNotHTML(t *testing.T) {
	in := documentMail()
	in.ToName, in.Document.Issuer.Name = "<b>Erika</b>", "<script>alert(1)</script>"
	if m := ForDocument(in); strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, "<script") {
		t.Errorf("a name is taken for HTML:\n%s", m.HTML)
	}
}

func TestPaymentWords(t *testing.T) {
	tests := []struct {
		name   string
		change func(*invoicing.Document)
		want   string
		not    string
	}{
		{"transfer", func(d *invoicing.Document) { d.Payment.Method = customer.OnAccount }, "Bitte überweisen Sie 1.234,56 € bis zum 16.11.2026", "Lastschrift"},
		{"nothing to pay", func(d *invoicing.Document) { d.Gross = 0 }, "nichts zu zahlen", "Lastschrift"},
		{"debit without date", func(d *invoicing.Document) { d.Payment.CollectOn = calendar.Date{} }, "steht in der Rechnung", "Lastschrift"},
		{"debit without mandate", func(d *invoicing.Document) { d.Payment.Mandate = "" }, "steht in der Rechnung", "Lastschrift"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := documentMail()
			tt.change(&in.Document)
			m := ForDocument(in)
			if !strings.Contains(m.Text, tt.want) || strings.Contains(m.Text, tt.not) {
				t.Errorf("text is\n%s", m.Text)
			}
		})
	}
}

func TestMessageID(t *testing.T) {
	first := ForDocument(documentMail())
	again := documentMail()
	again.Date = sentAt.AddDate(0, 0, 3)
	if got := ForDocument(again).ID; got != first.ID {
		t.Errorf("another attempt has id %s, want %s", got, first.ID)
	}
	if !regexp.MustCompile(`^[0-9a-f]{32}\.invoice\.[0-9a-f]{8}@ladenetz\.example$`).MatchString(first.ID) {
		t.Errorf("id %s", first.ID)
	}
	resend := documentMail()
	resend.Purpose = "resend-2"
	if m := ForDocument(resend); m.ID == first.ID || m.Name != "RE-2026-0000001-resend-2" {
		t.Errorf("resend has id %s and name %s", m.ID, m.Name)
	}
	other := documentMail()
	other.To = "max@kunde.example"
	if ForDocument(other).ID == first.ID {
		t.Error("two recipients share an id")
	}
	if strings.Contains(first.ID, "erika") {
		t.Errorf("id %s shows the recipient", first.ID)
	}
}
