package jobs_test

import (
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
	"wattdue/pricelist"
	"wattdue/rating"
)

// day and night is the tariff DN of rating rules, 14.
const dayAndNight = `tariff: DN
version: 1
valid_from: 2026-01-01 Europe/Berlin
currency: EUR
mode: gross
rows:
  - {id: night, when: {time: 22:00-06:00}, price: {energy: 0.30}}
  - {id: day, price: {energy: 0.45}}
`

const flat = `tariff: FLAT
version: 1
valid_from: 2026-01-01 Europe/Berlin
currency: EUR
mode: gross
price: {energy: 0.49}
`

func priceListOf(t *testing.T, text string) rating.Tariff {
	t.Helper()
	tariff, faults := pricelist.Parse("", []byte(text), pricelist.Known{TimeZone: time.LoadLocation})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return tariff
}

// matrixHouse is a provider in Kiel whose sessions owe no signature, so that what they state counts. Its charge points are
// E1 in zone Nord, AC with 22 kW, and E2 with nothing said of it.
type matrixHouse struct {
	*house
	points []string
	files  int
	zone   *time.Location
}

func newMatrixHouse(t *testing.T) *matrixHouse {
	t.Helper()
	w, err := simulate.Generate(simulate.Options{Seed: 4, Customers: 1, Sessions: -1, EVSEs: 2})
	if err != nil {
		t.Fatal(err)
	}
	h := &matrixHouse{house: houseOf(t, w)}
	if h.zone, err = time.LoadLocation("Europe/Berlin"); err != nil {
		t.Fatal(err)
	}
	points := w.MasterData().EVSEs[:2]
	for i := range points {
		points[i].Zone, points[i].Country, points[i].MaxWatts, points[i].Power = "Europe/Berlin", "DE", 0, ""
		h.points = append(h.points, points[i].ID)
	}
	points[0].PricingZone, points[0].Operator, points[0].Power, points[0].MaxWatts = "Nord", "KIEL", policy.AC, 22_000
	h.loadMore(t, masterdata.File{EVSEs: points, Policies: []policy.Exemption{{
		ID: "FREE", Country: "DE", Party: "CPO", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Note: "no signed values there",
	}}})
	return h
}

// contract adds a contract with a card of its own number.
func (h *matrixHouse) contract(t *testing.T, no string, tariff rating.Tariff, change func(*customer.Contract), plans ...rating.Plan) {
	t.Helper()
	c := customer.Contract{
		No: no, PartyNo: "P" + no, EMAID: fmt.Sprintf("DE-TST-C%08s", strings.TrimLeft(no, "V")), Groups: []string{"public"}, TariffCode: tariff.Code,
		Payment: customer.OnAccount, PaymentDays: 14, Zone: "Europe/Berlin", ZoneLocation: h.zone, From: calendar.NewDate(2026, 1, 1),
	}
	if change != nil {
		change(&c)
	}
	f := masterdata.File{
		Parties: []customer.Party{{No: c.PartyNo, Name: "Inga Petersen", Email: no + "@example.org", Address: customer.Address{
			Street: "Markt 1", PostalCode: "24103", City: "Kiel", Country: "DE",
		}}},
		Contracts: []customer.Contract{c}, Tariffs: []rating.Tariff{tariff},
		Tokens: []customer.Token{{UID: no, ContractNo: no, From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}},
	}
	for _, p := range plans {
		f.Plans = append(f.Plans, masterdata.Plan{Contract: no, Plan: p})
	}
	h.loadMore(t, f)
}

// included is a plan without a fee.
func included(kWh int64) rating.Plan {
	return rating.Plan{ID: "PLAN", Name: "Plan", From: calendar.NewDate(2026, 1, 1), VATCode: "standard", Included: []rating.Included{
		{ID: "KWH", Component: rating.Energy, Quantity: kWh * 1_000_000},
	}}
}

// visit is a session by local times of the second charge point, or another one, with its energy by period.
type visit struct {
	id, contract string
	start, end   string // 2006-01-02 15:04
	point        int    // 0: the second
	token        string // kind; RFID when empty
	cost         string // total_cost as JSON
	periods      []string
}

