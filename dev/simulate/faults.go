package simulate

import "bytes"

// Fault is what is wrong with a record. The zero Fault is None.
type Fault string

// The planted faults.
const (
	None             Fault = ""
	Tampered         Fault = "tampered"          // the signed end reading was lowered after signing, and the record with it
	UnknownKey       Fault = "unknown_key"       // the charge point is not registered, its key neither
	UnknownToken     Fault = "unknown_token"     // neither token nor contract id belong to a contract
	NoPrice          Fault = "no_price"          // a public customer at the staff depot
	Duplicate        Fault = "duplicate"         // the same bytes again in a later file
	ChangedDuplicate Fault = "changed_duplicate" // the same id with other content in a later file
	BrokenJSON       Fault = "broken_json"       // cut off, or not JSON
)

// The planted contradictions between sessions. Each record alone is genuine.
const (
	Replay            Fault = "replay"             // the same signed values in another record of the same CPO
	ReplayHub         Fault = "replay_hub"         // the same again from another sender, as a hub passes records on
	ReplayContainer   Fault = "replay_container"   // the same OCMF values in another record, in a file of the transparency software
	PageConflict      Fault = "page_conflict"      // signed with the meter's key under the page of an earlier session
	CounterRegression Fault = "counter_regression" // the meter lost what it counted last
	Overlap           Fault = "overlap"            // begins before the session before has ended
	PowerAboveLimit   Fault = "power_above_limit"  // twice what the charge point can deliver
)

// isSecond reports whether the fault is a second record of a session, with the first one honest.
func (f Fault) isSecond() bool {
	return f == Duplicate || f == ChangedDuplicate || f.isReplay()
}

// isReplay reports whether the second record is a record of its own with the same signed values.
func (f Fault) isReplay() bool { return f == Replay || f == ReplayHub || f == ReplayContainer }

// faultKinds are the kinds in the order in which they get their sessions; the pickiest comes first.
var faultKinds = []Fault{NoPrice, Tampered, UnknownKey, UnknownToken, Duplicate, ChangedDuplicate, BrokenJSON}

// faultsPerKind is how often each kind is planted at least, once the month has ten times as many sessions.
const faultsPerKind = 2

// plantFaults marks the sessions whose record will be faulty. Edge cases and sessions under 1 kWh stay honest.
func (w *World) plantFaults() {
	quota := faultQuota(w.Options)
	r := stream(w.Options.Seed, "faults")
	payers := w.payers()
	order := r.Perm(len(w.Sessions))
	for i, kind := range faultKinds {
		for _, n := range order {
			if quota[i] == 0 {
				break
			}
			s := &w.Sessions[n]
			if s.Fault != None || s.fixture || s.wh < 1000 || !w.suits(kind, s) {
				continue
			}
			s.Fault = kind
			if kind == NoPrice {
				s.Contract = pick(r, payers.public)
				s.Token = w.firstToken(s.Contract)
			}
			quota[i]--
		}
	}
}

// faultQuota returns how many faults of each kind to plant: equal shares, the earlier kinds first on a remainder.
func faultQuota(o Options) []int {
	total := o.Sessions * o.Faults / 1000
	if least := faultsPerKind * len(faultKinds); o.Faults > 0 && o.Sessions >= 10*least {
		total = max(total, least)
	}
	quota := make([]int, len(faultKinds))
	for i := range quota {
		quota[i] = total / len(quota)
		if i < total%len(quota) {
			quota[i]++
		}
	}
	return quota
}

// suits reports whether the fault can be planted in the session: only at the depot has the public no price.
func (w *World) suits(kind Fault, s *Session) bool {
	return kind != NoPrice || w.location(&w.EVSEs[s.EVSE]).staffOnly
}

func (w *World) firstToken(contract int) int {
	for i, t := range w.Tokens {
		if t.ContractNo == w.Contracts[contract].No {
			return i
		}
	}
	return 0
}

// garble breaks one record so that its braces and quotes still match: a reader can find its end but not read it.
// The value of end_date_time loses its quotes.
func garble(record []byte) []byte {
	field := []byte(`"end_date_time":"`)
	at := bytes.Index(record, field) + len(field) - 1
	end := at + 1 + bytes.IndexByte(record[at+1:], '"')
	broken := append([]byte(nil), record[:at]...)
	broken = append(broken, record[at+1:end]...)
	return append(broken, record[end+1:]...)
}

// truncate cuts a record off in the middle of its signed values.
func truncate(record []byte) []byte { return record[:len(record)*3/5] }
