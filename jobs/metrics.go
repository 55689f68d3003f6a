package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics reads what operators watch from Postgres when it is asked.
type metrics struct{ m *Machine }

var (
	descChunks     = prometheus.NewDesc("wattdue_chunks", "Chunks of runs under way by stage and state.", []string{"stage", "state"}, nil)
	descOldest     = prometheus.NewDesc("wattdue_oldest_open_chunk_seconds", "Age of the oldest offered chunk that is still open.", nil, nil)
	descQuarantine = prometheus.NewDesc("wattdue_quarantine_open", "Records set aside by stage.", []string{"stage"}, nil)
	descOutbox     = prometheus.NewDesc("wattdue_outbox", "Mails by state.", []string{"state"}, nil)
	descFailedRuns = prometheus.NewDesc("wattdue_invariant_failures", "Runs stopped by a broken invariant. Alarm at 1.", nil, nil)
	descLag        = prometheus.NewDesc("wattdue_schedule_lag_seconds", "How long the most overdue scheduled job is due.", nil, nil)
)

// Metrics returns the collector of the machine's metrics.
func (m *Machine) Metrics() prometheus.Collector { return metrics{m} }

// Describe names the metrics.
func (metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descChunks, descOldest, descQuarantine, descOutbox, descFailedRuns, descLag} {
		ch <- d
	}
}

// Collect reads the metrics; without database there are none.
func (c metrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	g, err := c.m.env.DB.Gauges(ctx)
	if err != nil {
		return
	}
	for _, x := range g {
		desc, labels := descOf(x.Name), []string{}
		if x.A != "" {
			labels = append(labels, x.A)
		}
		if x.B != "" {
			labels = append(labels, x.B)
		}
		if desc != nil {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, x.Value, labels...)
		}
	}
}

func descOf(name string) *prometheus.Desc {
	return map[string]*prometheus.Desc{
		"chunks": descChunks, "oldest": descOldest, "quarantine": descQuarantine, "outbox": descOutbox, "failed": descFailedRuns, "lag": descLag,
	}[name]
}
