package meter

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestMakerOf: texts as real records have them, and who is meant.
func TestMakerOf(t *testing.T) {
	for _, c := range []struct {
		name          string
		m             Message
		vendor, model string
	}{
		{"one text for both", Message{Format: "OCMF", Maker: Maker{"KEBA_KCP30", "KEBA_KCP30"}}, "KEBA", "KCP30"},
		{"the gateway begins with the maker", Message{Format: "OCMF", Maker: Maker{"eBZ LD3", "eBZ LD3"}}, "eBZ", "LD3"},
		{"the model repeats the maker", Message{Format: "OCMF", Maker: Maker{"LEM", "LEM DCBM"}}, "LEM", "DCBM"},
		{"written large", Message{Format: "OCMF", Maker: Maker{"BAUER Electronic", "BSM-WS36A-H01-1311-0000"}}, "Bauer Electronic", "BSM-WS36A-H01-1311-0000"},
		{"without its umlaut", Message{Format: "OCMF", Maker: Maker{"Isabellenhuette Heusler", "1234567890"}}, "Isabellenhütte", "1234567890"},
		{"with its umlaut", Message{Format: "OCMF", Maker: Maker{"Isabellenhütte Heusler IEM", "Isabellenhütte Heusler IEM"}}, "Isabellenhütte", "IEM"},
		{"letters", Message{Format: "OCMF", Maker: Maker{"ESY", "0"}}, "EasyMeter", ""},
		{"letters in the number", Message{Format: "OCMF", Meter: "1EBZ0300034628"}, "eBZ", ""},
		{"letters in a number with blanks", Message{Format: "OCMF", Meter: "1 EMH00 08642678"}, "EMH", ""},
		{"unknown letters in the number", Message{Format: "OCMF", Meter: "1QQQ0300034628"}, "QQQ", ""},
		{"no letters", Message{Format: "OCMF", Meter: "17619300"}, "", ""},
		{"unknown text stays", Message{Format: "OCMF", Maker: Maker{"DemoVendor", "DemoMeter"}}, "DemoVendor", "DemoMeter"},
		{"one unknown text for both", Message{Format: "OCMF", Maker: Maker{"Nano CH-1", "Nano CH-1"}}, "Nano CH-1", ""},
		{"no other maker with the same begin", Message{Format: "OCMF", Maker: Maker{"Lemon AG", ""}}, "Lemon AG", ""},
		{"EDL40", Message{Format: "EDL_40_P", Maker: Maker{"EMH", ""}}, "EMH", ""},
		{"the charge point of one, the meter of another", Message{Format: "ALFEN", Maker: Maker{"DZG", ""}}, "Alfen", "with DZG meter"},
		{"only the format tells", Message{Format: "CHARGEPOINT"}, "ChargePoint", ""},
		{"format and model", Message{Format: "PCDF", Maker: Maker{"", "DC meter 2"}}, "Porsche", "DC meter 2"},
		{"format and text agree", Message{Format: "BSM_WS36A", Maker: Maker{"BAUER Electronic", "BSM-WS36A"}}, "Bauer Electronic", "BSM-WS36A"},
		{"nothing", Message{}, "", ""},
	} {
		if vendor, model := makerOf(c.m); vendor != c.vendor || model != c.model {
			t.Errorf("%s: %q %q, want %q %q", c.name, vendor, model, c.vendor, c.model)
		}
	}
}

// TestMakerTable: a text that begins another stands behind it, or the longer one would never be found.
func TestMakerTable(t *testing.T) {
	for i, a := range makerNames {
		if a.text != strings.ToUpper(a.text) {
			t.Errorf("%s is not in upper case", a.text)
		}
		for _, b := range makerNames[:i] {
			if strings.HasPrefix(a.text, b.text+" ") {
				t.Errorf("%s stands behind %s", a.text, b.text)
			}
		}
	}
}

// TestMakerForeign: no text panics or gives something a database refuses.
func TestMakerForeign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"KEBA", "keba ", "ıſKRA", "ISABELLENHÜTTE", "isabellenhütte_", "\xff", "0"}))
		m := Message{Maker: Maker{part.Draw(t, "a") + part.Draw(t, "b"), part.Draw(t, "c") + part.Draw(t, "d")}, Meter: part.Draw(t, "meter")}
		vendor, model := makerOf(m)
		if !utf8.ValidString(vendor) || !utf8.ValidString(model) {
			t.Fatalf("%q %q", vendor, model)
		}
	})
}
