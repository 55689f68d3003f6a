package pricelist

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"wattdue/rating"
)

// The document for people keeps what it says: its examples are good, and its mistakes are told in these words.
func TestDocument(t *testing.T) {
	data, err := os.ReadFile("../docs/formats/tariff.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(data), -1)
	if len(examples) != 2 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, e := range examples {
		tariff := mustParse(t, e[1])
		if _, err := rating.Compile(tariff); err != nil {
			t.Error(err)
		}
		if found := Check(tariff, Ground{}); len(found) > 0 {
			t.Error(found)
		}
	}
	const five = head + "price:\n  energy: 0.49\nrows:\n  - id: night\n    when: {time: 22:00-06:00}\n    price: {energy: 0.39}\n"
	for _, m := range []struct{ old, new string }{
		{"energy: 0.49\n", "energy: 0,49\n"},
		{"energy: 0.49\n", "enregy: 0.49\n"},
		{"22:00-06:00", "22-06"},
		{"2026-01-01 Europe/Berlin", "2026-01-01"},
		{"{time: 22:00-06:00}", "{after: 240}"},
	} {
		_, faults := Parse("nord.yaml", []byte(strings.Replace(five, m.old, m.new, 1)), world)
		if len(faults) != 1 || !strings.Contains(string(data), "```text\n"+faults[0].String()+"\n```") {
			t.Errorf("the document does not say what %q leads to: %v", m.new, faults)
		}
	}
	// Every word of the format is in the document.
	for _, list := range [][]string{tariffKeys, priceKeys, whenKeys, componentWords(), channels} {
		for _, word := range list {
			if !strings.Contains(string(data), "`"+word+"`") {
				t.Errorf("%s is not explained", word)
			}
		}
	}
}
