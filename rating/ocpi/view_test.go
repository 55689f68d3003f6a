package ocpi

import (
	"encoding/json"
	"testing"
	"time"
)

// TestView: the form that scripts read. 20 kWh at 0.25 with 10 % and one euro whose tax nobody states.
func TestView(t *testing.T) {
	c := record(t, `"start_date_time":"2025-06-03T10:00:00Z","stop_date_time":"2025-06-03T11:00:00Z","total_cost":6.01,`, "10:00 ENERGY 20")
	p := mustPrice(t, c, Options{Zone: time.UTC}, tariff(t, "", element(`"end_time":"11:00"`, "ENERGY 0.25 vat 10"), element("", "FLAT 1")))
	got, err := json.Marshal(p.View())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"C","ocpi_version":"2.1.1","currency":"EUR",` +
		`"total":{"excl_vat":"6.00","incl_vat":null,"exact":{"excl_vat":"6.000000","incl_vat":null}},` +
		`"fixed":{"excl_vat":"1.0000","incl_vat":null,"exact":{"excl_vat":"1.000000","incl_vat":null}},` +
		`"energy":{"excl_vat":"5.0000","incl_vat":"5.5000","exact":{"excl_vat":"5.000000","incl_vat":"5.500000"}},` +
		`"time":{"excl_vat":"0.0000","incl_vat":"0.0000","exact":{"excl_vat":"0.000000","incl_vat":"0.000000"}},` +
		`"parking":{"excl_vat":"0.0000","incl_vat":"0.0000","exact":{"excl_vat":"0.000000","incl_vat":"0.000000"}},` +
		`"reservation":{"excl_vat":"0.0000","incl_vat":"0.0000","exact":{"excl_vat":"0.000000","incl_vat":"0.000000"}},` +
		`"stated":{"excl_vat":"6.010000","incl_vat":null},"difference":{"excl_vat":"-0.010000","incl_vat":null},` +
		`"lines":[{"tariff":"T","element":1,"dimension":"ENERGY","measured":"20.000 kWh","billed":"20.000 kWh","unit_price":"0.25","vat_percent":"10",` +
		`"amount":{"excl_vat":"5.000000","incl_vat":"5.500000"}},` +
		`{"tariff":"T","element":2,"dimension":"FLAT","measured":"1","billed":"1","unit_price":"1.00","vat_percent":null,` +
		`"amount":{"excl_vat":"1.000000","incl_vat":null}}],` +
		`"flags":["VAT_UNKNOWN","TOTAL_MISMATCH"],` +
		`"findings":[{"flag":"VAT_UNKNOWN","field":"price_components.vat","text":"no tax is stated; that side of the total stays unknown"},` +
		`{"flag":"TOTAL_MISMATCH","field":"total_cost, before tax","text":"states 6.01, the tariff gives 6.00: a difference of -0.01"}],` +
		`"trace":[{"start":"2025-06-03T10:00:00Z","end":"2025-06-03T11:00:00Z","tariff":"T",` +
		`"choices":[{"dimension":"ENERGY","element":1},{"dimension":"FLAT","element":2}]}]}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
