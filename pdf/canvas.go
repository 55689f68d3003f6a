package pdf

import (
	"errors"
	"fmt"

	"github.com/johnfercher/maroto/v2/pkg/consts/align"
	"github.com/johnfercher/maroto/v2/pkg/consts/extension"
	"github.com/johnfercher/maroto/v2/pkg/consts/fontstyle"
	"github.com/johnfercher/maroto/v2/pkg/consts/orientation"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"
	"rsc.io/qr"
)

// painter is what our own components draw with, beyond the words of maroto. Coordinates are mm of the page.
type painter interface {
	rect(x, y, w, h float64, fill colour)
	roundRect(x, y, w, h, radius float64, fill colour)
	polygon(corners []point, fill colour)
	line(x1, y1, x2, y2, thickness float64, ink colour)
}

// canvas is maroto's provider on our own PDF writer. The provider interface has no errors, so the first one is kept
// and returned by GenerateBytes. Cells carry page coordinates: the root cell begins at the left margin. A canvas makes
// one document.
type canvas struct {
	fonts *fontSet
	pages []*content
	wide  bool // a character outside the narrow programs was written
	x, y  float64
	err   error
	write func(pages []*content, wide bool) ([]byte, error)
}

var (
	_ core.Provider = (*canvas)(nil)
	_ painter       = (*canvas)(nil)
)

// newPage starts a page; everything after it is drawn there.
func (c *canvas) newPage() {
	c.pages = append(c.pages, &content{ops: make([]byte, 0, 16<<10)})
	c.x, c.y = 0, 0
}

func (c *canvas) page() *content {
	if len(c.pages) == 0 {
		c.newPage()
	}
	return c.pages[len(c.pages)-1]
}

func (c *canvas) face(style fontstyle.Type) *face {
	if style == fontstyle.Bold {
		return c.fonts.bold
	}
	return c.fonts.regular
}

// AddText implements core.Provider. As in maroto the baseline of the first line lies one font size below the top.
func (c *canvas) AddText(text string, cell *entity.Cell, p *props.Text) {
	f := c.face(p.Style)
	width := max(cell.Width-p.Left-p.Right, 0)
	step := c.GetFontHeight(&props.Font{Size: p.Size}) + p.VerticalPadding
	y := cell.Y + p.Top + p.Size/pointsPerMM
	for _, line := range f.breakLines(text, p.Size, width) {
		w := f.width(line, p.Size)
		x := cell.X + p.Left
		switch p.Align {
		case align.Right:
			x += width - w
		case align.Center:
			x += (width - w) / 2
		}
		c.wide = c.wide || f.needsWide(line)
		page := c.page()
		page.text(f, p.Size, colourOf(p.Color), x, y, line)
		if p.Hyperlink != nil {
			page.links = append(page.links, link{x, y - p.Size/pointsPerMM, w, step, *p.Hyperlink})
		}
		y += step
	}
}

// GetFontHeight implements core.Provider: the font size in mm.
func (c *canvas) GetFontHeight(p *props.Font) float64 { return p.Size / pointsPerMM }

// GetLinesQuantity implements core.Provider.
func (c *canvas) GetLinesQuantity(text string, p *props.Text, width float64) int {
	return len(c.face(p.Style).breakLines(text, p.Size, width))
}

// AddLine implements core.Provider.
func (c *canvas) AddLine(cell *entity.Cell, p *props.Line) {
	ink := colourOf(p.Color)
	size, offset := p.SizePercent/100, p.OffsetPercent/100
	if p.Orientation == orientation.Vertical {
		x, h := cell.X+cell.Width*offset, cell.Height*size
		top := cell.Y + (cell.Height-h)/2
		c.page().line(x, top, x, top+h, p.Thickness, ink)
		return
	}
	y, w := cell.Y+cell.Height*offset, cell.Width*size
	left := cell.X + (cell.Width-w)/2
	c.page().line(left, y, left+w, y, p.Thickness, ink)
}

// CreateRow implements core.Provider: the next row of cells starts below.
func (c *canvas) CreateRow(height float64) { c.x, c.y = 0, c.y+height }

// CreateCol implements core.Provider: background and borders of a cell. maroto gives cells no position here but
// counts on a pen that moves from cell to cell.
func (c *canvas) CreateCol(width, height float64, cfg *entity.Config, p *props.Cell) {
	x, y := cfg.Margins.Left+c.x, cfg.Margins.Top+c.y
	c.x += width
	if p == nil {
		return
	}
	if p.BackgroundColor != nil {
		c.page().rect(x, y, width, height, colourOf(p.BackgroundColor))
	}
	ink, page := colourOf(p.BorderColor), c.page()
	if p.BorderType.HasTop() {
		page.line(x, y, x+width, y, p.BorderThickness, ink)
	}
	if p.BorderType.HasBottom() {
		page.line(x, y+height, x+width, y+height, p.BorderThickness, ink)
	}
	if p.BorderType.HasLeft() {
		page.line(x, y, x, y+height, p.BorderThickness, ink)
	}
	if p.BorderType.HasRight() {
		page.line(x+width, y, x+width, y+height, p.BorderThickness, ink)
	}
}

