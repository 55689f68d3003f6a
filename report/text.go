package report

import "strings"

// The screen the text fits on, with a line left for the prompt.
const (
	screenWidth = 80
	screenLines = 39
)

// How much of the lists is shown; what is left out is counted, and report.html has all of it.
const (
	mostHeld   = 8 // lines; less where the rest needs the room
	mostBank   = 2
	mostVAT    = 3
	mostPlaces = 6 // lines
	mostNext   = 3 // lines that are kept free
	nextLines  = 2 // lines of one sentence

	verdictLines = 3
)

// Text writes the report for a terminal: at most 80 columns and 39 lines, no colours. Names are shortened where they do
// not fit, and control characters in them are replaced, so that no name can steer the terminal.
func Text(r Report) string {
	r = r.complete()
	w := r.words()
	var s screen
	s.ends(brand(r), longPeriod(r.Period))
	s.ends("as of "+instant(r.AsOf), amountsIn(r))
	s.rule()
	s.beside(recordLines(w, r), documentLines(w, r))
	s.rule()
	checks := r.Checks()
	v := r.verdict(checks)
	s.line(verdictMark(v.Class) + v.Title)
	for _, l := range wrapped("     ", v.Text, screenWidth, verdictLines) {
		s.line(l)
	}
	found, bank, places, steps := findingLines(w, r.Findings), bankLines(w, r), placeLines(r.Places), r.steps(checks)
	rest := len(found) + len(bank) + len(places) + min(len(nextSteps(steps, screenLines)), mostNext)
	s.section("ON HOLD", heldLines(r, min(mostHeld, screenLines-s.lines-rest)))
	if len(found) > 0 {
		s.section("FINDINGS", found)
	}
	s.section("BANK", bank)
	s.section("FILES", places[:min(len(places), max(screenLines-s.lines-1, 1))]) // one is left for what to do next
	s.section("NEXT", nextSteps(steps, screenLines-s.lines))
	return s.String()
}

func brand(r Report) string {
	return strings.TrimSpace("wattdue " + r.Engine + "  " + r.Tenant)
}

func amountsIn(r Report) string {
	if r.Currency == "" {
		return ""
	}
	return "amounts in " + string(r.Currency)
}

func verdictMark(class string) string {
	if class == "bad" {
		return " !!  "
	}
	return " OK  "
}

// The columns of the two halves side by side.
const (
	halfWidth  = 38
	halfGap    = screenWidth - 2*halfWidth
	moneyWidth = 15
)

// recordLines is the balance formula, one part on each line.
func recordLines(w words, r Report) []string {
	const countWidth = 8
	lines := []string{columns(halfWidth, "RECORDS", right("count", countWidth), right("amount", moneyWidth))}
	add := func(name, count, amount string) {
		lines = append(lines, columns(halfWidth, name, right(count, countWidth), right(amount, moneyWidth)))
	}
	for _, f := range comings(w, r.Balance) {
		add(strings.ToLower(f.Label), f.Records, f.Money)
	}
	add("came in", w.count(records(came(r.Balance))), w.plain(minors(came(r.Balance))))
	lines = append(lines, strings.Repeat("-", halfWidth))
	for _, f := range becomings(w, r.Balance) {
		add(strings.ToLower(f.Label), f.Records, f.Money)
	}
	add("accounted for", w.count(records(became(r.Balance))), w.plain(minors(became(r.Balance))))
	return lines
}

// documentLines is what was issued and sent.
func documentLines(w words, r Report) []string {
	d := r.Documents
	lines := []string{columns(halfWidth, "DOCUMENTS", right(number(d.Count), moneyWidth))}
	add := func(name, value string) { lines = append(lines, columns(halfWidth, name, right(value, moneyWidth))) }
	if n := d.numbers(); n != "" {
		lines = append(lines, fit(n, halfWidth))
	}
	add("net", w.bare(d.Net))
	for _, v := range d.VAT[:min(len(d.VAT), mostVAT)] {
		add("VAT "+v.Country+" "+v.Rate.Percent()+" %", w.bare(v.Tax))
	}
	if rest := len(d.VAT) - mostVAT; rest > 0 {
		add("VAT of "+plural(int64(rest), "more rate"), w.plain(vatTotals(d.VAT[mostVAT:]).tax))
	}
	add("gross", w.bare(d.Gross))
	for _, m := range d.ByMethod[:min(len(d.ByMethod), 2)] {
		add(strings.ToLower(methodWords(m.Method))+" ("+number(m.Documents)+")", w.bare(m.Gross))
	}
	add("energy, kWh", kWh(r.Energy))
	lines = append(lines, fit("mails: "+mailLine(r.Mails), halfWidth))
	return lines
}

