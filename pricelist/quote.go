package pricelist

import (
	"fmt"
	"strings"
	"time"

	"wattdue/cdr"
)

// quotedList writes texts as one value, or as a list where one of them needs quotes.
func quotedList(list []string) string {
	parts := make([]string, len(list))
	simple := true
	for i, s := range list {
		parts[i] = quoted(s)
		simple = simple && parts[i] == s
	}
	if simple || len(list) == 1 {
		return strings.Join(parts, ", ")
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// quoted writes a text so that YAML reads it as this text. Plain words stay as they are.
func quoted(s string) string {
	plain := s != "" && !strings.ContainsFunc(s, func(c rune) bool { return !alphanumeric(c) && !strings.ContainsRune("._/- *+", c) })
	switch {
	case !plain, !alphanumeric(rune(s[0])), strings.Contains(s, "  "), s[len(s)-1] == ' ', isYAMLWord(s):
		return escaped(s)
	}
	return s
}

// isYAMLWord holds for words that YAML takes for something else than text. They would be read as text here too, but not
// by other programs.
func isYAMLWord(s string) bool {
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

// escaped writes a text in double quotes (YAML 1.2, 5.7).
func escaped(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == 0xfeff || c == 0x2028 || c == 0x2029:
			fmt.Fprintf(&b, "\\u%04x", c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func spellStep(c component, step int64) string {
	if c.timed {
		return spellTime(time.Duration(step) * time.Second)
	}
	return spellEnergy(cdr.MicroKWh(step))
}
