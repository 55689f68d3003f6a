package calendar

import "time"

// IsBankDay reports whether the TARGET system is open: not on Saturday and Sunday, 1 January, Good Friday,
// Easter Monday, 1 May, 25 and 26 December. Holidays that fall on a weekend are not moved (ECB, TARGET
// calendar).
func (d Date) IsBankDay() bool {
	switch d.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	switch {
	case d.Month == time.January && d.Day == 1,
		d.Month == time.May && d.Day == 1,
		d.Month == time.December && (d.Day == 25 || d.Day == 26):
		return false
	}
	easter := EasterSunday(d.Year)
	return d != easter.AddDays(-2) && d != easter.AddDays(1)
}

// BankDayOnOrAfter returns d, or the next bank day when TARGET is closed on d.
func (d Date) BankDayOnOrAfter() Date {
	for !d.IsBankDay() {
		d = d.AddDays(1)
	}
	return d
}

// AddBankDays counts n bank days on from d, or back when n is negative. A day on which TARGET is closed counts as
// the next bank day, so that what is handed in on a Saturday is treated as on Monday, and n = 0 gives the bank day on
// or after d.
func (d Date) AddBankDays(n int) Date {
	d = d.BankDayOnOrAfter()
	for ; n > 0; n-- {
		d = d.AddDays(1).BankDayOnOrAfter()
	}
	for ; n < 0; n++ {
		d = d.AddDays(-1)
		for !d.IsBankDay() {
			d = d.AddDays(-1)
		}
	}
	return d
}

// EasterSunday returns the date of Easter Sunday in a year of the Gregorian calendar. The algorithm is the anonymous
// one of 1876 in its shorter form (New Scientist, 30 March 1961).
func EasterSunday(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := (h + l - 7*m + 33*month + 19) % 32
	return NewDate(year, time.Month(month), day)
}
