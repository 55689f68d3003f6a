package sepa

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The valid numbers are the examples of the SWIFT IBAN registry.
func TestParseIBAN(t *testing.T) {
	tests := []struct {
		name, in, want string
		code           Code
	}{
		{"Germany", "DE89370400440532013000", "DE89370400440532013000", ""},
		{"Germany, printed form in lower case", "de89 3704 0044 0532 0130 00", "DE89370400440532013000", ""},
		{"Austria", "AT611904300234573201", "AT611904300234573201", ""},
		{"France with a letter", "FR1420041010050500013M02606", "FR1420041010050500013M02606", ""},
		{"Malta, 31 characters", "MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S", ""},
		{"Norway, 15 characters", "NO9386011117947", "NO9386011117947", ""},
		{"Switzerland", "CH9300762011623852957", "CH9300762011623852957", ""},
		{"United Kingdom", "GB29NWBK60161331926819", "GB29NWBK60161331926819", ""},
		{"two digits swapped", "DE89370400440532010300", "", IBANChecksum},
		{"one digit short", "DE8937040044053201300", "", IBANLength},
		{"Turkey has IBANs but not SEPA", "TR330006100519786457841326", "", IBANNotSEPA},
		{"no such country", "XX89370400440532013000", "", IBANCountry},
		{"United States have no IBAN", "US89370400440532013000", "", IBANCountry},
		{"a hyphen", "DE89-370400440532013000", "", IBANCharset},
		{"a dotless i is not a letter here", "DE8937040044053201300ı", "", IBANCharset},
		{"empty", "", "", IBANLength},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseIBAN(tt.in)
			if got != tt.want || codeOf(err) != tt.code {
				t.Errorf("ParseIBAN(%q) = %q, %v; want %q, %q", tt.in, got, err, tt.want, tt.code)
			}
		})
	}
}

// A plain remainder of one would also take the digits 97 away from the right ones, such as 00, 01 or 99.
func TestOnlyOnePairOfCheckDigitsIsTaken(t *testing.T) {
	for _, body := range []string{"370400440532013000", "000000000000000000", "123456789012345678"} {
		right := checkDigits(body + "DE")
		passed := 0
		for n := range 100 {
			digits := string([]byte{byte('0' + n/10), byte('0' + n%10)})
			if _, err := ParseIBAN("DE" + digits + body); err == nil {
				passed++
				if digits != right || n < 2 || n > 98 {
					t.Errorf("DE%s%s is taken", digits, body)
				}
			}
		}
		if passed != 1 {
			t.Errorf("%d check digits are taken for %s, want one", passed, body)
		}
	}
}

func TestSEPAScope(t *testing.T) {
	// EPC409-09 version 8.0: 42 IBAN country codes, 30 of them in the EEA.
	in, eea := 0, 0
	for _, c := range countries {
		if c.area != outside {
			in++
		}
		if c.area == inEEA {
			eea++
		}
	}
	if in != 42 || eea != 30 {
		t.Errorf("%d SEPA countries, %d in the EEA; want 42 and 30", in, eea)
	}
	for _, code := range strings.Fields("AD AL CH GB GI MC MD ME MK RS SM VA") {
		if !outsideEEA(code) {
			t.Errorf("%s counts as EEA", code)
		}
	}
}

func TestIBANNeverAppearsInErrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"DE", "FR", "TR", "XX", "NO"}).Draw(t, "country")
		iban := country + rapid.StringMatching(`[0-9]{2}[A-Z0-9]{9,30}`).Draw(t, "rest")
		_, err := ParseIBAN(iban)
		if err != nil && len(iban) > 8 && strings.Contains(err.Error(), iban[4:len(iban)-4]) {
			t.Fatalf("error shows the account: %v", err)
		}
	})
}

func FuzzParseIBAN(f *testing.F) {
	for _, s := range []string{"DE89370400440532013000", "de89 3704", "TR33", "\xff\xfe", "MT84MALT011000012345MTLCAST001S"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		iban, err := ParseIBAN(s)
		if err != nil {
			return
		}
		if again, err := ParseIBAN(iban); err != nil || again != iban {
			t.Errorf("%q is taken as %q, which then is %q, %v", s, iban, again, err)
		}
	})
}

func TestCheckBIC(t *testing.T) {
	tests := []struct {
		name, bic, iban string
		code            Code
	}{
		{"eight characters", "COBADEFF", "DE89370400440532013000", ""},
		{"eleven characters", "COBADEFFXXX", "DE89 3704 0044 0532 0130 00", ""},
		{"Guernsey bank with a GB account", "ABCDGGSP", "GB29NWBK60161331926819", ""},
		{"Reunion bank with a French account", "ABCDRERX", "FR1420041010050500013M02606", ""},
		{"other country", "COBAATWW", "DE89370400440532013000", BICCountry},
		{"nine characters", "COBADEFFX", "DE89370400440532013000", BICForm},
		{"lower case", "cobadeff", "DE89370400440532013000", BICForm},
		{"the word that passes the schema", "NOTPROVIDED", "DE89370400440532013000", BICCountry},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := CheckBIC(tt.bic, tt.iban); codeOf(err) != tt.code {
				t.Errorf("CheckBIC(%q) = %v, want %q", tt.bic, err, tt.code)
			}
		})
	}
}

// The identifiers are the published examples of EPC262-08 and of the central banks, and known false ones.
func TestCheckCreditorID(t *testing.T) {
	good := []string{
		"DE98ZZZ09999999999", "DE98ABC09999999999", "FR72ZZZ123456", "AT61ZZZ01234567890", "ES50ZZZM23456789",
		"BE69ZZZ050D000000008", "IT66ZZZA1B2C3D4E5F6G7H8",
	}
	for _, id := range good {
		if err := CheckCreditorID(id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	bad := []struct{ id, says string }{
		{"DE97ZZZ09999999999", "right would be 98"},
		{"DE00ZZZ00099999999", "right would be 10"},
		{"IE03ZZZ123456", "right would be 84"},
		{"DE98ZZZ0999999999", "18 characters"},
		{"DE98ZZZ0999999999|", "not allowed"},
		{"98DEZZZ09999999999", "starts with country"},
		{"FR72ZZZ", "8 to 35"},
		{"FR72ZZZ-", "no national part"},
		{"", "8 to 35"},
	}
	for _, tt := range bad {
		err := CheckCreditorID(tt.id)
		if codeOf(err) != BadCreditorID || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want a text with %q", tt.id, err, tt.says)
		}
	}
}

// codeOf returns the code of the first fault, or nothing for nil.
func codeOf(err error) Code {
	var f *Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}
