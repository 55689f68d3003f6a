package rating

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"testing"
	"time"
)

func TestContentKeyDependsOnEverything(t *testing.T) {
	tariff := tariffOf(Row{ID: "r0", Prices: map[Component]Price{Energy: at(49 * cent)}})
	c := Contract{No: "C1", Groups: []string{"staff", "fleet"}}
	s := session(20*kWh, time.Hour, time.Minute)
	base := ContentKey(c, compiled(t, tariff), s)
	if again := ContentKey(Contract{No: "C1", Groups: []string{"staff", "fleet"}}, compiled(t, tariff), s); again != base {
		t.Error("the same content has another key")
	}
	elsewhere := s
	elsewhere.Start = s.Start.In(time.FixedZone("", 3600))
	if ContentKey(c, compiled(t, tariff), elsewhere) != base {
		t.Error("the zone an instant is written in changes the key")
	}
	seen := map[[32]byte]string{base: "the content itself"}
	note := func(name string, key [32]byte) {
		if other, ok := seen[key]; ok {
			t.Errorf("%s gives the key of %s", name, other)
		}
		seen[key] = name
	}
	changes := map[string]func(*Session){
		"ID":             func(s *Session) { s.ID += "x" },
		"Start":          func(s *Session) { s.Start = s.Start.Add(1) },
		"End":            func(s *Session) { s.End = s.End.Add(time.Second) },
		"Energy":         func(s *Session) { s.Energy++ },
		"Idle":           func(s *Session) { s.Idle++ },
		"Location":       func(s *Session) { s.Location = "L2" },
		"EVSEID":         func(s *Session) { s.EVSEID = "" },
		"DurationUsable": func(s *Session) { s.DurationUsable = false },
	}
	for i := range reflect.TypeFor[Session]().NumField() {
		name := reflect.TypeFor[Session]().Field(i).Name
		change, ok := changes[name]
		if !ok {
			t.Errorf("session field %s is not part of the key", name)
			continue
		}
		other := s
		change(&other)
		note(name, ContentKey(c, compiled(t, tariff), other))
	}
	shifted := s
	shifted.Location, shifted.EVSEID = s.Location+s.EVSEID, ""
	note("location and EVSE run together", ContentKey(c, compiled(t, tariff), shifted))

	for name, other := range map[string]Contract{
		"contract":                  {No: "C2", Groups: c.Groups},
		"no groups":                 {No: "C1"},
		"order of groups":           {No: "C1", Groups: []string{"fleet", "staff"}},
		"groups run together":       {No: "C1", Groups: []string{"stafffleet"}},
		"a group in the contractNo": {No: "C1staff", Groups: []string{"fleet"}},
	} {
		note(name, ContentKey(other, compiled(t, tariff), s))
	}
	if n := reflect.TypeFor[Contract]().NumField(); n != 2 {
		t.Errorf("the contract has %d fields; bring the new one into the key", n)
	}
	for name, change := range map[string]func(*Tariff){
		"code":    func(t *Tariff) { t.Code = "TOWN" },
		"version": func(t *Tariff) { t.Version++ },
		"price":   func(t *Tariff) { t.Rows = []Row{{ID: "r0", Prices: map[Component]Price{Energy: at(50 * cent)}}} },
	} {
		other := tariff
		change(&other)
		note(name, ContentKey(c, compiled(t, other), s))
	}
}

// The bytes under the hash, written out by hand from the description of ContentKey.
func TestContentKeyBytes(t *testing.T) {
	tariff := compiled(t, tariffOf(Row{ID: "r0", Prices: map[Component]Price{Energy: at(49 * cent)}}))
	s := Session{ID: "S", Start: time.Unix(0x61000000, 5).UTC(), End: time.Unix(0x61000010, 0).UTC(), Energy: 0x0102, Idle: 3, Location: "L", EVSEID: "E", DurationUsable: true}
	hash := tariff.Hash()
	text := "00000012" + hex.EncodeToString([]byte("wattdue rating key")) +
		"00000040" + // 5 + 16 + 16 + 8 + 8 + 5 + 5 + 1 bytes
		"0000000153" + "0000000061000000" + "0000000000000005" + "0000000061000010" + "0000000000000000" +
		"0000000000000102" + "0000000000000003" + "000000014c" + "0000000145" + "01" +
		"00000017" + "0000000243" + "31" + "0000000000000001" + "00000005" + "7374616666" + // C1; one group: staff
		"00000030" + "00000004" + "43495459" + "0000000000000003" + hex.EncodeToString(hash[:]) + // CITY 3
		"00000008" + "0000000000000001"
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ContentKey(Contract{No: "C1", Groups: []string{"staff"}}, tariff, s), sha256.Sum256(b); got != want {
		t.Errorf("got %x, want %x", got, want)
	}
}
