package masterdata

import (
	"errors"
	"strings"
	"time"

	"wattdue/customer"
	"wattdue/money"
	"wattdue/sepa"
)

// Forms of texts: what is good, and how a message asks for it.

const wantNumber = "1 to 35 letters, digits, points, hyphens, underscores or slashes, beginning with a letter or digit"

// isRecordNumber holds for the numbers of parties and contracts, and for names of groups, locations and tariffs: they
// sort bytewise, stand in file names and bank texts, and need no quoting.
func isRecordNumber(s string) bool {
	return len(s) <= 35 && s != "" && isAlphanumeric(rune(s[0])) && allOf(s, func(c rune) bool {
		return isAlphanumeric(c) || strings.ContainsRune("._/-", c)
	})
}

const wantTenantCode = "1 to 40 lower-case letters, digits or hyphens, such as nordlicht"

func isTenantCode(s string) bool {
	return s != "" && len(s) <= 40 && allOf(s, func(c rune) bool { return c >= 'a' && c <= 'z' || isDigit(c) || c == '-' })
}

const wantCountry = "a country of two capital letters (ISO 3166-1 alpha-2), such as DE"

func isCountry(s string) bool { return len(s) == 2 && allOf(s, isCapital) }

const wantParty = "three capital letters or digits, as the records name their sender, such as ABC"

func isPartyID(s string) bool {
	return len(s) == 3 && allOf(s, func(c rune) bool { return isCapital(c) || isDigit(c) })
}

const wantEMAID = "a contract id such as DE-ABC-C12345678-X: country, provider, nine letters or digits, and a check digit if there is one"

// isEMAID holds for contract ids of ISO 15118-1 and eMI3, with or without separators and check digit: two letters of the
// country, three characters of the provider, nine of the instance. The check digit is not verified.
func isEMAID(s string) bool {
	id := customer.NormaliseEMAID(s)
	return (len(id) == 14 || len(id) == 15) && allOf(id[:2], isCapital) && allOf(id, func(c rune) bool { return isCapital(c) || isDigit(c) })
}

const wantEVSE = "an EVSE id of at most 48 capital letters, digits, stars, hyphens or plus signs, such as DE*ABC*E0001*1"

func isEVSEID(s string) bool {
	return s != "" && len(s) <= 48 && (isAlphanumeric(rune(s[0])) || s[0] == '+') &&
		allOf(s, func(c rune) bool { return isCapital(c) || isDigit(c) || strings.ContainsRune("*-+", c) })
}

const wantEmail = "one mail address without a name, such as billing@example.com"

// isEmail catches typing mistakes; whether somebody reads there only a mail can tell.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && len(s) <= 254 && !strings.ContainsAny(s, " \t\"<>()[],;:\\") && strings.Count(s, "@") == 1 &&
		allOf(s, func(c rune) bool { return c > ' ' && c != 0x7f }) && strings.Contains(domain, ".") &&
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(s, "..")
}

const wantJob = "the name of a job, such as intake"

func isJobName(s string) bool {
	return s != "" && len(s) <= 40 && allOf(s, func(c rune) bool { return c >= 'a' && c <= 'z' || c == '-' })
}

const wantCurrency = "a currency of ISO 4217 that is known here, such as EUR"

func isCurrency(s string) bool {
	_, known := money.Currency(s).Digits()
	return known
}

func isAlphanumeric(c rune) bool { return isCapital(c) || isDigit(c) || c >= 'a' && c <= 'z' }
func isCapital(c rune) bool      { return c >= 'A' && c <= 'Z' }
func isDigit(c rune) bool        { return c >= '0' && c <= '9' }

func allOf(s string, good func(rune) bool) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return !good(c) })
}

// Checks of other packages: the form to keep, and what is wrong, without the value.

func checkIBAN(s string) (string, string) {
	iban, err := sepa.ParseIBAN(s)
	return iban, withoutValue(err)
}

func checkCreditorID(s string) (string, string) { return s, withoutValue(sepa.CheckCreditorID(s)) }

func checkReference(s string) (string, string) { return s, withoutValue(sepa.CheckID(s)) }

// checkBIC checks a BIC beside the account it belongs to.
func checkBIC(iban string) func(string) (string, string) {
	return func(s string) (string, string) { return s, withoutValue(sepa.CheckBIC(s, iban)) }
}

// withoutValue prints a fault of package sepa without what was found.
func withoutValue(err error) string {
	var f *sepa.Fault
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return f.Detail + "; " + f.Advice
	}
	return "want another value"
}

// parseMillionths reads decimal text with at most nine digits before and six behind the point.
func parseMillionths(s string) (int64, bool) {
	whole, fraction, pointed := strings.Cut(s, ".")
	if whole == "" || len(whole) > 9 || len(whole) > 1 && whole[0] == '0' || !allOf(whole, isDigit) ||
		pointed && (fraction == "" || len(fraction) > 6 || !allOf(fraction, isDigit)) {
		return 0, false
	}
	var n int64
	for _, c := range whole + fraction + strings.Repeat("0", 6-len(fraction)) {
		n = n*10 + int64(c-'0')
	}
	return n, true
}

const wantDuration = "a duration in hours, minutes and seconds, such as 15m or 1h30m"

// parseDuration reads whole hours, minutes and seconds, at most 31 days.
func parseDuration(s string) (time.Duration, bool) {
	if s == "" || !allOf(s, func(c rune) bool { return isDigit(c) || strings.ContainsRune("hms", c) }) || strings.Contains(s, "ms") {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d <= 31*24*time.Hour
}

// spell writes a duration without parts that are zero.
func spell(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
