package pdf

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/rating"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The lines below were written by hand from the fixture, not taken from the program.
func TestInvoiceTellsWhatTheLawAsks(t *testing.T) {
	lines := textLines(texts(t, render(t, threeSessions(), privateCustomer())))
	for _, want := range []string{
		"Stromweg Mobilität GmbH · Rheinuferstraße 12 · 50667 Köln",
		"Jürgen Groß", "Südwall 7 b", "47798 Krefeld",
		"Rechnungsnummer RE-2026-0000001", "Rechnungsdatum 04.11.2026", "Kundennummer K-100234", "Vertrag V-2024-0815",
		"EMA-ID DE-SWM-C00A1B2C3-4", "Leistungszeitraum 01.10.2026 – 31.10.2026", "Einzug am 18.11.2026",
		"Rechnung RE-2026-0000001",
		"Ladestrom 92,415 kWh 50,11 €", "Standzeit nach Ladeende 35 min 3,50 €", "Startgebühr 1 × 0,35 €",
		"Steuersatz 19 % 45,34 € 8,62 € 53,96 €",
		"Nettobetrag 45,34 €", "USt. 19 % 8,62 €", "Rechnungsbetrag 53,96 €",
		"Betrag 53,96 € Einzug am 18.11.2026", "Mandatsreferenz M-2024-0815-01 Gläubiger-ID DE98ZZZ09999999999",
		"IBAN DE12 **** **** **** **34 56",
		"1 01.10.2026 08:15 – 09:02 1.234,567 12,345 kWh 6,05 €",
		"Parkhaus Am Markt, Köln 1.246,912 Ladestrom 12,345 kWh × 0,49 €/kWh 6,05 €",
		"Ladevorgang 5f0c6f9e-3b0a-4f7e-9a51-0d5cbb1f7a01",
		"2 14.10.2026 23:20 – 15.10.2026 01:55 88,000 31,870 kWh 19,12 €",
		"DE*SWM*E2044*2 · Karte …A1B2 1EMH0012349999 Standzeit nach Ladeende 35 min × 0,10 €/min 3,50 €",
		"Ladevorgang CDR-000982",
		"3 25.10.2026 02:40 (UTC+2) – 02:20 (UTC+1) 20.410,113 48,200 kWh 28,79 €",
		"Summe aus 3 Ladevorgängen 92,415 kWh 53,96 €",
		"Einzelnachweis Ihrer Ladevorgänge Alle Preise inkl. USt.",
		"Seite 1 von 2", "Seite 2 von 2",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q", want)
		}
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"USt-IdNr. DE123456789", "Steuernummer 215/5900/1234", "Amtsgericht Köln, HRB 98765",
		"Geschäftsführung: Dr. Änne Öztürk, Jörg Weiß", "IBAN DE89 3704 0044 0532 0130 00", "So prüfen Sie Ihre Messwerte",
	} {
		if strings.Count(all, want) == 0 {
			t.Errorf("%q is nowhere", want)
		}
	}
	for _, label := range []string{"Rechnungsbetrag ", "Nettobetrag ", "USt. 19 % "} {
		if n := len(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.HasPrefix(l, label) })); n != 1 {
			t.Errorf("%d lines begin with %q, want 1", n, label)
		}
	}
}

func TestOnAccountShowsWhereToPay(t *testing.T) {
	d := manySessions(3)
	lines := strings.Join(textLines(texts(t, render(t, d, company()))), "\n")
	for _, want := range []string{
		"Fällig am 18.11.2026", "IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX",
		"Empfänger Stromweg Mobilität GmbH Verwendungszweck RE-2026-0004711", "§ 286 Abs. 3", "Ihre USt-IdNr. DE811234567",
		"Alle Preise netto zzgl. USt.",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q is nowhere", want)
		}
	}
	if strings.Contains(lines, "Mandat") || strings.Contains(lines, "Einzug") {
		t.Error("an invoice on account speaks of a mandate")
	}
}

