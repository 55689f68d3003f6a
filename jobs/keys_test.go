package jobs_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wattdue/cdr"
	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/registry"
	"wattdue/sql/store"
)

// keylessHouse is an installation of a provider whose charge points have no registered keys, with signed sessions in the
// inbox.
func keylessHouse(t *testing.T) (*house, *simulate.World) {
	t.Helper()
	w, err := simulate.Generate(simulate.Options{Seed: 9, Customers: 6, Sessions: 40, EVSEs: 3, Faults: -1})
	if err != nil {
		t.Fatal(err)
	}
	h := houseOf(t, w)
	h.sql(t, `delete from meter_key`)
	h.start(t)
	return h, w
}

func (h *house) importKeys(t *testing.T, name, data string, dryRun bool) jobs.KeyImport {
	t.Helper()
	done, err := h.ImportKeys(t.Context(), h.tenant, jobs.KeyFile{Name: name, Data: []byte(data)}, "ann", dryRun)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// counts are those of an import: new, changed, as before, refused.
func counts(k jobs.KeyImport) string {
	return fmt.Sprintf("%d %d %d %d", k.Count(registry.New), k.Count(registry.Changed), k.Count(registry.Same), len(k.Faults))
}

// list writes the keys of some charge points as a list: by EVSE, or by meter alone.
func list(points []masterdata.EVSE, byMeter bool) string {
	var b strings.Builder
	b.WriteString("evse_id,meter_id,public_key,valid_from,valid_until,source\n")
	for _, p := range points {
		k, id := p.Keys[0], p.ID
		if byMeter {
			id = ""
		}
		_, _ = fmt.Fprintf(&b, "%s,%s,%s,%s,,\n", id, k.MeterID, base64.StdEncoding.EncodeToString(k.SPKI), stamp(k.From))
	}
	return b.String()
}

// inbox is the content of the files in the inbox, in the order of their names.
func (h *house) inbox(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(h.InboxOf(h.tenant.Code), "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("the inbox is empty: %v", err)
	}
	files := make([]string, len(names))
	for i, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = string(data)
	}
	return files
}

// pin imports files of charge records one after the other and adds up what became of their keys.
func (h *house) pin(t *testing.T, files []string) (all jobs.KeyImport) {
	t.Helper()
	for _, f := range files {
		done := h.importKeys(t, "cdrs.ndjson", f, false)
		if !done.Pinned {
			t.Error("charge records were read as a list")
		}
		all.Keys, all.Faults = append(all.Keys, done.Keys...), append(all.Faults, done.Faults...)
	}
	return all
}

// releaseAll gives everything held another try, on the next day.
func (h *house) releaseAll(t *testing.T, day int) {
	t.Helper()
	rows, err := h.DB.QuarantineList(t.Context(), h.tenant.ID, "open")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Release(t.Context(), h.tenant, rows, jobs.Decision{Actor: "ann", Reason: "keys registered"}); err != nil {
		t.Fatal(err)
	}
	h.intake(t, day)
}

const heldWithoutKey = `select count(*) from quarantine where state = 'open' and code = 'key-not-registered'`

const accruedCharges = `select count(*) from charge_state where state = 'accrued'`

