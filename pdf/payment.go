package pdf

import (
	"fmt"
	"strings"

	"github.com/johnfercher/go-tree/node"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/money"
)

// payment adds the payment block. For a direct debit it is the pre-notification with creditor id, mandate, amount
// and day (EPC SDD Core rulebook); on account it shows where to pay and from when the customer is in default.
func (s *sheet) payment(b *block) {
	d, t := s.doc, s.theme
	title := "Zahlung per Überweisung"
	switch {
	case d.Gross <= 0:
		title = "Zahlung"
	case d.Payment.Method == customer.DirectDebit:
		title = "Zahlung per SEPA-Lastschrift – Vorabankündigung"
	}
	const inset, codeSize, step = 6.0, 27.0, 4.2
	width := bodyWidth - 2*inset
	code := s.girocode()
	if code != "" {
		width -= codeSize
	}
	parts := s.tileWith(title, inset)
	y := 11.6
	for _, line := range s.lines(s.paymentText(), t.small, width, maxParagraph) {
		parts = append(parts, s.line(line, t.small, y, indent(inset)))
		y += step
	}
	y += 1.2
	facts := s.paymentFacts()
	half := width * 0.53
	labels := [2]float64{s.labelWidth(facts, 0), s.labelWidth(facts, 1)}
	for i, f := range facts {
		left, room := inset, half-labels[0]-2
		if i%2 == 1 {
			left, room = inset+half, width-half-labels[1]
		}
		write := s.single
		if f.value == d.Issuer.Name {
			write = s.short
		}
		parts = append(parts, s.line(f.label, t.label, y, indent(left)),
			write(f.value, t.small.strong(), y, room, indent(left+labels[i%2])))
		if i%2 == 1 || i == len(facts)-1 {
			y += step + 0.3
		}
	}
	height := y + 0.4
	if code != "" {
		height = max(height, codeSize+6)
		parts = append(parts, &giroCode{code, codeSize, inset},
			s.line("Überweisung per Foto", t.fine.sized(6.2), codeSize+4.2, center, indent(bodyWidth-codeSize-inset/2), rightIndent(inset/2)))
	}
	b.add(height, cell(bodyWidth, parts...))
	b.after = 7
}

// paymentText is the sentence above the facts; the mandate, the accounts and the reference are listed below it.
func (s *sheet) paymentText() string {
	d := s.doc
	switch {
	case d.Gross <= 0:
		return invoicing.PaymentDE(d)
	case d.Payment.Method == customer.DirectDebit:
		return "Den Rechnungsbetrag ziehen wir am " + d.Payment.CollectOn.German() +
			" per SEPA-Lastschrift von Ihrem Konto ein. Bitte sorgen Sie für ausreichende Deckung."
	}
	return "Bitte überweisen Sie den Rechnungsbetrag bis zum " + d.Payment.DueOn.German() +
		" und geben Sie die Rechnungsnummer als Verwendungszweck an. " + invoicing.DefaultNoticeDE
}

// labelWidth is the room the labels of one of the two columns take.
func (s *sheet) labelWidth(facts []pair, column int) float64 {
	w := 0.0
	for i, f := range facts {
		if i%2 == column {
			w = max(w, s.width(f.label, s.theme.label))
		}
	}
	return w + 3
}

func (s *sheet) paymentFacts() []pair {
	d, p := s.doc, s.doc.Payment
	if d.Gross <= 0 {
		return nil
	}
	total := invoicing.AmountDE(d.Gross, d.Currency)
	var all []pair
	if p.Method == customer.DirectDebit {
		all = []pair{
			{"Betrag", total},
			{"Einzug am", p.CollectOn.German()},
			{"Mandatsreferenz", p.Mandate},
			{"Gläubiger-ID", p.CreditorID},
			{"IBAN", p.DebtorIBAN},
		}
	} else {
		all = []pair{
			{"Betrag", total},
			{"Fällig am", p.DueOn.German()},
			{"IBAN", spaced(d.Issuer.IBAN)},
			{"BIC", d.Issuer.BIC},
			{"Empfänger", d.Issuer.Name},
			{"Verwendungszweck", d.Number},
		}
	}
	out := all[:0]
	for _, f := range all {
		if f.value != "" {
			out = append(out, f)
		}
	}
	return out
}

// girocode is the content of the transfer code, version 002 in UTF-8 (EPC069-12, version 2.1); empty where none may
// be shown: it is for credit transfers in euro from 0.01 to 999999999.99.
func (s *sheet) girocode() string {
	d := s.doc
	const most, longest = 999_999_999_99, 331
	if d.Payment.Method != customer.OnAccount || d.Currency != money.EUR || d.Gross <= 0 || d.Gross > most {
		return ""
	}
	const nameLimit = 70
	name := []rune(strings.Join(strings.Fields(d.Issuer.Name), " "))
	sum := money.Amount{Minor: d.Gross, Currency: d.Currency}.Decimal()
	iban := strings.ReplaceAll(d.Issuer.IBAN, " ", "")
	code := fmt.Sprintf("BCD\n002\n1\nSCT\n%s\n%s\n%s\nEUR%s\n\n\n%s", d.Issuer.BIC,
		string(name[:min(len(name), nameLimit)]), iban, sum, d.Number)
	if len(code) > longest || strings.Count(code, "\n") != 10 {
		return "" // a line end inside a field would shift the others
	}
	return code
}

// giroCode places the code at the right edge of its cell.
type giroCode struct {
	code        string
	side, inset float64
}

var _ core.Component = (*giroCode)(nil)

// Render implements core.Component.
func (g *giroCode) Render(provider core.Provider, cell *entity.Cell) {
	at := entity.Cell{X: cell.X + cell.Width - g.side - g.inset/2, Y: cell.Y + 2, Width: g.side, Height: g.side}
	if p, ok := provider.(painter); ok {
		p.rect(at.X, at.Y, at.Width, at.Height, colour{0xFF, 0xFF, 0xFF})
	}
	provider.AddQrCode(g.code, &at, &props.Rect{})
}

// GetHeight implements core.Component.
func (g *giroCode) GetHeight(core.Provider, *entity.Cell) float64 { return 0 }

// SetConfig implements core.Component.
func (g *giroCode) SetConfig(*entity.Config) {}

// GetStructure implements core.Component.
func (g *giroCode) GetStructure() *node.Node[core.Structure] {
	return node.New(core.Structure{Type: "girocode", Value: g.code})
}
