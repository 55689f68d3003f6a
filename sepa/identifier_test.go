package sepa

import (
	"strings"
	"testing"

	"wattdue/calendar"
)

func TestCheckID(t *testing.T) {
	tests := []struct {
		name, id string
		code     Code
		says     string
	}{
		{"invoice and attempt", "RE-2026-0000001-1", "", ""},
		{"single slashes inside", "A/B/C", "", ""},
		{"35 characters", strings.Repeat("A", 35), "", ""},
		{"36 characters", strings.Repeat("A", 36), IDLength, "36 characters"},
		{"empty", "", IDLength, "empty"},
		{"umlaut", "MÜ-1", IDCharset, "'Ü' at place 2"},
		{"pipe passes the German schema", "A|B", IDCharset, "'|' at place 2"},
		{"ampersand", "A&B", IDCharset, "'&' at place 2"},
		{"leading slash", "/A", IDSlash, ""},
		{"trailing slash", "A/", IDSlash, ""},
		{"double slash", "A//B", IDSlash, ""},
		{"trailing blank", "A ", IDCharset, "blank at an end"},
		{"line break", "A\nB", IDCharset, `'\n' at place 2`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckID(tt.id)
			if codeOf(err) != tt.code || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("CheckID(%q) = %v, want %q %q", tt.id, err, tt.code, tt.says)
			}
		})
	}
}

func TestIDs(t *testing.T) {
	if got := EndToEndID("RE-2026-0000123", 1); got != "RE-2026-0000123-1" {
		t.Errorf("end-to-end id %s", got)
	}
	day := calendar.NewDate(2026, 11, 5)
	if got, err := MessageID("WD", day, "R1", 2); err != nil || got != "WD-20261105-R1-2" {
		t.Errorf("message id %s, %v", got, err)
	}
	long, err := MessageID("WATTDU", day, "0123456789abcdef0123456789abcdef", 9999)
	if err != nil || len(long) != 33 {
		t.Errorf("message id %s of %d characters, %v", long, len(long), err)
	}
	other, _ := MessageID("WATTDU", day, "0123456789abcdef0123456789abcdee", 9999)
	if long == other {
		t.Errorf("two runs share the message id %s", long)
	}
	if _, err := MessageID("A-LONG-PREFIX", day, "abcdefghijkl", 1); codeOf(err) != IDLength {
		t.Errorf("long prefix: %v", err)
	}
	if _, err := MessageID("WÄ", day, "R1", 1); codeOf(err) != IDCharset {
		t.Errorf("umlaut in the prefix: %v", err)
	}
}