// AddQrCode implements core.Provider with squares: error level M, quiet zone of four modules inside the cell
// (EPC069-12; ISO/IEC 18004).
func (c *canvas) AddQrCode(code string, cell *entity.Cell, _ *props.Rect) {
	symbol, err := qr.Encode(code, qr.M)
	if err != nil {
		c.fail(fmt.Errorf("qr code: %w", err))
		return
	}
	const quiet = 4
	module := min(cell.Width, cell.Height) / float64(symbol.Size+2*quiet)
	page := c.page()
	page.setFill(colour{})
	for row := range symbol.Size {
		for col := 0; col < symbol.Size; col++ {
			run := 0
			for col+run < symbol.Size && symbol.Black(col+run, row) {
				run++
			}
			if run > 0 {
				page.box(cell.X+float64(quiet+col)*module, cell.Y+float64(quiet+row)*module, float64(run)*module, module)
				col += run
			}
		}
	}
	page.ops = append(page.ops, "f\n"...)
}

func (c *canvas) rect(x, y, w, h float64, fill colour) { c.page().rect(x, y, w, h, fill) }

func (c *canvas) roundRect(x, y, w, h, radius float64, fill colour) {
	c.page().roundRect(x, y, w, h, radius, fill)
}

func (c *canvas) polygon(corners []point, fill colour) { c.page().polygon(corners, fill) }

func (c *canvas) line(x1, y1, x2, y2, thickness float64, ink colour) {
	c.page().line(x1, y1, x2, y2, thickness, ink)
}

// GenerateBytes implements core.Provider.
func (c *canvas) GenerateBytes() ([]byte, error) {
	if c.err != nil {
		return nil, c.err
	}
	return c.write(c.pages, c.wide)
}

func (c *canvas) fail(err error) { c.err = errors.Join(c.err, err) }

func (c *canvas) refuse(what string) {
	c.fail(fmt.Errorf("%s is not drawn by this renderer: use text, lines and QR codes", what))
}

// What documents do not use is refused, not ignored.

// AddMatrixCode implements core.Provider.
func (c *canvas) AddMatrixCode(string, *entity.Cell, *props.Rect) { c.refuse("a matrix code") }

// AddBarCode implements core.Provider.
func (c *canvas) AddBarCode(string, *entity.Cell, *props.Barcode) { c.refuse("a bar code") }

// GetDimensionsByMatrixCode implements core.Provider.
func (c *canvas) GetDimensionsByMatrixCode(string) (*entity.Dimensions, error) {
	return nil, errors.ErrUnsupported
}

// GetDimensionsByImageByte implements core.Provider.
func (c *canvas) GetDimensionsByImageByte([]byte, extension.Type) (*entity.Dimensions, error) {
	return nil, errors.ErrUnsupported
}

// GetDimensionsByImage implements core.Provider.
func (c *canvas) GetDimensionsByImage(string) (*entity.Dimensions, error) {
	return nil, errors.ErrUnsupported
}

// GetDimensionsByQrCode implements core.Provider: codes are square and fill their cell.
func (c *canvas) GetDimensionsByQrCode(string) (*entity.Dimensions, error) {
	return &entity.Dimensions{Width: 1, Height: 1}, nil
}

// AddImageFromFile implements core.Provider.
func (c *canvas) AddImageFromFile(string, *entity.Cell, *props.Rect) { c.refuse("an image") }

// AddImageFromBytes implements core.Provider.
func (c *canvas) AddImageFromBytes([]byte, *entity.Cell, *props.Rect, extension.Type) {
	c.refuse("an image")
}

// AddBackgroundImageFromBytes implements core.Provider.
func (c *canvas) AddBackgroundImageFromBytes([]byte, *entity.Cell, *props.Rect, extension.Type) {
	c.refuse("a background image")
}

// SetProtection implements core.Provider.
func (c *canvas) SetProtection(p *entity.Protection) {
	if p != nil {
		c.refuse("a protection")
	}
}

// SetCompression implements core.Provider; streams are always deflated.
func (c *canvas) SetCompression(bool) {}

// SetMetadata implements core.Provider; metadata comes from the document.
func (c *canvas) SetMetadata(*entity.Metadata) {}
