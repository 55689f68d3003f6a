package meter

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/pem"
	"testing"
	"time"
)

// The receipt of the tests: 1000.5 to 1021.75 kWh, charged from 08:00 to 09:30 summer time, parked until 09:40.
const receiptText = `{"company_name":"Test&#32;Ltd","display_unit":3600,
 "energy":[{"end_time":1791192600,"end_time_utc":1791185400,"start_time":1791187200,"start_time_utc":1791180000,
   "line_item_cost":0.98999999999999999,"units":21.25},
  {"energy_subtotal":0.98999999999999999,"seq_num":"SUBTOTAL"}],
 "parking":[{"end_time":1791193200,"end_time_utc":1791186000,"start_time":1791192600,"start_time_utc":1791185400}],
 "additional_info":{"outlet":1,"session_id":614,"station_mac":"0024:b100:0002:7B29","driver_info":"urn:test:driver:7",
  "meter_serial":"160160T","currency_code":"EUR","meter_startreading":1000500,"meter_endreading":1021750,"energy_units":"Wh"}}
`

// receiptNewer is the same receipt of the other generation.
const receiptNewer = `{"energy":[{"end_time_utc":1791185400,"start_time_utc":1791180000}],"parking":null,"outlet":1,"session_id":614,` +
	`"station_mac":"0024:b100:0002:7B29","driver_info":"urn:test:driver:7","meter_serial":"160160T",` +
	`"meter_startreading":1000.5,"meter_endreading":1021.7500000000000,"energy_units":"kWh"}`

// receiptKey is the name of the file with its key.
const receiptKey = "0024b10000027b29_1.pem"

func receiptSigner() curveSigner { return newSigner("secp224k1", "station one") }

func pemOf(s curveSigner) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: marshalSPKI(s.curve, s.point)}))
}

// file is a name and its content.
type file = [2]string

