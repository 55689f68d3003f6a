package jobs

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/ledger"
	"wattdue/ledger/posting"
	"wattdue/meter"
	"wattdue/rating"
	"wattdue/sql/store"
)

// traceLimit bounds how many charges with the same id are followed.
const traceLimit = 5

var quarantineName = regexp.MustCompile(`^[0-9a-f]{8}\.\d+\.[a-z]+\.\d+$`)

// Trace follows a charge record (country/party/id, its id alone, or the charge's UUID), a session id, an invoice number, an
// end-to-end id, the message id of a bank file or the id of a quarantined record. An error says that nothing is known
// under that name.
func (e *Env) Trace(ctx context.Context, tenant store.Tenant, what string) (Trail, error) {
	t := tracer{Env: e, tenant: tenant, runs: map[ident.ID]string{}, trail: newTrail(what)}
	if err := t.find(ctx, strings.TrimSpace(what)); err != nil {
		return t.trail, err
	}
	if err := t.audit(ctx); err != nil {
		return t.trail, err
	}
	if len(t.trail.Charges)+len(t.trail.Documents)+len(t.trail.BankFiles)+len(t.trail.Quarantine) == 0 {
		return t.trail, fmt.Errorf("nothing is known under %q; give a charge record as country/party/id or its id alone, the UUID of a charge, "+
			"a session id, an invoice number, an end-to-end id, the message id of a bank file or the id of a quarantined record", what)
	}
	return t.trail, nil
}

// tracer gathers a trail.
type tracer struct {
	*Env
	tenant store.Tenant
	runs   map[ident.ID]string // names of the runs met
	trail  Trail
}

// find tries the kinds of names, the cheap ones first, and follows the first that is known.
func (t *tracer) find(ctx context.Context, what string) error {
	if parts := strings.SplitN(what, "/", 3); len(parts) == 3 {
		key := cdr.Record{Country: parts[0], Party: parts[1], ID: parts[2]}.Key()
		return t.chargeByID(ctx, chargeID(t.tenant.Code, key), key.String(), key.ID)
	}
	if id, err := ident.Parse(what); err == nil {
		return t.byUUID(ctx, id)
	}
	if quarantineName.MatchString(what) {
		return t.quarantined(ctx, what)
	}
	documents, err := t.DB.TraceDocuments(ctx, t.tenant.ID, nil, []string{what})
	if err != nil || len(documents) > 0 {
		return errors.Join(err, t.documents(ctx, documents, true))
	}
	files, err := t.DB.TraceBatches(ctx, t.tenant.ID, nil, what)
	if err != nil || len(files) > 0 {
		return errors.Join(err, t.bankFiles(ctx, files, true))
	}
	charges, err := t.DB.FindCharges(ctx, t.tenant.ID, what, traceLimit)
	if err != nil {
		return err
	}
	return t.charges(ctx, charges, what)
}

func (t *tracer) byUUID(ctx context.Context, id ident.ID) error {
	documents, err := t.DB.TraceDocuments(ctx, t.tenant.ID, []ident.ID{id}, nil)
	if err != nil || len(documents) > 0 {
		return errors.Join(err, t.documents(ctx, documents, true))
	}
	return t.chargeByID(ctx, id)
}

// chargeByID follows a charge, and records set aside under the names given.
func (t *tracer) chargeByID(ctx context.Context, id ident.ID, names ...string) error {
	charges, err := t.DB.TraceCharges(ctx, t.tenant.ID, []ident.ID{id})
	if err != nil {
		return err
	}
	return t.charges(ctx, charges, names...)
}

func (t *tracer) quarantined(ctx context.Context, name string) error {
	r, err := t.DB.QuarantineRecord(ctx, t.tenant.ID, name)
	if err != nil {
		return err
	}
	if !r.Charge.IsZero() {
		return t.chargeByID(ctx, r.Charge)
	}
	t.trail.Quarantine = []store.QuarantineRow{r}
	return nil
}

