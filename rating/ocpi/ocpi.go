// Package ocpi reads tariffs and charge detail records of OCPI 2.1.1, 2.2.1 and 2.3.0 and calculates what a record costs by
// its operator's tariff, before and after tax, each amount exact.
//
// It does not invoice and does not decide what a customer pays: it answers what the operator's own rules say, for disputes,
// margins and partners who want to check a record. The meaning of a tariff is that of OCPI (modules Tariffs and CDRs), as
// written down in rating rules, section 12, and differs from package rating: elements are tried in list order at the start
// of each charging period, and steps are shared between components. What a record or tariff says beside the standard is
// priced by a stated rule and told in a finding, never guessed in silence.
package ocpi

import (
	"wattdue/money"
	"wattdue/rating"
)

// Version is a version of OCPI.
type Version string

// The versions. They are told apart by content, because files do not name theirs.
const (
	V211 Version = "2.1.1"
	V221 Version = "2.2.1"
	V230 Version = "2.3.0"
)

// Sum is one side of an amount. A side nobody stated is unknown, which is not zero (rating rules, 8.3).
type Sum struct {
	Exact money.Exact
	Known bool
}

// Known is a sum that is known.
func Known(e money.Exact) Sum { return Sum{Exact: e, Known: true} }

// Text prints the sum with that many decimals, at most twelve, rounded half away from zero; empty when it is unknown.
func (s Sum) Text(decimals int) string {
	if !s.Known {
		return ""
	}
	return money.FormatMinor(s.Exact.In(oneOf(decimals), money.HalfAway), decimals)
}

// oneOf is one unit of the last of so many decimals.
func oneOf(decimals int) money.Exact {
	unit := money.Exact(money.ExactUnit)
	for range decimals {
		unit /= 10
	}
	return unit
}

func (s Sum) add(o Sum) (Sum, error) {
	if !s.Known || !o.Known {
		return Sum{}, nil
	}
	sum, err := s.Exact.Add(o.Exact)
	return Sum{sum, err == nil}, err
}

func (s Sum) minus(o Sum) (Sum, error) { return s.add(Sum{-o.Exact, o.Known}) }

// Amount is a sum before and after tax. The zero value is unknown on both sides.
type Amount struct {
	ExclVAT Sum
	InclVAT Sum
}

// nothing is the amount zero, known on both sides.
var nothing = Amount{Known(0), Known(0)}

func (a Amount) add(b Amount) (sum Amount, err error) {
	if sum.ExclVAT, err = a.ExclVAT.add(b.ExclVAT); err != nil {
		return Amount{}, err
	}
	sum.InclVAT, err = a.InclVAT.add(b.InclVAT)
	return sum, err
}

func (a Amount) minus(b Amount) (difference Amount, err error) {
	if difference.ExclVAT, err = a.ExclVAT.minus(b.ExclVAT); err != nil {
		return Amount{}, err
	}
	difference.InclVAT, err = a.InclVAT.minus(b.InclVAT)
	return difference, err
}

// Finding is something about a tariff or record that people should see. Without a flag it is a remark.
type Finding struct {
	Flag  rating.Flag
	Field string // where it stands, such as charging_periods[2].dimensions[0].volume
	Text  string
}

// String is the finding in one line.
func (f Finding) String() string {
	s := f.Field + ": " + f.Text
	if f.Flag != "" {
		s = string(f.Flag) + " " + s
	}
	return s
}