// TestKeysOfAListProveSessions registers two keys by EVSE and one by meter alone, of a list with a bad line between.
func TestKeysOfAListProveSessions(t *testing.T) {
	h, w := keylessHouse(t)
	h.intake(t, 2)
	if n := h.number(t, heldWithoutKey); n != 40 {
		t.Fatalf("%d sessions wait for a key, want 40", n)
	}
	points := w.MasterData().EVSEs
	data := list(points[:2], false) + "DE*NO*BODY,M,hello,2025-01-01,,\n" + strings.SplitN(list(points[2:], true), "\n", 2)[1]
	if got := counts(h.importKeys(t, "keys.csv", data, true)); got != "3 0 0 1" {
		t.Errorf("dry run: %s", got)
	}
	if n := h.number(t, `select count(*) from meter_key`); n != 0 {
		t.Errorf("%d keys after a dry run", n)
	}
	done := h.importKeys(t, "keys.csv", data, false)
	if counts(done) != "3 0 0 1" || done.Pinned || done.Faults[0].Line != 4 {
		t.Errorf("import: %s, %+v", counts(done), done.Faults)
	}
	if got := counts(h.importKeys(t, "keys.csv", data, false)); got != "0 0 3 1" {
		t.Errorf("again: %s", got)
	}
	if n := h.number(t, `select count(*) from audit where action = 'key.register' and actor = 'ann' and detail->>'file' = 'keys.csv' and length(target) = 64`); n != 3 {
		t.Errorf("%d audit lines, want 3", n)
	}
	if n := h.number(t, `select count(*) from meter_key where evse_id is null and source = 'keys.csv'`); n != 1 {
		t.Errorf("%d keys registered for a meter, want 1", n)
	}
	h.releaseAll(t, 3)
	if held, accrued := h.number(t, heldWithoutKey), h.number(t, accruedCharges); held != 0 || accrued != 40 {
		t.Errorf("%d sessions wait for a key, %d are accrued; want 0 and 40", held, accrued)
	}
}

// TestKeysPinnedOnFirstSight takes the keys out of the charge records, and later leaves them alone.
func TestKeysPinnedOnFirstSight(t *testing.T) {
	h, w := keylessHouse(t)
	records := h.inbox(t)
	done := h.pin(t, records)
	if done.Count(registry.New) != 3 || len(done.Faults) > 0 {
		t.Fatalf("%s, faults %+v", counts(done), done.Faults)
	}
	for _, k := range done.Keys {
		if k.Source != "ocpi" || k.MeterID == "" || !k.Until.IsZero() {
			t.Errorf("pinned %+v", k.Entry)
		}
	}
	if again := h.pin(t, records); len(again.Keys) != again.Count(registry.Same) || len(again.Faults) > 0 {
		t.Errorf("again: %s", counts(again))
	}
	h.intake(t, 2)
	if n := h.number(t, accruedCharges); n != 40 {
		t.Errorf("%d sessions are accrued, want all 40: a key holds from the first of them", n)
	}
	// Another key at one of them: told, not taken.
	points := w.MasterData().EVSEs
	h.sql(t, `delete from meter_key where evse_id = $1`, points[0].ID)
	other := points[0]
	other.Keys = []masterdata.MeterKey{{MeterID: "OTHER", SPKI: points[1].Keys[0].SPKI, From: points[0].Keys[0].From}}
	if got := counts(h.importKeys(t, "keys.csv", list([]masterdata.EVSE{other}, false), false)); got != "1 0 0 0" {
		t.Fatalf("the other key: %s", got)
	}
	done = h.pin(t, records)
	if len(done.Keys) != done.Count(registry.Same) || len(done.Faults) == 0 || !strings.Contains(done.Faults[0].Text, "nothing was changed: ask the operator") || done.Faults[0].Record != "evse "+points[0].ID {
		t.Errorf("%s, faults %+v", counts(done), done.Faults)
	}
	if n := h.number(t, `select count(*) from meter_key`); n != 3 {
		t.Errorf("%d keys, want 3", n)
	}
}

// carrying is the first charge record in the inbox that brings the key of an OCMF meter beside its signed values, on one
// line and with another key instead.
func (h *house) carrying(t *testing.T, key string) string {
	t.Helper()
	read, _ := cdr.ReaderFor("ocpi-2.2.1")
	for _, f := range h.inbox(t) {
		for r, err := range read(strings.NewReader(f)) {
			if err != nil || r.Signed == nil || r.Signed.Method != "OCMF" || r.Signed.PublicKey == "" {
				continue
			}
			var record, signed map[string]json.RawMessage
			err := errors.Join(json.Unmarshal(r.Origin.Raw, &record), json.Unmarshal(record["signed_data"], &signed))
			signed["public_key"] = json.RawMessage(strconv.Quote(key))
			envelope, signedErr := json.Marshal(signed)
			record["signed_data"] = envelope
			line, recordErr := json.Marshal(record)
			if err := errors.Join(err, signedErr, recordErr); err != nil {
				t.Fatal(err)
			}
			return string(line)
		}
	}
	t.Fatal("no record in the inbox brings the key of an OCMF meter")
	return ""
}

