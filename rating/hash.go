package rating

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// ContentKey returns the key of a rating (rating rules, 11.2): the same session content, contract state, tariff and
// rules version give the same key, any difference another one. A rating whose key exists need not be made again.
//
// It is SHA-256 over five parts, each preceded by its length in 32 bits, big-endian: the words "wattdue rating key",
// session, contract, tariff (code, version, content hash) and RulesVersion. Inside a part texts have their length in
// front as well, numbers are 64 bits, and an instant is Unix seconds and nanoseconds.
func ContentKey(c Contract, t *Compiled, s Session) [32]byte {
	var room, all [512]byte
	key := content(all[:0]).text("wattdue rating key")
	session := content(room[:0]).text(s.ID).instant(s.Start).instant(s.End).number(int64(s.Energy)).number(int64(s.Idle)).
		text(s.Location).text(s.EVSEID).truth(s.DurationUsable)
	key = key.part(session)
	contract := content(room[:0]).text(c.No).texts(c.Groups)
	key = key.part(contract)
	tariff := append(content(room[:0]).text(t.head.Code).number(int64(t.head.Version)), t.hash[:]...)
	key = key.part(tariff)
	key = key.part(content(room[:0]).number(RulesVersion))
	return sha256.Sum256(key)
}

// contentHash hashes everything a tariff says. Rows, key values and components have no order that means anything, so
// they are sorted first.
func contentHash(t Tariff) [32]byte {
	b := content(nil).text("wattdue tariff").text(t.Code).number(int64(t.Version)).instant(t.ValidFrom).instant(t.ValidTo).
		text(string(t.Currency)).text(string(t.Mode)).number(int64(t.ZeroBelow)).number(int64(t.ZeroUnder))
	rows := slices.SortedFunc(slices.Values(t.Rows), func(a, b Row) int { return strings.Compare(a.ID, b.ID) })
	b = b.number(int64(len(rows)))
	for _, r := range rows {
		b = b.text(r.ID).number(int64(r.Priority))
		for k := range keys {
			// Only keys the row has: a key added to the engine leaves the hash of older tariffs alone.
			if values := keys[k].row(r); len(values) > 0 {
				b = b.text(keys[k].name).texts(slices.Sorted(slices.Values(values)))
			}
		}
		b = b.number(int64(len(r.Prices)))
		for i := range components {
			if p, ok := r.Prices[components[i].name]; ok {
				b = b.text(string(components[i].name)).number(int64(p.Unit)).text(p.VATCode).number(int64(p.FreeTime))
			}
		}
	}
	return sha256.Sum256(b)
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

func (b content) instant(t time.Time) content {
	return b.number(t.Unix()).number(int64(t.Nanosecond()))
}

func (b content) truth(v bool) content {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}
