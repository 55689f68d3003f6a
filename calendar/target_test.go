package calendar

import "testing"

// The holidays of the TARGET calendar, 2026 to 2030, as the ECB publishes them.
func TestTargetHolidays(t *testing.T) {
	easter := []struct{ friday, sunday, monday string }{
		{"2026-04-03", "2026-04-05", "2026-04-06"},
		{"2027-03-26", "2027-03-28", "2027-03-29"},
		{"2028-04-14", "2028-04-16", "2028-04-17"},
		{"2029-03-30", "2029-04-01", "2029-04-02"},
		{"2030-04-19", "2030-04-21", "2030-04-22"},
	}
	for _, e := range easter {
		sunday := date(t, e.sunday)
		if got := EasterSunday(sunday.Year); got != sunday {
			t.Errorf("Easter %d is on %s, want %s", sunday.Year, got, sunday)
		}
		for _, s := range []string{e.friday, e.sunday, e.monday} {
			if date(t, s).IsBankDay() {
				t.Errorf("TARGET is open on %s", s)
			}
		}
		for _, d := range []Date{sunday.AddDays(-3), sunday.AddDays(2)} {
			if !d.IsBankDay() {
				t.Errorf("TARGET is closed on %s, beside Easter", d)
			}
		}
		for _, s := range []string{"-01-01", "-05-01", "-12-25", "-12-26"} {
			if d := date(t, e.sunday[:4]+s); d.IsBankDay() {
				t.Errorf("TARGET is open on %s", d)
			}
		}
	}
}

// Easter dates at the edges of the algorithm: its earliest and latest days, and the two exceptions of Gauss's rule.
func TestEasterAtTheEdges(t *testing.T) {
	for _, s := range []string{"1818-03-22", "1943-04-25", "1954-04-18", "1961-04-02", "1981-04-19", "2000-04-23", "2008-03-23", "2011-04-24", "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22"} {
		want := date(t, s)
		if got := EasterSunday(want.Year); got != want {
			t.Errorf("Easter %d is on %s, want %s", want.Year, got, want)
		}
	}
}

func TestBankDaysWithoutTargetHoliday(t *testing.T) {
	// Ascension Day, Whit Monday, German Unity Day, Christmas Eve, New Year's Eve: national days do not close TARGET.
	for _, s := range []string{"2026-05-14", "2026-05-25", "2025-10-03", "2026-12-24", "2026-12-31"} {
		if !date(t, s).IsBankDay() {
			t.Errorf("TARGET is closed on %s", s)
		}
	}
	// 26 December 2026 is a Saturday and 1 May 2027 too; the Monday after is not taken off instead.
	for _, s := range []string{"2026-12-28", "2027-05-03"} {
		if !date(t, s).IsBankDay() {
			t.Errorf("a holiday was moved to %s", s)
		}
	}
}

func TestAddBankDays(t *testing.T) {
	cases := []struct {
		name string
		from string
		n    int
		want string
	}{
		{"Christmas 2026", "2026-12-24", 1, "2026-12-28"},
		{"Easter 2027", "2027-03-25", 1, "2027-03-30"},
		{"May Day 2026", "2026-04-30", 1, "2026-05-04"},
		{"Saturday counts as Monday", "2026-10-31", 0, "2026-11-02"},
		{"one day on from a Saturday", "2026-10-31", 1, "2026-11-03"},
		{"a bank day itself", "2026-11-02", 0, "2026-11-02"},
		{"a week is five bank days", "2026-11-02", 5, "2026-11-09"},
		{"over New Year", "2026-12-31", 1, "2027-01-04"},
		{"back over Christmas", "2026-12-28", -1, "2026-12-24"},
		{"back over Easter", "2027-03-30", -1, "2027-03-25"},
		{"back from a Sunday, that is Monday", "2026-11-01", -1, "2026-10-30"},
	}
	for _, c := range cases {
		if got := date(t, c.from).AddBankDays(c.n); got.String() != c.want {
			t.Errorf("%s: %s and %d bank days: %s, want %s", c.name, c.from, c.n, got, c.want)
		}
	}
}

func TestBankDayOnOrAfter(t *testing.T) {
	for from, want := range map[string]string{
		"2026-04-03": "2026-04-07", "2026-04-02": "2026-04-02", "2026-12-25": "2026-12-28", "2027-01-01": "2027-01-04",
	} {
		if got := date(t, from).BankDayOnOrAfter(); got.String() != want {
			t.Errorf("%s goes to %s, want %s", from, got, want)
		}
	}
}