func tarOf(t testing.TB, files ...file) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f[0], Mode: 0o644, Size: int64(len(f[1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zipOf(t testing.TB, files ...file) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		entry, err := w.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipOf(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// receiptFilesOf signs a receipt.
func receiptFilesOf(receipt string, s curveSigner) []file {
	return []file{{"secrrct", receipt}, {"secrrct.sign", string(s.der([]byte(receipt)))}, {receiptKey, pemOf(s)}}
}

func TestDecodeReceipt(t *testing.T) {
	begin := Entry{
		Tx: TxBegin, Time: time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC), Zone: 7200, Clock: ClockInformative,
		Value: Decimal{10005, 2}, Unit: "Wh",
	}
	end := begin
	end.Tx, end.Time, end.Value = TxEnd, time.Date(2026, 10, 5, 7, 40, 0, 0, time.UTC), Decimal{102175, 1}
	newerBegin, newerEnd := begin, end
	newerBegin.Value, newerBegin.Unit, newerBegin.Zone = Decimal{10005, -1}, "kWh", 0
	newerEnd.Value, newerEnd.Unit, newerEnd.Zone = Decimal{102175, -2}, "kWh", 0
	newerEnd.Time = time.Date(2026, 10, 5, 7, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		name, receipt string
		begin, end    Entry
	}{
		{"under additional_info", receiptText, begin, end},
		{"at the top", receiptNewer, newerBegin, newerEnd},
	} {
		m := DecodeReceipt([]byte(c.receipt), receiptSigner().der([]byte(c.receipt)))
		if len(m.Faults)+len(m.Notes) > 0 {
			t.Fatal(c.name, m.Faults, m.Notes)
		}
		if m.Entries[0] != c.begin || m.Entries[1] != c.end {
			t.Errorf("%s: got  %+v\nwant %+v %+v", c.name, m.Entries, c.begin, c.end)
		}
		for _, f := range [][2]string{
			{string(m.Signed), c.receipt},
			{m.Gateway, "0024:b100:0002:7B29"},
			{m.Meter, "160160T"},
			{m.Session, "614"},
			{m.User.ID, "urn:test:driver:7"},
			{m.Place.ID, "0024b10000027b29_1"},
			{m.Signature.Algorithm, "ECDSA-*-SHA256"},
		} {
			if f[0] != f[1] {
				t.Errorf("%s: got %q, want %q", c.name, f[0], f[1])
			}
		}
	}
}

// TestReceiptArchive packs a receipt in every way it comes, with its key and with keys of others.
func TestReceiptArchive(t *testing.T) {
	key, other := pemOf(receiptSigner()), pemOf(newSigner("secp224k1", "other"))
	files := receiptFilesOf(receiptText, receiptSigner())[:2]
	withKeys := func(keys ...file) []file { return append(append([]file{}, files...), keys...) }
	inFolder := []file{
		{"old/secrrct", receiptNewer},
		{"old/secrrct.sign", string(receiptSigner().der([]byte(receiptNewer)))},
		{"new/secrrct.sign", files[1][1]},
		{"new/secrrct", files[0][1]},
		{receiptKey, key},
		{"readme.txt", "hello"},
	}
	for _, c := range []struct {
		name, archive string
		count         int
		key           string
	}{
		{"tar", tarOf(t, withKeys(file{receiptKey, key})...), 1, key},
		{"zip", zipOf(t, withKeys(file{receiptKey, key})...), 1, key},
		{"tar in gzip", gzipOf(t, tarOf(t, withKeys(file{receiptKey, key})...)), 1, key},
		{"two in folders", zipOf(t, inFolder...), 2, key},
		{"a key by another name", tarOf(t, withKeys(file{"key.pem", key})...), 1, key},
		{"the key among others", tarOf(t, withKeys(file{"0024b10000027b29_2.pem", other}, file{"0024B10000027B29_1-publicKey.pem", key})...), 1, key},
		{"the key of outlet 11 is none of outlet 1", tarOf(t, withKeys(file{"0024b10000027b29_11.pem", other}, file{"a.pem", other})...), 1, ""},
		{"two keys for the outlet", tarOf(t, withKeys(file{receiptKey, other}, file{"0024b10000027b29_1-new.pem", key})...), 1, ""},
		{"no key", tarOf(t, files...), 1, ""},
	} {
		messages := Decode([]byte(c.archive))
		if len(messages) != c.count {
			t.Errorf("%s: %d messages", c.name, len(messages))
		}
		for _, m := range messages {
			if len(m.Faults) > 0 || m.Outer.Container != "RECEIPT-ARCHIVE" || m.Outer.Key != c.key {
				t.Errorf("%s: %v %+v", c.name, m.Faults, m.Outer)
			}
		}
	}
}

// TestReceiptKeepsItsBytes: blanks at the end belong to the signed file, and bytes at the end of an archive to it.
func TestReceiptKeepsItsBytes(t *testing.T) {
	m := Decode([]byte(tarOf(t, receiptFilesOf("\n "+receiptText+" \n\n", receiptSigner())...)))[0]
	if string(m.Signed) != "\n "+receiptText+" \n\n" {
		t.Errorf("signed %q", m.Signed)
	}
	for _, head := range []string{"\x1f\x8b\x08", "BZh91AY&SY", "PK\x03\x04"} {
		b := []byte(head + "&quot; \r\n ")
		if got := trimText(b); !bytes.Equal(got, b) || isEscaped(b) {
			t.Errorf("%q trimmed to %q", b, got)
		}
	}
}

// TestBzip2 opens a tar that the bzip2 program compressed: one file secrrct that holds {}.
func TestBzip2(t *testing.T) {
	messages := Decode(unhex(t, bzip2Tar))
	if len(messages) != 1 || messages[0].Format != "CHARGEPOINT" || string(messages[0].Signed) != "{}\n" {
		t.Errorf("%+v", messages)
	}
}

// bzip2Tar is that archive; the standard library does not write this compression.
const bzip2Tar = "425a683931415926535928463d1d00007e7b90c9900040c0007d8000206a009e0a0400000820005434426468792681b49a09293d2340d3d4034050fa" +
	"17c5908255a4243c5e03d30ba4811017b503b211b3298278e295dd399218afb4630c2ce556b5e41f9df18422203f17724538509028463d1d"

// receiptCase is an archive with a receipt that was changed before signing.
func receiptCase(oldNew ...string) func(testing.TB) []string {
	return func(t testing.TB) []string {
		return []string{tarOf(t, receiptFilesOf(swap(t, receiptText, oldNew...), receiptSigner())...)}
	}
}

// receiptAfter changes one file of the archive after signing: the receipt or, in hex, the signature.
func receiptAfter(oldNew ...string) func(testing.TB) []string {
	return func(t testing.TB) []string {
		files := receiptFilesOf(receiptText, receiptSigner())
		files[0][1] = swap(t, files[0][1], oldNew...)
		return []string{tarOf(t, files...)}
	}
}

// receiptSignature changes the signature.
func receiptSignature(change func(sig []byte) []byte) func(testing.TB) []string {
	return func(t testing.TB) []string {
		files := receiptFilesOf(receiptText, receiptSigner())
		files[1][1] = string(change([]byte(files[1][1])))
		return []string{zipOf(t, files...)}
	}
}

// unstated is what every receipt says nothing about.
const unstated = "status-unstated clock-unusable"

// receiptTampered is a case of a receipt that was changed after signing.
func receiptTampered(name, codes string, oldNew ...string) evidenceCase {
	return evidenceCase{
		name: "receipt: " + name + " changed", carried: receiptAfter(oldNew...),
		word: InvalidSignature, signature: SignatureInvalid, session: SessionComplete, codes: codes,
	}
}

// receiptFault is a case of a signed receipt that says too little.
func receiptFault(name, codes string, oldNew ...string) evidenceCase {
	return evidenceCase{
		name: "receipt: " + name, carried: receiptCase(oldNew...),
		word: RecordMalformed, signature: SignatureValid, session: SessionComplete, codes: codes,
	}
}

var receiptCases = []evidenceCase{
	{
		name: "receipt: a session", carried: receiptCase(),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: unstated,
	},
	{
		name: "receipt: on the newer curve", carried: func(t testing.TB) []string {
			return []string{zipOf(t, receiptFilesOf(receiptNewer, newSigner("secp256r1", "station two"))...)}
		},
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: unstated,
	},
	{
		name: "receipt: the key of another outlet", carried: func(t testing.TB) []string {
			files := receiptFilesOf(receiptText, receiptSigner())
			files[2][1] = pemOf(newSigner("secp224k1", "station two"))
			return []string{tarOf(t, files...)}
		},
		word: InvalidSignature, signature: SignatureInvalid, session: SessionComplete, codes: "signature-invalid " + unstated,
	},
	{
		name: "receipt: one bit of the key", carried: func(t testing.TB) []string {
			s := receiptSigner()
			s.point = bytes.Clone(s.point)
			files := receiptFilesOf(receiptText, s)
			s.point[20] ^= 1
			files[2][1] = pemOf(s)
			return []string{tarOf(t, files...)}
		},
		word: KeyMalformed, signature: SignatureInvalid, session: SessionComplete, codes: "key-off-curve " + unstated,
	},
	{
		name: "receipt: no key", carried: func(t testing.TB) []string {
			return []string{tarOf(t, receiptFilesOf(receiptText, receiptSigner())[:2]...)}
		},
		word: KeyMissing, signature: SignatureUnchecked, session: SessionComplete, codes: "key-missing " + unstated,
	},
	{
		name: "receipt: one bit of the signature",
		carried: receiptSignature(func(sig []byte) []byte {
			sig[len(sig)-1] ^= 1
			return sig
		}),
		word: InvalidSignature, signature: SignatureInvalid, session: SessionComplete, codes: "signature-invalid " + unstated,
	},
	{
		name: "receipt: a signature in hex", carried: receiptSignature(func(sig []byte) []byte { return []byte(hex.EncodeToString(sig)) }),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionComplete, codes: "signature-unreadable",
	},
	{
		name: "receipt: alone", carried: func(testing.TB) []string { return []string{receiptText} },
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionComplete, codes: "signature-missing key-missing",
	},
	{
		name: "receipt: an archive with the signature alone", carried: func(t testing.TB) []string {
			return []string{tarOf(t, receiptFilesOf(receiptText, receiptSigner())[1:]...)}
		},
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "record-form",
	},
	{
		name: "receipt: an archive with other files", carried: func(t testing.TB) []string { return []string{gzipOf(t, tarOf(t, file{"hello", "world"}))} },
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "container-empty",
	},
	{
		name: "receipt: an archive cut off", carried: func(t testing.TB) []string {
			archive := gzipOf(t, tarOf(t, receiptFilesOf(receiptText, receiptSigner())...))
			return []string{archive[:len(archive)/2]}
		},
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "container-unreadable",
	},
	{
		name: "receipt: no JSON", carried: receiptCase(`"energy":`, `"energy"`),
		word: RecordMalformed, signature: SignatureValid, session: SessionIncomplete, codes: "payload-json",
	},
	receiptTampered("end reading", "signature-invalid "+unstated, "1021750", "1021751"),
	receiptTampered("end", "signature-invalid "+unstated, `"end_time_utc":1791186000`, `"end_time_utc":1791186001`),
	receiptTampered("meter", "signature-invalid "+unstated, "160160T", "160161T"),
	receiptTampered("driver", "signature-invalid "+unstated, "driver:7", "driver:6"),
	receiptTampered("blank", "signature-invalid "+unstated, "\n \"parking\"", "\n\"parking\""),
	receiptFault("no end reading", "field-missing", `"meter_endreading":1021750,`, ""),
	receiptFault("no unit", "field-missing", `,"energy_units":"Wh"`, ""),
	receiptFault("a reading in words", "value-unreadable", "1021750", `"many"`),
	receiptFault("times in words", "time-unreadable", `"start_time_utc":1791180000`, `"start_time_utc":"eight"`),
	receiptFault("no times", "field-missing field-missing", `"energy":[`, `"other":[`, `"parking":[`, `"others":[`),
	{
		name: "receipt: the end below the begin", carried: receiptCase("1021750", "1000499"),
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "value-falls " + unstated,
	},
}

func FuzzChargePoint(f *testing.F) {
	sig := receiptSigner().der([]byte(receiptText))
	f.Add([]byte(receiptText), sig)
	f.Add([]byte(receiptNewer), sig[:20])
	f.Add([]byte(tarOf(f, receiptFilesOf(receiptText, receiptSigner())...)), []byte{})
	f.Add([]byte(zipOf(f, receiptFilesOf(receiptText, receiptSigner())...)), []byte{})
	f.Add([]byte(`{"energy":[{"start_time_utc":-1,"end_time_utc":1e9}],"additional_info":[]}`), []byte{0x30})
	f.Fuzz(func(t *testing.T, receipt, signature []byte) {
		checkForeign(t, DecodeReceipt(receipt, signature))
		if isReceiptArchive(receipt) {
			for _, m := range Decode(receipt) {
				checkForeign(t, m)
			}
		}
	})
}
