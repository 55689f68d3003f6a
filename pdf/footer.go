package pdf

import (
	"fmt"

	"github.com/johnfercher/maroto/v2/pkg/core"
)

// footer closes every page: the page number, and in columns what a business letter owes its reader (HGB §37a, §125a;
// GmbHG §35a; UStG §14 Abs. 4 Nr. 2).
func (s *sheet) footer(number, total int) []core.Row {
	const step, lines = 2.85, 7
	form := lettering{size: 6.4, ink: s.theme.muted}
	counter := fmt.Sprintf("Seite %d von %d", number, total)
	columns := s.footerColumns()
	widths := []float64{33, 36, 50, 46} // registers, directors and the account take more room
	cells := make([]core.Col, len(columns))
	for i, column := range columns {
		var parts []core.Component
		printed, room := 0, bodyWidth/float64(len(columns))
		if len(columns) == len(widths) {
			room = widths[i]
		}
		for n, text := range column {
			shape := form
			if n == 0 {
				shape = form.strong().in(s.theme.ink)
			}
			for _, line := range s.lines(text, shape, room-3, 3) {
				if printed == lines {
					break
				}
				printed++
				parts = append(parts, s.line(line, shape, float64(printed)*step+0.6))
			}
		}
		cells[i] = cell(room, parts...)
	}
	return []core.Row{
		band(5, cell(bodyWidth, s.line(counter, s.theme.fine, 3, right))),
		band(pageHeight-footerTop-5, cells...).WithStyle(over(s.theme.hairline, 0.2)),
	}
}

// footerColumns lists the columns that have something to say, each with its title first.
func (s *sheet) footerColumns() [][]string {
	i := s.doc.Issuer
	vat := i.VATID
	if id, ok := i.VATIDIn(s.doc.Registered); ok {
		vat = id
	}
	all := [][]string{
		{i.Name, i.Address.Street, place(i.Address), countryLine(i.Address.Country, s.to.Address.Country)},
		{"Kontakt", i.Phone, i.Email, i.Web},
		{"Register und Steuern", i.Register, labelled("Geschäftsführung:", i.Directors),
			labelled("USt-IdNr.", vat), labelled("Steuernummer", i.TaxNo)},
		{"Bankverbindung", i.Bank, labelled("IBAN", spaced(i.IBAN)), labelled("BIC", i.BIC)},
	}
	var out [][]string
	for _, column := range all {
		kept := column[:1:1]
		for _, text := range column[1:] {
			if text != "" {
				kept = append(kept, text)
			}
		}
		if len(kept) > 1 {
			out = append(out, kept)
		}
	}
	return out
}
