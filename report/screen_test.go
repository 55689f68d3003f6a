package report

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestCleanReplacesWhatSteersATerminal(t *testing.T) {
	for name, want := range map[string]string{
		"Köln Messe/Süd": "Köln Messe/Süd", "\x1b[2J": "?[2J", "a\r\nb": "a??b", "\u202egnp": "?gnp", "e\u0301": "e?", "\xff": "?", "a\u00a0b": "a?b",
	} {
		if got := clean(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestColumnsGiveWayAtTheName(t *testing.T) {
	cases := []struct{ got, want string }{
		{columns(20, "gross", "1,234.56"), "gross       1,234.56"},
		{columns(20, "a name without an end", "1,234.56"), "a name wit..1,234.56"},
		{columns(4, "gross", "1,234.56"), "1,234.56"},
		{fit("Müllerstraße", 12), "Müllerstraße"},
		{fit("Müllerstraße", 11), "Müllerstr.."},
		{fit("Müllerstraße", 2), "Mü"},
		{fitEnd("in /very/long/path", 14, 3), "in ..long/path"},
		{right("7", 3), "  7"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestWrapped(t *testing.T) {
	got := wrapped("1. ", "Register the key, then release the records.", 16, 2)
	if want := []string{"1. Register the", "   key, then .."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	got = wrapped("1. ", "Register the key.", 16, 2)
	if want := []string{"1. Register the", "   key."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlaces(t *testing.T) {
	var wide []Place
	for i := range 9 {
		wide = append(wide, Place{Label: "File " + strconv.Itoa(i), Path: "/out/" + strings.Repeat("x", 40)})
	}
	cases := []struct {
		name   string
		places []Place
		want   []string
	}{
		{"none", nil, nil},
		{"one keeps its folder", []Place{{"Report", "out/report.html", ""}}, []string{"Report        out/report.html"}},
		{"no folder in common", []Place{{"A", "/a/x", ""}, {"B", "b/y", ""}}, []string{"A             /a/x                 B             b/y"}},
		{"not half a name in common", []Place{{"A", "out/mail", ""}, {"B", "out/mailbox/y", ""}}, []string{"in out/", "A             mail                 B             mailbox/y"}},
		{"too many", wide, []string{
			"in /out/", "File 0        " + strings.Repeat("x", 40), "File 1        " + strings.Repeat("x", 40), "File 2        " + strings.Repeat("x", 40),
			"File 3        " + strings.Repeat("x", 40), "and 5 more in report.html",
		}},
	}
	for _, c := range cases {
		if got := placeLines(c.places); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestFindingLines: one line where all fits, else one for what is held and one for what is noted, with as many codes as fit.
func TestFindingLines(t *testing.T) {
	sum := func(code string, holds bool, n int64) FindingSum { return FindingSum{Code: code, Holds: holds, N: n} }
	long := strings.Repeat("x", 80)
	for _, c := range []struct {
		sums []FindingSum
		want []string
	}{
		{nil, nil},
		{[]FindingSum{sum("replay", true, 1), sum("page-gap", false, 4)}, []string{"1 held (1 replay), 4 noted (4 page-gap)"}},
		{
			[]FindingSum{
				sum("replay", true, 9), sum("counter-regression", true, 3), sum("overlap", true, 3), sum("page-conflict", true, 3),
				sum("power-above-limit", true, 3), sum("advance-unexplained", false, 1_500),
			},
			[]string{"21 held (9 replay, 3 counter-regression, 3 overlap and 2 more codes)", "1,500 noted (1,500 advance-unexplained)"},
		},
		{[]FindingSum{sum(long, true, 2), sum(long, false, 1)}, []string{"2 held (1 code), 1 noted (1 code)"}},
	} {
		if got := findingLines(words{}, Findings{Sums: c.sums}); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
