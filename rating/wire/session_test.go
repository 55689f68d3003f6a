package wire

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

var testLook = Lookups{TimeZone: time.LoadLocation}

func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// documentBlocks are the blocks of a language in the document of the format.
func documentBlocks(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/formats/session.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, part := range strings.Split(string(text), "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}

func TestDocumentExamplesAreRead(t *testing.T) {
	blocks := documentBlocks(t, "json")
	if len(blocks) != 2 {
		t.Fatalf("the document has %d examples, want 2", len(blocks))
	}
	c, faults := ParseSession("least", []byte(blocks[0]), testLook)
	s := c.Session
	if len(faults) > 0 || s.Energy != 30_000_000 || s.End.Sub(s.Start) != 90*time.Minute || !s.DurationUsable || !s.StartTimeUsable || !s.EndTimeUsable || s.Calibrated {
		t.Errorf("the least session: %v %+v", faults, s)
	}
	c, faults = ParseSession("whole", []byte(blocks[1]), testLook)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := Case{
		Session: rating.Session{
			ID: "DE/ABC/CDR-17", Start: time.Date(2026, 10, 5, 19, 30, 0, 0, time.UTC), End: time.Date(2026, 10, 5, 22, 30, 0, 0, time.UTC),
			Energy: 30_500_000, Idle: 90 * time.Minute,
			Readings: []rating.Reading{{At: time.Date(2026, 10, 5, 20, 0, 0, 0, time.UTC), Energy: 10_200_000}},
			TimeZone: zoneNamed(t, "Europe/Berlin"), Location: "HH-Hafen", EVSEID: "DE*ABC*E0001*1", Zone: "city", Operator: "DE*ABC", Country: "DE",
			Power: "DC", Watts: 150_000, Channel: "app", DurationUsable: true, StartTimeUsable: true, EndTimeUsable: true, Calibrated: true,
		},
		Contract: rating.Contract{
			No: "V1", Customer: "K1", Groups: []string{"gold", "public"}, Taken: 85_000_000,
			Allowances: []rating.Allowance{{ID: "included-kwh", Component: rating.Energy, Left: 12_500_000}, {ID: "included-idle", Component: rating.Idle, Left: 1800}},
		},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

// TestDocumentMistakes makes the mistakes of the document and expects its messages.
func TestDocumentMistakes(t *testing.T) {
	_, faults := ParseSession("session.json", []byte(`{
  "start": "2026-10-05T21:30:00",
  "end": "2026-10-05T23:00:00+02:00",
  "energy_kwh": "30,5",
  "idle": 10,
  "time_zone": "Berlin",
  "contract": {"group": ["gold"]}
}`), testLook)
	if got, want := faults.Error()+"\n", documentBlocks(t, "text")[0]; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFaultsNameMemberAndWhatToWrite(t *testing.T) {
	const head = `{"start": "2026-10-05T21:30:00+02:00", "end": "2026-10-05T23:00:00+02:00", "energy_kwh": "30"`
	for _, c := range []struct{ name, text, want string }{
		{"nothing", ``, "is empty; want a session in braces"},
		{"no JSON", "{\n\"start\": ,", "line 2: this is no JSON; look for a missing comma"},
		{"two values", head + `} {}`, "this is no JSON"},
		{"a list", `[]`, "want an object in braces"},
		{"no UTF-8", "{\"id\": \"\xff\"}", "save the file as UTF-8"},
		{"energy is missing", `{"start": "2026-10-05T21:30:00+02:00", "end": "2026-10-05T23:00:00+02:00"}`, "energy_kwh: is missing; want kilowatt-hours"},
		{"energy without unit", `{"energy": 3}`, "energy: no such member; write energy_kwh"},
		{"end before start", `{"start": "2026-10-05T21:30:00+02:00", "end": "2026-10-05T20:00:00+02:00", "energy_kwh": 1}`, "end: is before start"},
		{"an exponent", `{"energy_kwh": 3e1}`, `energy_kwh: "3e1" is no plain number`},
		{"too many digits", `{"energy_kwh": "1.1234567"}`, "has more than 6 decimals; round it"},
		{"an energy beyond 64 bits", `{"energy_kwh": "99999999999999999999"}`, "is too large"},
		{"a member twice", head + `, "idle": "1m", "idle": "2m"}`, "idle: is there twice; keep one"},
		{"half seconds", head + `, "idle": "1.5s"}`, "in whole seconds"},
		{"a number as duration", head + `, "idle": 5}`, "idle: 5 has no unit"},
		{"a text as truth", head + `, "calibrated": "yes"}`, "calibrated: want true or false, without quotes"},
		{"a power that is none", head + `, "power": "dc"}`, `power: want "AC" or "DC"`},
		{"a channel that is none", head + `, "channel": "card"}`, `channel: want "rfid", "app", "plug_and_charge" or "ad_hoc"`},
		{"a country as name", head + `, "country": "Germany"}`, `country: "Germany" is no country`},
		{"the machine's zone", head + `, "time_zone": "Local"}`, `time_zone: "Local" is no time zone`},
		{"no watts", head + `, "max_watts": "22 kW"}`, "max_watts: want whole watts"},
		{"an empty text", head + `, "location": ""}`, "location: is empty; fill it in or leave the member out"},
		{"a year mistyped", `{"start": "0026-10-05T21:30:00+02:00"}`, "start: the year must be 2000 to 2200"},
		{"a period without start", head + `, "periods": [{"energy_kwh": 1}]}`, "periods[0].start: is missing"},
		{"a reading that is text", head + `, "readings": ["22:00"]}`, "readings[0]: want an object in braces"},
		{"proven misspelt", head + `, "proven": {"duration": false}}`, "proven.duration: no such member; did you mean durations?"},
		{"a group twice", head + `, "contract": {"groups": ["a", "a"]}}`, "contract.groups[1]: is there twice"},
		{"an allowance of sessions", head + `, "contract": {"allowances": [{"id": "x", "component": "session", "left": "1"}]}}`, `allowances[0].component: want "energy_kwh"`},
		{"an allowance without unit", head + `, "contract": {"allowances": [{"id": "x", "component": "idle_min", "left": 30}]}}`, "left: 30 has no unit"},
		{"two allowances of one id", head + `, "contract": {"allowances": [{"id": "x", "component": "energy_kwh", "left": 1},
			{"id": "x", "component": "energy_kwh", "left": 1}]}}`, "line 2: contract.allowances[1].id: is that of another allowance"},
		{"a stated total with comma", head + `, "stated_total": "1,5"}`, `stated_total: "1,5" has a comma; write 1.5`},
		{"a stated total beyond range", head + `, "stated_total": "2000000"}`, "is too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, faults := ParseSession("s.json", []byte(c.text), testLook)
			if !strings.Contains(faults.Error(), c.want) {
				t.Errorf("got %q, want %q in it", faults.Error(), c.want)
			}
		})
	}
}

// TestSessionsComeBack writes sessions and reads them back: they must be the same to the content key, so that a stored price
// can be made again from the file.
func TestSessionsComeBack(t *testing.T) {
	tariff, err := rating.Compile(rating.Tariff{
		Code: "T", Version: 1, Currency: money.EUR, Mode: rating.Gross,
		Rows: []rating.Row{{ID: "r", Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 490_000, VATCode: "standard"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	zones := []*time.Location{nil, time.UTC, zoneNamed(t, "Europe/Berlin"), zoneNamed(t, "Asia/Kolkata")}
	rapid.Check(t, func(t *rapid.T) {
		c := Case{Session: drawSession(t, zones), Contract: drawContract(t)}
		text, err := WriteSession(c)
		if err != nil {
			t.Fatal(err)
		}
		back, faults := ParseSession("", text, testLook)
		if len(faults) > 0 {
			t.Fatalf("%v\n%s", faults, text)
		}
		if rating.ContentKey(back.Contract, tariff, back.Session) != rating.ContentKey(c.Contract, tariff, c.Session) {
			t.Fatalf("got  %+v\nwant %+v\n%s", back, c, text)
		}
	})
}

func drawSession(t *rapid.T, zones []*time.Location) rating.Session {
	name := rapid.SampledFrom([]string{"", "L1", "DE*ABC*E1", "with \"quotes\" & <signs>", "ä"})
	start := time.Unix(rapid.Int64Range(1_000_000_000, 3_000_000_000).Draw(t, "start"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	seconds := rapid.Int64Range(0, 200_000)
	energy := rapid.Int64Range(-10, 1_000_000_000)
	flag := rapid.Bool()
	s := rating.Session{
		ID: name.Draw(t, "id"), Start: start, End: start.Add(time.Duration(seconds.Draw(t, "length")) * time.Second),
		Energy: cdr.MicroKWh(energy.Draw(t, "energy")), Export: cdr.MicroKWh(energy.Draw(t, "export")),
		Idle: time.Duration(seconds.Draw(t, "idle")) * time.Second, Reserved: time.Duration(seconds.Draw(t, "reserved")) * time.Second,
		ReservationExpired: flag.Draw(t, "expired"), Location: name.Draw(t, "location"), EVSEID: name.Draw(t, "evse"), Zone: name.Draw(t, "zone"),
		Operator: name.Draw(t, "operator"), Country: rapid.SampledFrom([]string{"", "DE", "AT"}).Draw(t, "country"),
		Power: rapid.SampledFrom([]string{"", "AC", "DC"}).Draw(t, "power"), Watts: rapid.Int64Range(0, 400_000).Draw(t, "watts"),
		Channel:  rapid.SampledFrom([]string{"", "rfid", "ad_hoc"}).Draw(t, "channel"),
		TimeZone: rapid.SampledFrom(zones).Draw(t, "time zone"), ZoneGuessed: flag.Draw(t, "guessed"),
		DurationUsable: flag.Draw(t, "durations"), StartTimeUsable: flag.Draw(t, "start usable"), EndTimeUsable: flag.Draw(t, "end usable"),
		Calibrated: flag.Draw(t, "calibrated"), HasStated: flag.Draw(t, "has stated"),
	}
	if flag.Draw(t, "charge end") {
		s.ChargeEnd = start.Add(time.Duration(seconds.Draw(t, "charge end after")) * time.Second)
	}
	if s.HasStated {
		s.Stated = money.Exact(rapid.Int64Range(-1_000_000_000, 1_000_000_000_000_000).Draw(t, "stated") * ninths)
	}
	for range rapid.IntRange(0, 3).Draw(t, "periods") {
		s.Periods = append(s.Periods, rating.Period{
			Start: start.Add(time.Duration(seconds.Draw(t, "period")) * time.Second), Energy: cdr.MicroKWh(energy.Draw(t, "of period")),
			Idle: time.Duration(seconds.Draw(t, "idle of period")) * time.Second,
		})
		s.Readings = append(s.Readings, rating.Reading{At: start.Add(time.Duration(seconds.Draw(t, "reading"))), Energy: cdr.MicroKWh(energy.Draw(t, "read"))})
	}
	return s
}

func drawContract(t *rapid.T) rating.Contract {
	c := rating.Contract{
		No: rapid.SampledFrom([]string{"", "V1"}).Draw(t, "no"), Customer: rapid.SampledFrom([]string{"", "K1"}).Draw(t, "customer"),
		Groups: rapid.SampledFrom([][]string{nil, {"a"}, {"b", "a"}}).Draw(t, "groups"), Taken: cdr.MicroKWh(rapid.Int64Range(0, 1_000_000_000).Draw(t, "taken")),
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "allowances") {
		c.Allowances = append(c.Allowances, rating.Allowance{
			ID: string(rune('a' + i)), Component: rating.Component(rapid.SampledFrom(metered()).Draw(t, "component")), Left: rapid.Int64Range(0, 100_000_000).Draw(t, "left"),
		})
	}
	return c
}

// FuzzParseSession holds that nothing makes the reader stop, and that what it accepts it writes back as it was.
func FuzzParseSession(f *testing.F) {
	f.Add([]byte(`{"start": "2026-10-05T21:30:00+02:00", "end": "2026-10-05T23:00:00+02:00", "energy_kwh": 30.5, "time_zone": "Europe/Berlin"}`))
	f.Add([]byte(`{"contract": {"groups": ["a"], "allowances": [{"id": "x", "component": "idle_min", "left": "1h"}]}, "periods": [{}]}`))
	f.Add([]byte(`[{"start": null}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, faults := ParseSession("f", data, testLook)
		if len(faults) > 0 {
			if !reflect.DeepEqual(c, Case{}) {
				t.Error("a faulty file gives a case")
			}
			return
		}
		text, err := WriteSession(c)
		if err != nil || !json.Valid(text) {
			t.Fatalf("cannot be written: %v", err)
		}
		back, faults := ParseSession("f", text, testLook)
		if len(faults) > 0 {
			t.Fatalf("what was written is not read: %v\n%s", faults, text)
		}
		again, err := WriteSession(back)
		if err != nil || string(again) != string(text) {
			t.Errorf("written twice:\n%s\n%s", text, again)
		}
	})
}
