package sepa

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// twoDebits is a file a clerk can add up: 25.47 + 100.00 = 125.47.
func twoDebits() SealedBatch {
	return SealedBatch{
		MessageID: "WD-20261102-R1-1",
		Created:   time.Date(2026, 11, 2, 8, 30, 15, 987_000_000, time.FixedZone("", 3600)),
		Creditor:  Creditor{Name: "Ladenetz Nord GmbH", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX", CreditorID: "DE98ZZZ09999999999"},
		Scheme:    Core, Sequence: Recurrent,
		CollectOn: day("2026-11-16"),
		Debits: []Debit{
			{
				EndToEndID: "RE-2026-0000002-1", Minor: 10000, Mandate: "M-1002", SignedOn: day("2026-02-28"),
				DebtorName: "Erika Mustermann", IBAN: "AT611904300234573201", BIC: "BKAUATWW", Remittance: "RE-2026-0000002 Ladestrom 10/2026",
			},
			{
				EndToEndID: "RE-2026-0000001-1", Minor: 2547, Mandate: "M-1001", SignedOn: day("2025-12-01"),
				DebtorName: "Max Muster", IBAN: "DE02 1203 0000 0000 2020 51", Remittance: "RE-2026-0000001 Ladestrom 10/2026",
			},
		},
		Count: 2, Sum: 12547,
	}
}

// convertedTexts has names and texts that cannot stand in a file as they are, and a Swiss debtor with address.
func convertedTexts() SealedBatch {
	b := twoDebits()
	b.MessageID = "WD-20261102-R1-2"
	b.Creditor.Name, b.Creditor.BIC = "Müller & Söhne Ladesäulen GmbH", ""
	b.Debits = []Debit{
		{
			EndToEndID: "RE-2026-0000003-1", Minor: 1, Mandate: "M-1003", SignedOn: day("2026-01-15"),
			DebtorName: "Jörg Groß-Łukasz", IBAN: "DE02120300000000202051", Remittance: "RE-2026-0000003 \"Öko\" <Tarif>\nfür 49 ct/kWh",
		},
		{
			EndToEndID: "RE-2026-0000004-2", Minor: 99_999_999_999, Mandate: "M 1004", SignedOn: day("2026-01-15"),
			DebtorName: "Zoë D'Arc", IBAN: "CH9300762011623852957", BIC: "UBSWCHZH80A", Remittance: "RE-2026-0000004",
			Address: Address{"Bahnhofstraße 1", "8001", "Zürich", "CH"},
		},
	}
	b.Count, b.Sum = 2, 100_000_000_000
	return b
}

func written(t testing.TB, b SealedBatch) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WritePain008(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGolden(t *testing.T) {
	for name, batch := range map[string]SealedBatch{"two-debits": twoDebits(), "converted-texts": convertedTexts()} {
		got := written(t, batch)
		path := filepath.Join("testdata", name+".xml")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from the golden file:\n%s", name, got)
		}
		compareWithFile(t, batch, got)
	}
}

// file is a second reading of the format, by element names only.
type file struct {
	XMLName xml.Name `xml:"urn:iso:std:iso:20022:tech:xsd:pain.008.001.08 Document"`
	Header  struct {
		ID      string `xml:"MsgId"`
		Created string `xml:"CreDtTm"`
		Count   int    `xml:"NbOfTxs"`
		Sum     string `xml:"CtrlSum"`
	} `xml:"CstmrDrctDbtInitn>GrpHdr"`
	Payments []struct {
		ID      string `xml:"PmtInfId"`
		Count   int    `xml:"NbOfTxs"`
		Sum     string `xml:"CtrlSum"`
		Collect string `xml:"ReqdColltnDt"`
		Debits  []struct {
			ID     string `xml:"PmtId>EndToEndId"`
			Amount struct {
				Currency string `xml:"Ccy,attr"`
				Text     string `xml:",chardata"`
			} `xml:"InstdAmt"`
			Mandate string `xml:"DrctDbtTx>MndtRltdInf>MndtId"`
			IBAN    string `xml:"DbtrAcct>Id>IBAN"`
		} `xml:"DrctDbtTxInf"`
	} `xml:"CstmrDrctDbtInitn>PmtInf"`
}

// compareWithFile reads a written file again and compares counts, sums and ids with the batch.
func compareWithFile(t interface {
	Errorf(string, ...any)
	Fatalf(string, ...any)
}, b SealedBatch, raw []byte,
) {
	var f file
	if err := xml.Unmarshal(raw, &f); err != nil {
		t.Fatalf("the written file cannot be read: %v", err)
	}
	if len(f.Payments) != 1 {
		t.Fatalf("%d payment blocks", len(f.Payments))
	}
	p := f.Payments[0]
	var want, got []string
	var sum int64
	for _, d := range b.Debits {
		want = append(want, fmt.Sprintf("%s %d.%02d EUR %s", d.EndToEndID, d.Minor/100, d.Minor%100, d.Mandate))
		sum += d.Minor
	}
	slices.Sort(want)
	for _, d := range p.Debits {
		got = append(got, d.ID+" "+d.Amount.Text+" "+d.Amount.Currency+" "+d.Mandate)
	}
	total := fmt.Sprintf("%d.%02d", sum/100, sum%100)
	if !slices.Equal(got, want) {
		t.Errorf("debits %q, want %q", got, want)
	}
	if f.Header.ID != b.MessageID || f.Header.Count != len(b.Debits) || f.Header.Sum != total {
		t.Errorf("header %+v, want %s %d %s", f.Header, b.MessageID, len(b.Debits), total)
	}
	if p.ID != b.MessageID+"-1" || p.Count != len(b.Debits) || p.Sum != total || p.Collect != b.CollectOn.String() {
		t.Errorf("payment block %s %d %s %s, want %s-1 %d %s %s", p.ID, p.Count, p.Sum, p.Collect, b.MessageID, len(b.Debits), total, b.CollectOn)
	}
}

func TestTimeIsWrittenInUTCAndWholeSeconds(t *testing.T) {
	if raw := written(t, twoDebits()); !bytes.Contains(raw, []byte("<CreDtTm>2026-11-02T07:30:15Z</CreDtTm>")) {
		t.Errorf("no such time in %s", raw)
	}
}

func TestOrderOfDebitsDoesNotMatter(t *testing.T) {
	a, b := twoDebits(), twoDebits()
	slices.Reverse(b.Debits)
	if !bytes.Equal(written(t, a), written(t, b)) {
		t.Error("bytes differ")
	}
}

func TestRandomBatchesReadBackEqual(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 äßé&<>\"'@ЩΩ\n王")), 0, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		b := twoDebits()
		b.Debits, b.Count, b.Sum = nil, 0, 0
		for i := range rapid.IntRange(1, 40).Draw(t, "debits") {
			d := twoDebits().Debits[0]
			d.EndToEndID = fmt.Sprintf("RE-%d-1", i)
			d.Minor = rapid.Int64Range(1, maxCents).Draw(t, "cents")
			d.DebtorName = "A" + text.Draw(t, "name")
			d.Remittance = d.EndToEndID + " " + text.Draw(t, "text")
			b.Debits = append(b.Debits, d)
		}
		var out bytes.Buffer
		if err := WritePain008(&out, b); err != nil {
			t.Fatalf("%v", err)
		}
		compareWithFile(t, b, out.Bytes())
	})
}

