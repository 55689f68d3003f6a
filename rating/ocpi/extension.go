package ocpi

import (
	"fmt"

	"wattdue/rating"
)

// extensions tells of what the standard does not know.
func (r *run) extensions(t *Tariff) {
	for i := range t.Elements {
		for j := range t.Elements[i].Components {
			c := &t.Elements[i].Components[j]
			what, known := c.extension()
			if what == "" && known {
				continue
			}
			field := fmt.Sprintf("elements[%d].price_components[%d]", i, j)
			if !known {
				r.findf(rating.UnknownComponent, field, "%s is no component of OCPI; it is not priced", quoted(c.Type))
				continue
			}
			r.extension(field, what)
		}
	}
}

// extension names what of the component is beside the standard; known is false for a type nobody can price.
func (c *PriceComponent) extension() (what string, known bool) {
	switch c.Type {
	case "ENERGY", "TIME", "PARKING_TIME", "FLAT":
	case "SESSION_TIME":
		return c.Type, true
	default:
		return "", false
	}
	switch {
	case c.PriceRound != nil && c.StepRound != nil:
		return "price_round, step_round", true
	case c.PriceRound != nil:
		return "price_round", true
	case c.StepRound != nil:
		return "step_round", true
	}
	return "", true
}

func (r *run) extension(field, what string) {
	switch r.options.Extensions {
	case Agreed:
	case Standard:
		r.findf(rating.UnknownComponent, field, "%s is an extension of the operator; it is left out", what)
	default:
		r.findf(rating.UnknownComponent, field, "%s is an extension of the operator; it is priced as given", what)
	}
}
