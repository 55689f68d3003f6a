package jobs

import (
	"bytes"
	"context"
	"errors"
	"time"

	"wattdue/masterdata"
	"wattdue/rating"
	"wattdue/sql/store"
)

// Loading says who loads master data and from where.
type Loading struct {
	Actor  string
	Source string // stored with the meter keys, such as the name of the file
	SHA256 string // of the file, hexadecimal, for the audit log; empty when there is none
	DryRun bool   // do everything, then take it back
}

// Loaded counts what loading did with each kind of record.
type Loaded struct {
	Tenant    string       `json:"tenant"`
	Parties   store.Merged `json:"parties"`
	Contracts store.Merged `json:"contracts"`
	Plans     store.Merged `json:"plans"`
	Tokens    store.Merged `json:"tokens"`
	Mandates  store.Merged `json:"mandates"`
	EVSEs     store.Merged `json:"evses"`
	MeterKeys store.Merged `json:"meter_keys"`
	Policies  store.Merged `json:"signature_policies"`
	Ageing    store.Merged `json:"ageing_rules"`
	Tariffs   store.Merged `json:"tariffs"`
	Schedules store.Merged `json:"schedules"`
	Tenants   store.Merged `json:"tenants"`
}

// LoadedKind is one line of what was loaded.
type LoadedKind struct {
	Name string
	store.Merged
}

// Kinds lists the counts by name.
func (l Loaded) Kinds() []LoadedKind {
	return []LoadedKind{
		{"tenants", l.Tenants},
		{"parties", l.Parties},
		{"contracts", l.Contracts},
		{"plans", l.Plans},
		{"tokens", l.Tokens},
		{"mandates", l.Mandates},
		{"evses", l.EVSEs},
		{"meter keys", l.MeterKeys},
		{"signature policies", l.Policies},
		{"ageing rules", l.Ageing},
		{"tariffs", l.Tariffs},
		{"schedules", l.Schedules},
	}
}

// touched reports whether anything was new or changed.
func (l Loaded) touched() bool {
	for _, k := range l.Kinds() {
		if k.New+k.Changed > 0 {
			return true
		}
	}
	return false
}

// MasterDataLookups answer what reading master data asks: time zones, jobs and schedules of this program.
func (e *Env) MasterDataLookups() masterdata.Lookups {
	return masterdata.Lookups{Zone: time.LoadLocation, Schedule: func(job, spec, zone string) error {
		if _, ok := e.Job(job); !ok {
			return errors.New("there is no such job; the jobs are " + e.jobNames())
		}
		_, err := ParseCron(spec, zone)
		return err
	}, Reason: checkReason}
}

