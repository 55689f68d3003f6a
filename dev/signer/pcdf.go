package signer

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// pcdfUsers are the numbers of the kinds of identification; others are 4, from afar.
var pcdfUsers = map[string]int{"ISO14443": 1, "ISO15693": 1, "EMAID": 2, "ISO7812": 3}

// writePCDF writes a line about the whole session: it has the energy and no register.
func writePCDF(p *pen, s *Session) ([]Value, error) {
	begin, err := s.Begin.units(1000)
	if err != nil {
		return nil, err
	}
	end, err := s.End.units(1000)
	if err != nil || end < begin || end-begin > 9_999_999 {
		return nil, errEnergy
	}
	duration := s.End.At.Sub(s.Begin.At)
	if duration < 0 || duration >= 100*time.Hour {
		return nil, errTime
	}
	if len(s.Meter) != 11 || len(s.Firmware) != 8 {
		return nil, errDevice
	}
	if !isASCII(s.User) || strings.ContainsAny(s.User, "*()") {
		return nil, errUser
	}
	kind := pcdfUsers[s.UserKind]
	if kind == 0 {
		kind = 4
	}
	seconds := int64(duration / time.Second)
	wh := end - begin
	text := fmt.Sprintf("128.8.0(ST:%s)(CT:%s)(CD:%02d%02d%02d)(TV:%s)(BV:%s)(CSC:%d)(SP:1)(RV:%04d.%03d*kWh)(SI:%s*%d*%d)"+
		"(CS:%s)(HW:%s)(DT:%d)(PK:%s)",
		s.digits(s.Begin.At), s.digits(s.End.At), seconds/3600, seconds/60%60, seconds%60, digit(!s.ClockLost), digit(!s.Broken),
		s.Page, wh/1000, wh%1000, s.User, kind, s.Transaction, s.Firmware, s.Meter, 0, hex.EncodeToString(p.key.point))
	text += "(SG:" + hex.EncodeToString(p.sign([]byte(text)).DER()) + ")"
	return []Value{textValue("PCDF", "End", text)}, nil
}

// digits is the clock on the wall as yymmddhhmmss.
func (s *Session) digits(t time.Time) string { return t.In(s.Zone).Format("060102150405") }

func digit(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}
