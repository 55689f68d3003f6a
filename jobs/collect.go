package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"wattdue/archive"
	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/money"
	"wattdue/sepa"
	"wattdue/sql/store"
)

// seal claims the debits whose notice was sent and puts them into batches; ids and times of the files are fixed here.
var seal = Stage{Name: "seal", Queue: QueueCritical, Size: 1, Plan: one, Work: workSeal}

// export writes the sealed batches as pain.008 files: into the archive, and into the folder where finance finds them.
var export = Stage{Name: "export", Queue: QueueCritical, Size: 1, Plan: planExport, Work: workExport}

func workSeal(ctx context.Context, e *Env, t Task) (Counts, error) {
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	today, err := e.today(ctx, tenant, t.Run)
	if err != nil {
		return nil, err
	}
	rows, err := t.Tx.PlannedDebits(ctx, tenant.ID)
	if err != nil {
		return nil, err
	}
	var candidates []sepa.Candidate
	ends := map[string]string{}
	for _, r := range rows {
		if r.SentOn.IsZero() {
			if err := noteUnannounced(ctx, t, tenant, r, today); err != nil {
				return nil, err
			}
			continue // not this time
		}
		c, err := e.candidate(ctx, tenant, r)
		if err != nil {
			return nil, err
		}
		ends[r.Number] = r.EndToEndID
		candidates = append(candidates, c)
	}
	early, err := e.beforeCutOff(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	batches, excluded := sepa.Plan(candidates, e.bankProfile(), sepa.Run{
		Key: t.Run.ID.Hex()[:8], Today: today, BeforeCutoff: early, Created: t.Run.AsOf,
	})
	for _, x := range excluded {
		if err := t.Tx.HoldDebit(ctx, tenant.ID, ends[x.Invoice], string(x.Reason())); err != nil {
			return nil, err
		}
		held := store.Quarantined{
			File: ident.Derive("debit", tenant.Code, ends[x.Invoice]), Ordinal: 1, Stage: "seal", Run: t.Run.ID,
			Class: string(batch.ClassCustomer), Code: string(x.Reason()), Record: "debit " + ends[x.Invoice], Reason: x.Faults.Error(),
		}
		if err := t.Tx.NoteParked(ctx, tenant.ID, []store.Quarantined{held}); err != nil {
			return nil, err
		}
	}
	var debits int64
	for _, b := range batches {
		if err := t.Tx.SealBatch(ctx, tenant.ID, t.Run.ID, ident.Derive("sepa-batch", tenant.Code, b.MessageID), b); err != nil {
			return nil, err
		}
		debits += int64(len(b.Debits))
	}
	return Counts{"files": int64(len(batches)), "debits": debits, "held": int64(len(excluded))}, nil
}

// noteUnannounced shows a debit to people whose notice did not leave: it must not be collected before. A notice that is
// still on its way needs nobody, until the day of the debit has come.
func noteUnannounced(ctx context.Context, t Task, tenant store.Tenant, r store.PlannedDebit, today calendar.Date) error {
	switch r.MailState {
	case "new", "sending", "retry":
		if today.Before(r.CollectOn) {
			return nil
		}
	}
	return t.Tx.NoteParked(ctx, tenant.ID, []store.Quarantined{{
		File: ident.Derive("debit", tenant.Code, r.EndToEndID), Ordinal: 1, Stage: "seal", Run: t.Run.ID, Class: string(batch.ClassCustomer),
		Code: "date-notice", Record: "debit " + r.EndToEndID,
		Reason: "the customer was not told of the debit, so it is not collected; look at its mail with wattdue mails list, and send it or let the customer pay on account",
	}})
}

// candidate is a debit as planning sees it, with the person and account frozen when the document was drafted.
func (e *Env) candidate(ctx context.Context, tenant store.Tenant, r store.PlannedDebit) (sepa.Candidate, error) {
	who, err := e.thaw(ctx, tenant.ID, r.PartyNo, r.Sealed)
	if err != nil {
		return sepa.Candidate{}, err
	}
	who.Mandate.EndedOn = r.EndedOn
	return sepa.Candidate{
		Invoice: r.Number, Attempt: 1, Amount: money.Amount{Minor: r.Minor, Currency: money.Currency(r.Currency)},
		Creditor: creditorOf(tenant), Mandate: who.Mandate, Address: who.Party.Address, DueOn: r.CollectOn, CollectOn: r.CollectOn,
		Notice: sepa.Notice{SentOn: r.SentOn, Days: e.noticeDays(r.NoticeDays), Minor: r.Minor, CollectOn: r.CollectOn},
		Text:   remittanceText(tenant, r.ContractNo),
	}, nil
}

func remittanceText(tenant store.Tenant, contractNo string) string {
	return fmt.Sprintf("Vertrag %s %s", contractNo, tenant.Issuer.Name)
}

// noticeDays is the span agreed in a contract, else the configured one.
func (e *Env) noticeDays(agreed int) int {
	if agreed > 0 {
		return agreed
	}
	return e.Config.SEPA.NoticeDays
}

// beforeCutOff reports whether the bank still takes files of the day.
func (e *Env) beforeCutOff(ctx context.Context, r batch.Run) (bool, error) {
	now, err := e.moment(ctx, r)
	if err != nil {
		return false, err
	}
	zone, err := time.LoadLocation(e.Config.SEPA.Zone)
	if err != nil {
		return false, fmt.Errorf("sepa.zone %q is not known", e.Config.SEPA.Zone)
	}
	now = now.In(zone)
	return now.Hour()*60+now.Minute() < int(e.Config.SEPA.CutOff), nil
}

func creditorOf(tenant store.Tenant) sepa.Creditor {
	i := tenant.Issuer
	return sepa.Creditor{Name: i.Name, IBAN: i.IBAN, BIC: i.BIC, CreditorID: i.CreditorID}
}

func (e *Env) bankProfile() sepa.Profile {
	c := e.Config.SEPA
	return sepa.Profile{Prefix: c.MessagePrefix, LeadDays: c.LeadDays, MaxTransactions: c.MaxTransactions}
}

func planExport(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, _ int) ([]batch.Span, error) {
	rows, err := tx.Unexported(ctx, r.Tenant)
	if err != nil {
		return nil, err
	}
	s := make([]batch.Span, len(rows))
	for i, b := range rows {
		s[i].Lo = b.ID.String()
	}
	return s, nil
}

func workExport(ctx context.Context, e *Env, t Task) (Counts, error) {
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	id, err := ident.Parse(t.Chunk.Span.Lo)
	if err != nil {
		return nil, err
	}
	row, err := t.Tx.Batch(ctx, tenant.ID, id)
	if err != nil {
		return nil, err
	}
	if row.State == "exported" {
		return Counts{}, nil
	}
	sealed, err := e.sealedBatch(ctx, t, tenant, row)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := sepa.WritePain008(&file, sealed); err != nil {
		return nil, fmt.Errorf("bank file %s: %w", row.MessageID, err)
	}
	if err := archive.WriteFile(filepath.Join(e.Config.SEPA.ExportDir, row.MessageID+".xml"), file.Bytes()); err != nil {
		return nil, batch.Fail(batch.ClassEnvironment, err)
	}
	e.kill("export:after-rename")
	a := store.Artefact{Kind: "pain008", Owner: id, MediaType: "application/xml"}
	if err := e.Vault.PutArtefact(ctx, t.Tx, tenant.ID, monthSubject("bank", row.CreatedAt.UTC().Format("2006-01")), a, file.Bytes()); err != nil {
		return nil, err
	}
	return Counts{"files": 1, "debits": int64(row.Count), "sum": row.Sum}, t.Tx.SetBatchState(ctx, tenant.ID, id, "exported")
}

// sealedBatch rebuilds a batch from its rows; texts are converted again by the same table the engine version holds.
func (e *Env) sealedBatch(ctx context.Context, t Task, tenant store.Tenant, row store.SepaBatch) (sepa.SealedBatch, error) {
	debits, err := t.Tx.BatchDebits(ctx, tenant.ID, row.ID)
	if err != nil {
		return sepa.SealedBatch{}, err
	}
	candidates := make([]sepa.Candidate, len(debits))
	for i, r := range debits {
		if candidates[i], err = e.candidate(ctx, tenant, r); err != nil {
			return sepa.SealedBatch{}, err
		}
	}
	b := sepa.SealedBatch{
		MessageID: row.MessageID, Created: row.CreatedAt.UTC(), Scheme: row.Scheme, Sequence: row.Sequence, CollectOn: row.CollectOn,
	}
	if err := json.Unmarshal(row.Creditor, &b.Creditor); err != nil {
		return b, err
	}
	for i, c := range candidates {
		b.Debits = append(b.Debits, sepa.DebitOf(c))
		if b.Debits[i].Minor != debits[i].Minor {
			return b, batch.Failf(batch.ClassInvariant, "bank file %s: debit %s changed after sealing", row.MessageID, debits[i].EndToEndID)
		}
	}
	return b, nil
}