// TestKeysThatDoNotVerifyAreNotPinned gives a record a key of somebody else, one that is no key, and cuts it off.
func TestKeysThatDoNotVerifyAreNotPinned(t *testing.T) {
	h, _ := keylessHouse(t)
	const somebodys = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEa0PY1PeusV8QHJODoAseMXCv6NDWpR/J20WeERM82Q9Ok1tf9Kqeqc1FaEV0NcJ9L0KS5r8MFOK7Ik+wTFg3Qg=="
	swapped := h.carrying(t, somebodys)
	done := h.importKeys(t, "x.ndjson", swapped+"\n"+h.carrying(t, "hello")+"\n"+swapped[:len(swapped)/2]+"\n", false)
	if counts(done) != "0 0 0 3" {
		t.Fatalf("%s, keys %+v, faults %+v", counts(done), done.Keys, done.Faults)
	}
	for i, want := range []string{"its key does not verify its signatures (", "its key cannot be used (", "broken JSON"} {
		if f := done.Faults[i]; f.Line != i+1 || !strings.Contains(f.Text, want) {
			t.Errorf("fault %d: %+v, want %q", i+1, f, want)
		}
	}
}

// TestRevokedKeyProvesNothingMore revokes the key of one charge point before all sessions, and loads master data again.
func TestRevokedKeyProvesNothingMore(t *testing.T) {
	h, w := keylessHouse(t)
	points := w.MasterData().EVSEs
	h.loadMore(t, masterdata.File{EVSEs: points})
	keys, err := h.FindKeys(t.Context(), h.tenant, points[0].ID)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%+v, error %v", keys, err)
	}
	revoking := jobs.Revoking{
		KeyFilter: store.KeyFilter{Hash: strings.ToUpper(keys[0].Hash[:12])}, At: keys[0].From.AddDate(-1, 0, 0),
		Decision: jobs.Decision{Actor: "j.doe", Reason: "private key published"},
	}
	nameless, unknown := revoking, revoking
	nameless.Actor, unknown.Hash = "", "0000000000"
	for want, r := range map[string]jobs.Revoking{"needs a name": nameless, "is not registered there": unknown, "at least the first eight": {Decision: revoking.Decision}} {
		_, err := h.RevokeKey(t.Context(), h.tenant, r)
		decided(t, "revoke", err, want)
	}
	revoked, err := h.RevokeKey(t.Context(), h.tenant, revoking)
	if err != nil || len(revoked) != 1 || revoked[0].EVSE != points[0].ID || !revoked[0].Until.Equal(revoked[0].From) {
		t.Fatalf("%+v, error %v", revoked, err)
	}
	_, err = h.RevokeKey(t.Context(), h.tenant, revoking)
	decided(t, "revoke again", err, "was revoked before by j.doe")
	h.loadMore(t, masterdata.File{EVSEs: points})
	done := h.importKeys(t, "keys.csv", list(points, false), false)
	if counts(done) != "0 0 2 1" || !strings.Contains(done.Faults[0].Text, "was revoked for good") {
		t.Errorf("the list again: %s, %+v", counts(done), done.Faults)
	}
	h.intake(t, 2)
	lost := int64(0)
	for i := range w.Sessions {
		if w.EVSEs[w.Sessions[i].EVSE].ID == points[0].ID {
			lost++
		}
	}
	if n := h.number(t, heldWithoutKey); lost == 0 || n != lost {
		t.Errorf("%d sessions wait for a key, want the %d of the revoked one", n, lost)
	}
	if n := h.number(t, `select count(*) from audit where action = 'key.revoke' and actor = 'j.doe' and reason = 'private key published'`); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
}

