package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// folderVariable names the folder of the published files. It is set by `make conformance`.
const folderVariable = "WATTDUE_CONFORMANCE"

// packages are the Debian packages of the programs.
var packages = map[string]string{
	"xmllint": "libxml2-utils", "pdftotext": "poppler-utils", "qpdf": "qpdf", "hledger": "hledger", "openssl": "openssl",
}

// need skips the test without a program, and fails it where everything must be checked.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			continue
		}
		if os.Getenv(folderVariable) != "" {
			t.Fatalf("%s is not installed; run: apt-get install %s", p, packages[p])
		}
		skipLoudly(t, p+" is not installed (apt-get install "+packages[p]+")")
	}
}

// published returns a path in the folder of published files, or skips the test loudly when there is no such folder.
func published(t testing.TB, path ...string) string {
	t.Helper()
	folder := os.Getenv(folderVariable)
	if folder == "" {
		folder = filepath.Join("..", "shared")
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join("..", folder) // from the root of the repository, as everybody else writes it
	}
	if stat, err := os.Stat(folder); err != nil || !stat.IsDir() {
		skipLoudly(t, "there is no folder "+folder+" of published vectors, schemas and samples; name it in "+folderVariable)
	}
	return filepath.Join(append([]string{folder}, path...)...)
}

func skipLoudly(t testing.TB, why string) {
	t.Helper()
	frame := strings.Repeat("#", 100)
	t.Skipf("\n%s\n# NOT CHECKED: %s\n# %s\n# Run: make conformance\n%s", frame, t.Name(), why, frame)
}

// output runs a program and returns what it wrote on both ways; failing it fails the test.
func output(t testing.TB, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// glob returns the files of a pattern; none is a failure.
func glob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file %s: %v", pattern, err)
	}
	return files
}
