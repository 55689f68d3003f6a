package jobs

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Cron is a schedule in local wall-clock time. The library only parses and finds matching wall-clock times; binding them to
// instants is done here, because the library skips a day when the clock springs forward and repeats one when it
// falls back.
type Cron struct {
	schedule cron.Schedule
	zone     *time.Location
}

// ParseCron reads a five-field specification (minute hour day month weekday) or one of @daily, @weekly, @monthly,
// @yearly. Intervals (@every) are refused: a job belongs to a calendar period.
func ParseCron(spec, zone string) (c Cron, err error) {
	defer func() {
		if recover() != nil { // the library panics on a specification that is only a time zone
			err = fmt.Errorf("schedule %q cannot be read; want five fields, such as \"30 2 * * *\"", spec)
		}
	}()
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return Cron{}, fmt.Errorf("time zone %q is not known; use a name such as Europe/Berlin", zone)
	}
	trimmed := strings.TrimSpace(spec)
	if strings.HasPrefix(trimmed, "@every") || strings.Contains(trimmed, "TZ=") {
		return Cron{}, fmt.Errorf("schedule %q: intervals and time zones inside it are refused; want five fields, such as \"30 2 * * *\"", spec)
	}
	s, err := cron.ParseStandard(trimmed)
	if err != nil {
		return Cron{}, fmt.Errorf("schedule %q cannot be read: %w; want five fields, such as \"30 2 * * *\"", spec, err)
	}
	return Cron{s, loc}, nil
}

// Next returns the first instant after t at which the schedule is due. A wall-clock time that does not exist on a day is
// due when the clock has jumped over it; one that comes twice is due the first time only.
func (c Cron) Next(t time.Time) (time.Time, error) {
	wall := asWall(t.In(c.zone))
	for range 1000 {
		wall = c.schedule.Next(wall)
		if wall.IsZero() {
			return time.Time{}, fmt.Errorf("the schedule is never due")
		}
		if due := firstInstant(wall, c.zone); due.After(t) {
			return due, nil
		}
	}
	return time.Time{}, fmt.Errorf("the schedule is never due")
}

// asWall reads the wall clock of t as if it were UTC, where every wall-clock time exists once.
func asWall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// firstInstant returns the first instant at which the zone's clock shows wall, or, when it never does, the instant at
// which the clock jumps over it.
func firstInstant(wall time.Time, zone *time.Location) time.Time {
	// Offsets in force around the wanted time; the larger offset gives the earlier instant.
	_, before := wall.Add(-26 * time.Hour).In(zone).Zone()
	_, after := wall.Add(26 * time.Hour).In(zone).Zone()
	early := wall.Add(-time.Duration(max(before, after)) * time.Second)
	late := wall.Add(-time.Duration(min(before, after)) * time.Second)
	for _, t := range []time.Time{early, late} {
		if asWall(t.In(zone)).Equal(wall) {
			return t.In(zone)
		}
	}
	// The gap: walk to the change between the two candidates.
	lo, hi := early, late
	_, offset := lo.In(zone).Zone()
	for hi.Sub(lo) > time.Second {
		mid := lo.Add(hi.Sub(lo) / 2).Truncate(time.Second)
		if _, o := mid.In(zone).Zone(); o == offset {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi.In(zone)
}
