package masterdata

import (
	"encoding/hex"
	"errors"

	"wattdue/meter"
)

// mostWatts is more than any charge point delivers: 10 MW.
const mostWatts = 10_000_000

func (p *parser) evse(r *record) {
	e := EVSE{ID: r.checked("id", isEVSEID, wantEVSE), Country: r.checked("country", isCountry, wantCountry)}
	e.Zone, _ = r.zone("zone")
	e.Power, e.Commissioned, e.MaxWatts = r.power("power"), r.dateOr("commissioned_on"), r.wholeOr("max_watts", 1, mostWatts)
	e.Operator = r.textOr("operator")
	place := r.part("location")
	e.LocationID, e.LocationName, e.City = place.checked("id", isRecordNumber, wantNumber), place.text("name"), place.text("city")
	e.PricingZone = place.textOr("pricing_zone")
	place.close()
	for _, m := range r.parts("meters") {
		k := MeterKey{MeterID: m.text("id"), SPKI: m.key("public_key", "curve")}
		k.From, k.Until = m.span(true)
		m.close()
		e.Keys = append(e.Keys, k)
	}
	p.file.EVSEs = append(p.file.EVSEs, e)
}

// key reads a public key in any form package meter reads, and returns its SPKI in DER. The curve is needed only where the
// key does not name it.
func (r *record) key(name, curveName string) []byte {
	curve := r.textOr(curveName)
	const want = "a public key as base64, hexadecimal or PEM of a SubjectPublicKeyInfo"
	m, ok := r.need(name, isText, want)
	if !ok {
		return nil
	}
	k, err := meter.ParseKey(m.value.text, curve)
	if err != nil {
		r.wrongf(m, "cannot be used (%s); want %s", keyFault(err), want)
		return nil
	}
	der, err := hex.DecodeString(k.SPKI)
	if err != nil {
		r.wrongf(m, "cannot be used; want %s", want)
		return nil
	}
	return der
}

// keyFault is the code of what is wrong with a key.
func keyFault(err error) string {
	var faults meter.Faults
	if errors.As(err, &faults) && len(faults) > 0 {
		return faults[0].Code
	}
	return "unreadable"
}

func (p *parser) schedule(r *record) {
	s := Schedule{Job: r.checked("job", isJobName, wantJob), Spec: r.text("spec")}
	s.Zone, _ = r.zoneOr("zone")
	p.file.Schedules = append(p.file.Schedules, s)
}
