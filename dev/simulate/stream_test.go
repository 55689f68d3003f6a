package simulate

import (
	"bytes"
	"crypto/sha256"
	"io"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
)

func TestStreamIsHonestAndOrderly(t *testing.T) {
	w := generate(t, Options{Seed: 4, Customers: 30, Sessions: -1, EVSEs: 20})
	last := map[int]Session{}
	n := 0
	for s, err := range w.Stream(600) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		session := s.Session
		if day := calendar.DateOf(session.Start, w.zone); !w.Options.Month.Contains(day) {
			t.Errorf("session %d starts on %s", session.Number, day)
		}
		if before, ok := last[session.EVSE]; ok && (session.Start.Before(before.End.Add(breather)) || session.Begin != before.Final) {
			t.Errorf("sessions %d and %d do not follow each other", before.Number, session.Number)
		}
		last[session.EVSE] = session
		if session.Charging() < grain || session.Idle() < 0 || session.Charging()%grain != 0 || session.Idle()%grain != 0 {
			t.Errorf("session %d: charging %s, idle %s", session.Number, session.Charging(), session.Idle())
		}
		if r := parse(s.JSON); r.fields == nil || bytes.ContainsRune(s.JSON, '\n') {
			t.Errorf("session %d is no line of JSON", session.Number)
		}
		if cost, err := w.Cost(&session); err != nil || cost.Missing {
			t.Errorf("session %d: %+v, %v", session.Number, cost, err)
		}
	}
	if n != 600 {
		t.Errorf("%d records, want 600", n)
	}
}

func TestStreamRepeatsItself(t *testing.T) {
	w := generate(t, Options{Seed: 4, Customers: 30, Sessions: -1, EVSEs: 20})
	hash := func() string {
		h := sha256.New()
		if err := w.WriteStream(h, 200); err != nil {
			t.Fatal(err)
		}
		return string(h.Sum(nil))
	}
	if hash() != hash() {
		t.Error("two streams of one world differ")
	}
}

func TestStreamFillsTheMonthToTheBrim(t *testing.T) {
	w := generate(t, Options{Seed: 4, Customers: 5, Sessions: -1, EVSEs: 1, Month: calendar.Period{
		First: calendar.NewDate(2026, time.October, 25), Next: calendar.NewDate(2026, time.October, 26),
	}})
	// The day has 25 hours: 500 slots of three minutes.
	if err := w.WriteStream(io.Discard, 500); err != nil {
		t.Error(err)
	}
	err := w.WriteStream(io.Discard, 501)
	if err == nil || !strings.HasPrefix(err.Error(), "stream 501 records at 1 charge points in 2026-10-25: no room") {
		t.Errorf("501 records: %v", err)
	}
}

func BenchmarkStream(b *testing.B) {
	w, err := Generate(Options{Seed: 1, Sessions: -1, EVSEs: 1000})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	if err := w.WriteStream(io.Discard, b.N); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkMonth(b *testing.B) {
	for b.Loop() {
		w, err := Generate(Options{Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range w.Files {
			if err := w.WriteFile(io.Discard, f); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.WriteTruth(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
