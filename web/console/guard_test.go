package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const archivedRun = "/ops/queues/api/queues/billing/archived_tasks/rate.r1.c3.g1:run"

func TestWhoMayDoWhat(t *testing.T) {
	cross := map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
	oldBrowser := map[string]string{"Origin": "https://evil.example"}
	sameSite := map[string]string{"Sec-Fetch-Site": "same-site"}
	own := map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://console.test"}
	ownOld := map[string]string{"Origin": "http://console.test"}
	cases := []struct {
		say    string
		r      request
		status int
		after  string // state of the archived task
	}{
		{"page without login", request{method: "GET", path: "/ops/queues/"}, 401, "archived"},
		{"index without login", request{method: "GET", path: "/"}, 401, "archived"},
		{"metrics without login", request{method: "GET", path: "/metrics"}, 401, "archived"},
		{"unknown page without login", request{method: "GET", path: "/nothing"}, 401, "archived"},
		{"run without login", request{method: "POST", path: archivedRun}, 401, "archived"},
		{"POST to health without login", request{method: "POST", path: "/healthz"}, 401, "archived"},
		{"wrong password", request{method: "GET", path: "/", name: "ann", password: "x"}, 401, "archived"},
		{"password of another", request{method: "GET", path: "/", name: "ann", password: vicPassword}, 401, "archived"},
		{"unknown name", request{method: "GET", path: "/", name: "eve", password: annPassword}, 401, "archived"},
		{"empty password", request{method: "GET", path: "/", name: "ann"}, 401, "archived"},
		{"another scheme", request{method: "GET", path: "/", header: map[string]string{"Authorization": "Bearer x"}}, 401, "archived"},
		{"viewer looks", request{method: "GET", path: "/ops/queues/api/queues", name: "vic", password: vicPassword}, 200, "archived"},
		{"viewer reads metrics", request{method: "GET", path: "/metrics", name: "vic", password: vicPassword}, 200, "archived"},
		{"viewer runs", request{method: "POST", path: archivedRun, name: "vic", password: vicPassword}, 405, "archived"},
		{"viewer runs from own page", request{method: "POST", path: archivedRun, name: "vic", password: vicPassword, header: own}, 405, "archived"},
		{"viewer deletes", request{method: "DELETE", path: strings.TrimSuffix(archivedRun, ":run"), name: "vic", password: vicPassword}, 405, "archived"},
		{"viewer posts to the page", request{method: "POST", path: "/ops/queues/", name: "vic", password: vicPassword}, 405, "archived"},
		{"foreign site with the admin's login", request{method: "POST", path: archivedRun, name: "ann", password: annPassword, header: cross}, 403, "archived"},
		{"foreign site, browser without Sec-Fetch", request{method: "POST", path: archivedRun, name: "ann", password: annPassword, header: oldBrowser}, 403, "archived"},
		{"sister site", request{method: "POST", path: archivedRun, name: "ann", password: annPassword, header: sameSite}, 403, "archived"},
		{"foreign site deletes", request{method: "DELETE", path: strings.TrimSuffix(archivedRun, ":run"), name: "ann", password: annPassword, header: cross}, 403, "archived"},
		{"admin, odd method", request{method: "PATCH", path: archivedRun, name: "ann", password: annPassword}, 405, "archived"},
		{"admin from own page", request{method: "POST", path: archivedRun, name: "ann", password: annPassword, header: own}, 204, "pending"},
		{"admin from own page, browser without Sec-Fetch", request{method: "POST", path: archivedRun, name: "ann", password: annPassword, header: ownOld}, 204, "pending"},
		{"admin from a script", request{method: "POST", path: archivedRun, name: "ann", password: annPassword}, 204, "pending"},
	}
	for _, c := range cases {
		t.Run(c.say, func(t *testing.T) {
			f := newFixture(t)
			f.enqueue(t, "billing", "rate.r1.c3.g1", `{}`, true)
			w := f.do(c.r)
			if w.Code != c.status {
				t.Errorf("%s %s = %d, want %d: %s", c.r.method, c.r.path, w.Code, c.status, w.Body)
			}
			if got := f.state(t, "billing", "rate.r1.c3.g1"); got != c.after {
				t.Errorf("task is %s after that, want %s", got, c.after)
			}
			wantAudit := ""
			if c.status == 204 {
				wantAudit = "ann queue.run billing/archived_tasks/rate.r1.c3.g1"
			}
			if got := f.audit.String(); got != wantAudit {
				t.Errorf("audit is %q, want %q", got, wantAudit)
			}
			asks := strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic ")
			if asks != (c.status == 401) {
				t.Errorf("asks for a login: %v at status %d", asks, c.status)
			}
		})
	}
}

