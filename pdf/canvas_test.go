package pdf

import (
	"strings"
	"testing"

	"github.com/johnfercher/maroto/v2/pkg/components/line"
	"github.com/johnfercher/maroto/v2/pkg/consts/align"
	"github.com/johnfercher/maroto/v2/pkg/consts/border"
	"github.com/johnfercher/maroto/v2/pkg/consts/extension"
	"github.com/johnfercher/maroto/v2/pkg/consts/orientation"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"wattdue/customer"
)

func testCanvas(t *testing.T) *canvas {
	c := &canvas{fonts: testRenderer(t).fonts}
	c.newPage()
	c.page().ops = nil
	return c
}

func TestCanvasRefusesWhatItCannotDraw(t *testing.T) {
	for name, draw := range map[string]func(c *canvas){
		"image":      func(c *canvas) { c.AddImageFromBytes(nil, nil, nil, extension.Png) },
		"file":       func(c *canvas) { c.AddImageFromFile("logo.png", nil, nil) },
		"background": func(c *canvas) { c.AddBackgroundImageFromBytes(nil, nil, nil, extension.Png) },
		"bar code":   func(c *canvas) { c.AddBarCode("1", nil, nil) },
		"matrix":     func(c *canvas) { c.AddMatrixCode("1", nil, nil) },
		"protection": func(c *canvas) { c.SetProtection(&entity.Protection{}) },
		"large code": func(c *canvas) { c.AddQrCode(strings.Repeat("x", 4000), &entity.Cell{}, nil) },
	} {
		c := testCanvas(t)
		draw(c)
		if out, err := c.GenerateBytes(); err == nil || out != nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Expected operators are worked out from the formula: 1 mm is 72/25.4 points, y counts from below, the page is
// 841.89 points high.
func TestCanvasOperators(t *testing.T) {
	ink := &props.Color{Red: 255, Green: 51}
	cfg := &entity.Config{Margins: &entity.Margins{Left: 25.4}}
	for _, c := range []struct {
		name string
		draw func(c *canvas)
		want string
	}{
		{"line", func(c *canvas) {
			l := line.New(props.Line{Color: ink, Thickness: 1, SizePercent: 100, OffsetPercent: 50})
			l.Render(c, &entity.Cell{X: 25.4, Y: 25.4, Width: 25.4, Height: 50.8})
		}, "1 0.2 0 RG\n2.83 w 72 697.89 m 144 697.89 l S\n"},
		{"upright line", func(c *canvas) {
			c.AddLine(&entity.Cell{X: 0, Y: 0, Width: 50.8, Height: 25.4},
				&props.Line{Orientation: orientation.Vertical, Thickness: 1, SizePercent: 100, OffsetPercent: 50})
		}, "2.83 w 72 841.89 m 72 769.89 l S\n"},
		{"cell with background and lower border", func(c *canvas) {
			c.CreateRow(25.4)
			c.CreateCol(25.4, 25.4, cfg, &props.Cell{BackgroundColor: ink, BorderType: border.Bottom, BorderThickness: 1})
		}, "1 0.2 0 rg\n72 697.89 72 72 re f\n2.83 w 72 697.89 m 144 697.89 l S\n"},
		{"cells advance", func(c *canvas) {
			c.CreateCol(25.4, 25.4, cfg, nil)
			c.CreateCol(25.4, 25.4, cfg, &props.Cell{BorderType: border.Full, BorderThickness: 1})
		}, "2.83 w 144 841.89 m 216 841.89 l S\n2.83 w 144 769.89 m 216 769.89 l S\n" +
			"2.83 w 144 841.89 m 144 769.89 l S\n2.83 w 216 841.89 m 216 769.89 l S\n"},
		{"centred text", func(c *canvas) {
			c.AddText("0", &entity.Cell{Width: 50.8, Height: 10}, &props.Text{Size: 10, Align: align.Center})
		}, "BT /F1 10 Tf 69.22 831.89 Td <0013> Tj ET\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sheet := testCanvas(t)
			c.draw(sheet)
			if got := string(sheet.page().ops); got != c.want {
				t.Errorf("operators\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestTransferCode(t *testing.T) {
	d := manySessions(1)
	d.Gross = 12345
	s := &sheet{doc: d}
	// Lines as EPC069-12 lists them: service tag, version, character set, identification, BIC, name, IBAN, amount,
	// purpose, structured reference, text.
	want := "BCD\n002\n1\nSCT\nCOBADEFFXXX\nStromweg Mobilität GmbH\nDE89370400440532013000\nEUR123.45\n\n\nRE-2026-0004711"
	if got := s.girocode(); got != want {
		t.Errorf("code\n%q\nwant\n%q", got, want)
	}
	for name, spoil := range map[string]func(*sheet){
		"other currency": func(s *sheet) { s.doc.Currency = "CHF" },
		"direct debit":   func(s *sheet) { s.doc.Payment.Method = customer.DirectDebit },
		"nothing to pay": func(s *sheet) { s.doc.Gross = 0 },
		"a billion":      func(s *sheet) { s.doc.Gross = 100_000_000_000 },
		"line end":       func(s *sheet) { s.doc.Issuer.BIC = "A\nB" },
	} {
		s := &sheet{doc: d}
		spoil(s)
		if got := s.girocode(); got != "" {
			t.Errorf("%s: code %q, want none", name, got)
		}
	}
}

func TestAppendScaled(t *testing.T) {
	for v, want := range map[int64]string{0: "0", 1: "0.01", 10: "0.1", 100: "1", 12345: "123.45", -250: "-2.5", -1: "-0.01", 59528: "595.28"} {
		if got := string(appendScaled(nil, v, 100)); got != want {
			t.Errorf("%d/100 is written %q, want %q", v, got, want)
		}
	}
}