func TestNothingToPayAsksForNothing(t *testing.T) {
	d := threeSessions()
	for i := range d.Sessions {
		for k := range d.Sessions[i].Lines {
			d.Sessions[i].Lines[k].Unit, d.Sessions[i].Lines[k].Amount = 0, 0
		}
		d.Sessions[i].Total = 0
	}
	d.VAT[0].Net, d.VAT[0].Tax, d.VAT[0].Gross = 0, 0, 0
	d.Net, d.Tax, d.Gross = 0, 0, 0
	d.Payment = invoicing.Payment{Method: customer.DirectDebit}
	lines := strings.Join(textLines(texts(t, render(t, d, privateCustomer()))), "\n")
	if !strings.Contains(lines, "Rechnungsbetrag 0,00 €") || strings.Contains(lines, "Einzug am") || strings.Contains(lines, "Bitte überweisen") {
		t.Errorf("a free month must ask for no payment:\n%s", lines)
	}
}

func TestGoldenText(t *testing.T) {
	for name, out := range map[string][]byte{
		"debit":   render(t, threeSessions(), privateCustomer()),
		"account": render(t, manySessions(45), company()),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".txt")
			got := sheetText(texts(t, out))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("text of the page changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSameBytesEverywhere(t *testing.T) {
	home, procs := time.Local, runtime.GOMAXPROCS(0)
	t.Cleanup(func() { time.Local = home; runtime.GOMAXPROCS(procs) })
	one, many := threeSessions(), manySessions(20)
	wantOne, wantMany := render(t, one, privateCustomer()), render(t, many, company())
	if bytes.Equal(wantOne, wantMany) {
		t.Fatal("two documents give one file")
	}
	for _, place := range []struct {
		zone  *time.Location
		procs int
		lang  string
	}{{time.UTC, 1, "C"}, {time.FixedZone("Kiritimati", 14*3600), 2, "de_DE.UTF-8"}, {time.FixedZone("Adak", -10*3600), 4, "tr_TR.UTF-8"}} {
		time.Local = place.zone
		runtime.GOMAXPROCS(place.procs)
		t.Setenv("LANG", place.lang)
		t.Setenv("LC_ALL", place.lang)
		r, err := New() // fonts read anew: maps are walked in another order
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				d, to, want := one, privateCustomer(), wantOne
				if i%2 == 1 {
					d, to, want = many, company(), wantMany
				}
				got, err := r.Render(d, to)
				if err != nil {
					t.Error(err)
				} else if !bytes.Equal(got, want) {
					t.Errorf("%s, goroutine %d: other bytes", place.zone, i)
				}
			})
		}
		wg.Wait()
	}
}

func TestDatesOfTheFileComeFromTheDocument(t *testing.T) {
	d := threeSessions()
	d.IssuedOn = calendar.NewDate(2031, time.March, 9)
	out := render(t, d, privateCustomer())
	dates := regexp.MustCompile(`\(D:[^)]*\)`).FindAllString(string(out), -1)
	if !slices.Equal(dates, []string{"(D:20310309000000Z)", "(D:20310309000000Z)"}) {
		t.Errorf("dates are %q", dates)
	}
}

func TestFileIDFollowsTheContent(t *testing.T) {
	id := regexp.MustCompile(`/ID \[<(\w{32})> <(\w{32})>\]`)
	d := threeSessions()
	a := id.FindSubmatch(render(t, d, privateCustomer()))
	d.CustomerNo = "K-100235"
	b := id.FindSubmatch(render(t, d, privateCustomer()))
	if a == nil || b == nil || bytes.Equal(a[1], b[1]) {
		t.Errorf("file ids %q and %q, want two different ones", a, b)
	}
}

func TestFileIsValid(t *testing.T) {
	api.DisableConfigDir()
	for _, n := range []int{1, 45} {
		conf := model.NewDefaultConfiguration()
		conf.ValidationMode = model.ValidationStrict
		if err := api.Validate(bytes.NewReader(render(t, manySessions(n), company())), conf); err != nil {
			t.Errorf("%d sessions: %v", n, err)
		}
	}
}

