package pdf

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Jürgen Groß, 5 €", "Jürgen Groß, 5 €"},
		{"umlaut of two characters", "Ju\u0308rgen", "Jürgen"},
		{"polish and romanian", "Łódź, Timișoara", "Łódź, Timișoara"},
		{"cyrillic and greek", "Иван Петров, Αθήνα", "Иван Петров, Αθήνα"},
		{"an emoji", "Ladepark 🚗 Süd", "Ladepark □ Süd"},
		{"an emoji with joiner, skin tone and selector is one box", "a 👩🏽\u200d🔧\ufe0f b", "a □ b"},
		{"chinese", "北京", "□"},
		{"hebrew would stand in the wrong order", "שלום", "□"},
		{"line end and tab", "a\r\n\tb", "a   b"},
		{"null byte", "a\x00b", "a b"},
		{"bytes that are no UTF-8", "a\xff\xfeb", "a□b"},
		{"replacement character", "a\ufffdb", "a□b"},
		{"no-break space and hyphen", "10\u00a0kWh E\u2011Auto", "10\u00a0kWh E-Auto"},
		{"soft hyphen and direction marks", "Lade\u00adpark\u202e!", "Ladepark!"},
		{"vietnamese keeps its letters", "Nguyễn", "Nguyễn"},
		{"a ligature and a roman number", "ﬁ Ⅷ", "ﬁ VIII"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fonts := testRenderer(t).fonts
			if got := fonts.printable(c.in); got != c.want {
				t.Errorf("printable(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestPrintableNeedsNoSecondPass(t *testing.T) {
	fonts := testRenderer(t).fonts
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "text")
		once := fonts.printable(in)
		if twice := fonts.printable(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", in, once, twice)
		}
		for _, r := range once {
			if !fonts.has(r) {
				t.Fatalf("%q keeps %q, which a font does not have", in, r)
			}
		}
	})
}

// A foreign name takes the wide programs; its text can still be read out of the file.
func TestForeignNames(t *testing.T) {
	plain := render(t, threeSessions(), privateCustomer())
	to := privateCustomer()
	to.Name = "Дмитрий Шостакович 🎼"
	foreign := render(t, threeSessions(), to)
	if lines := strings.Join(textLines(texts(t, foreign)), "\n"); !strings.Contains(lines, "Guten Tag Дмитрий Шостакович □,") {
		t.Errorf("the name is not in the text:\n%s", lines)
	}
	if len(plain) > 60_000 || len(foreign) < len(plain)+20_000 {
		t.Errorf("%d bytes with Latin, %d with Cyrillic: want the large fonts only where they are needed", len(plain), len(foreign))
	}
}

func TestBreakLines(t *testing.T) {
	f := testRenderer(t).fonts.regular
	// Liberation Sans has the widths of Arial: a digit is 1139 of 2048 units, a space 569. At 10 points a digit is
	// 1.96 mm, so that five of them and no more fit into 10 mm.
	for _, c := range []struct {
		name, in string
		width    float64
		want     string
	}{
		{"nothing", "", 10, ""},
		{"it fits", "12345", 10, "12345"},
		{"at the blank", "123 45 6", 10, "123|45 6"},
		{"a long word is cut", "1234567890123", 10, "12345|67890|123"},
		{"a long word after a short one", "1 234567", 10, "1|23456|7"},
		{"narrower than a letter", "12", 1, "1|2"},
		{"no width at all", "12", 0, "1|2"},
		{"blanks only", "          ", 5, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(f.breakLines(c.in, 10, c.width), "|"); got != c.want {
				t.Errorf("lines %q, want %q", got, c.want)
			}
		})
	}
	if got := strings.Join(f.limitLines("123 456 789", 10, 10, 2), "|"); got != "123|456…" {
		t.Errorf("limited to two lines: %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[a-zA-ZäöüW ]{0,60}`).Draw(t, "text")
		width := rapid.Float64Range(5, 60).Draw(t, "width")
		lines := f.breakLines(in, 9, width)
		if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(in, " ", ""); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		for _, line := range lines {
			if f.width(line, 9) > width {
				t.Fatalf("line %q is %.2f mm wide, more than %.2f", line, f.width(line, 9), width)
			}
		}
	})
}
