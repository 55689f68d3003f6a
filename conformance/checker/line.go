package checker

import (
	"strconv"
	"strings"
)

// The functions below take in lines of the page; the groups are those of the patterns in page.go.

func takePeriod(v *Invoice, m []string) bool {
	v.set("Leistungszeitraum", v.day(m[0]), &v.From)
	v.set("Ende des Leistungszeitraums", v.day(m[1]), &v.To)
	return true
}

// takeSum takes a line that repeats the sums of the document.
func takeSum(v *Invoice, m []string) bool {
	n := 1
	if m[0] != "der" {
		n = count(m[0])
	}
	v.Counts = append(v.Counts, n)
	v.Energies = append(v.Energies, microKWh(v.number(m[1], 6)))
	v.Repeats = append(v.Repeats, v.amount(m[2]))
	return true
}

func takeGroup(v *Invoice, m []string) bool {
	v.Groups = append(v.Groups, Tax{v.number(m[0], 2), v.amount(m[1]), v.amount(m[2]), v.amount(m[3])})
	return true
}

func takeService(v *Invoice, m []string) bool {
	v.Services = append(v.Services, Line{Component: components[m[0]], Quantity: v.quantity(m[1]), Amount: v.amount(m[2])})
	return true
}

// quantity reads kWh as micro-kWh, hours, minutes and seconds as seconds, and a count.
func (v *Invoice) quantity(s string) int64 {
	s = strings.ReplaceAll(s, " ", "")
	if kwh, ok := strings.CutSuffix(s, "kWh"); ok {
		return v.number(kwh, 6)
	}
	if strings.Contains(s, ",") {
		return v.number(s, 6)
	}
	n := int64(0)
	for _, unit := range []struct {
		name    string
		seconds int64
	}{{"h", 3600}, {"min", 60}, {"s", 1}} {
		if number, rest, ok := strings.Cut(s, unit.name); ok {
			n += int64(count(number)) * unit.seconds
			s = rest
		}
	}
	if s != "" {
		n = int64(count(s))
	}
	return n
}

func takeSession(v *Invoice, m []string) bool {
	s := Session{Place: count(m[0]), Metered: m[7] != ""}
	from := v.day(m[1])
	to := from
	if m[4] != "" {
		to = v.day(m[4])
	}
	s.Start, s.End = from+"T"+m[2]+offset(m[3]), to+"T"+m[5]+offset(m[6])
	if s.Metered {
		s.Begin = microKWh(v.number(m[7], 6))
	}
	s.Energy, s.Amount = microKWh(v.number(m[8], 6)), v.amount(m[9])
	v.Sessions = append(v.Sessions, s)
	return true
}

// offset writes "+2" as "+02:00" and nothing as nothing.
func offset(s string) string {
	if s == "" {
		return ""
	}
	hours, minutes, _ := strings.Cut(s[1:], ":")
	if minutes == "" {
		minutes = "00"
	}
	if len(hours) == 1 {
		hours = "0" + hours
	}
	return s[:1] + hours + ":" + minutes
}

// takeReading takes the second reading of a session, which is the first number in a column of its own under the first.
func takeReading(v *Invoice, m []string) bool {
	s, ok := v.session()
	if !ok || !s.Metered || s.finished {
		return false
	}
	s.Finish, s.finished = microKWh(v.number(m[0], 6)), true
	return true
}

// takeLine takes a line priced by energy or time; the component may stand on the line before.
func takeLine(v *Invoice, m []string) bool {
	s, ok := v.session()
	if !ok {
		return false
	}
	component := components[m[0]]
	if component == "" {
		component = s.pending
	}
	s.pending = ""
	if component == "" || (component == "energy") != (m[3] == "kWh") {
		v.faultf("session %d: a price per %s of %q", s.Place, m[3], component)
	}
	s.Lines = append(s.Lines, Line{component, v.quantity(m[1]), v.number(m[2], 6), v.amount(m[4])})
	return true
}

func takeFee(v *Invoice, m []string) bool {
	s, ok := v.session()
	if !ok {
		return false
	}
	n, unit := 1, v.amount(m[1])
	if m[0] != "" {
		var err error
		if n, err = strconv.Atoi(m[0]); err != nil {
			v.faultf("session %d: %q fees", s.Place, m[0])
		}
	}
	s.Lines = append(s.Lines, Line{"session", int64(n), int64(unit) * 10_000, v.amount(m[2])})
	return true
}
