package pdf

import "testing"

func TestSpan(t *testing.T) {
	for _, c := range []struct{ name, start, end, want string }{
		{"one day", "2026-10-01T08:15:12+02:00", "2026-10-01T09:02:40+02:00", "01.10.2026 08:15 – 09:02"},
		{"over midnight", "2026-12-31T23:50:00+01:00", "2027-01-01T00:10:00+01:00", "31.12.2026 23:50 – 01.01.2027 00:10"},
		{"clocks go back", "2026-10-25T02:40:00+02:00", "2026-10-25T02:20:00+01:00", "25.10.2026 02:40 (UTC+2) – 02:20 (UTC+1)"},
		{"clocks go forward", "2026-03-29T01:50:00+01:00", "2026-03-29T03:10:00+02:00", "29.03.2026 01:50 (UTC+1) – 03:10 (UTC+2)"},
		{"no time at all", "2026-10-01T08:15:00Z", "2026-10-01T08:15:00Z", "01.10.2026 08:15 – 08:15"},
		{"half hours", "2026-10-01T08:15:00+05:30", "2026-10-01T08:15:00-03:30", "01.10.2026 08:15 (UTC+5:30) – 08:15 (UTC-3:30)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := span(c.start, c.end); err != nil || got != c.want {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestSmallForms(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{spaced("DE89370400440532013000"), "DE89 3704 0044 0532 0130 00"},
		{spaced("DE89 3704 0044 0532 0130 00"), "DE89 3704 0044 0532 0130 00"},
		{spaced(""), ""},
		{joined(" · ", "a", "", " ", "b"), "a · b"},
		{labelled("BIC", ""), ""},
		{countryLine("DE", "de"), ""},
		{countryLine("", "DE"), ""},
		{countryLine("AT", "DE"), "ÖSTERREICH"},
		{countryLine("jp", "DE"), "JP"},
		{german(0), "0"},
		{german(999), "999"},
		{german(1000), "1.000"},
		{german(1_002_003), "1.002.003"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
