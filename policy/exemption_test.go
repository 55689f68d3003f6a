package policy_test

import (
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/policy"
)

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestNotRequired asks one rule about sessions that differ in one thing each: AC points of DE/ABC in Germany from before
// April 2019, for sessions of the year 2026, Berlin time.
func TestNotRequired(t *testing.T) {
	rule := policy.Exemption{
		ID: "ABC-OLD-AC", Country: "DE", Party: "ABC", EVSECountry: "DE", Power: policy.AC, CommissionedBefore: calendar.NewDate(2019, 4, 1),
		From: instant(t, "2026-01-01T00:00:00+01:00"), Until: instant(t, "2027-01-01T00:00:00+01:00"),
	}
	good := policy.Session{
		Country: "DE", Party: "ABC", Start: instant(t, "2026-10-05T18:00:00Z"),
		Point: policy.Point{Country: "DE", Power: policy.AC, CommissionedOn: calendar.NewDate(2019, 3, 31)},
	}
	for _, c := range []struct {
		name   string
		change func(*policy.Session)
		want   bool
	}{
		{"everything fits", func(*policy.Session) {}, true},
		{"another country's sender", func(s *policy.Session) { s.Country = "AT" }, false},
		{"another sender", func(s *policy.Session) { s.Party = "XYZ" }, false},
		{"a point abroad", func(s *policy.Session) { s.Point.Country = "NL" }, false},
		{"a DC point", func(s *policy.Session) { s.Point.Power = policy.DC }, false},
		{"a point of unknown power", func(s *policy.Session) { s.Point.Power = "" }, false},
		{"commissioned on the day", func(s *policy.Session) { s.Point.CommissionedOn = calendar.NewDate(2019, 4, 1) }, false},
		{"commissioned nobody knows when", func(s *policy.Session) { s.Point.CommissionedOn = calendar.Date{} }, false},
		{"a point nobody registered", func(s *policy.Session) { s.Point = policy.Point{} }, false},
		{"the first instant", func(s *policy.Session) { s.Start = instant(t, "2025-12-31T23:00:00Z") }, true},
		{"a second before it", func(s *policy.Session) { s.Start = instant(t, "2025-12-31T22:59:59Z") }, false},
		{"the last second", func(s *policy.Session) { s.Start = instant(t, "2026-12-31T22:59:59Z") }, true},
		{"the first instant that is out", func(s *policy.Session) { s.Start = instant(t, "2026-12-31T23:00:00Z") }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := good
			c.change(&s)
			got, ok := policy.NotRequired([]policy.Exemption{rule}, s)
			if ok != c.want || ok && got.ID != rule.ID {
				t.Errorf("%+v: rule %q, %v; want %v", s, got.ID, ok, c.want)
			}
		})
	}
}

// TestFirstRuleAnswers: of several rules that fit, the first one is named; a rule that asks nothing of the charge point
// fits one that nobody registered.
func TestFirstRuleAnswers(t *testing.T) {
	from := instant(t, "2026-01-01T00:00:00Z")
	rules := []policy.Exemption{
		{ID: "A", Country: "NL", Power: policy.DC, From: from},
		{ID: "B", Country: "NL", From: from},
		{ID: "C", Country: "NL", Party: "ABC", From: from},
	}
	s := policy.Session{Country: "NL", Party: "ABC", Start: from}
	if got, ok := policy.NotRequired(rules, s); !ok || got.ID != "B" {
		t.Errorf("rule %q, %v; want B", got.ID, ok)
	}
	s.Point.Power = policy.DC
	if got, _ := policy.NotRequired(rules, s); got.ID != "A" {
		t.Errorf("rule %q, want A", got.ID)
	}
	if _, ok := policy.NotRequired(nil, s); ok {
		t.Error("a rule was found where there is none")
	}
}
