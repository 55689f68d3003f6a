package pdf

import (
	"fmt"

	"github.com/johnfercher/maroto/v2/pkg/core"
)

// footer closes every page: the page number, and in columns what a business letter owes its reader (HGB §37a, §125a;
// GmbHG §35a; UStG §14 Abs. 4 Nr. 2). Where a column is long the type gets smaller before anything is cut.
func (s *sheet) footer(number, total int) []core.Row {
	const counterHeight = 5.0
	counter := fmt.Sprintf("Seite %d von %d", number, total)
	return []core.Row{
		band(counterHeight, cell(bodyWidth, s.line(counter, s.theme.fine, 3, right))),
		band(pageHeight-footerTop-counterHeight, s.footerCells()...).WithStyle(over(s.theme.hairline, 0.2)),
	}
}

func (s *sheet) footerCells() []core.Col {
	columns := s.footerColumns()
	widths := []float64{33, 36, 50, 46} // registers, directors and the account take more room
	if len(columns) != len(widths) {
		for i := range widths {
			widths[i] = bodyWidth / float64(len(columns))
		}
	}
	settings := []struct {
		setting
		step float64
	}{{setting{6.4, 7}, 2.85}, {setting{5.6, 8}, 2.48}, {setting{4.9, 9}, 2.2}}
	for i, v := range settings {
		broken, highest := s.footerLines(columns, widths, v.size)
		if highest > v.lines && i < len(settings)-1 {
			continue
		}
		cells := make([]core.Col, len(columns))
		for c, lines := range broken {
			parts := make([]core.Component, 0, len(lines))
			for n, line := range lines[:min(len(lines), v.lines)] {
				parts = append(parts, s.line(line.text, line.form, float64(n+1)*v.step+0.6))
			}
			cells[c] = cell(widths[c], parts...)
		}
		return cells
	}
	return nil
}

type footerLine struct {
	text string
	form lettering
}

// footerLines breaks the columns and tells how many lines the longest has.
func (s *sheet) footerLines(columns [][]string, widths []float64, size float64) ([][]footerLine, int) {
	const gap, most = 3.0, 6
	out := make([][]footerLine, len(columns))
	highest := 0
	for i, column := range columns {
		for n, text := range column {
			form := lettering{size: size, ink: s.theme.muted}
			if n == 0 {
				form = form.strong().in(s.theme.ink)
			}
			for _, line := range s.lines(text, form, widths[i]-gap, most) {
				out[i] = append(out[i], footerLine{line, form})
			}
		}
		highest = max(highest, len(out[i]))
	}
	return out, highest
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
		{"Register und Steuern", i.Register, labelled("USt-IdNr.", vat), labelled("Steuernummer", i.TaxNo),
			labelled("Geschäftsführung:", i.Directors)},
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