// charges follows charges to the documents that billed them. names are further names under which records may have been
// set aside.
func (t *tracer) charges(ctx context.Context, rows []store.TracedCharge, names ...string) error {
	var ids, documents []ident.ID
	for _, c := range rows {
		trail, err := t.charge(ctx, c)
		if err != nil {
			return err
		}
		t.trail.Charges = append(t.trail.Charges, trail)
		ids, names = append(ids, c.ID), append(names, c.Record)
		if c.State == "accrued" { // what keeps a contract from being billed keeps its charges waiting
			names = append(names, "contract "+c.Contract)
		}
		if !c.Document.IsZero() {
			documents = append(documents, c.Document)
		}
	}
	held, err := t.DB.TraceQuarantine(ctx, t.tenant.ID, ids, names)
	if err != nil {
		return err
	}
	t.trail.Quarantine = append(t.trail.Quarantine, held...)
	if len(documents) == 0 {
		return nil
	}
	found, err := t.DB.TraceDocuments(ctx, t.tenant.ID, documents, nil)
	if err != nil {
		return err
	}
	return t.documents(ctx, found, false)
}

func (t *tracer) charge(ctx context.Context, c store.TracedCharge) (trail ChargeTrail, err error) {
	trail = ChargeTrail{TracedCharge: c}
	if trail.Run, err = t.run(ctx, c.RunID); err != nil {
		return trail, err
	}
	if trail.Duplicates, err = t.DB.TraceDuplicates(ctx, t.tenant.ID, c.ID); err != nil {
		return trail, err
	}
	if trail.Waivers, err = t.DB.TraceWaivers(ctx, t.tenant.ID, c.ID); err != nil {
		return trail, err
	}
	if trail.Settled, err = t.DB.TraceSettlements(ctx, t.tenant.ID, c.ID); err != nil {
		return trail, err
	}
	if trail.Verdicts, err = t.verdicts(ctx, c); err != nil {
		return trail, err
	}
	if trail.Findings, err = t.DB.Findings(ctx, t.tenant.ID, store.FindingFilter{Charges: []ident.ID{c.ID}}); err != nil {
		return trail, err
	}
	if trail.Prices, err = t.prices(ctx, c); err != nil {
		return trail, err
	}
	trail.Entries, err = t.entries(ctx, posting.AccrualReferences(c.ID, c.Attempt)...)
	return trail, err
}

func (t *tracer) verdicts(ctx context.Context, c store.TracedCharge) ([]VerdictTrail, error) {
	rows, err := t.DB.TraceVerdicts(ctx, t.tenant.ID, c)
	if err != nil {
		return nil, err
	}
	trails := make([]VerdictTrail, len(rows))
	for i, v := range rows {
		trails[i] = VerdictTrail{TracedVerdict: v, Meter: v.Detail.MeterID, KeyHash: v.Detail.KeyHash, Reasons: []meter.Reason{}}
		for _, r := range v.Detail.Reasons {
			r.Value = ""
			trails[i].Reasons = append(trails[i].Reasons, r)
		}
		if trails[i].Run, err = t.run(ctx, v.RunID); err != nil {
			return nil, err
		}
	}
	return trails, nil
}

func (t *tracer) prices(ctx context.Context, c store.TracedCharge) ([]PriceTrail, error) {
	rows, err := t.DB.TracePrices(ctx, t.tenant.ID, c)
	if err != nil {
		return nil, err
	}
	trails := make([]PriceTrail, len(rows))
	for i, p := range rows {
		decoded, err := rating.DecodeTrace(p.Trace)
		if err != nil {
			return nil, fmt.Errorf("charge %s: %w", c.ID, err)
		}
		trails[i] = PriceTrail{TracedPrice: p, Explain: decoded.Explain()}
		if trails[i].Run, err = t.run(ctx, p.RunID); err != nil {
			return nil, err
		}
	}
	return trails, nil
}

// entries returns what the books hold under some references.
func (t *tracer) entries(ctx context.Context, references ...string) ([]EntryTrail, error) {
	ids := make([]ident.ID, len(references))
	for i, r := range references {
		ids[i] = ledger.EntryID(t.tenant.Code, r)
	}
	rows, err := t.DB.TraceEntries(ctx, t.tenant.ID, ids)
	if err != nil {
		return nil, err
	}
	trails := make([]EntryTrail, len(rows))
	for i, r := range rows {
		trails[i].TracedEntry = r
		if trails[i].Run, err = t.run(ctx, r.RunID); err != nil {
			return nil, err
		}
	}
	return trails, nil
}

