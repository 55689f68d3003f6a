package simulate

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/meter"
	"wattdue/money"
	"wattdue/rating"
)

// Outcome is what must become of a record.
type Outcome string

// The outcomes.
const (
	Billed     Outcome = "billed"
	Free       Outcome = "free"      // too small to cost anything
	Held       Outcome = "held"      // must not be billed until somebody decides
	Rejected   Outcome = "rejected"  // cannot be read
	Duplicated Outcome = "duplicate" // seen before
	Conflict   Outcome = "conflict"  // seen before with other content
)

// Expectation is the truth about one record of the inbox.
type Expectation struct {
	Key        cdr.Key
	File       string
	Ordinal    int
	Fault      Fault
	Outcome    Outcome
	Reason     string // family of the reason code; empty when billed
	ContractNo string // empty when the record names no contract of ours, or cannot be read
	CustomerNo string
	Groups     []string
	Payment    string
	EVSEID     string
	LocationID string
	Start, End time.Time    // in the zone of the charge point
	Energy     cdr.MicroKWh // as the record states it
	Charging   time.Duration
	Idle       time.Duration
	Cost       Cost      // set when billed or free
	Findings   []Finding // what comparing the sessions must find about it
}

// verdicts are outcome and reason of each fault that one record shows; of contradictions the walk over the meters
// decides. Reasons are the words of the stage that finds the fault; "json" stands for all codes of package cdr that begin
// with it.
var verdicts = map[Fault]struct {
	outcome Outcome
	reason  string
}{
	None:             {Billed, ""},
	Tampered:         {Held, string(meter.InvalidSignature)},
	UnknownKey:       {Held, string(meter.KeyMissing)},
	UnknownToken:     {Held, string(customer.TokenUnknown)},
	NoPrice:          {Held, string(rating.NoPrice)},
	Duplicate:        {Duplicated, "duplicate"},
	ChangedDuplicate: {Conflict, "conflict"},
	BrokenJSON:       {Rejected, "json"},
}

// Truth returns the expectation of every record, in order of file and ordinal.
func (w *World) Truth() ([]Expectation, error) {
	var list []Expectation
	findings := w.findings()
	for i, f := range w.Files {
		for j, r := range f.Records {
			x, err := w.expect(f, r, findings[[2]int{i, j}])
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
	}
	return list, nil
}

func (w *World) expect(f File, r Record, findings []Finding) (Expectation, error) {
	s := &w.Sessions[r.Session]
	e := w.evse(s)
	verdict, alone := verdicts[r.Fault]
	if !alone {
		verdict = verdicts[None]
	}
	if code := heldFor(findings); code != "" {
		verdict.outcome, verdict.reason = Held, code
	}
	x := Expectation{
		Key: r.Key, File: f.Name, Ordinal: r.Ordinal, Fault: r.Fault,
		Outcome: verdict.outcome, Reason: verdict.reason,
		EVSEID: e.ID, LocationID: e.LocationID,
		Start: s.Start.In(w.zone), End: s.End.In(w.zone),
		Energy: s.statedFinal() - s.Begin, Charging: s.Charging(), Idle: s.Idle(),
		Findings: findings,
	}
	if r.Fault != UnknownToken && r.Fault != BrokenJSON {
		c := w.Contracts[s.Contract]
		x.ContractNo, x.CustomerNo, x.Groups, x.Payment = c.No, c.PartyNo, c.Groups, string(c.Payment)
	}
	if x.Outcome != Billed {
		return x, nil
	}
	cost, err := w.Cost(s)
	if err != nil {
		return x, err
	}
	if cost.Missing {
		return x, fmt.Errorf("session %d: no energy price at %s although none is planted", s.Number, e.LocationID)
	}
	if cost.Free {
		x.Outcome, x.Reason = Free, string(rating.ZeroSession)
	}
	x.Cost = cost
	return x, nil
}

// truthColumns is the header of truth.csv. Amounts are euros with two decimals, empty where nothing is billed; the
// amount of a row is the sum of its components, gross. period is the local month of the session's start. findings are
// what comparing the sessions must find about the record: code=other record, or the code alone, with ; between.
var truthColumns = []string{
	"record", "file", "ordinal", "fault", "expected", "reason",
	"period", "contract_no", "customer_no", "groups", "payment", "evse", "location",
	"local_start", "local_end", "energy_kwh", "charging_s", "idle_s",
	"tariff", "tariff_version", "rows", "energy_eur", "charging_eur", "idle_eur", "session_eur", "amount_eur", "findings",
}

// WriteTruth writes truth.csv: one row for each record of the inbox with what must become of it and what it must
// cost.
func (w *World) WriteTruth(out io.Writer) error {
	truth, err := w.Truth()
	if err != nil {
		return err
	}
	c := csv.NewWriter(out)
	c.Write(truthColumns) // errors are kept and returned below
	for _, x := range truth {
		c.Write(x.row())
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("truth: %w", err)
	}
	return nil
}

func (x Expectation) row() []string {
	day := calendar.DateOf(x.Start, x.Start.Location())
	row := []string{
		x.Key.String(), x.File, strconv.Itoa(x.Ordinal), string(x.Fault), string(x.Outcome), x.Reason,
		day.MonthOf().String(), x.ContractNo, x.CustomerNo, strings.Join(x.Groups, "+"), x.Payment, x.EVSEID, x.LocationID,
		x.Start.Format(time.RFC3339), x.End.Format(time.RFC3339), x.Energy.KWh(), seconds(x.Charging), seconds(x.Idle),
	}
	found := make([]string, len(x.Findings))
	for i, f := range x.Findings {
		found[i] = f.String()
	}
	return append(append(row, x.costColumns()...), strings.Join(found, ";"))
}

// costColumns are tariff, version, rows, the four components and the amount.
func (x Expectation) costColumns() []string {
	if x.Outcome != Billed && x.Outcome != Free {
		return make([]string, 8)
	}
	var rows []string
	cents := map[rating.Component]string{}
	for _, l := range x.Cost.Lines {
		rows = append(rows, string(l.Component)+"="+l.Row)
		cents[l.Component] = money.FormatMinor(l.Cents, 2)
	}
	return []string{
		x.Cost.Tariff, strconv.Itoa(x.Cost.Version), strings.Join(rows, ";"),
		cents[rating.Energy], cents[rating.Charging], cents[rating.Idle], cents[rating.PerUse],
		money.FormatMinor(x.Cost.Cents, 2),
	}
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
