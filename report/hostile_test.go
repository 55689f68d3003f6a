package report

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/jobs/batch"
	"wattdue/money"
)

// hostile are names as nobody has them.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</style><script>`, `</title><svg onload=alert(1)>`,
	`javascript:alert(1)`, `{{.Tenant}}`, "&lt;b&gt;", "\x1b[2J\x1b]0;title\x07", "a\r\nb", "\u202egnp.exe", "e\u0301\u0301\u0301", "\xff\xfe", "\u200b", strings.Repeat("x", 300),
}

func anyName(t *rapid.T) string {
	return rapid.OneOf(rapid.SampledFrom(hostile), rapid.StringN(1, 40, -1)).Draw(t, "name")
}

// anyText is a name that survives JSON, which has no bytes outside UTF-8.
func anyText(t *rapid.T) string { return strings.ToValidUTF8(anyName(t), "?") }

func anyInt(t *rapid.T) int64 {
	return rapid.OneOf(rapid.Int64Range(-5, 5), rapid.Int64Range(0, 5_000_000), rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, "figure")
}

func anyTally(t *rapid.T) batch.Tally { return batch.Tally{Records: anyInt(t), Minor: anyInt(t)} }

func anyDate(t *rapid.T) calendar.Date {
	return calendar.NewDate(2026, time.October, rapid.IntRange(-40, 200).Draw(t, "day"))
}

func several[T any](t *rapid.T, one func(*rapid.T) T) []T {
	list := make([]T, rapid.IntRange(0, 9).Draw(t, "length"))
	for i := range list {
		list[i] = one(t)
	}
	return list
}

// anyReport is a report without any sense in it.
func anyReport(t *rapid.T) Report {
	return Report{
		Tenant: anyText(t), Period: rapid.SampledFrom([]string{"2026-10", "2026-10-31", "<b>"}).Draw(t, "period"), Engine: anyText(t),
		AsOf:     time.Date(2026, 11, 2, 3, 30, 0, 0, time.UTC),
		Currency: rapid.SampledFrom([]money.Currency{"", "EUR", "JPY", "KWD", "<i>"}).Draw(t, "currency"), Files: rapid.Int().Draw(t, "files"),
		Balance: batch.Balance{
			In: anyTally(t), CarriedIn: anyTally(t), Billed: anyTally(t), Free: anyTally(t), Credited: anyTally(t), Held: anyTally(t),
			Duplicate: anyTally(t), Waived: anyTally(t), CarriedOut: anyTally(t), UnbilledBooked: anyInt(t), BilledBooked: anyInt(t),
		},
		Findings: Findings{
			Sums: several(t, func(t *rapid.T) FindingSum {
				return FindingSum{anyText(t), anyText(t), rapid.Bool().Draw(t, "holds"), anyInt(t)}
			}),
			List: several(t, func(t *rapid.T) FindingLine {
				return FindingLine{anyText(t), anyText(t), anyText(t), anyText(t), anyText(t), anyText(t), anyText(t)}
			}),
		},
		Held: several(t, func(t *rapid.T) Held {
			return Held{rapid.SampledFrom([]string{"import", "draft", "seal", "<u>"}).Draw(t, "stage"), anyText(t), anyText(t), anyText(t), anyInt(t)}
		}),
		Documents: Documents{
			Count: anyInt(t), First: anyText(t), Last: anyText(t), Net: anyInt(t), Tax: anyInt(t), Gross: anyInt(t),
			VAT: several(t, func(t *rapid.T) VATSum {
				return VATSum{anyText(t), money.Fraction(anyInt(t)), anyInt(t), anyInt(t), anyInt(t)}
			}),
			ByMethod: several(t, func(t *rapid.T) MethodSum { return MethodSum{anyText(t), anyInt(t), anyInt(t)} }),
		},
		Mails: several(t, func(t *rapid.T) StateSum { return StateSum{anyText(t), anyInt(t)} }),
		BankFiles: several(t, func(t *rapid.T) BankFile {
			return BankFile{anyText(t), anyDate(t), anyInt(t), anyInt(t), anyText(t)}
		}),
		Ledger:   several(t, func(t *rapid.T) AccountSum { return AccountSum{anyText(t), anyInt(t), anyInt(t), anyInt(t)} }),
		Sessions: anyInt(t), Energy: cdr.MicroKWh(anyInt(t)),
		Days: several(t, func(t *rapid.T) DaySum { return DaySum{anyDate(t), anyInt(t), cdr.MicroKWh(anyInt(t)), anyInt(t)} }),
		Locations: several(t, func(t *rapid.T) LocationSum {
			return LocationSum{anyText(t), anyInt(t), cdr.MicroKWh(anyInt(t)), anyInt(t)}
		}),
		Tariffs: several(t, anyText),
		Stages:  several(t, func(t *rapid.T) StageTime { return StageTime{anyText(t), anyInt(t), time.Duration(anyInt(t))} }),
		Places:  several(t, func(t *rapid.T) Place { return Place{anyText(t), anyText(t), anyText(t)} }),
		Next:    several(t, anyText),
	}
}

