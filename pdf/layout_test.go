package pdf

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/invoicing"
)

// checkGeometry proves that a page can be read: every text lies on the paper and inside the type area, no two texts
// run into each other, and the body stays above the footer.
func checkGeometry(t *testing.T, pieces []placed) {
	t.Helper()
	const tolerance = 0.1 // mm
	for i, p := range pieces {
		if p.text == "" {
			continue
		}
		if p.x < 25-tolerance || p.x+p.w > 190+tolerance || p.y < 5 || p.y > 292.8 { // office printers leave 4.2 mm blank
			t.Errorf("page %d: %q from %.1f to %.1f at %.1f leaves the type area", p.page, p.text, p.x, p.x+p.w, p.y)
		}
		for _, q := range pieces[i+1:] {
			if q.page != p.page || q.y-p.y > 4 {
				break // in reading order: everything further down is farther away
			}
			// Capitals are some 0.7 of the type size high.
			near := q.y-p.y < 0.7*q.size*25.4/72-tolerance
			if near && q.text != "" && p.x+p.w > q.x+tolerance && q.x+q.w > p.x+tolerance {
				t.Errorf("page %d: %q and %q run into each other at %.1f", p.page, p.text, q.text, p.y)
			}
		}
	}
}

func TestSessionsKeepTogether(t *testing.T) {
	for _, n := range []int{1, 2, 11, 12, 13, 14, 15, 27, 28, 29, 45, 120} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			d := manySessions(n)
			pieces := texts(t, render(t, d, company()))
			checkGeometry(t, pieces)
			heads, pageOfID, pageOfNumber := map[int]float64{}, map[string]int{}, map[string]int{}
			for _, p := range pieces {
				switch {
				case p.text == "Nr.":
					heads[p.page] = p.y
				case strings.HasPrefix(p.text, "Ladevorgang "):
					pageOfID[strings.TrimPrefix(p.text, "Ladevorgang ")] = p.page
				}
				if p.x < 25.2 && p.text == strings.Trim(p.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz") && heads[p.page] > 0 && p.y > heads[p.page] {
					pageOfNumber[p.text] = p.page
				}
			}
			for i, s := range d.Sessions {
				page := pageOfID[s.SessionID]
				if page == 0 {
					t.Fatalf("session %d is not printed", i+1)
				}
				if pageOfNumber[fmt.Sprint(i+1)] != page {
					t.Errorf("session %d begins on page %d and ends on page %d", i+1, pageOfNumber[fmt.Sprint(i+1)], page)
				}
				if heads[page] == 0 {
					t.Errorf("page %d has sessions and no table head", page)
				}
			}
		})
	}
}

// A page with nothing but a sum or a note looks like a mistake.
func TestLastPageHasASession(t *testing.T) {
	for n := 10; n <= 30; n++ {
		pieces := texts(t, render(t, manySessions(n), company()))
		checkGeometry(t, pieces)
		pages := map[string]int{}
		for _, p := range pieces {
			for _, begin := range []string{"Ladevorgang ", "Summe ", "So prüfen Sie"} {
				if strings.HasPrefix(p.text, begin) {
					pages[begin] = p.page
				}
			}
		}
		last := pieces[len(pieces)-1].page
		if pages["Ladevorgang "] != last || pages["Summe "] != last || pages["So prüfen Sie"] != last {
			t.Errorf("%d sessions on %d pages: last session, sum and note on %v", n, last, pages)
		}
	}
}

func TestSumAndPaymentShareAPage(t *testing.T) {
	for _, n := range []int{1, 45} {
		pages := map[string]int{}
		for _, p := range texts(t, render(t, manySessions(n), company())) {
			for _, label := range []string{"Nettobetrag", "Rechnungsbetrag", "Zahlung per Überweisung", "Verwendungszweck"} {
				if p.text == label {
					pages[label] = p.page
				}
			}
		}
		if len(pages) != 4 {
			t.Fatalf("found %v", pages)
		}
		for label, page := range pages {
			if page != 1 {
				t.Errorf("%d sessions: %s stands on page %d, want 1", n, label, page)
			}
		}
	}
}

func TestEveryPageIsNumberedAndSigned(t *testing.T) {
	pieces := texts(t, render(t, manySessions(45), company()))
	last := pieces[len(pieces)-1].page
	lines := textLines(pieces)
	for page := 1; page <= last; page++ {
		if want := fmt.Sprintf("Seite %d von %d", page, last); strings.Count(strings.Join(lines, "\n"), want) != 1 {
			t.Errorf("%q stands not exactly once", want)
		}
	}
	for _, want := range []string{"Geschäftsführung: Dr. Änne Öztürk, Jörg Weiß", "IBAN DE89 3704 0044 0532 0130 00"} {
		n := 0
		for _, p := range pieces {
			if p.text == want {
				n++
			}
		}
		if n < last {
			t.Errorf("%q stands on %d of %d pages", want, n, last)
		}
	}
}

