package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wattdue/cdr"
	"wattdue/meter"
	"wattdue/meter/finding"
)

func ExampleMeaning() {
	what, todo := Meaning("token-unknown")
	fmt.Println(what)
	fmt.Println(todo)
	// Output:
	// The charging card belongs to no customer.
	// Find out whose card it is and enter it in the contract, then release. If it is nobody's, drop the record.
}

// Every code that the program can hold a record with is explained in whole sentences, not by the last resort.
func TestEveryCodeHasAMeaning(t *testing.T) {
	codes := []string{
		cdr.CodeEmpty, cdr.CodeNotJSON, cdr.CodeSyntax, cdr.CodeTruncated, cdr.CodeTooLarge, cdr.CodeEncoding, cdr.CodeGzip, cdr.CodeGzipBomb,
		cdr.CodeStatus, cdr.CodeMissing, cdr.CodeType, cdr.CodeValue, cdr.CodeDuplicate, cdr.CodeNegative, cdr.CodeOverflow, cdr.CodeOrder,
		cdr.CodeTime, cdr.CodeTooLong, cdr.CodeCurrency, cdr.CodeCredit,
		"conflict", "crash", "verdict", "token-unknown", "token-expired", "contract-inactive", "ambiguous", "contract-unknown", "evse-unknown",
		"zone-unknown", "no-tariff", "rating", "credit", "draft", "address-missing", "NO_PRICE", "NEGATIVE", "PERIODS_OUTSIDE_SESSION",
		"charge-held", "charge-unproven", "charge-malformed", "charge-mixed", "charge-vat-unknown", "charge-unregistered",
		"mandate-missing", "mandate-unsigned", "mandate-revoked", "mandate-lapsed", "mandate-future", "iban-checksum", "date-notice",
	}
	for _, r := range meter.Rules() {
		codes = append(codes, r.Code)
	}
	for _, r := range finding.Rules() {
		codes = append(codes, string(r.Code))
	}
	for _, code := range codes {
		what, todo := Meaning(code)
		for _, s := range []string{what, todo} {
			if len(s) < 10 || !strings.HasSuffix(s, ".") || s[0] < 'A' || s[0] > 'Z' || strings.HasSuffix(s, "..") {
				t.Errorf("%s: %q is no sentence", code, s)
			}
		}
		if strings.Contains(what, "code "+code) {
			t.Errorf("%s is not explained", code)
		}
	}
}

func TestMeaningOfOtherCodes(t *testing.T) {
	cases := []struct{ code, what, todo string }{
		{"", "Set aside without a code.", "Read the reason kept with each record, remove the cause, then release it."},
		{"house-rule", "Set aside with the code house-rule.", "Read the reason kept with each record, remove the cause, then release it."},
		{"key-off-curve", "The public key is no point of its curve.", "It was damaged on the way, register it again."},
		{"meter-differs", "The readings come from different meters.", "Ask the operator of the charge point what happened; bill only with a corrected record."},
	}
	for _, c := range cases {
		if what, todo := Meaning(c.code); what != c.what || todo != c.todo {
			t.Errorf("%q: got %q %q", c.code, what, todo)
		}
	}
}

// A code in two tables would have two meanings, of which one is never shown.
func TestCodesAreExplainedOnce(t *testing.T) {
	var seen []string
	for _, m := range slices.Concat(fileMeanings, meterMeanings, customerMeanings, priceMeanings, debitMeanings) {
		if slices.Contains(seen, m.code) {
			t.Errorf("%s is explained twice", m.code)
		}
		seen = append(seen, m.code)
	}
}
