package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/ledger/posting"
	"wattdue/money"
	"wattdue/sepa"
	"wattdue/sql/store"
)

// numberPattern is how invoices are numbered: one series per year of issue.
const numberPattern = "RE-{yyyy}-{n:7}"

// placeholder stands for the number while a draft is checked; a draft has none.
const placeholder = "DRAFT"

// draft builds a document to be for every contract with unbilled charges up to the end of the period, or unbilled fees. What cannot be billed
// is set aside with its reason; the others go on.
var draft = Stage{
	Name: "draft", Queue: QueueBilling, Size: 50,
	Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		period, err := calendar.ParsePeriod(r.Period)
		if err != nil {
			return nil, err
		}
		months, err := feeMonths(ctx, tx, r.Tenant, period)
		if err != nil {
			return nil, err
		}
		return tx.BillingSpans(ctx, r.Tenant, period.Next, months, size)
	},
	Work: workDraft,
}

func workDraft(ctx context.Context, e *Env, t Task) (Counts, error) {
	d, charges, err := e.newDrafter(ctx, t)
	if err != nil {
		return nil, err
	}
	byContract := map[string][]store.Billable{}
	for _, c := range charges {
		byContract[c.Contract] = append(byContract[c.Contract], c)
	}
	for _, no := range d.numbers {
		d.contract(d.contracts[no], byContract[no])
	}
	for id, f := range d.frozen {
		if err := e.freeze(ctx, t.Tx, t.Run.Tenant, id, f); err != nil {
			return nil, err
		}
	}
	if err := t.Tx.PutDrafts(ctx, t.Run.Tenant, t.Run.ID, d.drafts); err != nil {
		return nil, err
	}
	if err := t.Tx.SetChargeState(ctx, t.Run.Tenant, d.drafted, "accrued", "drafted"); err != nil {
		return nil, err
	}
	if err := t.Tx.NoteParked(ctx, t.Run.Tenant, d.parked); err != nil {
		return nil, err
	}
	billed := 0
	for _, draft := range d.drafts {
		billed += len(draft.Fees)
	}
	return Counts{"drafts": int64(len(d.drafts)), "charges": int64(len(d.drafted)), "fees": int64(billed), "parked": int64(len(d.parked))}, nil
}

// drafter builds the drafts of a chunk.
type drafter struct {
	env       *Env
	run       batch.Run
	tenant    store.Tenant
	period    calendar.Period
	today     calendar.Date
	early     bool // the bank still takes files of today
	series    invoicing.Series
	numbers   []string // of the contracts with charges or fees
	contracts map[string]customer.Contract
	parties   map[string]store.PartyVersion
	mandates  map[string]customer.Mandate
	fees      fees

	drafts  []store.Draft
	drafted []ident.ID
	parked  []store.Quarantined
	frozen  map[ident.ID]frozen
}

func (e *Env) newDrafter(ctx context.Context, t Task) (*drafter, []store.Billable, error) {
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, nil, err
	}
	period, err := calendar.ParsePeriod(t.Run.Period)
	if err != nil {
		return nil, nil, err
	}
	today, err := e.localDate(tenant, t.Run)
	if err != nil {
		return nil, nil, err
	}
	series, err := invoicing.NewSeries(fmt.Sprintf("invoice-%d", today.Year), numberPattern, today.Year)
	if err != nil {
		return nil, nil, err
	}
	charges, err := t.Tx.Billable(ctx, tenant.ID, period.Next, t.Chunk.Span)
	if err != nil {
		return nil, nil, err
	}
	early, err := e.beforeCutOff(ctx, t.Run)
	if err != nil {
		return nil, nil, err
	}
	d := &drafter{env: e, run: t.Run, tenant: tenant, period: period, today: today, early: early, series: series, frozen: map[ident.ID]frozen{}}
	if d.fees, err = feesDue(ctx, t, period); err != nil {
		return nil, nil, err
	}
	d.fees.tenant, d.fees.domestic = tenant.Code, tenant.Issuer.Address.Country
	var numbers, tariffs []string
	for _, c := range charges {
		numbers, tariffs = append(numbers, c.Contract), append(tariffs, c.Rated.Tariff)
	}
	for no := range d.fees.due {
		numbers = append(numbers, no)
	}
	d.numbers = slices.Sorted(slices.Values(unique(numbers)))
	if d.contracts, err = t.Tx.Contracts(ctx, tenant.ID, d.numbers); err != nil {
		return nil, nil, err
	}
	var parties []string
	for _, c := range d.contracts {
		parties = append(parties, c.PartyNo)
	}
	if d.parties, err = t.Tx.Parties(ctx, tenant.ID, unique(parties)); err != nil {
		return nil, nil, err
	}
	if d.mandates, err = t.Tx.Mandates(ctx, tenant.ID, d.numbers); err != nil {
		return nil, nil, err
	}
	return d, charges, d.fees.load(ctx, t, d.contracts, tariffs)
}

