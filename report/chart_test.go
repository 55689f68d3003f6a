package report

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/cdr"
)

func TestStepFor(t *testing.T) {
	cases := []struct {
		most int64
		want uint64
	}{
		{0, 1},
		{1, 1},
		{4, 1},
		{5, 2},
		{8, 2},
		{9, 5},
		{20, 5},
		{21, 10},
		{180_723, 50_000},
		{3_498_221_000, 1_000_000_000},
		{math.MaxInt64, 5_000_000_000_000_000_000},
	}
	for _, c := range cases {
		if got := stepFor(c.most); got != c.want {
			t.Errorf("highest value %d: ticks every %d, want %d", c.most, got, c.want)
		}
	}
}

func TestScale(t *testing.T) {
	cases := []struct {
		v, most uint64
		want    int
	}{
		{0, 0, 0},
		{5, 0, 0},
		{0, 10, 0},
		{10, 10, 92},
		{5, 10, 46},
		{1, 3, 30},
		{11, 10, 92},
		{math.MaxInt64, math.MaxInt64, 92},
		{math.MaxInt64 / 2, math.MaxInt64, 45},
		{math.MaxUint64, math.MaxUint64, 92},
	}
	for _, c := range cases {
		if got := scale(c.v, c.most, 92); got != c.want {
			t.Errorf("%d of %d: %d high, want %d", c.v, c.most, got, c.want)
		}
	}
}

// Two days of 30 and 10 kWh: ticks at 0, 10, 20, 30, bars of 92 and 30. The 700 units make columns
// of 233, 233 and 234, of which 34, 34 and 35 are left free at each side; the day between stays empty.
func TestChartOfTwoDays(t *testing.T) {
	r := Report{Currency: "EUR", Days: []DaySum{
		{october(3), 2, 10_000_000, 0},
		{october(1), 1, 30_000_000, 1000},
	}}
	c, ok := newChart(r)
	if !ok || len(c.Panels) != 2 {
		t.Fatalf("got %+v", c)
	}
	p := c.Panels[0]
	var ticks []string
	for _, l := range p.Ticks {
		ticks = append(ticks, l.Text)
	}
	if got := strings.Join(ticks, " "); got != "0 10 20 30" {
		t.Errorf("ticks %s", got)
	}
	want := []bar{
		{rect{90, 26, 165, 92}, "Thu 1 Oct: 30.000 kWh, 1 session"},
		{rect{323, 118, 165, 0}, "Fri 2 Oct: 0.000 kWh, 0 sessions"},
		{rect{557, 88, 164, 30}, "Sat 3 Oct: 10.000 kWh, 2 sessions"},
	}
	for i, b := range p.Bars {
		if i >= len(want) || b != want[i] {
			t.Errorf("bar %d: got %+v", i, b)
		}
	}
	if p.Best != "highest Thu 1 Oct: 30.000 kWh" || len(p.Weekends) != 1 {
		t.Errorf("best %q, weekends %v", p.Best, p.Weekends)
	}
}

func TestBarsOfSmallAndNegativeDays(t *testing.T) {
	c, _ := newChart(Report{Days: []DaySum{
		{Date: october(1), Gross: 1_000_000}, {Date: october(2), Gross: 1}, {Date: october(3), Gross: -500_000}, {Date: october(4)},
	}})
	for i, want := range []int{92, 1, 0, 0} {
		if got := c.Panels[1].Bars[i].H; got != want {
			t.Errorf("day %d: bar %d high, want %d", i+1, got, want)
		}
	}
	if got := c.Panels[1].Bars[2].Text; got != "Sat 3 Oct: -5,000.00, 0 sessions" {
		t.Errorf("a day of credits says %q", got)
	}
}

func TestChartLeavesOutWhatDoesNotFit(t *testing.T) {
	var r Report
	for i := range 150 {
		r.Days = append(r.Days, DaySum{Date: october(1).AddDays(2 * i), Energy: 1})
	}
	c, _ := newChart(r)
	if len(c.Panels[0].Bars) != 100 || c.Note != "The chart shows the last 100 of 150 days." {
		t.Errorf("%d bars, note %q", len(c.Panels[0].Bars), c.Note)
	}
	if _, ok := newChart(Report{}); ok {
		t.Error("a chart of nothing")
	}
}

// Whatever the figures: every bar lies inside its panel and its column, none has a negative size, and none overlap.
func TestChartStaysInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Report{Currency: "EUR"}
		for range rapid.IntRange(1, 120).Draw(t, "days") {
			d := calendar.NewDate(2026, time.January, rapid.IntRange(1, 400).Draw(t, "day"))
			r.Days = append(r.Days, DaySum{d, anyInt(t), cdr.MicroKWh(anyInt(t)), anyInt(t)})
		}
		c, ok := newChart(r)
		if !ok {
			t.Fatal("no chart")
		}
		for n, p := range c.Panels {
			top, bottom := panelTop, panelTop+plotHeight
			if n == 1 {
				top, bottom = top+panelTop+plotHeight+panelFoot, bottom+panelTop+plotHeight+panelFoot
			}
			edge := plotLeft
			for _, b := range p.Bars {
				if b.W < 1 || b.H < 0 || b.Y < top || b.Y+b.H != bottom || b.X < edge || b.X+b.W > plotRight {
					t.Fatalf("panel %d from %d to %d, free from %d: bar %+v", n, top, bottom, edge, b)
				}
				edge = b.X + b.W
			}
			for _, l := range p.Ticks {
				if l.At < top || l.At > bottom {
					t.Fatalf("tick %+v outside %d to %d", l, top, bottom)
				}
			}
			if len(p.Ticks) > mostTicks+1 {
				t.Fatalf("%d ticks", len(p.Ticks))
			}
		}
		if len(c.Labels) > mostLabels {
			t.Fatalf("%d labels", len(c.Labels))
		}
	})
}

func TestSharesFillTheBar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []flow
		some := false
		for range rapid.IntRange(0, 7).Draw(t, "parts") {
			n := anyInt(t)
			some = some || n > 0
			parts = append(parts, flow{records: n})
		}
		x := 0
		for _, s := range shares(1000, parts) {
			if s.X != x || s.W < 5 {
				t.Fatalf("share %+v does not follow %d, or cannot be seen", s, x)
			}
			x += s.W
		}
		if some && x != 1000 || !some && x != 0 {
			t.Fatalf("the shares are %d wide", x)
		}
	})
}
