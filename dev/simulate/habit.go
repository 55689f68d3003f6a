package simulate

import (
	"math/rand/v2"
	"time"
)

// habit is a way people charge: when they come, how long and how fast they charge, how long they stay afterwards.
type habit struct {
	share            int   // of a hundred
	fromHour, toHour int64 // local hour of arrival, both included
	charge           [2]int64
	stays            int // of a hundred, how many stay connected
	idle             [2]int64
	watts            [2]int64
}

// Minutes and watts, first to last.
var (
	slowHabits = []habit{
		{45, 8, 20, [2]int64{20, 180}, 45, [2]int64{1, 120}, [2]int64{3_700, 21_900}}, // errands
		{20, 17, 23, [2]int64{120, 380}, 95, [2]int64{60, 420}, [2]int64{3_600, 11_000}},
		{20, 6, 9, [2]int64{60, 300}, 80, [2]int64{15, 240}, [2]int64{3_600, 11_000}}, // at work
		{15, 6, 22, [2]int64{3, 15}, 10, [2]int64{1, 10}, [2]int64{3_600, 21_900}},
	}
	fastHabits = []habit{
		{85, 5, 23, [2]int64{10, 50}, 35, [2]int64{1, 45}, [2]int64{30_000, 145_000}},
		{15, 0, 23, [2]int64{2, 8}, 10, [2]int64{1, 20}, [2]int64{20_000, 120_000}},
	}
)

// visit is a session before it has a charge point.
type visit struct {
	start        time.Time
	charge, idle time.Duration
	wh           int64
}

func (v visit) end() time.Time { return v.start.Add(v.charge + v.idle) }

// drawVisit invents a visit on one of the days of the month.
func (w *World) drawVisit(r *rand.Rand, e *EVSE, days int) visit {
	habits := slowHabits
	if w.location(e).fast {
		habits = fastHabits
	}
	h := pickHabit(r, habits)
	day := w.Options.Month.First.AddDays(r.IntN(days))
	start := time.Date(day.Year, day.Month, day.Day, int(between(r, h.fromHour, h.toHour)), r.IntN(60), r.IntN(60), 0, w.zone)
	v := visit{start: start.UTC(), charge: minutes(r, h.charge)}
	if r.IntN(100) < h.stays {
		v.idle = minutes(r, h.idle)
	}
	v.wh = wattHours(v.charge, between(r, h.watts[0], h.watts[1]))
	return v
}

func pickHabit(r *rand.Rand, habits []habit) habit {
	draw := r.IntN(100)
	for _, h := range habits {
		if draw < h.share {
			return h
		}
		draw -= h.share
	}
	return habits[0]
}

// minutes draws a duration between two numbers of minutes, in whole grains.
func minutes(r *rand.Rand, limits [2]int64) time.Duration {
	const grainsPerMinuteTimes3 = 20
	return grain * time.Duration(between(r, limits[0]*grainsPerMinuteTimes3/3+1, limits[1]*grainsPerMinuteTimes3/3))
}

// wattHours is a power over a time, down to whole Wh.
func wattHours(d time.Duration, watts int64) int64 { return int64(d/time.Second) * watts / 3600 }
