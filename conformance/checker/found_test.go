package checker

import (
	"slices"
	"testing"
)

func TestCheckFound(t *testing.T) {
	const (
		first = `[{"code":"replay","state":"held","record":"DE/A/2","other":"DE/A/1","value":"2 of 2"}`
		gap   = `{"code":"page-gap","state":"noted","record":"DE/A/1","other":"DE/A/0"}]`
	)
	truth := func(expected, reason, findings string) []Row {
		return []Row{
			{Record: "DE/A/1", Expected: "billed", Findings: parseFindings("DE/A/1", "page-gap=DE/A/0")},
			{Record: "DE/A/2", Expected: expected, Reason: reason, Findings: parseFindings("DE/A/2", findings)},
		}
	}
	for _, c := range []struct {
		name, found string
		truth       []Row
		want        []string
	}{
		{"agree", first + "," + gap, truth("held", "replay", "replay=DE/A/1"), nil},
		{"nothing found", "[]", truth("held", "replay", "replay=DE/A/1"), []string{
			"truth, DE/A/1 page-gap=DE/A/0: is not found", "truth, DE/A/2 replay=DE/A/1: is not found",
		}},
		{"one too many", first + "," + gap, truth("billed", "", ""), []string{"finding, DE/A/2 replay=DE/A/1: is not in the truth"}},
		{"held for something less grave", first + "," + gap, truth("held", "overlap", "replay=DE/A/1"), []string{
			"truth, DE/A/2: is held overlap, want held replay",
		}},
		{"billed all the same", first + "," + gap, truth("billed", "", "replay=DE/A/1"), []string{"truth, DE/A/2: is billed , want held replay"}},
		{"held for nothing", "[" + gap, truth("held", "replay", ""), []string{"truth, DE/A/2: is held for replay, which is not among its findings"}},
		{"a finding nobody knows", "[" + gap, truth("billed", "", "weather"), []string{
			`truth, DE/A/2: has a finding "weather"`, "truth, DE/A/2 weather: is not found",
		}},
		{"closed is as if it was not", "[" + gap[:len(gap)-1] + `,{"code":"page-gap","state":"closed","record":"DE/A/2"}]`, truth("billed", "", ""), nil},
		{"information that holds", `[{"code":"page-gap","state":"held","record":"DE/A/1","other":"DE/A/0"}]`, truth("billed", "", ""), []string{
			"finding, DE/A/1 page-gap=DE/A/0: state is held, want noted",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := ParseFindings([]byte(c.found))
			if err != nil {
				t.Fatal(err)
			}
			var f findings
			checkFound(&f, found, c.truth)
			var got []string
			for _, x := range f {
				got = append(got, x.String())
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	for _, broken := range []string{"", "{}", `[{"code":"replay"}]`} {
		if _, err := ParseFindings([]byte(broken)); err == nil {
			t.Errorf("%q is read", broken)
		}
	}
}
