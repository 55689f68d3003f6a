package pdf

import (
	"strings"
	"testing"

	"wattdue/invoicing"
)

// inFooter returns what stands below the body of the first page.
func inFooter(pieces []placed) []placed {
	var out []placed
	for _, p := range pieces {
		if p.page == 1 && p.y > footerTop+5 {
			out = append(out, p)
		}
	}
	return out
}

func TestFooterBreaksNoAddress(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*invoicing.Issuer)
		size float64 // the type they stand in
	}{
		{"usual", func(*invoicing.Issuer) {}, 6.4},
		{"an address of 32 letters", func(i *invoicing.Issuer) {
			i.Email, i.Web = "rechnung@nordlicht-mobil.example", "https://nordlicht-mobil.example"
			i.Bank, i.Directors = "Norddeutsche Leuchtfeuerbank", "Dr. Frauke Jöhnk, Henning Thießen"
		}, 6.4},
		{"a long address takes room from the directors", func(i *invoicing.Issuer) {
			i.Email = "kundenservice-abrechnung@ladeinfrastruktur.example"
			i.Directors = "Dr. Maximilian von Hohenstein-Wallburg (Vors.), Sabine Oberhuber-Lindenau"
		}, 6.4},
		{"a very long address makes all type smaller", func(i *invoicing.Issuer) {
			i.Email = "kundenservice-rechnungen-elektromobilitaet@vereinigte-stadtwerke-nordost.example"
		}, 5.6},
		{"an address and a page", func(i *invoicing.Issuer) {
			i.Web = "https://www.vereinigte-stadtwerke-nordost.example/elektromobilitaet/ladenetz/rechnung/fragen"
		}, 4.9},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := threeSessions()
			c.edit(&d.Issuer)
			pieces := texts(t, render(t, d, privateCustomer()))
			checkGeometry(t, pieces)
			i := d.Issuer
			for _, want := range []string{
				i.Phone, i.Email, i.Web, "USt-IdNr. " + i.VATID, "Steuernummer " + i.TaxNo,
				"IBAN DE89 3704 0044 0532 0130 00", "BIC " + i.BIC, "Register und Steuern",
			} {
				found := false
				for _, p := range inFooter(pieces) {
					if p.text == want {
						found = true
						if p.size != c.size {
							t.Errorf("%q stands in %.1f points, want %.1f", want, p.size, c.size)
						}
					}
				}
				if !found {
					t.Errorf("%q does not stand in one piece", want)
				}
			}
		})
	}
}

// What is wider than all room at the least size is cut, but nothing leaves the page and nothing is lost.
func TestFooterCutsWhatCannotFit(t *testing.T) {
	d := threeSessions()
	d.Issuer.Email = strings.Repeat("abrechnung.", 12) + "@stromweg.example"
	pieces := texts(t, render(t, d, privateCustomer()))
	checkGeometry(t, pieces)
	all := ""
	for _, p := range inFooter(pieces) {
		if strings.HasPrefix(d.Issuer.Email, all+p.text) {
			all += p.text
		}
	}
	if all != d.Issuer.Email {
		t.Errorf("of the address only %q is printed", all)
	}
}