type countingWriter struct{ writes, bytes int }

func (c *countingWriter) Write(p []byte) (int, error) {
	c.writes++
	c.bytes += len(p)
	return len(p), nil
}

func TestEveryFaultIsFoundBeforeTheFirstByte(t *testing.T) {
	tests := []struct {
		name   string
		change func(*SealedBatch)
		codes  string
	}{
		{"no debit", func(b *SealedBatch) { b.Debits, b.Count, b.Sum = nil, 0, 0 }, "batch-empty"},
		{"not sealed", func(b *SealedBatch) { b.Created = time.Time{} }, "batch-created"},
		{"wrong count", func(b *SealedBatch) { b.Count = 3 }, "count-sum"},
		{"one cent missing", func(b *SealedBatch) { b.Sum-- }, "count-sum"},
		{"B2B", func(b *SealedBatch) { b.Scheme = "B2B" }, "scheme"},
		{"first debit", func(b *SealedBatch) { b.Sequence = "FRST" }, "scheme"},
		{"message id", func(b *SealedBatch) { b.MessageID = "A//B" }, "id-slash id-slash"},
		{"message id leaves no room", func(b *SealedBatch) { b.MessageID = strings.Repeat("A", 34) }, "id-length"},
		{"creditor", func(b *SealedBatch) { b.Creditor = Creditor{"", "DE89370400440532013001", "", "DE97ZZZ09999999999"} }, "name-missing iban-checksum creditor-id"},
		{"Sunday", func(b *SealedBatch) { b.CollectOn = day("2026-11-15") }, "date-closed"},
		{"sealing day", func(b *SealedBatch) { b.CollectOn = day("2026-11-02") }, "date-lead"},
		{"day before", func(b *SealedBatch) { b.CollectOn = day("2026-10-30") }, "date-past"},
		{"wrong year", func(b *SealedBatch) { b.CollectOn = day("2027-11-16") }, "date-horizon"},
		{"no date", func(b *SealedBatch) { b.CollectOn = day("2026-11-16").AddDays(-800_000) }, "date-missing"},
		{"zero amount", func(b *SealedBatch) { b.Debits[0].Minor, b.Sum = 0, 2547 }, "amount-range"},
		{"negative amount", func(b *SealedBatch) { b.Debits[0].Minor, b.Sum = -1, 2547 }, "amount-range"},
		{"too much", func(b *SealedBatch) { b.Debits[0].Minor, b.Sum = 100_000_000_000, 2547 }, "amount-range"},
		{"same id twice", func(b *SealedBatch) { b.Debits[0].EndToEndID = b.Debits[1].EndToEndID }, "id-duplicate"},
		{"pipe in an id", func(b *SealedBatch) { b.Debits[0].EndToEndID = "A|1" }, "id-charset"},
		{"no mandate", func(b *SealedBatch) { b.Debits[0].Mandate = "" }, "mandate-missing"},
		{"mandate reference", func(b *SealedBatch) { b.Debits[0].Mandate = "Ä1" }, "id-charset"},
		{"no signature date", func(b *SealedBatch) { b.Debits[0].SignedOn.Year = 0 }, "mandate-missing"},
		{"signed on a day that is none", func(b *SealedBatch) { b.Debits[0].SignedOn.Day = 30 }, "mandate-missing"},
		{"signed after the sealing", func(b *SealedBatch) { b.Debits[0].SignedOn = day("2026-11-04") }, "mandate-future"},
		{"debtor iban", func(b *SealedBatch) { b.Debits[0].IBAN = "AT611904300234573202" }, "iban-checksum"},
		{"NOTPROVIDED as BIC", func(b *SealedBatch) { b.Debits[0].BIC = "NOTPROVIDED" }, "bic-country"},
		{"Cyrillic name is converted", func(b *SealedBatch) { b.Debits[0].DebtorName = "Щукин" }, ""},
		{"Chinese name", func(b *SealedBatch) { b.Debits[0].DebtorName = "王伟" }, "name-empty"},
		{"long name", func(b *SealedBatch) { b.Debits[0].DebtorName = strings.Repeat("ß", 36) }, "name-long"},
		{"long text", func(b *SealedBatch) { b.Debits[0].Remittance = strings.Repeat("a", 141) }, "remittance-long"},
		{"Swiss debtor without address", func(b *SealedBatch) { b.Debits[0].IBAN, b.Debits[0].BIC = "CH9300762011623852957", "" }, "address-required"},
		{"Swiss creditor, no addresses", func(b *SealedBatch) { b.Creditor.IBAN, b.Creditor.BIC = "CH9300762011623852957", "" }, "address-required address-required"},
		{"half an address", func(b *SealedBatch) { b.Debits[0].Address.Street = "Weg 1" }, "address-incomplete"},
		{"country in words", func(b *SealedBatch) { b.Debits[0].Address = Address{Town: "Wien", Country: "Austria"} }, "address-country"},
		{"long town", func(b *SealedBatch) { b.Debits[0].Address = Address{Town: strings.Repeat("ü", 18), Country: "AT"} }, "address-long"},
		{"two faults in two debits", func(b *SealedBatch) { b.Debits[0].IBAN, b.Debits[1].DebtorName = "", "" }, "name-missing iban-length"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := twoDebits()
			tt.change(&b)
			var w countingWriter
			err := WritePain008(&w, b)
			var found CheckErrors
			errors.As(err, &found)
			var codes []string
			for _, f := range found {
				codes = append(codes, string(f.Code))
			}
			if got := strings.Join(codes, " "); got != tt.codes {
				t.Errorf("codes %q, want %q: %v", got, tt.codes, err)
			}
			if (err == nil) != (w.bytes > 0) {
				t.Errorf("%d bytes written with error %v", w.bytes, err)
			}
		})
	}
}

