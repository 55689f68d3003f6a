package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wattdue/meter"
	"wattdue/meter/evidence"
)

// manifest describes the published signed records.
type manifest struct {
	Vectors   []signedRecord `json:"vectors"`
	Sequences []struct {
		ID      string   `json:"id"`
		Vectors []string `json:"vectors"`
		Expect  string   `json:"expect"`
	} `json:"sequences"`
}

// signedRecord is one row of it.
type signedRecord struct {
	ID        string   `json:"id"`
	Format    string   `json:"format"`
	File      string   `json:"file"`
	Parts     []string `json:"parts"` // of a record in several files; then File is their folder
	SHA256    string   `json:"sha256"`
	PublicKey *string  `json:"public_key"` // embedded, key.pem, a key, or null: none is at hand
	Signature string   `json:"signature"`
	Session   string   `json:"session"`
	Expect    string   `json:"expect"`
}

func readManifest(t *testing.T) manifest {
	t.Helper()
	var m manifest
	if err := json.Unmarshal(read(t, published(t, "eichrecht", "manifest.json")), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestEichrechtVectors judges every published signed record under the profile that agrees with the transparency software:
// signature, session and verdict must be those of the manifest.
func TestEichrechtVectors(t *testing.T) {
	m := readManifest(t)
	if len(m.Vectors) < 90 {
		t.Fatalf("the manifest has %d vectors, want all of them", len(m.Vectors))
	}
	for _, v := range m.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			path := published(t, "eichrecht", v.File)
			if sum := sha256.Sum256(contentOf(t, path, v.Parts)); len(v.Parts) == 0 && hex.EncodeToString(sum[:]) != v.SHA256 {
				t.Errorf("%s is another file than the manifest describes", v.File)
			}
			verdicts := judgeFile(t, path, v.Parts, keyBeside(v.PublicKey))
			signature, session, billable := sumUp(verdicts)
			want := strings.Replace(v.Signature, "unverifiable", "unchecked", 1)
			if string(signature) != want || string(session) != v.Session || billable != (v.Expect == "valid") {
				t.Errorf("signature %s, session %s, billable %v; the manifest says %s, %s, %s",
					signature, session, billable, v.Signature, v.Session, v.Expect)
				for _, got := range verdicts {
					t.Logf("%s: %+v", got.Word, got.Reasons)
				}
			}
		})
	}
}

// contentOf reads the record where it is one file.
func contentOf(t *testing.T, path string, parts []string) []byte {
	if len(parts) > 0 {
		return nil
	}
	return read(t, path)
}

// keyBeside is the key the manifest supplies as text; empty when the record or its folder has one, or nobody has.
func keyBeside(key *string) string {
	if key == nil || *key == "embedded" || *key == "key.pem" {
		return ""
	}
	return *key
}

// judgeFile finds the sessions in a file or folder and judges each.
func judgeFile(t *testing.T, path string, parts []string, key string) []meter.Verdict {
	t.Helper()
	verdicts := judgeEvidence(t, filesOf(path, parts), key)
	if len(verdicts) == 0 {
		t.Fatalf("%s: nothing signed was found", path)
	}
	return verdicts
}

// judgeEvidence finds the sessions in files and judges each.
func judgeEvidence(t *testing.T, files iter.Seq2[evidence.File, error], key string) []meter.Verdict {
	t.Helper()
	profile, _ := meter.ProfileNamed("reference")
	var verdicts []meter.Verdict
	for session, err := range evidence.Read(files) {
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if key != "" {
			session.Evidence.Key = key
		}
		verdicts = append(verdicts, meter.Checker{}.Judge(session.Evidence, nil, profile))
	}
	return verdicts
}

func filesOf(path string, parts []string) iter.Seq2[evidence.File, error] {
	return func(yield func(evidence.File, error) bool) {
		paths := []string{path}
		if len(parts) > 0 {
			paths = paths[:0]
			for _, part := range parts {
				paths = append(paths, filepath.Join(path, part))
			}
		}
		for _, p := range paths {
			data, err := os.ReadFile(p)
			if !yield(evidence.File{Name: p, Data: data}, err) {
				return
			}
		}
	}
}

// sumUp says of all sessions of a file what the manifest says of the file.
func sumUp(verdicts []meter.Verdict) (signature meter.SignatureState, session meter.SessionState, billable bool) {
	signature, session, billable = verdicts[0].Signature, verdicts[0].Session, true
	for _, v := range verdicts {
		if v.Signature != signature {
			signature = meter.SignatureMixed
		}
		if v.Session != session {
			session = meter.SessionMixed
		}
		billable = billable && v.Billable()
	}
	return signature, session, billable
}