func TestNothingIsChangedWithoutAudit(t *testing.T) {
	f := newFixture(t)
	f.enqueue(t, "billing", "rate.r1.c3.g1", `{}`, true)
	f.audit.err = errors.New("database is away")
	w := f.ann("POST", archivedRun)
	if w.Code != 503 {
		t.Errorf("status %d, want 503", w.Code)
	}
	if strings.Contains(w.Body.String(), "away") {
		t.Errorf("the answer tells the cause: %s", w.Body)
	}
	if got := f.state(t, "billing", "rate.r1.c3.g1"); got != "archived" {
		t.Errorf("task is %s, want archived", got)
	}
}

func TestPlainPassword(t *testing.T) {
	f := newFixture(t, func(o *Options) {
		o.Users = []User{
			{Name: "dev", Password: "Sumpfdotterblume", Role: Viewer},
			{Name: "ann", PasswordHash: cheapHash(t, annPassword), Role: Admin},
		}
	})
	for password, want := range map[string]int{"Sumpfdotterblume": 200, "sumpfdotterblume": 401, "": 401} {
		if got := f.do(request{method: "GET", path: "/", name: "dev", password: password}).Code; got != want {
			t.Errorf("password %q = %d, want %d", password, got, want)
		}
	}
}

// bcrypt reads 72 bytes; what comes after them must not be ignored.
func TestLongPasswordIsNotCut(t *testing.T) {
	long := strings.Repeat("a", 72)
	f := newFixture(t, func(o *Options) { o.Users = []User{{Name: "dev", PasswordHash: cheapHash(t, long), Role: Viewer}} })
	for password, want := range map[string]int{long: 200, long + "a": 401} {
		if got := f.do(request{method: "GET", path: "/", name: "dev", password: password}).Code; got != want {
			t.Errorf("password of %d bytes = %d, want %d", len(password), got, want)
		}
	}
}

// A right password is remembered, and only that one, and only for its own name.
func TestRememberedPassword(t *testing.T) {
	a, err := newAccounts([]User{
		{Name: "ann", PasswordHash: cheapHash(t, "one"), Role: Admin},
		{Name: "bob", PasswordHash: cheapHash(t, "two"), Role: Viewer},
	})
	if err != nil {
		t.Fatal(err)
	}
	if a.remembered("ann", "one") != nil {
		t.Error("remembered before the first login")
	}
	if a.verify("ann", "wrong") != nil || a.remembered("ann", "wrong") != nil {
		t.Error("a wrong password was taken or remembered")
	}
	if acc := a.verify("ann", "one"); acc == nil || acc.name != "ann" {
		t.Fatal("the right password was refused")
	}
	if acc := a.remembered("ann", "one"); acc == nil || acc.role != Admin {
		t.Error("the right password was forgotten")
	}
	for _, c := range [][2]string{{"bob", "one"}, {"ann", "two"}, {"ann", ""}, {"an", "none"}, {"eve", "one"}} {
		if a.remembered(c[0], c[1]) != nil {
			t.Errorf("%s with %q is remembered", c[0], c[1])
		}
	}
}

