package ocpi

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"wattdue/rating"
)

// The texts of tariffs and records are written by these, so that a test shows only what it is about.

// component is a price component: "ENERGY 0.25 vat 10 step 100".
func component(words string) string {
	f := strings.Fields(words)
	text := fmt.Sprintf(`{"type":%q,"price":%s`, f[0], f[1])
	for i := 2; i+1 < len(f); i += 2 {
		name := map[string]string{"vat": "vat", "step": "step_size"}[f[i]]
		text += fmt.Sprintf(`,%q:%s`, name, f[i+1])
	}
	return text + "}"
}

// element is an element under restrictions, such as `"min_kwh":1`.
func element(restrictions string, components ...string) string {
	var list []string
	for _, c := range components {
		list = append(list, component(c))
	}
	return fmt.Sprintf(`{"price_components":[%s],"restrictions":{%s}}`, strings.Join(list, ","), restrictions)
}

// tariffText is a tariff with further members, such as `"tax_included":"YES",`.
func tariffText(members string, elements ...string) string {
	return fmt.Sprintf(`{%s"id":"T","currency":"EUR","elements":[%s]}`, members, strings.Join(elements, ","))
}

func tariff(t testing.TB, members string, elements ...string) Tariff {
	t.Helper()
	v, err := ParseTariff([]byte(tariffText(members, elements...)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// period is a charging period: "10:00 ENERGY 20 TIME 1.9", on Tuesday 3 June 2025 in UTC, or with a date before the time.
func period(words string) string {
	f := strings.Fields(words)
	start := f[0]
	if len(start) == 5 {
		start = "2025-06-03T" + start + ":00Z"
	}
	var list []string
	for i := 1; i+1 < len(f); i += 2 {
		list = append(list, fmt.Sprintf(`{"type":%q,"volume":%s}`, f[i], f[i+1]))
	}
	return fmt.Sprintf(`{"start_date_time":%q,"dimensions":[%s]}`, start, strings.Join(list, ","))
}

// total221 tells the version of a record, without stating a total.
const total221 = `"total_cost":{"excl_vat":null},`

// record is a record from the first period's start, with further members.
func record(t testing.TB, members string, periods ...string) CDR {
	t.Helper()
	var list []string
	for _, p := range periods {
		list = append(list, period(p))
	}
	c, err := ParseCDR([]byte(fmt.Sprintf(`{%s"id":"C","currency":"EUR","charging_periods":[%s]}`, members, strings.Join(list, ","))))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func mustPrice(t testing.TB, c CDR, o Options, tariffs ...Tariff) Priced {
	t.Helper()
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	p, err := Price(c, tariffs, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// both prints an amount as "excl/incl" with six decimals, a question mark for what is not known.
func both(a Amount) string {
	side := func(s Sum) string {
		if !s.Known {
			return "?"
		}
		text := strings.TrimRight(s.Text(6), "0")
		return strings.TrimSuffix(text, ".")
	}
	return side(a.ExclVAT) + "/" + side(a.InclVAT)
}

func flagsOf(p Priced) string {
	var list []string
	for _, f := range p.Flags {
		list = append(list, string(f))
	}
	return strings.Join(list, " ")
}

func hasFlag(p Priced, f rating.Flag) bool {
	return strings.Contains(" "+flagsOf(p)+" ", " "+string(f)+" ")
}