// contract drafts the documents of one contract.
func (d *drafter) contract(contract customer.Contract, charges []store.Billable) {
	party := d.parties[contract.PartyNo]
	if why := addressFault(party.Party); why != "" {
		d.park(contract, "address-missing", why)
		return
	}
	if contract.Payment == customer.DirectDebit && party.Email == "" {
		d.park(contract, "email-missing", "a direct debit must be announced and the customer has no e-mail address; enter one, or let the contract pay on account")
		return
	}
	var billable []invoicing.Charge
	var gratis []ident.ID
	for _, c := range charges {
		switch err := invoicing.CheckCharge(d.tenant.Issuer, c.Charge); {
		case len(c.Rated.Lines) == 0:
			gratis = append(gratis, c.ID)
		case err != nil:
			d.parkCharge(c, err)
		default:
			billable = append(billable, c.Charge)
		}
	}
	if len(gratis) > 0 {
		d.add(d.gratis(contract, gratis))
	}
	owed := map[ident.ID]store.DraftFee{}
	var fees []invoicing.Fee
	for _, f := range d.owed(contract, party.Party) {
		owed[f.Fee.ID] = f
		fees = append(fees, f.Fee)
	}
	for _, group := range invoicing.Split(billable, fees) {
		draft, err := d.settle(contract, party, group)
		for _, f := range group.Fees {
			draft.Fees = append(draft.Fees, owed[f.ID])
		}
		var refusal *customer.Refusal
		var fault *sepa.Fault
		switch {
		case errors.As(err, &refusal):
			d.park(contract, string(refusal.Code), refusal.Text)
		case errors.As(err, &fault):
			d.park(contract, string(fault.Code), fault.Error())
		case err != nil:
			d.park(contract, "draft", err.Error())
		default:
			d.add(draft)
		}
	}
}

// settle builds the draft of one group of charges and fees.
func (d *drafter) settle(contract customer.Contract, party store.PartyVersion, group invoicing.Group) (store.Draft, error) {
	mandate := customer.Mandate{}
	var collectOn calendar.Date
	if contract.Payment == customer.DirectDebit {
		mandate = d.mandates[contract.No]
		var err error
		collectOn, err = sepa.CollectionDate(sepa.PlanInput{
			Today: d.today, BeforeCutoff: d.early, LeadDays: d.env.Config.SEPA.LeadDays, NoticeOn: d.today, NoticeDays: d.env.noticeDays(contract.NoticeDays),
		})
		if err != nil {
			return store.Draft{}, err
		}
	}
	snapshot := snapshotID(d.tenant.Code, party, mandate)
	doc, err := invoicing.Build(invoicing.Settlement{
		Tenant: d.tenant.Code, Series: d.series.Code, Contract: contract, Recipient: snapshot, Issuer: d.tenant.Issuer, Period: d.period,
		Run: d.run.Seq - 1, IssuedOn: d.today, Mandate: mandate, CollectOn: collectOn,
		Charges: group.Charges, Fees: group.Fees, Engine: d.env.Engine,
	})
	if err != nil {
		return store.Draft{}, err
	}
	draft := store.Draft{Document: doc, Free: invoicing.Free(doc), Mail: party.Email != "", Debit: ident.Derive("debit", d.tenant.Code, doc.ID.String(), "1")}
	for _, c := range group.Charges {
		draft.Charges = append(draft.Charges, c.ID)
	}
	if draft.Content, err = invoicing.Encode(doc); err != nil {
		return store.Draft{}, err
	}
	draft.Hash = invoicing.Hash(doc)
	if draft.Free {
		return draft, nil
	}
	if err := d.collectable(doc, contract, party.Party, mandate); err != nil {
		return store.Draft{}, err
	}
	d.frozen[snapshot] = frozen{Party: party.Party, Mandate: mandate}
	err = d.book(&draft)
	return draft, err
}

