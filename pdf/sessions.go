package pdf

import (
	"fmt"
	"math"
	"slices"

	"github.com/johnfercher/maroto/v2/pkg/core"

	"wattdue/invoicing"
	"wattdue/rating"
)

// Widths of the session table in mm; together the body width.
const (
	numberWidth  = 7.0
	sessionWidth = 57.0
	meterWidth   = 20.0
	lineWidth    = 64.0
	lineInset    = 3.5 // free on both sides of the line column
	lineGap      = 1.2 // at least between name and price
	lineRoom     = lineWidth - lineInset - lineGap
	amountWidth  = bodyWidth - numberWidth - sessionWidth - meterWidth - lineWidth
)

// Vertical rhythm of a session, mm.
const (
	sessionPad   = 1.4
	sessionFirst = 3.8 // from the first baseline to the second
	sessionStep  = 3.25
	sessionTop   = sessionPad + 2.7 // first baseline
)

// sessionTable lists every session. A session is never split over pages; the head of the table is repeated. The last
// session goes along with what closes the table, so that no page holds a sum or a note alone.
func (s *sheet) sessionTable(closing []block) error {
	head, title := s.tableHead(), s.tableTitle()
	if len(s.doc.Sessions) == 0 {
		return nil
	}
	end := 0.0
	for _, b := range closing {
		end += b.height
	}
	begun := false
	for i, session := range s.doc.Sessions {
		b, err := s.session(i+1, session)
		if err != nil {
			return err
		}
		if headerEnd+title.height+head.height+b.height > footerTop {
			return fmt.Errorf("session %s: %d lines do not fit on a page", session.SessionID, len(session.Lines))
		}
		need := b.height
		if i == len(s.doc.Sessions)-1 && headerEnd+title.height+head.height+need+end <= footerTop {
			need += end
		}
		switch {
		case !begun:
			begun = true
			const worthwhile = 60 // mm: less is not begun at the foot of the first page
			if !s.fits(max(title.height+head.height+need, worthwhile)) {
				s.turn()
			}
			s.add(title.rows...)
			s.add(head.rows...)
		case !s.fits(need):
			s.turn()
			s.add(s.tableHead().rows...)
		}
		s.add(b.rows...)
	}
	return nil
}

func (s *sheet) tableTitle() block {
	t := s.theme
	var b block
	note := "Alle Preise inkl. USt."
	if s.doc.Mode == rating.Net {
		note = "Alle Preise netto zzgl. USt."
	}
	if len(s.doc.VAT) == 1 && s.doc.VAT[0].Category == invoicing.CategoryOutside {
		note = "Alle Preise " + invoicing.TaxDE(s.doc.VAT[0])
	}
	for i, g := range s.doc.VAT {
		if letter := s.taxLetter(i); letter != "" {
			note += " · " + letter + " = " + s.rate(g)
		}
	}
	const half = bodyWidth / 2
	b.add(8.5, cell(half, s.line("Einzelnachweis Ihrer Ladevorgänge", t.heading.sized(12), 5)),
		cell(half, s.figure(note, t.label, 5, half)))
	return b
}

func (s *sheet) tableHead() block {
	form := s.theme.label.sized(7)
	var b block
	b.add(9.2,
		cell(numberWidth, s.line("Nr.", form, 3.4)),
		cell(sessionWidth, s.line("Beginn – Ende (Ortszeit)", form, 3.4), s.line("Ort, Ladepunkt, Karte", form, 6.8)),
		cell(meterWidth, s.line("Zählerstand", form, 3.4, right), s.line("Beginn/Ende kWh", form, 6.8, right)),
		cell(lineWidth, s.line("Energie", form, 3.4, right), s.line("Menge × Einzelpreis", form, 6.8, right)),
		cell(amountWidth, s.line("Betrag", form, 3.4, right)),
	).WithStyle(under(s.theme.accent, 0.35))
	return b
}

func (s *sheet) session(number int, v invoicing.SessionLines) (block, error) {
	when, err := span(v.Start, v.End)
	if err != nil {
		return block{}, fmt.Errorf("session %s: %w", v.SessionID, err)
	}
	left, leftLines := s.sessionText(when, v)
	right, amounts, lineCount := s.sessionLines(v)
	height := sessionTop + sessionFirst + float64(max(leftLines, lineCount, 1)-1)*sessionStep + sessionPad
	strong := s.theme.small.strong()
	var b block
	b.add(height,
		cell(numberWidth, s.single(fmt.Sprint(number), strong.in(s.theme.accent), sessionTop, numberWidth-1)),
		left, s.meterCell(v), right, amounts,
	).WithStyle(under(s.theme.hairline, 0.15))
	return b, nil
}

// below is the baseline of the n-th line under the first, from 0.
func below(n int) float64 { return sessionTop + sessionFirst + float64(n)*sessionStep }

