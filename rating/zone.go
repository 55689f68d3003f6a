package rating

import "time"

// zone answers what the local clock shows, asking the time zone once per change of its offset. The moments of one session,
// and those of the sessions of one place, hardly ever need a second question.
type zone struct {
	location *time.Location
	known    bool
	from, to int64 // Unix seconds between which the offset holds
	offset   int64 // seconds east
}

// far is beyond every instant that is asked for.
const far = 1 << 60

// at makes the offset that of a Unix second.
func (z *zone) at(second int64) {
	if z.known && second >= z.from && second < z.to {
		return
	}
	t := time.Unix(second, 0).In(z.location)
	_, offset := t.Zone()
	z.offset, z.from, z.to, z.known = int64(offset), -far, far, true
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		z.from = start.Unix()
	}
	if !end.IsZero() {
		z.to = end.Unix()
	}
}

// use makes the zone that of a place; nil is UTC.
func (z *zone) use(location *time.Location) {
	if location == nil {
		location = time.UTC
	}
	if z.location != location {
		*z = zone{location: location}
	}
}

// local returns day and second of the local clock at a Unix second.
func (z *zone) local(second int64) (day, ofDay int32) {
	z.at(second)
	return split(second + z.offset)
}

// split parts seconds since 1970 of a clock into day and second of the day.
func split(clock int64) (day, ofDay int32) {
	d := clock / secondsPerDay
	if clock%secondsPerDay < 0 {
		d--
	}
	return int32(d), int32(clock - d*secondsPerDay)
}

// crossings appends every Unix second in (from, to) at which the local clock comes to one of the edges, seconds of the
// day, or is put forward or back: between two of them no key on local time changes. So an edge inside the hour that is
// repeated in autumn is crossed twice, and one inside the hour missing in spring not at all (rating rules, 4.2).
func (z *zone) crossings(list []int64, from, to int64, edges []int32) []int64 {
	for at := from; at < to; {
		z.at(at)
		until := min(z.to, to)
		day, _ := split(at + z.offset)
		for base := int64(day)*secondsPerDay - z.offset; base < until; base += secondsPerDay {
			for _, edge := range edges {
				if t := base + int64(edge); t > at && t < until {
					list = append(list, t)
				}
			}
		}
		if z.to < to {
			list = append(list, z.to)
		}
		at = until
	}
	return list
}
