package store

import "context"

// Gauge is one figure operators watch.
type Gauge struct {
	Name  string  `db:"name"`
	A     string  `db:"a"`
	B     string  `db:"b"`
	Value float64 `db:"value"` // a count or seconds: never money
}

const qGauges = `select 'chunks' as name, c.stage as a, c.state as b, count(*)::float8 as value
from chunk c join run r on r.tenant_id = c.tenant_id and r.run_id = c.run_id where r.state = 'running' group by c.stage, c.state
union all select 'oldest', '', '', coalesce(extract(epoch from now() - min(c.offered_at)), 0)::float8
from chunk c join run r on r.tenant_id = c.tenant_id and r.run_id = c.run_id where r.state = 'running' and c.state = 'open'
union all select 'quarantine', stage, '', count(*)::float8 from quarantine where state = 'open' group by stage
union all select 'outbox', state, '', count(*)::float8 from outbox group by state
union all select 'failed', '', '', count(*)::float8 from run where state = 'failed'
union all select 'lag', '', '', coalesce(greatest(extract(epoch from now() - min(next_due_at)), 0), 0)::float8
from job_schedule where enabled`

// Gauges reads the figures operators watch, over all tenants.
func (db *DB) Gauges(ctx context.Context) ([]Gauge, error) {
	var rows []Gauge
	err := db.x.SelectContext(ctx, &rows, qGauges)
	return rows, classify(err)
}
