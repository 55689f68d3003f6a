package signer

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"wattdue/cdr"
)

// writeChargePoint writes a tar with a receipt, its signature and the key of the outlet.
func writeChargePoint(p *pen, s *Session) ([]Value, error) {
	if s.ClockLost || s.Broken {
		return nil, errFault
	}
	receipt, err := s.receipt()
	if err != nil {
		return nil, err
	}
	signature := p.sign(receipt).DER()
	name := strings.ReplaceAll(s.Gateway, ":", "") + "_1.pem"
	data, err := archive([]file{
		{"secrrct", receipt},
		{"secrrct.sign", signature},
		{name, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: p.key.spki})},
	})
	if err != nil {
		return nil, err
	}
	return []Value{binaryValue("CHARGEPOINT", "End", data)}, nil
}

// receipt is the signed text. Prices are none of the meter's business and zero.
func (s *Session) receipt() ([]byte, error) {
	begin, err := s.Begin.units(1000)
	if err != nil {
		return nil, err
	}
	end, err := s.End.units(1000)
	if err != nil || end < begin {
		return nil, errEnergy
	}
	local := func(t time.Time) int64 {
		_, offset := t.In(s.Zone).Zone()
		return t.Unix() + int64(offset)
	}
	seconds := int64(s.End.At.Sub(s.Begin.At) / time.Second)
	kWh := cdr.MicroKWh((end - begin) * 1000).KWh()
	return fmt.Appendf(nil, `{"company_name":%s,"display_unit":3600,"energy":[{"active_charging":1,"duration":%d,`+
		`"end_time":%d,"end_time_utc":%d,"line_item_cost":0,"seq_num":1,"start_time":%d,"start_time_utc":%d,"type":"ENERGY",`+
		`"unit_price":"0.00","units":%s},{"duration":%d,"energy_subtotal":0,"seq_num":"SUBTOTAL","type":"ENERGY","units":%s}],`+
		`"minMaxAdj":[],"subtotal":0,"totalAmount":0,"additional_info":{"outlet":1,"session_id":%d,"station_mac":%s,`+
		`"driver_info":%s,"meter_serial":%s,"currency_code":"EUR","meter_startreading":%d,"meter_endreading":%d,`+
		`"energy_units":"Wh"}}`,
		quote(s.Vendor), seconds, local(s.End.At), s.End.At.Unix(), local(s.Begin.At), s.Begin.At.Unix(), kWh, seconds, kWh,
		s.Transaction, quote(s.Gateway), quote(s.User), quote(s.Meter), begin, end), nil
}

type file struct {
	name string
	data []byte
}

func archive(files []file) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.data))}); err != nil {
			return nil, fmt.Errorf("archive %s: %w", f.name, err)
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, fmt.Errorf("archive %s: %w", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return b.Bytes(), nil
}
