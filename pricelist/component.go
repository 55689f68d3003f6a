package pricelist

import (
	"slices"

	"wattdue/rating"
)

// component is how the file calls what a tariff can price.
type component struct {
	name  rating.Component
	word  string
	unit  string // what one price is for
	timed bool
}

// components in the order in which price lists and documents show them.
var components = []component{
	{name: rating.Energy, word: "energy", unit: "kWh"},
	{name: rating.Charging, word: "charging", unit: "min", timed: true},
	{name: rating.Idle, word: "idle", unit: "min", timed: true},
	{name: rating.Occupancy, word: "occupancy", unit: "min", timed: true},
	{name: rating.PerUse, word: "session", unit: "session"},
	{name: rating.Reservation, word: "reservation", unit: "reservation"},
	{name: rating.ReservationMin, word: "reservation_time", unit: "min", timed: true},
	{name: rating.Export, word: "export", unit: "kWh"},
}

func componentWords() []string {
	words := make([]string, len(components))
	for i := range components {
		words[i] = components[i].word
	}
	return words
}

func componentByWord(word string) (component, bool) {
	i := slices.IndexFunc(components, func(c component) bool { return c.word == word })
	if i < 0 {
		return component{}, false
	}
	return components[i], true
}

// componentOf describes a component; one that is not known goes by the engine's name.
func componentOf(name rating.Component) component {
	i := slices.IndexFunc(components, func(c component) bool { return c.name == name })
	if i < 0 {
		return component{name: name, word: string(name), unit: "unit"}
	}
	return components[i]
}

// componentList reads names of components.
func (o object) componentList(name string) []rating.Component {
	want := "names of what is priced: energy, charging, idle, occupancy, session, reservation, reservation_time, export"
	var list []rating.Component
	for _, it := range o.list(name, want) {
		c, known := componentByWord(it.text)
		switch {
		case !known:
			_, advice := instead(it.text, componentWords())
			o.p.faultf(it.node, o.field(name), "%s is not known%s", shown(it.text), advice)
		case slices.Contains(list, c.name):
			o.p.faultf(it.node, o.field(name), "%s is there twice", c.word)
		default:
			list = append(list, c.name)
		}
	}
	return list
}
