package meter

import "time"

// Offsets of the German wall clock from UTC, in seconds.
const (
	standardTime = 3600
	summerTime   = 7200
)

// firstEUYear is the first year with the summer time of today (Directive 2000/84/EC and its forerunners). Nothing older
// was ever signed; a clock that says so was not set, and is read as standard time.
const firstEUYear = 1996

// germanTime reads the digits of a German wall clock, given as if they were UTC. In the hour that occurs twice it takes
// the first, in summer time, unless the record states that the clock was one hour from UTC. The hour that is skipped is
// read as that of a clock still to be set forward.
func germanTime(wall time.Time, stated zoneOffset) (utc time.Time, zone int) {
	for _, zone := range [...]int{summerTime, standardTime} {
		utc := wall.Add(-time.Duration(zone) * time.Second)
		if germanOffset(utc) != zone {
			continue
		}
		if zone == summerTime && stated == standardOffset && germanOffset(utc.Add(time.Hour)) == standardTime {
			continue
		}
		return utc, zone
	}
	return wall.Add(-standardTime * time.Second), standardTime
}

// germanOffset is the distance of the German wall clock from UTC at an instant, in seconds: summer time from the last
// Sunday of March to that of October, both at 01:00 UTC.
func germanOffset(utc time.Time) int {
	utc = utc.UTC()
	year := utc.Year()
	if year < firstEUYear || utc.Before(lastSunday(year, time.March)) || !utc.Before(lastSunday(year, time.October)) {
		return standardTime
	}
	return summerTime
}

// lastSunday is 01:00 UTC on the last Sunday of a month with 31 days.
func lastSunday(year int, month time.Month) time.Time {
	last := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, -int(last.Weekday()))
}

// zoneOffset is how far a record states its clock to be from UTC, beside what it signs. The zero value states nothing.
type zoneOffset struct {
	seconds int // east
	stated  bool
}

// standardOffset is the statement that decides which of two equal hours is meant.
var standardOffset = zoneOffset{standardTime, true}

// counterTolerance is how far the clock of a meter is set in a session beside the change of the hour, in seconds.
const counterTolerance = 60

// settleHour decides by the running seconds, which are signed and know no summer time, which of two equal hours a reading
// was taken in. Where the counter agrees with both readings as they are, nothing changes.
func settleHour(begin, end *Entry) {
	if !begin.Wall || !end.Wall || !begin.Counted || !end.Counted {
		return
	}
	counted := int64(end.Seconds) - int64(begin.Seconds)
	missing := counted - int64(end.Time.Sub(begin.Time)/time.Second)
	switch {
	case near(missing, 3600):
		end.anHourLater()
	case near(missing, -3600):
		begin.anHourLater()
	}
}

func near(a, b int64) bool { return a >= b-counterTolerance && a <= b+counterTolerance }

// anHourLater takes the second of two equal hours; a reading of any other hour stays.
func (e *Entry) anHourLater() {
	later := e.Time.Add(time.Hour)
	if germanOffset(e.Time) == summerTime && germanOffset(later) == standardTime {
		e.Time, e.Zone = later, standardTime
	}
}
