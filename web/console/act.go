package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"strings"
)

// act is one change of the queue in the words of the audit: "queue.run" of "billing/archived_tasks/ID".
type act struct{ action, target string }

var (
	errNoSuchAct = errors.New("the queue page has no such change")
	errNoTasks   = errors.New(`the request lists no tasks; want {"task_ids":["..."]}`)
)

// Ids are checked before they reach the audit: letters, digits, dot, hyphen and underscore, as jobs/batch makes them.
var (
	actPath = regexp.MustCompile(`^([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)(?::([a-z_]+))?$`)
	taskID  = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,200}$`)
)

const longestTarget = 400

// readActs names the changes a POST or DELETE to the queue page asks for, from its address and, for a choice of several
// tasks, from its body. A request it cannot name is refused, so nothing happens that the audit could not tell.
func readActs(r *http.Request) ([]act, error) {
	rest, ok := strings.CutPrefix(r.URL.Path, QueuePath+"api/queues/")
	// An address that is written in an unusual way could mean one thing here and another behind us.
	if !ok || r.URL.RawPath != "" || path.Clean(r.URL.Path) != r.URL.Path || len(rest) > longestTarget {
		return nil, errNoSuchAct
	}
	m := actPath.FindStringSubmatch(rest)
	if m == nil {
		return nil, errNoSuchAct
	}
	target, verb := m[1], m[2]
	switch {
	case r.Method == http.MethodDelete && verb == "":
		verb = "delete"
	case verb == "":
		return nil, errNoSuchAct
	}
	single, several := strings.CutPrefix(verb, "batch_")
	if !several {
		return []act{{"queue." + verb, target}}, nil
	}
	ids, err := readTaskIDs(r)
	if err != nil {
		return nil, err
	}
	acts := make([]act, len(ids))
	for i, id := range ids {
		acts[i] = act{"queue." + single, target + "/" + id}
	}
	return acts, nil
}

// readTaskIDs reads the body of a batch request and puts what it understood back in its place, so that the audit and the
// queue page cannot read the same bytes differently.
func readTaskIDs(r *http.Request) ([]string, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	var body struct {
		TaskIDs []string `json:"task_ids"`
	}
	if err := json.Unmarshal(raw, &body); err != nil || len(body.TaskIDs) == 0 {
		return nil, errNoTasks
	}
	for i, id := range body.TaskIDs {
		if !taskID.MatchString(id) {
			return nil, fmt.Errorf("task_ids: number %d is no task id", i+1)
		}
	}
	understood, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(understood)), int64(len(understood))
	return body.TaskIDs, nil
}
