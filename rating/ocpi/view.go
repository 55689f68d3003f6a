package ocpi

import (
	"time"

	"wattdue/money"
	"wattdue/rating"
)

// View is a priced record as it is shown to people and scripts in JSON. Its member names are stable. Amounts are decimal
// text, null where they are not known: totals in minor units, parts with four decimals, exact ones with six, each rounded
// half away from zero.
type View struct {
	ID          string         `json:"id,omitempty"`
	Version     Version        `json:"ocpi_version"`
	Currency    money.Currency `json:"currency"`
	Total       AmountView     `json:"total"`
	Fixed       AmountView     `json:"fixed"`
	Energy      AmountView     `json:"energy"`
	Time        AmountView     `json:"time"`
	Parking     AmountView     `json:"parking"`
	Reservation AmountView     `json:"reservation"`
	Limit       string         `json:"limit_applied,omitempty"`
	Stated      SidesView      `json:"stated"`
	Difference  SidesView      `json:"difference"`
	Lines       []LineView     `json:"lines"`
	Flags       []rating.Flag  `json:"flags"`
	Findings    []FindingView  `json:"findings"`
	Trace       []PeriodView   `json:"trace"`
}

// SidesView is an amount before and with tax.
type SidesView struct {
	ExclVAT *string `json:"excl_vat"`
	InclVAT *string `json:"incl_vat"`
}

// AmountView is an amount rounded and exact.
type AmountView struct {
	SidesView
	Exact SidesView `json:"exact"`
}

// LineView is a Line.
type LineView struct {
	Tariff    string    `json:"tariff"`
	Element   int       `json:"element,omitempty"`
	Dimension Dimension `json:"dimension,omitempty"`
	Label     string    `json:"label,omitempty"`
	Measured  string    `json:"measured,omitempty"`
	Billed    string    `json:"billed,omitempty"`
	Unit      string    `json:"unit_price,omitempty"`
	VAT       *string   `json:"vat_percent"`
	Amount    SidesView `json:"amount"`
}

// FindingView is a Finding.
type FindingView struct {
	Flag  rating.Flag `json:"flag,omitempty"`
	Field string      `json:"field"`
	Text  string      `json:"text"`
}

// PeriodView is a PeriodTrace.
type PeriodView struct {
	Start   time.Time    `json:"start"`
	End     time.Time    `json:"end,omitzero"`
	Tariff  string       `json:"tariff,omitempty"`
	Choices []ChoiceView `json:"choices"`
}

// ChoiceView is a Choice.
type ChoiceView struct {
	Dimension Dimension `json:"dimension"`
	Element   int       `json:"element"`
	Rejected  int       `json:"rejected,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

// View returns the priced record for display.
func (p *Priced) View() View {
	v := View{
		ID: p.ID, Version: p.Version, Currency: p.Currency, Total: p.Total.view(minorDigits(p.Currency)), Fixed: p.Fixed.view(4),
		Energy: p.Energy.view(4), Time: p.Time.view(4), Parking: p.Parking.view(4), Reservation: p.Reservation.view(4), Limit: p.Limit,
		Stated: p.Stated.sides(6), Difference: p.Difference.sides(6), Flags: append([]rating.Flag{}, p.Flags...),
		Lines: make([]LineView, len(p.Lines)), Findings: make([]FindingView, len(p.Findings)), Trace: make([]PeriodView, len(p.Periods)),
	}
	for i := range p.Lines {
		v.Lines[i] = p.Lines[i].view()
	}
	for i, f := range p.Findings {
		v.Findings[i] = FindingView(f)
	}
	for i, t := range p.Periods {
		v.Trace[i] = PeriodView{Start: t.Start, End: t.End, Tariff: t.Tariff, Choices: make([]ChoiceView, len(t.Choices))}
		for j, c := range t.Choices {
			v.Trace[i].Choices[j] = ChoiceView(c)
		}
	}
	return v
}

func (a Amount) view(decimals int) AmountView { return AmountView{a.sides(decimals), a.sides(6)} }

func (a Amount) sides(decimals int) SidesView {
	return SidesView{a.ExclVAT.view(decimals), a.InclVAT.view(decimals)}
}

func (s Sum) view(decimals int) *string {
	if !s.Known {
		return nil
	}
	text := s.Text(decimals)
	return &text
}

func (l *Line) view() LineView {
	v := LineView{Tariff: l.Tariff, Element: l.Element, Dimension: l.Dimension, Label: l.Label, Amount: l.Amount.sides(6)}
	if l.HasVAT {
		percent := l.VAT.Percent()
		v.VAT = &percent
	}
	for i := range dimensions {
		if d := &dimensions[i]; d.name == l.Dimension {
			v.Measured, v.Billed, v.Unit = d.show(l.Measured), d.show(l.Billed), l.Unit.String()
		}
	}
	return v
}
