package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/hibiken/asynqmon"
)

const realPayload = `{"t":1,"r":"0123456789abcdef0123456789abcdef","s":"rate","c":3,"g":2}`

// The way an operator goes: a task that failed for good is listed, run again, and worked.
func TestArchivedTaskIsListedAndRunAgain(t *testing.T) {
	f := newFixture(t)
	const id = "rate.r0123456789abcdef0123456789abcdef.c3.g2"
	f.enqueue(t, "billing", id, realPayload, true)

	w := f.ann("GET", "/ops/queues/api/queues/billing/archived_tasks")
	var list struct {
		Tasks []struct{ ID, Payload string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != 200 {
		t.Fatalf("list: %d, %v: %s", w.Code, err, w.Body)
	}
	if len(list.Tasks) != 1 || list.Tasks[0].ID != id {
		t.Fatalf("archived tasks are %+v, want %s", list.Tasks, id)
	}
	if want := "stage rate, chunk 3, gen 2, tenant 1, run 0123456789abcdef0123456789abcdef"; list.Tasks[0].Payload != want {
		t.Errorf("payload is shown as %q, want %q", list.Tasks[0].Payload, want)
	}

	if w := f.ann("POST", "/ops/queues/api/queues/billing/archived_tasks/"+id+":run"); w.Code != 204 {
		t.Fatalf("run: %d: %s", w.Code, w.Body)
	}
	worked := make(chan string, 1)
	server := asynq.NewServer(f.opt, asynq.Config{
		Queues: map[string]int{"billing": 1}, LogLevel: asynq.FatalLevel,
		TaskCheckInterval: 10 * time.Millisecond, ShutdownTimeout: time.Second,
	})
	err := server.Start(asynq.HandlerFunc(func(_ context.Context, task *asynq.Task) error {
		worked <- task.ResultWriter().TaskID() + " " + string(task.Payload())
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	select {
	case got := <-worked:
		if want := id + " " + realPayload; got != want {
			t.Errorf("worked %q, want %q", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody worked the task that was run again")
	}
	if got, want := f.audit.String(), "ann queue.run billing/archived_tasks/"+id; got != want {
		t.Errorf("audit is %q, want %q", got, want)
	}
}

func TestChoiceOfTasks(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"a.1", "b.2", "c.3"} {
		f.enqueue(t, "mail", id, `{}`, true)
	}
	w := f.do(request{
		method: "POST", path: "/ops/queues/api/queues/mail/archived_tasks:batch_run",
		name: "ann", password: annPassword, body: `{"task_ids":["a.1","c.3"]}`,
	})
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	for id, want := range map[string]string{"a.1": "pending", "b.2": "archived", "c.3": "pending"} {
		if got := f.state(t, "mail", id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if got, want := f.audit.String(), "ann queue.run mail/archived_tasks/a.1\nann queue.run mail/archived_tasks/c.3"; got != want {
		t.Errorf("audit is\n%s\nwant\n%s", got, want)
	}
}

func TestChangesAreNamed(t *testing.T) {
	const queues = "/ops/queues/api/queues/"
	cases := []struct {
		method, path, body string
		status             int // of the guard; 0 means it passes
		want               string
	}{
		{"POST", queues + "mail:pause", "", 0, "queue.pause mail"},
		{"POST", queues + "mail:resume", "", 0, "queue.resume mail"},
		{"DELETE", queues + "mail", "", 0, "queue.delete mail"},
		{"DELETE", queues + "mail/archived_tasks/a.1", "", 0, "queue.delete mail/archived_tasks/a.1"},
		{"DELETE", queues + "mail/archived_tasks:delete_all", "", 0, "queue.delete_all mail/archived_tasks"},
		{"POST", queues + "mail/retry_tasks:run_all", "", 0, "queue.run_all mail/retry_tasks"},
		{"POST", queues + "mail/retry_tasks/a.1:archive", "", 0, "queue.archive mail/retry_tasks/a.1"},
		{"POST", queues + "mail/active_tasks/a.1:cancel", "", 0, "queue.cancel mail/active_tasks/a.1"},
		{"POST", queues + "mail/groups/g/aggregating_tasks/a.1:run", "", 0, "queue.run mail/groups/g/aggregating_tasks/a.1"},
		{"POST", queues + "mail/retry_tasks:batch_delete", `{"task_ids":["a.1"]}`, 0, "queue.delete mail/retry_tasks/a.1"},
		{"POST", queues + "mail/retry_tasks:batch_delete", ``, 400, ""},
		{"POST", queues + "mail/retry_tasks:batch_delete", `{"task_ids":[]}`, 400, ""},
		{"POST", queues + "mail/retry_tasks:batch_delete", `{"task_ids":"a.1"}`, 400, ""},
		{"POST", queues + "mail/retry_tasks:batch_delete", `{"task_ids":["a.1"]}{"task_ids":["b.2"]}`, 400, ""},
		{"POST", queues + "mail/retry_tasks:batch_delete", `{"task_ids":["a\n1"]}`, 400, ""},
		{"POST", queues + "mail/retry_tasks:batch_delete", `{"task_ids":["` + strings.Repeat("a", 66000) + `"]}`, 413, ""},
		{"POST", queues + "mail/retry_tasks/a.1", "", 404, ""},
		{"POST", queues + "mail/retry_tasks/a%2Fb:run", "", 404, ""},
		{"POST", queues + "mail/retry_tasks/a%0Ab:run", "", 404, ""},
		{"POST", queues + "mail/../mail:pause", "", 404, ""},
		{"POST", queues + "mail//x:pause", "", 404, ""},
		{"POST", queues + "mail/" + strings.Repeat("a", 400) + ":run", "", 404, ""},
		{"POST", queues, "", 404, ""},
		{"POST", "/ops/queues/", "", 404, ""},
		{"DELETE", "/ops/queues/api/redis_info", "", 404, ""},
		{"POST", "/", "", 404, ""},
	}
	for _, c := range cases {
		t.Run(c.method+" "+c.want+c.body[:min(len(c.body), 40)], func(t *testing.T) {
			f := newFixture(t)
			passed := false
			f.guard.next = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true })
			w := f.do(request{method: c.method, path: c.path, body: c.body, name: "ann", password: annPassword})
			if passed != (c.status == 0) || (!passed && w.Code != c.status) {
				t.Errorf("%s %.80s: passed %v with %d, want %d", c.method, c.path, passed, w.Code, c.status)
			}
			want := c.want
			if want != "" {
				want = "ann " + want
			}
			if got := f.audit.String(); got != want {
				t.Errorf("audit is %q, want %q", got, want)
			}
		})
	}
}

func TestFormatPayload(t *testing.T) {
	for payload, want := range map[string]string{
		realPayload:                     "stage rate, chunk 3, gen 2, tenant 1, run 0123456789abcdef0123456789abcdef",
		`{"c":3,"t":1}`:                 "chunk 3, tenant 1",
		`{"t":1,"name":"Erika Muster"}`: "tenant 1, not shown (29 bytes)",
		`{"r":"Erika Muster"}`:          "not shown (20 bytes)",
		`{"s":"erika@muster.example"}`:  "not shown (28 bytes)",
		`{"t":{"iban":"DE02..."}}`:      "not shown (24 bytes)",
		`{"t":-1}`:                      "not shown (8 bytes)",
		`"Erika"`:                       "not shown (7 bytes)",
		`Erika Muster`:                  "not shown (12 bytes)",
		"\xff\xfe":                      "not shown (2 bytes)",
		``:                              "",
	} {
		if got := formatPayload("rate.v1", []byte(payload)); got != want {
			t.Errorf("%s is shown as %q, want %q", payload, got, want)
		}
	}
}

// Whatever bytes are in the queue, the page shows nothing but the words below, digits and hex digits of a run.
func FuzzFormatPayload(f *testing.F) {
	f.Add([]byte(realPayload))
	f.Add([]byte(`{"t":1,"name":"Erika Muster"}`))
	f.Add([]byte(`{"s":"rate","s":"x y"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		shown := formatPayload("rate.v1", payload)
		if len(shown) > 200 {
			t.Fatalf("%q is shown with %d bytes", payload, len(shown))
		}
		for part := range strings.SplitSeq(shown, ", ") {
			word, rest, _ := strings.Cut(part, " ")
			switch word {
			case "tenant", "run", "stage", "chunk", "gen":
				if strings.ContainsFunc(rest, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_", r) }) {
					t.Fatalf("%q is shown as %q", payload, shown)
				}
			case "not":
				if rest != fmt.Sprintf("shown (%d bytes)", len(payload)) {
					t.Fatalf("%q is shown as %q", payload, shown)
				}
			case "":
			default:
				t.Fatalf("%q is shown as %q", payload, shown)
			}
		}
	})
}

func TestQueuePageKnowsItsRole(t *testing.T) {
	f := newFixture(t)
	admin := f.ann("GET", "/ops/queues/").Body.String()
	viewer := f.do(request{method: "GET", path: "/ops/queues/", name: "vic", password: vicPassword}).Body.String()
	if !strings.Contains(admin, `FLAG_READ_ONLY="false"`) || !strings.Contains(viewer, `FLAG_READ_ONLY="true"`) {
		t.Errorf("read-only flag is wrong:\nadmin  %.600s\nviewer %.600s", admin, viewer)
	}
	// The guard has already refused; this is the second lock behind it.
	bare := asynqmon.New(asynqmon.Options{RootPath: "/ops/queues", RedisConnOpt: f.opt, ReadOnly: true})
	defer bare.Close()
	w := httptest.NewRecorder()
	bare.ServeHTTP(w, httptest.NewRequest("POST", archivedRun, nil))
	if w.Code != 405 {
		t.Errorf("asynqmon read-only answers a POST with %d, want 405", w.Code)
	}
}

func TestAssets(t *testing.T) {
	f := newFixture(t)
	index := f.ann("GET", "/ops/queues/").Body.String()
	_, rest, ok := strings.Cut(index, `src="/ops/queues/static/js/main.`)
	script, _, ok2 := strings.Cut(rest, `"`)
	if !ok || !ok2 {
		t.Fatalf("no main script in the page:\n%s", index)
	}
	script = "/ops/queues/static/js/main." + script
	w := f.ann("GET", script)
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/javascript") {
		t.Errorf("%s = %d %s", script, w.Code, w.Header().Get("Content-Type"))
	}
	if got := f.ann("GET", script+".map").Code; got != 404 {
		t.Errorf("source map = %d, want 404", got)
	}
}