// MissingReferences returns a fault for each record a file refers to that is neither in it nor loaded.
func (e *Env) MissingReferences(ctx context.Context, f masterdata.File) (masterdata.Faults, error) {
	loose := f.Loose()
	known := map[masterdata.Kind]map[string]bool{}
	for _, k := range []masterdata.Kind{masterdata.PartyKind, masterdata.ContractKind, masterdata.TariffKind} {
		var keys []string
		for _, r := range loose {
			if r.Kind == k {
				keys = append(keys, r.Key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		have, err := e.DB.Known(ctx, f.Tenant.Code, k, unique(keys))
		if err != nil {
			return nil, err
		}
		known[k] = have
	}
	var faults masterdata.Faults
	for _, r := range loose {
		if !known[r.Kind][r.Key] {
			faults = append(faults, r.Missing)
		}
	}
	return faults, nil
}

// errDryRun takes a dry run back.
var errDryRun = errors.New("dry run")

// LoadMasterData loads a file that has no faults of its own: all of it or, with an error, nothing. What contradicts what
// is loaded already comes back as masterdata.Faults. Loading the same again changes nothing and is not audited.
func (e *Env) LoadMasterData(ctx context.Context, f masterdata.File, how Loading) (Loaded, error) {
	if how.Actor == "" {
		return Loaded{}, errors.New("loading needs a name; give --actor")
	}
	missing, err := e.MissingReferences(ctx, f)
	if err != nil {
		return Loaded{}, err
	}
	if len(missing) > 0 {
		return Loaded{}, missing
	}
	var done Loaded
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		l := loader{env: e, tx: tx, file: &f, how: how, done: Loaded{Tenant: f.Tenant.Code}}
		if err := l.load(ctx); err != nil {
			return err
		}
		if len(l.faults) > 0 {
			l.faults.Sort()
			return l.faults
		}
		done = l.done
		if how.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return done, err
}

// loader loads a file in a transaction.
type loader struct {
	env    *Env
	tx     *store.Tx
	file   *masterdata.File
	how    Loading
	tenant int
	done   Loaded
	faults masterdata.Faults
}

func (l *loader) load(ctx context.Context) (err error) {
	if l.tenant, l.done.Tenants, err = l.tx.MergeTenant(ctx, l.file.Tenant); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{l.customers, l.places, l.tariffs, l.schedules} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if !l.done.touched() {
		return nil
	}
	counts := map[string]any{}
	for _, k := range l.done.Kinds() {
		if k.New+k.Changed > 0 {
			counts[k.Name] = map[string]int{"new": k.New, "changed": k.Changed}
		}
	}
	if l.how.SHA256 != "" {
		counts["source"], counts["sha256"] = l.how.Source, l.how.SHA256
	}
	return l.tx.Audit(ctx, l.tenant, l.how.Actor, "masterdata.load", l.file.Tenant.Code, "", counts)
}

// refuse notes the records at some places as faults.
func (l *loader) refuse(places []int, err error, k masterdata.Kind, field, text string) error {
	for _, i := range places {
		l.faults = append(l.faults, l.file.Fault(k, i, field, text))
	}
	return err
}

func (l *loader) customers(ctx context.Context) (err error) {
	f, tx := l.file, l.tx
	if l.done.Parties, err = tx.MergeParties(ctx, l.tenant, f.Parties); err != nil {
		return err
	}
	places, err := tx.MovedContracts(ctx, l.tenant, f.Contracts)
	if err := l.refuse(places, err, masterdata.ContractKind, "party", "is loaded with another party; end that contract and load a new one"); err != nil {
		return err
	}
	if l.done.Contracts, err = tx.MergeContracts(ctx, l.tenant, f.Contracts); err != nil {
		return err
	}
	places, err = tx.SharedContractIDs(ctx, l.tenant, f.Contracts)
	if err := l.refuse(places, err, masterdata.ContractKind, "emaid", "is that of another loaded contract at the same time; end one of them or correct the id"); err != nil {
		return err
	}
	if err := l.plans(ctx); err != nil {
		return err
	}
	places, err = tx.MovedTokens(ctx, l.tenant, f.Tokens)
	if err := l.refuse(places, err, masterdata.TokenKind, "contract", "is loaded with another contract from the same instant on; give it a later valid_from"); err != nil {
		return err
	}
	if l.done.Tokens, err = tx.MergeTokens(ctx, l.tenant, f.Tokens); err != nil {
		return err
	}
	places, err = tx.SharedTokens(ctx, l.tenant, f.Tokens)
	if err := l.refuse(places, err, masterdata.TokenKind, "uid", "belongs to another loaded contract at the same time; end one of them"); err != nil {
		return err
	}
	places, err = tx.OtherMandates(ctx, l.tenant, f.Mandates)
	if err := l.refuse(places, err, masterdata.MandateKind, "", "is loaded with other content; what was signed never changes, only ended_on does: give a new mandate a new reference"); err != nil {
		return err
	}
	l.done.Mandates, err = tx.MergeMandates(ctx, l.tenant, f.Mandates)
	return err
}

// plans loads the products of contracts. What a plan says never changes: its fee may be billed, its allowances used.
func (l *loader) plans(ctx context.Context) error {
	plans := l.file.Plans
	at := make(map[string]int, len(l.file.Contracts))
	for i, c := range l.file.Contracts {
		at[c.No] = i
	}
	refuse := func(places []int, err error, text string) error {
		for _, i := range places {
			l.faults = append(l.faults, l.file.Fault(masterdata.ContractKind, at[plans[i].Contract], "plans", "plan "+plans[i].ID+" "+text))
		}
		return err
	}
	places, err := l.tx.OtherPlans(ctx, l.tenant, plans)
	if err := refuse(places, err, "is loaded and says something else; what a plan says never changes, end it and give the new one another id"); err != nil {
		return err
	}
	places, err = l.tx.SharedAllowances(ctx, l.tenant, plans)
	if err := refuse(places, err, "has an allowance of the id of one in another loaded plan; lines and counters are told apart by it, give it another"); err != nil {
		return err
	}
	l.done.Plans, err = l.tx.MergePlans(ctx, l.tenant, plans)
	return err
}

func (l *loader) places(ctx context.Context) (err error) {
	f, tx := l.file, l.tx
	if l.done.EVSEs, err = tx.MergeEVSEs(ctx, l.tenant, f.EVSEs); err != nil {
		return err
	}
	places, err := tx.OtherKeys(ctx, l.tenant, f.EVSEs)
	if err := l.refuse(places, err, masterdata.EVSEKind, "meters", "another meter or key is registered from the same instant on; registered keys never change, give the new one a later valid_from"); err != nil {
		return err
	}
	places, err = tx.RevokedKeys(ctx, l.tenant, f.EVSEs)
	if err := l.refuse(places, err, masterdata.EVSEKind, "meters", "a key was revoked for good and cannot be registered from another instant on; ask the operator for the meter's new key"); err != nil {
		return err
	}
	if l.done.MeterKeys, err = tx.MergeKeys(ctx, l.tenant, f.EVSEs, l.how.Source); err != nil {
		return err
	}
	places, err = tx.OtherExemptions(ctx, l.tenant, f.Policies)
	if err := l.refuse(places, err, masterdata.PolicyKind, "", "is loaded and asks something else; what a rule asks never changes, end it and give the new one another id"); err != nil {
		return err
	}
	if l.done.Policies, err = tx.MergeExemptions(ctx, l.tenant, f.Policies); err != nil {
		return err
	}
	places, err = tx.OtherAgeings(ctx, l.tenant, f.Ageing)
	if err := l.refuse(places, err, masterdata.AgeingKind, "", "is loaded and says something else; what a rule says never changes, end it and give the new one another id"); err != nil {
		return err
	}
	l.done.Ageing, err = tx.MergeAgeings(ctx, l.tenant, f.Ageing)
	return err
}

// tariffs publishes tariff versions. Published ones never change.
func (l *loader) tariffs(ctx context.Context) error {
	for i, t := range l.file.Tariffs {
		compiled, err := rating.Compile(t)
		if err != nil {
			return err
		}
		hash, on := compiled.Hash(), l.file.Announced[masterdata.TariffVersion{Code: t.Code, Version: t.Version}]
		have, err := l.tx.TariffHash(ctx, l.tenant, t)
		switch {
		case errors.Is(err, store.ErrNotFound):
			l.done.Tariffs.New++
			if err := l.tx.PutTariff(ctx, l.tenant, t, hash, on); err != nil {
				return err
			}
		case err != nil:
			return err
		case bytes.Equal(have, hash[:]):
			l.done.Tariffs.Same++
			stands, err := l.tx.AnnouncedOn(ctx, l.tenant, t)
			if err != nil {
				return err
			}
			if !on.IsZero() && on != stands {
				l.faults = append(l.faults, l.file.Fault(masterdata.TariffKind, i, "announced_on", "is not the date with which the version was published; what customers were told stands, announce the next version"))
			}
		default:
			l.faults = append(l.faults, l.file.Fault(masterdata.TariffKind, i, "", "is published with other content; published versions never change, use the next version"))
		}
	}
	return nil
}

func (l *loader) schedules(ctx context.Context) error {
	for _, s := range l.file.Schedules {
		c, err := ParseCron(s.Spec, s.Zone)
		if err != nil {
			return err
		}
		next, err := c.Next(l.env.Now())
		if err != nil {
			return err
		}
		n, err := l.tx.MergeSchedule(ctx, l.tenant, s, next)
		if err != nil {
			return err
		}
		l.done.Schedules.New += n.New
		l.done.Schedules.Changed += n.Changed
		l.done.Schedules.Same += n.Same
	}
	return nil
}