// bcrypt takes 2^cost rounds: 512 for the dear account; for the cheap one 16, and 16+32+64+128+256 of decoys.
func TestUnknownNamesCostAsMuch(t *testing.T) {
	dear, err := bcrypt.GenerateFromPassword([]byte("x"), 9)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAccounts([]User{
		{Name: "cheap", PasswordHash: cheapHash(t, "x"), Role: Viewer},
		{Name: "dear", PasswordHash: string(dear), Role: Viewer},
	})
	if err != nil {
		t.Fatal(err)
	}
	rounds := 0
	a.compare = func(hash, password []byte) error {
		cost, err := bcrypt.Cost(hash)
		if err != nil {
			t.Errorf("%q costs nothing: %v", hash, err)
		}
		rounds += 1 << cost
		return bcrypt.CompareHashAndPassword(hash, password)
	}
	for _, name := range []string{"cheap", "dear", "nobody", ""} {
		for password, right := range map[string]bool{"x": name == "cheap" || name == "dear", "wrong": false} {
			rounds = 0
			if got := a.verify(name, password) != nil; got != right {
				t.Errorf("%q with %q is let in: %v", name, password, got)
			}
			if rounds != 512 {
				t.Errorf("%q with %q costs %d rounds, want 512", name, password, rounds)
			}
		}
	}
}

func TestWithoutUsers(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Users, o.Audit = nil, nil })
	f.enqueue(t, "billing", "rate.r1.c3.g1", `{}`, true)
	cases := []struct {
		say    string
		r      request
		status int
	}{
		{"own machine looks", request{method: "GET", path: "/ops/queues/api/queues", remote: "127.0.0.1:5000", host: "localhost:8080"}, 200},
		{"own machine by number", request{method: "GET", path: "/", remote: "127.0.0.1:5000", host: "127.0.0.1:8080"}, 200},
		{"own machine, IPv6", request{method: "GET", path: "/", remote: "[::1]:5000", host: "[::1]:8080"}, 200},
		{"own machine, IPv6, port 80", request{method: "GET", path: "/", remote: "[::1]:5000", host: "[::1]"}, 200},
		{"own machine changes", request{method: "POST", path: archivedRun, remote: "127.0.0.1:5000", host: "localhost:8080"}, 405},
		{"another machine", request{method: "GET", path: "/", remote: "192.0.2.7:5000", host: "localhost:8080"}, 403},
		{"a foreign name that leads here", request{method: "GET", path: "/", remote: "127.0.0.1:5000", host: "evil.example:8080"}, 403},
		{"health from another machine", request{method: "GET", path: "/healthz", remote: "192.0.2.7:5000", host: "evil.example"}, 200},
	}
	for _, c := range cases {
		if w := f.do(c.r); w.Code != c.status {
			t.Errorf("%s = %d, want %d: %s", c.say, w.Code, c.status, w.Body)
		}
	}
	if got := f.state(t, "billing", "rate.r1.c3.g1"); got != "archived" {
		t.Errorf("task is %s, want archived", got)
	}
}

