package conformance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// The month that is gone over: small, but with every fault, both ways of payment and both versions of the tariff.
var demoFlags = []string{"--customers", "40", "--sessions", "400", "--seed", "11"}

func TestMain(m *testing.M) {
	status := m.Run()
	if workplace != "" {
		_ = os.RemoveAll(workplace)
	}
	os.Exit(status)
}

// workplace holds the program and the folder of the month while the tests run.
var workplace string

// billed builds the product and bills the month by its own command, once for all tests.
var billed = sync.OnceValues(func() (string, error) {
	var err error
	if workplace, err = os.MkdirTemp("", "wattdue-conformance-"); err != nil {
		return "", err
	}
	if err := os.Chmod(workplace, 0o755); err != nil { // the database server may run as another user
		return "", err
	}
	program := filepath.Join(workplace, "wattdue")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/wattdue").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/wattdue: %w\n%s", err, out)
	}
	dir := filepath.Join(workplace, "month")
	if out, err := exec.Command(program, append([]string{"--quiet", "demo", "--out", dir}, demoFlags...)...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("wattdue demo: %w\n%s", err, out)
	}
	return dir, nil
})

// month returns the folder of the billed month.
func month(t testing.TB) string {
	t.Helper()
	dir, err := billed()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