// collectable refuses a direct debit now that the bank file would refuse later, when the customer was already told.
func (d *drafter) collectable(doc invoicing.Document, c customer.Contract, p customer.Party, m customer.Mandate) error {
	if doc.Payment.CollectOn.IsZero() {
		return nil
	}
	number, err := d.series.Number(d.series.Last()) // as long as any of the series
	if err != nil {
		return err
	}
	_, excluded := sepa.Plan([]sepa.Candidate{{
		Invoice: number, Attempt: 1, Amount: money.Amount{Minor: doc.Gross, Currency: doc.Currency}, Creditor: creditorOf(d.tenant), Mandate: m,
		Address: p.Address, DueOn: doc.Payment.DueOn, CollectOn: doc.Payment.CollectOn, Text: remittanceText(d.tenant, c.No),
		Notice: sepa.Notice{SentOn: d.today, Days: d.env.noticeDays(c.NoticeDays), Minor: doc.Gross, CollectOn: doc.Payment.CollectOn},
	}}, d.env.bankProfile(), sepa.Run{Key: "draft", Today: d.today, BeforeCutoff: d.early, Created: d.run.AsOf})
	if len(excluded) > 0 {
		return &customer.Refusal{Code: customer.Code(excluded[0].Reason()), Text: excluded[0].Faults.Error()}
	}
	return nil
}

// book computes the posting the document will make.
func (d *drafter) book(draft *store.Draft) error {
	numbered, err := invoicing.Issue(draft.Document, placeholder)
	if err != nil {
		return err
	}
	entry, ok, err := posting.Bill(d.tenant.Code, numbered)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("contract %s: the document adds up to nothing although its lines cost something; settle it by hand", draft.Document.ContractNo)
	}
	draft.Entry = entry
	return nil
}

// gratis is the draft of charges without a single line: it becomes no document and marks them as free.
func (d *drafter) gratis(c customer.Contract, charges []ident.ID) store.Draft {
	doc := invoicing.Document{
		ID:   ident.Derive("document", d.tenant.Code, c.No, d.period.String(), fmt.Sprint(d.run.Seq), "gratis"),
		Kind: invoicing.ContractSettlement, Series: d.series.Code, IssuedOn: d.today, CustomerNo: c.PartyNo, ContractNo: c.No, Period: d.period,
		Split: "gratis", Engine: d.env.Engine, Payment: invoicing.Payment{Method: c.Payment, DueOn: d.today},
	}
	for _, id := range charges {
		doc.Sessions = append(doc.Sessions, invoicing.SessionLines{Charge: id})
	}
	return store.Draft{Document: doc, Free: true, Charges: charges, Hash: invoicing.Hash(doc)}
}

func (d *drafter) add(draft store.Draft) {
	d.drafts = append(d.drafts, draft)
	d.drafted = append(d.drafted, draft.Charges...)
}

// park notes that a contract cannot be billed in this run; its charges stay unbilled.
func (d *drafter) park(c customer.Contract, code, reason string) {
	d.parked = append(d.parked, store.Quarantined{
		File: ident.Derive("contract", d.tenant.Code, c.No), Ordinal: d.run.Seq, Stage: "draft", Run: d.run.ID,
		Class: string(batch.ClassCustomer), Code: code, Record: "contract " + c.No, Reason: reason,
	})
}

// parkCharge notes that a charge cannot be billed in this run; it stays unbilled.
func (d *drafter) parkCharge(c store.Billable, err error) {
	code := "draft"
	var fault *invoicing.ChargeFault
	if errors.As(err, &fault) {
		code = string(fault.Code)
	}
	d.parked = append(d.parked, store.Quarantined{
		File: c.File, Ordinal: c.Ordinal, Stage: "draft", Run: d.run.ID, Class: string(batch.ClassRecord), Code: code,
		Record: c.Key.String(), Reason: err.Error(),
	})
}

// addressFault says what a party lacks to be billed (UStG §14 Abs. 4 Nr. 1).
func addressFault(p customer.Party) string {
	switch {
	case p.No == "":
		return "the customer does not exist; correct the contract"
	case p.Name == "":
		return "the customer has no name; enter it and run again"
	case p.Address.City == "" || p.Address.PostalCode == "":
		return "the customer's address is not complete; enter it and run again"
	}
	return ""
}
