package wire

import (
	"encoding/hex"
	"fmt"
	"time"

	"wattdue/money"
	"wattdue/rating"
)

// Price is a priced session as it is shown in JSON. Its member names are stable. Amounts and quantities are decimal text.
type Price struct {
	Session  string         `json:"session,omitempty"`
	Tariff   string         `json:"tariff"`
	Version  int            `json:"version"`
	SHA256   string         `json:"tariff_sha256,omitempty"` // content hash of the tariff version
	Currency money.Currency `json:"currency"`
	Mode     rating.Mode    `json:"mode"`
	Round    rating.RoundAt `json:"round_at"`
	Held     bool           `json:"held"` // not to be billed; Flags say why
	Reversal bool           `json:"reversal,omitempty"`
	Total    Amount         `json:"total"`
	// Dimensions are the components that have lines, and "session_limit" for what a minimum adds or a maximum takes off.
	Dimensions map[string]Amount `json:"dimensions"`
	Lines      []Line            `json:"lines"`
	Consumed   []Consumed        `json:"consumed,omitempty"` // of allowances
	Flags      []rating.Flag     `json:"flags"`
	Remarks    []Remark          `json:"remarks"` // what the flags mean
	Trace      Trace             `json:"trace"`
}

// SessionLimit is the dimension of session minimum and maximum, which belong to no component.
const SessionLimit = "session_limit"

// Line is a line of a price.
type Line struct {
	Kind      rating.LineKind  `json:"kind,omitempty"` // empty: a quantity at a price
	Component rating.Component `json:"component,omitempty"`
	Quantity  string           `json:"quantity,omitempty"` // with its unit; empty for an adjustment
	Billed    int64            `json:"billed,omitempty"`   // the quantity in micro-kWh, seconds or as a count
	UnitPrice string           `json:"unit_price,omitempty"`
	Block     string           `json:"started_block,omitempty"` // what the unit price is for, where it is for a started block
	Exact     string           `json:"exact"`
	Amount    string           `json:"amount"`
	VATCode   string           `json:"vat_code"`
	VAT       *string          `json:"vat_percent"` // null: not known
	Row       string           `json:"row,omitempty"`
	Label     string           `json:"label,omitempty"`
}

// Consumed is what a session took from an allowance, in micro-kWh or seconds.
type Consumed struct {
	Allowance string `json:"allowance"`
	Quantity  int64  `json:"quantity"`
}

// Remark is a flag with what it means.
type Remark struct {
	Flag  rating.Flag `json:"flag"`
	Text  string      `json:"text"`
	Holds bool        `json:"holds,omitempty"` // the session is held because of it, unless it was released
}

// Of is what is told of a price beside the rating itself.
type Of struct {
	Session string
	Hash    [32]byte // of the tariff; zero: left out
	Rate    Rate
}

// NewPrice shows a rating. An unknown VAT rate leaves the other side of tax open and adds the flag VAT_UNKNOWN.
func NewPrice(r rating.Rated, of Of) (Price, error) {
	trace, err := rating.DecodeTrace(r.Trace)
	if err != nil {
		return Price{}, err
	}
	p := Price{
		Session: of.Session, Tariff: r.Tariff, Version: r.Version, Currency: r.Currency, Mode: r.Mode, Round: trace.Round, Held: r.Held,
		Reversal: r.Reversal, Dimensions: map[string]Amount{}, Lines: make([]Line, len(r.Lines)), Trace: newTrace(&trace, r.Trace),
		Flags: append([]rating.Flag{}, r.Flags...), Remarks: []Remark{},
	}
	if of.Hash != [32]byte{} {
		p.SHA256 = hex.EncodeToString(of.Hash[:])
	}
	for _, c := range r.Consumed {
		p.Consumed = append(p.Consumed, Consumed(c))
	}
	if err := p.add(r.Lines, of.Rate); err != nil {
		return Price{}, fmt.Errorf("session %q: %w", of.Session, err)
	}
	for _, f := range p.Flags {
		p.Remarks = append(p.Remarks, Remark{f, f.Text(), f == rating.NoPrice || f == rating.Negative || f == rating.PeriodsOutside})
	}
	return p, nil
}

// add shows lines and adds them up.
func (p *Price) add(lines []rating.Line, rate Rate) error {
	unknown := false
	total := adder{currency: p.Currency, mode: p.Mode, round: p.Round, rate: rate}
	parts := map[string]*adder{}
	for i := range lines {
		l := &lines[i]
		p.Lines[i] = showLine(l, p.Currency)
		if fraction, ok := rate(l.VATCode); ok {
			percent := fraction.Percent()
			p.Lines[i].VAT = &percent
		} else {
			unknown = true
		}
		name := string(l.Component)
		if name == "" {
			name = SessionLimit
		}
		if parts[name] == nil {
			parts[name] = &adder{currency: p.Currency, mode: p.Mode, round: p.Round, rate: rate}
		}
		for _, a := range []*adder{&total, parts[name]} {
			if err := a.add(l); err != nil {
				return err
			}
		}
	}
	var err error
	for name, a := range parts {
		if p.Dimensions[name], err = a.amount(); err != nil {
			return err
		}
	}
	if unknown {
		p.Flags = append(p.Flags, rating.VATUnknown)
	}
	p.Total, err = total.amount()
	return err
}

