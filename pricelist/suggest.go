package pricelist

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// synonyms are words people write for ours: those of other systems, of the engine, and of German price lists.
var synonyms = map[string]string{
	"energy_kwh": "energy", "kwh": "energy", "strom": "energy", "energie": "energy", "charge_min": "charging", "time": "charging", "minute": "charging",
	"idle_min": "idle", "parking": "idle", "parking_time": "idle", "occupancy_min": "occupancy", "blocking": "occupancy", "blockiergebühr": "occupancy",
	"flat": "session", "session_fee": "session", "start": "session", "grundgebühr": "session", "startgebühr": "session", "reservation_min": "reservation_time",
	"export_kwh": "export", "v2g": "export",
	"code": "tariff", "name": "tariff", "valid_to": "valid_until", "session_min": "session_minimum", "session_max": "session_maximum", "min_price": "session_minimum",
	"max_price": "session_maximum", "min_on_zero": "minimum_on_zero", "free_below": "zero_rule", "prices": "price", "cells": "rows", "calendar": "holidays", "round": "round_at",
	"zone": "zones", "location": "locations", "group": "groups", "country": "countries", "operator": "operators", "channel": "channels",
	"contract": "contracts", "customer": "customers", "evse": "evses", "date": "dates", "day": "days", "times": "time", "hours": "time",
	"weekdays": "days", "from": "dates", "to": "dates", "free_min": "free", "free_time": "free", "free_kwh": "free", "maximum": "cap", "max": "cap",
	"step_size": "step", "vat_code": "vat", "tax": "vat", "block": "started_block", "percent": "minus", "amount": "minus",
	"where": "when", "if": "when", "conditions": "when", "restrictions": "when",
}

// instead tells which of the known names was meant, if that can be told, and how to say so; else it lists them all.
func instead(name string, known []string) (meant, advice string) {
	if s := synonyms[strings.ToLower(name)]; listed(known, s) {
		return s, "; write " + s
	}
	if s := nearest(name, slices.Values(known)); s != "" {
		return s, "; did you mean " + s + "?"
	}
	return "", "; want " + strings.Join(known, ", ")
}

// Instead says what to write instead of a name that is not among the known ones, such as "; did you mean energy?".
func Instead(name string, known []string) string {
	_, advice := instead(name, known)
	return advice
}

// insteadOf is instead for names that are too many to list.
func insteadOf(name string, known Names) string {
	const most = 20_000 // names that are compared; nobody waits longer for a hint
	if len(known) > most {
		return ""
	}
	// The map has no order; among equally near names the first by the alphabet is told.
	sorted := make([]string, 0, len(known))
	for k := range known {
		sorted = append(sorted, k)
	}
	slices.Sort(sorted)
	if s := nearest(name, slices.Values(sorted)); s != "" {
		return "; did you mean " + shown(s) + "?"
	}
	return ""
}

// nearest returns the name that needs the fewest letters changed, if it needs few of them.
func nearest(name string, known func(func(string) bool)) string {
	name = strings.ToLower(name)
	if len(name) > 64 {
		return ""
	}
	best, least := "", max(1, min(3, utf8.RuneCountInString(name)/3))+1
	for k := range known {
		if d := distance(name, strings.ToLower(k), least); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap, counted up to most.
func distance(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= most || len(y)-len(x) >= most {
		return most
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

func listed(list []string, s string) bool { return slices.Contains(list, s) }

// shown quotes a text of the file for a message, cut where it is long.
func shown(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "..."
	}
	quoted := strconv.Quote(s)
	if quoted == `"`+s+`"` && !strings.ContainsAny(s, " ,:;") && s != "" {
		return s
	}
	return quoted
}
