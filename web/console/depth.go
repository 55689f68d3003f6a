package console

import (
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
)

// QueueCollector is the metric queue_depth{queue,state}: tasks per queue and state, read from Redis when it is asked.
// A queue appears with its first task.
type QueueCollector struct {
	inspector *asynq.Inspector
	desc      *prometheus.Desc
	turn      chan struct{} // one look at a time: when Redis hangs, looks must not pile up
	patience  time.Duration
}

// NewQueueCollector makes the collector; it opens no connection. Close it after taking it out of its registry.
func NewQueueCollector(opt asynq.RedisConnOpt) *QueueCollector {
	return &QueueCollector{
		inspector: asynq.NewInspector(opt),
		desc:      prometheus.NewDesc("queue_depth", "Tasks in the queue by state.", []string{"queue", "state"}, nil),
		turn:      make(chan struct{}, 1),
		patience:  patience,
	}
}

// Close closes the connection to Redis.
func (c *QueueCollector) Close() error { return c.inspector.Close() }

// Describe implements prometheus.Collector.
func (c *QueueCollector) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect implements prometheus.Collector. When Redis does not answer in time it reports an error instead of numbers;
// asynq's inspector takes no context, so the look itself ends in its own time.
func (c *QueueCollector) Collect(ch chan<- prometheus.Metric) {
	late := time.NewTimer(c.patience)
	defer late.Stop()
	select {
	case c.turn <- struct{}{}:
	case <-late.C:
		ch <- prometheus.NewInvalidMetric(c.desc, errors.New("redis has not answered the look before"))
		return
	}
	type result struct {
		queues []*asynq.QueueInfo
		err    error
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-c.turn }()
		queues, err := c.look()
		done <- result{queues, err}
	}()
	select {
	case <-late.C:
		ch <- prometheus.NewInvalidMetric(c.desc, fmt.Errorf("redis has not answered in %s", c.patience))
	case r := <-done:
		if r.err != nil {
			ch <- prometheus.NewInvalidMetric(c.desc, r.err)
			return
		}
		for _, q := range r.queues {
			c.emit(ch, q)
		}
	}
}

func (c *QueueCollector) look() ([]*asynq.QueueInfo, error) {
	names, err := c.inspector.Queues()
	if err != nil {
		return nil, fmt.Errorf("queues: %w", err)
	}
	infos := make([]*asynq.QueueInfo, 0, len(names))
	for _, name := range names {
		info, err := c.inspector.GetQueueInfo(name)
		if errors.Is(err, asynq.ErrQueueNotFound) {
			continue // emptied between the two questions
		}
		if err != nil {
			return nil, fmt.Errorf("queue %s: %w", name, err)
		}
		infos = append(infos, info)
	}
	return infos, nil
}

func (c *QueueCollector) emit(ch chan<- prometheus.Metric, q *asynq.QueueInfo) {
	states := []struct {
		state asynq.TaskState
		count int
	}{
		{asynq.TaskStateActive, q.Active},
		{asynq.TaskStatePending, q.Pending},
		{asynq.TaskStateScheduled, q.Scheduled},
		{asynq.TaskStateRetry, q.Retry},
		{asynq.TaskStateArchived, q.Archived},
		{asynq.TaskStateCompleted, q.Completed},
		{asynq.TaskStateAggregating, q.Aggregating},
	}
	for _, s := range states {
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(s.count), q.Queue, s.state.String())
	}
}
