package finding_test

import (
	"fmt"
	"time"

	"wattdue/cdr"
	"wattdue/meter"
	"wattdue/meter/finding"
)

// noon is 1 October 2026, 12:00 UTC.
var noon = time.Date(2026, time.October, 1, 12, 0, 0, 0, time.UTC)

// reading is taken so many minutes after noon at so many Wh.
func reading(minutes int, wh int64) meter.Reading {
	return meter.Reading{Time: noon.Add(time.Duration(minutes) * time.Minute), Clock: "S", Value: cdr.MicroKWh(wh * 1000)}
}

// session is the nth session of a meter that charges half an hour of every hour, 5 kWh each time, and signs begin and end
// on a page of their own.
func session(n int) finding.Session {
	wh := int64(1000 + 5000*n)
	return finding.Session{
		Charge: fmt.Sprintf("c%03d", n), Arrival: fmt.Sprintf("1/october/%06d", n), EVSE: "DE*ABC*E1", Watts: 11_000,
		Format: "OCMF", MeterID: "1EMH0001", KeyHash: "k1", Firmware: "1.0", Register: "1-b:1.8.0",
		Begin: reading(60*n, wh), End: reading(60*n+30, wh+5000), DurationUsable: true,
		Prints: []meter.Print{
			{Digest: fmt.Sprintf("begin%d", n), Counter: "T", Page: uint64(10 + 2*n), Rule: meter.PageNext},
			{Digest: fmt.Sprintf("end%d", n), Counter: "T", Page: uint64(11 + 2*n), Rule: meter.PageNext},
		},
	}
}

// sessions are the first n.
func sessions(n int) []finding.Session {
	list := make([]finding.Session, n)
	for i := range list {
		list[i] = session(i)
	}
	return list
}

// again is another charge record with the same signed values.
func again(s finding.Session, charge, arrival string) finding.Session {
	s.Charge, s.Arrival = charge, arrival
	return s
}

// edit changes one session of a list.
func edit(list []finding.Session, n int, f func(*finding.Session)) []finding.Session {
	f(&list[n])
	return list
}

// silent takes the pages away, as of formats that have none.
func silent(list []finding.Session) []finding.Session {
	for i := range list {
		for j := range list[i].Prints {
			list[i].Prints[j].Counter, list[i].Prints[j].Page, list[i].Prints[j].Rule = "", 0, meter.PageNone
		}
	}
	return list
}

// brief writes a finding on one line.
func brief(f finding.Finding) string {
	text := string(f.Code) + " " + f.Charge
	if f.Other != "" {
		text += " " + f.Other
	}
	return text + ": " + f.Value
}

func briefs(fs []finding.Finding) []string {
	lines := []string{}
	for _, f := range fs {
		lines = append(lines, brief(f))
	}
	return lines
}
