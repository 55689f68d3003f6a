package simulate

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"wattdue/masterdata"
)

// TestMasterDataCanBeRead writes the master data of a world, which must have no faults, and reads it again as the same.
func TestMasterDataCanBeRead(t *testing.T) {
	w, err := Generate(Options{Seed: 11, Customers: 200, Sessions: -1})
	if err != nil {
		t.Fatal(err)
	}
	text, err := masterdata.Write(w.MasterData())
	if err != nil {
		t.Fatal(err)
	}
	look := masterdata.Lookups{Zone: time.LoadLocation, Schedule: func(string, string, string) error { return errors.New("none is expected") }}
	f, faults := masterdata.Parse(text, look)
	if len(faults) > 0 {
		t.Fatalf("faults:\n%v", faults)
	}
	if len(f.Parties) != 200 || len(f.Contracts) != len(w.Contracts) || len(f.Tokens) != len(w.Tokens) || len(f.Mandates) != len(w.Mandates) ||
		len(f.EVSEs) != len(w.EVSEs) || len(f.Tariffs) != len(w.Tariffs) {
		t.Errorf("read %d parties, %d contracts, %d tokens, %d mandates, %d charge points, %d tariffs", len(f.Parties), len(f.Contracts),
			len(f.Tokens), len(f.Mandates), len(f.EVSEs), len(f.Tariffs))
	}
	again, err := masterdata.Write(f)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, again) {
		t.Error("read and written again it is another text")
	}
}
