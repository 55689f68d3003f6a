package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/masterdata"
	"wattdue/meter"
)

// Tenant is the company billing on this installation.
type Tenant struct {
	ID     int    `db:"tenant_id"`
	Code   string `db:"code"`
	Zone   string `db:"zone"`
	Paused bool   `db:"paused"`
	// Profile names how strictly signed meter values are judged.
	Profile string `db:"profile"`
	Raw     []byte `db:"issuer"`

	Issuer invoicing.Issuer `db:"-"`
}

const qTenant = `select tenant_id, code, zone, paused, profile, issuer from tenant where code = $1`

// Tenant returns a tenant by its code.
func (db *DB) Tenant(ctx context.Context, code string) (Tenant, error) {
	var t Tenant
	if err := found(db.x.GetContext(ctx, &t, qTenant, code)); err != nil {
		if err == ErrNotFound { //nolint:errorlint // found returns the sentinel itself
			return t, fmt.Errorf("tenant %q does not exist; list tenants with: wattdue check", code)
		}
		return t, err
	}
	err := json.Unmarshal(t.Raw, &t.Issuer)
	return t, err
}

// Location returns the tenant's time zone.
func (t Tenant) Location() (*time.Location, error) {
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		return nil, fmt.Errorf("tenant %s: time zone %q is not known", t.Code, t.Zone)
	}
	return zone, nil
}

const qTenants = `select tenant_id, code, zone, paused, profile, issuer from tenant order by code`

// Tenants lists all tenants.
func (db *DB) Tenants(ctx context.Context) ([]Tenant, error) {
	var rows []Tenant
	if err := db.x.SelectContext(ctx, &rows, qTenants); err != nil {
		return nil, err
	}
	for i := range rows {
		if err := json.Unmarshal(rows[i].Raw, &rows[i].Issuer); err != nil {
			return nil, fmt.Errorf("tenant %s: issuer: %w", rows[i].Code, err)
		}
	}
	return rows, nil
}

const qAddTenant = `insert into tenant (tenant_id, code, zone, issuer, profile)
values ((select coalesce(max(tenant_id), 0) + 1 from tenant), $1, $2, $3, $4)
on conflict (code) do update set zone = excluded.zone, issuer = excluded.issuer, profile = excluded.profile returning tenant_id`

// PutTenant adds a tenant or changes its particulars, and returns its internal number.
func (tx *Tx) PutTenant(ctx context.Context, t masterdata.Tenant) (int, error) {
	b, err := json.Marshal(t.Issuer)
	if err != nil {
		return 0, err
	}
	var id int
	err = tx.GetContext(ctx, &id, qAddTenant, t.Code, t.Zone, string(b), cmp.Or(t.Profile, meter.DefaultProfile().Name))
	return id, err
}

const qProfile = `select profile from tenant where tenant_id = $1`

// Profile returns how strictly signed meter values of a tenant are judged.
func (tx *Tx) Profile(ctx context.Context, tenant int) (meter.Profile, error) {
	var name string
	if err := tx.GetContext(ctx, &name, qProfile, tenant); err != nil {
		return meter.Profile{}, err
	}
	p, ok := meter.ProfileNamed(name)
	if !ok {
		return p, batch.Failf(batch.ClassInvariant, "profile %q of the tenant is not known to this program", name)
	}
	return p, nil
}

const qAudit = `insert into audit (tenant_id, actor, action, target, reason, detail) values ($1, $2, $3, $4, $5, $6)`

// Audit notes who did what to which thing and why. Detail must hold no personal data.
func (tx *Tx) Audit(ctx context.Context, tenant int, actor, action, target, reason string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, qAudit, tenant, actor, action, target, reason, string(b))
	return err
}

// AuditRow is one line of the audit log.
type AuditRow struct {
	At     time.Time `db:"at" json:"at"`
	Actor  string    `db:"actor" json:"actor"`
	Action string    `db:"action" json:"action"`
	Target string    `db:"target" json:"target"`
	Reason string    `db:"reason" json:"reason"`
}

