package console

import (
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed index.html
var indexHTML string

// indexPolicy: our own page has one style and nothing else.
const indexPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// indexPage is the front door: what runs here, how it feels, where to go.
func indexPage(version string, h *health) http.Handler {
	page := template.Must(template.New("index").Parse(indexHTML))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state, ok := h.state(r.Context())
		class := "good"
		switch {
		case !ok:
			class = "bad"
		case state != "ready":
			class = "fair"
		}
		who := personOf(r.Context())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", indexPolicy)
		// An error here means that the reader went away.
		_ = page.Execute(w, map[string]string{
			"Version": version, "State": state, "Class": class, "Name": who.Name, "Role": string(who.Role),
			"Queues": QueuePath, "Metrics": MetricPath, "Ready": ReadyPath,
		})
	})
}