// sessionText is what, where and by which card. The number of lines under the first comes with it.
func (s *sheet) sessionText(when string, v invoicing.SessionLines) (core.Col, int) {
	const width = sessionWidth - 2
	t := s.theme
	strong := t.small.strong()
	parts := []core.Component{s.single(when, strong, sessionTop, width)}
	lines := s.lines(v.Place, t.fine.in(t.ink), width, 2)
	n := 0
	for _, line := range lines {
		parts = append(parts, s.line(line, t.fine.in(t.ink), below(n)))
		n++
	}
	card := ""
	if v.Token != "" {
		card = "Karte …" + v.Token
	}
	for _, id := range []string{joined(" · ", v.EVSEID, card), "Ladevorgang " + v.SessionID} {
		if id != "" {
			parts = append(parts, s.single(id, t.fine, below(n), width))
			n++
		}
	}
	for _, line := range s.lines(invoicing.BasisDE(v.Basis), t.fine, width, 2) {
		parts = append(parts, s.line(line, t.fine, below(n)))
		n++
	}
	return cell(sessionWidth, parts...), n
}

func (s *sheet) meterCell(v invoicing.SessionLines) core.Col {
	const width = meterWidth
	form := s.theme.fine.in(s.theme.ink)
	if !v.Measured {
		return cell(meterWidth, s.line("–", form, sessionTop, right))
	}
	return cell(meterWidth, s.figure(reading(v.MeterBegin), form, sessionTop, width),
		s.figure(reading(v.MeterEnd), form, below(0), width),
		s.figure(v.MeterID, s.theme.fine.sized(6.2), below(1), width))
}

// sessionLines is the sum of the session and its priced lines below.
func (s *sheet) sessionLines(v invoicing.SessionLines) (lines, amounts core.Col, count int) {
	d, strong := s.doc, s.theme.small.strong()
	const width = lineWidth - lineInset
	lines = cell(lineWidth, s.figure(invoicing.EnergyDE(v.Energy), strong, sessionTop, width))
	amounts = cell(amountWidth, s.figure(invoicing.AmountDE(v.Total, d.Currency), strong, sessionTop, amountWidth))
	items := s.lineItems(v)
	form := s.lineForm(items)
	for _, l := range items {
		switch {
		case l.price == "":
			lines.Add(s.single(l.name, form, below(count), width, indent(lineInset)))
		case s.itemWidth(l, form) <= lineRoom:
			lines.Add(s.line(l.name, form, below(count), indent(lineInset)), s.line(l.price, form, below(count), right))
		default:
			lines.Add(s.single(l.name, form, below(count), width, indent(lineInset)))
			count++
			lines.Add(s.figure(l.price, form, below(count), width))
		}
		amounts.Add(s.figure(l.amount, form, below(count), amountWidth))
		count++
	}
	return lines, amounts, count
}

// lineItem is a priced line in words: what, how much of it at which price, and what it comes to.
type lineItem struct{ name, price, amount string }

func (s *sheet) lineItems(v invoicing.SessionLines) []lineItem {
	v.Lines = printed(v.Lines)
	out := make([]lineItem, len(v.Lines))
	for i, l := range v.Lines {
		name := joined(" ", invoicing.SessionLineDE(v, i), s.taxLetter(s.taxGroup(l)))
		out[i] = lineItem{name, invoicing.PricedDE(l, s.doc.Currency), invoicing.AmountDE(l.Amount, s.doc.Currency)}
	}
	return out
}

// lineForm is one type for all lines of a session, so small that the longest name fits beside its price. What does
// not fit at the least readable size takes two lines and does not count.
func (s *sheet) lineForm(items []lineItem) lettering {
	const least, step = 6.2, 10 // points, tenths of a point
	form := s.theme.fine.in(s.theme.ink)
	size := form.size
	for _, l := range items {
		w := s.itemWidth(l, form)
		if w <= lineRoom {
			continue
		}
		if fit := math.Floor(form.size*lineRoom/w*step) / step; fit >= least {
			size = min(size, fit)
		}
	}
	return form.sized(size)
}

// itemWidth is the room name and price take, without the gap between them.
func (s *sheet) itemWidth(l lineItem, form lettering) float64 {
	return s.width(l.name, form) + s.width(l.price, form)
}

// taxGroup returns the row of the tax table a line belongs to.
func (s *sheet) taxGroup(l invoicing.Line) int {
	return s.groupOf(l.Group())
}

// groupOf returns the row of the tax table with a country, category and rate.
func (s *sheet) groupOf(group invoicing.VATGroup) int {
	return slices.IndexFunc(s.doc.VAT, func(g invoicing.VATGroup) bool {
		return g.Country == group.Country && g.Category == group.Category && g.Rate == group.Rate
	})
}
