package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/money"
	"wattdue/rating"
	"wattdue/rating/ocpi"
)

// ocpiVector is one vector of the manifest: a record and a tariff with the price they have, or samples with the periods
// they make.
type ocpiVector struct {
	ID       string
	Kind     string
	Version  ocpi.Version `json:"ocpi_version"`
	CDR      string
	Tariff   string
	Samples  string
	Timezone string
	Expected map[string]json.RawMessage
	MustFlag []string `json:"must_flag"`
}

// ocpiVectors reads the manifest.
func ocpiVectors(t *testing.T) []ocpiVector {
	t.Helper()
	var manifest struct{ Vectors []ocpiVector }
	if err := json.Unmarshal(read(t, published(t, "ocpi", "manifest.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest.Vectors) < 33 {
		t.Fatalf("%d vectors; there were 33", len(manifest.Vectors))
	}
	return manifest.Vectors
}

// TestOCPIPrices prices every published record by its tariff: each dimension and the total must agree to the last digit,
// before tax and with it, and what the manifest wants flagged must be.
func TestOCPIPrices(t *testing.T) {
	seen := 0
	for _, v := range ocpiVectors(t) {
		if v.Kind == "segmentation" {
			continue
		}
		seen++
		t.Run(v.ID, func(t *testing.T) {
			p := priceVector(t, v, ocpi.AsGiven)
			if p.Version != v.Version {
				t.Errorf("taken for version %s, is %s", p.Version, v.Version)
			}
			compareVector(t, v, p.View())
			checkVectorFlags(t, v, p)
		})
	}
	if seen != 29 {
		t.Errorf("%d records; there were 29", seen)
	}
}

func priceVector(t *testing.T, v ocpiVector, way ocpi.Extensions) ocpi.Priced {
	t.Helper()
	c, err := ocpi.ParseCDR(read(t, published(t, "ocpi", v.CDR)))
	if err != nil {
		t.Fatal(err)
	}
	tariff, err := ocpi.ParseTariff(read(t, published(t, "ocpi", v.Tariff)))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(v.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ocpi.Price(c, []ocpi.Tariff{tariff}, ocpi.Options{Zone: zone, Extensions: way})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// compareVector holds every member the manifest expects against the view; one that nothing compares is an error.
func compareVector(t *testing.T, v ocpiVector, view ocpi.View) {
	t.Helper()
	got := map[string]any{
		"total": view.Total.SidesView, "total_exact": view.Total.Exact, "fixed": view.Fixed.SidesView, "energy": view.Energy.SidesView,
		"time": view.Time.SidesView, "parking": view.Parking.SidesView, "reservation": view.Reservation.SidesView, "limit_applied": view.Limit,
	}
	if len(v.Expected) == 0 {
		t.Error("the manifest expects nothing")
	}
	for name, want := range v.Expected {
		value, known := got[name]
		if !known {
			t.Errorf("nothing compares %s", name)
			continue
		}
		text, err := json.Marshal(value)
		var compact bytes.Buffer
		if err != nil || json.Compact(&compact, want) != nil {
			t.Fatal(err)
		}
		if string(text) != compact.String() {
			t.Errorf("%s: got %s, want %s", name, text, compact.String())
		}
	}
	// A dimension the manifest does not name has no price: the total is already the sum of the others.
	if _, all := v.Expected["total_exact"]; all && view.Limit == "" {
		for _, name := range []string{"fixed", "energy", "time", "parking", "reservation"} {
			sides := got[name].(ocpi.SidesView)
			if _, expected := v.Expected[name]; !expected && (sides.ExclVAT == nil || *sides.ExclVAT != "0.0000") {
				t.Errorf("%s costs something the manifest does not know", name)
			}
		}
	}
}

// checkVectorFlags: the manifest writes flags in lower case, a mismatch with its amount. Extensions and malformed records
// must be flagged; plain ones must not be taken for either.
func checkVectorFlags(t *testing.T, v ocpiVector, p ocpi.Priced) {
	t.Helper()
	for _, name := range v.MustFlag {
		name, amount, mismatch := strings.Cut(name, "mismatch_")
		if mismatch {
			name += "mismatch"
			unit := money.Exact(money.ExactUnit / 100)
			rounded := func(s ocpi.Sum) int64 { return s.Exact.In(unit, money.HalfAway) }
			if got := money.FormatMinor(rounded(p.Total.ExclVAT)-rounded(p.Stated.ExclVAT), 2); got != amount {
				t.Errorf("differs from the stated total by %s, want %s", got, amount)
			}
		}
		if flag := rating.Flag(strings.ToUpper(name)); !slices.Contains(p.Flags, flag) {
			t.Errorf("flags %v lack %s", p.Flags, flag)
		}
	}
	if got := slices.Contains(p.Flags, rating.UnknownComponent); got != (v.Kind == "extension") {
		t.Errorf("a record of kind %s, flagged %v", v.Kind, p.Flags)
	}
	if got := slices.Contains(p.Flags, rating.PeriodsOutOfOrder); got != (v.Kind == "malformed") {
		t.Errorf("a record of kind %s, flagged %v", v.Kind, p.Flags)
	}
	if unknown := !p.Total.InclVAT.Known; unknown != slices.Contains(p.Flags, rating.VATUnknown) {
		t.Errorf("the tax is unknown: %v; flags %v", unknown, p.Flags)
	}
}

// TestOCPIExtension leaves the extension of its vector out: the price is then 5.90, the difference of 0.01 is reported and
// within the tolerance.
func TestOCPIExtension(t *testing.T) {
	for _, v := range ocpiVectors(t) {
		if v.Kind != "extension" {
			continue
		}
		p := priceVector(t, v, ocpi.Standard)
		if got := *p.View().Total.ExclVAT; got != "5.90" {
			t.Errorf("%s: %s, want 5.90", v.ID, got)
		}
		if !slices.Contains(p.Flags, rating.TotalMismatch) || !slices.Contains(p.Flags, rating.UnknownComponent) {
			t.Errorf("%s: flags %v", v.ID, p.Flags)
		}
		c, err := ocpi.Compare(p.Stated, p.Total, ocpi.Amount{}, ocpi.DefaultTolerance)
		if err != nil || c.Dispute || c.Difference.ExclVAT.Text(3) != "-0.006" {
			t.Errorf("%s: dispute %v, difference %s, error %v", v.ID, c.Dispute, c.Difference.ExclVAT.Text(3), err)
		}
		return
	}
	t.Error("no vector has an extension")
}

// TestOCPISamples prices the published samples of records by the tariffs inside them: they come to what they state. The
// credit among them is not priced, but reverses its original.
func TestOCPISamples(t *testing.T) {
	cdrs := map[string]ocpi.CDR{}
	for _, s := range samples(t) {
		if !strings.HasPrefix(s.file, "ocpi-") {
			continue
		}
		c, err := ocpi.ParseCDR(read(t, published(t, "cdr-samples", s.file)))
		if err != nil {
			t.Errorf("%s: %v", s.file, err)
			continue
		}
		if want := ocpi.Version(s.file[len("ocpi-") : len("ocpi-")+len("2.2.1")]); c.Version != want {
			t.Errorf("%s: taken for version %s", s.file, c.Version)
		}
		cdrs[s.file] = c
		p, err := ocpi.Price(c, nil, ocpi.Options{Zone: time.UTC}) // the zone in which the one with times of day was made
		if c.Credit || len(c.Tariffs) == 0 {
			if err == nil {
				t.Errorf("%s: priced without a tariff, or although it is a credit", s.file)
			}
			continue
		}
		if err != nil || slices.Contains(p.Flags, rating.TotalMismatch) || !p.Stated.ExclVAT.Known {
			t.Errorf("%s: %v, %v", s.file, err, p.Findings)
		}
	}
	if len(cdrs) != 10 {
		t.Errorf("%d samples; there were 10", len(cdrs))
	}
	credit, original := cdrs["ocpi-2.2.1-credit.json"], cdrs["ocpi-2.2.1-original.json"]
	if d := ocpi.DecideCredit(credit, &ocpi.Original{CDR: original, Priced: true}); !d.Reverse || len(d.Findings) > 0 {
		t.Errorf("the credit: %+v", d)
	}
	if d := ocpi.DecideCredit(credit, nil); d.Reverse || d.Reason != ocpi.UnknownReference {
		t.Errorf("the credit before its original: %+v", d)
	}
}

// TestOCPIPeriods makes the periods of every published session that was sampled.
func TestOCPIPeriods(t *testing.T) {
	seen := 0
	for _, v := range ocpiVectors(t) {
		if v.Kind != "segmentation" {
			continue
		}
		seen++
		t.Run(v.ID, func(t *testing.T) {
			tariff, metered := readSamples(t, v)
			list, err := ocpi.Segment(tariff, metered)
			if err != nil {
				t.Fatal(err)
			}
			var want []struct {
				Start      time.Time
				Dimensions []struct {
					Type   string
					Volume json.Number
				}
			}
			if err := json.Unmarshal(v.Expected["periods"], &want); err != nil || len(v.Expected) != 1 {
				t.Fatalf("%v; expected %v", err, v.Expected)
			}
			var expected []string
			for _, p := range want {
				text := p.Start.Format(time.RFC3339)
				for _, d := range p.Dimensions {
					text += fmt.Sprintf(" %s %s", d.Type, d.Volume)
				}
				expected = append(expected, text)
			}
			if got := shownPeriods(list); !slices.Equal(got, expected) {
				t.Errorf("got  %q\nwant %q", got, expected)
			}
		})
	}
	if seen != 4 {
		t.Errorf("%d sampled sessions; there were 4", seen)
	}
}

// shownPeriods prints periods as the manifest has them: volumes in kWh and hours without zeros at the end.
func shownPeriods(list []ocpi.Period) []string {
	number := func(millionths int64) string {
		return strings.TrimSuffix(strings.TrimRight(money.FormatMinor(millionths, 6), "0"), ".")
	}
	var out []string
	for _, p := range list {
		text := p.Start.UTC().Format(time.RFC3339)
		for _, d := range []struct {
			has  ocpi.Dimensions
			name string
			v    int64
		}{
			{ocpi.HasEnergy, "ENERGY", int64(p.Energy)},
			{ocpi.HasTime, "TIME", int64(p.Charging/time.Second) * 1_000_000 / 3600},
			{ocpi.HasParking, "PARKING_TIME", int64(p.Parking/time.Second) * 1_000_000 / 3600},
		} {
			if p.Has&d.has != 0 {
				text += " " + d.name + " " + number(d.v)
			}
		}
		out = append(out, text)
	}
	return out
}

// readSamples reads a sampled session. Its tariff is that of OCPI but for the names of two restrictions, and has no prices.
func readSamples(t *testing.T, v ocpiVector) (ocpi.Tariff, ocpi.Metered) {
	t.Helper()
	type sample struct {
		At  time.Time
		KWh json.Number `json:"total_kwh"`
		A   json.Number `json:"current_a"`
		KW  json.Number `json:"power_kw"`
	}
	var file struct {
		Start   time.Time `json:"start_utc"`
		End     time.Time `json:"end_utc"`
		Tariff  json.RawMessage
		Meter   []sample `json:"meter_samples"`
		Current []sample `json:"current_samples"`
		Power   []sample `json:"power_samples"`
	}
	if err := json.Unmarshal(read(t, published(t, "ocpi", v.Samples)), &file); err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(`"max_current_a"`, `"max_current"`, `"max_power_kw"`, `"max_power"`).Replace(string(file.Tariff))
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(text)); err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(compact.String(), `{"type":`, `{"price":1,"type":`)
	tariff, err := ocpi.ParseTariff([]byte(`{"id":"sampled","currency":"EUR",` + text[1:]))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(v.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	m := ocpi.Metered{Start: file.Start, End: file.End, Zone: zone}
	for _, list := range []struct {
		from  []sample
		to    *[]ocpi.Sample
		value func(sample) json.Number
	}{
		{file.Meter, &m.Energy, func(s sample) json.Number { return s.KWh }},
		{file.Current, &m.Current, func(s sample) json.Number { return s.A }},
		{file.Power, &m.Power, func(s sample) json.Number { return s.KW }},
	} {
		for _, s := range list.from {
			*list.to = append(*list.to, ocpi.Sample{At: s.At, Micro: millionths(t, list.value(s))})
		}
	}
	return tariff, m
}

// millionths are those of a decimal with at most six digits after the point.
func millionths(t *testing.T, n json.Number) int64 {
	t.Helper()
	whole, fraction, _ := strings.Cut(n.String(), ".")
	v, err := json.Number(whole + (fraction + "000000")[:6]).Int64()
	if err != nil || len(fraction) > 6 {
		t.Fatalf("%s: %v", n, err)
	}
	return v
}
