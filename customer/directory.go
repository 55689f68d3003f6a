package customer

import (
	"fmt"
	"time"
)

// Code says in one stable word why a token, contract or mandate cannot be used.
type Code string

// The codes of Directory.ContractFor. Mandate codes stand beside Mandate.Check.
const (
	TokenUnknown     Code = "token-unknown"     // neither the token nor the contract id is known
	TokenExpired     Code = "token-expired"     // the token is known but was not valid at the start
	ContractInactive Code = "contract-inactive" // the contract is known but was not valid at the start
	Ambiguous        Code = "ambiguous"         // several contracts could pay
)

// Refusal is a fault of master data that holds one record back. Its text names the record and what to do, and never
// a person or an account.
type Refusal struct {
	Code Code
	Text string
}

// Error prints code and text.
func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Text }

func refuse(code Code, format string, args ...any) error {
	return &Refusal{Code: code, Text: fmt.Sprintf(format, args...)}
}

// Directory finds the contract that pays for a session. It is built once and only read afterwards, so any number of
// goroutines may share it.
type Directory struct {
	contracts map[string]Contract
	tokens    map[string][]Token  // by normalised uid
	emaids    map[string][]string // contract numbers by normalised EMAID, in the order given
}

// NewDirectory indexes contracts and tokens. It refuses master data no question could be answered from: a contract
// number given twice, a contract without a time zone, a token of a contract that is not there.
func NewDirectory(contracts []Contract, tokens []Token) (*Directory, error) {
	d := &Directory{
		contracts: make(map[string]Contract, len(contracts)),
		tokens:    make(map[string][]Token, len(tokens)),
		emaids:    make(map[string][]string, len(contracts)),
	}
	for _, c := range contracts {
		if _, twice := d.contracts[c.No]; twice {
			return nil, fmt.Errorf("contract %s: given twice, keep one", c.No)
		}
		if c.ZoneLocation == nil {
			return nil, fmt.Errorf("contract %s: time zone is not loaded, set a zone such as Europe/Berlin", c.No)
		}
		d.contracts[c.No] = c
		if id := NormaliseEMAID(c.EMAID); id != "" {
			d.emaids[id] = append(d.emaids[id], c.No)
		}
	}
	for _, t := range tokens {
		if _, ok := d.contracts[t.ContractNo]; !ok {
			return nil, fmt.Errorf("token of contract %s: there is no such contract, load it first", t.ContractNo)
		}
		uid := NormaliseUID(t.UID)
		d.tokens[uid] = append(d.tokens[uid], t)
	}
	return d, nil
}

// ContractFor returns the contract that pays for a session started at an instant: the contract of the token valid
// then, or, when the token is not known here, the contract with that contract id. A token that is known but was not
// valid holds the record even if its contract id is good: a card may have been withdrawn because it was lost. The
// error is always a *Refusal.
func (d *Directory) ContractFor(tokenUID, contractID string, at time.Time) (Contract, error) {
	if known := d.tokens[NormaliseUID(tokenUID)]; len(known) > 0 {
		return d.byToken(known, at)
	}
	return d.byEMAID(d.emaids[NormaliseEMAID(contractID)], at)
}

func (d *Directory) byToken(known []Token, at time.Time) (Contract, error) {
	no := ""
	for _, t := range known {
		if !t.ValidAt(at) || t.ContractNo == no {
			continue
		}
		if no != "" {
			return Contract{}, refuse(Ambiguous, "the token is valid for contracts %s and %s at %s; end one of them",
				no, t.ContractNo, instant(at))
		}
		no = t.ContractNo
	}
	if no == "" {
		return Contract{}, refuse(TokenExpired, "the token of contract %s is not valid at %s; correct its dates or settle the session by hand",
			known[len(known)-1].ContractNo, instant(at))
	}
	c := d.contracts[no]
	if !c.ActiveAt(at) {
		return Contract{}, inactive(no, at)
	}
	return c, nil
}

func (d *Directory) byEMAID(known []string, at time.Time) (Contract, error) {
	if len(known) == 0 {
		return Contract{}, refuse(TokenUnknown, "neither token nor contract id is known; add the token to its contract")
	}
	var found []string
	for _, no := range known {
		if d.contracts[no].ActiveAt(at) {
			found = append(found, no)
		}
	}
	switch len(found) {
	case 0:
		return Contract{}, inactive(known[len(known)-1], at)
	case 1:
		return d.contracts[found[0]], nil
	}
	return Contract{}, refuse(Ambiguous, "the contract id belongs to contracts %s and %s at %s; end one of them",
		found[0], found[1], instant(at))
}

func inactive(no string, at time.Time) error {
	return refuse(ContractInactive, "contract %s is not valid at %s; correct its dates or settle the session by hand", no, instant(at))
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ValidAt reports whether the token may be used at an instant: from From, before Until.
func (t Token) ValidAt(at time.Time) bool {
	return !at.Before(t.From) && (t.Until.IsZero() || at.Before(t.Until))
}
