package conformance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"wattdue/cdr"
	"wattdue/meter"
)

// sample is a row of the manifest of charge record samples.
type sample struct{ file, hash, note string }

// samples reads the manifest, and checks that the files are the ones it describes.
func samples(t *testing.T) []sample {
	t.Helper()
	var all []sample
	lines := strings.Split(strings.TrimSpace(string(read(t, published(t, "cdr-samples", "MANIFEST.tsv")))), "\n")
	for _, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) < 9 || f[7] != "valid" {
			t.Fatalf("manifest: %q is no row of a valid JSON file", line)
		}
		s := sample{f[0], f[6], f[8]}
		if sum := sha256.Sum256(read(t, published(t, "cdr-samples", s.file))); hex.EncodeToString(sum[:]) != s.hash {
			t.Errorf("%s is another file than the manifest describes", s.file)
		}
		all = append(all, s)
	}
	return all
}

func records(t *testing.T, in io.Reader) (list []cdr.Record, rejects []*cdr.Reject) {
	t.Helper()
	reader, ok := cdr.ReaderFor("ocpi-2.2.1")
	if !ok {
		t.Fatal("no reader for OCPI 2.2.1")
	}
	for r, err := range reader(in) {
		var reject *cdr.Reject
		switch {
		case err == nil:
			r.Origin.Raw = nil // valid until the next record only
			list = append(list, r)
		case errors.As(err, &reject):
			rejects = append(rejects, reject)
		default:
			t.Fatal(err)
		}
	}
	return list, rejects
}

// facts are what the manifest says about a record, and what stands in the file.
type facts struct {
	key, token, evse   string
	start, end         time.Time
	energy             cdr.MicroKWh
	duration, parking  time.Duration
	excl, incl         string // as the number is written
	periods, signed    int
	credit             bool
	creditRef, session string
}

func utc(month, day, hour, minute, second int) time.Time {
	return time.Date(2025, time.Month(month), day, hour, minute, second, 0, time.UTC)
}

var ocpi221 = map[string]facts{
	// 1.973 h are 7102.8 s.
	"ocpi-2.2.1-spec.json": {
		key: "BE/BEC/12345", token: "012345678", evse: "BE*BEC*E041503003",
		start: time.Date(2015, 6, 29, 21, 39, 9, 0, time.UTC), end: time.Date(2015, 6, 29, 23, 37, 32, 0, time.UTC),
		energy: 15_342_000, duration: 7103 * time.Second, excl: "4.00", incl: "4.40", periods: 1,
	},
	"ocpi-2.2.1-minimal.json": {
		key: "FR/POT/CDR-MINIMAL-001", token: "RFID-MINIMAL-001", evse: "BE*BEC*E041503001", session: "SESSION-MINIMAL-001",
		start: utc(3, 10, 8, 0, 0), end: utc(3, 10, 9, 0, 0), energy: 10_500_000, duration: time.Hour, excl: "2.625", incl: "3.15", periods: 1,
	},
	"ocpi-2.2.1-original.json": {
		key: "FR/POT/CDR-ORIG-001", token: "RFID-ORIG-001", evse: "BE*BEC*E041503010", start: utc(5, 1, 10, 0, 0), end: utc(5, 1, 11, 0, 0),
		duration: time.Hour, excl: "2.00", incl: "2.20", periods: 1,
	},
	"ocpi-2.2.1-credit.json": {
		key: "FR/POT/CDR-ORIG-001-C", token: "RFID-ORIG-001", evse: "BE*BEC*E041503010", start: utc(5, 1, 10, 0, 0), end: utc(5, 1, 11, 0, 0),
		duration: time.Hour, excl: "-2.00", incl: "-2.20", periods: 1, credit: true, creditRef: "CDR-ORIG-001",
	},
	"ocpi-2.2.1-multiperiod.json": {
		key: "FR/POT/CDR-MULTIPERIOD-001", token: "RFID-MULTI-001", evse: "BE*BEC*E041503020", session: "SESSION-MULTI-001",
		start: utc(6, 1, 16, 0, 0), end: utc(6, 1, 19, 0, 0), energy: 5_400_000, duration: 3 * time.Hour, parking: 90 * time.Minute,
		excl: "1.157", incl: "1.388", periods: 3,
	},
	"ocpi-2.2.1-signed.json": {
		key: "FR/POT/CDR-SIGNED-001", token: "RFID-SIGNED-001", evse: "DE*CPO*E041503030", session: "SESSION-SIGNED-001",
		start: utc(7, 1, 9, 0, 0), end: utc(7, 1, 10, 0, 0), energy: 30_000_000, duration: time.Hour, excl: "10.50", incl: "12.495", periods: 1, signed: 2,
	},
}

func factsOf(r cdr.Record) facts {
	f := facts{
		key: r.Key().String(), token: r.Token.UID, evse: r.Location.EVSEID, start: r.Start, end: r.End, energy: r.Energy, duration: r.Duration,
		parking: r.Parking, excl: r.StatedExcl, incl: r.StatedIncl, periods: len(r.Periods), credit: r.Credit, creditRef: r.CreditRef,
		session: r.SessionID,
	}
	if r.Signed != nil {
		f.signed = len(r.Signed.Values)
	}
	return f
}

