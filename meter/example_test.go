package meter_test

import (
	"encoding/base64"
	"fmt"
	"time"

	"wattdue/cdr"
	"wattdue/meter"
)

// nobody is a key ring in which no key is registered.
type nobody struct{}

func (nobody) Registered(string, time.Time) ([]byte, bool)      { return nil, false }
func (nobody) Keyed(string) bool                                { return false }
func (nobody) RegisteredMeter(string, time.Time) ([]byte, bool) { return nil, false }

// A record whose meter nobody registered is held, and the verdict says what to do about it.
func ExampleCheck() {
	line := `OCMF|{"FV":"1.0","MS":"M1","PG":"T1","RD":[` +
		`{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1000.5,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"},` +
		`{"TM":"2026-10-05T09:30:00,000+0200 S","TX":"E","RV":1021.75}]}|{"SD":"3006020101020102"}`
	record := cdr.Record{
		Start:    time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC),
		End:      time.Date(2026, 10, 5, 7, 30, 0, 0, time.UTC),
		Location: cdr.Location{EVSEID: "DE*ABC*E1"},
		Energy:   21_250_000,
		Signed: &cdr.SignedData{Values: []cdr.SignedValue{
			{Nature: "End", Signed: base64.StdEncoding.EncodeToString([]byte(line))},
		}},
	}
	verdict := meter.Check(record, nobody{}, meter.DefaultProfile())
	fmt.Println(verdict.Word)
	for _, r := range verdict.Reasons {
		fmt.Println(r.Code, r.Value)
	}
	// Output:
	// key missing
	// key-not-registered DE*ABC*E1
}

// Decode shows what a signed record says, whether its signature holds or not.
func ExampleDecode() {
	m := meter.Decode([]byte(`OCMF|{"FV":"1.0","MS":"M1","PG":"T1","RD":[` +
		`{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":"    9.038","RI":"1-0:1.8.0","RU":"kWh","ST":"G"}]}|` +
		`{"SD":"3006020101020102"}`))[0]
	fmt.Println(len(m.Faults), m.Format, m.Meter, m.Page.Text)
	fmt.Println(m.Entries[0].Tx, m.Entries[0].Value, m.Entries[0].Unit)
	// Output:
	// 0 OCMF M1 T1
	// B {9038 -3} kWh
}
