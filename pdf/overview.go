package pdf

import (
	"fmt"

	"github.com/johnfercher/maroto/v2/pkg/core"

	"wattdue/invoicing"
	"wattdue/rating"
)

// overview writes the subject, the sums, the tax and the payment: what a reader wants to know first.
func (s *sheet) overview() {
	figures, services := s.keyFigures(), s.services()
	// Sum and payment stay together: a page turn between them invites mistakes.
	sums := s.taxes()
	s.totals(&sums)
	s.payment(&sums)

	s.place(s.opening())
	// The figures repeat what stands below; they give way where they would push the sum off the first page.
	if len(s.doc.Sessions) > 0 && s.fits(figures.height+services.height+sums.height) {
		s.place(figures)
	}
	s.flow(services)
	s.place(sums)
}

func (s *sheet) opening() block {
	d, t := s.doc, s.theme
	var b block
	title := invoicing.HeadingDE(d.Kind) + " " + d.Number
	b.add(8, cell(bodyWidth, s.single(title, t.title, 6, bodyWidth)))
	b.add(6.6, cell(bodyWidth, s.line(invoicing.PeriodDE(d), t.small.in(t.muted), 3.4)))
	greeting := "Guten Tag,"
	if !s.to.Company {
		greeting = first(s.lines("Guten Tag "+s.to.Name, t.body, bodyWidth-2, 1)) + ","
	}
	s.paragraph(&b, greeting, t.body, 5.6)
	text := "vielen Dank, dass Sie mit uns laden. Hier ist die Abrechnung " + s.sessionCount() +
		"; den Einzelnachweis mit allen Zählerständen finden Sie im Anschluss."
	if len(d.Sessions) == 0 {
		text = "vielen Dank, dass Sie mit uns laden. Hier ist die Abrechnung Ihres Vertrags; Ladevorgänge sind nicht dabei."
	}
	s.paragraph(&b, text, t.body, 4.6)
	b.add(2.4)
	return b
}

func (s *sheet) sessionCount() string {
	if n := len(s.doc.Sessions); n != 1 {
		return "Ihrer " + german(n) + " Ladevorgänge"
	}
	return "Ihres Ladevorgangs"
}

// german prints a count with points between thousands.
func german(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return german(n/1000) + fmt.Sprintf(".%03d", n%1000)
}

func (s *sheet) keyFigures() block {
	d, t := s.doc, s.theme
	const third = bodyWidth / 3
	figures := []pair{
		{"Ladevorgänge", german(len(d.Sessions))},
		{"Energie", invoicing.EnergyDE(s.sums.energy)},
		{"Gesamtbetrag", invoicing.AmountDE(d.Gross, d.Currency)},
	}
	const height, inset = 17.0, 6.0
	cells := make([]core.Col, len(figures))
	for i, f := range figures {
		form, place := lettering{size: 15, bold: true, ink: t.ink}, indent(inset)
		if i == len(figures)-1 {
			form = form.in(t.accent)
		}
		parts := []core.Component{s.line(f.label, t.label, 5.9, place), s.single(f.value, form, 12.8, third-inset-2, place)}
		cells[i] = cell(third, parts...)
	}
	var b block
	b.add(height, append([]core.Col{cell(0, s.wideTile(height))}, cells...)...)
	b.add(4.5)
	return b
}

// services lists the sums per component in the order of AFIR art. 5, with what allowances, caps, discounts and limits make of
// them, and the fees.
func (s *sheet) services() block {
	d, t := s.doc, s.theme
	var b block
	const name, quantity, sum = 85.0, 40.0, 40.0
	b.add(6.2, cell(name, s.line("Leistung", t.label, 4)), cell(quantity, s.line("Menge", t.label, 4, right)),
		cell(sum, s.line("Betrag "+modeShort(d.Mode), t.label, 4, right))).WithStyle(under(t.accent, 0.35))
	for _, v := range s.sums.services {
		form := s.single(joined(" ", v.name, s.serviceLetter(v)), t.small, 3.9, name)
		b.add(5.6,
			cell(name, form),
			cell(quantity, s.figure(v.quantity, t.small, 3.9, quantity)),
			cell(sum, s.figure(invoicing.AmountDE(v.amount, d.Currency), t.small, 3.9, sum)),
		).WithStyle(under(t.hairline, 0.15))
	}
	b.add(2.8)
	return b
}

