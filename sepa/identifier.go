package sepa

import (
	"fmt"
	"strconv"
	"strings"

	"wattdue/calendar"
	"wattdue/ident"
)

// maxID is the length of every identifier of a message (ISO 20022 Max35Text).
const maxID = 35

// CheckID checks an identifier: 1 to 35 characters of the SEPA set, no slash at an end, no double slash (EPC230-15),
// no blank at an end. Identifiers are never converted, because a changed one no longer matches the bank's answer.
// The error is a *Fault.
func CheckID(id string) error { return checkID(id).orNil() }

func checkID(id string) *Fault {
	const advice = "rename it or its number range"
	if id == "" {
		return &Fault{Code: IDLength, Detail: "identifier is empty", Advice: "give it 1 to 35 characters"}
	}
	place := 0
	for _, r := range id {
		place++
		if notInSet(r) {
			return &Fault{Code: IDCharset, Value: short(id), Detail: fmt.Sprintf("character %q at place %d is not allowed", r, place), Advice: advice}
		}
	}
	if len(id) > maxID {
		return &Fault{Code: IDLength, Value: short(id), Detail: fmt.Sprintf("identifier has %d characters, 35 are allowed", len(id)), Advice: "shorten its prefix"}
	}
	if id[0] == ' ' || id[len(id)-1] == ' ' {
		return &Fault{Code: IDCharset, Value: strconv.Quote(id), Detail: "identifier has a blank at an end", Advice: advice}
	}
	if id[0] == '/' || id[len(id)-1] == '/' || strings.Contains(id, "//") {
		return &Fault{Code: IDSlash, Value: id, Detail: "slash at an end or doubled", Advice: advice}
	}
	return nil
}

// short cuts a value for an error text.
func short(s string) string {
	const most = 40
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strings.ToValidUTF8(strings.Map(printable, s), "?")
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '?'
	}
	return r
}

// EndToEndID returns the id of an attempt to collect an invoice: number-attempt, attempts counting from one.
func EndToEndID(number string, attempt int) string {
	return number + "-" + strconv.Itoa(attempt)
}

// maxRunKey is how much of a run key a message id can carry; a longer key is replaced by its derived id.
const maxRunKey = 12

// MessageID returns the id of a file, prefix-date-run-part, such as "WD-20261115-R1-1". It leaves room for the "-1"
// of the payment block. A run key of more than 12 characters is replaced by 12 hexadecimal digits derived from it.
// The error is a *Fault when prefix and part make it too long or a character is not allowed.
func MessageID(prefix string, date calendar.Date, run string, part int) (string, error) {
	if len(run) > maxRunKey {
		run = ident.Derive("sepa-run", run).Hex()[:maxRunKey]
	}
	id := fmt.Sprintf("%s-%04d%02d%02d-%s-%d", prefix, date.Year, int(date.Month), date.Day, run, part)
	if f := checkID(paymentID(id)); f != nil {
		return "", f.at("message id", "")
	}
	return id, nil
}

// paymentID returns the id of the one payment block of a file.
func paymentID(messageID string) string { return messageID + "-1" }
