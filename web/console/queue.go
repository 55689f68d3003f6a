package console

import (
	"encoding/json"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/hibiken/asynqmon"
)

// queuePages is asynqmon twice: whole for admins, read-only for viewers. An instance nobody may use is not made.
func (c *Console) queuePages(opt asynq.RedisConnOpt) http.Handler {
	instance := func(readOnly bool) http.Handler {
		h := asynqmon.New(asynqmon.Options{
			RootPath:         strings.TrimSuffix(QueuePath, "/"),
			RedisConnOpt:     opt,
			PayloadFormatter: asynqmon.PayloadFormatterFunc(formatPayload),
			ResultFormatter:  asynqmon.ResultFormatterFunc(formatPayload),
			ReadOnly:         readOnly,
		})
		c.closers = append(c.closers, h)
		return assets(h)
	}
	pages := map[Role]http.Handler{}
	people := c.guard.people
	if people.have(Viewer) || people.empty() {
		pages[Viewer] = instance(true)
	}
	if people.have(Admin) {
		pages[Admin] = instance(false)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[personOf(r.Context()).Role]
		if !ok {
			http.Error(w, "no role", http.StatusForbidden)
			return
		}
		page.ServeHTTP(w, r)
	})
}

// payloadField is one id a task carries and the form it must have to be shown.
type payloadField struct {
	key, name string
	form      *regexp.Regexp
}

// The ids of jobs' tasks, the long one last. Everything else in a payload is left out, whatever it is.
var payloadFields = []payloadField{
	{"s", "stage", regexp.MustCompile(`^"[a-z][a-z0-9_]{0,30}"$`)},
	{"c", "chunk", regexp.MustCompile(`^[0-9]{1,18}$`)},
	{"g", "gen", regexp.MustCompile(`^[0-9]{1,18}$`)},
	{"t", "tenant", regexp.MustCompile(`^[0-9]{1,18}$`)},
	{"r", "run", regexp.MustCompile(`^"[0-9a-f]{32}"$`)},
}

// formatPayload shows the ids of a payload and how many bytes it has, nothing else: people read the page over shoulders
// and send pictures of it.
func formatPayload(_ string, payload []byte) string {
	if len(payload) == 0 {
		return ""
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil {
		return hidden(payload)
	}
	var shown []string
	for _, f := range payloadFields {
		if v, ok := fields[f.key]; ok && f.form.Match(v) {
			shown = append(shown, f.name+" "+strings.Trim(string(v), `"`))
			delete(fields, f.key)
		}
	}
	if len(fields) > 0 {
		shown = append(shown, hidden(payload))
	}
	return strings.Join(shown, ", ")
}

func hidden(payload []byte) string { return "not shown (" + strconv.Itoa(len(payload)) + " bytes)" }

// assets keeps back the 5.3 MB of source maps that asynqmon carries and nobody needs.
func assets(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Ext(r.URL.Path) == ".map" {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
