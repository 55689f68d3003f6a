package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/pricelist"
	"wattdue/rating"
	"wattdue/rating/wire"
	"wattdue/sql/store"
)

// Explanation is how a price of a charge came about, with what is needed to make it again. It names contract and customer by
// their numbers only.
type Explanation struct {
	Charge   ident.ID      `json:"charge"`
	Record   string        `json:"record"`
	EVSE     string        `json:"evse"`
	State    string        `json:"state"`
	Contract string        `json:"contract"`
	Supply   calendar.Date `json:"supply_date"`
	Attempt  int           `json:"attempt"`
	Attempts []int         `json:"attempts"` // of which there is a price
	Run      string        `json:"run"`
	Zone     string        `json:"time_zone"` // of the charge point
	Price    wire.Price    `json:"price"`
	Replays  bool          `json:"replays"` // the trace gives the same price once more, to the byte
	Inputs   Inputs        `json:"inputs"`
}

// Inputs are what a price was made from, as files of wattdue rate.
type Inputs struct {
	Key     string          `json:"rating_key"` // of session, contract, tariff and rules together, hexadecimal
	Same    bool            `json:"same"`       // tariff and session below have that key: they give the same trace, to the byte
	Remark  string          `json:"remark,omitempty"`
	Tariff  string          `json:"tariff,omitempty"`  // price list
	Session json.RawMessage `json:"session,omitempty"` // with the contract and its counters
}

// Explain explains a price of a charge: that of an attempt, or with 0 the one that counts. what names one charge as for Trace.
func (e *Env) Explain(ctx context.Context, tenant store.Tenant, what string, attempt int) (Explanation, error) {
	trail, err := e.Trace(ctx, tenant, what)
	if err != nil {
		return Explanation{}, err
	}
	switch n := len(trail.Charges); {
	case n == 0:
		return Explanation{}, fmt.Errorf("%q names no charge; give a charge record as country/party/id, its id or a session id; those of an invoice "+
			"are listed by: wattdue trace %s", what, what)
	case n > 1:
		return Explanation{}, fmt.Errorf("%q names %d charges; give one as country/party/id", what, n)
	}
	c := trail.Charges[0]
	x := Explanation{
		Charge: c.ID, Record: c.Record, EVSE: c.EVSE, State: c.State, Contract: c.Contract, Attempts: []int{},
	}
	var chosen *PriceTrail
	for i := range c.Prices {
		p := &c.Prices[i]
		x.Attempts = append(x.Attempts, p.Attempt)
		if attempt == 0 || p.Attempt == attempt {
			chosen = p
		}
	}
	switch {
	case chosen == nil && len(c.Prices) == 0:
		return x, fmt.Errorf("charge %s has no price yet, it is %s; see: wattdue trace %s", c.Record, c.State, c.Record)
	case chosen == nil:
		return x, fmt.Errorf("charge %s has no price of attempt %d; there is one of %v", c.Record, attempt, x.Attempts)
	}
	x.Attempt, x.Run, x.Supply = chosen.Attempt, chosen.Run, chosen.SupplyDate
	return x, e.DB.InTx(ctx, func(tx *store.Tx) error { return e.explain(ctx, tx, tenant, &x, chosen.Trace) })
}

func (e *Env) explain(ctx context.Context, tx *store.Tx, tenant store.Tenant, x *Explanation, encoded []byte) error {
	c, err := tx.RatedCharge(ctx, tenant.ID, x.Charge, x.Attempt)
	if err != nil {
		return fmt.Errorf("charge %s: %w", x.Record, err)
	}
	trace, err := rating.DecodeTrace(encoded)
	if err != nil {
		return fmt.Errorf("charge %s: %w", x.Record, err)
	}
	rated, err := trace.Replay()
	if x.Replays = err == nil; !x.Replays { // by other rules: told as it stands
		rated = rating.Rated{
			Tariff: trace.Tariff, Version: trace.Version, Currency: trace.Currency, Mode: trace.Mode, Lines: trace.Lines, Total: trace.Total,
			Flags: trace.Flags(), Held: trace.Held, Trace: encoded,
		}
	}
	made, err := e.inputsBehind(ctx, tx, tenant, &c, &trace)
	if err != nil {
		return fmt.Errorf("charge %s: %w", x.Record, err)
	}
	x.Inputs, x.Zone = made.Inputs, made.place.TimeZone
	x.Price, err = wire.NewPrice(rated, wire.Of{
		Session: c.Country + "/" + c.Party + "/" + c.ID, Hash: made.hash, Rate: func(code string) (money.Fraction, bool) {
			_, rate, err := invoicing.TaxRate(made.place.Country, code, x.Supply)
			return rate, err == nil
		},
	})
	return err
}

