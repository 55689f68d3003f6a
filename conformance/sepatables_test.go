package conformance

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/sepa"
)

// rows reads a table of tab-separated columns without its comments.
func rows(t *testing.T, columns int, path ...string) [][]string {
	t.Helper()
	var all [][]string
	for _, line := range strings.Split(string(read(t, published(t, path...))), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != columns {
			t.Fatalf("%s: %q has %d columns, want %d", path[len(path)-1], line, len(f), columns)
		}
		all = append(all, f)
	}
	return all
}

// iban makes an account number of a length with the check digits of ISO 7064 MOD 97-10.
func iban(country string, length int) string {
	account := strings.Repeat("1", length-4)
	rest := 0
	for _, r := range account + country + "00" {
		if r >= 'A' {
			rest = (rest*100 + int(r-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(r-'0')) % 97
		}
	}
	digits := strconv.Itoa(98 - rest)
	if len(digits) == 1 {
		digits = "0" + digits
	}
	return country + digits + account
}

// codeOf is the code of a fault; empty for none.
func codeOf(t *testing.T, err error) sepa.Code {
	t.Helper()
	var fault *sepa.Fault
	if err != nil && !errors.As(err, &fault) {
		t.Fatal(err)
	}
	if fault == nil {
		return ""
	}
	return fault.Code
}

// TestIBANCountries compares the product's knowledge of IBANs with the registry: every length, what is in SEPA, and no
// country beyond.
func TestIBANCountries(t *testing.T) {
	known := map[string]bool{}
	for _, row := range rows(t, 4, "sepa", "iban", "countries.tsv") {
		country := row[0]
		known[country] = true
		length, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		want := sepa.Code("")
		if row[2] != "yes" {
			want = sepa.IBANNotSEPA
		}
		for n, code := range map[int]sepa.Code{length: want, length - 1: sepa.IBANLength, length + 1: sepa.IBANLength} {
			if _, err := sepa.ParseIBAN(iban(country, n)); codeOf(t, err) != code {
				t.Errorf("%s with %d characters: %v, want code %q", country, n, err, code)
			}
		}
		if row[2] == "yes" {
			if needs := needsAddress(t, iban(country, length)); needs != (row[3] == "no") {
				t.Errorf("%s: an address is needed: %v; in the European Economic Area: %s", country, needs, row[3])
			}
		}
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			country := string([]rune{a, b})
			if known[country] {
				continue
			}
			if _, err := sepa.ParseIBAN(iban(country, 22)); codeOf(t, err) != sepa.IBANCountry {
				t.Errorf("%s is in no registry: %v", country, err)
			}
		}
	}
	if len(known) < 80 {
		t.Errorf("the registry has only %d countries", len(known))
	}
}

// needsAddress asks whether a debit without an address is refused for the account (EPC153-22).
func needsAddress(t *testing.T, account string) bool {
	t.Helper()
	err := sepa.WritePain008(io.Discard, sepa.SealedBatch{
		MessageID: "M1", Created: time.Date(2026, 11, 4, 7, 0, 0, 0, time.UTC),
		Creditor: sepa.Creditor{Name: "Pruefstrom GmbH", IBAN: iban("DE", 22), CreditorID: "DE98ZZZ09999999999"},
		Scheme:   sepa.Core, Sequence: sepa.Recurrent, CollectOn: calendar.NewDate(2026, time.November, 9),
		Debits: []sepa.Debit{{
			EndToEndID: "R1-1", Minor: 100, Mandate: "MANDATE1", SignedOn: calendar.NewDate(2026, time.January, 2), DebtorName: "Max Muster",
			IBAN: account, BIC: "DEUTDEFF", Remittance: "R1",
		}},
	})
	var all sepa.CheckErrors
	if err != nil && !errors.As(err, &all) {
		t.Fatal(err)
	}
	return slices.ContainsFunc(all, func(f *sepa.Fault) bool { return f.Code == sepa.AddressRequired })
}

// german are the letters that are spelled the German way (DK Anlage 3), not as EPC217-08 has them.
var german = map[rune]string{'Ä': "Ae", 'Ö': "Oe", 'Ü': "Ue", 'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss"}

// composed are the characters that Unicode NFC, which comes first, replaces by others: the Greek question mark is a
// semicolon, and a diaeresis with accent is two marks.
var composed = map[rune]string{'\u037e': ",", '\u0344': ".."}

// TestCharacters compares the conversion of every character of EPC217-08 with the table, but for the German letters
// and what NFC replaces.
func TestCharacters(t *testing.T) {
	compared, spelled := 0, 0
	for _, row := range rows(t, 2, "sepa", "charset", "epc217-08.tsv") {
		code, err := strconv.ParseUint(strings.TrimPrefix(row[0], "U+"), 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		r, want := rune(code), row[1]
		if own, ok := german[r]; ok {
			want = own
			spelled++
		}
		if own, ok := composed[r]; ok {
			want = own
		}
		// Between digits, because blanks at the ends are trimmed and marks join letters.
		if got := sepa.Convert("1" + string(r) + "1"); got != "1"+want+"1" {
			t.Errorf("%s %q: got %q, want %q", row[0], r, got, "1"+want+"1")
		}
		compared++
	}
	if compared < 1000 || spelled != len(german) {
		t.Errorf("%d characters compared, %d of %d German letters", compared, spelled, len(german))
	}
}
