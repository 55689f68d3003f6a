package mailing

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// phases records what a delivery reports.
type phases struct {
	seen []Phase
	stop Phase // this phase cannot be stored
}

var errStore = errors.New("database gone")

func (p *phases) record(ph Phase) error {
	if ph == p.stop {
		return errStore
	}
	p.seen = append(p.seen, ph)
	return nil
}

func (p *phases) String() string {
	var all []string
	for _, ph := range p.seen {
		all = append(all, string(ph))
	}
	return strings.Join(all, " ")
}

func files(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestFolderIsIdempotent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	for range 2 {
		var p phases
		result, _, err := Folder{dir}.Deliver(t.Context(), letter(), p.record)
		if result != Sent || err != nil || p.String() != "connected" {
			t.Fatalf("%s, %v, phases %s", result, err, &p)
		}
	}
	if got := files(t, dir); got != "RE-2026-0000001.eml" {
		t.Errorf("folder holds %s", got)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "RE-2026-0000001.eml"))
	if err != nil || !bytes.Equal(raw, built(t, letter())) {
		t.Errorf("the file differs from the message, %v", err)
	}
}

func TestFolderNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	var p phases
	if _, _, err := (Folder{dir}).Deliver(t.Context(), letter(), p.record); err != nil {
		t.Fatal(err)
	}
	other := letter()
	other.Text = "Guten Tag, es waren 99,99 €."
	result, _, err := Folder{dir}.Deliver(t.Context(), other, p.record)
	if result != Failed || !errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), "RE-2026-0000001") {
		t.Errorf("%s, %v", result, err)
	}
	raw, _ := os.ReadFile(filepath.Join(dir, "RE-2026-0000001.eml"))
	if !bytes.Equal(raw, built(t, letter())) {
		t.Error("the first message was overwritten")
	}
	if got := files(t, dir); got != "RE-2026-0000001.eml" {
		t.Errorf("folder holds %s", got)
	}
}

// Placing is tested below the first look into the folder, where two workers can meet.
func TestPlacingMeetsAnotherWorker(t *testing.T) {
	dir := t.TempDir()
	final := filepath.Join(dir, "a.eml")
	for content, want := range map[string]error{"mine": nil, "other": ErrDiffers} {
		os.Remove(final)
		if err := os.WriteFile(final, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		temp, err := writeTemp(dir, []byte("mine"))
		if err != nil {
			t.Fatal(err)
		}
		if err := putInPlace(temp, final, []byte("mine")); !errors.Is(err, want) {
			t.Errorf("placing beside %q: %v, want %v", content, err, want)
		}
		if there, _ := os.ReadFile(final); string(there) != content {
			t.Errorf("%q became %q", content, there)
		}
	}
}

func TestFolderWithManyWorkers(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			var p phases
			if result, _, err := (Folder{dir}).Deliver(context.Background(), letter(), p.record); result != Sent {
				t.Errorf("%s, %v", result, err)
			}
		})
	}
	wg.Wait()
	if got := files(t, dir); got != "RE-2026-0000001.eml" {
		t.Errorf("folder holds %s", got)
	}
}

func TestFolderFaults(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var p phases
	result, _, err := Folder{blocked}.Deliver(t.Context(), letter(), p.record)
	if result != Retry || !errors.Is(err, ErrUnavailable) {
		t.Errorf("a folder that is a file: %s, %v", result, err)
	}

	dir := t.TempDir()
	p = phases{stop: Connected}
	result, _, err = Folder{dir}.Deliver(t.Context(), letter(), p.record)
	if result != Retry || !errors.Is(err, errStore) || files(t, dir) != "" {
		t.Errorf("phase not stored: %s, %v, files %s", result, err, files(t, dir))
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if result, _, err := (Folder{dir}).Deliver(ended, letter(), new(phases).record); result != Retry || !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %s, %v", result, err)
	}

	bad := letter()
	bad.To = "nobody"
	if result, _, err := (Folder{dir}).Deliver(t.Context(), bad, new(phases).record); result != Failed || err == nil {
		t.Errorf("unusable message: %s, %v", result, err)
	}

	unnamed := letter()
	unnamed.Name = "../escape"
	if _, _, err := (Folder{dir}).Deliver(t.Context(), unnamed, new(phases).record); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); got != "0123456789abcdef0123456789abcdef.invoice.0a1b2c3d_ladenetz.example.eml" {
		t.Errorf("folder holds %s", got)
	}
}