// named is the month with one name in every place that holds a text.
func named(name string) Report {
	r := monthReport()
	r.Tenant, r.Period, r.Engine, r.Currency = name, name, name, money.Currency(name)
	for i := range r.Findings.Sums {
		r.Findings.Sums[i].Code, r.Findings.Sums[i].Meaning = name, name
	}
	for i := range r.Findings.List {
		r.Findings.List[i] = FindingLine{name, name, name, name, name, name, name}
	}
	for i := range r.Held {
		r.Held[i].Code, r.Held[i].Meaning, r.Held[i].ToDo, r.Held[i].Stage = name, name, name, name
	}
	r.Balance.Held.Records += 2 // all groups count records now
	r.Balance.Duplicate.Records -= 2
	r.Documents.First, r.Documents.Last = name, name
	for i := range r.Documents.VAT {
		r.Documents.VAT[i].Country = name
	}
	for i := range r.Documents.ByMethod {
		r.Documents.ByMethod[i].Method = name
	}
	for i := range r.Mails {
		r.Mails[i].State = name
	}
	for i := range r.BankFiles {
		r.BankFiles[i].Name, r.BankFiles[i].SHA256 = name, name
	}
	for i := range r.Ledger {
		r.Ledger[i].Account = name
	}
	for i := range r.Locations {
		r.Locations[i].Name = name
	}
	for i := range r.Stages {
		r.Stages[i].Name = name
	}
	for i := range r.Places {
		r.Places[i] = Place{name, name, name}
	}
	for i := range r.Next {
		r.Next[i] = name
	}
	for i := range r.Tariffs {
		r.Tariffs[i] = name
	}
	return r
}

// No name adds a tag or an attribute: the page has the same angle brackets and double quotes under every name.
func TestHostileNamesAreEscaped(t *testing.T) {
	plain := pageOf(t, named("x"))
	check := func(fatalf func(string, ...any), name string, page string) {
		for _, mark := range []string{"<", ">", `"`} {
			if got, want := strings.Count(page, mark), strings.Count(plain, mark); got != want {
				fatalf("named %q the page has %d times %s, else %d", name, got, mark, want)
			}
		}
		if strings.Contains(page, `href="javascript:`) {
			fatalf("named %q the page has a script as link", name)
		}
	}
	for _, name := range hostile {
		check(t.Errorf, name, pageOf(t, named(name)))
	}
	rapid.Check(t, func(t *rapid.T) {
		name := anyName(t)
		b, err := HTML(named(name))
		if err != nil {
			t.Fatal(err)
		}
		check(t.Fatalf, name, string(b))
	})
}

func TestThePageNeedsNothingElse(t *testing.T) {
	page := pageOf(t, monthReport())
	for _, outside := range []string{"<script", "src=", "http:", "https:", "//", "url(", "@import", "<link", "<iframe", "onload"} {
		if strings.Contains(page, outside) {
			t.Errorf("the page holds %q", outside)
		}
	}
}

func TestTextFitsOneScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		if rapid.Bool().Draw(t, "bytes outside UTF-8") {
			r.Tenant, r.Next = "\xff\xfe", []string{strings.Repeat("\xff ", 90)}
		}
		text := Text(r)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > screenLines {
			t.Fatalf("%d lines:\n%s", len(lines), text)
		}
		for _, l := range lines {
			if n := utf8.RuneCountInString(l); n > screenWidth || strings.HasSuffix(l, " ") {
				t.Fatalf("line of %d columns: %q", n, l)
			}
			for _, c := range l {
				if !unicode.IsPrint(c) {
					t.Fatalf("control character %U in %q", c, l)
				}
			}
		}
	})
}

func TestAnyReportIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		b, err := HTML(r)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := HTML(r); string(again) != string(b) || !strings.HasSuffix(string(b), "</html>\n") {
			t.Fatal("the page differs between two calls, or breaks off")
		}
	})
}
