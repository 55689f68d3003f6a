package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The schemas of the bank files: that of ISO 20022 and the German subset of Anlage 3.
const (
	isoSchema    = "pain.008.001.08.xsd"
	germanSchema = "pain.008.001.08_GBIC_5.xsd"
)

// schema returns the path of a schema, and checks that it is the one that was published.
func schema(t *testing.T, name string) string {
	t.Helper()
	var index struct {
		Files []struct {
			File   string `json:"file"`
			SHA256 string `json:"sha256"`
		} `json:"files"`
	}
	if err := json.Unmarshal(read(t, published(t, "sepa", "xsd", "index.json")), &index); err != nil {
		t.Fatal(err)
	}
	path := published(t, "sepa", "xsd", name)
	sum := sha256.Sum256(read(t, path))
	for _, f := range index.Files {
		if f.File == name && f.SHA256 == hex.EncodeToString(sum[:]) {
			return path
		}
	}
	t.Fatalf("%s is not the schema its index describes", name)
	return ""
}

// bankFiles are those of the billed month and the ones the product's own tests hold on to.
func bankFiles(t *testing.T) []string {
	t.Helper()
	files := glob(t, filepath.Join("..", "sepa", "testdata", "*.xml"))
	return append(files, glob(t, filepath.Join(month(t), "sepa", "*.xml"))...)
}

// TestBankFilesAreValid holds every bank file against both schemas.
func TestBankFilesAreValid(t *testing.T) {
	need(t, "xmllint")
	for _, name := range []string{isoSchema, germanSchema} {
		xsd := schema(t, name)
		for _, file := range bankFiles(t) {
			if out := output(t, "xmllint", "--nonet", "--noout", "--schema", xsd, file); !strings.Contains(out, "validates") {
				t.Errorf("%s by %s: %s", file, name, out)
			}
		}
	}
}

// TestSchemasRefuse makes sure that the schemas are at work: what is wrong in a bank file is refused by each as it should.
func TestSchemasRefuse(t *testing.T) {
	need(t, "xmllint")
	schemas := map[string]string{isoSchema: schema(t, isoSchema), germanSchema: schema(t, germanSchema)}
	text := string(read(t, glob(t, filepath.Join("..", "sepa", "testdata", "*.xml"))[0]))
	tests := []struct {
		name, old, changed string
		iso                bool // whether the wider schema lets it pass
	}{
		{"a payment method of another message", "<PmtMtd>DD</PmtMtd>", "<PmtMtd>TRF</PmtMtd>", false},
		{"six decimals", "</CtrlSum><InitgPty>", "0001</CtrlSum><InitgPty>", true},
		{"a sequence that SEPA does not know", "<SeqTp>RCUR</SeqTp>", "<SeqTp>RPRE</SeqTp>", true},
		{"charges shared otherwise", "<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SHAR</ChrgBr>", true},
		{"another currency", `Ccy="EUR"`, `Ccy="CHF"`, true},
		{"no mandate", "<MndtRltdInf>", "<MndtRltdInf><MndtId></MndtId>", false},
	}
	for _, tt := range tests {
		if !strings.Contains(text, tt.old) {
			t.Fatalf("%s: the bank file has no %s", tt.name, tt.old)
		}
		file := filepath.Join(t.TempDir(), "changed.xml")
		if err := os.WriteFile(file, []byte(strings.Replace(text, tt.old, tt.changed, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, path := range schemas {
			out, err := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", path, file).CombinedOutput()
			if passes := err == nil; passes != (tt.iso && name == isoSchema) {
				t.Errorf("%s passes %s: %v\n%s", tt.name, name, passes, out)
			}
		}
	}
}
