package ocpi

// steps rounds quantities up to steps: once per dimension on what was priced, by the step of the component that came last,
// which also prices the surplus. Charging and parking time share one step: where parking is priced, only parking is stepped
// (rating rules, 12.4). Quantities of two tariffs are never added.
func (b *bill) steps(extensions Extensions) {
	b.stepped(energyAt, extensions)
	if b.last[parkingAt] >= 0 {
		b.stepped(parkingAt, extensions)
	} else {
		b.stepped(timeAt, extensions)
	}
	b.stepped(sessionAt, extensions)
	b.stepped(reservationTimeAt, extensions)
}

func (b *bill) stepped(d int, extensions Extensions) {
	if b.last[d] < 0 {
		return
	}
	last := &b.uses[b.last[d]]
	step := last.component.Step * dimensions[d].step
	if step == 0 {
		return
	}
	var total int64
	for i := range b.uses {
		if b.uses[i].dimension == d {
			total += b.uses[i].measured
		}
	}
	last.billed += stepTo(total, step, last.component.StepRound, extensions) - total
}

// stepTo returns the quantity in whole steps. The extension can ask for another way than up; finer grains than a step, which
// it could name as well, would be no step at all and are not followed.
func stepTo(total, step int64, rule *RoundRule, extensions Extensions) int64 {
	rest := total % step
	if rest == 0 {
		return total
	}
	if rule != nil && extensions != Standard && rule.Granularity == "UNIT" {
		if rule.Rule == "ROUND_DOWN" || rule.Rule == "ROUND_NEAR" && rest < step-rest {
			return total - rest
		}
	}
	return total + step - rest
}
