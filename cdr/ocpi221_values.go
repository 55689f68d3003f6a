package cdr

import "time"

func (p *ocpiParser) newPeriod() { p.rec.Periods = append(p.rec.Periods, Period{}) }

func (p *ocpiParser) period() *Period { return &p.rec.Periods[len(p.rec.Periods)-1] }

func (p *ocpiParser) periodMember(key []byte) error {
	switch string(key) {
	case "start_date_time":
		return p.time(fStart, &p.period().Start)
	case "dimensions":
		return p.list(fDimensions, p.newDimension, p.dimensionMember, dimensionMandatory)
	}
	return p.skip()
}

func (p *ocpiParser) newDimension() { p.word, p.volume = nil, decimal{} }

// dimensionMember reads type and volume in either order and books the dimension when it has both.
func (p *ocpiParser) dimensionMember(key []byte) error {
	switch string(key) {
	case "type":
		word, ok, err := p.raw(fType)
		if !ok {
			return err
		}
		p.word = word
	case "volume":
		d, _, ok, err := p.decimal(fVolume)
		if !ok {
			return err
		}
		p.volume = d
	default:
		return p.skip()
	}
	if p.word != nil && p.volume.len() > 0 {
		p.bookDimension()
	}
	return nil
}

// bookDimension enters a dimension into the current period. Current, power, state of charge and reservation are
// not billed and are passed over.
func (p *ocpiParser) bookDimension() {
	var has Dimension
	switch {
	case sameWord(p.word, "ENERGY"):
		has = HasEnergy
	case sameWord(p.word, "TIME"):
		has = HasCharging
	case sameWord(p.word, "PARKING_TIME"):
		has = HasParking
	default:
		return
	}
	period := p.period()
	if period.Has&has != 0 {
		p.fail(CodeDuplicate, fType.name, "this dimension is stated twice in one period; send one volume for it")
		return
	}
	period.Has |= has
	switch has {
	case HasEnergy:
		period.Energy = p.quantity(fVolume, p.volume)
	case HasCharging:
		period.Charging = p.duration(fVolume, p.volume)
	case HasParking:
		period.Parking = p.duration(fVolume, p.volume)
	}
}

// sameWord compares an enumeration value with a word in upper case, without regard to case.
func sameWord(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

func (p *ocpiParser) time(f field, dst *time.Time) error {
	text, ok, err := p.raw(f)
	if !ok || p.given&f.bit == 0 {
		return err
	}
	// The zero time means "not stated" in a Record, so the one instant that equals it is refused, too.
	if *dst, ok = parseTime(string(text)); !ok || dst.IsZero() {
		p.fail(CodeValue, f.name, "is"+quote(text)+" not a date and time; send it as 2026-10-31T18:30:00Z")
	}
	return nil
}

func (p *ocpiParser) energy(f field, dst *MicroKWh) error {
	d, _, ok, err := p.decimal(f)
	if ok {
		*dst = p.quantity(f, d)
	}
	return err
}

func (p *ocpiParser) hours(f field, dst *time.Duration) error {
	d, _, ok, err := p.decimal(f)
	if ok {
		*dst = p.duration(f, d)
	}
	return err
}

// quantity converts kWh to micro-kWh; what rounds to zero is zero, also from below.
func (p *ocpiParser) quantity(f field, d decimal) MicroKWh {
	v, ok := d.micro()
	switch {
	case !ok:
		p.fail(CodeOverflow, f.name, "energy too large to be true; check the unit, it must be kWh")
	case v < 0:
		p.fail(CodeNegative, f.name, "negative energy; feeding back is billed apart, ask the sender to correct it")
	default:
		return MicroKWh(v)
	}
	return 0
}

// duration converts hours to whole seconds.
func (p *ocpiParser) duration(f field, d decimal) time.Duration {
	v, ok := d.hours()
	switch {
	case !ok:
		p.fail(CodeOverflow, f.name, "duration too large to be true; check the unit, it must be hours")
	case v < 0:
		p.fail(CodeNegative, f.name, "negative duration; ask the sender to correct it")
	default:
		return v
	}
	return 0
}

// amount keeps an amount as its text, because its digits are the sender's and are only compared, never billed.
func (p *ocpiParser) amount(f field, dst *string) error {
	d, text, ok, err := p.decimal(f)
	if !ok {
		return err
	}
	if *dst, ok = d.amount(text); !ok {
		*dst = ""
		p.fail(CodeOverflow, f.name, "amount with more than 40 digits; ask the sender to correct it")
	}
	return nil
}

// version reads a version sent as text or, as some do, as a number.
func (p *ocpiParser) version(dst *string) error {
	c, err := p.peek()
	if err != nil {
		return err
	}
	if kindOf(c) != '0' {
		return p.long(fVersion, dst)
	}
	if ok, err := p.expect(fVersion, '0'); !ok {
		return err
	}
	text, err := p.number()
	*dst = string(text)
	return err
}
