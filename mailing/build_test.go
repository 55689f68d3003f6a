package mailing

import (
	"bytes"
	"encoding/base64"
	"errors"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var sentAt = time.Date(2026, 11, 2, 8, 30, 15, 0, time.UTC)

func letter() Message {
	return Message{
		Name: "RE-2026-0000001", ID: "0123456789abcdef0123456789abcdef.invoice.0a1b2c3d@ladenetz.example", Date: sentAt,
		From: `"Ladenetz Süd GmbH" <rechnung@ladenetz.example>`, ReplyTo: "service@ladenetz.example",
		To: "erika@kundin.example", ToName: "Erika Müßig",
		Subject: "Ihre Rechnung RE-2026-0000001 von Ladenetz Süd GmbH",
		Text:    "Guten Tag,\n\nfür Oktober: 25,47 €.\n", HTML: "<p>für Oktober: 25,47 €</p>",
		Attached: []Attachment{{"RE-2026-0000001.pdf", "application/pdf", []byte("%PDF-1.7 not really")}},
	}
}

func built(t testing.TB, m Message) []byte {
	t.Helper()
	raw, err := Build(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from the golden file, got\n%s", name, got)
	}
}

func TestBuildGolden(t *testing.T) { golden(t, "letter.eml", built(t, letter())) }

// part is one leaf of a message, decoded by the standard library.
type part struct{ mediaType, file, body string }

func parts(t testing.TB, contentType, encoding, disposition string, body io.Reader) []part {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("content type %q: %v", contentType, err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		switch encoding {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		_, d, _ := mime.ParseMediaType(disposition)
		return []part{{kind, d["filename"], string(text)}}
	}
	all := []part{{kind, "", ""}}
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parts(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p)...)
	}
}

func parse(t testing.TB, raw []byte) (*mail.Message, []part) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return m, parts(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", m.Body)
}

func TestReadersSeeTheMessage(t *testing.T) {
	m, got := parse(t, built(t, letter()))
	want := []part{
		{"multipart/mixed", "", ""},
		{"multipart/alternative", "", ""},
		{"text/plain", "", "Guten Tag,\r\n\r\nfür Oktober: 25,47 €.\r\n"},
		{"text/html", "", "<p>für Oktober: 25,47 €</p>"},
		{"application/pdf", "RE-2026-0000001.pdf", "%PDF-1.7 not really"},
	}
	if len(got) != len(want) {
		t.Fatalf("parts %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("part %d is %q, want %q", i, got[i], want[i])
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Ihre Rechnung RE-2026-0000001 von Ladenetz Süd GmbH" {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != "Erika Müßig" || to[0].Address != "erika@kundin.example" {
		t.Errorf("to %v, %v", to, err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<0123456789abcdef0123456789abcdef.invoice.0a1b2c3d@ladenetz.example>", "Date": "Mon, 02 Nov 2026 08:30:15 +0000",
		"Auto-Submitted": "auto-generated", "Reply-To": "<service@ladenetz.example>", "Mime-Version": "1.0",
		"User-Agent": "", "X-Mailer": "", "List-Unsubscribe": "",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestShapes(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Message)
		want   string
	}{
		{"text only", func(m *Message) { m.HTML, m.Attached = "", nil }, "text/plain"},
		{"text and HTML", func(m *Message) { m.Attached = nil }, "multipart/alternative text/plain text/html"},
		{"text and file", func(m *Message) { m.HTML = "" }, "multipart/mixed text/plain application/pdf"},
		{
			"two files", func(m *Message) { m.Attached = append(m.Attached, Attachment{"a.xml", "application/xml", nil}) },
			"multipart/mixed multipart/alternative text/plain text/html application/pdf application/xml",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := letter()
			tt.change(&m)
			raw := built(t, m)
			_, got := parse(t, raw)
			var kinds []string
			for _, p := range got {
				kinds = append(kinds, p.mediaType)
			}
			if s := strings.Join(kinds, " "); s != tt.want {
				t.Errorf("parts %s, want %s", s, tt.want)
			}
			if !bytes.Equal(raw, built(t, m)) {
				t.Error("a second build differs")
			}
		})
	}
}

func TestSameBytesEverywhere(t *testing.T) {
	want := built(t, letter())
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	for _, zone := range []string{"UTC-11", "UTC+14"} {
		time.Local = time.FixedZone(zone, 14*3600)
		m := letter()
		m.Date = m.Date.In(time.Local)
		if !bytes.Equal(built(t, m), want) {
			t.Errorf("bytes depend on the time zone %s", zone)
		}
	}
	procs := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(procs)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if raw, err := Build(letter()); err != nil || !bytes.Equal(raw, want) {
				t.Errorf("a parallel build differs, %v", err)
			}
		})
	}
	wg.Wait()
}

func TestContentThatLooksLikeABoundary(t *testing.T) {
	fake := "Content-Type: multipart/mixed; boundary=" + strings.Repeat("a1", 30)
	m := letter()
	m.Subject, m.ToName = "Rechnung "+strings.Repeat("x", 60)+" "+fake, fake
	m.Text = "\r\nContent-Type: multipart/alternative;\r\n boundary=" + strings.Repeat("b2", 30) + "\r\n"
	raw := built(t, m)
	if !bytes.Equal(raw, built(t, m)) {
		t.Error("a second build differs")
	}
	if _, got := parse(t, raw); len(got) != 5 || got[2].body != m.Text {
		t.Errorf("parts %q", got)
	}
}

