package pdf

import (
	"github.com/johnfercher/go-tree/node"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
)

// drawing is a component of ours inside maroto's rows: it draws into its cell, or anywhere on the page.
type drawing struct {
	name string
	draw func(p painter, cell entity.Cell)
}

var _ core.Component = (*drawing)(nil)

// Render implements core.Component. A provider that cannot paint leaves the drawing out: it carries no content.
func (d *drawing) Render(provider core.Provider, cell *entity.Cell) {
	if p, ok := provider.(painter); ok {
		d.draw(p, *cell)
	}
}

// GetHeight implements core.Component; drawings never make a row higher.
func (d *drawing) GetHeight(core.Provider, *entity.Cell) float64 { return 0 }

// SetConfig implements core.Component.
func (d *drawing) SetConfig(*entity.Config) {}

// GetStructure implements core.Component.
func (d *drawing) GetStructure() *node.Node[core.Structure] {
	return node.New(core.Structure{Type: "drawing", Value: d.name})
}

// mark draws the brand mark: a rounded tile with a charging bolt, side mm wide, x and y mm from the cell's corner.
func (s *sheet) mark(x, y, side float64) core.Component {
	// The bolt in a square of 100.
	bolt := []point{{56, 14}, {27, 55}, {46, 55}, {41, 86}, {73, 42}, {53, 42}}
	return &drawing{"mark", func(p painter, cell entity.Cell) {
		left, top := cell.X+x, cell.Y+y
		p.roundRect(left, top, side, side, side*0.24, s.theme.accent)
		corners := make([]point, len(bolt))
		for i, b := range bolt {
			corners[i] = point{left + side*b.x/100, top + side*b.y/100}
		}
		p.polygon(corners, s.theme.bright)
	}}
}

// letterMarks draws what belongs to the sheet of paper: the colour edge, the fold marks of form B at 105 and 210 mm,
// and the hole mark at half height (DIN 5008).
func (s *sheet) letterMarks() core.Component {
	return &drawing{"marks", func(p painter, _ entity.Cell) {
		p.rect(0, 0, pageWidth, 2.4, s.theme.accent)
		const thin, from = 0.2, 4.0
		for _, m := range []struct{ y, length float64 }{{105, 4}, {pageHeight / 2, 6}, {210, 4}} {
			p.line(from, m.y, from+m.length, m.y, thin, s.theme.muted)
		}
	}}
}

// tile draws a rounded field behind a cell; bar adds a stripe of the accent colour at its left.
func (s *sheet) tile(bar bool) core.Component {
	return &drawing{"tile", func(p painter, cell entity.Cell) {
		p.roundRect(cell.X, cell.Y, cell.Width, cell.Height, 1.6, s.theme.panel)
		if bar {
			p.rect(cell.X, cell.Y+1.6, 1, cell.Height-3.2, s.theme.accent)
		}
	}}
}

// rule draws a line across a cell, y mm below its top.
func (s *sheet) rule(y, thickness float64, ink colour) core.Component {
	return &drawing{"rule", func(p painter, cell entity.Cell) {
		p.line(cell.X, cell.Y+y, cell.X+cell.Width, cell.Y+y, thickness, ink)
	}}
}

// wideTile draws a rounded field over the whole body width, under the cells that follow in its row.
func (s *sheet) wideTile(height float64) core.Component {
	return &drawing{"tile", func(p painter, cell entity.Cell) {
		p.roundRect(cell.X, cell.Y, bodyWidth, height, 1.6, s.theme.panel)
	}}
}

// tileWith begins a field with a title, its text set in by inset mm.
func (s *sheet) tileWith(title string, inset float64) []core.Component {
	return []core.Component{s.tile(true), s.line(title, s.theme.heading.sized(9.6), 6.4, indent(inset))}
}
