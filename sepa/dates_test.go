package sepa

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wattdue/calendar"
)

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestCollectionDate(t *testing.T) {
	long := day("2026-01-02") // a notice long ago
	tests := []struct {
		name string
		in   PlanInput
		want string
	}{
		{"Christmas Eve before the cut-off", PlanInput{Today: day("2026-12-24"), BeforeCutoff: true, NoticeOn: long}, "2026-12-28"},
		{"Thursday before Easter", PlanInput{Today: day("2027-03-25"), BeforeCutoff: true, NoticeOn: long}, "2027-03-30"},
		{"day before Labour Day", PlanInput{Today: day("2026-04-30"), BeforeCutoff: true, NoticeOn: long}, "2026-05-04"},
		{"Saturday counts as Monday", PlanInput{Today: day("2026-11-21"), BeforeCutoff: true, NoticeOn: long}, "2026-11-24"},
		{"Saturday after the cut-off counts as Monday, too", PlanInput{Today: day("2026-11-21"), NoticeOn: long}, "2026-11-24"},
		{"after the cut-off", PlanInput{Today: day("2026-11-16"), NoticeOn: long}, "2026-11-18"},
		{"Friday after the cut-off", PlanInput{Today: day("2026-11-20"), NoticeOn: long}, "2026-11-24"},
		{"two days of lead", PlanInput{Today: day("2026-11-16"), BeforeCutoff: true, LeadDays: 2, NoticeOn: long}, "2026-11-18"},
		{"14 days after the notice", PlanInput{Today: day("2026-11-02"), BeforeCutoff: true, NoticeOn: day("2026-11-02")}, "2026-11-16"},
		{"14 days end on a Sunday", PlanInput{Today: day("2026-11-01"), BeforeCutoff: true, NoticeOn: day("2026-11-01")}, "2026-11-16"},
		{"five days by contract", PlanInput{Today: day("2026-11-02"), BeforeCutoff: true, NoticeOn: day("2026-11-02"), NoticeDays: 5}, "2026-11-09"},
		{"not before the due date", PlanInput{Today: day("2026-11-02"), BeforeCutoff: true, NoticeOn: day("2026-11-02"), DueOn: day("2026-11-28")}, "2026-11-30"},
		{"a later wish is rolled", PlanInput{Today: day("2026-11-02"), BeforeCutoff: true, NoticeOn: day("2026-11-02"), Wished: day("2026-12-25")}, "2026-12-28"},
		{"an earlier wish cannot be kept", PlanInput{Today: day("2026-11-02"), BeforeCutoff: true, NoticeOn: day("2026-11-02"), Wished: day("2026-11-05")}, "2026-11-16"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := CollectionDate(tt.in)
			if err != nil || got != day(tt.want) {
				t.Errorf("got %s, %v; want %s", got, err, tt.want)
			}
			if err := CheckCollectionDate(got, tt.in); err != nil {
				t.Errorf("the planned date does not pass its own check: %v", err)
			}
		})
	}
}

func TestCollectionDateRefuses(t *testing.T) {
	ok := PlanInput{Today: day("2026-11-02"), BeforeCutoff: true, NoticeOn: day("2026-11-02")}
	tests := []struct {
		name   string
		change func(*PlanInput)
		code   Code
	}{
		{"no notice", func(in *PlanInput) { in.NoticeOn = calendar.Date{} }, DateNotice},
		{"beyond the horizon", func(in *PlanInput) { in.DueOn = day("2027-02-15") }, DateHorizon},
		{"negative notice", func(in *PlanInput) { in.NoticeDays = -1 }, DateSettings},
		{"six days of lead", func(in *PlanInput) { in.LeadDays = 6 }, DateSettings},
		{"no day", func(in *PlanInput) { in.Today = calendar.Date{} }, DateSettings},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := ok
			tt.change(&in)
			if got, err := CollectionDate(in); codeOf(err) != tt.code {
				t.Errorf("got %s, %v; want %s", got, err, tt.code)
			}
		})
	}
}

func TestCheckCollectionDate(t *testing.T) {
	in := PlanInput{Today: day("2026-11-16"), BeforeCutoff: true, NoticeOn: day("2026-11-02")}
	tests := []struct {
		date string
		want string // codes
	}{
		{"2026-11-17", ""},
		{"2026-11-16", "date-lead"},
		{"2026-11-13", "date-past date-notice"},
		{"2026-11-15", "date-past date-closed date-notice"},
		{"2026-11-21", "date-closed"},
		{"2027-02-15", "date-horizon"},
		{"2027-02-12", ""},
	}
	for _, tt := range tests {
		var codes []string
		for _, f := range checkCollectionDate(day(tt.date), in) {
			codes = append(codes, string(f.Code))
			if !strings.Contains(f.Error(), "2026-11-17") {
				t.Errorf("%s: %v does not name the earliest date", tt.date, f)
			}
		}
		if got := strings.Join(codes, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.date, got, tt.want)
		}
	}
	if err := CheckCollectionDate(calendar.Date{}, in); codeOf(err) != DateMissing {
		t.Errorf("no date: %v", err)
	}
}

// The second computation walks day by day over a list of closed days and knows nothing of the first.
func TestCollectionDateAgainstDayByDayWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := calendar.NewDate(2000, 1, 1).AddDays(rapid.IntRange(0, 36_000).Draw(t, "day"))
		in := PlanInput{
			Today: start, BeforeCutoff: rapid.Bool().Draw(t, "before"), LeadDays: rapid.IntRange(1, 5).Draw(t, "lead"),
			NoticeOn: start.AddDays(-rapid.IntRange(0, 20).Draw(t, "age")), NoticeDays: rapid.IntRange(1, 20).Draw(t, "notice"),
		}
		got, err := CollectionDate(in)
		if err != nil {
			t.Fatal(err)
		}
		open, seen := start, 0
		for d := start; ; d = d.AddDays(1) {
			if d.IsBankDay() && (d != start || in.BeforeCutoff) {
				if seen == 0 {
					open = d
				}
				seen++
				if seen > in.LeadDays && in.NoticeOn.DaysUntil(d) >= in.NoticeDays {
					if d != got {
						t.Fatalf("got %s, walk says %s (submitted %s)", got, d, open)
					}
					return
				}
			}
		}
	})
}
