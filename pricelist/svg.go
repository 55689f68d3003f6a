package pricelist

import (
	"bytes"
	"fmt"
	"html"
	"unicode/utf8"

	"wattdue/money"
)

// The measures of the picture, in units of its view box. All positions are integers.
const (
	mapWidth   = 860
	mapLeft    = 66
	mapRight   = mapWidth - 2
	mapTop     = 46
	lineHeight = 27
	lineGap    = 3
	legendLine = 21
	letter     = 7 // width of a character of the small font, on the safe side
)

// shades is how many colours there are; more prices share them, and their labels tell them apart.
const shades = 7

// shadeOf spreads n steps over the colours.
func shadeOf(step, n int) int {
	if n <= 1 {
		return 2
	}
	if n <= shades {
		// Few steps are drawn far apart, but without the two ends, which hardly show on paper and on a dark screen.
		return 1 + step*(shades-2)/(n-1)
	}
	return step * (shades - 1) / (n - 1)
}

// svgStyle colours the picture on light and on dark ground. Cheap is pale, dear is strong; on dark ground dear is bright.
const svgStyle = `
.wk{font:12px -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;--ink:#16212b;--mute:#566370;--rule:#d9e0e2;--none:#fff;--bad:#b42318}
.wk text{fill:var(--ink)} .wk .h{fill:var(--mute);font-size:11px} .wk .t{font-size:14px;font-weight:650} .wk .l{stroke:var(--rule)} .wk .b{fill:var(--bad);font-weight:600}
.wk .n{fill:var(--none)} .wk .s{stroke:var(--bad);stroke-width:2.2} .wk .f{fill:none;stroke:var(--mute);stroke-dasharray:3 3}
.wk .c0{fill:#f2f3cf} .wk .c1{fill:#d3e9b6} .wk .c2{fill:#9dd5ae} .wk .c3{fill:#5cbaa4} .wk .c4{fill:#2f97a0} .wk .c5{fill:#226f95} .wk .c6{fill:#26466f}
.wk .i0,.wk .i1,.wk .i2,.wk .i3{fill:#10231f} .wk .i4,.wk .i5,.wk .i6{fill:#fff} .wk .v{font-size:11.5px;font-weight:600}
@media (prefers-color-scheme:dark){.wk{--ink:#e8eef0;--mute:#a3b1bb;--rule:#2f3c46;--none:#18222b;--bad:#ff938a}
.wk .c0{fill:#1d3340} .wk .c1{fill:#1f4a5c} .wk .c2{fill:#22667a} .wk .c3{fill:#2b8a8e} .wk .c4{fill:#56b595} .wk .c5{fill:#a5d98c} .wk .c6{fill:#f0eda0}
.wk .i0,.wk .i1,.wk .i2,.wk .i3{fill:#fff} .wk .i4,.wk .i5,.wk .i6{fill:#10231f}}
@media print{.wk{--ink:#16212b;--mute:#566370;--rule:#d9e0e2;--none:#fff;--bad:#b42318}}`

// SVG draws the week: a line for each day, a colour for each price, hatched where there is none, and below what the colours
// mean and when they hold. It stands alone as a file, and may stand in a page several times.
func (w *Week) SVG(currency money.Currency) []byte {
	var b bytes.Buffer
	lines := len(w.Steps)
	if w.HasGap {
		lines++
	}
	bottom := mapTop + len(w.Days)*lineHeight
	height := bottom + 10 + lines*legendLine
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="wk" viewBox="0 0 %d %d" role="img" aria-label="%s">`, mapWidth, height, escape(w.summary(currency)))
	fmt.Fprintf(&b, "<style>%s</style>", svgStyle)
	b.WriteString(`<defs><pattern id="wk-gap" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
		`<rect class="n" width="9" height="9"/><line class="s" x1="0" y1="0" x2="0" y2="9"/></pattern></defs>`)
	fmt.Fprintf(&b, `<text class="t" x="0" y="15">%s</text>`, escape(upperFirst(w.Title())+", "+string(currency)))
	w.hours(&b, bottom)
	for i := range w.Days {
		w.day(&b, &w.Days[i], mapTop+i*lineHeight)
	}
	w.legend(&b, bottom+24)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func column(minute int) int { return mapLeft + minute*(mapRight-mapLeft)/dayMinutes }

