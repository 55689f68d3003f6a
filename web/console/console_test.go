package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"golang.org/x/crypto/bcrypt"
)

// The people of every test. Their hashes are the cheapest there are, so that the tests are fast.
const (
	annPassword = "Bachforelle 7"
	vicPassword = "Moorente 12"
)

func cheapHash(t testing.TB, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

// auditLog is the audit a test reads.
type auditLog struct {
	mu    sync.Mutex
	lines []string
	err   error
}

func (a *auditLog) note(_ context.Context, actor, action, target string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return a.err
	}
	a.lines = append(a.lines, actor+" "+action+" "+target)
	return nil
}

func (a *auditLog) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.lines, "\n")
}

// fixture is a console with ann (admin) and vic (viewer) on a Redis of its own.
type fixture struct {
	*Console
	redis *miniredis.Miniredis
	opt   asynq.RedisClientOpt
	audit *auditLog
}

func newFixture(t *testing.T, change ...func(*Options)) fixture {
	t.Helper()
	mr := miniredis.RunT(t)
	f := fixture{redis: mr, opt: asynq.RedisClientOpt{Addr: mr.Addr()}, audit: &auditLog{}}
	o := Options{
		Redis: f.opt, Audit: f.audit.note, Version: "1.2.3",
		Users: []User{
			{Name: "ann", PasswordHash: cheapHash(t, annPassword), Role: Admin},
			{Name: "vic", PasswordHash: cheapHash(t, vicPassword), Role: Viewer},
		},
	}
	for _, c := range change {
		c(&o)
	}
	console, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	f.Console = console
	t.Cleanup(func() {
		if err := console.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return f
}

// request is one line of a table.
type request struct {
	method, path   string
	name, password string // no login when name is empty
	header         map[string]string
	remote, host   string
	body           string
}

func (f fixture) do(r request) *httptest.ResponseRecorder {
	req := httptest.NewRequest(r.method, "http://console.test"+r.path, strings.NewReader(r.body))
	if r.name != "" {
		req.SetBasicAuth(r.name, r.password)
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	if r.remote != "" {
		req.RemoteAddr = r.remote
	}
	if r.host != "" {
		req.Host = r.host
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, req)
	return w
}

func (f fixture) ann(method, path string) *httptest.ResponseRecorder {
	return f.do(request{method: method, path: path, name: "ann", password: annPassword})
}

// enqueue puts a task into the queue and, when archived is said, from there into the archive.
func (f fixture) enqueue(t *testing.T, queue, id, payload string, archived bool) {
	t.Helper()
	client := asynq.NewClient(f.opt)
	defer client.Close()
	task := asynq.NewTask("rate.v1", []byte(payload))
	if _, err := client.Enqueue(task, asynq.TaskID(id), asynq.Queue(queue)); err != nil {
		t.Fatal(err)
	}
	if !archived {
		return
	}
	inspector := asynq.NewInspector(f.opt)
	defer inspector.Close()
	if err := inspector.ArchiveTask(queue, id); err != nil {
		t.Fatal(err)
	}
}

func (f fixture) state(t *testing.T, queue, id string) string {
	t.Helper()
	inspector := asynq.NewInspector(f.opt)
	defer inspector.Close()
	info, err := inspector.GetTaskInfo(queue, id)
	if errors.Is(err, asynq.ErrTaskNotFound) {
		return "gone"
	}
	if err != nil {
		t.Fatal(err)
	}
	return info.State.String()
}

func TestNewRefuses(t *testing.T) {
	hash := cheapHash(t, annPassword)
	noAudit := func(o *Options) { o.Audit = nil }
	users := func(u ...User) func(*Options) { return func(o *Options) { o.Users = u } }
	cases := map[string]struct {
		change func(*Options)
		want   string
	}{
		"no redis":              {func(o *Options) { o.Redis = nil }, "redis is missing"},
		"a redis of other kind": {func(o *Options) { o.Redis = oddRedis{} }, "no usable client"},
		"an admin and no audit": {noAudit, "no audit"},
		"no name":               {users(User{PasswordHash: hash, Role: Viewer}), "user 1: the name is empty"},
		"colon":                 {users(User{Name: "a:b", PasswordHash: hash, Role: Viewer}), "colon"},
		"line break":            {users(User{Name: "a\nb", PasswordHash: hash, Role: Viewer}), "control character"},
		"no such role":          {users(User{Name: "ann", PasswordHash: hash, Role: "root"}), `role "root"`},
		"no password":           {users(User{Name: "ann", Role: Viewer}), "exactly one"},
		"two passwords":         {users(User{Name: "ann", PasswordHash: hash, Password: "x", Role: Viewer}), "exactly one"},
		"not bcrypt":            {users(User{Name: "ann", PasswordHash: "hunter2", Role: Viewer}), "not bcrypt"},
		"too dear":              {users(User{Name: "ann", PasswordHash: string(decoy(15)), Role: Viewer}), "cost 14 or less"},
		"too long":              {users(User{Name: "ann", Password: strings.Repeat("a", 73), Role: Viewer}), "longer than 72 bytes"},
		"twice": {
			users(User{Name: "ann", PasswordHash: hash, Role: Viewer}, User{Name: "ann", PasswordHash: hash, Role: Viewer}),
			"user 2 has the name of another",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := Options{
				Redis: asynq.RedisClientOpt{Addr: "127.0.0.1:1"}, Audit: (&auditLog{}).note,
				Users: []User{{Name: "ann", PasswordHash: hash, Role: Admin}},
			}
			c.change(&o)
			console, err := New(o)
			if err == nil {
				console.Close()
				t.Fatalf("accepted, want %q", c.want)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want %q in it", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), hash) {
				t.Errorf("the error gives the password away: %q", err)
			}
		})
	}
}

// oddRedis makes something that is no Redis client.
type oddRedis struct{}

func (oddRedis) MakeRedisClient() any { return 7 }

func TestSecurityHeadersOnEveryAnswer(t *testing.T) {
	f := newFixture(t)
	for path, status := range map[string]int{"/healthz": 200, "/": 401, "/ops/queues/": 401} {
		w := f.do(request{method: "GET", path: path})
		if w.Code != status {
			t.Errorf("GET %s = %d, want %d", path, w.Code, status)
		}
		checkHeaders(t, path, w.Header())
	}
	for _, path := range []string{"/", "/ops/queues/", "/ops/queues/api/queues", "/metrics", "/nothing"} {
		checkHeaders(t, path, f.ann("GET", path).Header())
	}
}

func checkHeaders(t *testing.T, path string, h http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := h.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %s = %q, want %q once", path, name, got, want)
		}
	}
	policy := h.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'self'") && !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("%s: policy %q allows other hosts by default", path, policy)
	}
	if strings.Contains(policy, "http") || strings.Contains(policy, "*") {
		t.Errorf("%s: policy %q names another host", path, policy)
	}
}

