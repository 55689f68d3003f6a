package conformance

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"wattdue/conformance/checker"
)

// TestPDFsAreSound lets qpdf check every document of the month: structure, cross references and streams, without a
// warning.
func TestPDFsAreSound(t *testing.T) {
	need(t, "qpdf")
	for _, file := range glob(t, filepath.Join(month(t), "invoices", "*.pdf")) {
		if out := output(t, "qpdf", "--check", file); !strings.Contains(out, "No syntax or stream encoding errors") || strings.Contains(out, "WARNING") {
			t.Errorf("%s: %s", file, out)
		}
	}
}

// TestPagesAreNumbered finds "Seite x von y" on every page of every document.
func TestPagesAreNumbered(t *testing.T) {
	need(t, "qpdf", "pdftotext")
	several := 0
	for _, file := range glob(t, filepath.Join(month(t), "invoices", "*.pdf")) {
		text, err := checker.PDFToText(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		pages := strings.Split(strings.TrimSuffix(text, "\f"), "\f")
		if n := strings.TrimSpace(output(t, "qpdf", "--show-npages", file)); n != fmt.Sprint(len(pages)) {
			t.Errorf("%s: %s pages, text of %d", file, n, len(pages))
		}
		for i, p := range pages {
			if want := fmt.Sprintf("Seite %d von %d\n", i+1, len(pages)); strings.Count(p, "Seite ") != 1 || !strings.Contains(p, want) {
				t.Errorf("%s, page %d: not numbered %q", file, i+1, want)
			}
		}
		if len(pages) > 2 {
			several++
		}
	}
	if several == 0 {
		t.Error("no document has more than two pages")
	}
}

// TestTextCanBeCopied makes sure that the words of a page come out as words: German letters, the euro and no replacement
// characters.
func TestTextCanBeCopied(t *testing.T) {
	need(t, "pdftotext")
	all := ""
	for _, file := range glob(t, filepath.Join(month(t), "invoices", "*.pdf")) {
		text, err := checker.PDFToText(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(text, "\ufffd\u0000") {
			t.Errorf("%s has characters that mean nothing", file)
		}
		all += text
	}
	for _, want := range []string{"Geschäftsführung", "Zählerstand", "Gläubiger-ID", "Thießen", " €", "Menge × Einzelpreis", " – "} {
		if !strings.Contains(all, want) {
			t.Errorf("no document shows %q", want)
		}
	}
}
