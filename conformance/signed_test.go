package conformance

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/conformance/checker"
	"wattdue/meter"
	"wattdue/rating"
	"wattdue/sql/store"
)

// vector is a signed record as the manifest of published vectors describes it.
type vector struct {
	ID     string   `json:"id"`
	File   string   `json:"file"`
	SHA256 string   `json:"sha256"`
	Expect string   `json:"expect"` // valid: acceptable evidence for billing
	Class  string   `json:"class"`
	Flags  []string `json:"flags"`

	raw []byte
	key []byte // SPKI the record carries
}

// vectors reads the records of OCPI with OCMF values.
func vectors(t *testing.T) []vector {
	t.Helper()
	var manifest struct {
		Vectors []vector `json:"vectors"`
	}
	if err := json.Unmarshal(read(t, published(t, "eichrecht", "manifest.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	var all []vector
	for _, v := range manifest.Vectors {
		if !strings.HasPrefix(v.ID, "ocpi-ocmf-") {
			continue
		}
		v.raw = read(t, published(t, "eichrecht", v.File))
		if sum := sha256.Sum256(v.raw); hex.EncodeToString(sum[:]) != v.SHA256 {
			t.Errorf("%s is another file than the manifest describes", v.File)
		}
		var record struct {
			Signed struct {
				Key string `json:"public_key"`
			} `json:"signed_data"`
		}
		if err := json.Unmarshal(v.raw, &record); err != nil {
			t.Fatal(err)
		}
		var err error
		if v.key, err = base64.StdEncoding.DecodeString(record.Signed.Key); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// outcome is what must become of a record, calculated by hand.
type outcome struct {
	card, evse string
	day        calendar.Date // of the session
	begin, end string        // readings in kWh as the page shows them
	net, tax   string        // billed: as the page shows them
	gross      int64         // cents
	rate       string
	code       string // held: the reason
	notice     string // finding that is told and changes nothing
}

// outcomes are those of the tariff of 0.49 EUR per kWh and 0.50 EUR per session, VAT included.
var outcomes = map[string]outcome{
	// 0.150 kWh * 0.49 = 0.0735, that is 0.07; 0.07 + 0.50 = 0.57. In the second half of 2020 the German VAT was 16 %
	// (UStG §28): 0.57 / 1.16 = 0.4913..., net 0.49, tax 0.08.
	"ocpi-ocmf-ok": {
		card: "12345678ABCDEF", evse: "DE*TST*E1*1", day: calendar.NewDate(2020, time.October, 8),
		begin: "0,000", end: "0,150", net: "0,49 €", tax: "0,08 €", gross: 57, rate: "16 %",
	},
	"ocpi-ocmf-not-base64": {
		card: "12345678ABCDEF", evse: "DE*TST*E1*1", day: calendar.NewDate(2020, time.October, 8),
		begin: "0,000", end: "0,150", net: "0,49 €", tax: "0,08 €", gross: 57, rate: "16 %", notice: "encoding-deviation",
	},
	// 0.0001 kWh * 0.49 = 0.000049, that is 0.00; the fee remains: 0.50. At 19 %: 0.50 / 1.19 = 0.4201..., net 0.42, tax 0.08.
	"ocpi-ocmf-single-end": {
		card: "X", evse: "DE*TST*E2*1", day: calendar.NewDate(2019, time.August, 13),
		begin: "0,2596", end: "0,2597", net: "0,42 €", tax: "0,08 €", gross: 50, rate: "19 %",
	},
	// 0.510 kWh are stated, 0.150 kWh are signed.
	"ocpi-ocmf-energy-mismatch": {card: "12345678ABCDEF", evse: "DE*TST*E1*1", day: calendar.NewDate(2020, time.October, 8), code: "energy-mismatch"},
	// The readable copy of the end says 650 Wh, the signed one 150 Wh.
	"ocpi-ocmf-plain-differs": {card: "12345678ABCDEF", evse: "DE*TST*E1*1", day: calendar.NewDate(2020, time.October, 8), code: "plain-differs"},
}

// provide makes a tenant of a vector; all records have the same key, so that each needs one of its own.
func provide(v vector, o outcome, tariff rating.Tariff) provider {
	return provider{
		code: strings.TrimPrefix(v.ID, "ocpi-ocmf-"), card: o.card, emaid: "DE-EMP-C00000001-1", evse: o.evse, key: v.key, tariff: tariff,
		since: calendar.NewDate(2019, time.January, 1), sampleRecord: v.raw,
	}
}

// bill takes a record through intake and billing: the day after the session, and in the first days of the next month.
func (h *house) bill(t *testing.T, tenant store.Tenant, day calendar.Date) {
	t.Helper()
	next := day.AddDays(1)
	h.work(t, tenant, "intake", next.String(), next.Start(time.UTC).Add(3*time.Hour))
	month := day.MonthOf()
	h.work(t, tenant, "billing", month.String(), month.Next.AddDays(2).Start(time.UTC).Add(3*time.Hour))
}

// The questions asked about a tenant.
const (
	askDocuments = `select count(*) from document where tenant_id = $1`
	askGross     = `select coalesce(sum(gross), 0) from document where tenant_id = $1`
	askBilled    = `select count(*) from billed where tenant_id = $1`
	askCharges   = `select count(*) from charge where tenant_id = $1`
	askState     = `select state from charge_state where tenant_id = $1`
	askWord      = `select word from verdict where tenant_id = $1`
	askDebtors   = `select coalesce(sum(minor), 0) from leg where tenant_id = $1 and account = 'debtors'`
)

// TestSignedRecords takes the published signed records through import, verify, rate and billing, on a real database and by
// their real signatures: each must end as its manifest says, billed to the cent or held for the reason.
func TestSignedRecords(t *testing.T) {
	all := vectors(t)
	if len(all) != len(outcomes) {
		t.Errorf("%d vectors, %d rows in the table", len(all), len(outcomes))
	}
	h := newHouse(t)
	for _, v := range all {
		t.Run(v.ID, func(t *testing.T) {
			o, ok := outcomes[v.ID]
			if !ok || (o.code == "") != (v.Expect == "valid") {
				t.Fatalf("the manifest expects %s; the table says otherwise: %+v", v.Expect, o)
			}
			tenant := h.settle(t, provide(v, o, tariff(0, 0)))
			h.bill(t, tenant, o.day)
			if o.code != "" {
				h.wantHeld(t, tenant, o.code)
				return
			}
			h.wantBilled(t, tenant, o)
		})
	}
}

// wantHeld looks for a record in quarantine and for no trace of it in documents and books.
func (h *house) wantHeld(t *testing.T, tenant store.Tenant, code string) {
	t.Helper()
	rows, err := h.DB.QuarantineList(t.Context(), tenant.ID, "open")
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].Code != code || rows[0].Stage != "verify" {
		t.Errorf("quarantine: %+v, want one row of stage verify with code %s", rows, code)
	}
	if state, word := h.text(t, tenant, askState), h.text(t, tenant, askWord); state != "held" || word == string(meter.Valid) {
		t.Errorf("the record is %s with verdict %q, want held", state, word)
	}
	for _, ask := range []string{askDocuments, askBilled, askDebtors, `select count(*) from entry where tenant_id = $1`} {
		if n := h.number(t, tenant, ask); n != 0 {
			t.Errorf("%s: %d, want 0", ask, n)
		}
	}
	if n := h.number(t, tenant, askCharges); n != 1 {
		t.Errorf("%d records are stored, want 1", n)
	}
}

// wantBilled looks at the document in the database and at its page.
func (h *house) wantBilled(t *testing.T, tenant store.Tenant, o outcome) {
	t.Helper()
	if state, word := h.text(t, tenant, askState), h.text(t, tenant, askWord); state != "billed" || word != string(meter.Valid) {
		rows, err := h.DB.QuarantineList(t.Context(), tenant.ID, "")
		t.Fatalf("the record is %s with verdict %q, want billed; quarantine: %+v %v", state, word, rows, err)
	}
	if n, gross, owed := h.number(t, tenant, askDocuments), h.number(t, tenant, askGross), h.number(t, tenant, askDebtors); n != 1 || gross != o.gross || owed != o.gross {
		t.Errorf("%d documents over %d cents, debtors %d cents; want one over %d", n, gross, owed, o.gross)
	}
	if o.notice != "" {
		if detail := h.text(t, tenant, `select convert_from(detail, 'UTF8') from verdict where tenant_id = $1`); !strings.Contains(detail, o.notice) {
			t.Errorf("the verdict does not tell %s: %s", o.notice, detail)
		}
	}
	need(t, "pdftotext")
	dir := t.TempDir()
	if n, err := h.ExportDocuments(t.Context(), tenant, dir, nil); err != nil || n != 1 {
		t.Fatalf("%d documents: %v", n, err)
	}
	text, err := checker.PDFToText(t.Context(), glob(t, filepath.Join(dir, "*.pdf"))[0])
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{"Nettobetrag " + o.net, "USt. " + o.rate + " " + o.tax, o.begin, o.end, o.evse, "Ladevorgang S1", "signiert"} {
		if !strings.Contains(words, want) {
			t.Errorf("the page does not show %q:\n%s", want, text)
		}
	}
	v := checker.ParseInvoice(tenant.Code, text)
	if len(v.Faults) > 0 || int64(v.Total) != o.gross || len(v.Sessions) != 1 {
		t.Errorf("the page reads as %s over %d sessions with faults %v", v.Total, len(v.Sessions), v.Faults)
	}
}

// TestTinySessionIsFree bills the record of 0.0001 kWh in 21 seconds by a tariff that lets sessions below 0.1 kWh and two
// minutes go: no document, nothing in the books of tax, and the record is done.
func TestTinySessionIsFree(t *testing.T) {
	for _, v := range vectors(t) {
		if v.ID != "ocpi-ocmf-single-end" {
			continue
		}
		h := newHouse(t)
		o := outcomes[v.ID]
		tenant := h.settle(t, provide(v, o, tariff(100_000, 2*time.Minute)))
		h.bill(t, tenant, o.day)
		if state := h.text(t, tenant, askState); state != "free" {
			t.Errorf("the record is %s, want free", state)
		}
		if n := h.number(t, tenant, askDocuments) + h.number(t, tenant, `select count(*) from entry where tenant_id = $1`); n != 0 {
			t.Errorf("%d documents and entries, want none", n)
		}
		return
	}
	t.Fatal("the vector is missing")
}

// TestForgedRecordIsHeld registers another key for the charge point of a valid record: the key in the record must not help.
func TestForgedRecordIsHeld(t *testing.T) {
	var forged vector
	var other []byte
	for _, v := range vectors(t) {
		switch v.ID {
		case "ocpi-ocmf-ok":
			forged = v
		case "ocpi-ocmf-single-end":
			other = v.key
		}
	}
	h := newHouse(t)
	o := outcomes[forged.ID]
	p := provide(forged, o, tariff(0, 0))
	p.key = other
	tenant := h.settle(t, p)
	h.work(t, tenant, "intake", o.day.AddDays(1).String(), o.day.AddDays(1).Start(time.UTC).Add(3*time.Hour))
	h.wantHeld(t, tenant, "wrong-key")
}

// TestDummySignatureIsStored imports the sample whose signature is made up: stored, held, never billed.
func TestDummySignatureIsStored(t *testing.T) {
	h := newHouse(t)
	tenant := h.settle(t, provider{
		code: "dummy", card: "RFID-SIGNED-001", emaid: "DE-EMP-SIGNED-001", evse: "DE*CPO*E041503030", tariff: tariff(0, 0),
		since: calendar.NewDate(2025, time.January, 1), sampleRecord: read(t, published(t, "cdr-samples", "ocpi-2.2.1-signed.json")),
	})
	day := calendar.NewDate(2025, time.July, 2)
	h.work(t, tenant, "intake", day.String(), day.Start(time.UTC).Add(3*time.Hour))
	h.wantHeld(t, tenant, "format-unknown")
}