func TestIndexPage(t *testing.T) {
	f := newFixture(t)
	w := f.ann("GET", "/")
	body := w.Body.String()
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, body)
	}
	for _, want := range []string{"version 1.2.3", `href="/ops/queues/"`, "ann, admin", `class="state good">ready<`} {
		if !strings.Contains(body, want) {
			t.Errorf("index page lacks %q:\n%s", want, body)
		}
	}
	for _, foreign := range []string{"<script", "http://", "https://", "src="} {
		if strings.Contains(body, foreign) {
			t.Errorf("index page has %q", foreign)
		}
	}
	if got := f.ann("GET", "/nothing").Code; got != 404 {
		t.Errorf("unknown page = %d, want 404", got)
	}
}

func TestIndexPageEscapesTheVersion(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Version = "<script>1</script>" })
	if body := f.ann("GET", "/").Body.String(); strings.Contains(body, "<script>") {
		t.Errorf("version is not escaped:\n%s", body)
	}
}

// A whole request over the wire, so that the limits of Server and the guard meet a real client.
func TestServerOverTheWire(t *testing.T) {
	f := newFixture(t)
	srv := httptest.NewUnstartedServer(nil)
	srv.Config = Server("127.0.0.1:0", f, nil)
	srv.Start()
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/ops/queues", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("vic", vicPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || !strings.Contains(string(body), "Asynq - Monitoring") {
		t.Errorf("queue page over the wire: %d\n%.200s", resp.StatusCode, body)
	}
	// 16 KiB of headers are allowed, and net/http adds 4 KiB of its own.
	req.Header.Set("X-Long", strings.Repeat("a", 32<<10))
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("32 KiB of headers = %d, want 431", resp.StatusCode)
	}
}

func TestServerHasLimits(t *testing.T) {
	s := Server(DefaultListen, http.NotFoundHandler(), nil)
	for name, d := range map[string]time.Duration{
		"ReadHeaderTimeout": s.ReadHeaderTimeout, "ReadTimeout": s.ReadTimeout,
		"WriteTimeout": s.WriteTimeout, "IdleTimeout": s.IdleTimeout,
	} {
		if d <= 0 || d > 2*time.Minute {
			t.Errorf("%s = %s, want a limit of at most two minutes", name, d)
		}
	}
	if s.MaxHeaderBytes != 16384 {
		t.Errorf("MaxHeaderBytes = %d, want 16384", s.MaxHeaderBytes)
	}
}
