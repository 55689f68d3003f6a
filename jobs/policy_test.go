package jobs_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/policy"
)

// quietHouse is an installation of a provider with customers and charge points and no session yet.
func quietHouse(t *testing.T) (*house, *simulate.World) {
	t.Helper()
	w, err := simulate.Generate(simulate.Options{Seed: 4, Customers: 6, Sessions: -1, EVSEs: 4})
	if err != nil {
		t.Fatal(err)
	}
	h := houseOf(t, w)
	h.start(t)
	return h, w
}

// card is one that is valid on a day, of a contract that is.
func card(t *testing.T, w *simulate.World, at time.Time) customer.Token {
	t.Helper()
	for _, token := range w.Tokens {
		for _, c := range w.Contracts {
			day := calendar.DateOf(at, c.ZoneLocation)
			if c.No == token.ContractNo && !at.Before(token.From) && (token.Until.IsZero() || at.Before(token.Until)) &&
				!day.Before(c.From) && (c.Until.IsZero() || day.Before(c.Until)) {
				return token
			}
		}
	}
	t.Fatal("nobody may charge on that day")
	return customer.Token{}
}

// session is an OCPI record of an hour and 11.078 kWh without signed values.
type session struct{ country, party, id, evse, uid string }

var sessionStart = time.Date(2026, time.October, 5, 18, 0, 0, 0, time.UTC)

// deliver puts sessions into the inbox as one file.
func (h *house) deliver(t *testing.T, name string, sessions ...session) {
	t.Helper()
	var b strings.Builder
	for _, s := range sessions {
		_, _ = fmt.Fprintf(&b, `{"country_code":%q,"party_id":%q,"id":%q,"start_date_time":%q,"end_date_time":%q,"session_id":"S-%s",`+
			`"cdr_token":{"country_code":"DE","party_id":"EMP","uid":%q,"type":"RFID","contract_id":"-"},"auth_method":"WHITELIST",`+
			`"cdr_location":{"id":"L","address":"Markt 1","city":"Kiel","country":"DEU","coordinates":{"latitude":"54.3","longitude":"10.1"},`+
			`"evse_uid":"E","evse_id":%q,"connector_id":"1","connector_standard":"IEC_62196_T2","connector_format":"SOCKET",`+
			`"connector_power_type":"AC_3_PHASE"},"currency":"EUR","charging_periods":[{"start_date_time":%q,"dimensions":`+
			`[{"type":"ENERGY","volume":11.078}]}],"total_cost":{"excl_vat":4.56},"total_energy":11.078,"total_time":1,"last_updated":%q}`+"\n",
			s.country, s.party, s.id, stamp(sessionStart), stamp(sessionStart.Add(time.Hour)), s.id, s.uid, s.evse, stamp(sessionStart),
			stamp(sessionStart.Add(time.Hour)))
	}
	if err := os.WriteFile(filepath.Join(h.InboxOf(h.tenant.Code), name), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// loadMore loads master data beside what is loaded.
func (h *house) loadMore(t *testing.T, f masterdata.File) {
	t.Helper()
	f.Tenant = masterdata.Tenant{Code: h.tenant.Code, Zone: h.tenant.Zone, Issuer: h.tenant.Issuer}
	if _, err := h.LoadMasterData(t.Context(), f, jobs.Loading{Actor: "ann", Source: "more.json"}); err != nil {
		t.Fatal(err)
	}
}

// state is where a charge record stands, with the trail that leads there.
func (h *house) state(t *testing.T, record string) (string, jobs.ChargeTrail) {
	t.Helper()
	trail, err := h.Trace(context.WithoutCancel(t.Context()), h.tenant, record)
	if err != nil {
		t.Fatal(err)
	}
	if len(trail.Charges) != 1 {
		t.Fatalf("%s: %d charges", record, len(trail.Charges))
	}
	return trail.Charges[0].State, trail.Charges[0]
}

// TestNoSignatureRequiredByRule delivers sessions without signature at charge points that differ in what is known of
// them. The rule asks for AC points of DE/OLD commissioned before April 2019.
func TestNoSignatureRequiredByRule(t *testing.T) {
	h, w := quietHouse(t)
	points := w.MasterData().EVSEs[:3]
	points[0].Power, points[0].Commissioned = policy.AC, calendar.NewDate(2019, 3, 31)
	points[1].Power, points[1].Commissioned = policy.AC, calendar.NewDate(2019, 4, 1)
	points[2].Power = policy.AC
	h.loadMore(t, masterdata.File{EVSEs: points, Policies: []policy.Exemption{{
		ID: "OLD-AC", Country: "DE", Party: "OLD", EVSECountry: "DE", Power: policy.AC, CommissionedBefore: calendar.NewDate(2019, 4, 1),
		From: sessionStart, Note: "tolerated",
	}}})
	uid := card(t, w, sessionStart).UID
	h.deliver(t, "a.ndjson",
		session{"DE", "OLD", "1", points[0].ID, uid},
		session{"DE", "OLD", "2", points[1].ID, uid},
		session{"DE", "OLD", "3", points[2].ID, uid},
		session{"DE", "NEW", "4", points[0].ID, uid},
		session{"DE", "OLD", "5", "DE*OLD*E9999", uid})
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	for _, c := range []struct{ record, state, basis, rule string }{
		{"DE/OLD/1", "accrued", "not_required", "OLD-AC"},
		{"DE/OLD/2", "held", "", ""}, // a day too young
		{"DE/OLD/3", "held", "", ""}, // nobody knows when it was commissioned
		{"DE/NEW/4", "held", "", ""}, // another operator's
		{"DE/OLD/5", "held", "", ""}, // nobody registered it
	} {
		state, trail := h.state(t, c.record)
		if state != c.state || len(trail.Verdicts) != 1 || trail.Verdicts[0].Basis != c.basis || trail.Verdicts[0].Rule != c.rule {
			t.Errorf("%s: %s, %+v; want %s on basis %q by rule %q", c.record, state, trail.Verdicts, c.state, c.basis, c.rule)
		}
	}
}
