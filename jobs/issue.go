package jobs

import (
	"context"
	"fmt"

	"wattdue/calendar"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// issue turns the approved drafts of a number series into documents: one transaction with numbers, entries, billed
// marks, mails and debits.
var issue = Stage{Name: "issue", Queue: QueueCritical, Size: 1, Plan: planIssue, Work: workIssue}

func planIssue(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, _ int) ([]batch.Span, error) {
	codes, err := tx.DraftSeries(ctx, r.Tenant, r.ID)
	if err != nil {
		return nil, err
	}
	spans := make([]batch.Span, len(codes))
	for i, c := range codes {
		spans[i].Lo = c
	}
	return spans, nil
}

func workIssue(ctx context.Context, e *Env, t Task) (Counts, error) {
	if _, err := planApprove(ctx, e, t.Tx, t.Run, 1); err != nil {
		return nil, err
	}
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	today, err := e.localDate(tenant, t.Run)
	if err != nil {
		return nil, err
	}
	series, err := seriesOf(t.Chunk.Span.Lo, today)
	if err != nil {
		return nil, err
	}
	if err := t.Tx.PutSeries(ctx, tenant.ID, series); err != nil {
		return nil, err
	}
	n, err := t.Tx.Issue(ctx, tenant.ID, t.Run.ID, series)
	return Counts{"documents": n}, err
}

// seriesOf returns the series of a code. The year in the code is that of the day of issue.
func seriesOf(code string, issuedOn calendar.Date) (invoicing.Series, error) {
	s, err := invoicing.NewSeries(fmt.Sprintf("invoice-%d", issuedOn.Year), numberPattern, issuedOn.Year)
	if err == nil && s.Code != code {
		err = batch.Failf(batch.ClassInvariant, "series %s does not belong to the day of issue %s", code, issuedOn)
	}
	return s, err
}
