package pdf

import (
	"math"
	"strings"

	"github.com/johnfercher/maroto/v2/pkg/components/col"
	"github.com/johnfercher/maroto/v2/pkg/components/page"
	"github.com/johnfercher/maroto/v2/pkg/components/row"
	"github.com/johnfercher/maroto/v2/pkg/components/text"
	"github.com/johnfercher/maroto/v2/pkg/consts/align"
	"github.com/johnfercher/maroto/v2/pkg/consts/border"
	"github.com/johnfercher/maroto/v2/pkg/consts/fontstyle"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"wattdue/invoicing"
)

// The type area: DIN 5008 margins, and the grid of maroto in tenths of a mm, so that a column size is a width.
const (
	leftMargin  = 25.0
	rightMargin = 20.0
	bodyWidth   = pageWidth - leftMargin - rightMargin
	footerTop   = 267.0 // where the body ends
	headerEnd   = 26.0  // where the body of following pages begins
	gridPerMM   = 10
)

// sheet arranges one document.
type sheet struct {
	fonts *fontSet
	theme theme
	doc   invoicing.Document
	to    Recipient
	sums  sums

	pages [][]core.Row
	used  float64 // mm filled on the last page
}

// compose returns the finished pages.
func (s *sheet) compose() ([]core.Page, error) {
	s.letterhead()
	s.overview()
	closing := s.closing()
	if err := s.sessionTable(closing); err != nil {
		return nil, err
	}
	for _, b := range closing {
		s.place(b)
	}
	return s.finish(), nil
}

// finish adds the footers, which need the number of pages.
func (s *sheet) finish() []core.Page {
	cfg := &entity.Config{
		MaxGridSize: bodyWidth * gridPerMM,
		Dimensions:  &entity.Dimensions{Width: pageWidth, Height: pageHeight},
		Margins:     &entity.Margins{Left: leftMargin, Right: rightMargin},
		DefaultFont: &props.Font{Style: fontstyle.Normal, Size: s.theme.body.size, Color: s.theme.ink.prop()},
	}
	s.fill()
	out := make([]core.Page, len(s.pages))
	for i, rows := range s.pages {
		p := page.New().Add(append(rows, s.footer(i+1, len(s.pages))...)...)
		p.SetConfig(cfg)
		p.SetNumber(i+1, len(s.pages))
		out[i] = p
	}
	return out
}

// fill ends the last page: what follows on it is the footer.
func (s *sheet) fill() {
	if rest := footerTop - s.used; rest > 0 {
		s.add(band(rest))
	}
}

// block is a run of rows that stay on one page.
type block struct {
	rows   []core.Row
	height float64
	after  float64 // space below, not needed at the end of a page
}

func (b *block) add(h float64, cols ...core.Col) core.Row {
	r := band(h, cols...)
	b.rows = append(b.rows, r)
	b.height += h
	return r
}

// band is a row of a fixed height.
func band(h float64, cols ...core.Col) core.Row {
	if len(cols) == 0 {
		cols = []core.Col{cell(bodyWidth)}
	}
	return row.New(h).Add(cols...)
}

func (s *sheet) add(rows ...core.Row) {
	last := len(s.pages) - 1
	s.pages[last] = append(s.pages[last], rows...)
	for _, r := range rows {
		s.used += r.GetHeight(nil, nil) // fixed heights: neither provider nor cell is asked
	}
}

// fits reports whether so many mm are left on the page.
func (s *sheet) fits(height float64) bool {
	const slack = 1e-6 // sums of binary fractions
	return s.used+height <= footerTop+slack
}

// place adds a block, on a new page where it does not fit.
func (s *sheet) place(b block) {
	if !s.fits(b.height) {
		s.turn()
	}
	s.add(b.rows...)
	if b.after > 0 && s.fits(b.after) {
		s.add(band(b.after))
	}
}

// flow adds a block row by row where no page can hold all of it.
func (s *sheet) flow(b block) {
	if headerEnd+b.height <= footerTop {
		s.place(b)
		return
	}
	for _, r := range b.rows {
		s.place(block{rows: []core.Row{r}, height: r.GetHeight(nil, nil)})
	}
}

// turn ends the page and begins the next with its header.
func (s *sheet) turn() {
	s.fill()
	s.pages = append(s.pages, nil)
	s.used = 0
	s.add(s.runningHead())
}

// cell is a column of a width in mm.
func cell(width float64, parts ...core.Component) core.Col {
	return col.New(int(math.Round(width * gridPerMM))).Add(parts...)
}

