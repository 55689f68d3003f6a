package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"wattdue/ident"
	"wattdue/meter/finding"
)

// unitOf names the signing unit of a session: its key and the serial number of its meter.
func unitOf(s *finding.Session) ident.ID { return ident.Derive("signing unit", s.KeyHash, s.MeterID) }

// unit is the column of a charge's state: the signing unit of what its verdict proves, or null.
func (j Judged) unit() *string {
	if j.Session == nil {
		return nil
	}
	return textPointer(unitOf(j.Session).String())
}

const qSignedBefore = `select charge_id from signed_session where tenant_id = $1 and charge_id = any($2)`

// A run's place among the runs of its job. Two runs that began at the same moment are told apart by their ids.
const qRound = `select count(*) from run r join run m on m.tenant_id = r.tenant_id and m.job = r.job
where m.tenant_id = $1 and m.run_id = $2 and (r.opened_at, r.run_id) <= (m.opened_at, m.run_id)`

const qFileNames = `select file_id, name from import_file where tenant_id = $1 and file_id = any($2)`

const cSession = `copy signed_session (tenant_id, charge_id, unit_id, arrival, evse_id, format, meter_id, key_hash, firmware, register,
begin_at, begin_clock, begin_value, end_at, end_clock, end_value, duration_usable) from stdin`

const cValue = `copy signed_value (tenant_id, charge_id, digest, unit_id, counter, page, rule, arrival) from stdin`

// prove enters what verdicts prove, for comparison with other charges. What a charge proved before stays as it was entered
// then: the signed values are the same, and its place in the order of arrival must not change.
func (tx *Tx) prove(ctx context.Context, tenant int, run ident.ID, judged []Judged) error {
	proven, err := tx.provenFirst(ctx, tenant, judged)
	if err != nil || len(proven) == 0 {
		return err
	}
	arrivals, err := tx.arrivals(ctx, tenant, run, proven)
	if err != nil {
		return err
	}
	i := -1
	err = tx.copyIn(ctx, cSession, each(proven, func(j Judged) []any {
		i++
		s := j.Session
		return []any{
			tenant, j.Charge, unitOf(s), arrivals[i], s.EVSE, s.Format, storable(s.MeterID), hashBytes(s.KeyHash), storable(s.Firmware), storable(s.Register),
			s.Begin.Time, storable(s.Begin.Clock), int64(s.Begin.Value), s.End.Time, storable(s.End.Clock), int64(s.End.Value), s.DurationUsable,
		}
	}))
	if err != nil {
		return err
	}
	return tx.copyIn(ctx, cValue, signedValues(tenant, proven, arrivals))
}

// provenFirst leaves out charges that prove nothing and those that have proved it before, which only those with an earlier
// attempt can have.
func (tx *Tx) provenFirst(ctx context.Context, tenant int, judged []Judged) ([]Judged, error) {
	var proven []Judged
	var again []ident.ID
	for _, j := range judged {
		if j.Session == nil {
			continue
		}
		proven = append(proven, j)
		if j.Attempt > 1 {
			again = append(again, j.Charge)
		}
	}
	if len(again) == 0 {
		return proven, nil
	}
	var ids []ident.ID
	if err := tx.SelectContext(ctx, &ids, qSignedBefore, tenant, idArray(again)); err != nil {
		return nil, err
	}
	before := make(map[ident.ID]bool, len(ids))
	for _, id := range ids {
		before[id] = true
	}
	fresh := proven[:0]
	for _, j := range proven {
		if !before[j.Charge] {
			fresh = append(fresh, j)
		}
	}
	return fresh, nil
}

// arrivals are the places of charges in the order in which they came in: the run that proves them, their file, and their
// place in it. The order is that of the bytes.
func (tx *Tx) arrivals(ctx context.Context, tenant int, run ident.ID, proven []Judged) ([]string, error) {
	var round int
	if err := tx.GetContext(ctx, &round, qRound, tenant, run.String()); err != nil {
		return nil, err
	}
	names := map[ident.ID]string{}
	var ids []ident.ID
	for _, j := range proven {
		if _, known := names[j.File]; !known {
			names[j.File] = ""
			ids = append(ids, j.File)
		}
	}
	var files []struct {
		ID   ident.ID `db:"file_id"`
		Name string   `db:"name"`
	}
	if err := tx.SelectContext(ctx, &files, qFileNames, tenant, idArray(ids)); err != nil {
		return nil, err
	}
	for _, f := range files {
		names[f.ID] = f.Name
	}
	places := make([]string, len(proven))
	for i, j := range proven {
		places[i] = fmt.Sprintf("%06d/%s/%s/%09d", round, names[j.File], j.File, j.Ordinal)
	}
	return places, nil
}

// signedValues gives the rows of the values of sessions. A value that a record carries twice is entered once.
func signedValues(tenant int, proven []Judged, arrivals []string) func() []any {
	j, n := 0, 0
	seen := map[string]bool{}
	return func() []any {
		for j < len(proven) {
			if n == len(proven[j].Session.Prints) {
				j, n = j+1, 0
				clear(seen)
				continue
			}
			c, p := proven[j], proven[j].Session.Prints[n]
			n++
			if seen[p.Digest] {
				continue
			}
			seen[p.Digest] = true
			return []any{
				tenant, c.Charge, hashBytes(p.Digest), unitOf(c.Session), storable(p.Counter), strconv.FormatUint(p.Page, 10), int(p.Rule), arrivals[j],
			}
		}
		return nil
	}
}

// hashBytes reads a hash, which package meter writes in hexadecimal.
func hashBytes(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic("store: a hash is not hexadecimal: " + err.Error())
	}
	return b
}

// storable makes signed text fit for a column: what a meter signs may be any bytes.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
}