// hours draws the axis.
func (w *Week) hours(b *bytes.Buffer, bottom int) {
	for h := 0; h <= 24; h += 2 {
		x, anchor := column(h*60), "middle"
		if h == 24 {
			anchor = "end"
		}
		fmt.Fprintf(b, `<text class="h" x="%d" y="%d" text-anchor="%s">%02d</text>`, x, mapTop-7, anchor, h)
		fmt.Fprintf(b, `<line class="l" x1="%d" x2="%d" y1="%d" y2="%d"/>`, x, x, mapTop-3, bottom)
	}
}

func (w *Week) day(b *bytes.Buffer, d *Day, y int) {
	fmt.Fprintf(b, `<text x="0" y="%d">%s</text>`, y+17, escape(d.Name))
	for _, s := range d.Stretches {
		x, end := column(s.From), column(s.To)
		hours := d.Name + " " + spellClock(s.From) + "-" + spellClock(s.To)
		class, fill, text, label := "", ` fill="url(#wk-gap)"`, hours+": no price", ""
		switch {
		case s.Step >= 0:
			step := w.Steps[s.Step]
			class, fill = fmt.Sprintf(` class="c%d"`, step.Shade), ""
			text, label = hours+": "+step.Text+" (row "+s.Row+")", step.Label
		case w.Free:
			class, fill, text = ` class="f"`, "", hours+": free"
		}
		fmt.Fprintf(b, `<rect%s%s x="%d" y="%d" width="%d" height="%d" rx="2"><title>%s</title></rect>`,
			class, fill, x, y, max(end-x-1, 1), lineHeight-lineGap, escape(text))
		if label != "" && utf8.RuneCountInString(label)*letter+6 <= end-x {
			fmt.Fprintf(b, `<text class="v i%d" x="%d" y="%d" text-anchor="middle" pointer-events="none">%s</text>`,
				w.Steps[s.Step].Shade, (x+end)/2, y+16, escape(label))
		}
	}
}

func (w *Week) legend(b *bytes.Buffer, y int) {
	line := func(swatch, class, text string) {
		fmt.Fprintf(b, `<rect %s x="%d" y="%d" width="22" height="14" rx="2"/><text%s x="%d" y="%d">%s</text>`, swatch, mapLeft, y-11, class, mapLeft+30, y, escape(text))
		y += legendLine
	}
	for _, s := range w.Steps {
		line(fmt.Sprintf(`class="c%d"`, s.Shade), "", s.Text+" · "+s.Hours)
	}
	switch {
	case w.HasGap && w.Free:
		line(`class="f"`, "", "free · "+w.HoursOf(-1))
	case w.HasGap:
		line(`fill="url(#wk-gap)"`, ` class="b"`, "no price · "+w.HoursOf(-1))
	}
}

// summary tells the picture to those who cannot see it.
func (w *Week) summary(currency money.Currency) string {
	text := upperFirst(w.Title()) + ", " + string(currency)
	for _, s := range w.Steps {
		text += ". " + s.Text + ": " + s.Hours
	}
	if w.HasGap && !w.Free {
		text += ". No price: " + w.HoursOf(-1)
	}
	return text
}

// escape makes a text fit for XML, which knows no control characters.
func escape(s string) string {
	clean := make([]rune, 0, len(s))
	for _, c := range s {
		if c < ' ' || c == 0xfffe || c == 0xffff {
			c = ' '
		}
		clean = append(clean, c)
	}
	return html.EscapeString(string(clean))
}

func upperFirst(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