func showLine(l *rating.Line, currency money.Currency) Line {
	line := Line{
		Kind: l.Kind, Component: l.Component, Exact: exactText(l.Exact), Amount: money.Amount{Minor: l.Amount, Currency: currency}.Decimal(),
		VATCode: l.VATCode, Row: l.Row, Label: l.Label,
	}
	if l.Kind == rating.QuantityLine || l.Kind == rating.IncludedLine {
		line.Quantity, line.Billed, line.UnitPrice = l.Component.ShowQuantity(l.Quantity), l.Quantity, l.Unit.String()
	}
	if l.Block > 0 {
		line.Block = l.Component.ShowQuantity(l.Block)
	}
	return line
}

// Trace is how a price came about. Bytes is the trace itself, in base64 (RFC 4648, 4): it replays without tariff or session.
type Trace struct {
	Bytes       []byte       `json:"bytes"`
	Rules       int          `json:"rules_version"`
	Start       time.Time    `json:"start"`
	Seconds     int64        `json:"seconds"`
	IdleSeconds int64        `json:"idle_seconds"`
	Energy      string       `json:"energy_kwh"`
	Export      string       `json:"export_kwh,omitempty"`
	Slices      []Slice      `json:"slices"`
	Adjustments []Adjustment `json:"adjustments"`
	Sentences   []string     `json:"sentences"`
}

// Slice is a part of the session in which one row prices a component, or none does.
type Slice struct {
	Component rating.Component `json:"component"`
	From      time.Time        `json:"from"`
	To        time.Time        `json:"to"`
	Outcome   string           `json:"outcome"`
	Measured  string           `json:"measured"`
	Billed    string           `json:"billed"` // after free amounts and allowances, with the surplus of a step
	Row       string           `json:"row,omitempty"`
	Priority  int              `json:"priority,omitempty"`
	Price     string           `json:"price,omitempty"`
	Matched   string           `json:"matched,omitempty"` // values by which the row matched
	When      string           `json:"when,omitempty"`
	Rejected  *Rejected        `json:"rejected,omitempty"`
}

// Rejected is the best row that was not used.
type Rejected struct {
	Row    string        `json:"row"`
	Reason rating.Reason `json:"reason"`
	Text   string        `json:"text"`
}

// Adjustment is a change of a quantity or an amount.
type Adjustment struct {
	Kind      rating.AdjustmentKind `json:"kind"`
	Component rating.Component      `json:"component,omitempty"`
	Label     string                `json:"label,omitempty"`
	Line      *int                  `json:"line,omitempty"` // the line that shows it, from 1; none for quantities
	Before    string                `json:"before"`
	After     string                `json:"after"`
}

// OutcomeText is the word for an outcome.
func OutcomeText(o rating.Outcome) string {
	switch o {
	case rating.Priced:
		return "priced"
	case rating.Unpriced:
		return "no_price"
	case rating.NotProven:
		return "not_proven"
	case rating.FreeOfCharge:
		return "free"
	}
	return ""
}

func newTrace(t *rating.Trace, b []byte) Trace {
	v := Trace{
		Bytes: b, Rules: t.Rules, Start: t.Start, Seconds: t.Seconds, IdleSeconds: t.Idle, Energy: energyText(t.Energy), Export: energyOr(t.Export),
		Slices: make([]Slice, len(t.Slices)), Adjustments: make([]Adjustment, len(t.Adjustments)), Sentences: t.Explain(),
	}
	for i := range t.Slices {
		v.Slices[i] = newSlice(&t.Slices[i])
	}
	for i := range t.Adjustments {
		v.Adjustments[i] = newAdjustment(&t.Adjustments[i])
	}
	return v
}

func newSlice(s *rating.Slice) Slice {
	v := Slice{
		Component: s.Component, From: s.From, To: s.To, Outcome: OutcomeText(s.Outcome),
		Measured: s.Component.ShowQuantity(s.Measured), Billed: s.Component.ShowQuantity(s.Billed),
	}
	if s.Outcome == rating.Priced {
		v.Row, v.Priority, v.Price, v.Matched, v.When = s.Row, s.Priority, s.Price.Text(s.Component), s.Matched.String(), s.When
	}
	if s.Rejected != "" {
		v.Rejected = &Rejected{s.Rejected, s.Reason, s.Reason.Text()}
	}
	return v
}

func newAdjustment(a *rating.Adjustment) Adjustment {
	v := Adjustment{Kind: a.Kind, Component: a.Component, Label: a.Label}
	if a.Line >= 0 {
		line := a.Line + 1
		v.Line, v.Before, v.After = &line, exactText(money.Exact(a.Before)), exactText(money.Exact(a.After))
		return v
	}
	v.Before, v.After = a.Component.ShowQuantity(a.Before), a.Component.ShowQuantity(a.After)
	return v
}
