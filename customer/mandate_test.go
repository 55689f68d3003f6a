package customer

import (
	"errors"
	"testing"
)

func TestMandateCheck(t *testing.T) {
	for _, tc := range []struct {
		name, signed, last string
		ended              string
		on                 string
		want               Code
	}{
		{"in use", "2024-05-10", "2026-10-15", "", "2026-11-16", ""},
		{"on the day of signature", "2026-11-16", "", "", "2026-11-16", ""},
		{"signed the day after", "2026-11-17", "", "", "2026-11-16", MandateFuture},
		{"ended", "2024-05-10", "2026-10-15", "2026-11-01", "2026-11-16", MandateRevoked},
		{"ends on the day", "2024-05-10", "2026-10-15", "2026-11-16", "2026-11-16", MandateRevoked},
		{"ends the day after", "2024-05-10", "2026-10-15", "2026-11-17", "2026-11-16", ""},
		{"no signature date", "", "2026-10-15", "", "2026-11-16", MandateUnsigned},
		{"never used, last good day", "2023-11-17", "", "", "2026-11-16", ""},
		{"never used, lapsed", "2023-11-16", "", "", "2026-11-16", MandateLapsed},
		{"use renews it", "2019-01-01", "2023-11-17", "", "2026-11-16", ""},
		{"last use too long ago", "2019-01-01", "2023-11-16", "", "2026-11-16", MandateLapsed},
		{"leap day, last good day", "2020-01-01", "2024-02-29", "", "2027-02-27", ""},
		{"leap day clips to the month end", "2020-01-01", "2024-02-29", "", "2027-02-28", MandateLapsed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := Mandate{Reference: "M-1", SignedOn: day(t, tc.signed), LastPresented: day(t, tc.last), EndedOn: day(t, tc.ended)}
			err := m.Check(day(t, tc.on))
			var r *Refusal
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("error %v, want none", err)
			case tc.want != "" && (!errors.As(err, &r) || r.Code != tc.want):
				t.Errorf("error %v, want code %s", err, tc.want)
			}
		})
	}
}

func TestMandateLapsesOn(t *testing.T) {
	for _, tc := range []struct{ signed, last, want string }{
		{"2023-11-16", "", "2026-11-16"},
		{"2023-11-16", "2024-12-31", "2027-12-31"},
		{"2020-01-01", "2024-02-29", "2027-02-28"}, // sepa rules: clip to the month end
		{"2021-02-28", "", "2024-02-28"},
	} {
		m := Mandate{SignedOn: day(t, tc.signed), LastPresented: day(t, tc.last)}
		if got := m.LapsesOn().String(); got != tc.want {
			t.Errorf("signed %s, last used %q: lapses on %s, want %s", tc.signed, tc.last, got, tc.want)
		}
	}
}

func TestMaskIBAN(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"DE89370400440532013000", "DE89 **** 3000"}, // the example of the IBAN registry
		{"de89 3704 0044 0532 0130 00", "DE89 **** 3000"},
		{"NO9386011117947", "NO93 **** 7947"},
		{"DE893704", "****"},
		{"", "****"},
	} {
		if got := MaskIBAN(tc.in); got != tc.want {
			t.Errorf("MaskIBAN of %d characters = %q, want %q", len(tc.in), got, tc.want)
		}
	}
}
