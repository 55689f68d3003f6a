package rating

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"wattdue/calendar"
)

// ContentKey returns the key of a rating (rating rules, 11.2): the same session content, contract state, tariff and
// rules version give the same key, any difference another one. A rating whose key exists need not be made again.
//
// It is SHA-256 over five parts, each preceded by its length in 32 bits, big-endian: the words "wattdue rating key",
// session, contract, tariff (code, version, content hash) and RulesVersion. Inside a part texts have their length in
// front as well, lists their number, numbers are 64 bits, and an instant is Unix seconds and nanoseconds. A time zone
// counts by its name.
func ContentKey(c Contract, t *Compiled, s Session) [32]byte {
	var room, all [1024]byte
	key := content(all[:0]).text("wattdue rating key")
	key = key.part(content(room[:0]).session(&s))
	contract := content(room[:0]).text(c.No).text(c.Customer).texts(c.Groups).number(int64(c.Taken)).number(int64(len(c.Allowances)))
	for i := range c.Allowances {
		a := &c.Allowances[i]
		contract = contract.text(a.ID).text(string(a.Component)).number(a.Left)
	}
	key = key.part(contract)
	key = key.part(append(content(room[:0]).text(t.head.Code).number(int64(t.head.Version)), t.hash[:]...))
	key = key.part(content(room[:0]).number(RulesVersion))
	return sha256.Sum256(key)
}

func (b content) session(s *Session) content {
	b = b.text(s.ID).instant(s.Start).instant(s.End).number(int64(s.Energy)).number(int64(s.Export)).number(int64(s.Idle)).instant(s.ChargeEnd)
	b = b.number(int64(len(s.Periods)))
	for i := range s.Periods {
		b = b.instant(s.Periods[i].Start).number(int64(s.Periods[i].Energy)).number(int64(s.Periods[i].Idle))
	}
	b = b.number(int64(len(s.Readings)))
	for i := range s.Readings {
		b = b.instant(s.Readings[i].At).number(int64(s.Readings[i].Energy))
	}
	b = b.number(int64(s.Reserved)).truth(s.ReservationExpired)
	for _, v := range [...]string{s.Location, s.EVSEID, s.Zone, s.Operator, s.Country, s.Power, s.Channel} {
		b = b.text(v)
	}
	b = b.number(s.Watts).truth(s.TimeZone != nil)
	if s.TimeZone != nil {
		b = b.text(s.TimeZone.String())
	}
	for _, v := range [...]bool{s.ZoneGuessed, s.DurationUsable, s.StartTimeUsable, s.EndTimeUsable, s.Calibrated, s.HasStated} {
		b = b.truth(v)
	}
	return b.number(int64(s.Stated))
}

// contentHash hashes everything a tariff says. Rows, key values, components and holidays have no order that means anything,
// so they are sorted first; discounts have one.
func contentHash(t Tariff) [32]byte {
	b := content(make([]byte, 0, 256*(len(t.Rows)+1))).text("wattdue tariff 2").
		text(t.Code).number(int64(t.Version)).instant(t.ValidFrom).instant(t.ValidTo).
		text(string(t.Currency)).text(string(t.Mode)).number(int64(t.ZeroBelow)).number(int64(t.ZeroUnder)).names(t.Free).
		number(int64(t.SessionMin)).number(int64(t.SessionMax)).truth(t.MinOnZero).text(t.LimitVAT).
		text(string(t.Round)).text(string(t.Rounding)).text(string(t.Split)).number(int64(len(t.Discounts)))
	for i := range t.Discounts {
		d := &t.Discounts[i]
		b = b.text(d.ID).sorted(d.Groups).names(d.Components).number(int64(d.Percent)).number(int64(d.Amount)).text(d.BestOf)
	}
	b = b.truth(t.Holidays != nil)
	if h := t.Holidays; h != nil {
		b = b.text(h.Name).number(int64(len(h.Days)))
		for _, d := range slices.SortedFunc(slices.Values(h.Days), calendar.Date.Compare) {
			b = b.text(d.String())
		}
	}
	order := make([]int32, len(t.Rows))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int { return strings.Compare(t.Rows[i].ID, t.Rows[j].ID) })
	b = b.number(int64(len(order)))
	for _, i := range order {
		b = b.row(&t.Rows[i])
	}
	return sha256.Sum256(b)
}

func (b content) row(r *Row) content {
	b = b.text(r.ID).number(int64(r.Priority))
	for k := range keys {
		// Only keys the row has: a key added to the engine leaves the hash of older tariffs alone.
		if values := keys[k].row(r); len(values) > 0 {
			b = b.text(keys[k].name).sorted(values)
		}
	}
	if r.Moving.keys() != 0 {
		b = b.text("moving").moving(&r.Moving)
	}
	b = b.number(int64(len(r.Prices)))
	for i := range components {
		if p, ok := r.Prices[components[i].name]; ok {
			b = b.text(string(components[i].name)).price(&p)
		}
	}
	return b
}

func (b content) moving(m *Moving) content {
	b = b.text(m.DateFrom.String()).text(m.DateTo.String())
	var types uint8
	for _, t := range m.DayTypes {
		types |= dayTypeBit(t)
	}
	var days int64
	for _, d := range m.Days {
		days |= 1 << d
	}
	b = b.number(int64(types)).number(days).number(int64(len(m.Times)))
	inOrder := func(a, b Window) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) }
	for _, w := range slices.SortedFunc(slices.Values(m.Times), inOrder) {
		b = b.number(int64(w.From)).number(int64(w.To))
	}
	return b.truth(m.DayOfStart).number(int64(m.AfterTime)).number(int64(m.UntilTime)).number(int64(m.AfterEnergy)).number(int64(m.UntilEnergy))
}

func (b content) price(p *Price) content {
	b = b.number(int64(p.Unit)).text(p.VATCode).number(int64(p.FreeTime)).number(int64(p.FreeEnergy)).text(string(p.Grace)).number(p.Step).
		truth(p.StartedBlock).number(int64(p.Cap)).truth(p.CapPerDay).number(int64(len(p.Tiers)))
	for _, t := range p.Tiers {
		b = b.number(int64(t.Below)).number(int64(t.Unit))
	}
	return b.truth(p.Volume).truth(p.PassThrough).number(int64(p.Markup))
}

// content is a list of values from which they could be read back, so that no two lists have the same bytes.
type content []byte

func (b content) number(v int64) content { return binary.BigEndian.AppendUint64(b, uint64(v)) }

func (b content) text(s string) content {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func (b content) part(p content) content {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(p))), p...)
}

func (b content) texts(list []string) content {
	b = b.number(int64(len(list)))
	for _, s := range list {
		b = b.text(s)
	}
	return b
}

func (b content) sorted(list []string) content {
	if len(list) < 2 {
		return b.texts(list)
	}
	return b.texts(slices.Sorted(slices.Values(list)))
}

// names writes components in the order of the table.
func (b content) names(list []Component) content {
	b = b.number(int64(len(list)))
	for i := range components {
		if slices.Contains(list, components[i].name) {
			b = b.text(string(components[i].name))
		}
	}
	return b
}

func (b content) instant(t time.Time) content {
	return b.number(t.Unix()).number(int64(t.Nanosecond()))
}

func (b content) truth(v bool) content {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}