// documents follows documents to the bank files that collect them; asked also lists their charges.
func (t *tracer) documents(ctx context.Context, rows []store.TracedDocument, asked bool) error {
	var files []ident.ID
	for _, d := range rows {
		trail, err := t.document(ctx, d, asked)
		if err != nil {
			return err
		}
		t.trail.Documents = append(t.trail.Documents, trail)
		for _, debit := range trail.Debits {
			if !debit.Batch.IsZero() {
				files = append(files, debit.Batch)
			}
			if err := t.setAside(ctx, "debit "+debit.EndToEndID); err != nil {
				return err
			}
		}
	}
	if len(files) == 0 {
		return nil
	}
	found, err := t.DB.TraceBatches(ctx, t.tenant.ID, files, "")
	if err != nil {
		return err
	}
	return t.bankFiles(ctx, found, false)
}

func (t *tracer) setAside(ctx context.Context, name string) error {
	held, err := t.DB.TraceQuarantine(ctx, t.tenant.ID, nil, []string{name})
	t.trail.Quarantine = append(t.trail.Quarantine, held...)
	return err
}

func (t *tracer) document(ctx context.Context, d store.TracedDocument, asked bool) (trail DocumentTrail, err error) {
	trail = DocumentTrail{TracedDocument: d}
	if trail.Run, err = t.run(ctx, d.RunID); err != nil {
		return trail, err
	}
	if asked {
		if trail.Charges, err = t.DB.TraceBilled(ctx, t.tenant.ID, d.ID); err != nil {
			return trail, err
		}
	}
	if trail.Fees, err = t.DB.TraceFees(ctx, t.tenant.ID, d.ID); err != nil {
		return trail, err
	}
	if trail.Entries, err = t.entries(ctx, "document:"+d.ID.String()); err != nil {
		return trail, err
	}
	if trail.Artefacts, err = t.DB.TraceArtefacts(ctx, t.tenant.ID, d.ID); err != nil {
		return trail, err
	}
	if trail.Mails, err = t.DB.TraceMails(ctx, t.tenant.ID, d.ID); err != nil {
		return trail, err
	}
	trail.Debits, err = t.DB.TraceDebits(ctx, t.tenant.ID, d.ID)
	return trail, err
}

func (t *tracer) bankFiles(ctx context.Context, rows []store.SepaBatch, asked bool) error {
	for _, b := range rows {
		trail := BankFileTrail{SepaBatch: b}
		var err error
		if trail.Run, err = t.run(ctx, b.RunID); err != nil {
			return err
		}
		if trail.Artefacts, err = t.DB.TraceArtefacts(ctx, t.tenant.ID, b.ID); err != nil {
			return err
		}
		if asked {
			if trail.Debits, err = t.DB.TraceBatchDebits(ctx, t.tenant.ID, b.ID); err != nil {
				return err
			}
		}
		t.trail.BankFiles = append(t.trail.BankFiles, trail)
	}
	return nil
}

// run names a run.
func (t *tracer) run(ctx context.Context, id ident.ID) (string, error) {
	if name, ok := t.runs[id]; ok {
		return name, nil
	}
	row, err := t.DB.Run(ctx, t.tenant.ID, id)
	if err != nil {
		return "", fmt.Errorf("run %s: %w", id, err)
	}
	t.runs[id] = row.Run().Name()
	return t.runs[id], nil
}

// audit adds what people did to the things on the trail and to the runs that made them.
func (t *tracer) audit(ctx context.Context) error {
	var targets []string
	for _, c := range t.trail.Charges {
		targets = append(targets, c.ID.String())
	}
	for _, q := range t.trail.Quarantine {
		targets = append(targets, q.ID)
	}
	for _, d := range t.trail.Documents {
		targets = append(targets, d.Number) // its mail
	}
	for _, name := range t.runs {
		targets = append(targets, name)
	}
	if len(targets) == 0 {
		return nil
	}
	var err error
	t.trail.Audit, err = t.DB.AuditOf(ctx, t.tenant.ID, targets...)
	return err
}
