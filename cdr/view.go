package cdr

import "time"

// RecordView is a record as it is shown to people and scripts in JSON. Its member names are stable. Energy is
// decimal text in kWh, times are RFC 3339 in UTC, durations whole seconds.
type RecordView struct {
	Ordinal         int          `json:"ordinal"`
	Line            int          `json:"line"`
	Country         string       `json:"country"`
	Party           string       `json:"party"`
	ID              string       `json:"id"`
	SessionID       string       `json:"session_id,omitempty"`
	Start           time.Time    `json:"start"`
	End             time.Time    `json:"end"`
	EnergyKWh       string       `json:"energy_kwh"`
	DurationSeconds int64        `json:"duration_s"`
	ParkingSeconds  int64        `json:"parking_s"`
	Currency        string       `json:"currency"`
	StatedExcl      string       `json:"stated_excl_vat,omitempty"`
	StatedIncl      string       `json:"stated_incl_vat,omitempty"`
	Token           TokenView    `json:"token"`
	AuthRef         string       `json:"authorization_reference,omitempty"`
	Location        LocationView `json:"location"`
	Periods         []PeriodView `json:"periods"`
	Signed          *SignedData  `json:"signed,omitempty"`
	Credit          bool         `json:"credit,omitempty"`
	CreditRef       string       `json:"credit_reference_id,omitempty"`
	LastUpdated     time.Time    `json:"last_updated,omitzero"`
}

// TokenView is the token of a RecordView.
type TokenView struct {
	UID        string `json:"uid"`
	Type       string `json:"type"`
	ContractID string `json:"contract_id"`
}

// LocationView is the place of a RecordView.
type LocationView struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name,omitempty"`
	Street     string `json:"street,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	City       string `json:"city,omitempty"`
	Country    string `json:"country"`
	EVSEUID    string `json:"evse_uid,omitempty"`
	EVSEID     string `json:"evse_id,omitempty"`
	Connector  string `json:"connector,omitempty"`
	PowerType  string `json:"power_type,omitempty"`
}

// PeriodView is one period of a RecordView. What the sender did not state is absent.
type PeriodView struct {
	Start           time.Time `json:"start"`
	EnergyKWh       string    `json:"energy_kwh,omitempty"`
	ChargingSeconds *int64    `json:"charging_s,omitempty"`
	ParkingSeconds  *int64    `json:"parking_s,omitempty"`
}

// View returns the record for display.
func View(r Record) RecordView {
	v := RecordView{
		Ordinal: r.Origin.Ordinal, Line: r.Origin.Line,
		Country: r.Country, Party: r.Party, ID: r.ID, SessionID: r.SessionID,
		Start: r.Start.UTC(), End: r.End.UTC(),
		EnergyKWh: r.Energy.KWh(), DurationSeconds: seconds(r.Duration), ParkingSeconds: seconds(r.Parking),
		Currency: string(r.Currency), StatedExcl: r.StatedExcl, StatedIncl: r.StatedIncl,
		Token: TokenView(r.Token), AuthRef: r.AuthRef, Location: LocationView(r.Location),
		Periods: make([]PeriodView, len(r.Periods)),
		Signed:  r.Signed, Credit: r.Credit, CreditRef: r.CreditRef, LastUpdated: r.LastUpdated,
	}
	for i, p := range r.Periods {
		v.Periods[i] = periodView(p)
	}
	return v
}

func periodView(p Period) PeriodView {
	v := PeriodView{Start: p.Start.UTC()}
	if p.Has&HasEnergy != 0 {
		v.EnergyKWh = p.Energy.KWh()
	}
	if p.Has&HasCharging != 0 {
		s := seconds(p.Charging)
		v.ChargingSeconds = &s
	}
	if p.Has&HasParking != 0 {
		s := seconds(p.Parking)
		v.ParkingSeconds = &s
	}
	return v
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// RejectView is a reject as it is shown to people and scripts in JSON. It leaves out the bytes, which may hold
// personal data, and says how many there are.
type RejectView struct {
	Ordinal int    `json:"ordinal"`
	Line    int    `json:"line"`
	ID      string `json:"id,omitempty"`
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`
	Detail  string `json:"detail"`
	Bytes   int64  `json:"bytes"`
}

// ViewReject returns the reject for display.
func ViewReject(r *Reject) RejectView {
	return RejectView{r.Origin.Ordinal, r.Origin.Line, r.ID, r.Code, r.Field, r.Detail, r.Origin.Length}
}
