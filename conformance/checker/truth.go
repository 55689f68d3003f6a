package checker

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Row is what must become of one record of the inbox and what it must cost.
type Row struct {
	Record     string // country/party/id
	Expected   string // billed, free, held, rejected, duplicate, conflict
	Reason     string // why it is not billed
	Period     string // YYYY-MM
	Contract   string
	Customer   string
	Payment    string // direct_debit, on_account
	EVSE       string
	Start, End time.Time // with the offset of the charge point
	Energy     microKWh
	Parts      map[string]Cents // by component; what was not used is missing
	Amount     Cents
	Findings   []Found // without their state
}

// The columns of the components.
var partColumns = map[string]string{"energy": "energy_eur", "charging": "charging_eur", "idle": "idle_eur", "session": "session_eur"}

// ParseTruth reads truth.csv.
func ParseTruth(b []byte) ([]Row, error) {
	records, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("truth: %w", err)
	}
	if len(records) < 2 {
		return nil, fmt.Errorf("truth: %d lines", len(records))
	}
	at := map[string]int{}
	for i, name := range records[0] {
		at[name] = i
	}
	rows := make([]Row, 0, len(records)-1)
	for n, record := range records[1:] {
		r, err := parseRow(func(name string) (string, error) {
			i, ok := at[name]
			if !ok {
				return "", fmt.Errorf("column %s is missing", name)
			}
			return record[i], nil
		})
		if err != nil {
			return nil, fmt.Errorf("truth: line %d: %w", n+2, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func parseRow(column func(string) (string, error)) (Row, error) {
	r := Row{Parts: map[string]Cents{}}
	for name, into := range map[string]*string{
		"record": &r.Record, "expected": &r.Expected, "reason": &r.Reason, "period": &r.Period, "contract_no": &r.Contract, "customer_no": &r.Customer,
		"payment": &r.Payment, "evse": &r.EVSE,
	} {
		var err error
		if *into, err = column(name); err != nil {
			return r, err
		}
	}
	for name, into := range map[string]*time.Time{"local_start": &r.Start, "local_end": &r.End} {
		s, err := column(name)
		if err != nil {
			return r, err
		}
		if *into, err = time.Parse(time.RFC3339, s); err != nil {
			return r, err
		}
	}
	found, err := column("findings")
	if err != nil {
		return r, err
	}
	r.Findings = parseFindings(r.Record, found)
	energy, err := column("energy_kwh")
	if err != nil {
		return r, err
	}
	n, err := decimal(energy, ".", 6)
	if err != nil {
		return r, err
	}
	r.Energy = microKWh(n)
	for component, name := range partColumns {
		s, err := column(name)
		if err != nil {
			return r, err
		}
		if s == "" {
			continue
		}
		if n, err = decimal(s, ".", 2); err != nil {
			return r, err
		}
		r.Parts[component] = Cents(n)
	}
	s, err := column("amount_eur")
	if err != nil || s == "" {
		return r, err
	}
	n, err = decimal(s, ".", 2)
	r.Amount = Cents(n)
	return r, err
}

// checkTruth looks at truth.csv alone: an amount is the sum of its parts, and only what is billed costs anything.
func checkTruth(f *findings, rows []Row) {
	for _, r := range rows {
		var sum Cents
		for _, part := range r.Parts {
			sum += part
		}
		same(f, "truth, "+r.Record, "amount", r.Amount, sum)
		if r.Expected != "billed" && (r.Amount != 0 || len(r.Parts) != 0) {
			f.addf("truth, "+r.Record, "is %s and costs %s", r.Expected, r.Amount)
		}
		if !slices.Contains([]string{"billed", "free", "held", "rejected", "duplicate", "conflict"}, r.Expected) {
			f.addf("truth, "+r.Record, "expects %q", r.Expected)
		}
	}
}

// sessionID is the id that record and session share: the party and the running number, which ends both
// DE/NLC/NLC-CDR-261002-000021 and NLC-S-000021.
func sessionID(id string) string {
	last := id[strings.LastIndex(id, "/")+1:]
	parts := strings.Split(strings.ToUpper(last), "-")
	return parts[0] + "-" + parts[len(parts)-1]
}

// on prints a time of truth.csv as the page shows it: to the minute, with the offset if shown.
func on(t time.Time, shown string) string {
	const minute = "2006-01-02T15:04"
	if len(shown) > len(minute) {
		return t.Format(minute + "-07:00")
	}
	return t.Format(minute)
}
