package meter

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

// measurement is the reading as it stands in a bill. The status has higher bits that are not signed.
func (c edlCase) measurement(t testing.TB, name string) string {
	return fmt.Sprintf("<%s> <!-- reading --> <Timestamp>%s+02:00</Timestamp><Signature>\n %x\n</Signature><EventCounter>%d</EventCounter>"+
		"<MeterStatus>%d</MeterStatus><Value>%d</Value><Scaler>-1</Scaler><Pagination>%d</Pagination><SecondIndex>%d</SecondIndex></%s>",
		name, time.Unix(int64(c.seconds), 0).UTC().Format("2006-01-02T15:04:05"), edlKey(t).sign(c.block(t)),
		int(unhexed(t, c.log)[1]), 65792+int(c.status), c.value, c.page, c.index, name)
}

func process(t testing.TB, measurements ...string) string {
	return fmt.Sprintf("<ChargingProcess><ServerId>%X</ServerId><PublicKey>%X</PublicKey><SiteAddress><Town>T</Town></SiteAddress>"+
		"<CustomerIdent>%X</CustomerIdent><TimestampCustomerIdent>%s+02:00\n</TimestampCustomerIdent>%s</ChargingProcess>",
		edlServer, edlKey(t).public(), edlBegin.contract, time.Unix(int64(edlBegin.since), 0).UTC().Format("2006-01-02T15:04:05"),
		strings.Join(measurements, ""))
}

