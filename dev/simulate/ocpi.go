package simulate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/dev/signer"
	"wattdue/money"
)

// The parts of an OCPI 2.2.1 CDR object (module CDRs, 10.3). Numbers are decimal text.
type (
	ocpiCDR struct {
		Country     string       `json:"country_code"`
		Party       string       `json:"party_id"`
		ID          string       `json:"id"`
		Start       string       `json:"start_date_time"`
		End         string       `json:"end_date_time"`
		SessionID   string       `json:"session_id"`
		Token       ocpiToken    `json:"cdr_token"`
		AuthMethod  string       `json:"auth_method"`
		AuthRef     string       `json:"authorization_reference,omitempty"`
		Location    ocpiLocation `json:"cdr_location"`
		MeterID     string       `json:"meter_id"`
		Currency    string       `json:"currency"`
		Tariffs     []ocpiTariff `json:"tariffs"`
		Periods     []ocpiPeriod `json:"charging_periods"`
		Signed      ocpiSigned   `json:"signed_data"`
		Cost        ocpiPrice    `json:"total_cost"`
		Energy      json.Number  `json:"total_energy"`
		EnergyCost  ocpiPrice    `json:"total_energy_cost"`
		Time        json.Number  `json:"total_time"`
		Parking     json.Number  `json:"total_parking_time,omitempty"`
		LastUpdated string       `json:"last_updated"`
	}
	ocpiToken struct {
		Country    string `json:"country_code"`
		Party      string `json:"party_id"`
		UID        string `json:"uid"`
		Type       string `json:"type"`
		ContractID string `json:"contract_id"`
	}
	ocpiLocation struct {
		ID          string          `json:"id"`
		Name        string          `json:"name"`
		Address     string          `json:"address"`
		City        string          `json:"city"`
		PostalCode  string          `json:"postal_code"`
		Country     string          `json:"country"`
		Coordinates ocpiCoordinates `json:"coordinates"`
		EVSEUID     string          `json:"evse_uid"`
		EVSEID      string          `json:"evse_id"`
		Connector   string          `json:"connector_id"`
		Standard    string          `json:"connector_standard"`
		Format      string          `json:"connector_format"`
		PowerType   string          `json:"connector_power_type"`
	}
	ocpiCoordinates struct {
		Latitude  string `json:"latitude"`
		Longitude string `json:"longitude"`
	}
	ocpiTariff struct {
		Country     string        `json:"country_code"`
		Party       string        `json:"party_id"`
		ID          string        `json:"id"`
		Currency    string        `json:"currency"`
		Elements    []ocpiElement `json:"elements"`
		LastUpdated string        `json:"last_updated"`
	}
	ocpiElement struct {
		Components []ocpiComponent `json:"price_components"`
	}
	ocpiComponent struct {
		Type  string      `json:"type"`
		Price json.Number `json:"price"`
		VAT   json.Number `json:"vat"`
		Step  json.Number `json:"step_size"`
	}
	ocpiPeriod struct {
		Start      string          `json:"start_date_time"`
		Dimensions []ocpiDimension `json:"dimensions"`
		TariffID   string          `json:"tariff_id"`
	}
	ocpiDimension struct {
		Type   string      `json:"type"`
		Volume json.Number `json:"volume"`
	}
	ocpiSigned struct {
		Method    string      `json:"encoding_method"`
		Version   json.Number `json:"encoding_method_version"`
		PublicKey string      `json:"public_key"`
		Values    []ocpiValue `json:"signed_values"`
	}
	ocpiValue struct {
		Nature string `json:"nature"`
		Plain  string `json:"plain_data"`
		Signed string `json:"signed_data"`
	}
	ocpiPrice struct {
		Excl json.Number `json:"excl_vat"`
		Incl json.Number `json:"incl_vat"`
	}
)

// recordID is the CDR's id within its CPO.
func (w *World) recordID(s *Session) string {
	day := s.Start.In(w.zone).Format("060102")
	return fmt.Sprintf("%s-CDR-%s-%06d", w.location(w.evse(s)).CPO, day, s.Number)
}

// encode returns the compact OCPI record of a session as its CPO reports it first.
func (w *World) encode(s *Session) ([]byte, error) {
	r, err := w.newCDR(s)
	if err != nil {
		return nil, err
	}
	return json.Marshal(r)
}

