package ocpi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wattdue/rating"
)

// chooser finds the tariff of a period.
type chooser struct {
	list     []Tariff
	named    bool // some period names one of them
	given    bool // they were given apart, not taken from the record
	standard int  // the one for periods that name none; -1: none
	start    time.Time
}

// newChooser prepares the choice among tariffs for a session that starts at the instant. A tariff holds for the whole
// session when it is valid at its start (rating rules, 3.8).
func newChooser(c *CDR, list []Tariff, start time.Time, preference string) (chooser, error) {
	if len(list) == 0 {
		return chooser{}, errors.New("tariffs: none is given and the record holds none; give the tariff of the operator")
	}
	ch := chooser{list: list, start: start, standard: -1}
	ch.named = slices.ContainsFunc(c.Periods, func(p Period) bool {
		return p.TariffID != "" && slices.ContainsFunc(list, func(t Tariff) bool { return strings.EqualFold(t.ID, p.TariffID) })
	})
	if ch.named && len(list) > 1 {
		return ch, nil // a period that names no tariff has none (OCPI 2.2.1, class ChargingPeriod)
	}
	wanted := "PROFILE_" + preference
	switch {
	case c.AdHoc:
		wanted = "AD_HOC_PAYMENT"
	case preference == "" || preference == "REGULAR":
		wanted = "REGULAR"
	}
	for _, kind := range [...]func(*Tariff) bool{
		func(t *Tariff) bool { return t.Type == wanted },
		func(t *Tariff) bool { return t.Type == "" },
		func(*Tariff) bool { return true },
	} {
		for i := range list {
			if list[i].validAt(start) && kind(&list[i]) {
				ch.standard = i
				return ch, nil
			}
		}
	}
	return ch, ch.invalid(&list[0])
}

func (ch *chooser) invalid(t *Tariff) error {
	return fmt.Errorf("tariff %s: start_date_time, end_date_time: not valid when the session starts, %s; give the one that was",
		quoted(t.ID), ch.start.Format(time.RFC3339))
}

// tariff returns the place of a period's tariff, -1 for none, with the flag that says why.
func (ch *chooser) tariff(p *Period) (int, rating.Flag, error) {
	if p.TariffID == "" {
		return ch.standard, "", nil
	}
	found := -1
	for i := range ch.list {
		if !strings.EqualFold(ch.list[i].ID, p.TariffID) {
			continue
		}
		if ch.list[i].validAt(ch.start) {
			return i, "", nil
		}
		found = i
	}
	switch {
	case found >= 0:
		return -1, "", ch.invalid(&ch.list[found])
	case ch.given && len(ch.list) == 1 && !ch.named: // whatever it is called
		return 0, "", nil
	}
	return -1, rating.NoPrice, nil
}