// mailLine counts mails by state on one line.
func mailLine(mails []StateSum) string {
	var parts []string
	for _, m := range mails {
		name, _ := mailWords(m.State)
		parts = append(parts, number(m.N)+" "+strings.ToLower(name))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// heldLines lists the largest groups set aside, in so many lines at most, records before contracts and debits.
func heldLines(r Report, most int) []string {
	held, later := heldRows(r.Held)
	groups := append(held, later...)
	shown := len(groups)
	if shown > most {
		shown = max(most-1, 0) // one line counts the others
	}
	var lines []string
	for _, h := range groups[:shown] {
		what := h.What
		if h.Concerns != "" {
			what = h.Concerns + ": " + what
		}
		lines = append(lines, right(h.Records, 6)+"  "+what)
	}
	if rest := len(groups) - shown; rest > 0 {
		lines = append(lines, "        and "+plural(int64(rest), "more reason")+"; all of them: wattdue quarantine list")
	}
	return lines
}

func bankLines(w words, r Report) []string {
	var lines []string
	shown := r.BankFiles[:min(len(r.BankFiles), mostBank)]
	add := func(name, debits, amount string) {
		lines = append(lines, columns(sectionWidth, name, right(debits, 8)+" debits"+right(amount, moneyWidth)))
	}
	for _, f := range shown {
		add(f.CollectOn.String()+"  "+f.Name, number(f.Debits), w.bare(f.Sum))
	}
	if rest := r.BankFiles[len(shown):]; len(rest) > 0 {
		t := bankTotal(rest)
		add("and "+plural(int64(len(rest)), "more file"), w.count(t.debits), w.plain(t.sum))
	}
	return lines
}

// placeLines lists the places below the folder they share, two on a line where both fit.
func placeLines(places []Place) []string {
	const label, half = 14, sectionWidth / 2
	var lines []string
	dir := sharedDir(places)
	if dir != "" {
		lines = append(lines, fitEnd("in "+dir, sectionWidth, len("in ")))
	}
	open := false // the last line has room at its right
	for i, p := range places {
		cell := pad(fit(p.Label, label-1), label) + clean(strings.TrimPrefix(p.Path, dir))
		switch wide := width(cell) > half-1; {
		case open && !wide:
			lines[len(lines)-1] = pad(lines[len(lines)-1], half) + cell
			open = false
		case len(lines) == mostPlaces-1 && i+1 < len(places):
			return append(lines, "and "+number(int64(len(places)-i))+" more in report.html")
		default:
			lines, open = append(lines, fitEnd(cell, sectionWidth, label)), !wide
		}
	}
	return lines
}

// sharedDir is the folder all places lie in, with its slash; empty when there is none.
func sharedDir(places []Place) string {
	if len(places) < 2 {
		return ""
	}
	dir := folder(places[0].Path)
	for _, p := range places[1:] {
		for !strings.HasPrefix(p.Path, dir) {
			dir = folder(strings.TrimSuffix(dir, "/"))
		}
	}
	return dir
}

// folder is a path up to its last slash.
func folder(path string) string { return path[:strings.LastIndexByte(path, '/')+1] }

// nextSteps lists what to do next, as much of it as the lines allow.
func nextSteps(next []string, room int) []string {
	var lines []string
	for i, n := range next {
		step := wrapped(number(int64(i+1))+". ", n, sectionWidth, nextLines)
		reserve := 0
		if i+1 < len(next) {
			reserve = 1 // for the count of the others
		}
		if len(lines)+len(step)+reserve > room {
			return append(lines, "and "+number(int64(len(next)-i))+" more in report.html")
		}
		lines = append(lines, step...)
	}
	return lines
}
