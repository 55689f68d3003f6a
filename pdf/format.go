package pdf

import (
	"fmt"
	"strings"
	"time"
)

// span prints start and end of a session in the local time of the place, each time stamp by its own offset. The date
// is repeated only when it changes; the offset is shown only when it changes, in the nights the clocks are turned.
func span(start, end string) (string, error) {
	from, err := time.Parse(time.RFC3339, start)
	if err != nil {
		return "", fmt.Errorf("start %q: want RFC 3339 with offset", start)
	}
	to, err := time.Parse(time.RFC3339, end)
	if err != nil {
		return "", fmt.Errorf("end %q: want RFC 3339 with offset", end)
	}
	if to.Before(from) {
		return "", fmt.Errorf("end %s lies before start %s", end, start)
	}
	const clock, full = "15:04", "02.01.2006 15:04"
	layout := full
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		layout = clock
	}
	_, offset := from.Zone()
	_, offsetEnd := to.Zone()
	if offset == offsetEnd {
		return from.Format(full) + " – " + to.Format(layout), nil
	}
	return from.Format(full) + zone(offset) + " – " + to.Format(layout) + zone(offsetEnd), nil
}

func zone(offset int) string {
	plus := "+"
	if offset < 0 {
		plus, offset = "-", -offset
	}
	if offset%3600 == 0 {
		return fmt.Sprintf(" (UTC%s%d)", plus, offset/3600)
	}
	return fmt.Sprintf(" (UTC%s%d:%02d)", plus, offset/3600, offset%3600/60)
}

// spaced prints an IBAN in groups of four (ISO 13616, paper form).
func spaced(iban string) string {
	var b strings.Builder
	for i, r := range []rune(strings.ReplaceAll(iban, " ", "")) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// joined joins the parts that are not empty.
func joined(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}

// labelled puts a label before a value, or gives nothing for an empty value.
func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + " " + value
}

// countries names the countries an invoice is likely to go to, as the Universal Postal Union asks for the last line
// of an address abroad: in capitals, in the language of the sender's country.
var countries = map[string]string{
	"AT": "ÖSTERREICH", "BE": "BELGIEN", "BG": "BULGARIEN", "CH": "SCHWEIZ", "CY": "ZYPERN", "CZ": "TSCHECHIEN",
	"DE": "DEUTSCHLAND", "DK": "DÄNEMARK", "EE": "ESTLAND", "ES": "SPANIEN", "FI": "FINNLAND", "FR": "FRANKREICH",
	"GB": "VEREINIGTES KÖNIGREICH", "GR": "GRIECHENLAND", "HR": "KROATIEN", "HU": "UNGARN", "IE": "IRLAND",
	"IS": "ISLAND", "IT": "ITALIEN", "LI": "LIECHTENSTEIN", "LT": "LITAUEN", "LU": "LUXEMBURG", "LV": "LETTLAND",
	"MT": "MALTA", "NL": "NIEDERLANDE", "NO": "NORWEGEN", "PL": "POLEN", "PT": "PORTUGAL", "RO": "RUMÄNIEN",
	"SE": "SCHWEDEN", "SI": "SLOWENIEN", "SK": "SLOWAKEI", "UA": "UKRAINE",
}

// countryLine is the last line of an address; empty for mail inside the sender's country.
func countryLine(code, home string) string {
	if code == "" || strings.EqualFold(code, home) {
		return ""
	}
	if name, ok := countries[strings.ToUpper(code)]; ok {
		return name
	}
	return strings.ToUpper(code)
}
