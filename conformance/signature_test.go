package conformance

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// signed is one signed value of a record in the inbox.
type signed struct {
	record, format     string
	message, signature []byte
	spki               []byte
}

// signedValues finds every signed value in the files of an inbox, whatever shape they have.
func signedValues(t *testing.T, dir string) []signed {
	t.Helper()
	var all []signed
	for _, file := range glob(t, filepath.Join(dir, "inbox", "*", "*")) {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		var in io.Reader = f
		if strings.HasSuffix(file, ".gz") {
			if in, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		d := json.NewDecoder(in)
		for {
			var v any
			if err := d.Decode(&v); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				break // a planted fault; the records before it are enough
			}
			all = collect(t, v, all)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// collect walks through JSON and takes what looks like the signed data of a record.
func collect(t *testing.T, v any, all []signed) []signed {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			all = collect(t, e, all)
		}
	case map[string]any:
		data, ok := v["signed_data"].(map[string]any)
		if !ok {
			return collect(t, v["data"], all)
		}
		id, _ := v["id"].(string)
		key, _ := data["public_key"].(string)
		values, _ := data["signed_values"].([]any)
		for _, value := range values {
			one, _ := value.(map[string]any)
			text, _ := one["signed_data"].(string)
			line, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				continue
			}
			beside, err := statedSPKI(key)
			if err != nil {
				t.Fatalf("%s: key: %v", id, err)
			}
			for _, s := range openValue(t, id, line) {
				if s.spki == nil {
					s.spki = beside
				}
				all = append(all, s)
			}
		}
	}
	return all
}

// openValue takes the signatures out of a signed value.
func openValue(t *testing.T, id string, data []byte) []signed {
	t.Helper()
	if parts := strings.SplitN(string(data), "|", 3); parts[0] == "OCMF" && len(parts) == 3 {
		return openOCMF(t, id, parts)
	}
	if strings.Contains(string(data), "<signedData ") {
		return openSAFE(t, id, data)
	}
	for _, m := range makes {
		if !strings.Contains(string(data), m.mark) {
			continue
		}
		found, err := m.read(data)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		var all []signed
		for _, f := range found {
			all = append(all, signed{id, m.format, f.message, f.signature, f.spki})
		}
		return all
	}
	t.Fatalf("%s: no format of the demo: %.20q", id, data)
	return nil
}

// openSAFE takes the values out of a file of the transparency software.
func openSAFE(t *testing.T, id string, data []byte) []signed {
	t.Helper()
	var file struct {
		Values []string `xml:"value>signedData"`
	}
	if err := xml.Unmarshal(data, &file); err != nil || len(file.Values) == 0 {
		t.Fatalf("%s: %d values in a file: %v", id, len(file.Values), err)
	}
	var all []signed
	for _, v := range file.Values {
		all = append(all, openValue(t, id, []byte(v))...)
	}
	return all
}

// openOCMF takes the signature out of a line whose payload holds no pipe.
func openOCMF(t *testing.T, id string, parts []string) []signed {
	t.Helper()
	var section struct {
		SD string `json:"SD"`
		SE string `json:"SE"` // encoding of SD: hex when it says nothing
	}
	if json.Unmarshal([]byte(parts[2]), &section) != nil {
		return nil
	}
	decode := hex.DecodeString
	if section.SE == "base64" {
		decode = base64.StdEncoding.DecodeString
	}
	signature, err := decode(section.SD)
	if err != nil {
		t.Fatalf("%s: signature: %v", id, err)
	}
	return []signed{{record: id, format: "OCMF", message: []byte(parts[1]), signature: signature}}
}

// verifies asks openssl whether a signature fits.
func (s signed) verifies(t *testing.T) bool {
	t.Helper()
	dir := t.TempDir()
	for name, b := range map[string][]byte{
		"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: s.spki}), "signature": s.signature, "payload": s.message,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "openssl", "dgst", "-sha256", "-verify", filepath.Join(dir, "key.pem"),
		"-signature", filepath.Join(dir, "signature"), filepath.Join(dir, "payload")).CombinedOutput()
	switch {
	case err == nil && strings.Contains(string(out), "Verified OK"):
		return true
	case err != nil && strings.Contains(strings.ToLower(string(out)), "verification fail"):
		return false
	}
	t.Fatalf("%s: openssl: %v\n%s", s.record, err, out)
	return false
}

// TestInboxSignatures lets openssl verify signatures of the inbox: they are real, and only what the truth calls tampered
// does not verify.
func TestInboxSignatures(t *testing.T) {
	need(t, "openssl")
	dir := month(t)
	tampered := map[string]bool{}
	for _, line := range strings.Split(string(read(t, filepath.Join(dir, "truth.csv"))), "\n") {
		if f := strings.Split(line, ","); len(f) > 3 && f[3] == "tampered" {
			tampered[f[0][strings.LastIndex(f[0], "/")+1:]] = true
		}
	}
	all := signedValues(t, dir)
	good, bad := map[string]int{}, 0
	broken := map[string]bool{}
	met := map[string]int{}
	for _, s := range all {
		if met[s.format]++; !tampered[s.record] && met[s.format]%10 != 1 {
			continue
		}
		switch ok := s.verifies(t); {
		case ok:
			good[s.format]++
		case tampered[s.record]:
			bad++
			broken[s.record] = true
		default:
			t.Errorf("%s: the signature does not fit", s.record)
		}
	}
	t.Logf("signed values %v, verified %v, %d of tampered records refused", met, good, bad)
	if len(good) < 5 || len(good) != len(met) || len(tampered) == 0 || len(broken) != len(tampered) {
		t.Errorf("signatures verified %v, %d of %d tampered records found", good, len(broken), len(tampered))
	}
}

// TestPublishedSignatures lets openssl verify the signed records the product is held to: it must agree that all are real.
func TestPublishedSignatures(t *testing.T) {
	need(t, "openssl")
	checked := 0
	for _, v := range vectors(t) {
		var record any
		if err := json.Unmarshal(v.raw, &record); err != nil {
			t.Fatal(err)
		}
		for _, s := range collect(t, record, nil) {
			checked++
			if !s.verifies(t) {
				t.Errorf("%s: the signature does not fit", v.ID)
			}
		}
	}
	// Two of ok, energy-mismatch and plain-differs each, one of single-end; the other one is not in base64.
	if checked != 7 {
		t.Errorf("%d signatures checked, want 7", checked)
	}
}
