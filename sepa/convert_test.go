package sepa

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestConvert(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing to do", "Erika Mustermann", "Erika Mustermann"},
		{"German umlauts and sharp s", "Jörg Müßig, Äpfel Übel Öl", "Joerg Muessig, Aepfel Uebel Oel"},
		{"capital sharp s", "GROẞ", "GROSS"},
		{"decomposed umlaut", "Mu\u0308ller", "Mueller"},
		{"French", "Françoise Lefèvre-Dûpont", "Francoise Lefevre-Dupont"},
		{"Danish, by EPC one letter each", "Åse Ærø", "Ase Aro"},
		{"Polish and Czech", "Łukasz Żółć, Dvořák", "Lukasz Zolc, Dvorak"},
		{"Romanian comma below", "Ștefan Țepeș", "Stefan Tepes"},
		{"Greek", "Θεόδωρος Χατζής", "THeodoros CHatzis"},
		{"Bulgarian", "Щука Жечев", "SHTuka ZHechev"},
		{"euro sign", "10 €", "10 E"},
		{"ampersand", "Müller & Söhne", "Mueller + Soehne"},
		{"underscore and tilde", "a_b~c", "a-b-c"},
		{"quotes", `Firma "Blitz"`, "Firma 'Blitz'"},
		{"angle and square brackets", "<a>[b]{c}", "(a)(b)(c)"},
		{"pipe, backslash, semicolon", `a|b\c;d`, "a/b/c,d"},
		{"at sign", "a@b", "a.b"},
		{"line breaks, tabs and hard blanks", " a\r\n\tb\u00a0c ", "a b c"},
		{"Chinese leaves no letter", "王伟", ".."},
		{"bad UTF-8", "a\xffb", "a.b"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Convert(tt.in); got != tt.want {
				t.Errorf("Convert(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestEPCTable(t *testing.T) {
	// 325 of the 1010 rows of EPC217-08 have another replacement than a full stop; 7 German rows are left out.
	if len(epcTable) != 318 {
		t.Errorf("table has %d rows, want 318", len(epcTable))
	}
	for r, s := range epcTable {
		if inSet(r) || strings.ContainsFunc(s, notInSet) || s == "" {
			t.Errorf("row %U gives %q", r, s)
		}
	}
}

func checkConversion(t interface{ Errorf(string, ...any) }, in string) {
	got := Convert(in)
	if strings.ContainsFunc(got, notInSet) || got != strings.TrimSpace(got) || strings.Contains(got, "  ") {
		t.Errorf("Convert(%q) = %q is outside the set or not trimmed", in, got)
	}
	if again := Convert(got); again != got {
		t.Errorf("Convert(%q) = %q, again %q", in, got, again)
	}
	if nfd := Convert(norm.NFD.String(in)); utf8.ValidString(in) && nfd != got {
		t.Errorf("Convert(%q) = %q, decomposed %q", in, got, nfd)
	}
}

func TestConversionProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkConversion(t, rapid.String().Draw(t, "text")) })
}

func TestEveryCharacterConverts(t *testing.T) {
	for r := range rune(0x3000) {
		checkConversion(t, "x"+string(r)+"y")
	}
}

func FuzzConvert(f *testing.F) {
	for _, s := range []string{"Müller & Söhne", "e\u0301\u0327", "\xff", "  ", "Ω\u0345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkConversion(t, s) })
}

func TestName(t *testing.T) {
	tests := []struct {
		name, in, want string
		code           Code
	}{
		{"plain", "Jörg Groß", "Joerg Gross", ""},
		{"70 characters", strings.Repeat("a", 70), strings.Repeat("a", 70), ""},
		{"36 umlauts become 72 characters", strings.Repeat("ä", 36), "", NameLong},
		{"empty", "", "", NameMissing},
		{"blanks only", " \n ", "", NameMissing},
		{"no Latin letter", "王伟", "", NameEmpty},
		{"control character", "Max\x00Muster", "", TextControl},
		{"C1 control character", "Max\u0085Muster", "", TextControl},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Name(tt.in)
			if got != tt.want || codeOf(err) != tt.code {
				t.Errorf("Name(%q) = %q, %v; want %q, %q", tt.in, got, err, tt.want, tt.code)
			}
			if err != nil && tt.in != "" && strings.Contains(err.Error(), tt.in) {
				t.Errorf("error shows the name: %v", err)
			}
		})
	}
}

func TestRemittance(t *testing.T) {
	if got, err := Remittance("RE-2026-0000001 Ladestrom für Oktober"); err != nil || got != "RE-2026-0000001 Ladestrom fuer Oktober" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Remittance(strings.Repeat("x", 141)); codeOf(err) != RemittanceLong {
		t.Errorf("141 characters: %v", err)
	}
	if _, err := Remittance(strings.Repeat("ü", 71)); codeOf(err) != RemittanceLong {
		t.Errorf("142 characters after conversion: %v", err)
	}
	if _, err := Remittance(""); codeOf(err) != RemittanceEmpty {
		t.Errorf("empty: %v", err)
	}
}
