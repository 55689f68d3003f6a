package conformance

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wattdue/archive"
	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/config"
	"wattdue/customer"
	"wattdue/dev/local/localtest"
	"wattdue/invoicing"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/money"
	"wattdue/rating"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// house is an installation of its own: database, queue, archive and a working machine.
type house struct {
	*jobs.Env
	dir      string
	database storetest.Database
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{dir: t.TempDir(), database: storetest.New(t)}
	redis := localtest.Redis(t).RedisURL()
	blobs, err := archive.OpenStore(t.Context(), filepath.Join(h.dir, "archive"), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Jobs.InboxDir, c.SEPA.ExportDir, c.Mail.Dir = filepath.Join(h.dir, "inbox"), filepath.Join(h.dir, "sepa"), filepath.Join(h.dir, "mail")
	c.Jobs.Concurrency = 2
	if err := errors.Join(os.MkdirAll(c.SEPA.ExportDir, 0o755), os.MkdirAll(c.Mail.Dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	db := h.database.DB(t)
	h.Env = jobs.NewEnv(db, jobs.NewVault(db, blobs, [32]byte{1}), c, slog.New(slog.DiscardHandler), "conformance")
	h.Timing.Tick, h.Timing.Reconcile = 100*time.Millisecond, 100*time.Millisecond
	machine, err := jobs.NewMachine(h.Env, redis, jobs.Roles{Reconciler: true, Workers: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- machine.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return h
}

// provider is a tenant with one customer, one card and one charge point.
type provider struct {
	code         string
	card, emaid  string
	evse         string
	key          []byte // SPKI registered for the charge point; empty: none
	tariff       rating.Tariff
	since        calendar.Date // from when everything is valid
	sampleRecord []byte
}

// tariff has a price per kWh and a fee per session, VAT included. Sessions below both limits cost nothing.
func tariff(zeroBelow cdr.MicroKWh, zeroUnder time.Duration) rating.Tariff {
	price := func(unit money.Price) rating.Price { return rating.Price{Unit: unit, VATCode: invoicing.StandardRate} }
	t := rating.Tariff{
		Code: "FLAT", Version: 1, ValidFrom: time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC), Currency: money.EUR, Mode: rating.Gross,
		Rows: []rating.Row{{ID: "all", Prices: map[rating.Component]rating.Price{
			rating.Energy: price(490_000), rating.PerUse: price(500_000), // 0.49 EUR per kWh, 0.50 EUR per session
			rating.Charging: price(0), rating.Idle: price(0),
		}}},
		ZeroBelow: zeroBelow, ZeroUnder: zeroUnder,
	}
	return t
}

// settle gives the house the provider's master data and its record.
func (h *house) settle(t *testing.T, p provider) store.Tenant {
	t.Helper()
	from := p.since.Start(time.UTC)
	issuer := invoicing.Issuer{
		Name: "Prüfstrom GmbH", Address: customer.Address{Street: "Messweg 1", PostalCode: "38999", City: "Braunschweig", Country: "DE"},
		Email: "rechnung@pruefstrom.example", VATID: "DE999999999", TaxNo: "14/999/99999", Register: "Amtsgericht Braunschweig, HRB 999999",
		Directors: "Erika Muster", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001", Bank: "Musterbank", CreditorID: "DE98ZZZ09999999999",
	}
	evse := masterdata.EVSE{ID: p.evse, LocationID: "L1", LocationName: "Test 1", City: "Berlin", Country: "DE", Zone: "Europe/Berlin"}
	if len(p.key) > 0 {
		evse.Keys = []masterdata.MeterKey{{SPKI: p.key, From: from}}
	}
	_, err := h.LoadMasterData(t.Context(), masterdata.File{
		Tenant: masterdata.Tenant{Code: p.code, Zone: "Europe/Berlin", Issuer: issuer},
		Parties: []customer.Party{{
			No: "K1", Name: "Max Muster", Email: "max@muster.example",
			Address: customer.Address{Street: "Ladeweg 2", PostalCode: "10999", City: "Berlin", Country: "DE"},
		}},
		Contracts: []customer.Contract{{
			No: "V1", PartyNo: "K1", EMAID: p.emaid, Groups: []string{"public"}, TariffCode: p.tariff.Code, Payment: customer.OnAccount, PaymentDays: 14,
			Zone: "Europe/Berlin", From: p.since,
		}},
		Tokens:  []customer.Token{{UID: p.card, ContractNo: "V1", From: from}},
		EVSEs:   []masterdata.EVSE{evse},
		Tariffs: []rating.Tariff{p.tariff},
	}, jobs.Loading{Actor: "test", Source: "published with the record"})
	if err != nil {
		t.Fatal(err)
	}
	inbox := h.InboxOf(p.code)
	if err := errors.Join(os.MkdirAll(inbox, 0o755), os.WriteFile(filepath.Join(inbox, "record.json"), p.sampleRecord, 0o600)); err != nil {
		t.Fatal(err)
	}
	tenant, err := h.DB.Tenant(t.Context(), p.code)
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// work opens the run of a period and works it to its end, approving what waits for it. A run that finds nothing is fine.
func (h *house) work(t *testing.T, tenant store.Tenant, job, period string, asOf time.Time) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	row, err := h.Open(ctx, tenant, jobs.Opening{Job: job, Period: period, AsOf: asOf, Actor: "preparer"})
	if err != nil {
		t.Fatalf("%s %s: %v", tenant.Code, job, err)
	}
	out, err := h.Wait(ctx, row, nil)
	if err == nil && out.Run.State == "review" {
		if _, err = h.Approve(ctx, out.Run, "approver"); err == nil {
			out, err = h.Wait(ctx, row, nil)
		}
	}
	if err != nil || out.Run.State != "closed" || out.Blocked {
		t.Fatalf("%s %s: run is %s in stage %s, blocked %v: %s %v", tenant.Code, job, out.Run.State, out.Run.Stage, out.Blocked, out.Run.Error, err)
	}
}

// number is the answer to a query for one number about a tenant.
func (h *house) number(t *testing.T, tenant store.Tenant, query string) (n int64) {
	t.Helper()
	if err := h.database.SQL(t, "wattdue_reader").QueryRow(query, tenant.ID).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// text is the answer to a query for one text about a tenant.
func (h *house) text(t *testing.T, tenant store.Tenant, query string) (s string) {
	t.Helper()
	if err := h.database.SQL(t, "wattdue_reader").QueryRow(query, tenant.ID).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}
