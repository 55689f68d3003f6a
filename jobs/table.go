package jobs

import (
	"context"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// Table lists the jobs. A new job is one row here and one file per new stage.
func Table() []Job {
	return []Job{
		{
			Name: "intake", Help: "receive, import, verify, compare, rate and accrue what lies in the inbox; decide what was held too long",
			Stages: []Stage{receive, importRecords, age, verify, compare, rate, accrue, balance},
			Period: calendar.Date.String, CheckPeriod: checkPeriod, Pending: pendingIntake,
		},
		{
			Name: "billing", Help: "draft, approve and issue the documents of a month, render and deliver them",
			Stages: []Stage{draft, approve, issue, render, deliver, balance},
			Period: lastMonth, CheckPeriod: checkPeriod, Pending: pendingBilling, Alone: true,
		},
		{
			Name: "collect", Help: "put announced direct debits into bank files",
			Stages: []Stage{seal, export},
			Period: calendar.Date.String, CheckPeriod: dayPeriod, Pending: pendingCollect,
		},
		{
			Name: "mail", Help: "send the mails that were refused for the time being, and those a person had sent once more",
			Stages: []Stage{deliverDue},
			Period: calendar.Date.String, CheckPeriod: dayPeriod, Pending: pendingMail, Repeats: true,
		},
	}
}

// lastMonth is the period of a monthly job: the month before the one it falls due in.
func lastMonth(due calendar.Date) string {
	return calendar.NewDate(due.Year, due.Month, 1).AddDays(-1).MonthOf().String()
}

func checkPeriod(period string) error {
	_, err := calendar.ParsePeriod(period)
	return err
}

func pendingIntake(ctx context.Context, e *Env, t store.Tenant, period string) (bool, error) {
	files, err := e.newFiles(ctx, t.ID, t.Code)
	if err != nil || len(files) > 0 {
		return len(files) > 0, err
	}
	pending, err := e.DB.IntakePending(ctx, t.ID)
	if err != nil || pending {
		return pending, err
	}
	return e.ageingPending(ctx, t, period)
}

func pendingBilling(ctx context.Context, e *Env, t store.Tenant, period string) (bool, error) {
	p, err := calendar.ParsePeriod(period)
	if err != nil {
		return false, err
	}
	pending, err := e.DB.BillingPending(ctx, t.ID, p.Next)
	if err != nil || pending {
		return pending, err
	}
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		months, err := feeMonths(ctx, tx, t.ID, p)
		if err != nil || len(months) == 0 {
			return err
		}
		pending, err = tx.FeesPending(ctx, t.ID, months)
		return err
	})
	return pending, err
}

func pendingCollect(ctx context.Context, e *Env, t store.Tenant, _ string) (bool, error) {
	n, err := e.DB.CountPlanned(ctx, t.ID)
	return n > 0, err
}

func pendingMail(ctx context.Context, e *Env, t store.Tenant, _ string) (bool, error) {
	return e.DB.MailsPending(ctx, t.ID)
}

// dayPeriod checks that a run belongs to one day.
func dayPeriod(period string) error {
	p, err := calendar.ParsePeriod(period)
	if err == nil && p.First.AddDays(1) != p.Next {
		err = fmt.Errorf("period %q: a run of this job belongs to a day, such as 2026-11-03", period)
	}
	return err
}

// DefaultPeriod is the period a person means who names none: for billing the last month, else the day.
func (j Job) DefaultPeriod(now time.Time, zone *time.Location) string {
	return j.Period(calendar.DateOf(now, zone))
}

// FindRun returns the run people call job/period/seq, or job/period for the latest.
func (e *Env) FindRun(ctx context.Context, tenant store.Tenant, name string) (store.RunRow, error) {
	job, period, seq, err := splitRunName(name)
	if err != nil {
		return store.RunRow{}, err
	}
	if seq == 0 {
		r, err := e.DB.LatestRun(ctx, tenant.ID, job, period)
		if err != nil {
			return r, fmt.Errorf("run %s does not exist; list runs with: wattdue runs list", name)
		}
		return r, nil
	}
	r, err := e.DB.Run(ctx, tenant.ID, batch.RunID(tenant.Code, job, period, seq))
	if err != nil {
		return r, fmt.Errorf("run %s does not exist; list runs with: wattdue runs list", name)
	}
	return r, nil
}
