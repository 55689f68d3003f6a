package ocpi

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

func TestScratch(t *testing.T) {
	b, _ := os.ReadFile("/work/shared/ocpi/manifest.json")
	var m struct{ Vectors []map[string]any }
	json.Unmarshal(b, &m)
	for _, v := range m.Vectors {
		if v["cdr"] == nil {
			continue
		}
		cb, _ := os.ReadFile("/work/shared/ocpi/" + v["cdr"].(string))
		tb, _ := os.ReadFile("/work/shared/ocpi/" + v["tariff"].(string))
		c, err := ParseCDR(cb)
		if err != nil {
			t.Error(v["id"], err)
			continue
		}
		tr, err := ParseTariff(tb)
		if err != nil {
			t.Error(v["id"], err)
			continue
		}
		z, _ := time.LoadLocation(v["timezone"].(string))
		p, err := Price(c, []Tariff{tr}, Options{Zone: z})
		if err != nil {
			t.Error(v["id"], err)
			continue
		}
		j, _ := json.Marshal(p.View().Total)
		e, _ := json.Marshal(v["expected"])
		t.Log(v["id"], p.Version, string(j), "\n   want", string(e), p.Flags)
		for _, f := range p.Findings {
			t.Log("     ", f)
		}
	}
}
