package cdr

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func utc(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestEveryFieldOfTheSample(t *testing.T) {
	want := Record{
		Country: "DE", Party: "ABC", ID: "CDR-1", SessionID: "S-1",
		Start: utc("2026-10-05T18:00:00Z"), End: utc("2026-10-05T19:30:00Z"),
		Token: Token{UID: "04A1B2C3D4E5F6", Type: "RFID", ContractID: "DE-EMP-C00000001-1"},
		Location: Location{
			ID: "LOC1", Name: "Rathaus", Street: "Markt 1", PostalCode: "12345", City: "Musterstadt",
			Country: "DEU", EVSEUID: "E1", EVSEID: "DE*ABC*E1*1", Connector: "1", PowerType: "AC_3_PHASE",
		},
		Currency: "EUR", Energy: 11_078_000, Duration: 5400 * time.Second, Parking: 900 * time.Second,
		Periods: []Period{
			{Start: utc("2026-10-05T18:00:00Z"), Energy: 11_078_000, Charging: 4500 * time.Second, Has: HasEnergy | HasCharging},
			{Start: utc("2026-10-05T19:15:00Z"), Parking: 900 * time.Second, Has: HasParking},
		},
		StatedExcl: "4.56", StatedIncl: "5.43",
		Signed: &SignedData{Method: "OCMF", Version: "1", PublicKey: "MFkw", URL: "https://example.com/v", Values: []SignedValue{
			{Nature: "Start", Plain: `OCMF|{"FV":"1.0"}|{}`, Signed: "T0NNRg=="},
			{Nature: "End", Signed: "T0NNRh=="},
		}},
		LastUpdated: utc("2026-10-05T19:35:00Z"),
		Origin:      Origin{Ordinal: 1, Line: 1, Raw: []byte(sampleCDR), Length: int64(len(sampleCDR))},
	}
	if diff := cmp.Diff(want, one(t, sampleCDR)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsTolerated(t *testing.T) {
	const energy, start = `"total_energy":11.078`, `"start_date_time":"2026-10-05T18:00:00Z","end`
	for _, c := range []struct {
		name, old, new string
		got            func(Record) any
		want           any
	}{
		{
			"token without country and party, as in the standard's example", `{"country_code":"DE","party_id":"EMP",`, `{`,
			func(r Record) any { return r.Token.ContractID }, "DE-EMP-C00000001-1",
		},
		{"no session id", `"session_id":"S-1",`, ``, func(r Record) any { return r.SessionID }, ""},
		{"null session id", `"session_id":"S-1"`, `"session_id":null`, func(r Record) any { return r.SessionID }, ""},
		{"null signed data", `"url":"https://example.com/v"}`, `"url":null}`, func(r Record) any { return r.Signed.URL }, ""},
		{"lower-case token type", `"RFID"`, `"rfid"`, func(r Record) any { return r.Token.Type }, "RFID"},
		{"lower-case currency", `"currency":"EUR","tariffs"`, `"currency":"eur","tariffs"`, func(r Record) any { return string(r.Currency) }, "EUR"},
		{
			"lower-case sender", `"country_code":"DE","party_id":"ABC","id":"CDR-1"`, `"country_code":"de","party_id":"abc","id":"cdr-1"`,
			func(r Record) any { return r.Country + r.Party + r.ID }, "DEABCcdr-1",
		},
		{"lower-case dimension", `{"type":"ENERGY","volume"`, `{"type":"energy","volume"`, func(r Record) any { return r.Periods[0].Energy }, MicroKWh(11_078_000)},
		{"volume before type", `{"type":"TIME","volume":1.25}`, `{"volume":1.25,"type":"TIME"}`, func(r Record) any { return r.Periods[0].Charging }, 75 * time.Minute},
		{"unknown dimension", `"MAX_CURRENT","volume":16`, `"STATE_OF_CHARGE","volume":-1`, func(r Record) any { return len(r.Periods) }, 2},
		{"unknown member", energy, `"x":{"a":[1,true,null,{"b":"\u00e4"}]},` + energy, func(r Record) any { return r.Energy }, MicroKWh(11_078_000)},
		{"quoted energy", energy, `"total_energy":"11.078"`, func(r Record) any { return r.Energy }, MicroKWh(11_078_000)},
		{"quoted cost", `"excl_vat":4.56`, `"excl_vat":"4.560"`, func(r Record) any { return r.StatedExcl }, "4.560"},
		{"energy with exponent", energy, `"total_energy":1.1078E1`, func(r Record) any { return r.Energy }, MicroKWh(11_078_000)},
		{"zero energy", energy, `"total_energy":0`, func(r Record) any { return r.Energy }, MicroKWh(0)},
		{"negative zero", energy, `"total_energy":-0.0`, func(r Record) any { return r.Energy }, MicroKWh(0)},
		{"cost with three decimals", `"excl_vat":4.56`, `"excl_vat":4.565`, func(r Record) any { return r.StatedExcl }, "4.565"},
		{"cost excluding tax only", `,"incl_vat":5.43`, ``, func(r Record) any { return r.StatedExcl + r.StatedIncl }, "4.56"},
		{"ten minutes as 0.1667 h", `"total_parking_time":0.25`, `"total_parking_time":0.1667`, func(r Record) any { return r.Parking }, 600 * time.Second},
		{"time without zone is UTC", start, `"start_date_time":"2026-10-05T18:00:00","end`, func(r Record) any { return r.Start }, utc("2026-10-05T18:00:00Z")},
		{"time with fraction", start, `"start_date_time":"2026-10-05T18:00:00.25Z","end`, func(r Record) any { return r.Start }, utc("2026-10-05T18:00:00.25Z")},
		{"time with offset", start, `"start_date_time":"2026-10-05T20:00:00+02:00","end`, func(r Record) any { return r.Start }, utc("2026-10-05T18:00:00Z")},
		{"no last_updated", `,"last_updated":"2026-10-05T19:35:00Z"`, ``, func(r Record) any { return r.LastUpdated.IsZero() }, true},
		{"EVSE by uid only", `"evse_id":"DE*ABC*E1*1",`, ``, func(r Record) any { return r.Location.EVSEUID + r.Location.EVSEID }, "E1"},
		{"EVSE by id only", `"evse_uid":"E1",`, ``, func(r Record) any { return r.Location.EVSEUID + r.Location.EVSEID }, "DE*ABC*E1*1"},
		{"escapes and umlauts", `"name":"Rathaus"`, `"name":"M\u00fcller \ud83d\udd0c \"Süd\""`, func(r Record) any { return r.Location.Name }, `Müller 🔌 "Süd"`},
		{"escaped member name", `"session_id":`, `"session\u005fid":`, func(r Record) any { return r.SessionID }, "S-1"},
		{"version as text", `"encoding_method_version":1`, `"encoding_method_version":"1.0"`, func(r Record) any { return r.Signed.Version }, "1.0"},
		{"session of no length", `"end_date_time":"2026-10-05T19:30:00Z"`, `"end_date_time":"2026-10-05T18:00:00Z"`, func(r Record) any { return r.End.Sub(r.Start) }, time.Duration(0)},
		{"session of 366 days", `"end_date_time":"2026-10-05T19:30:00Z"`, `"end_date_time":"2027-10-06T18:00:00Z"`, func(r Record) any { return r.End.Sub(r.Start) }, 366 * 24 * time.Hour},
		{
			"a period before the session, which rating flags", `{"start_date_time":"2026-10-05T18:00:00Z"`, `{"start_date_time":"2026-10-05T17:00:00Z"`,
			func(r Record) any { return r.Periods[0].Start }, utc("2026-10-05T17:00:00Z"),
		},
		{
			"credit", `"total_cost":{"excl_vat":4.56,"incl_vat":5.43}`, `"credit":true,"credit_reference_id":"CDR-0","total_cost":{"excl_vat":-4.56,"incl_vat":-5.43}`,
			func(r Record) any { return []any{r.Credit, r.CreditRef, r.StatedExcl, r.Energy} },
			[]any{true, "CDR-0", "-4.56", MicroKWh(11_078_000)},
		},
		{"credit false", energy, energy + `,"credit":false`, func(r Record) any { return r.Credit }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.got(one(t, edit(t, c.old, c.new)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsRejected(t *testing.T) {
	const energy, end, start = `"total_energy":11.078`, `"end_date_time":"2026-10-05T19:30:00Z"`, `"start_date_time":"2026-10-05T18:00:00Z","end`
	for _, c := range []struct{ name, old, new, code, field string }{
		{"no country", `"country_code":"DE","party_id":"ABC","id":"CDR-1"`, `"party_id":"ABC","id":"CDR-1"`, CodeMissing, "country_code"},
		{"no party", `"party_id":"ABC","id":"CDR-1"`, `"id":"CDR-1"`, CodeMissing, "party_id"},
		{"no id", `"id":"CDR-1",`, ``, CodeMissing, "id"},
		{"null id", `"id":"CDR-1"`, `"id":null`, CodeMissing, "id"},
		{"blank id", `"id":"CDR-1"`, `"id":" "`, CodeMissing, "id"},
		{"no start", start, `"end`, CodeMissing, "start_date_time"},
		{"no end", end + `,`, ``, CodeMissing, "end_date_time"},
		{"no token", `"cdr_token":`, `"other":`, CodeMissing, "cdr_token"},
		{"no token uid", `"uid":"04A1B2C3D4E5F6",`, ``, CodeMissing, "cdr_token.uid"},
		{"no token type", `"type":"RFID",`, ``, CodeMissing, "cdr_token.type"},
		{"no contract id", `,"contract_id":"DE-EMP-C00000001-1"`, ``, CodeMissing, "cdr_token.contract_id"},
		{"no location", `"cdr_location":`, `"other":`, CodeMissing, "cdr_location"},
		{"no location country", `"country":"DEU",`, ``, CodeMissing, "cdr_location.country"},
		{"no EVSE", `"evse_uid":"E1","evse_id":"DE*ABC*E1*1",`, ``, CodeMissing, "cdr_location.evse_id"},
		{"no currency", `"currency":"EUR","tariffs"`, `"tariffs"`, CodeMissing, "currency"},
		{"no periods", `"charging_periods":`, `"other":`, CodeMissing, "charging_periods"},
		{"empty periods", `"charging_periods":[`, `"charging_periods":[],"other":[`, CodeMissing, "charging_periods"},
		{"no period start", `{"start_date_time":"2026-10-05T19:15:00Z",`, `{`, CodeMissing, "charging_periods[1].start_date_time"},
		{"no dimensions", `"dimensions":[{"type":"PARKING_TIME","volume":0.25}]`, `"x":1`, CodeMissing, "charging_periods[1].dimensions"},
		{"no volume", `{"type":"PARKING_TIME","volume":0.25}`, `{"type":"PARKING_TIME"}`, CodeMissing, "charging_periods[1].dimensions[0].volume"},
		{"no cost", `"total_cost":`, `"other":`, CodeMissing, "total_cost"},
		{"cost in the manner of 2.3.0", `{"excl_vat":4.56,"incl_vat":5.43}`, `{"before_taxes":4.56}`, CodeMissing, "total_cost.excl_vat"},
		{"cost in the manner of 2.1.1", `{"excl_vat":4.56,"incl_vat":5.43}`, `4.56`, CodeType, "total_cost"},
		{"no energy", energy + `,`, ``, CodeMissing, "total_energy"},
		{"no time", `"total_time":1.5,`, ``, CodeMissing, "total_time"},

		{"energy in words", energy, `"total_energy":"ten"`, CodeType, "total_energy"},
		{"energy with comma", energy, `"total_energy":"12,5"`, CodeType, "total_energy"},
		{"energy with unit", energy, `"total_energy":"11.078 kWh"`, CodeType, "total_energy"},
		{"quoted energy with exponent", energy, `"total_energy":"1e1"`, CodeType, "total_energy"},
		{"energy true", energy, `"total_energy":true`, CodeType, "total_energy"},
		{"energy object", energy, `"total_energy":{"kwh":1}`, CodeType, "total_energy"},
		{"id number", `"id":"CDR-1"`, `"id":1`, CodeType, "id"},
		{
			"token text", `"cdr_token":{"country_code":"DE","party_id":"EMP","uid":"04A1B2C3D4E5F6","type":"RFID","contract_id":"DE-EMP-C00000001-1"}`,
			`"cdr_token":"04A1B2C3D4E5F6"`, CodeType, "cdr_token",
		},
		{"periods object", `"charging_periods":[`, `"charging_periods":{},"other":[`, CodeType, "charging_periods"},
		{"period number", `,{"start_date_time":"2026-10-05T19:15:00Z"`, `,7,{"start_date_time":"2026-10-05T19:15:00Z"`, CodeType, "charging_periods[1]"},
		{"volume text", `"type":"TIME","volume":1.25`, `"type":"TIME","volume":"long"`, CodeType, "charging_periods[0].dimensions[1].volume"},
		{"credit as text", energy, energy + `,"credit":"true"`, CodeType, "credit"},
		{"signed data text", `"signed_data":{"encoding_method"`, `"signed_data":"x","other":{"encoding_method"`, CodeType, "signed_data"},
		{"signed value text", `{"nature":"End"`, `"x",{"nature":"End"`, CodeType, "signed_data.signed_values[1]"},

		{"negative energy", energy, `"total_energy":-1`, CodeNegative, "total_energy"},
		{"negative volume", `"ENERGY","volume":11.078`, `"ENERGY","volume":-0.5`, CodeNegative, "charging_periods[0].dimensions[0].volume"},
		{"negative time", `"total_time":1.5`, `"total_time":-1.5`, CodeNegative, "total_time"},
		{"negative cost", `"excl_vat":4.56`, `"excl_vat":-4.56`, CodeNegative, "total_cost.excl_vat"},
		{"energy overflow", energy, `"total_energy":99999999999999`, CodeOverflow, "total_energy"},
		{"energy overflow by exponent", energy, `"total_energy":1e999999999999999999999`, CodeOverflow, "total_energy"},
		{"time overflow", `"total_time":1.5`, `"total_time":9e9`, CodeOverflow, "total_time"},
		{"cost overflow", `"excl_vat":4.56`, `"excl_vat":1e100`, CodeOverflow, "total_cost.excl_vat"},

		{"unknown currency", `"currency":"EUR","tariffs"`, `"currency":"XTS","tariffs"`, CodeCurrency, "currency"},
		{"country code of three", `{"country_code":"DE","party_id":"ABC","id":"CDR-1"`, `{"country_code":"DEU","party_id":"ABC","id":"CDR-1"`, CodeValue, "country_code"},
		{"party id of four", `"party_id":"ABC","id":"CDR-1"`, `"party_id":"ABCD","id":"CDR-1"`, CodeValue, "party_id"},
		{"id with line break", `"id":"CDR-1"`, `"id":"CDR\n1"`, CodeValue, "id"},
		{"id with NUL", `"id":"CDR-1"`, `"id":"CDR\u00001"`, CodeValue, "id"},
		{"half a surrogate pair", `"name":"Rathaus"`, `"name":"\ud83d"`, CodeValue, "cdr_location.name"},
		{"reversed surrogate pair", `"name":"Rathaus"`, `"name":"\udd0c\ud83d"`, CodeValue, "cdr_location.name"},
		{"endless id", `"id":"CDR-1"`, `"id":"` + strings.Repeat("9", 256) + `"`, CodeValue, "id"},
		{"not a time", start, `"start_date_time":"5.10.2026 18:00","end`, CodeValue, "start_date_time"},
		{"no such day", start, `"start_date_time":"2026-02-30T18:00:00Z","end`, CodeValue, "start_date_time"},
		{"time as number", start, `"start_date_time":1790000000,"end`, CodeType, "start_date_time"},
		{"the zero time", start, `"start_date_time":"0001-01-01T00:00:00Z","end`, CodeValue, "start_date_time"},
		{"Latin-1", `"name":"Rathaus"`, "\"name\":\"M\xfcller\"", CodeEncoding, ""},
		{"id sent twice", `"session_id":"S-1"`, `"id":"CDR-2"`, CodeDuplicate, "id"},
		{"energy stated twice in a period", `{"type":"TIME","volume":1.25}`, `{"type":"ENERGY","volume":1.25}`, CodeDuplicate, "charging_periods[0].dimensions[1].type"},
		{"parked longer than connected", `"total_parking_time":0.25`, `"total_parking_time":2`, CodeValue, "total_parking_time"},

		{"end before start", end, `"end_date_time":"2026-10-05T17:59:59Z"`, CodeOrder, "end_date_time"},
		{"1970", start, `"start_date_time":"1970-01-01T00:00:00Z","end`, CodeTime, "start_date_time"},
		{"367 days", end, `"end_date_time":"2027-10-07T18:00:00Z"`, CodeTooLong, "end_date_time"},
		{"total time of two years", `"total_time":1.5`, `"total_time":17520`, CodeTooLong, "total_time"},
		{"credit without reference", energy, energy + `,"credit":true`, CodeCredit, "credit_reference_id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := read(t, edit(t, c.old, c.new))
			if got.order != "x" {
				t.Fatalf("got %q, want one reject", got)
			}
			r := got.rejects[0]
			if r.Code != c.code || r.Field != c.field {
				t.Errorf("got %s at %q (%s), want %s at %q", r.Code, r.Field, r.Detail, c.code, c.field)
			}
			if r.Detail == "" || r.Origin.Ordinal != 1 || r.Origin.Line != 1 || string(r.Origin.Raw) != edit(t, c.old, c.new) {
				t.Errorf("reject lacks detail or origin: %+v", r.Origin)
			}
			for _, personal := range []string{"04A1B2C3D4E5F6", "C00000001"} {
				if strings.Contains(r.Error(), personal) {
					t.Errorf("message shows personal data: %s", r.Error())
				}
			}
		})
	}
}

func TestRejectNamesRecordFieldAndAdvice(t *testing.T) {
	text := strings.Replace(edit(t, `"total_energy":11.078`, `"total_energy":"12,5"`), `"uid":"04A1B2C3D4E5F6",`, "", 1)
	got := read(t, text).rejects[0].Error()
	want := `field-missing: record CDR-1: field cdr_token.uid: mandatory but absent or empty; ask the sender to fill it; ` +
		`also at fault: total_energy (field-type)`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A record of a million empty values must not fill the memory: it is refused once, and notes no more than the first faults.
func TestTooManyValuesAreRefused(t *testing.T) {
	many := strings.Replace(sampleCDR, `{"nature":"End"`, strings.Repeat(`{"nature":"Start","signed_data":"x"},`, 20_000)+`{"nature":"End"`, 1)
	empty := strings.Replace(sampleCDR, `"charging_periods":[`, `"charging_periods":[`+strings.Repeat(`{},`, 20_000), 1)
	for _, c := range []struct{ name, file, code string }{
		{"signed values", many, CodeValue},
		{"periods", empty, CodeMissing},
	} {
		r, _ := ReaderFor("ocpi-2.2.1")
		n := 0
		for _, err := range r(strings.NewReader(c.file)) {
			n++
			var reject *Reject
			if !errors.As(err, &reject) || reject.Code != c.code || len(reject.Detail) > 100_000 {
				t.Errorf("%s: not refused with %s", c.name, c.code)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d results, want one", c.name, n)
		}
	}
}

func TestLatestIsCheckedWhenSet(t *testing.T) {
	for _, c := range []struct {
		latest string
		want   string
	}{{"2026-10-05T19:30:00Z", "CDR-1"}, {"2026-10-05T19:29:59Z", CodeTime}} {
		r, ok := ReaderWith("ocpi-2.2.1", Limits{Latest: utc(c.latest)})
		if !ok {
			t.Fatal("no reader")
		}
		if got := collect(t, r(strings.NewReader(sampleCDR))).String(); got != c.want {
			t.Errorf("latest %s: got %s, want %s", c.latest, got, c.want)
		}
	}
}

func TestFormats(t *testing.T) {
	if _, ok := ReaderFor("ocpi-2.2.1"); !ok {
		t.Error("ocpi-2.2.1 is not known")
	}
	if _, ok := ReaderFor("ocpi-9"); ok {
		t.Error("ocpi-9 is known")
	}
	if got := Formats()[0].Name; got != "ocpi-2.2.1" {
		t.Errorf("first format is %s", got)
	}
}