func TestErrorNamesTheRecordAndNoPerson(t *testing.T) {
	b := twoDebits()
	b.Debits[0].IBAN = "AT611904300234573202"
	err := WritePain008(io.Discard, b)
	const want = "iban-checksum: check digits do not fit (AT61...3202, debtor iban of RE-2026-0000002-1); ask the customer for the IBAN"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriterErrorsComeBack(t *testing.T) {
	if err := WritePain008(fullDisk{}, twoDebits()); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

func TestWarnings(t *testing.T) {
	b := twoDebits()
	b.Debits = append(b.Debits, b.Debits[1])
	b.Debits[2].EndToEndID = "RE-2026-0000009-1"
	b.Debits[0].BIC = "BKAUATW0"
	got := Warnings(b)
	if len(got) != 2 || got[0].Code != WarnTestBIC || got[1].Code != WarnTwice || got[1].Record != "RE-2026-0000009-1" {
		t.Errorf("got %v", got)
	}
	if got := Warnings(twoDebits()); got != nil {
		t.Errorf("clean batch: %v", got)
	}
}

func many(n int) SealedBatch {
	b := twoDebits()
	b.Debits, b.Count, b.Sum = make([]Debit, n), 0, 0
	for i := range b.Debits {
		b.Debits[i] = twoDebits().Debits[i%2]
		b.Debits[i].EndToEndID = fmt.Sprintf("RE-2026-%07d-1", n-i)
		b.Debits[i].DebtorName = "Jörg Groß"
		b.Debits[i].Remittance = fmt.Sprintf("RE-2026-%07d Ladestrom für 10/2026", n-i)
	}
	return b
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	// Each debit may cost its index and its converted texts, never its bytes in the file: writes stay small.
	b := many(2000)
	var w countingWriter
	if err := WritePain008(&w, b); err != nil {
		t.Fatal(err)
	}
	if w.writes < 10 || w.bytes/w.writes > flushAt+8<<10 {
		t.Errorf("%d bytes in %d writes", w.bytes, w.writes)
	}
}

func BenchmarkWritePain008(b *testing.B) {
	batch := many(100_000)
	b.ReportAllocs()
	for b.Loop() {
		var w countingWriter
		if err := WritePain008(&w, batch); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(w.bytes))
	}
}
