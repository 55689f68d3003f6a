package console

import (
	"net/netip"
	"sync"
	"time"
)

// A remote has ten wrong logins at once and earns another every ten seconds: enough for a person who mistypes, some
// 8,600 guesses a day for a machine. What is kept is bounded, because the senders of wrong logins are not.
const (
	freeFailures = 10
	failurePrice = 10 * time.Second
	mostRemotes  = 4096
)

// throttle counts wrong logins per remote address. Per remote it holds one instant: when all its failures are paid off.
type throttle struct {
	mu   sync.Mutex
	paid map[string]time.Time
}

func newThrottle() *throttle { return &throttle{paid: map[string]time.Time{}} }

// wait is how long a remote must hold still before its next login is looked at; 0 or less means not at all.
func (t *throttle) wait(remote string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	paid, known := t.paid[remote]
	if !known {
		return 0
	}
	return paid.Sub(now) - (freeFailures-1)*failurePrice
}

// fail notes a wrong login.
func (t *throttle) fail(remote string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from, known := t.paid[remote]
	if !known && len(t.paid) >= mostRemotes {
		t.makeRoom(now)
	}
	if from.Before(now) {
		from = now
	}
	t.paid[remote] = from.Add(failurePrice)
}

// makeRoom forgets who owes nothing, and if nobody does, who owes least.
func (t *throttle) makeRoom(now time.Time) {
	var least string
	for remote, at := range t.paid {
		if !at.After(now) {
			delete(t.paid, remote)
			continue
		}
		if least == "" || at.Before(t.paid[least]) {
			least = remote
		}
	}
	if len(t.paid) >= mostRemotes {
		delete(t.paid, least)
	}
}

// remoteKey is the address without port. IPv6 counts by /64, because one customer line has that many addresses.
func remoteKey(remoteAddr string) string {
	ap, err := netip.ParseAddrPort(remoteAddr)
	if err != nil {
		return remoteAddr
	}
	addr := ap.Addr().Unmap()
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return addr.String()
	}
	return prefix.String()
}
