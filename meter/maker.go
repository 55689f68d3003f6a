package meter

import (
	"regexp"
	"strings"
)

// makerLetters are the letters assigned to manufacturers in the numbers of meters (DIN 43863-5). Letters that are not
// listed are shown as they are.
var makerLetters = map[string]string{
	"ABB": "ABB", "APA": "Apator", "BZR": "Bauer Electronic", "DZG": "DZG", "EBZ": "eBZ", "EFR": "EFR", "EMH": "EMH", "ESY": "EasyMeter",
	"HAG": "Hager", "ISA": "Isabellenhütte", "ISK": "Iskraemeco", "ITR": "Itron", "LGZ": "Landis+Gyr", "LOG": "Logarex", "NZR": "NZR",
}

// makerNames are the ways in which records write a manufacturer at the begin of a text, in upper case, and its name. A
// longer one stands before a shorter one that begins it.
var makerNames = []struct{ text, name string }{
	{"ABL", "ABL"},
	{"ALFEN", "Alfen"},
	{"BAUER ELECTRONIC", "Bauer Electronic"},
	{"BAUER", "Bauer Electronic"},
	{"CARLO GAVAZZI", "Carlo Gavazzi"},
	{"CHARGEPOINT", "ChargePoint"},
	{"COMPLEO", "Compleo"},
	{"DZG", "DZG"},
	{"EASYMETER", "EasyMeter"},
	{"EBZ", "eBZ"},
	{"EMH", "EMH"},
	{"ENERCHARGE", "Enercharge"},
	{"ISABELLENHUETTE HEUSLER", "Isabellenhütte"},
	{"ISABELLENHUETTE", "Isabellenhütte"},
	{"ISABELLENHÜTTE HEUSLER", "Isabellenhütte"},
	{"ISABELLENHÜTTE", "Isabellenhütte"},
	{"ISKRAEMECO", "Iskraemeco"},
	{"ISKRA", "Iskra"},
	{"KEBA", "KEBA"},
	{"LANDIS+GYR", "Landis+Gyr"},
	{"LEM", "LEM"},
	{"MENNEKES", "MENNEKES"},
	{"NZR", "NZR"},
	{"PHOENIX CONTACT", "Phoenix Contact"},
	{"PORSCHE", "Porsche"},
}

// makerFormats are the formats of a single manufacturer of charge points; the meter inside is often of another one.
var makerFormats = map[string]string{
	"ALFEN": "Alfen", "PCDF": "Porsche", chargePointFormat: "ChargePoint", "EDL_40_MENNEKES": "MENNEKES", bsmFormat: "Bauer Electronic",
}

// makerOf tells who built the meter, or the charge point where the format is that of its manufacturer. It says only what
// the record tells: in a text, by the letters in the number of the meter, or by its format.
func makerOf(m Message) (manufacturer, model string) {
	vendor, model := makerNamed(m.Maker.Vendor), withoutMaker(m.Maker.Model)
	if vendor == "" {
		vendor = makerLettered(m.Meter)
	}
	if model == vendor || model == strings.TrimSpace(m.Maker.Vendor) || model == "0" {
		model = "" // records without a model repeat the manufacturer or a zero
	}
	built := makerFormats[m.Format]
	switch {
	case built == "" || built == vendor:
		return clean(vendor), clean(model)
	case vendor != "" && model == "":
		model = "with " + vendor + " meter"
	}
	return built, clean(model)
}

// makerNamed gives a manufacturer its name; one that is not known keeps the text of the record.
func makerNamed(text string) string {
	text = strings.TrimSpace(text)
	if name, ok := makerLetters[text]; ok {
		return name
	}
	if name, _, ok := cutMaker(text); ok {
		return name
	}
	return text
}

// withoutMaker cuts the manufacturer off a model: KEBA_KCP30 is the model KCP30.
func withoutMaker(model string) string {
	model = strings.TrimSpace(model)
	if _, rest, ok := cutMaker(model); ok {
		return rest
	}
	return model
}

// cutMaker finds a manufacturer at the begin of a text, up to the end of a word.
func cutMaker(text string) (name, rest string, ok bool) {
	upper := strings.ToUpper(text)
	for _, m := range makerNames {
		rest, ok := strings.CutPrefix(upper, m.text)
		if !ok || rest != "" && !strings.ContainsRune(" _-/,", rune(rest[0])) {
			continue
		}
		// Upper case may be longer than what it was made from, but not in what remains here.
		return m.name, strings.Trim(text[max(0, len(text)-len(rest)):], " _-/,"), true
	}
	return "", "", false
}

// numbered is the number of a meter with the letters of its manufacturer inside: medium, letters, digits.
var numbered = regexp.MustCompile(`^[0-9]{1,3}([A-Z]{3})[0-9]{8,10}$`)

// makerLettered finds the manufacturer in the number of a meter.
func makerLettered(number string) string {
	found := numbered.FindStringSubmatch(strings.ReplaceAll(number, " ", ""))
	if found == nil {
		return ""
	}
	return makerNamed(found[1])
}
