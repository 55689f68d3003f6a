package jobs_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/dev/local"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// dataHouse is a house for master data only: a database.
type dataHouse struct{ *house }

func newDataHouse(t *testing.T) *dataHouse {
	t.Helper()
	r := &dataHouse{&house{dir: t.TempDir(), database: storetest.New(t)}}
	r.Env = newEnv(r.database.DB(t), r.dir)
	return r
}

// exampleText is the example of the format's documentation, with some texts replaced.
func exampleText(t *testing.T, pairs ...string) string {
	t.Helper()
	b, err := os.ReadFile("../docs/formats/masterdata.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "```json\n")
	text, _, _ := strings.Cut(rest, "```")
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			t.Fatalf("%q is there %d times", pairs[i], strings.Count(text, pairs[i]))
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// parsed reads a file that has no faults of its own.
func (r *dataHouse) parsed(t *testing.T, text string) masterdata.File {
	t.Helper()
	f, faults := masterdata.Parse([]byte(text), r.MasterDataLookups())
	if len(faults) > 0 {
		t.Fatalf("faults:\n%v", faults)
	}
	return f
}

// load loads the example with some texts replaced and wants no faults.
func (r *dataHouse) load(t *testing.T, pairs ...string) jobs.Loaded {
	t.Helper()
	done, err := r.LoadMasterData(t.Context(), r.parsed(t, exampleText(t, pairs...)), jobs.Loading{Actor: "ann", Source: "example.json"})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestLoadingAgainChangesNothing(t *testing.T) {
	r := newDataHouse(t)
	first := r.load(t)
	for _, k := range first.Kinds() {
		want := 1
		if k.Name == "schedules" || k.Name == "signature policies" || k.Name == "ageing rules" || k.Name == "tariffs" {
			want = 2
		}
		if k.New != want || k.Changed != 0 || k.Same != 0 {
			t.Errorf("%s: %+v, want %d new", k.Name, k.Merged, want)
		}
	}
	if n := r.number(t, `select count(*) from meter_key where source = 'example.json' and length(spki) = 91`); n != 1 {
		t.Errorf("%d meter keys, want 1", n)
	}
	if n := r.number(t, `select count(*) from audit where action = 'masterdata.load' and actor = 'ann' and target = 'nordlicht'
and detail->'parties' = '{"new": 1, "changed": 0}' and detail->'schedules' = '{"new": 2, "changed": 0}'`); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
	r.exec(t, `update job_schedule set alarm = 'an alarm'`)
	again := r.load(t)
	for _, k := range again.Kinds() {
		if k.New+k.Changed != 0 || k.Same == 0 {
			t.Errorf("again %s: %+v, want all the same", k.Name, k.Merged)
		}
	}
	if n := r.number(t, `select count(*) from audit`); n != 1 {
		t.Errorf("%d audit lines after loading the same again, want still 1", n)
	}
	if n := r.number(t, `select count(*) from job_schedule where alarm <> ''`); n != 2 {
		t.Errorf("%d alarms are left, want both", n)
	}
}

func (r *dataHouse) exec(t *testing.T, q string) {
	t.Helper()
	if _, err := r.database.SQL(t, local.Superuser).Exec(q); err != nil {
		t.Fatal(err)
	}
}

// TestChanges loads the example, then the example with a change, and looks at what is stored.
func TestChanges(t *testing.T) {
	for _, tc := range []struct {
		name     string
		old, new string
		kind     string
		stored   string // counts what must be one
	}{
		{"customer moved", "Hafenstraße 12", "Bergstraße 3", "parties", `select count(*) from party where version = 2 and street = 'Bergstraße 3'`},
		{"customer without mail", `"country": "DE"},
      "email": "inga.petersen@example.org"`, `"country": "DE"}`, "parties", `select count(*) from party where version = 2 and email = ''`},
		{"contract ends", `"valid_from": "2026-01-01"
`, `"valid_from": "2026-01-01", "valid_until": "2027-01-01"
`, "contracts", `select count(*) from contract where valid_until = '2027-01-01'`},
		{"contract id corrected", "DE-NLM-C20000001", "DE-NLM-C20000009", "contracts", `select count(*) from contract where emaid_key = 'DENLMC20000009'`},
		{"other notice of dearer prices", `"price_notice_days": 42`, `"price_notice_days": 30`, "contracts", `select count(*) from contract where price_notice_days = 30`},
		{
			"plan ends", `"vat": "standard", "valid_from": "2026-01-01"`, `"vat": "standard", "valid_from": "2026-01-01", "valid_until": "2026-07-01"`, "plans",
			`select count(*) from contract_plan where valid_until = '2026-07-01'`,
		},
		{"other pricing zone", `"pricing_zone": "Kiel"`, `"pricing_zone": "Nord"`, "evses", `select count(*) from evse where pricing_zone = 'Nord' and operator = 'NLC'`},
		{"other groups", `["gold", "public"]`, `["public"]`, "contracts", `select count(*) from contract where groups = '{public}'`},
		{
			"card withdrawn", `"contract": "V500001", "valid_from": "2026-01-01T00:00:00+01:00"`, `"contract": "V500001", "valid_from": "2026-01-01T00:00:00+01:00", "valid_until": "2026-05-01T00:00:00Z"`,
			"tokens", `select count(*) from token where valid_until = '2026-05-01T00:00:00Z'`,
		},
		{"mandate revoked", `"signed_on": "2026-01-02",`, `"signed_on": "2026-01-02", "ended_on": "2026-06-30",`, "mandates", `select count(*) from mandate where ended_on = '2026-06-30'`},
		{"place renamed", "Parkhaus Fördeblick", "Parkhaus Hörnblick", "evses", `select count(*) from evse where location_name = 'Parkhaus Hörnblick'`},
		{
			"key withdrawn", `"valid_from": "2025-01-01T00:00:00Z"`, `"valid_from": "2025-01-01T00:00:00Z", "valid_until": "2025-01-01T00:00:00Z"`,
			"meter keys", `select count(*) from meter_key where valid_until = valid_from`,
		},
		{
			"policy ends", `"country": "NL", "valid_from": "2026-01-01T00:00:00+01:00"`, `"country": "NL", "valid_from": "2026-01-01T00:00:00+01:00", "valid_until": "2026-12-31T00:00:00Z"`,
			"signature policies", `select count(*) from signature_policy where valid_until = '2026-12-31T00:00:00Z'`,
		},
		{"charge point upgraded", `"power": "AC", "commissioned_on": "2018-05-14"`, `"power": "DC"`, "evses", `select count(*) from evse where power = 'DC' and commissioned_on is null`},
		{"ageing rule ends", `"2027-01-01", "note": "until the tariffs are complete"`, `"2026-07-01", "note": "they are complete"`, "ageing rules", `select count(*) from ageing_rule where valid_until = '2026-07-01' and note = 'they are complete'`},
		{"tenant's name", "Nordlicht Mobil GmbH", "Nordlicht Mobil AG", "tenants", `select count(*) from tenant where issuer->>'name' = 'Nordlicht Mobil AG'`},
		{"other time", `"30 2 * * *"`, `"0 3 * * *"`, "schedules", `select count(*) from job_schedule where spec = '0 3 * * *'`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newDataHouse(t)
			r.load(t)
			for _, k := range r.load(t, tc.old, tc.new).Kinds() {
				want := 0
				if k.Name == tc.kind {
					want = 1
				}
				if k.New != 0 || k.Changed != want {
					t.Errorf("%s: %+v, want %d changed", k.Name, k.Merged, want)
				}
			}
			if n := r.number(t, tc.stored); n != 1 {
				t.Errorf("%s: %d, want 1", tc.stored, n)
			}
		})
	}
}

// TestWhatNeverChanges loads the example, then one that contradicts it in several ways at once: all are told, and nothing
// of the file is loaded.
func TestWhatNeverChanges(t *testing.T) {
	r := newDataHouse(t)
	r.load(t)
	text := exampleText(t,
		`"parties": [`, `"parties": [{"no": "K2", "name": "Neu", "address": {"street": "A 1", "postal_code": "1", "city": "B", "country": "DE"}},`,
		`"party": "K100001"`, `"party": "K2"`,
		`"contracts": [`, `"contracts": [{"no": "V2", "party": "K2", "emaid": "DE*NLM*C20000002", "tariff": "NORD", "payment": "on_account", "payment_days": 14, "valid_from": "2026-01-01"},`,
		`"uid": "04A1B2C3D4E5F6", "contract": "V500001"`, `"uid": "04A1B2C3D4E5F6", "contract": "V2"`,
		`"per_month": "30"`, `"per_month": "40"`,
		`"announced_on": "2026-05-04"`, `"announced_on": "2026-05-05"`,
		`"account_holder": "Inga Petersen"`, `"account_holder": "Inga Petersen-Neu"`,
		`"id": "1NLZ0004100001"`, `"id": "1NLZ0004100002"`,
		`"commissioned_before": "2019-04-01"`, `"commissioned_before": "2020-04-01"`,
		`"after_days": 60`, `"after_days": 90`,
		`"price": "0.49"`, `"price": "0.48"`)
	_, err := r.LoadMasterData(t.Context(), r.parsed(t, text), jobs.Loading{Actor: "ann"})
	var faults masterdata.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error %v, want faults", err)
	}
	want := `line 27: contract V500001: party: is loaded with another party; end that contract and load a new one
line 27: contract V500001: plans: plan PLUS is loaded and says something else; what a plan says never changes, end it and give the new one another id
line 40: token 1, of contract V2: contract: is loaded with another contract from the same instant on; give it a later valid_from
line 43: mandate NLM-V500001-1: is loaded with other content; what was signed never changes, only ended_on does: give a new mandate a new reference
line 52: evse DE*NLC*E0001*1: meters: another meter or key is registered from the same instant on; registered keys never change, give the new one a later valid_from
line 68: signature policy NLC-OLD-AC: is loaded and asks something else; what a rule asks never changes, end it and give the new one another id
line 71: tariff NORD version 1: is published with other content; published versions never change, use the next version
line 85: tariff NORD version 2: announced_on: is not the date with which the version was published; what customers were told stands, announce the next version
line 96: ageing rule PRICE-60: is loaded and says something else; what a rule says never changes, end it and give the new one another id`
	if got := faults.Error(); got != want {
		t.Errorf("faults:\n%s\nwant:\n%s", got, want)
	}
	if n := r.number(t, `select count(*) from party`); n != 1 {
		t.Errorf("%d parties, want the one loaded first", n)
	}
	if n := r.number(t, `select count(*) from audit`); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
}

func TestContractIDOfALoadedContract(t *testing.T) {
	r := newDataHouse(t)
	r.load(t)
	f := r.parsed(t, exampleText(t))
	f.Contracts[0].No, f.Mandates, f.Tokens = "V9", nil, nil
	_, err := r.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann"})
	if err == nil || !strings.Contains(err.Error(), "contract V9: emaid: is that of another loaded contract at the same time") {
		t.Errorf("error %v", err)
	}
}

func TestDryRunLoadsNothing(t *testing.T) {
	r := newDataHouse(t)
	done, err := r.LoadMasterData(t.Context(), r.parsed(t, exampleText(t)), jobs.Loading{Actor: "ann", DryRun: true})
	if err != nil || done.Parties.New != 1 || done.Plans.New != 1 || done.Tariffs.New != 2 {
		t.Errorf("%+v, error %v; want one plan and two tariffs", done, err)
	}
	if n := r.number(t, `select count(*) from tenant`); n != 0 {
		t.Errorf("%d tenants after a dry run", n)
	}
}

// TestPartOfTheData loads one customer more, who refers to the tariff that was loaded before, and one who refers to nothing.
func TestPartOfTheData(t *testing.T) {
	r := newDataHouse(t)
	r.load(t)
	f := r.parsed(t, exampleText(t))
	f.Parties[0].No, f.Contracts[0].No, f.Contracts[0].PartyNo, f.Contracts[0].EMAID = "K2", "V2", "K2", "DE-NLM-C20000002"
	f.Tokens, f.Mandates, f.EVSEs, f.Policies, f.Tariffs, f.Schedules = nil, nil, nil, nil, nil, nil
	done, err := r.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann"})
	if err != nil || done.Contracts.New != 1 {
		t.Errorf("%+v, error %v; want one contract", done, err)
	}
	f.Contracts[0].No, f.Contracts[0].TariffCode, f.Contracts[0].EMAID = "V3", "SUED", "DE-NLM-C20000003"
	_, err = r.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann"})
	if err == nil || !strings.Contains(err.Error(), "contract V3: tariff: tariff SUED is neither in the file nor loaded") {
		t.Errorf("error %v", err)
	}
}

// TestManyRecords crosses the size of a statement, and finds the one token that moved by its place.
func TestManyRecords(t *testing.T) {
	r := newDataHouse(t)
	f := r.parsed(t, exampleText(t))
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	second := f.Contracts[0]
	second.No, second.EMAID = "V2", "DE-NLM-C20000002"
	f.Contracts = append(f.Contracts, second)
	f.Tokens = nil
	for i := range 11_000 {
		f.Tokens = append(f.Tokens, customer.Token{UID: fmt.Sprintf("APP-%05d", i), ContractNo: "V500001", From: from})
	}
	done, err := r.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann"})
	if err != nil || done.Tokens != (store.Merged{New: 11_000}) {
		t.Fatalf("tokens %+v, error %v; want 11000 new", done.Tokens, err)
	}
	f.Tokens[7_000].ContractNo = "V2"
	_, err = r.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann"})
	if err == nil || !strings.Contains(err.Error(), "token 7001, of contract V2: contract: is loaded with another contract") {
		t.Errorf("error %v", err)
	}
}

// TestTheNewerHolds publishes a second tariff version beside an open-ended one and a second key beside an open-ended one.
func TestTheNewerHolds(t *testing.T) {
	r := newDataHouse(t)
	r.load(t)
	f := r.parsed(t, exampleText(t))
	tariff, key := f.Tariffs[0], f.EVSEs[0].Keys[0]
	tariff.Version, tariff.ValidFrom = 3, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	key.From, key.MeterID = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), "second"
	key.SPKI = append([]byte{}, key.SPKI...)
	key.SPKI[90]++
	f.Tariffs = append(f.Tariffs, tariff)
	f.EVSEs[0].Keys = append(f.EVSEs[0].Keys, key)
	if _, err := r.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	err := r.DB.InTx(t.Context(), func(tx *store.Tx) error {
		versions, err := tx.TariffVersions(t.Context(), 1, []string{"NORD"})
		if err != nil {
			return err
		}
		if len(versions) != 3 || versions[0].Version != 1 || versions[1].AnnouncedOn != calendar.NewDate(2026, 5, 4) || versions[2].PublishedAt == nil {
			t.Errorf("versions %+v, want the three of the file, the oldest first", versions)
		}
		keys, err := tx.Keys(t.Context(), 1, []string{f.EVSEs[0].ID}, nil)
		if err != nil {
			return err
		}
		for _, at := range []struct {
			day  int
			want byte
		}{{30, key.SPKI[90] - 1}, {32, key.SPKI[90]}} {
			spki, ok := keys.Registered(f.EVSEs[0].ID, time.Date(2026, 5, at.day, 12, 0, 0, 0, time.UTC))
			if !ok || spki[90] != at.want {
				t.Errorf("on day %d of May the key ends in %x, want %x", at.day, spki[90], at.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCardOfALoadedContract gives a card that is loaded and open to another contract from a later instant.
func TestCardOfALoadedContract(t *testing.T) {
	r := newDataHouse(t)
	r.load(t)
	f := r.parsed(t, exampleText(t))
	second := f.Contracts[0]
	second.No, second.EMAID = "V2", "DE-NLM-C20000002"
	f.Contracts = append(f.Contracts, second)
	handover := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	f.Tokens = []customer.Token{{UID: "04a1b2c3d4e5f6", ContractNo: "V2", From: handover}}
	_, err := r.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann"})
	if err == nil || !strings.Contains(err.Error(), "token 1, of contract V2: uid: belongs to another loaded contract at the same time") {
		t.Errorf("error %v", err)
	}
	ended := r.parsed(t, exampleText(t)).Tokens[0]
	ended.Until = handover
	f.Tokens = append(f.Tokens, ended)
	done, err := r.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann"})
	if err != nil || done.Tokens != (store.Merged{New: 1, Changed: 1}) {
		t.Errorf("%+v, error %v; want the card handed on", done.Tokens, err)
	}
}
