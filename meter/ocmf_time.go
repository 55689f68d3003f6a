package meter

import "time"

// ocmfStamp is a time with the state of the clock that gave it.
type ocmfStamp struct {
	time    time.Time // UTC
	zone    int       // seconds east of UTC
	clock   string    // U unsynchronised, I informative, S synchronised, R relative; empty when missing
	unusual bool      // readable, but not the form of the specification
}

// parseOCMFTime reads TM: YYYY-MM-DDThh:mm:ss,mmm±hhmm X (OCMF 1.4, reading, TM). A dot for the comma, missing
// milliseconds, a colon in the offset, Z and a missing clock state are read and reported as unusual.
func parseOCMFTime(s string) (ocmfStamp, bool) {
	const wall = "2006-01-02T15:04:05"
	p := timeText{s: s}
	year, month, day := p.number(4, 0), p.number(2, '-'), p.number(2, '-')
	hour, minute, second := p.number(2, 'T'), p.number(2, ':'), p.number(2, ':')
	if p.bad || len(s) < len(wall) {
		return ocmfStamp{}, false
	}
	millis := p.millis()
	zone := p.offset()
	clock := p.clock()
	t := time.Date(year, time.Month(month), day, hour, minute, second, millis*int(time.Millisecond), time.UTC)
	if p.bad || t.Day() != day || t.Month() != time.Month(month) || hour > 23 || minute > 59 || second > 60 {
		return ocmfStamp{}, false
	}
	return ocmfStamp{t.Add(-time.Duration(zone) * time.Second), zone, clock, p.unusual}, true
}

// timeText reads a time from left to right and remembers whether anything was wrong.
type timeText struct {
	s            string
	i            int
	bad, unusual bool
}

// number reads n digits after the given separator; 0 is no separator.
func (p *timeText) number(n int, after byte) int {
	if after != 0 {
		if p.next() != after {
			p.bad = true
			return 0
		}
		p.i++
	}
	v := 0
	for range n {
		c := p.next()
		if c < '0' || c > '9' {
			p.bad = true
			return 0
		}
		v = v*10 + int(c-'0')
		p.i++
	}
	return v
}

func (p *timeText) next() byte {
	if p.i >= len(p.s) {
		return 0
	}
	return p.s[p.i]
}

func (p *timeText) millis() int {
	switch p.next() {
	case ',':
		return p.number(3, ',')
	case '.':
		p.unusual = true
		return p.number(3, '.')
	}
	p.unusual = true
	return 0
}

// offset reads ±hhmm in seconds.
func (p *timeText) offset() int {
	sign := 1
	switch p.next() {
	case 'Z':
		p.i++
		p.unusual = true
		return 0
	case '-':
		sign = -1
	case '+':
	default:
		p.bad = true
		return 0
	}
	p.i++
	hours := p.number(2, 0)
	if p.next() == ':' {
		p.i++
		p.unusual = true
	}
	minutes := p.number(2, 0)
	if hours > 14 || minutes > 59 {
		p.bad = true
	}
	return sign * (hours*3600 + minutes*60)
}

// clock reads the state letter at the end.
func (p *timeText) clock() string {
	rest := p.s[p.i:]
	switch rest {
	case " U", " I", " S", " R":
		return rest[1:]
	case "":
		p.unusual = true
		return ""
	}
	p.bad = true
	return ""
}
