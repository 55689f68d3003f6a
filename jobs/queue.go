package jobs

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// The queues and their weights.
const (
	QueueCritical  = "critical"
	QueueBilling   = "billing"
	QueueDocuments = "documents"
	QueueMail      = "mail"
)

// Queues is how often each queue is looked at, relative to the others.
var Queues = map[string]int{QueueCritical: 6, QueueBilling: 4, QueueDocuments: 2, QueueMail: 1}

// message is what travels through Redis: ids only, because the queue page shows it to people.
type message struct {
	Tenant int    `json:"t"`
	Run    string `json:"r"`
	Stage  string `json:"s"`
	No     int    `json:"c"`
	Gen    int    `json:"g"`
}

func (m message) runID() (ident.ID, error) { return ident.Parse(m.Run) }

// taskType names the kind of task on the queue page, with the version of its payload.
func taskType(stage string) string { return stage + ".v1" }

// newTask makes the queue's task for one offer of a chunk.
func newTask(c store.ChunkRow) (*asynq.Task, error) {
	payload, err := json.Marshal(message{c.TenantID, c.RunID.Hex(), c.Stage, c.No, c.Gen})
	if err != nil {
		return nil, err
	}
	return asynq.NewTask(taskType(c.Stage), payload), nil
}

func readMessage(t *asynq.Task) (message, error) {
	var m message
	if err := json.Unmarshal(t.Payload(), &m); err != nil {
		return m, fmt.Errorf("task payload cannot be read: %w", err)
	}
	return m, nil
}

// queueOf finds the queue of a stage over all jobs.
func (e *Env) queueOf(stage string) string {
	for _, j := range e.Jobs {
		if s, ok := j.stage(stage); ok && s.Queue != "" {
			return s.Queue
		}
	}
	return QueueBilling
}

// RedisOption reads a Redis address: redis://, rediss://, unix:// or redis-sentinel://.
func RedisOption(url string) (asynq.RedisConnOpt, error) {
	if path, ok := strings.CutPrefix(url, "unix://"); ok {
		path, _, _ = strings.Cut(path, "?")
		return asynq.RedisClientOpt{Network: "unix", Addr: path}, nil
	}
	opt, err := asynq.ParseRedisURI(url)
	if err != nil {
		return nil, fmt.Errorf("redis address cannot be read; want redis://host:port/db or unix:///path")
	}
	return opt, nil
}

func redisClient(opt asynq.RedisConnOpt) (redis.UniversalClient, error) {
	c, ok := opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return nil, fmt.Errorf("redis address gives no usable client")
	}
	return c, nil
}

func taskOptions(e *Env, c store.ChunkRow) []asynq.Option {
	maxRetry := 4
	if e.queueOf(c.Stage) == QueueMail {
		maxRetry = 8
	}
	return []asynq.Option{
		asynq.TaskID(batch.TaskID(c.Stage, c.RunID, c.No, c.Gen)),
		asynq.Queue(e.queueOf(c.Stage)),
		asynq.MaxRetry(maxRetry),
		asynq.Timeout(e.Timing.ChunkLimit),
		asynq.Retention(e.Timing.Retention),
	}
}

// forget deletes archived tasks of chunks that were opened again. A task the queue no longer has is no matter.
func (m *Machine) forget(chunks []store.ChunkRow) {
	inspector := asynq.NewInspector(m.opt)
	defer func() { _ = inspector.Close() }()
	for _, c := range chunks {
		_ = inspector.DeleteTask(m.env.queueOf(c.Stage), batch.TaskID(c.Stage, c.RunID, c.No, c.Gen))
	}
}
