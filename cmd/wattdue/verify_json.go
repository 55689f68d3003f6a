package main

import (
	"fmt"
	"io"
	"time"

	"wattdue/meter"
	"wattdue/meter/evidence"
)

// verdictView is a verdict for machines. Its member names are stable.
type verdictView struct {
	File         string         `json:"file"`
	Record       string         `json:"record,omitempty"`
	Format       string         `json:"format,omitempty"`
	Container    string         `json:"container,omitempty"`
	Curve        string         `json:"curve,omitempty"`
	Manufacturer string         `json:"manufacturer,omitempty"`
	Model        string         `json:"model,omitempty"`
	Meter        string         `json:"meter,omitempty"`
	Signature    string         `json:"signature"`
	Session      string         `json:"session"`
	Verdict      string         `json:"verdict"`
	Billable     bool           `json:"billable"`
	EnergyKWh    string         `json:"energy_kwh,omitempty"` // with begin and end only when every signature holds
	Begin        *time.Time     `json:"begin,omitempty"`
	End          *time.Time     `json:"end,omitempty"`
	KeySource    string         `json:"key_source,omitempty"` // registered, record
	KeySHA256    string         `json:"key_sha256,omitempty"`
	Profile      string         `json:"profile,omitempty"`
	Reasons      []meter.Reason `json:"reasons"`
}

func viewVerdict(s evidence.Session, v meter.Verdict) verdictView {
	view := verdictView{
		File: s.File, Record: s.Name, Format: v.Format, Container: v.Container, Curve: v.Curve, Manufacturer: v.Manufacturer, Model: v.Model,
		Meter: v.MeterID, Signature: string(v.Signature), Session: string(v.Session), Verdict: string(v.Word), Billable: v.Billable(),
		KeySource: v.KeySource, KeySHA256: v.KeyHash, Profile: v.Profile, Reasons: v.Reasons,
	}
	if view.Reasons == nil {
		view.Reasons = []meter.Reason{}
	}
	if isProven(v) {
		begin, end := signedTime(v.Begin), signedTime(v.End)
		view.EnergyKWh, view.Begin, view.End = v.Energy.KWh(), &begin, &end
	}
	return view
}

// isProven reports that the verdict states readings, which it does only when every signature holds.
func isProven(v meter.Verdict) bool { return !v.Begin.Time.IsZero() || !v.End.Time.IsZero() }

// signedTime is the time of a reading in the zone it was signed in.
func signedTime(r meter.Reading) time.Time { return r.Time.In(time.FixedZone("", r.Zone)) }

// fileUnreadable is the code of a file that held no session at all.
const fileUnreadable = "file-unreadable"

func viewProblem(p *evidence.Problem) verdictView {
	return verdictView{
		File: p.File, Signature: string(meter.SignatureUnchecked), Session: string(meter.SessionIncomplete), Verdict: string(meter.RecordMalformed),
		Reasons: []meter.Reason{{Code: fileUnreadable, Text: p.Text}},
	}
}

// verdictJSON writes one array as it comes.
type verdictJSON struct {
	out, err io.Writer
	n        int
}

func (j *verdictJSON) verdict(s evidence.Session, v meter.Verdict) error {
	return j.write(viewVerdict(s, v))
}

// problem also lists the file, so that nobody takes a shorter array for a good one. What is harmless is told aside.
func (j *verdictJSON) problem(p *evidence.Problem) error {
	if p.Harmless {
		_, err := fmt.Fprintln(j.err, p.Error())
		return err
	}
	return j.write(viewProblem(p))
}

func (j *verdictJSON) write(view verdictView) error {
	line, err := compactJSON(view)
	if err != nil {
		return err
	}
	lead := ",\n"
	if j.n == 0 {
		lead = "[\n"
	}
	j.n++
	_, err = fmt.Fprintf(j.out, "%s%s", lead, line)
	return err
}

func (j *verdictJSON) end() error {
	lead := "\n]\n"
	if j.n == 0 {
		lead = "[]\n"
	}
	_, err := io.WriteString(j.out, lead)
	return err
}
