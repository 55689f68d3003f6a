package pricelist

import (
	"bytes"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/rating"
)

const pageStyle = `
:root{color-scheme:light dark;--paper:#fff;--ground:#f3f6f5;--ink:#16212b;--mute:#566370;--line:#d9e0e2;--accent:#0b5d56;--bad:#b42318;--bad-soft:#fde4e2;--wait:#8a5200;--wait-soft:#fdf0d9;--good:#0b6b3f;--good-soft:#e1f4e9}
@media (prefers-color-scheme:dark){:root{--paper:#18222b;--ground:#10181f;--ink:#e8eef0;--mute:#a3b1bb;--line:#2f3c46;--accent:#63d3b0;--bad:#ff938a;--bad-soft:#43201f;--wait:#f2b866;--wait-soft:#3a2c14;--good:#63d39a;--good-soft:#16352a}}
*{box-sizing:border-box} body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.45 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
main{max-width:940px;margin:0 auto;padding:28px 24px 40px} h1{font-size:25px;line-height:1.2;margin:0} .sub{color:var(--mute);margin:2px 0 18px}
section{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:16px 20px 14px;margin:0 0 16px;overflow-x:auto} svg{display:block;width:100%;min-width:560px;height:auto}
.terms{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;margin:0} .terms dt{color:var(--mute)} .terms dd{margin:0} h2{font-size:17px;margin:0 0 6px}
.say{border-left:6px solid var(--good);background:var(--good-soft)} .say.error{border-color:var(--bad);background:var(--bad-soft)} .say.warning{border-color:var(--wait);background:var(--wait-soft)}
.say ul{margin:0;padding-left:20px} .say .error{color:var(--bad)} .say .warning{color:var(--wait)} .say b{font-weight:650}
@media print{body{background:#fff} section{break-inside:avoid}}`

// View is what a page shows beside the tariff itself.
type View struct {
	Weeks    []Week
	More     int            // kinds of sessions that are not shown
	Findings []Finding      // what stands against publication
	Zone     *time.Location // for the validity; nil is UTC
}

// Page is a tariff as an HTML page of its own, without scripts: what stands against its publication, what holds for whole
// sessions, and its weeks.
func Page(t rating.Tariff, v View) []byte {
	var b bytes.Buffer
	title := fmt.Sprintf("Tariff %s version %d", t.Code, t.Version)
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n")
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n<p class=\"sub\">%s</p>\n", escape(title), pageStyle, escape(title), escape(validText(&t, v.Zone)))
	pageFindings(&b, v.Findings)
	pageTerms(&b, &t)
	for i := range v.Weeks {
		fmt.Fprintf(&b, "<section>\n%s</section>\n", v.Weeks[i].SVG(t.Currency))
	}
	if v.More > 0 {
		fmt.Fprintf(&b, "<p class=\"sub\">%d more combinations of contract and place are not shown.</p>\n", v.More)
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return b.Bytes()
}

func validText(t *rating.Tariff, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	instant := func(t time.Time) string {
		local := t.In(zone)
		if t.Equal(calendar.DateOf(t, zone).Start(zone)) {
			return local.Format("2006-01-02")
		}
		return local.Format("2006-01-02 15:04")
	}
	mode := "prices with VAT"
	if t.Mode == rating.Net {
		mode = "prices without VAT"
	}
	text := "Valid from " + instant(t.ValidFrom)
	if !t.ValidTo.IsZero() {
		text += " until before " + instant(t.ValidTo)
	}
	return text + " (" + zone.String() + "), " + mode + " in " + string(t.Currency) + ". Hours are local time at the charging point."
}

func pageFindings(b *bytes.Buffer, findings []Finding) {
	worst, text := "", "Nothing stands against publication."
	for _, f := range findings {
		if worst != string(Error) {
			worst = string(f.Severity)
		}
	}
	switch Severity(worst) {
	case Error:
		text = "This version cannot be published yet."
	case Warning:
		text = "This version can be published. Look at this first."
	}
	fmt.Fprintf(b, "<section class=\"say %s\">\n<h2>%s</h2>\n", worst, text)
	if len(findings) > 0 {
		b.WriteString("<ul>\n")
		for _, f := range findings {
			row := ""
			if f.Row != "" {
				row = "<b>row " + escape(f.Row) + "</b>: "
			}
			fmt.Fprintf(b, "<li><span class=\"%s\">%s</span>: %s%s</li>\n", f.Severity, f.Severity, row, escape(f.Text))
		}
		b.WriteString("</ul>\n")
	}
	b.WriteString("</section>\n")
}

// pageTerms lists what holds for whole sessions and no picture shows.
func pageTerms(b *bytes.Buffer, t *rating.Tariff) {
	type term struct{ name, text string }
	terms := []term{{"Free of charge", spellZero(t.ZeroBelow, t.ZeroUnder)}}
	if t.SessionMin != 0 {
		terms = append(terms, term{"At least", t.SessionMin.String() + " per session"})
	}
	if t.SessionMax != 0 {
		terms = append(terms, term{"At most", t.SessionMax.String() + " per session"})
	}
	for _, d := range t.Discounts {
		terms = append(terms, term{"Discount " + d.ID, spellDiscount(d)})
	}
	if t.Holidays != nil {
		terms = append(terms, term{"Holidays", t.Holidays.Name})
	}
	b.WriteString("<section>\n<dl class=\"terms\">\n")
	for _, x := range terms {
		fmt.Fprintf(b, "<dt>%s</dt><dd>%s</dd>\n", escape(x.name), escape(x.text))
	}
	b.WriteString("</dl>\n</section>\n")
}