// arrive delivers sessions as one file and takes them in, in a run of its own.
func (h *matrixHouse) arrive(t *testing.T, visits ...visit) {
	t.Helper()
	var b strings.Builder
	for _, v := range visits {
		b.WriteString(h.record(t, v) + "\n")
	}
	h.files++
	name := filepath.Join(h.InboxOf(h.tenant.Code), fmt.Sprintf("%d.ndjson", h.files))
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	h.wait(t, h.open(t, "intake", fmt.Sprintf("2026-11-%02d", h.files), intakeAsOf, 0), "closed")
}

// record is a visit as an OCPI record. A period is its energy, or its begin and its energy.
func (h *matrixHouse) record(t *testing.T, v visit) string {
	t.Helper()
	at := func(local string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", local, h.zone)
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	start, end := at(v.start), at(v.end)
	point, token, cost := h.points[1], v.token, v.cost
	if v.point > 0 {
		point = h.points[v.point-1]
	}
	if token == "" {
		token = "RFID"
	}
	if cost == "" {
		cost = `{"excl_vat":1}`
	}
	var periods []string
	var sum int64
	for _, p := range v.periods {
		from, kWh, given := strings.Cut(p, "=")
		if !given {
			from, kWh = v.start, p
		}
		whole, tenth, _ := strings.Cut(kWh, ".")
		var n int64
		if _, err := fmt.Sscan(whole+(tenth + "000")[:3], &n); err != nil {
			t.Fatal(err)
		}
		sum += n
		periods = append(periods, fmt.Sprintf(`{"start_date_time":%q,"dimensions":[{"type":"ENERGY","volume":%s}]}`, stamp(at(from)), kWh))
	}
	return fmt.Sprintf(`{"country_code":"DE","party_id":"CPO","id":%q,"start_date_time":%q,"end_date_time":%q,"session_id":"S-%s",`+
		`"cdr_token":{"country_code":"DE","party_id":"EMP","uid":%q,"type":%q,"contract_id":"-"},"auth_method":"WHITELIST",`+
		`"cdr_location":{"id":"L","address":"Markt 1","city":"Kiel","country":"DEU","coordinates":{"latitude":"54.3","longitude":"10.1"},`+
		`"evse_uid":"E","evse_id":%q,"connector_id":"1","connector_standard":"IEC_62196_T2","connector_format":"SOCKET",`+
		`"connector_power_type":"AC_3_PHASE"},"currency":"EUR","charging_periods":[%s],"total_cost":%s,"total_energy":%d.%03d,"total_time":%d.%04d,"last_updated":%q}`,
		v.id, stamp(start), stamp(end), v.id, v.contract, token, point, strings.Join(periods, ","), cost, sum/1000, sum%1000,
		int(end.Sub(start)/time.Hour), int(end.Sub(start)%time.Hour)*10_000/int(time.Hour), stamp(end))
}

// price is the state of a charge with the price it has now.
func (h *matrixHouse) price(t *testing.T, id string) (string, jobs.ChargeTrail, jobs.PriceTrail) {
	t.Helper()
	state, trail := h.state(t, "DE/CPO/"+id)
	if len(trail.Prices) == 0 {
		return state, trail, jobs.PriceTrail{}
	}
	return state, trail, trail.Prices[len(trail.Prices)-1]
}

// costs demands prices in cents.
func (h *matrixHouse) costs(t *testing.T, want map[string]int64) {
	t.Helper()
	for id, cents := range want {
		state, _, p := h.price(t, id)
		if p.Total != cents || state != "accrued" && state != "billed" && state != "free" {
			t.Errorf("%s is %s at %d cents, want %d", id, state, p.Total, cents)
		}
	}
}

// unbilled demands what the books hold as unbilled, in cents.
func (h *matrixHouse) unbilled(t *testing.T, contract string, want int64) {
	t.Helper()
	got := h.number(t, `select coalesce(sum(minor), 0) from leg where account = 'memo:unbilled' and sub = '`+contract+`'`)
	if got != want {
		t.Errorf("%d cents of contract %s are unbilled, want %d", got, contract, want)
	}
}
