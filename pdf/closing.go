package pdf

import (
	"fmt"
	"strings"

	"wattdue/cdr"
	"wattdue/invoicing"
)

// closing returns what ends the table: its sum, and how measured values are checked (MessEG §33).
func (s *sheet) closing() []block {
	if len(s.doc.Sessions) == 0 {
		return nil
	}
	blocks := []block{s.tableSum()}
	if b := s.metering(); len(b.rows) > 0 {
		blocks = append(blocks, b)
	}
	return blocks
}

func (s *sheet) tableSum() block {
	d, t := s.doc, s.theme
	strong := t.small.strong()
	text := "Summe der Ladevorgänge"
	if len(d.Sessions) != 1 {
		text = fmt.Sprintf("Summe aus %s Ladevorgängen", german(len(d.Sessions)))
	}
	var b block
	const baseline = 4.9
	b.add(7.4, cell(numberWidth),
		cell(sessionWidth+meterWidth, s.line(text, strong, baseline)),
		cell(lineWidth, s.figure(invoicing.EnergyDE(s.sums.energy), strong, baseline, lineWidth-lineInset)),
		cell(amountWidth, s.figure(invoicing.AmountDE(s.sums.total, d.Currency), strong, baseline, amountWidth)),
	).WithStyle(over(t.accent, 0.35))
	b.add(5)
	return b
}

// metering is the note on checking measured values; empty when nothing was measured.
func (s *sheet) metering() block {
	t := s.theme
	note := invoicing.MeteringDE(s.doc)
	if note == "" {
		return block{}
	}
	const inset, step = 6.0, 4.1
	parts := s.tileWith("So prüfen Sie Ihre Messwerte (Eichrecht)", inset)
	y := 11.4
	for _, line := range s.lines(note, t.small, bodyWidth-2*inset, maxParagraph) {
		parts = append(parts, s.line(line, t.small, y, indent(inset), linkTo(s.proofLink(line))))
		y += step
	}
	var b block
	b.add(y+0.2, cell(bodyWidth, parts...))
	return b
}

// proofLink makes a line that shows the whole proof address clickable.
func (s *sheet) proofLink(line string) string {
	if url := s.doc.Issuer.ProofURL; strings.HasPrefix(url, "https://") && strings.Contains(line, url) {
		return url
	}
	return ""
}

// reading prints a register reading without unit, which stands in the head of the column.
func reading(e cdr.MicroKWh) string { return strings.TrimSuffix(invoicing.EnergyDE(e), " kWh") }
