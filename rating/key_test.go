package rating

import (
	"reflect"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/money"
)

func TestContentKeyDependsOnEverything(t *testing.T) {
	tariff := tariffOf(Row{ID: "r0", Prices: map[Component]Price{Energy: at(49 * cent)}})
	c := Contract{No: "C1", Groups: []string{"staff", "fleet"}}
	s := session(20*kWh, time.Hour, time.Minute)
	base := ContentKey(c, compiled(t, tariff), s)
	if again := ContentKey(Contract{No: "C1", Groups: []string{"staff", "fleet"}}, compiled(t, tariff), s); again != base {
		t.Error("the same content has another key")
	}
	elsewhere := s
	elsewhere.Start = s.Start.In(time.FixedZone("", 3600))
	if ContentKey(c, compiled(t, tariff), elsewhere) != base {
		t.Error("the zone an instant is written in changes the key")
	}
	seen := map[[32]byte]string{base: "the content itself"}
	note := func(name string, key [32]byte) {
		if other, ok := seen[key]; ok {
			t.Errorf("%s gives the key of %s", name, other)
		}
		seen[key] = name
	}
	everyField(t, "session", s, func(name string, v Session) { note(name, ContentKey(c, compiled(t, tariff), v)) })
	everyField(t, "contract", c, func(name string, v Contract) { note(name, ContentKey(v, compiled(t, tariff), s)) })
	shifted := s
	shifted.Location, shifted.EVSEID = s.Location+s.EVSEID, ""
	note("location and EVSE run together", ContentKey(c, compiled(t, tariff), shifted))
	turned := c
	turned.Groups = []string{"fleet", "staff"}
	note("order of groups", ContentKey(turned, compiled(t, tariff), s))
	other := tariff
	other.Version++
	note("version", ContentKey(c, compiled(t, other), s))
}

// Everything a tariff says is in its hash: every field of every type in it, changed one by one.
func TestContentHashDependsOnEverything(t *testing.T) {
	price := Price{Unit: 1, VATCode: "v", FreeTime: 1, FreeEnergy: 1, Step: 1, Cap: 1, Tiers: []Tier{{1, 1}}, Markup: 1}
	row := Row{ID: "r", Moving: Moving{Times: []Window{{1, 2}}}, Prices: map[Component]Price{Energy: price}}
	base := tariffOf(row)
	base.Discounts, base.Holidays = []Discount{{ID: "d"}}, &Holidays{Name: "h"}
	seen := map[[32]byte]string{contentHash(base): "the tariff itself"}
	note := func(name string, v Tariff) {
		hash := contentHash(v)
		if other, ok := seen[hash]; ok {
			t.Errorf("%s gives the hash of %s", name, other)
		}
		seen[hash] = name
	}
	with := func(change func(*Tariff)) Tariff {
		v := base
		change(&v)
		return v
	}
	inRow := func(change func(*Row)) Tariff {
		r := row
		change(&r)
		return with(func(v *Tariff) { v.Rows = []Row{r} })
	}
	everyField(t, "tariff", base, note)
	everyField(t, "row", row, func(name string, r Row) { note(name, with(func(v *Tariff) { v.Rows = []Row{r} })) })
	everyField(t, "moving", row.Moving, func(name string, m Moving) { note(name, inRow(func(r *Row) { r.Moving = m })) })
	everyField(t, "window", row.Moving.Times[0], func(name string, w Window) {
		note(name, inRow(func(r *Row) { r.Moving = Moving{Times: []Window{w}} }))
	})
	everyField(t, "price", price, func(name string, p Price) {
		note(name, inRow(func(r *Row) { r.Prices = map[Component]Price{Energy: p} }))
	})
	everyField(t, "tier", price.Tiers[0], func(name string, x Tier) {
		p := price
		p.Tiers = []Tier{x}
		note(name, inRow(func(r *Row) { r.Prices = map[Component]Price{Energy: p} }))
	})
	everyField(t, "discount", base.Discounts[0], func(name string, d Discount) { note(name, with(func(v *Tariff) { v.Discounts = []Discount{d} })) })
	everyField(t, "holidays", *base.Holidays, func(name string, h Holidays) { note(name, with(func(v *Tariff) { v.Holidays = &h })) })
}

// everyField calls f with copies of v in which one field each is another.
func everyField[T any](t *testing.T, name string, v T, f func(string, T)) {
	t.Helper()
	for i := range reflect.TypeFor[T]().NumField() {
		other := v
		field := reflect.ValueOf(&other).Elem().Field(i)
		switch x := field.Addr().Interface().(type) {
		case *time.Time:
			*x = x.Add(time.Nanosecond)
		case **time.Location:
			*x = time.FixedZone("elsewhere", 60)
		case **Holidays:
			*x = nil
		case *calendar.Date:
			*x = calendar.NewDate(2031, 5, 6)
		case *map[Component]Price:
			*x = map[Component]Price{Idle: at(1)}
		case *money.Rounding:
			*x = money.HalfEven
		case *[]DayType:
			*x = []DayType{Weekend}
		case *Moving:
			*x = Moving{AfterTime: 5}
		default:
			switch field.Kind() {
			case reflect.String:
				field.SetString(field.String() + "x")
			case reflect.Int, reflect.Int64:
				field.SetInt(field.Int() + 7)
			case reflect.Bool:
				field.SetBool(!field.Bool())
			case reflect.Slice:
				element := reflect.New(field.Type().Elem()).Elem()
				if element.Kind() == reflect.String {
					element.SetString(string(PerUse))
				}
				if element.Kind() == reflect.Int {
					element.SetInt(3)
				}
				field.Set(reflect.Append(field.Slice3(0, field.Len(), field.Len()), element))
			default:
				t.Fatalf("%s.%s: a %s is not changed by this test", name, reflect.TypeFor[T]().Field(i).Name, field.Kind())
			}
		}
		f(name+"."+reflect.TypeFor[T]().Field(i).Name, other)
	}
}
