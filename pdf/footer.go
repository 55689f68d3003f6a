package pdf

import (
	"fmt"
	"strings"

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

// footerSettings are tried from the first to the last: the size, how many lines it has room for, and their distance.
var footerSettings = []struct {
	setting
	step float64
}{{setting{6.4, 7}, 2.85}, {setting{5.6, 8}, 2.48}, {setting{4.9, 9}, 2.2}}

func (s *sheet) footerCells() []core.Col {
	columns := s.footerColumns()
	for i, v := range footerSettings {
		widths, ok := s.footerWidths(columns, v.size)
		broken, highest := s.footerLines(columns, widths, v.size)
		if (!ok || highest > v.lines) && i < len(footerSettings)-1 {
			continue
		}
		cells := make([]core.Col, len(columns))
		rest := bodyWidth
		for c, lines := range broken {
			parts := make([]core.Component, 0, len(lines))
			for n, line := range lines[:min(len(lines), v.lines)] {
				parts = append(parts, s.line(line.text, line.form, float64(n+1)*v.step+0.6))
			}
			width := widths[c] + footerGap
			if c == len(columns)-1 {
				width = rest
			}
			rest -= width
			cells[c] = cell(width, parts...)
		}
		return cells
	}
	return nil
}

// footerGap is at least between two columns, mm.
const footerGap = 3.0

// footerForm is the type of the n-th text of a column; the first is its title.
func (s *sheet) footerForm(n int, size float64) lettering {
	form := lettering{size: size, ink: s.theme.muted}
	if n == 0 {
		return form.strong().in(s.theme.ink)
	}
	return form
}

// footerWidths gives every column the room its texts take, and the rest to the gaps. Where that is too much, columns
// with long texts get less, but never less than what must stay in one piece. It reports false, with columns of one
// width, where even that is too much.
func (s *sheet) footerWidths(columns [][]footerText, size float64) (widths []float64, ok bool) {
	least, full := make([]float64, len(columns)), make([]float64, len(columns))
	var sumLeast, sumFull float64
	for i, column := range columns {
		for n, text := range column {
			form := s.footerForm(n, size)
			full[i] = max(full[i], s.width(text.value, form))
			least[i] = max(least[i], s.widestPiece(text, form))
		}
		sumLeast, sumFull = sumLeast+least[i], sumFull+full[i]
	}
	gaps := float64(len(columns) - 1)
	const slack = 0.2 // cells are rounded to the grid
	room := bodyWidth - footerGap*gaps - slack
	widths = make([]float64, len(columns))
	for i := range columns {
		switch {
		case sumLeast > room:
			widths[i] = room / float64(len(columns))
		case sumFull > room:
			widths[i] = least[i] + (room-sumLeast)*(full[i]-least[i])/(sumFull-sumLeast)
		default:
			widths[i] = full[i] + (room-sumFull)/max(gaps, 1)
		}
	}
	return widths, sumLeast <= room
}

// widestPiece is the room a text takes at least: its longest word, or all of it where it must not be broken.
func (s *sheet) widestPiece(text footerText, form lettering) float64 {
	if text.whole {
		return s.width(text.value, form)
	}
	w := 0.0
	for _, word := range strings.Fields(s.fonts.printable(text.value)) {
		w = max(w, s.width(word, form))
	}
	return w
}

type footerLine struct {
	text string
	form lettering
}

// footerLines breaks the columns and tells how many lines the longest has.
func (s *sheet) footerLines(columns [][]footerText, widths []float64, size float64) ([][]footerLine, int) {
	const most = 6
	out := make([][]footerLine, len(columns))
	highest := 0
	for i, column := range columns {
		for n, text := range column {
			form := s.footerForm(n, size)
			for _, line := range s.lines(text.value, form, widths[i], most) {
				out[i] = append(out[i], footerLine{line, form})
			}
		}
		highest = max(highest, len(out[i]))
	}
	return out, highest
}

// footerText is a text of a column; a whole one must not be broken: an e-mail address, an account, an identifier.
type footerText struct {
	value string
	whole bool
}

// footerColumns lists the columns that have something to say, each with its title first.
func (s *sheet) footerColumns() [][]footerText {
	i := s.doc.Issuer
	vat := i.VATID
	if id, ok := i.VATIDIn(s.doc.Registered); ok {
		vat = id
	}
	text := func(value string) footerText { return footerText{value: value} }
	whole := func(value string) footerText { return footerText{value: value, whole: true} }
	all := [][]footerText{
		{text(i.Name), text(i.Address.Street), text(place(i.Address)), text(countryLine(i.Address.Country, s.to.Address.Country))},
		{whole("Kontakt"), whole(i.Phone), whole(i.Email), whole(i.Web)},
		{
			whole("Register und Steuern"), text(i.Register), whole(labelled("USt-IdNr.", vat)), whole(labelled("Steuernummer", i.TaxNo)),
			text(labelled("Geschäftsführung:", i.Directors)),
		},
		{whole("Bankverbindung"), text(i.Bank), whole(labelled("IBAN", spaced(i.IBAN))), whole(labelled("BIC", i.BIC))},
	}
	var out [][]footerText
	for _, column := range all {
		kept := column[:1:1]
		for _, v := range column[1:] {
			if v.value != "" {
				kept = append(kept, v)
			}
		}
		if len(kept) > 1 {
			out = append(out, kept)
		}
	}
	return out
}
