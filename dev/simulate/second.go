package simulate

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/dev/signer"
)

// hub is the party of a roaming hub that passes records on under its own name.
const hub = "OSH"

// copyNumbers is where the numbers of second records begin, above those of any session of a month.
const copyNumbers = 500_000

// secondKey returns the key of the second record of a session. A hub keeps the id of the CPO; who reports a session twice
// gives it another one.
func (w *World) secondKey(s *Session, first cdr.Key) cdr.Key {
	if s.Fault == ReplayHub {
		first.Party = hub
	} else if s.Fault.isReplay() {
		again := *s
		again.Number += copyNumbers
		first.ID = w.recordID(&again)
	}
	return first
}

// encodeAs returns the compact OCPI record of a session with what is wrong with it.
func (w *World) encodeAs(f Fault, s *Session) ([]byte, error) {
	if !f.isSecond() {
		return w.encode(s)
	}
	r, err := w.newCDR(s)
	if err != nil {
		return nil, err
	}
	if f == Duplicate {
		return json.Marshal(r)
	}
	r.LastUpdated = ocpiTime(s.reported().Add(24 * time.Hour))
	if f == ChangedDuplicate {
		w.changeRecord(&r, s)
		return json.Marshal(r)
	}
	key := w.secondKey(s, cdr.Key{Country: r.Country, Party: r.Party, ID: r.ID})
	r.Party, r.ID = key.Party, key.ID
	if f != ReplayHub {
		r.SessionID = fmt.Sprintf("%s-S-%06d", r.Party, s.Number+copyNumbers)
	}
	if f == ReplayContainer {
		r.Signed = contain(r.Signed)
	}
	return json.Marshal(r)
}

// changeRecord makes another record of it under the same id: one cent dearer. Every second one writes the id in lower
// case, which is the same id (OCPI 2.2.1, CiString).
func (w *World) changeRecord(r *ocpiCDR, s *Session) {
	r.Cost = netPrice(wholesaleCost(s, w.location(w.evse(s))) + 100)
	if s.Number%2 == 0 {
		r.ID = strings.ToLower(r.ID)
	}
}

// contain puts OCMF lines into one file of the transparency software.
func contain(o ocpiSigned) ocpiSigned {
	var values []signer.Value
	for _, v := range o.Values {
		values = append(values, signer.Value{Format: "OCMF", Nature: v.Nature, Data: []byte(v.Plain)})
	}
	file := signer.SAFE(values, o.PublicKey)
	return newOCPISigned(signer.Signed{
		Values: []signer.Value{{Nature: "End", Plain: string(file), Data: file}}, PublicKey: o.PublicKey, Method: o.Method,
	})
}
