package pdf

// theme is the look of a document: what a template may change without touching the layout.
type theme struct {
	ink, muted, accent, bright, hairline, panel colour

	body, small, fine, label, heading, title lettering
}

var (
	inkColour    = colour{0x16, 0x21, 0x2B}
	mutedColour  = colour{0x5E, 0x6B, 0x78}
	accentColour = colour{0x0B, 0x5D, 0x56}
)

// houseTheme is a deep green on white, with one bright spark in the mark. Muted text keeps a contrast above 4.5 : 1
// (WCAG 2.2, 1.4.3), so that it survives an office printer.
var houseTheme = theme{
	ink: inkColour, muted: mutedColour, accent: accentColour,
	bright:   colour{0x5B, 0xE3, 0xA4},
	hairline: colour{0xD5, 0xDC, 0xDF},
	panel:    colour{0xF1, 0xF6, 0xF5},

	body:    lettering{size: 9.2, ink: inkColour},
	small:   lettering{size: 8.2, ink: inkColour},
	fine:    lettering{size: 7.2, ink: mutedColour},
	label:   lettering{size: 7.6, ink: mutedColour},
	heading: lettering{size: 11, bold: true, ink: accentColour},
	title:   lettering{size: 17, bold: true, ink: inkColour},
}
