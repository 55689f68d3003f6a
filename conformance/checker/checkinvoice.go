package checker

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// checkInvoice looks at one document alone: every sum on it is calculated again.
func checkInvoice(f *findings, v *Invoice) {
	same(f, v.File, "number", v.Number, v.File)
	var sum Cents
	var energy microKWh
	parts := map[string]Line{}
	for i, s := range v.Sessions {
		where := fmt.Sprintf("%s, session %s", v.Number, s.ID)
		same(f, where, "place", s.Place, i+1)
		checkSession(f, where, s)
		sum += s.Amount
		energy += s.Energy
		for _, l := range s.Lines {
			p := parts[l.Component]
			parts[l.Component] = Line{Component: l.Component, Quantity: p.Quantity + l.Quantity, Amount: p.Amount + l.Amount}
		}
	}
	same(f, v.Number, "total", v.Total, sum)
	for _, repeat := range v.Repeats {
		same(f, v.Number, "total where it is repeated", repeat, sum)
	}
	for _, e := range v.Energies {
		same(f, v.Number, "energy in micro-kWh where it is summed up", e, energy)
	}
	for _, n := range v.Counts {
		same(f, v.Number, "number of sessions", n, len(v.Sessions))
	}
	for _, l := range v.Services {
		same(f, v.Number, "sum of "+l.Component, l, parts[l.Component])
		delete(parts, l.Component)
	}
	for component := range parts {
		f.addf(v.Number, "no sum of %s", component)
	}
	checkTax(f, v, sum)
}

// checkSession calculates the lines of a session again.
func checkSession(f *findings, where string, s Session) {
	var sum Cents
	energy := microKWh(0)
	for i, l := range s.Lines {
		sum += l.Amount
		per := int64(1)
		switch l.Component {
		case "energy":
			energy, per = microKWh(l.Quantity), 1_000_000
		case "charging", "idle":
			per = 60
		}
		const perCent = 10_000 // millionths of a euro
		same(f, where, "amount of "+l.Component, l.Amount, Cents(halfAway(l.Quantity*l.Unit, per*perCent)))
		if slices.ContainsFunc(s.Lines[:i], func(o Line) bool { return o.Component == l.Component }) {
			f.addf(where, "two lines for %s", l.Component)
		}
	}
	same(f, where, "amount", s.Amount, sum)
	same(f, where, "energy in micro-kWh on the line", energy, s.Energy)
	if s.Metered {
		same(f, where, "difference of the readings in micro-kWh", s.Finish-s.Begin, s.Energy)
	}
}

// checkTax calculates the VAT again. Which session is taxed at which rate cannot be seen where there are several, so that
// a document with more than one rate is a finding: the month has none.
func checkTax(f *findings, v *Invoice, sum Cents) {
	if len(v.Taxes) != 1 || len(v.Groups) != 1 || !v.Gross {
		f.addf(v.Number, "%d rates below the sum, %d in the table, gross prices %v; want one, one and gross prices", len(v.Taxes), len(v.Groups), v.Gross)
		return
	}
	t, g := v.Taxes[0], v.Groups[0]
	tax := taxIn(sum, t.Rate)
	same(f, v.Number, "tax", t.Tax, tax)
	same(f, v.Number, "net", v.Net, sum-tax)
	same(f, v.Number, "net and tax together", v.Net+t.Tax, v.Total)
	same(f, v.Number, "row of the VAT table", g, Tax{t.Rate, sum - tax, tax, sum})
}

// checkNumbers looks for gaps: numbers run from 1 without one, in every series.
func checkNumbers(f *findings, all []Invoice) {
	next := map[string]int{}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b Invoice) int { return strings.Compare(a.File, b.File) })
	for _, v := range sorted {
		at := strings.LastIndex(v.File, "-") + 1
		series := v.File[:at]
		next[series]++
		same(f, v.File, "running number", v.File[at:], fmt.Sprintf("%0*d", len(v.File)-at, next[series]))
	}
}

// checkSessions compares every session with the truth: what must be billed is billed once, and nothing else is.
func checkSessions(f *findings, all []Invoice, truth []Row) {
	expected := map[string]Row{}
	refused := map[string]string{}
	for _, r := range truth {
		if r.Expected != "billed" {
			refused[sessionID(r.Record)] = r.Expected
			continue
		}
		if _, twice := expected[sessionID(r.Record)]; twice {
			f.addf("truth, "+r.Record, "is to be billed twice")
		}
		expected[sessionID(r.Record)] = r
	}
	billed := map[string]string{}
	for i := range all {
		v := &all[i]
		for _, s := range v.Sessions {
			where := fmt.Sprintf("%s, session %s", v.Number, s.ID)
			id := sessionID(s.ID)
			if other, twice := billed[id]; twice {
				f.addf(where, "is on %s, too", other)
			}
			billed[id] = v.Number
			r, ok := expected[id]
			if !ok {
				f.addf(where, "must not be billed; it is %q", refused[id])
				continue
			}
			compare(f, where, v, s, r)
		}
	}
	for id, r := range expected {
		if billed[id] == "" {
			f.addf("truth, "+r.Record, "is on no document")
		}
	}
}

// compare holds a session on paper against its row of the truth.
func compare(f *findings, where string, v *Invoice, s Session, r Row) {
	same(f, where, "contract", v.Contract, r.Contract)
	same(f, where, "customer", v.Customer, r.Customer)
	same(f, where, "direct debit", v.Debit, r.Payment == "direct_debit")
	same(f, where, "period", period(v), r.Period)
	same(f, where, "EVSE", s.EVSE, r.EVSE)
	same(f, where, "start", s.Start, on(r.Start, s.Start))
	same(f, where, "end", s.End, on(r.End, s.End))
	same(f, where, "energy in micro-kWh", s.Energy, r.Energy)
	same(f, where, "amount", s.Amount, r.Amount)
	shown := map[string]bool{}
	for _, l := range s.Lines {
		want, ok := r.Parts[l.Component]
		if !ok {
			f.addf(where, "has a line for %s", l.Component)
		}
		same(f, where, "amount of "+l.Component, l.Amount, want)
		shown[l.Component] = true
	}
	for component, want := range r.Parts {
		if !shown[component] {
			same(f, where, "amount of "+component+", which has no line", 0, want) // within the free minutes
		}
	}
}

// period is the month of a document, or its days when they are not a whole month.
func period(v *Invoice) string {
	first, err := time.Parse(time.DateOnly, v.From)
	if err == nil && first.Day() == 1 && first.AddDate(0, 1, -1).Format(time.DateOnly) == v.To {
		return first.Format("2006-01")
	}
	return v.From + " to " + v.To
}

// checkContracts compares the documents of a contract with all that its sessions must cost, period by period.
func checkContracts(f *findings, all []Invoice, truth []Row) {
	type key struct{ contract, period string }
	want, got := map[key]Cents{}, map[key]Cents{}
	for _, r := range truth {
		if r.Expected == "billed" {
			want[key{r.Contract, r.Period}] += r.Amount
		}
	}
	for i := range all {
		got[key{all[i].Contract, period(&all[i])}] += all[i].Total
	}
	for k, sum := range want {
		same(f, "contract "+k.contract, "sum of the documents of "+k.period, got[k], sum)
		delete(got, k)
	}
	for k, sum := range got {
		f.addf("contract "+k.contract, "is billed %s for %s, want nothing", sum, k.period)
	}
}
