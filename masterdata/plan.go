package masterdata

import (
	"strings"
	"time"

	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/rating"
)

const (
	wantVAT = `the VAT code "standard"; no other is known`
	wantFee = "a fee per month as decimal text with at most six decimals, such as \"5.99\""
)

// includable are the components of which a plan may include some.
var includable = []rating.Component{rating.Energy, rating.Charging, rating.Idle, rating.Occupancy}

// plans reads the products of a contract.
func (p *parser) plans(r *record, contract string) {
	ids, allowances := map[string]bool{}, map[string]bool{}
	for _, m := range r.parts("plans") {
		plan := rating.Plan{
			ID: m.checked("id", isRecordNumber, wantNumber), Name: m.text("name"),
			Fee:  money.Price(m.decimalOr("fee", wantFee)),
			From: m.date("valid_from"), Until: m.dateOr("valid_until"),
		}
		plan.VATCode = m.checkedOr("vat", isVATCode, wantVAT)
		if plan.VATCode == "" {
			plan.VATCode = invoicing.StandardRate
		}
		if !plan.Until.IsZero() && !plan.From.IsZero() && plan.Until.Before(plan.From) {
			p.fault(m.line, m.at+"valid_until", "must not be before valid_from; it is the first day that is out, and the same day means never")
		}
		if plan.ID != "" && ids[plan.ID] {
			p.fault(m.line, m.at+"id", "another plan of the contract has it; keep one, or give the later one another id")
		}
		ids[plan.ID] = true
		for _, a := range m.parts("allowances") {
			in := a.allowance()
			if in.ID != "" && allowances[in.ID] {
				p.fault(a.line, a.at+"id", "another allowance of the contract has it; lines and counters are told apart by it, give this one another")
			}
			allowances[in.ID] = true
			a.close()
			plan.Included = append(plan.Included, in)
		}
		m.close()
		p.file.Plans = append(p.file.Plans, Plan{contract, plan})
	}
}

func isVATCode(s string) bool { return s == invoicing.StandardRate }

// allowance reads what a plan includes per month.
func (r *record) allowance() rating.Included {
	names := make([]string, len(includable))
	for i, c := range includable {
		names[i] = string(c)
	}
	in := rating.Included{ID: r.checked("id", isRecordNumber, wantNumber)}
	in.Component = rating.Component(r.checked("component", func(s string) bool {
		energy, minutes := rating.Metered(rating.Component(s))
		return (energy || minutes) && strings.Contains(" "+strings.Join(names, " ")+" ", " "+s+" ")
	}, "one of "+strings.Join(names, ", ")))
	r.checkedOr("roll_over", func(s string) bool { return s == "none" }, `"none"; what is left of a month cannot be used in the next`)
	switch in.Component {
	case rating.Energy:
		in.Quantity = r.decimal("per_month", "kilowatt-hours as decimal text such as \"30\"")
	case "":
		r.find("per_month") // how it is written cannot be told
	default:
		in.Quantity = int64(r.duration("per_month") / time.Second)
	}
	return in
}

// decimalOr reads a number written as a text that may be left out, in millionths.
func (r *record) decimalOr(name, want string) int64 {
	if _, there := r.find(name); !there {
		return 0
	}
	return r.decimal(name, want)
}

type planOut struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Fee        string         `json:"fee,omitempty"`
	VAT        string         `json:"vat,omitempty"`
	From       string         `json:"valid_from"`
	Until      string         `json:"valid_until,omitempty"`
	Allowances []allowanceOut `json:"allowances,omitempty"`
}

type allowanceOut struct {
	ID        string           `json:"id"`
	Component rating.Component `json:"component"`
	PerMonth  string           `json:"per_month"`
}

// plansOf lists the plans of each contract as they are written.
func plansOf(plans []Plan) map[string][]planOut {
	out := map[string][]planOut{}
	for _, p := range plans {
		o := planOut{ID: p.ID, Name: p.Name, From: p.From.String(), Until: p.Until.String()}
		if p.Fee != 0 {
			o.Fee, o.VAT = p.Fee.String(), p.VATCode
		}
		for _, in := range p.Included {
			a := allowanceOut{in.ID, in.Component, spell(time.Duration(in.Quantity) * time.Second)}
			if in.Component == rating.Energy {
				a.PerMonth = money.Price(in.Quantity).String() // millionths with up to six decimals, like energy
			}
			o.Allowances = append(o.Allowances, a)
		}
		out[p.Contract] = append(out[p.Contract], o)
	}
	return out
}