const qAuditOf = `select at, actor, action, target, reason from audit where tenant_id = $1 and target = any($2) order by at`

// AuditOf lists the audit lines of some targets, oldest first.
func (db *DB) AuditOf(ctx context.Context, tenant int, targets ...string) ([]AuditRow, error) {
	var rows []AuditRow
	err := db.x.SelectContext(ctx, &rows, qAuditOf, tenant, pq.Array(targets))
	return rows, err
}

// DueJob is a scheduled job whose time has come.
type DueJob struct {
	TenantID     int       `db:"tenant_id"`
	Tenant       string    `db:"code"`
	Job          string    `db:"job"`
	Spec         string    `db:"spec"`
	Zone         string    `db:"zone"`
	CatchUpLimit int       `db:"catch_up_limit"`
	NextDueAt    time.Time `db:"next_due_at"`
	LastPeriod   string    `db:"last_period"`
	Now          time.Time `db:"now"`
}

const qDueJobs = `select s.tenant_id, t.code, s.job, s.spec, s.zone, s.catch_up_limit, s.next_due_at, s.last_period, now() as now
from job_schedule s join tenant t using (tenant_id)
where s.enabled and not t.paused and s.alarm = '' and s.next_due_at <= now() order by s.next_due_at for update of s skip locked`

// DueJobs locks and returns the schedule rows that are due by the database clock.
func (tx *Tx) DueJobs(ctx context.Context) ([]DueJob, error) {
	var rows []DueJob
	err := tx.SelectContext(ctx, &rows, qDueJobs)
	return rows, err
}

const qSetDue = `update job_schedule set next_due_at = $3, last_period = $4, alarm = $5 where tenant_id = $1 and job = $2`

// SetDue stores when a job is due next, the last period it was opened for, and an alarm that stops it until an operator
// clears it.
func (tx *Tx) SetDue(ctx context.Context, tenant int, job string, next time.Time, lastPeriod, alarm string) error {
	_, err := tx.ExecContext(ctx, qSetDue, tenant, job, next, lastPeriod, alarm)
	return err
}

const qPutSchedule = `insert into job_schedule (tenant_id, job, spec, zone, catch_up_limit, next_due_at) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, job) do update set spec = excluded.spec, zone = excluded.zone,
catch_up_limit = excluded.catch_up_limit, next_due_at = excluded.next_due_at, alarm = ''`

// PutSchedule sets when a job runs.
func (tx *Tx) PutSchedule(ctx context.Context, tenant int, job, spec, zone string, catchUp int, next time.Time) error {
	_, err := tx.ExecContext(ctx, qPutSchedule, tenant, job, spec, zone, catchUp, next)
	return err
}

// textArray passes a slice as text[].
func textArray(s []string) any { return pq.Array(s) }

// idArray passes ids as uuid[].
func idArray(ids []ident.ID) any {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = id.String()
	}
	return pq.Array(s)
}

const qTenantByID = `select tenant_id, code, zone, paused, issuer from tenant where tenant_id = $1`

// TenantByID returns a tenant by its internal number.
func (db *DB) TenantByID(ctx context.Context, id int) (Tenant, error) {
	var t Tenant
	if err := found(db.x.GetContext(ctx, &t, qTenantByID, id)); err != nil {
		return t, classify(err)
	}
	err := json.Unmarshal(t.Raw, &t.Issuer)
	return t, err
}

const qAuditQueue = `insert into audit (tenant_id, actor, action, target)
values ((select tenant_id from run where run_id::text = $4 limit 1), $1, $2, $3)`

// AuditQueue notes what a person did on the queue page, under the tenant of the run when the target names one.
func (db *DB) AuditQueue(ctx context.Context, actor, action, target string, run ident.ID) error {
	_, err := db.x.ExecContext(ctx, qAuditQueue, actor, action, target, run.String())
	return classify(err)
}