// TestWhichKeyHolds registers three meters at a charge point: the second is withdrawn, the third ends. The first does not
// come back when the third ends.
func TestWhichKeyHolds(t *testing.T) {
	h, w := keylessHouse(t)
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	point := w.MasterData().EVSEs[0]
	key := func(n byte, from, until time.Time) masterdata.MeterKey {
		spki := append([]byte{}, point.Keys[0].SPKI...)
		spki[len(spki)-1] = n // nobody checks points here
		return masterdata.MeterKey{MeterID: fmt.Sprint("M", n), SPKI: spki, From: from, Until: until}
	}
	point.Keys = []masterdata.MeterKey{
		key(1, day(1, 1), time.Time{}), key(2, day(3, 1), day(3, 1)), key(3, day(6, 1), day(9, 1)),
	}
	h.loadMore(t, masterdata.File{EVSEs: []masterdata.EVSE{point}})
	err := h.DB.InTx(t.Context(), func(tx *store.Tx) error {
		ring, err := tx.Keys(t.Context(), h.tenant.ID, []string{point.ID}, nil)
		if err != nil {
			return err
		}
		for _, c := range []struct {
			at   time.Time
			want byte // 0: none
		}{{day(1, 1).Add(-time.Second), 0}, {day(1, 1), 1}, {day(4, 1), 1}, {day(6, 1), 3}, {day(8, 31), 3}, {day(9, 1), 0}} {
			spki, ok := ring.Registered(point.ID, c.at)
			if ok != (c.want > 0) || ok && spki[len(spki)-1] != c.want {
				t.Errorf("at %s: key %v, want %d", stamp(c.at), ok, c.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRevokedKeyStaysRevoked tries to bring a revoked key back at its charge point with master data, from a later
// day on.
func TestRevokedKeyStaysRevoked(t *testing.T) {
	h, w := keylessHouse(t)
	points := w.MasterData().EVSEs[:1]
	point := points[0]
	h.loadMore(t, masterdata.File{EVSEs: points})
	keys, err := h.FindKeys(t.Context(), h.tenant, point.ID)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%+v, error %v", keys, err)
	}
	if _, err = h.RevokeKey(t.Context(), h.tenant, jobs.Revoking{
		KeyFilter: store.KeyFilter{Hash: keys[0].Hash}, At: keys[0].From.AddDate(0, 1, 0), Decision: jobs.Decision{Actor: "j.doe", Reason: "published"},
	}); err != nil {
		t.Fatal(err)
	}
	again := point
	again.Keys = slices.Clone(point.Keys)
	again.Keys[0].From = keys[0].From.AddDate(0, 2, 0)
	f := masterdata.File{EVSEs: []masterdata.EVSE{again}}
	f.Tenant = masterdata.Tenant{Code: h.tenant.Code, Zone: h.tenant.Zone, Issuer: h.tenant.Issuer}
	_, err = h.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann", Source: "more.json"})
	decided(t, "load", err, "was revoked for good")
	h.loadMore(t, masterdata.File{EVSEs: points})
	if n := h.number(t, `select count(*) from meter_key`); n != 1 {
		t.Errorf("%d keys are registered, want the revoked one", n)
	}
}

// TestKeyRevokedElsewhereIsNotPinned finds a key in charge records that was revoked at another charge point.
func TestKeyRevokedElsewhereIsNotPinned(t *testing.T) {
	h, w := keylessHouse(t)
	points := w.MasterData().EVSEs[:2]
	there := points[1]
	there.Keys = points[0].Keys
	h.loadMore(t, masterdata.File{EVSEs: []masterdata.EVSE{there}})
	keys, err := h.FindKeys(t.Context(), h.tenant, there.ID)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%+v, error %v", keys, err)
	}
	by := jobs.Decision{Actor: "j.doe", Reason: "published"}
	if _, err := h.RevokeKey(t.Context(), h.tenant, jobs.Revoking{KeyFilter: store.KeyFilter{Hash: keys[0].Hash}, Decision: by}); err != nil {
		t.Fatal(err)
	}
	h.pin(t, h.inbox(t))
	if n := h.number(t, `select count(*) from meter_key where revoked_at is null and spki in (select spki from meter_key where revoked_at is not null)`); n != 0 {
		t.Errorf("the revoked key was pinned %d times", n)
	}
	if n := h.number(t, `select count(*) from meter_key`); n < 2 {
		t.Errorf("%d keys are registered: nothing was pinned at all", n)
	}
}
