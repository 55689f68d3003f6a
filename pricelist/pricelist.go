// Package pricelist reads and writes tariffs as files people can read, and judges them before they are published.
//
// A file is YAML with the words of a price list: "energy: 0.49 per kWh", "time: 22:00-06:00", "days: Mo-Fr". Parse tells
// every fault at once, with line, column and what to write instead, and never guesses a price: numbers are taken from the
// text as it stands, and a comma, a seventh decimal or a missing unit is a fault. Write is its mirror. Check is what must
// hold before a version is published (rating rules, 3.7), Week the prices of a week as data for a picture, Diff and Dearer
// compare two versions. The format is described in docs/formats/tariff.md.
//
// What a tariff costs is not computed here but in package rating.
package pricelist

import (
	"time"

	"wattdue/calendar"
	"wattdue/rating"
)

// Names is a set of names that are known.
type Names map[string]bool

// Known is what the caller knows of the world a tariff speaks about. What is nil is not checked.
type Known struct {
	// TimeZone finds a zone by its IANA name. Without it, a file must give instants instead of local dates.
	TimeZone func(name string) (*time.Location, error)
	// Holidays finds a calendar beside those that are built in.
	Holidays func(name string) ([]calendar.Date, bool)

	Contracts, Customers, Groups, EVSEs, Locations, Zones, Operators, VATCodes Names
}

// largestFile bounds what is read; a tariff of ten thousand rows is about one and a half million bytes.
const largestFile = 8 << 20

// Parse reads a tariff. The name of the file stands in the messages. When there are faults, they are in the order of the
// file and the tariff is good for nothing. Parse judges what shows in the file alone; rows that contradict each other and
// gaps are found by Check.
func Parse(name string, data []byte, known Known) (rating.Tariff, Faults) {
	p := &parser{file: name, known: known}
	root := p.document(data)
	if root == nil {
		return rating.Tariff{}, p.sorted()
	}
	p.refuseReferences(root)
	t := p.tariff(root)
	if faults := p.sorted(); len(faults) > 0 {
		return rating.Tariff{}, faults
	}
	return t, nil
}