func TestLinkLeadsToTheProof(t *testing.T) {
	out := render(t, threeSessions(), privateCustomer())
	if !bytes.Contains(out, []byte("/URI (https://stromweg.example/nachweis/7f3k-29xq)")) {
		t.Error("the address of the signed records cannot be clicked")
	}
	d := threeSessions()
	d.Issuer.ProofURL = "javascript:alert(1)"
	if bytes.Contains(render(t, d, privateCustomer()), []byte("/URI")) {
		t.Error("an address other than https became a link")
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		spot func(*invoicing.Document, *Recipient)
		want string
	}{
		{"a draft", func(d *invoicing.Document, _ *Recipient) { d.Number = "" }, "has no number"},
		{"a number with a slash", func(d *invoicing.Document, _ *Recipient) { d.Number = "RE/1" }, "letters, digits and hyphens"},
		{"a number of 21 signs", func(d *invoicing.Document, _ *Recipient) { d.Number = strings.Repeat("1", 21) }, "at most 20"},
		{"another kind", func(d *invoicing.Document, _ *Recipient) { d.Kind = "dunning" }, "no layout"},
		{"no mode", func(d *invoicing.Document, _ *Recipient) { d.Mode = "" }, "neither gross nor net"},
		{"no issue date", func(d *invoicing.Document, _ *Recipient) { d.IssuedOn = calendar.Date{} }, "issue date"},
		{"no period", func(d *invoicing.Document, _ *Recipient) { d.Period = calendar.Period{} }, "period"},
		{"year 10000", func(d *invoicing.Document, _ *Recipient) { d.IssuedOn.Year = 10000 }, "four digits"},
		{"unknown currency", func(d *invoicing.Document, _ *Recipient) { d.Currency = "XTS" }, "currency"},
		{"no recipient", func(_ *invoicing.Document, r *Recipient) { r.Name = " " }, "recipient name"},
		{"no tax number", func(d *invoicing.Document, _ *Recipient) { d.Issuer.VATID, d.Issuer.TaxNo = "", "" }, "tax number"},
		{"no registration abroad", func(d *invoicing.Document, _ *Recipient) { d.Registered = "FR" }, "no tax registration"},
		{"reverse charge", func(d *invoicing.Document, _ *Recipient) { d.VAT[0].Category = "AE" }, "statutory note"},
		{"no mandate", func(d *invoicing.Document, _ *Recipient) { d.Payment.Mandate = "" }, "pre-notification"},
		{"no payment method", func(d *invoicing.Document, _ *Recipient) { d.Payment.Method = "" }, "payment method"},
		{"on account without account", func(d *invoicing.Document, _ *Recipient) {
			d.Payment.Method, d.Issuer.IBAN = customer.OnAccount, ""
		}, "IBAN"},
		{"a cent too much", func(d *invoicing.Document, _ *Recipient) { d.Gross++ }, "gross"},
		{"a session with a wrong sum", func(d *invoicing.Document, _ *Recipient) { d.Sessions[1].Total++ }, "CDR-000982"},
		{"a session without id", func(d *invoicing.Document, _ *Recipient) { d.Sessions[1].SessionID = "" }, "session 2 has no id"},
		{"an endless id", func(d *invoicing.Document, _ *Recipient) { d.EMAID = strings.Repeat("A", 65) }, "longer than 64"},
		{"a start that is no time", func(d *invoicing.Document, _ *Recipient) { d.Sessions[0].Start = "gestern" }, "RFC 3339"},
		{"an end before the start", func(d *invoicing.Document, _ *Recipient) { d.Sessions[0].End = "2026-10-01T08:15:11+02:00" }, "before start"},
		{"more energy than there is", func(d *invoicing.Document, _ *Recipient) {
			d.Sessions[0].Energy, d.Sessions[1].Energy = 1<<62, 1<<62
		}, "too large"},
		{"a session longer than a page", func(d *invoicing.Document, _ *Recipient) {
			s := &d.Sessions[0]
			for range 90 {
				s.Lines = append(s.Lines, otherLine(rating.Idle, 60, 1, 0))
			}
		}, "do not fit on a page"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, to := threeSessions(), privateCustomer()
			c.spot(&d, &to)
			out, err := testRenderer(t).Render(d, to)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error is %v, want one about %q", err, c.want)
			}
			if out != nil {
				t.Error("an error came with a file")
			}
			if strings.Contains(err.Error(), "Groß") || strings.Contains(err.Error(), d.Payment.DebtorIBAN) && d.Payment.DebtorIBAN != "" {
				t.Errorf("the error tells personal data: %v", err)
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	r := testRenderer(b)
	for _, n := range []int{12, 40} {
		d := manySessions(n)
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				out, err := r.Render(d, company())
				if err != nil {
					b.Fatal(err)
				}
				size = len(out)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