func bill(processes ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><Billing xmlns="http://www.mennekes.de/Mennekes.EdlVerification.xsd">` +
		"<Customer><Name1>Erika Mustermann</Name1></Customer><BillingPeriods><BillingPeriod><ChargingProcesses>" +
		strings.Join(processes, "") + "</ChargingProcesses></BillingPeriod></BillingPeriods></Billing>"
}

func testBill(t testing.TB) string {
	return bill(process(t, edlBegin.measurement(t, "MeasurementStart"), edlEnd.measurement(t, "MeasurementEnd")))
}

func TestDecodeMennekes(t *testing.T) {
	messages := Decode([]byte(testBill(t)))
	if len(messages) != 2 {
		t.Fatalf("%d messages", len(messages))
	}
	for i, want := range []edlCase{edlBegin, edlEnd} {
		if got := messages[i].Signed; hex.EncodeToString(got) != hex.EncodeToString(want.block(t)) {
			t.Errorf("signed %x\nwant   %x", got, want.block(t))
		}
	}
	if messages[0].Outer.Role != RoleBegin || messages[1].Outer.Role != RoleEnd ||
		messages[0].Outer.Transaction != messages[1].Outer.Transaction {
		t.Errorf("%+v\n%+v", messages[0].Outer, messages[1].Outer)
	}
	v := judgeEvidence(t, nil, messages...)
	expectProof(t, v, "EDL_40_MENNEKES", "secp192r1")
	if codes(v) != "" {
		t.Error(codes(v))
	}
}

func TestMennekesForgetsTheCustomer(t *testing.T) {
	for _, m := range Decode([]byte(testBill(t))) {
		if shown := fmt.Sprintf("%q", fmt.Sprintf("%s %+v", m.Text, m)); strings.Contains(shown, "Mustermann") {
			t.Error(shown)
		}
	}
}

func TestMennekesSeveralProcesses(t *testing.T) {
	one := process(t, edlBegin.measurement(t, "MeasurementStart"), edlEnd.measurement(t, "MeasurementEnd"))
	groups := Sessions(Decode([]byte(bill(one, process(t, edlBegin.measurement(t, "MeasurementStart")), process(t)))))
	if len(groups) != 2 || len(groups[0]) != 2 || len(groups[1]) != 1 {
		t.Errorf("%d groups", len(groups))
	}
	if m := Decode([]byte(bill())); len(m) != 1 || reasonCodes(m[0].Faults) != "container-empty" {
		t.Errorf("an empty bill: %+v", m)
	}
}

func TestMennekesForms(t *testing.T) {
	whole := bill(process(t, edlBegin.measurement(t, "MeasurementStart")))
	sig := hex.EncodeToString(edlKey(t).sign(edlBegin.block(t)))
	for _, c := range []struct {
		name, text string
		same       bool // the signed bytes are those of the test reading
		faults     string
	}{
		{"as it is", whole, true, ""},
		{"the contract entered as the measurement says", swap(t, whole, "<MeasurementStart>",
			"<MeasurementStart><TimestampCustomerIdent>2026-10-05T07:59:55+02:00</TimestampCustomerIdent>"), false, ""},
		{"the log book behind the signature", swap(t, whole, sig, sig+"001a", ">26<", ">99<"), true, ""},
		{"no event counter, and the log book behind the signature", swap(t, whole, sig, sig+"001a", "<EventCounter>26</EventCounter>", ""), true, ""},
		{"no event counter", swap(t, whole, "<EventCounter>26</EventCounter>", ""), false, "field-missing"},
		{"a fraction of a second", swap(t, whole, "T08:00:00", "T08:00:00.123"), true, ""},
		{"the time in another zone", swap(t, whole, "T08:00:00+02:00", "T06:00:00Z"), false, ""},
		{"no zone", swap(t, whole, "T08:00:00+02:00", "T08:00:00"), true, ""},
		{"no time of day", swap(t, whole, "T08:00:00+02:00", ""), true, "time-unreadable"},
		{"a month too many", swap(t, whole, "2026-10-05T08", "2026-13-05T08"), true, "time-unreadable"},
		{"a zone of letters", swap(t, whole, "T08:00:00+02:00", "T08:00:00 MESZ"), true, "time-unreadable"},
		{"no value", swap(t, whole, ">1000500<", "><"), true, "field-missing"},
		{"a value with a point", swap(t, whole, ">1000500<", ">1000.5<"), true, "value-unreadable"},
		{"a value beyond eight bytes", swap(t, whole, ">1000500<", ">9223372036854775808<"), true, "value-unreadable"},
		{"a page below zero", swap(t, whole, ">41<", ">-41<"), true, "value-unreadable"},
		{"no server id", swap(t, whole, "0901454D480000123456", ""), true, "field-missing"},
		{"a server id of letters", swap(t, whole, "0901454D480000123456", "METER"), true, "field-unfit"},
		{"a server id of eleven bytes", swap(t, whole, "0901454D480000123456", "0901454D48000012345600"), true, "field-unfit"},
		{"the contract as text", swap(t, whole, "04A1B2C3", "card #tariff"), false, ""},
		{"no signature", swap(t, whole, sig, ""), true, "signature-missing"},
		{"half a signature", swap(t, whole, sig, sig[:48]), true, "signature-unreadable"},
	} {
		m := Decode([]byte(c.text))[0]
		if got := reasonCodes(m.Faults); got != c.faults {
			t.Errorf("%s: %q, want %q", c.name, got, c.faults)
		}
		if same := string(m.Signed) == string(edlBegin.block(t)); c.faults == "" && same != c.same {
			t.Errorf("%s: signed %x", c.name, m.Signed)
		}
	}
	m := Decode([]byte(swap(t, whole, "04A1B2C3", "card #tariff")))[0]
	if m.User.ID != "card #tariff" || string(m.Signed[41:54]) != "card #tariff\x00" {
		t.Errorf("%+v", m.User)
	}
}

// One thing changed in the bill. What is not signed may change, and the verdict shows nothing of it.
func TestTamperedMennekes(t *testing.T) {
	whole := testBill(t)
	key := hex.EncodeToString(edlKey(t).public())
	for _, c := range []struct {
		name, from, to string
		word           Word
	}{
		{"value", ">1213000<", ">1213001<", InvalidSignature},
		{"scaler", "<Scaler>-1<", "<Scaler>0<", InvalidSignature},
		{"time", "T09:30:00", "T09:30:01", InvalidSignature},
		{"meter id", "123456<", "123457<", InvalidSignature},
		{"contract id", "04A1B2C3<", "04A1B2C2<", InvalidSignature},
		{"contract time", "T07:59:56", "T07:59:57", InvalidSignature},
		{"page", ">42<", ">43<", InvalidSignature},
		{"second index", ">10400<", ">10401<", InvalidSignature},
		{"status", ">65800<", ">65801<", InvalidSignature},
		{"log book", ">26<", ">27<", InvalidSignature},
		{"signature", hex.EncodeToString(edlKey(t).sign(edlEnd.block(t)))[:8], "00000000", InvalidSignature},
		{"key", strings.ToUpper(key[:4]), "0000", KeyMalformed},
		{"key cut", strings.ToUpper(key[:4]), "", KeyMalformed},
		{"key of another meter", strings.ToUpper(key), hex.EncodeToString(rawKeyOf(t, "secp192r1", "other").public()), InvalidSignature},
		{"the customer", "Erika", "Erich", Valid},
		{"the zone beside the wall clock", "T08:00:00+02:00", "T08:00:00+01:00", Valid},
		{"the higher bits of the status", ">65800<", ">8<", Valid},
	} {
		v := judgeEvidence(t, nil, Decode([]byte(swap(t, whole, c.from, c.to)))...)
		expectTwin(t, c.name, v, c.word)
		if c.word == Valid && v.Energy != 21_250_000 {
			t.Errorf("%s: %d µkWh", c.name, v.Energy)
		}
	}
}

var mennekesCases = []evidenceCase{
	{
		name: "EDL_40_MENNEKES, a bill with one process", carried: func(t testing.TB) []string { return []string{testBill(t)} },
		word: Valid, signature: SignatureValid, session: SessionComplete,
	},
	{
		name: "EDL_40_MENNEKES, the names of start and end exchanged", word: Valid, signature: SignatureValid, session: SessionComplete,
		codes: "nature-contradicts nature-contradicts",
		carried: func(t testing.TB) []string {
			return []string{bill(process(t, edlBegin.measurement(t, "MeasurementEnd"), edlEnd.measurement(t, "MeasurementStart")))}
		},
	},
	{
		name: "EDL_40_MENNEKES, no end", word: NotBillable, signature: SignatureValid, session: SessionIncomplete, codes: "end-missing",
		carried: func(t testing.TB) []string {
			return []string{bill(process(t, edlBegin.measurement(t, "MeasurementStart")))}
		},
	},
}

// What no real record needs is refused before it takes memory.
func TestBoundsOfXML(t *testing.T) {
	for _, c := range []struct{ name, text, value string }{
		{"elements", bill("<ChargingProcess>" + strings.Repeat("<MeasurementStart/>", 50_000) + "</ChargingProcess>"), "more than 50000 elements"},
		{"bytes", bill("<ChargingProcess>" + strings.Repeat("          ", 420_000) + "</ChargingProcess>"), "more than 4194304 bytes"},
	} {
		m := Decode([]byte(c.text))
		if len(m) != 1 || reasonCodes(m[0].Faults) != "xml-unreadable" || m[0].Faults[0].Value != c.value {
			t.Errorf("%s: %d messages, %+v", c.name, len(m), m[0].Faults)
		}
	}
	many := bill("<ChargingProcess>" + strings.Repeat("<MeasurementStart/>", 10_001) + "</ChargingProcess>")
	if m := Decode([]byte(many)); len(m) != 1 || reasonCodes(m[0].Faults) != "messages-too-many" {
		t.Errorf("%d measurements", len(m))
	}
	if name := xmlRoot([]byte("<!--" + strings.Repeat("x", 70_000) + "--><Billing/>")); name != "" {
		t.Errorf("root element %s behind a long prolog", name)
	}
}

// FuzzMennekes: nothing panics, and what is read without faults has a block.
func FuzzMennekes(f *testing.F) {
	f.Add([]byte(testBill(f)))
	f.Add([]byte(swap(f, testBill(f), "UTF-8", "ISO-8859-1", "<Value>", "<Value> ", "+02:00", "Z")))
	f.Add([]byte(bill(strings.Repeat("<ChargingProcess><MeasurementStart/></ChargingProcess>", 20))))
	f.Fuzz(func(t *testing.T, b []byte) {
		messages := decodeMennekes(b, opener{})
		for _, m := range messages[:min(len(messages), 50)] {
			m.Key = ""
			checkBlockMessage(t, m)
		}
	})
}