// TestOCPI221 reads every published record of OCPI 2.2.1 as its manifest says.
func TestOCPI221(t *testing.T) {
	seen := 0
	for _, s := range samples(t) {
		if !strings.HasPrefix(s.file, "ocpi-2.2.1-") {
			continue
		}
		seen++
		want, ok := ocpi221[s.file]
		if !ok {
			t.Errorf("%s has no row in the table; the manifest says: %s", s.file, s.note)
			continue
		}
		raw := read(t, published(t, "cdr-samples", s.file))
		list, rejects := records(t, bytes.NewReader(raw))
		if len(list) != 1 || len(rejects) != 0 {
			t.Errorf("%s: %d records, rejects %v", s.file, len(list), rejects)
			continue
		}
		if got := factsOf(list[0]); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", s.file, got, want)
		}
		// The same in the envelope of a response, twice.
		wrapped := `{"status_code": 1000, "timestamp": "2026-01-01T00:00:00Z", "data": [` + string(raw) + `,` + string(raw) + `]}`
		if list, rejects = records(t, strings.NewReader(wrapped)); len(list) != 2 || len(rejects) != 0 || factsOf(list[1]) != want {
			t.Errorf("%s in a response: %d records, rejects %v", s.file, len(list), rejects)
		}
	}
	if seen != len(ocpi221) {
		t.Errorf("%d files, %d rows in the table", seen, len(ocpi221))
	}
}

// TestPeriodsOfOCPI221 looks into the record whose price changes on the way.
func TestPeriodsOfOCPI221(t *testing.T) {
	list, _ := records(t, bytes.NewReader(read(t, published(t, "cdr-samples", "ocpi-2.2.1-multiperiod.json"))))
	if len(list) != 1 {
		t.Fatalf("%d records", len(list))
	}
	want := []cdr.Period{
		{Start: utc(6, 1, 16, 0, 0), Energy: 4_300_000, Has: cdr.HasEnergy},
		{Start: utc(6, 1, 17, 0, 0), Energy: 1_100_000, Has: cdr.HasEnergy},
		{Start: utc(6, 1, 17, 30, 0), Parking: 90 * time.Minute, Has: cdr.HasParking},
	}
	for i, p := range list[0].Periods {
		if p != want[i] {
			t.Errorf("period %d: got %+v, want %+v", i+1, p, want[i])
		}
	}
}

// TestDummySignature holds the record with a signature nobody can verify against the promise of the manifest: never valid.
func TestDummySignature(t *testing.T) {
	list, _ := records(t, bytes.NewReader(read(t, published(t, "cdr-samples", "ocpi-2.2.1-signed.json"))))
	if len(list) != 1 {
		t.Fatalf("%d records", len(list))
	}
	trusting := meter.DefaultProfile()
	trusting.TrustRecordKey = true
	for _, profile := range []meter.Profile{meter.DefaultProfile(), trusting} {
		if v := meter.Check(list[0], noKeys{}, profile); v.Word == meter.Valid || v.Billable() || len(v.Reasons) == 0 {
			t.Errorf("trusting the record's key: %v: verdict %q for %v", profile.TrustRecordKey, v.Word, v.Reasons)
		}
	}
}

type noKeys struct{}

func (noKeys) Registered(string, time.Time) ([]byte, bool)      { return nil, false }
func (noKeys) Keyed(string) bool                                { return false }
func (noKeys) RegisteredMeter(string, time.Time) ([]byte, bool) { return nil, false }

// TestOtherVersionsAreRejected gives records of other versions and protocols to the reader of OCPI 2.2.1: it must refuse
// them and say which field it misses, not read them as something else.
func TestOtherVersionsAreRejected(t *testing.T) {
	fields := map[string]string{
		// 2.1.1 states the total as a bare number, 2.3.0 before taxes; OICP has other names for everything.
		"ocpi-2.1.1-spec.json": "total_cost", "ocpi-2.1.1-chargemap-12345.json": "total_cost", "ocpi-2.1.1-chargemap-empty-tariff.json": "total_cost",
		"ocpi-2.3.0-spec.json": "total_cost.excl_vat", "oicp-2.3-cpo-cdr.json": "country_code", "oicp-2.3-guide-cdr.json": "country_code",
	}
	seen := 0
	for _, s := range samples(t) {
		if strings.HasPrefix(s.file, "ocpi-2.2.1-") {
			continue
		}
		seen++
		field, ok := fields[s.file]
		if !ok {
			t.Errorf("%s has no row in the table; the manifest says: %s", s.file, s.note)
		}
		list, rejects := records(t, bytes.NewReader(read(t, published(t, "cdr-samples", s.file))))
		if len(list) != 0 || len(rejects) != 1 {
			t.Errorf("%s: %d records, rejects %v; want one reject", s.file, len(list), rejects)
			continue
		}
		r := rejects[0]
		if r.Code == "" || r.Detail == "" || r.Field != field {
			t.Errorf("%s: code %q, field %q, detail %q; want field %q", s.file, r.Code, r.Field, r.Detail, field)
		}
	}
	if seen != len(fields) {
		t.Errorf("%d files, %d rows in the table", seen, len(fields))
	}
}