func TestThrottle(t *testing.T) {
	f := newFixture(t)
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	f.guard.now = func() time.Time { return now }
	try := func(remote, password string) int {
		return f.do(request{method: "GET", path: "/", name: "ann", password: password, remote: remote}).Code
	}
	// Being asked for a login is no failure.
	for range 30 {
		if got := f.do(request{method: "GET", path: "/", remote: "192.0.2.1:1"}).Code; got != 401 {
			t.Fatalf("no login = %d, want 401", got)
		}
	}
	if got := try("192.0.2.1:1", annPassword); got != 200 {
		t.Fatalf("right password = %d, want 200", got)
	}
	for i := range 10 {
		if got := try(fmt.Sprintf("192.0.2.1:%d", 1000+i), fmt.Sprint("guess ", i)); got != 401 {
			t.Fatalf("wrong login %d = %d, want 401", i+1, got)
		}
	}
	w := f.do(request{method: "GET", path: "/", name: "ann", password: "guess", remote: "192.0.2.1:1"})
	if w.Code != 429 || w.Header().Get("Retry-After") != "10" {
		t.Errorf("wrong login 11 = %d, retry after %q; want 429 and 10", w.Code, w.Header().Get("Retry-After"))
	}
	// A remembered password is held back, too: else the throttle would tell right from wrong.
	if got := try("192.0.2.1:1", annPassword); got != 429 {
		t.Errorf("right password while throttled = %d, want 429", got)
	}
	if got := try("192.0.2.2:1", annPassword); got != 200 {
		t.Errorf("right password from another address = %d, want 200", got)
	}
	now = now.Add(10 * time.Second)
	if got := try("192.0.2.1:1", annPassword); got != 200 {
		t.Errorf("right password after 10 s = %d, want 200", got)
	}
	if got := try("192.0.2.1:1", "guess"); got != 401 {
		t.Errorf("one more guess after 10 s = %d, want 401", got)
	}
	if got := try("192.0.2.1:1", "guess"); got != 429 {
		t.Errorf("the guess after that = %d, want 429", got)
	}
}

func TestThrottleKeepsItsSize(t *testing.T) {
	th := newThrottle()
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for range freeFailures {
		th.fail("loud", now)
	}
	for i := range mostRemotes + 200 {
		th.fail(fmt.Sprint("remote ", i), now)
	}
	if len(th.paid) > mostRemotes {
		t.Errorf("%d remotes are kept, want at most %d", len(th.paid), mostRemotes)
	}
	if th.wait("loud", now) <= 0 {
		t.Error("the loudest was forgotten for quieter ones")
	}
	th.fail("later", now.Add(time.Hour))
	if len(th.paid) != 1 {
		t.Errorf("%d remotes are kept after an hour, want 1", len(th.paid))
	}
}

func TestRemoteKey(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1:80":              "192.0.2.1",
		"[::ffff:192.0.2.1]:80":     "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::]:99":  "2001:db8:1:2::/64",
		"[2001:db8:1:3::1]:80":      "2001:db8:1:3::/64",
		"[fe80::1%eth0]:80":         "fe80::/64",
		"@":                         "@",
		"":                          "",
	} {
		if got := remoteKey(in); got != want {
			t.Errorf("remoteKey(%q) = %q, want %q", in, got, want)
		}
	}
}

// A login that waited for its turn behind the tenth failure of its remote is not looked at any more.
func TestThrottleIsAskedAgainInTurn(t *testing.T) {
	f := newFixture(t)
	for range freeFailures {
		f.guard.failures.fail("192.0.2.1", time.Now())
	}
	if _, no := f.guard.login(t.Context(), "192.0.2.1", "ann", annPassword); no == nil || no.status != 429 {
		t.Errorf("login behind ten failures = %+v, want 429", no)
	}
}

func TestLoginEndsWithItsRequest(t *testing.T) {
	f := newFixture(t)
	f.guard.turn <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, no := f.guard.login(ctx, "192.0.2.1", "ann", annPassword); no == nil || no.status != 503 {
		t.Errorf("a login nobody waits for = %+v, want 503", no)
	}
}

func TestLogTellsNoPasswords(t *testing.T) {
	var log bytes.Buffer
	f := newFixture(t, func(o *Options) { o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	f.do(request{method: "GET", path: "/", name: "Geheimnis im falschen Feld", password: "falsch geraten"})
	f.ann("GET", "/")
	if !strings.Contains(log.String(), "login refused") || !strings.Contains(log.String(), `"user":"ann"`) {
		t.Errorf("log lacks the two logins:\n%s", &log)
	}
	for _, secret := range []string{"Geheimnis", "geraten", annPassword} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("log has %q:\n%s", secret, &log)
		}
	}
}
