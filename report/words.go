package report

import (
	"strconv"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
)

// words writes figures the way people read them: 1,234.56 EUR, 12,345 kWh, 16 October 2026.
type words struct{ currency money.Currency }

func (r Report) words() words { return words{r.Currency} }

// tooLarge stands for a sum that does not fit its integer.
const tooLarge = "too large to add up"

// count writes a total of things.
func (words) count(t total) string {
	if !t.fits {
		return tooLarge
	}
	return number(t.v)
}

// amount writes a total of money with its currency.
func (w words) amount(t total) string {
	if !t.fits {
		return tooLarge
	}
	return w.money(t.v)
}

// plain writes a total of money without its currency, for columns.
func (w words) plain(t total) string {
	if !t.fits {
		return tooLarge
	}
	return w.bare(t.v)
}

// money writes an amount with its currency.
func (w words) money(minor int64) string {
	return strings.TrimSuffix(w.bare(minor)+" "+string(w.currency), " ")
}

// bare writes an amount without its currency.
func (w words) bare(minor int64) string {
	return grouped(money.Amount{Minor: minor, Currency: w.currency}.Decimal())
}

// number writes an integer with a comma between thousands.
func number(v int64) string { return grouped(strconv.FormatInt(v, 10)) }

// grouped puts a comma between the thousands of a decimal.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, _ := strings.Cut(s, ".")
	if rest != "" {
		rest = "." + rest
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest
}

// The units energy is shown in, in micro-kWh.
const (
	oneKWh = 1_000_000
	oneWh  = 1_000
)

// kWh writes an energy in whole kWh, rounded half away from zero.
func kWh(e cdr.MicroKWh) string { return number(nearest(int64(e), oneKWh)) }

// kWhExact writes an energy in kWh with three decimals, rounded half away from zero.
func kWhExact(e cdr.MicroKWh) string { return grouped(money.FormatMinor(nearest(int64(e), oneWh), 3)) }

// nearest divides by an even unit and rounds half away from zero.
func nearest(v, unit int64) int64 {
	q, rest := v/unit, v%unit
	switch {
	case rest >= unit/2:
		q++
	case rest <= -unit/2:
		q--
	}
	return q
}

// longDate writes 16 October 2026, or a dash for no date.
func longDate(d calendar.Date) string {
	if d.IsZero() {
		return "-"
	}
	return strconv.Itoa(d.Day) + " " + d.Month.String() + " " + strconv.Itoa(d.Year)
}

// shortDate writes Fri 16 Oct.
func shortDate(d calendar.Date) string {
	return d.Weekday().String()[:3] + " " + strconv.Itoa(d.Day) + " " + monthShort(d)
}

func monthShort(d calendar.Date) string { return d.Month.String()[:3] }

// longPeriod writes October 2026 or 31 October 2026; words that are no period stay as they are.
func longPeriod(s string) string {
	p, err := calendar.ParsePeriod(s)
	switch {
	case err != nil:
		return s
	case p.First.MonthOf() == p:
		return p.First.Month.String() + " " + strconv.Itoa(p.First.Year)
	}
	return longDate(p.First)
}

// instant writes 2026-11-02 03:30 +01:00.
func instant(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("2006-01-02 15:04 -07:00")
}

// took writes a duration as 0.42 s or 12 min 05 s, rounded to what is shown.
func took(d time.Duration) string {
	hundredths := nearest(int64(max(d, 0)), int64(10*time.Millisecond))
	if hundredths < 60*100 {
		return money.FormatMinor(hundredths, 2) + " s"
	}
	seconds := nearest(hundredths, 100)
	rest := strconv.FormatInt(seconds%60, 10)
	if len(rest) < 2 {
		rest = "0" + rest
	}
	return number(seconds/60) + " min " + rest + " s"
}

// perSecond writes how many records a stage did in a second, a dash when that cannot be said.
func perSecond(s StageTime) string {
	ms := s.Duration.Milliseconds()
	if ms <= 0 || s.Records <= 0 || s.Records > 1<<50 {
		return "-"
	}
	return number(s.Records * 1000 / ms)
}

// plural writes a count with its noun; most nouns here take an s.
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + one + "s"
}
