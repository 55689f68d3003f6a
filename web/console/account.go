package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"
)

// Role is what a user may do.
type Role string

// A viewer sees everything and changes nothing; an admin may also run, archive, delete and pause.
const (
	Viewer Role = "viewer"
	Admin  Role = "admin"
)

// User may log in. Exactly one of PasswordHash and Password is given.
type User struct {
	Name         string
	PasswordHash string // bcrypt, cost at most 14
	Password     string // in clear, at most 72 bytes; only its bcrypt hash is kept in memory
	Role         Role
}

// bcrypt reads 72 bytes of a password and no more. A cost above 14 keeps a person waiting for seconds at each login.
const (
	longestPassword = 72
	highestCost     = 14
)

// account is a user as the guard knows them.
type account struct {
	name string
	role Role
	hash []byte
	cost int
	// seen is the digest of the password that was right last time. With it a page that polls does not cost one bcrypt
	// per request; it lives in memory only and under a key of this process.
	seen atomic.Pointer[[sha256.Size]byte]
}

// accounts checks passwords so that the time taken does not tell whether a name exists.
type accounts struct {
	list []*account
	top  int // highest cost of any hash; every check costs as much
	key  [32]byte
	// compare is bcrypt.CompareHashAndPassword, except in the test that adds up its price.
	compare func(hash, password []byte) error
}

func newAccounts(users []User) (*accounts, error) {
	a := &accounts{compare: bcrypt.CompareHashAndPassword}
	if _, err := rand.Read(a.key[:]); err != nil {
		return nil, fmt.Errorf("console: random key: %w", err)
	}
	for i, u := range users {
		if err := u.check(); err != nil {
			return nil, fmt.Errorf("console: user %d: %w", i+1, err)
		}
		if a.find(u.Name) != nil {
			return nil, fmt.Errorf("console: user %d has the name of another", i+1)
		}
		acc := &account{name: u.Name, role: u.Role, hash: []byte(u.PasswordHash)}
		if u.PasswordHash != "" {
			cost, err := bcrypt.Cost(acc.hash)
			if err != nil || cost > highestCost {
				return nil, fmt.Errorf("console: user %d: password hash is not bcrypt of cost %d or less", i+1, highestCost)
			}
			acc.cost = cost
		}
		a.list, a.top = append(a.list, acc), max(a.top, acc.cost)
	}
	return a, a.hashPlain(users)
}

// hashPlain hashes the passwords given in clear, at the cost the other users already pay.
func (a *accounts) hashPlain(users []User) error {
	if a.top == 0 {
		a.top = bcrypt.DefaultCost
	}
	for i, u := range users {
		if u.Password == "" {
			continue
		}
		hash, err := bcrypt.GenerateFromPassword([]byte(u.Password), a.top)
		if err != nil {
			return fmt.Errorf("console: user %d: %w", i+1, err)
		}
		a.list[i].hash, a.list[i].cost = hash, a.top
	}
	return nil
}

func (u User) check() error {
	switch {
	case u.Name == "" || strings.ContainsFunc(u.Name, func(r rune) bool { return r == ':' || r < ' ' || r == 0x7f }):
		return errors.New("the name is empty or has a colon or control character, which basic auth cannot carry")
	case u.Role != Viewer && u.Role != Admin:
		return fmt.Errorf("role %q; use viewer or admin", u.Role)
	case (u.PasswordHash == "") == (u.Password == ""):
		return errors.New("give exactly one of password hash and password")
	case len(u.Password) > longestPassword:
		return fmt.Errorf("the password is longer than %d bytes", longestPassword)
	}
	return nil
}

func (a *accounts) empty() bool { return len(a.list) == 0 }

func (a *accounts) have(r Role) bool {
	for _, acc := range a.list {
		if acc.role == r {
			return true
		}
	}
	return false
}

// find looks at every account, so that the place in the list does not show.
func (a *accounts) find(name string) *account {
	var found *account
	want := sha256.Sum256([]byte(name))
	for _, acc := range a.list {
		have := sha256.Sum256([]byte(acc.name))
		if subtle.ConstantTimeCompare(want[:], have[:]) == 1 {
			found = acc
		}
	}
	return found
}

// remembered is the account whose password was found right before, nil for anything else.
func (a *accounts) remembered(name, password string) *account {
	acc := a.find(name)
	if acc == nil {
		return nil
	}
	seen := acc.seen.Load()
	digest := a.digest(name, password)
	if seen == nil || subtle.ConstantTimeCompare(seen[:], digest[:]) != 1 {
		return nil
	}
	return acc
}

// verify does the whole work: for a name nobody has it hashes against a decoy, for an account whose hash is cheaper
// than the dearest it adds decoys up to the same sum. bcrypt takes 2^cost rounds, so one each of cost, cost+1 ... top-1
// is exactly what is missing to 2^top.
func (a *accounts) verify(name, password string) *account {
	acc := a.find(name)
	hash, cost := decoy(a.top), a.top
	if acc != nil {
		hash, cost = acc.hash, acc.cost
	}
	err := a.compare(hash, []byte(password))
	for c := cost; c < a.top; c++ {
		_ = a.compare(decoy(c), []byte(password)) // only the time matters
	}
	if acc == nil || err != nil || len(password) > longestPassword {
		return nil
	}
	digest := a.digest(name, password)
	acc.seen.Store(&digest)
	return acc
}

// decoy has the form of a hash and the price of one, and no known password.
func decoy(cost int) []byte {
	return fmt.Appendf(nil, "$2a$%02d$%s", cost, strings.Repeat(".", 53))
}

func (a *accounts) digest(name, password string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, a.key[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(name))))
	mac.Write([]byte(name))
	mac.Write([]byte(password))
	return [sha256.Size]byte(mac.Sum(nil))
}
