package pdf

import (
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"

	"wattdue/customer"
	"wattdue/invoicing"
)

// DIN 5008 form B, mm from the upper left corner of the page. The window is 85 x 45 mm from 20 mm; its text begins
// where the body does. The address zone of 27.3 mm lies under the return line.
const (
	windowTop    = 45.0
	windowHeight = 45.0
	windowText   = 80.0 // from the margin at 25 mm to the window's edge at 105 mm
	returnLine   = 16.2 // baseline below windowTop
	addressLine  = 22.2 // first baseline below windowTop
	addressStep  = 4.55
	infoLeft     = 100.0 // information block at 125 mm
	infoTop      = 9.0   // first baseline below windowTop
	infoStep     = 5.0
	infoLabel    = 28.0
	subjectTop   = 96.0
)

// letterhead opens the first page down to the subject line.
func (s *sheet) letterhead() {
	s.pages = [][]core.Row{nil}
	s.add(s.masthead(), s.addressRow())
	s.add(band(subjectTop - windowTop - windowHeight))
}

func (s *sheet) masthead() core.Row {
	issuer, fine := s.doc.Issuer, s.theme.fine
	parts := []core.Component{s.letterMarks(), s.mark(0, 14, 12)}
	name := lettering{size: 16, bold: true, ink: s.theme.ink}
	const nameLeft, nameWidth = 15.5, 84.0
	lines, name := s.settle(issuer.Name, name, nameWidth, setting{16, 1}, setting{11.5, 2}, setting{9, 3}, setting{7, 4})
	step := name.size * 0.45
	baseline := 20 + name.size/8 - float64(len(lines)-1)*step/2
	for i, line := range lines {
		parts = append(parts, s.line(line, name, baseline+float64(i)*step, indent(nameLeft)))
	}
	var contact []core.Component
	baseline = 17.2
	for _, line := range []string{issuer.Web, issuer.Email, issuer.Phone} {
		if line == "" {
			continue
		}
		contact = append(contact, s.figure(line, fine, baseline, bodyWidth-infoLeft))
		baseline += 3.7
	}
	return band(windowTop, cell(infoLeft, parts...), cell(bodyWidth-infoLeft, contact...))
}

func (s *sheet) addressRow() core.Row {
	issuer := s.doc.Issuer
	back := lettering{size: 6.2, ink: s.theme.muted}
	home := joined(" · ", issuer.Address.Street, place(issuer.Address))
	sender := issuer.Name + " · " + home
	if s.width(sender, back) > windowText {
		sender = first(s.lines(issuer.Name, back, windowText/2, 1)) + " · " + home
	}
	address := []core.Component{
		s.short(sender, back, returnLine, windowText),
		s.rule(returnLine+1, 0.15, s.theme.hairline),
	}
	lines, form := s.addressLines()
	for i, line := range lines {
		address = append(address, s.line(line, form, addressLine+float64(i)*addressStep))
	}
	var labels, values []core.Component
	const valueWidth = bodyWidth - infoLeft - infoLabel
	for i, item := range s.info() {
		baseline := infoTop + float64(i)*infoStep
		strong := s.theme.small
		if i == 0 {
			strong = strong.strong()
		}
		labels = append(labels, s.line(item.label, s.theme.label, baseline))
		values = append(values, s.figure(item.value, strong, baseline, valueWidth))
	}
	return band(windowHeight, cell(windowText, address...), cell(infoLeft-windowText),
		cell(infoLabel, labels...), cell(valueWidth, values...))
}

func (l lettering) sized(size float64) lettering { l.size = size; return l }

// addressLines has at most the six lines the address zone takes.
func (s *sheet) addressLines() ([]string, lettering) {
	home := s.doc.Issuer.Address.Country
	lines, form := s.settle(s.to.Name, s.theme.body, windowText, setting{10, 2}, setting{8.5, 2}, setting{7, 2})
	lines = append(lines, s.lines(s.to.Address.Street, form, windowText, 2)...)
	lines = append(lines, s.lines(place(s.to.Address), form, windowText, 1)...)
	if country := countryLine(s.to.Address.Country, home); country != "" {
		lines = append(lines, country)
	}
	return lines, form
}

func place(a customer.Address) string { return joined(" ", a.PostalCode, a.City) }

type pair struct{ label, value string }

// info is the information block.
func (s *sheet) info() []pair {
	d := s.doc
	out := []pair{{"Rechnungsnummer", d.Number}, {"Rechnungsdatum", d.IssuedOn.German()}}
	add := func(label, value string) {
		if value != "" {
			out = append(out, pair{label, value})
		}
	}
	add("Kundennummer", d.CustomerNo)
	add("Vertrag", d.ContractNo)
	add("EMA-ID", d.EMAID)
	add("Ihre USt-IdNr.", s.to.VATID)
	add("Leistungszeitraum", d.Period.First.German()+" – "+d.Period.Last().German())
	switch {
	case d.Gross <= 0:
	case d.Payment.Method == customer.DirectDebit:
		add("Einzug am", d.Payment.CollectOn.German())
	default:
		add("Fällig am", d.Payment.DueOn.German())
	}
	return out
}

// runningHead opens every page after the first.
func (s *sheet) runningHead() core.Row {
	d := s.doc
	const half = 70.0
	name := lettering{size: 9, bold: true, ink: s.theme.ink}
	reference := joined(" · ", invoicing.HeadingDE(d.Kind)+" "+d.Number+" vom "+d.IssuedOn.German(),
		labelled("Kundennummer", d.CustomerNo))
	const rest = bodyWidth - half
	return band(headerEnd,
		cell(half, s.mark(0, 10.6, 6), s.line(first(s.lines(d.Issuer.Name, name, half-9, 1)), name, 14.8, indent(8.5))),
		cell(rest, &drawing{"edge", func(p painter, _ entity.Cell) { p.rect(0, 0, pageWidth, 1.2, s.theme.accent) }},
			s.figure(reference, s.theme.fine.sized(7.6), 14.8, rest)),
	)
}

func first(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}