// behind is what a price was made from.
type behind struct {
	Inputs

	place place
	hash  [32]byte // of the tariff
}

// inputsBehind puts together what a price was made from. Whether nothing has changed since, the key tells.
func (e *Env) inputsBehind(ctx context.Context, tx *store.Tx, tenant store.Tenant, c *store.RatedCharge, trace *rating.Trace) (behind, error) {
	b := behind{Inputs: Inputs{Key: fmt.Sprintf("%x", c.Key)}, place: place{TimeZone: time.UTC.String()}}
	contracts, err := tx.Contracts(ctx, tenant.ID, []string{c.Contract})
	if err != nil {
		return b, err
	}
	payer, ok := payerBehind(contracts, c.Contract, trace)
	var kept inputs
	switch {
	case c.Inputs != nil:
		if err := json.Unmarshal(c.Inputs, &kept); err != nil {
			return b, fmt.Errorf("stored inputs: %w", err)
		}
		b.place, payer.Groups = kept.Place, kept.Groups
	case c.Location == nil || c.Zone == nil:
		b.Remark = "the charge point is not registered any more, so its place is not known; the trace is what counts"
		return b, nil
	default:
		b.place = placeOf(&c.Verified)
	}
	version, err := e.published(ctx, tx, tenant.ID, c.Tariff, c.Version)
	if err != nil {
		return b, err
	}
	b.hash = version.compiled.Hash()
	if !ok {
		b.Remark = "the contract does not exist any more; the trace is what counts"
		return b, nil
	}
	return b, b.fill(c, version, payer)
}

// payerBehind is a contract with the counters of the month as a price met them.
func payerBehind(contracts map[string]customer.Contract, no string, trace *rating.Trace) (rating.Contract, bool) {
	contract, ok := contracts[no]
	payer := payerOf(contract)
	payer.Taken, payer.Allowances = trace.Counters()
	return payer, ok
}

// fill writes tariff and session as files.
func (b *behind) fill(c *store.RatedCharge, version *published, payer rating.Contract) error {
	zone, err := time.LoadLocation(b.place.TimeZone)
	if err != nil {
		return err
	}
	session, err := sessionOf(&c.Verified, b.place, zone, version.tariff)
	if err != nil {
		return err
	}
	tariff := version.tariff
	if version.at(c.Start) != version.compiled { // it priced beyond its end, while the next version waited for its notice
		tariff.ValidTo = time.Time{}
	}
	b.Tariff = string(pricelist.Write(tariff))
	if b.Session, err = wire.WriteSession(wire.Case{Session: session, Contract: payer}); err != nil {
		return err
	}
	if b.Same = b.gives(c.Key); !b.Same {
		b.Remark = "contract, charge point or rules have changed since the price was made; the trace is what counts"
	}
	return nil
}

// gives reports whether the files, as they are written, are what a rating of that key was made from.
func (b *behind) gives(key []byte) bool {
	tariff := CheckTariff(TariffFile{Data: []byte(b.Tariff)})
	c, faults := wire.ParseSession("", b.Session, wire.Lookups{TimeZone: time.LoadLocation})
	compiled, err := rating.Compile(tariff.Tariff)
	if err != nil || len(tariff.Faults)+len(faults) > 0 {
		return false
	}
	have := rating.ContentKey(c.Contract, compiled, c.Session)
	return bytes.Equal(have[:], key)
}