// DIN 5008 form B: the window is 20 to 105 mm from the left and 45 to 90 mm from the top.
func TestAddressLiesInTheWindow(t *testing.T) {
	to := company()
	to.Address.Country = "AT"
	found := 0
	for _, p := range texts(t, render(t, threeSessions(), to)) {
		if p.page != 1 || p.y < 45 || p.y > 92 || p.x > 105 {
			continue
		}
		found++
		if p.x < 20 || p.x+p.w > 105 || p.y > 90 {
			t.Errorf("%q leaves the window: x %.1f to %.1f, y %.1f", p.text, p.x, p.x+p.w, p.y)
		}
	}
	const lines = 6 // return line, name in two, street, city, country
	if found != lines {
		t.Errorf("%d lines in the window, want %d", found, lines)
	}
}

// A company must be named in full, its directors too; long names get smaller type and more lines.
func TestLongNamesStandInFull(t *testing.T) {
	d, to := threeSessions(), company()
	d.Issuer.Name = "Vereinigte Stadtwerke Nordost-Mecklenburg Elektromobilität und Ladeinfrastruktur Betriebsgesellschaft mbH"
	d.Issuer.Directors = "Dr. Maximilian von Hohenstein-Wallburg (Vors.), Sabine Oberhuber-Lindenau, Prof. Karl-Theodor Schmidt"
	pieces := texts(t, render(t, d, to))
	checkGeometry(t, pieces)
	columns := map[float64]string{} // text of the first page by left edge, top to bottom
	for _, p := range pieces {
		if p.page == 1 {
			edge := float64(int(p.x + 0.5))
			columns[edge] = strings.TrimSpace(columns[edge] + " " + p.text)
		}
	}
	whole := ""
	for _, text := range columns {
		whole += text + "\n"
	}
	for _, want := range []string{d.Issuer.Name, d.Issuer.Directors, to.Name} {
		if !strings.Contains(whole, want) {
			t.Errorf("%q is not printed in full", want)
		}
	}
}

func TestLargestFiguresFit(t *testing.T) {
	d := threeSessions()
	const most = 90_000_000_000_000_000 // cents
	s := &d.Sessions[0]
	s.Lines[0].Amount, s.Total = most, most
	s.Energy, s.MeterEnd, s.Lines[0].Quantity = 9_000_000_000_123_456, 9_000_001_234_690_456, 9_000_000_000_123_456
	g := &d.VAT[0]
	g.Gross = most + 1912 + 2879
	g.Net, g.Tax = splitForTest(t, g.Gross)
	d.Net, d.Tax, d.Gross = g.Net, g.Tax, g.Gross
	pieces := texts(t, render(t, d, privateCustomer()))
	checkGeometry(t, pieces)
	if all := strings.Join(textLines(pieces), "\n"); !strings.Contains(all, "Rechnungsbetrag 900.000.000.000.047,91 €") {
		t.Error("the sum is not printed in full")
	}
}

func splitForTest(t *testing.T, gross int64) (net, tax int64) {
	t.Helper()
	net, tax, err := invoicing.SplitTax("gross", gross, 190_000)
	if err != nil {
		t.Fatal(err)
	}
	return net, tax
}

func FuzzRender(f *testing.F) {
	f.Add("Jürgen Groß", "Parkhaus Am Markt, Köln", "CDR-1", "1EMH0012345678", "Stromweg GmbH", int64(605))
	f.Add("Дмитрий Шостакович", "Ladepark 🚗⚡️ Süd", strings.Repeat("W", 64), strings.Repeat("9", 300), "A", int64(0))
	f.Add("שלום\u202Eabc", "a\x00b\xff\n\tc", "<</Type/Page>>) Tj ET", "e\u0301\u0302", strings.Repeat("Nachtstromspeicher", 40), int64(-5))
	f.Add("W\u200dW", strings.Repeat("wwww ", 2000), "ﷺ", "½ ㎏ ﬁ", "Ⅷ Ω™", int64(1)<<50)
	f.Fuzz(func(t *testing.T, name, place, id, meterID, issuer string, cents int64) {
		d, to := threeSessions(), privateCustomer()
		to.Name, to.Address.Street, to.Address.Country = name, place, id
		d.Issuer.Name, d.Issuer.Directors, d.Issuer.Bank, d.Issuer.Web = issuer, place, name, meterID
		d.Issuer.ProofURL = "https://" + place
		d.CustomerNo, d.EMAID, d.Payment.Mandate = id, meterID, id
		s := &d.Sessions[0]
		s.Place, s.SessionID, s.MeterID, s.Token, s.EVSEID = place, id, meterID, name, id
		s.Lines[0].Amount, s.Total = cents, cents
		if cents < -1<<56 || cents > 1<<56 {
			return // refused for its sums, which is tested elsewhere
		}
		g := &d.VAT[0]
		g.Gross = cents + 1912 + 2879
		g.Net, g.Tax = splitForTest(t, g.Gross)
		d.Net, d.Tax, d.Gross = g.Net, g.Tax, g.Gross
		d.Payment.DueOn = calendar.NewDate(2026, time.November, 18)
		for _, method := range []customer.PaymentMethod{customer.DirectDebit, customer.OnAccount} {
			d.Payment.Method = method
			out, err := testRenderer(t).Render(d, to)
			if err != nil {
				continue
			}
			checkGeometry(t, texts(t, out))
		}
	})
}
