// Package pdf draws documents: a letter in DIN 5008 form B with the sums first, then every session with its meter
// readings.
//
// The layout is written in maroto's rows, columns and texts; our own provider puts them on a small PDF writer with
// embedded fonts, because the stock back end parses the fonts anew for every document and its bytes differ from run
// to run. Rendering is a pure function: the same document and recipient give the same bytes, whatever the time zone,
// the locale or the number of goroutines. Lengths are mm, font sizes points. The package computes no amounts except
// the sums of the overview, and refuses a document whose own sums do not agree.
//
// Text can be read out of the file: one session begins one line with its running number, and the labels of the
// totals occur once.
package pdf

import (
	"fmt"
	"sync"

	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"

	"wattdue/customer"
	"wattdue/invoicing"
)

// Recipient is the frozen party a document is addressed to.
type Recipient struct {
	Name    string           `json:"name"`
	Company bool             `json:"company,omitempty"`
	Address customer.Address `json:"address"`
	VATID   string           `json:"vat_id,omitempty"` // printed when set
}

// Renderer draws documents. It holds the parsed fonts and the look; it may be used by several goroutines at once.
type Renderer struct {
	fonts *fontSet
	theme theme
	packs sync.Pool // of *packer: scratch memory, never part of a result
}

// New reads the fonts, which takes some milliseconds: make one Renderer and keep it.
func New() (*Renderer, error) {
	fonts, err := loadFonts()
	if err != nil {
		return nil, err
	}
	r := &Renderer{fonts: fonts, theme: houseTheme}
	r.packs.New = func() any { return newPacker(pageCompression) }
	return r, nil
}

// pageCompression is the deflate level of page streams; higher levels cost more than they save.
const pageCompression = 5

// Render returns the document as a PDF. It refuses drafts, kinds and tax categories it has no statutory text for,
// sums that do not agree, and sessions too long for a page; the error names the document and what is wrong.
// Characters the fonts do not have are replaced by a box.
func (r *Renderer) Render(d invoicing.Document, to Recipient) ([]byte, error) {
	pages, err := r.layout(d, to)
	if err != nil {
		return nil, fmt.Errorf("pdf of document %s: %w", d.Number, err)
	}
	out, err := r.draw(pages, about{
		title:   "Rechnung " + d.Number,
		author:  d.Issuer.Name,
		subject: fmt.Sprintf("Ladevorgänge %s bis %s", d.Period.First.German(), d.Period.Last().German()),
		created: d.IssuedOn,
	})
	if err != nil {
		return nil, fmt.Errorf("pdf of document %s: %w", d.Number, err)
	}
	return out, nil
}

// layout checks the document and arranges it on pages.
func (r *Renderer) layout(d invoicing.Document, to Recipient) ([]core.Page, error) {
	if err := check(d, to); err != nil {
		return nil, err
	}
	total, err := addUp(d)
	if err != nil {
		return nil, err
	}
	s := &sheet{fonts: r.fonts, theme: r.theme, doc: d, to: to, sums: total}
	return s.compose()
}

func (r *Renderer) draw(pages []core.Page, a about) ([]byte, error) {
	c := &canvas{fonts: r.fonts}
	for _, p := range pages {
		c.newPage()
		p.Render(c, entity.Cell{X: leftMargin, Width: bodyWidth, Height: pageHeight})
	}
	c.write = func(pages []*content, wide bool) ([]byte, error) {
		pack, _ := r.packs.Get().(*packer) // the pool makes nothing else
		defer r.packs.Put(pack)
		return writeFile(r.fonts, pages, wide, a, pack), nil
	}
	return c.GenerateBytes()
}
