package pdf

import (
	"math"

	"github.com/johnfercher/maroto/v2/pkg/props"
)

// Page size A4 (ISO 216) and the length of a millimetre in PDF units.
const (
	pageWidth   = 210.0
	pageHeight  = 297.0
	pointsPerMM = 72 / 25.4
)

// content is the instruction stream of one page (ISO 32000-1, 8 and 9). Coordinates come in mm from the upper left
// corner and are written in hundredths of a point, which no eye can tell apart and every machine rounds alike.
type content struct {
	ops    []byte
	links  []link
	fill   colour
	stroke colour
	face   *face
	size   float64
}

type link struct {
	x, y, w, h float64
	target     string
}

// colour is an RGB colour.
type colour struct{ r, g, b uint8 }

func (c colour) prop() *props.Color {
	return &props.Color{Red: int(c.r), Green: int(c.g), Blue: int(c.b)}
}

func colourOf(p *props.Color) colour {
	if p == nil {
		return colour{}
	}
	return colour{uint8(p.Red), uint8(p.Green), uint8(p.Blue)}
}

func (c *content) setFill(v colour) {
	if c.fill != v {
		c.fill = v
		c.colourOp(v, "rg\n")
	}
}

func (c *content) setStroke(v colour) {
	if c.stroke != v {
		c.stroke = v
		c.colourOp(v, "RG\n")
	}
}

func (c *content) colourOp(v colour, op string) {
	for _, part := range [3]uint8{v.r, v.g, v.b} {
		c.ops = appendScaled(c.ops, (int64(part)*1000+127)/255, 1000)
		c.ops = append(c.ops, ' ')
	}
	c.ops = append(c.ops, op...)
}

func (c *content) length(mm float64) { c.points(mm * pointsPerMM) }

func (c *content) points(pt float64) {
	c.ops = appendScaled(c.ops, int64(math.Round(pt*100)), 100)
	c.ops = append(c.ops, ' ')
}

func (c *content) xy(x, y float64) {
	c.length(x)
	c.length(pageHeight - y)
}

// text writes a line of text with its baseline at y.
func (c *content) text(f *face, size float64, ink colour, x, y float64, text string) {
	c.setFill(ink)
	c.ops = append(c.ops, "BT "...)
	if c.face != f || c.size != size {
		c.face, c.size = f, size
		c.ops = append(c.ops, f.resource()...)
		c.ops = append(c.ops, ' ')
		c.points(size)
		c.ops = append(c.ops, "Tf "...)
	}
	c.xy(x, y)
	c.ops = append(c.ops, "Td <"...)
	const hex = "0123456789ABCDEF"
	for _, r := range text {
		g := f.glyph(r)
		c.ops = append(c.ops, hex[g>>12], hex[g>>8&15], hex[g>>4&15], hex[g&15])
	}
	c.ops = append(c.ops, "> Tj ET\n"...)
}

// resource is the name of the font in the resources of a page.
func (f *face) resource() string {
	if f.bold {
		return "/F2"
	}
	return "/F1"
}

func (c *content) rect(x, y, w, h float64, fill colour) {
	c.setFill(fill)
	c.box(x, y, w, h)
	c.ops = append(c.ops, "f\n"...)
}

func (c *content) box(x, y, w, h float64) {
	c.xy(x, y+h)
	c.length(w)
	c.length(h)
	c.ops = append(c.ops, "re "...)
}

func (c *content) line(x1, y1, x2, y2, thickness float64, ink colour) {
	c.setStroke(ink)
	c.length(thickness)
	c.ops = append(c.ops, "w "...)
	c.xy(x1, y1)
	c.ops = append(c.ops, "m "...)
	c.xy(x2, y2)
	c.ops = append(c.ops, "l S\n"...)
}

type point struct{ x, y float64 }

func (c *content) polygon(corners []point, fill colour) {
	c.setFill(fill)
	for i, p := range corners {
		c.xy(p.x, p.y)
		if i == 0 {
			c.ops = append(c.ops, "m "...)
		} else {
			c.ops = append(c.ops, "l "...)
		}
	}
	c.ops = append(c.ops, "h f\n"...)
}

// roundRect fills a rectangle with rounded corners.
func (c *content) roundRect(x, y, w, h, radius float64, fill colour) {
	const kappa = 0.5522847498 // cubic that comes nearest to a quarter circle
	k := radius * (1 - kappa)
	r, b := x+w, y+h
	c.setFill(fill)
	c.xy(x+radius, y)
	c.ops = append(c.ops, "m "...)
	side := func(to, c1, c2, end point) {
		c.xy(to.x, to.y)
		c.ops = append(c.ops, "l "...)
		c.xy(c1.x, c1.y)
		c.xy(c2.x, c2.y)
		c.xy(end.x, end.y)
		c.ops = append(c.ops, "c "...)
	}
	side(point{r - radius, y}, point{r - k, y}, point{r, y + k}, point{r, y + radius})
	side(point{r, b - radius}, point{r, b - k}, point{r - k, b}, point{r - radius, b})
	side(point{x + radius, b}, point{x + k, b}, point{x, b - k}, point{x, b - radius})
	side(point{x, y + radius}, point{x, y + k}, point{x + k, y}, point{x + radius, y})
	c.ops = append(c.ops, "h f\n"...)
}

// appendScaled writes v/scale (a power of ten) without superfluous digits.
func appendScaled(out []byte, v, scale int64) []byte {
	if v < 0 {
		out = append(out, '-')
		v = -v
	}
	out = appendInt(out, v/scale)
	rest := v % scale
	if rest == 0 {
		return out
	}
	out = append(out, '.')
	for rest > 0 {
		scale /= 10
		out = append(out, '0'+byte(rest/scale))
		rest %= scale
	}
	return out
}

func appendInt(out []byte, v int64) []byte {
	if v >= 10 {
		out = appendInt(out, v/10)
	}
	return append(out, '0'+byte(v%10))
}