// serviceLetter marks the tax of a row of the overview, where all of it has the same.
func (s *sheet) serviceLetter(v service) string {
	if v.mixed {
		return ""
	}
	return s.taxLetter(s.groupOf(v.group))
}

func modeShort(m rating.Mode) string {
	if m == rating.Net {
		return "netto"
	}
	return "brutto"
}

// taxes is the VAT table: one row per country and rate.
func (s *sheet) taxes() block {
	d, t := s.doc, s.theme
	var b block
	const name, figure = 45.0, 40.0
	b.add(6.2, cell(name, s.line("Umsatzsteuer", t.label, 4)), cell(figure, s.line("Netto", t.label, 4, right)),
		cell(figure, s.line("Steuer", t.label, 4, right)), cell(figure, s.line("Brutto", t.label, 4, right)),
	).WithStyle(under(t.accent, 0.35))
	for i, g := range d.VAT {
		sum := func(minor int64) core.Col {
			return cell(figure, s.figure(invoicing.AmountDE(minor, d.Currency), t.small, 3.9, figure))
		}
		rate := joined(" ", s.taxLetter(i), "Steuersatz "+s.rate(g))
		if g.Category == invoicing.CategoryOutside {
			rate = joined(" ", s.taxLetter(i), s.rate(g))
		}
		b.add(5.6, cell(name, s.single(rate, t.small, 3.9, name)), sum(g.Net), sum(g.Tax), sum(g.Gross)).
			WithStyle(under(t.hairline, 0.15))
	}
	for i, g := range d.VAT {
		if remark := invoicing.TaxRemarkDE(g); remark != "" {
			s.paragraph(&b, joined(" ", s.taxLetter(i), remark), t.label, 4.4)
		}
	}
	b.add(2)
	return b
}

// rate prints a tax rate, with the country where it is not the issuer's own.
func (s *sheet) rate(g invoicing.VATGroup) string {
	rate := invoicing.TaxDE(g)
	if g.Country == "" || g.Country == s.doc.Issuer.Address.Country {
		return rate
	}
	return rate + " (" + g.Country + ")"
}

// taxLetter marks the rows of the tax table, A to Z, where there are several; the lines of the sessions refer to it.
func (s *sheet) taxLetter(group int) string {
	if len(s.doc.VAT) < 2 || group < 0 {
		return ""
	}
	letter := string(rune('A' + group%26))
	if group < 26 {
		return letter
	}
	return letter + fmt.Sprint(group/26)
}

// totals adds net, tax and gross. Their labels stand at the beginning of a line and nowhere else, so that they can
// be found in the text of the page.
func (s *sheet) totals(b *block) {
	d, t := s.doc, s.theme
	const name, sum = 40.0, 40.0
	const gap = bodyWidth - name - sum
	row := func(label string, minor int64) {
		b.add(5, cell(gap), cell(name, s.single(label, t.small, 3.6, name)),
			cell(sum, s.figure(invoicing.AmountDE(minor, d.Currency), t.small, 3.6, sum)))
	}
	row("Nettobetrag", d.Net)
	for _, g := range d.VAT {
		if g.Category != invoicing.CategoryOutside {
			row("USt. "+s.rate(g), g.Tax)
		}
	}
	b.add(1)
	big := lettering{size: 12, bold: true, ink: t.accent}
	total := invoicing.AmountDE(d.Gross, d.Currency)
	b.add(9, cell(gap), cell(name, s.rule(0, 0.35, t.accent), s.line("Rechnungsbetrag", big.sized(11), 5.8)),
		cell(sum, s.rule(0, 0.35, t.accent), s.figure(total, big, 5.8, sum)))
	b.add(2)
}