func (w *World) newCDR(s *Session) (ocpiCDR, error) {
	e := w.evse(s)
	l := w.location(e)
	token, emaid := w.statedToken(s)
	final := s.statedFinal()
	signed, err := w.sign(s, e, token, final)
	if err != nil {
		return ocpiCDR{}, err
	}
	tariff := wholesaleTariff(l)
	cost := netPrice(wholesaleCost(s, l))
	r := ocpiCDR{
		Country: "DE", Party: l.CPO, ID: w.recordID(s), SessionID: fmt.Sprintf("%s-S-%06d", l.CPO, s.Number),
		Start: ocpiTime(s.Start), End: ocpiTime(s.End),
		Token:      ocpiToken{w.Tenant.Country, w.Tenant.Party, token.UID, "RFID", emaid},
		AuthMethod: "WHITELIST",
		Location:   newOCPILocation(l, e), MeterID: w.meterOf(s).MeterID,
		Currency: "EUR", Tariffs: []ocpiTariff{tariff}, Periods: w.periods(s, tariff.ID, final-s.Begin),
		Signed: newOCPISigned(signed),
		Cost:   cost, EnergyCost: cost,
		Energy: json.Number((final - s.Begin).KWh()), Time: hours(s.End.Sub(s.Start)),
		LastUpdated: ocpiTime(s.reported()),
	}
	if isApp(token.UID) {
		r.Token.Type, r.AuthMethod, r.AuthRef = "APP_USER", "AUTH_REQUEST", fmt.Sprintf("NLM-A-%07d", s.Number)
	}
	if s.Idle() > 0 {
		r.Parking = hours(s.Idle())
	}
	return r, nil
}

// statedToken returns token and contract id as the record names them. Those of UnknownToken were never issued:
// no uid of ours ends in a number as high.
func (w *World) statedToken(s *Session) (customer.Token, string) {
	if s.Fault == UnknownToken {
		return customer.Token{UID: fmt.Sprintf("04%06X%06X", 0xA0_00_00+s.Number%0xFFFF, 0xF0_00_00+s.Number%0xFFFF)},
			fmt.Sprintf("DE-NLM-C%08d", 99_000_000+s.Number%1_000_000)
	}
	return w.Tokens[s.Token], w.Contracts[s.Contract].EMAID
}

// statedFinal returns the end reading as the record states it: an eighth of the energy is gone when it was tampered
// with.
func (s *Session) statedFinal() cdr.MicroKWh {
	if s.Fault != Tampered {
		return s.Final
	}
	missing := s.wh / 8
	return s.Final - cdr.MicroKWh(missing*1000)
}

// reported is when the CPO wrote the record, some minutes after the end.
func (s *Session) reported() time.Time {
	return s.End.Add(time.Duration(60+s.Number%240) * time.Second)
}

func newOCPILocation(l *Location, e *EVSE) ocpiLocation {
	o := ocpiLocation{
		ID: l.ID, Name: l.Name, Address: l.Street, City: l.City, PostalCode: l.PostalCode, Country: l.Country,
		Coordinates: ocpiCoordinates{l.Latitude, l.Longitude}, EVSEUID: e.UID, EVSEID: e.ID, Connector: "1",
		Standard: "IEC_62196_T2", Format: "SOCKET", PowerType: e.PowerType,
	}
	if l.fast {
		o.Standard, o.Format = "IEC_62196_T2_COMBO", "CABLE"
	}
	return o
}

func newOCPISigned(signed signer.Signed) ocpiSigned {
	o := ocpiSigned{Method: signed.Method, Version: "1", PublicKey: signed.PublicKey}
	for _, v := range signed.Values {
		o.Values = append(o.Values, ocpiValue{v.Nature, v.Plain, base64.StdEncoding.EncodeToString(v.Data)})
	}
	return o
}

// periods cuts the charging time into stretches of two hours and more, with equal shares of time and energy, and
// adds the idle time as a period of its own. The shares add up to the energy.
func (w *World) periods(s *Session, tariff string, energy cdr.MicroKWh) []ocpiPeriod {
	grains := int64(s.Charging() / grain)
	parts := min(1+int64(s.Charging()/(2*time.Hour)), 4)
	wh := int64(energy / 1000)
	var list []ocpiPeriod
	for i := range parts {
		from, to := grains*i/parts, grains*(i+1)/parts
		share := wh*(i+1)/parts - wh*i/parts
		list = append(list, ocpiPeriod{ocpiTime(s.Start.Add(grain * time.Duration(from))), []ocpiDimension{
			{"ENERGY", json.Number(cdr.MicroKWh(share * 1000).KWh())},
			{"TIME", hours(grain * time.Duration(to-from))},
		}, tariff})
	}
	if s.Number%4 == 0 {
		list[0].Dimensions = append(list[0].Dimensions, ocpiDimension{"MAX_CURRENT", "32"})
	}
	if s.Idle() > 0 {
		list = append(list, ocpiPeriod{ocpiTime(s.ChargeEnd), []ocpiDimension{{"PARKING_TIME", hours(s.Idle())}}, tariff})
	}
	return list
}

// hours writes a duration of whole grains with the four decimals OCPI numbers have; that is exact.
func hours(d time.Duration) json.Number {
	return json.Number(money.FormatMinor(int64(d/grain)*25, 4))
}

func ocpiTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
