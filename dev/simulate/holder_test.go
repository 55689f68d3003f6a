package simulate

import (
	"slices"
	"strings"
	"testing"

	"wattdue/sepa"
)

func TestAccountHolder(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Sönke Claßen", "Sönke Claßen"},
		{"Dachdeckerei Freifrau von Rönnebeck-Wüstenhagen & Söhne OHG", "Dachdeckerei Freifrau von Rönnebeck-Wüstenhagen & Söhne OHG"},
		{
			"Gesellschaft für nachhaltige Wärme- und Kälteversorgung Voß mit beschränkter Haftung & Co. Kommanditgesellschaft",
			"Ges. f. nachhaltige Wärme- und Kälteversorgung Voß GmbH & Co. KG",
		},
		{
			"Gesellschaft für nachhaltige Wärme- und Kälteversorgung Freifrau von Rönnebeck-Wüstenhagen mit beschränkter Haftung & Co. Kommanditgesellschaft",
			"Ges. f. nachhaltige Wärme- und Kälteversorgung GmbH & Co. KG",
		},
		// 69 characters, and three umlauts make 72 of them.
		{
			"Überlandwerk Nissen Servicegesellschaft für Mess- und Zählerwesen mbH",
			"Überlandwerk Nissen Servicegesellschaft mbH",
		},
		// Without a legal form and without a place to cut nothing is made up: the bank file refuses it.
		{strings.Repeat("W", 71), strings.Repeat("W", 71)},
	} {
		if got := accountHolder(c.name); got != c.want {
			t.Errorf("account of %q: holder %q, want %q", c.name, got, c.want)
		}
	}
}

// A bank file takes the account holder of every mandate, while the long company names stay on the invoices.
func TestEveryHolderFitsTheBankFile(t *testing.T) {
	shortened := 0
	for seed := range uint64(12) {
		w := generate(t, Options{Seed: seed, Customers: 400, Sessions: -1})
		names := map[string]string{}
		for _, p := range w.Parties {
			names[p.No] = p.Name
		}
		party := map[string]string{}
		for _, c := range w.Contracts {
			party[c.No] = names[c.PartyNo]
		}
		for _, m := range w.Mandates {
			if _, err := sepa.Name(m.DebtorName); err != nil {
				t.Errorf("seed %d: mandate %s of %q: %v", seed, m.Reference, m.DebtorName, err)
			}
			if m.DebtorName == party[m.ContractNo] {
				continue
			}
			shortened++
			if _, err := sepa.Name(party[m.ContractNo]); err == nil {
				t.Errorf("seed %d: mandate %s: %q was shortened without need", seed, m.Reference, party[m.ContractNo])
			}
		}
	}
	if shortened == 0 {
		t.Error("no name was shortened: the worlds have no long names any more")
	}
}

func TestEveryTradeHasAShortForm(t *testing.T) {
	for _, trade := range trades {
		for _, last := range slices.Concat(lastNames, doubleNames) {
			full := strings.Replace(trade, "%s", last, 1)
			holder := accountHolder(full)
			if _, err := sepa.Name(holder); err != nil {
				t.Errorf("%q: holder %q: %v", full, holder, err)
			}
			if _, form := splitForm(full); !strings.HasSuffix(holder, form) {
				t.Errorf("%q: holder %q lost its legal form %q", full, holder, form)
			}
		}
	}
}
