package meter

import (
	"fmt"
	"strings"
	"time"
)

// A display shows the readable part of a snapshot, and none of that is signed. Each field there must say what the
// signed field says.

// compare reports every readable field that says something else than the signature covers. A field that is left out
// says nothing, except where leaving it out means a default.
func (d *bsmDecoder) compare() {
	d.compareShown()
	d.compareText("measurementId", d.m.Page.Text, "measurementId")
	d.compareText("meterInfo.meterId", d.m.Meter, "meterInfo", "meterId")
	d.compareTime()
	d.compareContract()
	for _, item := range d.value.at("additionalValues").items {
		d.compareName(item.at("measurand", "name").text, item)
	}
}

func (d *bsmDecoder) differs(field string) { d.m.note("outer-differs", field) }

// compareText compares a field with its signed text.
func (d *bsmDecoder) compareText(field, signed string, path ...string) {
	if n := d.value.at(path...); n.isThere() && textOf(n) != signed {
		d.differs(field)
	}
}

// compareShown compares the value that is shown as that of the meter. It names the signed field it repeats.
func (d *bsmDecoder) compareShown() {
	shown := d.value.at("value")
	if !shown.isThere() {
		return
	}
	name := shown.at("measurand", "name").text
	signed, known := d.numbers[name]
	if !known {
		d.differs("value.measurand")
		return
	}
	d.compareName(name, shown)
	for _, f := range bsmFields {
		if f.name != name {
			continue
		}
		n, ok := f.number(shown.at("measuredValue"))
		switch {
		case !ok || n.value != signed.value:
			d.differs("value.measuredValue.value")
		case n.scale != signed.scale:
			d.differs("value.measuredValue.scale")
		case n.unit != signed.unit:
			d.differs("value.measuredValue.unitEncoded")
		}
	}
}

// compareName compares the readable names beside a number: the register, and the unit of energy.
func (d *bsmDecoder) compareName(name string, item node) {
	id, known := item.at("measurand", "id"), bsmRegisters[name]
	if known != "" && id.isThere() && textOf(id) != known {
		d.differs(name + " measurand.id")
	}
	unit := item.at("measuredValue", "unit")
	if n, ok := d.numbers[name]; ok && unit.isThere() && (textOf(unit) == "WATT_HOUR") != (n.unit == dlmsWattHour) {
		d.differs(name + " unit")
	}
}

// compareTime compares the readable time with the signed second and zone.
func (d *bsmDecoder) compareTime() {
	shown := d.value.at("time")
	if !shown.isThere() {
		return
	}
	e := &d.m.Entries[0]
	t, err := time.Parse(time.RFC3339, textOf(shown))
	if err != nil {
		d.differs("time")
		return
	}
	if _, zone := t.Zone(); !t.Equal(e.Time) || zone != e.Zone {
		d.differs(fmt.Sprintf("time %s, signed %s", t.UTC().Format(time.RFC3339), e.Time.Format(time.RFC3339)))
	}
}

// compareContract compares user and type with the signed line, where there is one. The id is personal data and not
// repeated.
func (d *bsmDecoder) compareContract() {
	id, kind, signed := d.value.at("contract", "id"), d.value.at("contract", "type"), d.m.User
	if signed.ID == "" {
		return
	}
	if id.isThere() && textOf(id) != signed.ID {
		d.differs("contract.id")
	}
	shown := textOf(kind)
	if known := bsmUserKinds[strings.ToLower(shown)]; known != "" {
		shown = known
	}
	if kind.isThere() && signed.Kind != "" && shown != signed.Kind {
		d.differs("contract.type")
	}
}