// lettering is how a piece of text looks.
type lettering struct {
	size float64
	bold bool
	ink  colour
}

func (l lettering) in(ink colour) lettering { l.ink = ink; return l }

func (l lettering) strong() lettering { l.bold = true; return l }

func (s *sheet) face(l lettering) *face {
	if l.bold {
		return s.fonts.bold
	}
	return s.fonts.regular
}

// width measures a text in mm.
func (s *sheet) width(value string, l lettering) float64 {
	return s.face(l).width(s.fonts.printable(value), l.size)
}

// lines breaks a text to a width, at most so many lines.
func (s *sheet) lines(value string, l lettering, width float64, most int) []string {
	return s.face(l).limitLines(s.fonts.printable(value), l.size, width, most)
}

// line is a text on a baseline, mm below the top of its cell.
func (s *sheet) line(value string, l lettering, baseline float64, options ...func(*props.Text)) core.Component {
	p := props.Text{Size: l.size, Top: baseline - l.size/pointsPerMM, Color: l.ink.prop(), Style: fontstyle.Normal}
	if l.bold {
		p.Style = fontstyle.Bold
	}
	for _, option := range options {
		option(&p)
	}
	return text.New(strings.ReplaceAll(s.fonts.printable(value), string(noBreak), " "), p)
}

// setting is a size with the number of lines there is room for.
type setting struct {
	size  float64
	lines int
}

// settle breaks a name at the first setting that shows all of it; at the last one it is cut.
func (s *sheet) settle(value string, l lettering, width float64, settings ...setting) ([]string, lettering) {
	value = s.fonts.printable(value)
	for _, v := range settings {
		l.size = v.size
		if lines := s.face(l).breakLines(value, l.size, width); len(lines) <= v.lines {
			return lines, l
		}
	}
	return s.lines(value, l, width, settings[len(settings)-1].lines), l
}

func right(p *props.Text) { p.Align = align.Right }

func center(p *props.Text) { p.Align = align.Center }

func indent(mm float64) func(*props.Text) { return func(p *props.Text) { p.Left = mm } }

func rightIndent(mm float64) func(*props.Text) { return func(p *props.Text) { p.Right = mm } }

func linkTo(url string) func(*props.Text) {
	return func(p *props.Text) {
		if url != "" {
			p.Hyperlink = &url
		}
	}
}

// single is a text that stays on one line of a width: the type gets smaller where it must, and only what is still
// too long is closed with an ellipsis. Identifiers and figures of lawful length are never cut (see check).
func (s *sheet) single(value string, l lettering, baseline, width float64, options ...func(*props.Text)) core.Component {
	const least = 0.4 // share of the size
	return s.shrunk(value, l, least, baseline, width, options...)
}

// short is a single line that stays readable: what does not fit at four fifths of the size is cut. It is for texts
// that stand in full elsewhere on the page.
func (s *sheet) short(value string, l lettering, baseline, width float64, options ...func(*props.Text)) core.Component {
	const least = 0.8
	return s.shrunk(value, l, least, baseline, width, options...)
}

func (s *sheet) shrunk(value string, l lettering, least, baseline, width float64, options ...func(*props.Text)) core.Component {
	value = s.fonts.printable(value)
	if w := s.face(l).width(value, l.size); w > width {
		const step = 10 // tenths of a point
		l.size = math.Floor(max(l.size*width/w, l.size*least)*step) / step
		value = first(s.face(l).limitLines(value, l.size, width, 1))
	}
	return s.line(value, l, baseline, options...)
}

// figure is a single line at the right edge.
func (s *sheet) figure(value string, l lettering, baseline, width float64) core.Component {
	return s.single(value, l, baseline, width, right)
}

// paragraph adds a wrapped text to a block.
func (s *sheet) paragraph(b *block, value string, l lettering, step float64) {
	for _, line := range s.lines(value, l, bodyWidth, maxParagraph) {
		b.add(step, cell(bodyWidth, s.line(line, l, step*0.78)))
	}
}

// maxParagraph bounds a text that comes from outside.
const maxParagraph = 8

func under(ink colour, thickness float64) *props.Cell {
	return &props.Cell{BorderType: border.Bottom, BorderColor: ink.prop(), BorderThickness: thickness}
}

func over(ink colour, thickness float64) *props.Cell {
	return &props.Cell{BorderType: border.Top, BorderColor: ink.prop(), BorderThickness: thickness}
}
