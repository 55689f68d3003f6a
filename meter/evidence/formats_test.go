package evidence

import (
	"archive/tar"
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/dev/signer"
	"wattdue/meter"
)

// signedSession is 12.3 kWh from 14:00 to 15:30, signed in a format.
func signedSession(t testing.TB, format, curve string) (signer.Signed, *signer.Key) {
	t.Helper()
	key, err := signer.NewKey(curve, "evidence")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	s, err := signer.Sign(format, key, signer.Session{
		Device: signer.DeviceOf(format, 7), Page: 41, Transaction: 17, EVSE: "DE*TST*E1*1", User: "04A1B2C3D4E5F6", UserKind: "ISO14443",
		UserSince: begin, Zone: time.FixedZone("", 7200),
		Begin: signer.Reading{At: begin, Energy: 1_000_000_000, Seconds: 5000},
		End:   signer.Reading{At: begin.Add(90 * time.Minute), Energy: 1_012_300_000, Seconds: 5000 + 5400},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, key
}

func reference(t testing.TB) meter.Profile {
	p, ok := meter.ProfileNamed("reference")
	if !ok {
		t.Fatal("no profile")
	}
	return p
}

// judged reads files and judges the one session in them, with or without a key from outside.
func judged(t *testing.T, ring meter.KeyRing, files ...File) (Session, meter.Verdict) {
	t.Helper()
	var got []Session
	for s, err := range Read(disk(files...)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	if len(got) != 1 {
		t.Fatalf("%d sessions", len(got))
	}
	return got[0], meter.Checker{}.Judge(got[0].Evidence, ring, reference(t))
}

// TestEveryFormat: a session in any format and on any curve is found in a transparency file, or as the format is handed
// out, and written for the transparency software it reads back the same.
func TestEveryFormat(t *testing.T) {
	exported := map[string]bool{}
	for _, format := range signer.Formats() {
		for _, curve := range signer.Curves(format) {
			t.Run(format+" "+curve, func(t *testing.T) {
				s, key := signedSession(t, format, curve)
				file := File{Name: "session", Data: s.Values[0].Data}
				if len(s.Values) > 1 {
					file.Data = signer.SAFE(s.Values, s.PublicKey)
				}
				session, want := judged(t, meter.GivenKey(key.SPKI()), file)
				if want.Word != meter.Valid || want.Energy != 12_300_000 || want.KeySource != "registered" || want.Curve != key.Curve() {
					t.Fatalf("%+v", want)
				}
				written, err := meter.WriteSAFEXML(session.Evidence.Messages, want.PublicKey)
				if err != nil {
					if !strings.Contains(err.Error(), "hand over the original file") {
						t.Error(err)
					}
					return
				}
				exported[want.Format] = true
				_, got := judged(t, nil, File{Name: "export.xml", Data: written})
				if got.Word != meter.Valid || got.Energy != want.Energy || got.KeyHash != want.KeyHash || got.Begin != want.Begin || got.End != want.End {
					t.Errorf("%+v\n%s", got, written)
				}
			})
		}
	}
	for _, format := range []string{"OCMF", "EDL_40_P", "EDL_40_SIG", "EDL_40_MENNEKES", "ISA_EDL_40_P", "ALFEN", "PCDF"} {
		if !exported[format] {
			t.Errorf("%s was not written", format)
		}
	}
}

// TestReceiptFiles: a receipt is joined with its signature and key in any order, in a folder or an archive, and one
// changed digit is found.
func TestReceiptFiles(t *testing.T) {
	s, _ := signedSession(t, "CHARGEPOINT", "secp224k1")
	var files []File
	for r := tar.NewReader(bytes.NewReader(s.Values[0].Data)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{"d/" + h.Name, data})
	}
	if len(files) != 3 {
		t.Fatalf("%d files", len(files))
	}
	for range files {
		files = append(files[1:], files[0])
		session, v := judged(t, nil, files...)
		if v.Word != meter.Valid || v.KeySource != "record" || session.File != "d/secrrct" || session.Name != "17" {
			t.Errorf("%+v %+v", session, v)
		}
	}
	if _, v := judged(t, nil, File{"d.tar", s.Values[0].Data}); v.Word != meter.Valid {
		t.Errorf("%+v", v)
	}
	at := slices.IndexFunc(files, func(f File) bool { return f.Name == "d/secrrct" })
	files[at].Data = bytes.Replace(files[at].Data, []byte("1012300"), []byte("1012400"), 1)
	if _, v := judged(t, nil, files...); v.Word != meter.InvalidSignature {
		t.Errorf("%+v", v)
	}
	if _, v := judged(t, nil, files[at]); v.Word != meter.RecordMalformed || !v.Has("signature-missing") {
		t.Errorf("%+v", v)
	}
}

// TestMarkupInside: a record in XML may stand in a transparency file without being escaped.
func TestMarkupInside(t *testing.T) {
	s, key := signedSession(t, "EDL_40_SIG", "secp256r1")
	var b strings.Builder
	b.WriteString("<values>")
	for _, v := range s.Values {
		_, record, _ := strings.Cut(string(v.Data), "?>")
		b.WriteString(`<value transactionId="1"><signedData> ` + record + ` </signedData></value>`)
	}
	b.WriteString("</values>")
	if _, v := judged(t, meter.GivenKey(key.SPKI()), File{"x.xml", []byte(b.String())}); v.Word != meter.Valid || v.Format != "EDL_40_SIG" {
		t.Errorf("%+v\n%s", v, b.String())
	}
}

// TestGivenPoint: a bare point is enough as key; the format tells its curve.
func TestGivenPoint(t *testing.T) {
	s, key := signedSession(t, "EDL_40_P", "secp192r1")
	given, err := meter.ReadGivenKey(hex.EncodeToString(key.Point()[1:]))
	if err != nil {
		t.Fatal(err)
	}
	if _, v := judged(t, given, File{"x.xml", signer.SAFE(s.Values, "")}); v.Word != meter.Valid || v.KeySource != "registered" {
		t.Errorf("%+v", v)
	}
}
