package pricelist

import (
	"fmt"
	"strings"
	"unicode"

	"wattdue/money"
)

// background and ink are colours of the table of 256 that terminals know, for the shades of the picture.
var (
	background = [shades]int{230, 193, 151, 79, 37, 31, 24}
	ink        = [shades]int{16, 16, 16, 16, 231, 231, 231}
)

// The marks of hours without a price.
const (
	gapMark  = '!'
	freeMark = '.'
)

// Screen prints the week for a terminal: a line for each day, a letter for each price, and below what the letters mean.
// With colour the letters stand on the shades of the picture.
func (w *Week) Screen(currency money.Currency, colour bool) string {
	var b strings.Builder
	width := w.minutesPerColumn()
	perHour := 60 / width
	if perHour == 1 {
		perHour = 2 // an hour is wide enough to be read
	}
	fmt.Fprintf(&b, "%s, %s\n", printable(upperFirst(w.Title())), currency)
	fmt.Fprintf(&b, "%-8s", "")
	for h := 0; h < 24; h += 2 {
		fmt.Fprintf(&b, "%-*s", 2*perHour, fmt.Sprintf("%02d", h))
	}
	b.WriteString("\n")
	for _, d := range w.Days {
		fmt.Fprintf(&b, "%-8s", d.Name)
		for _, s := range d.Stretches {
			n := (s.To*perHour+59)/60 - (s.From*perHour+59)/60
			b.WriteString(w.block(s.Step, n, colour))
		}
		b.WriteString("\n")
	}
	for i, s := range w.Steps {
		fmt.Fprintf(&b, "      %s %s: %s\n", w.block(i, 1, colour), printable(s.Text), s.Hours)
	}
	if w.HasGap {
		text := "no price"
		if w.Free {
			text = "free"
		}
		fmt.Fprintf(&b, "      %s %s: %s\n", w.block(-1, 1, colour), text, w.HoursOf(-1))
	}
	return b.String()
}

// printable keeps the names of a tariff from steering the terminal.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '?'
	}, s)
}

// block is n columns of a step.
func (w *Week) block(step, n int, colour bool) string {
	text, back, front := strings.Repeat(string(letterOf(step)), n), 160, 231
	if step >= 0 {
		shade := w.Steps[step].Shade
		back, front = background[shade], ink[shade]
	} else if w.Free {
		return strings.Repeat(string(freeMark), n)
	}
	if !colour {
		return text
	}
	return fmt.Sprintf("\x1b[48;5;%dm\x1b[38;5;%dm%s\x1b[0m", back, front, text)
}

func letterOf(step int) rune {
	switch {
	case step < 0:
		return gapMark
	case step < 26:
		return rune('a' + step)
	case step < 52:
		return rune('A' + step - 26)
	}
	return '#'
}

// minutesPerColumn is the coarsest division of the day that has no edge inside a column, down to a quarter of an hour.
func (w *Week) minutesPerColumn() int {
	width := 60
	for _, d := range w.Days {
		for _, s := range d.Stretches {
			for s.From%width != 0 && width > 15 {
				width /= 2
			}
		}
	}
	return width
}