func TestEveryFieldChangesTheBoundary(t *testing.T) {
	seen := map[string]string{contentHash(letter()): "unchanged"}
	for name, change := range map[string]func(*Message){
		"id": func(m *Message) { m.ID += "x" }, "date": func(m *Message) { m.Date = m.Date.Add(time.Second) },
		"to": func(m *Message) { m.To += "x" }, "text": func(m *Message) { m.Text += "x" }, "html": func(m *Message) { m.HTML += "x" },
		"subject": func(m *Message) { m.Subject += "x" }, "pdf": func(m *Message) { m.Attached[0].Bytes = []byte("x") },
	} {
		m := letter()
		change(&m)
		hash := contentHash(m)
		if other, twice := seen[hash]; twice {
			t.Errorf("%s gives the boundary of %s", name, other)
		}
		seen[hash] = name
	}
}

func TestBuildRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Message)
		says   string
	}{
		{"no id", func(m *Message) { m.ID = "" }, "message id"},
		{"line break in the id", func(m *Message) { m.ID = "a@b\r\nBcc: x" }, "message id"},
		{"no date", func(m *Message) { m.Date = time.Time{} }, "date"},
		{"no sender", func(m *Message) { m.From = "" }, "from is no usable"},
		{"line break in the sender", func(m *Message) { m.From = "a@b.example\r\nBcc: <x@y.example>" }, "from is no usable"},
		{"no recipient", func(m *Message) { m.To = "" }, "to is no usable"},
		{"two recipients", func(m *Message) { m.To = "a@b.example, c@d.example" }, "to is no usable"},
		{"recipient with name", func(m *Message) { m.To = "A <a@b.example>" }, "bare address"},
		{"line break in the recipient", func(m *Message) { m.To = "a@b.example\r\nDATA" }, "to is no usable"},
		{"umlaut in the recipient", func(m *Message) { m.To = "jörg@b.example" }, "to is no usable"},
		{"quoted recipient", func(m *Message) { m.To = `"a b"@c.example` }, "to is no usable"},
		{"reply address", func(m *Message) { m.ReplyTo = "nobody" }, "reply-to is no usable"},
		{"no subject", func(m *Message) { m.Subject = "\r\n" }, "subject"},
		{"no text", func(m *Message) { m.Text = " " }, "text"},
		{"file name with line break", func(m *Message) { m.Attached[0].Name = "a\r\n.pdf" }, "attachment"},
		{"file name with path", func(m *Message) { m.Attached[0].Name = "../a.pdf" }, "attachment"},
		{"media type", func(m *Message) { m.Attached[0].MediaType = "application/pdf\r\nX: y" }, "attachment"},
		{"eleven megabytes", func(m *Message) { m.Attached[0].Bytes = make([]byte, 8<<20) }, "10 MB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := letter()
			m.Attached = []Attachment{m.Attached[0]}
			tt.change(&m)
			_, err := Build(m)
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "RE-2026-0000001") {
				t.Fatalf("got %v, want a text with %q and the name", err, tt.says)
			}
			if strings.Contains(err.Error(), "example") || len(m.To) > 3 && strings.Contains(err.Error(), m.To) {
				t.Errorf("the error shows an address: %v", err)
			}
		})
	}
}

// checkHeaders fails when anything in the free texts made a header or a line that is too long.
func checkHeaders(t interface {
	Fatalf(string, ...any)
	Errorf(string, ...any)
}, m Message,
) {
	raw, err := Build(m)
	if err != nil {
		return
	}
	read, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	allowed := map[string]bool{
		"Auto-Submitted": true, "Date": true, "Mime-Version": true, "Message-Id": true, "Subject": true,
		"From": true, "To": true, "Reply-To": true, "Content-Type": true, "Content-Transfer-Encoding": true,
	}
	for name, values := range read.Header {
		if !allowed[name] || len(values) != 1 {
			t.Errorf("header %s with %q in\n%s", name, values, raw)
		}
	}
	to, err := read.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != m.To {
		t.Errorf("to is %v, %v", to, err)
	}
	from, err := read.Header.AddressList("From")
	if err != nil || len(from) != 1 {
		t.Errorf("from is %v, %v", from, err)
	}
	for _, l := range strings.Split(string(raw), "\r\n") {
		if len(l) > 998 || strings.ContainsAny(l, "\r\n") || !isASCII(l) {
			t.Errorf("line %q is too long or not plain", l)
		}
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func FuzzHeaderInjection(f *testing.F) {
	f.Add("Ladenetz", "Erika\r\nBcc: <x@y.example>", "Ihre Rechnung\nX-Evil: 1", "a@b.example", "text")
	f.Add(`"> <x@y.example>,`, "\x00\u2028ü", strings.Repeat("ä", 300), "a@b.example", "\r\n.\r\nMAIL FROM:<x>")
	f.Add("=?utf-8?q?=0D=0ABcc:_x?=", "a,b;c:d", strings.Repeat("x", 2000), "=?utf-8?q?a?=@b.example", "")
	f.Fuzz(func(t *testing.T, issuer, name, subject, to, text string) {
		m := letter()
		m.From = addressLine(issuer, "rechnung@ladenetz.example")
		m.ToName, m.Subject, m.To, m.Text, m.HTML = name, subject, to, text, text
		checkHeaders(t, m)
	})
}

func TestFreeTextsMakeNoHeaders(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("aZ ä€\r\n\t\x00:<>\"@,;=?\\\u2028")))
	rapid.Check(t, func(t *rapid.T) {
		m := letter()
		m.From = addressLine(text.Draw(t, "issuer"), "rechnung@ladenetz.example")
		m.ToName, m.Subject = text.Draw(t, "name"), "S"+text.Draw(t, "subject")
		if _, err := Build(m); err != nil {
			t.Fatalf("free text is refused: %v", err)
		}
		checkHeaders(t, m)
	})
}
