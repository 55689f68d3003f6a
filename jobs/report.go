package jobs

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/meter/finding"
	"wattdue/money"
	"wattdue/report"
	"wattdue/sql/store"
)

// Report counts what became of a tenant's records since the start, for the report page. dir is where the files lie that
// it points to.
func (e *Env) Report(ctx context.Context, tenant store.Tenant, dir string) (report.Report, error) {
	o, err := e.DB.Overview(ctx, tenant.ID)
	if err != nil {
		return report.Report{}, err
	}
	stock, err := e.DB.Stock(ctx, tenant.ID)
	if err != nil {
		return report.Report{}, err
	}
	r := report.Report{
		Tenant: tenant.Issuer.Name, Period: strings.Join(o.Periods, ", "), Engine: strings.TrimPrefix(e.Engine, "wattdue "), Currency: money.EUR, Files: o.Files,
		Balance: batch.BalanceOf(batch.Stock{}, stock), Tariffs: o.Tariffs,
		Documents: report.Documents{
			Count: o.Documents.Count, First: o.Documents.First, Last: o.Documents.Last,
			Net: o.Documents.Net, Tax: o.Documents.Tax, Gross: o.Documents.Gross,
		},
	}
	if r.AsOf, err = e.lastAsOf(ctx, tenant); err != nil {
		return r, err
	}
	fill(&r, o)
	if r.BankFiles, err = e.bankFiles(ctx, tenant, o.Batches); err != nil {
		return r, err
	}
	r.Places, r.Next = places(dir), next(r)
	return r, nil
}

// fill takes over the lists.
func fill(r *report.Report, o store.Overview) {
	for _, h := range o.Held {
		r.Held = append(r.Held, report.Held{Stage: h.Stage, Code: h.Code, Records: h.Records})
	}
	for _, f := range o.Findings {
		rule, _ := finding.RuleOf(finding.Code(f.Code))
		r.Findings.Sums = append(r.Findings.Sums, report.FindingSum{Code: f.Code, Meaning: rule.Text, Holds: f.Holds, N: f.N})
	}
	for _, f := range o.Found {
		r.Findings.List = append(r.Findings.List, report.FindingLine{
			Code: f.Code, State: f.State, Record: f.Record, Other: f.Other, Meter: f.Meter, EVSE: f.EVSE, Value: f.Value,
		})
	}
	for _, v := range o.VAT {
		r.Documents.VAT = append(r.Documents.VAT, report.VATSum{Country: v.Country, Rate: money.Fraction(v.Rate), Net: v.Net, Tax: v.Tax, Gross: v.Gross})
	}
	for _, m := range o.Methods {
		r.Documents.ByMethod = append(r.Documents.ByMethod, report.MethodSum(m))
	}
	for _, a := range o.Accounts {
		r.Ledger = append(r.Ledger, report.AccountSum{Account: a.Account, Debit: a.Debit, Credit: a.Credit, Balance: a.Debit - a.Credit})
	}
	for _, m := range o.Mails {
		r.Mails = append(r.Mails, report.StateSum{State: m.State, N: int64(m.N)})
	}
	for _, d := range o.Days {
		r.Days = append(r.Days, report.DaySum{Date: d.Date, Sessions: d.Sessions, Energy: cdr.MicroKWh(d.Energy), Gross: d.Gross})
		r.Sessions += d.Sessions
		r.Energy += cdr.MicroKWh(d.Energy)
	}
	for _, l := range o.Locations {
		r.Locations = append(r.Locations, report.LocationSum{Name: l.Name, Sessions: l.Sessions, Energy: cdr.MicroKWh(l.Energy), Gross: l.Gross})
	}
	for _, s := range o.Stages {
		r.Stages = append(r.Stages, report.StageTime{Name: s.Name, Records: s.Records, Duration: time.Duration(s.Micros) * time.Microsecond})
	}
}

// lastAsOf is the moment of the newest run, in the tenant's zone.
func (e *Env) lastAsOf(ctx context.Context, tenant store.Tenant) (time.Time, error) {
	zone, err := tenant.Location()
	if err != nil {
		return time.Time{}, err
	}
	runs, err := e.DB.Runs(ctx, tenant.Code, 1)
	if err != nil || len(runs) == 0 {
		return time.Time{}, err
	}
	return runs[0].AsOf.In(zone), nil
}

func (e *Env) bankFiles(ctx context.Context, tenant store.Tenant, batches []store.SepaBatch) ([]report.BankFile, error) {
	artefacts, err := e.DB.Artefacts(ctx, tenant.ID, "pain008")
	if err != nil {
		return nil, err
	}
	sums := map[ident.ID]string{}
	for _, a := range artefacts {
		sums[a.Owner] = hex.EncodeToString(a.SHA256)
	}
	var files []report.BankFile
	for _, b := range batches {
		files = append(files, report.BankFile{
			Name: b.MessageID + ".xml", CollectOn: b.CollectOn, Debits: int64(b.Count), Sum: b.Sum, SHA256: sums[b.ID],
		})
	}
	return files, nil
}

func places(dir string) []report.Place {
	var list []report.Place
	for _, p := range []struct{ label, path string }{
		{"Invoices", "invoices"},
		{"E-mails", "mail"},
		{"Bank files", "sepa"},
		{"Journal", "journal.hledger"},
		{"Set aside", "quarantine.csv"},
		{"This report", "report.html"},
	} {
		list = append(list, report.Place{Label: p.label, Path: filepath.Join(dir, p.path), Link: p.path})
	}
	return list
}

// next says what a person should do now.
func next(r report.Report) []string {
	var todo []string
	if len(r.BankFiles) > 0 {
		f := r.BankFiles[0]
		todo = append(todo, fmt.Sprintf("Upload %d bank file(s) to the bank; the first collection is on %s.", len(r.BankFiles), f.CollectOn))
	}
	if n := r.Balance.Held.Records; n > 0 {
		todo = append(todo, fmt.Sprintf("Look at %d records on hold: wattdue quarantine list", n))
	}
	for _, m := range r.Mails {
		if m.State == "in_doubt" || m.State == "failed" {
			todo = append(todo, fmt.Sprintf("Look after %d e-mails that are %s.", m.N, strings.ReplaceAll(m.State, "_", " ")))
		}
	}
	if n := r.Balance.CarriedOut.Records; n > 0 {
		todo = append(todo, fmt.Sprintf("%d records are not billed yet; they go into the next billing run.", n))
	}
	return todo
}
