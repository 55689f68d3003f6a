package masterdata

import (
	"slices"

	"wattdue/policy"
)

const wantPower = "AC or DC"

// power reads the kind of current of a charge point, which may be left out.
func (r *record) power(name string) policy.Power {
	return policy.Power(r.checkedOr(name, func(s string) bool { return s == string(policy.AC) || s == string(policy.DC) }, wantPower))
}

func (p *parser) policy(r *record) {
	s := policy.Exemption{
		ID:      r.checkedOr("id", isRecordNumber, wantNumber),
		Country: r.checked("country", isCountry, wantCountry), Party: r.checkedOr("party", isPartyID, wantParty),
		EVSECountry: r.checkedOr("evse_country", isCountry, wantCountry), Power: r.power("power"),
		CommissionedBefore: r.dateOr("commissioned_before"), Note: r.text("note"),
	}
	s.From, s.Until = r.span(true)
	if _, named := r.find("id"); !named {
		s.ID = exemptionID(s)
	}
	p.file.Policies = append(p.file.Policies, s)
}

// exemptionID names a rule that brought no name by what told rules apart before they had one: NL/any/20251231T230000Z. It
// is empty while the rule has faults.
func exemptionID(s policy.Exemption) string {
	if s.Country == "" || s.From.IsZero() {
		return ""
	}
	party := s.Party
	if party == "" {
		party = "any"
	}
	return s.Country + "/" + party + "/" + s.From.UTC().Format("20060102T150405Z")
}

const (
	wantStage    = "the stage in which charges are held: verify, assign, compare or rate"
	wantDecision = "bill, goodwill or claim"
	longestWait  = 3650 // days
)

func (p *parser) ageing(r *record) {
	a := policy.Ageing{ID: r.checked("id", isRecordNumber, wantNumber), Stage: policy.Verify}
	if _, there := r.find("stage"); there {
		a.Stage = r.checked("stage", func(s string) bool { return policy.Hold{Stage: s}.Open(policy.Goodwill) }, wantStage)
	}
	a.Reason, a.AfterDays = r.text("reason"), r.whole("after_days", 1, longestWait)
	a.Decision = policy.Decision(r.checked("decision", func(s string) bool {
		return slices.Contains(policy.Decisions(), policy.Decision(s))
	}, wantDecision))
	a.SetBy, a.From, a.Until, a.Note = r.text("set_by"), r.date("valid_from"), r.dateOr("valid_until"), r.text("note")
	if !a.Until.IsZero() && !a.From.IsZero() && a.Until.Before(a.From) {
		r.p.fault(r.line, r.at+"valid_until", "must not be before valid_from; it is the first day that is out, and the same day means never")
	}
	r.sensible(a)
	p.file.Ageing = append(p.file.Ageing, a)
}

// sensible refuses a rule that could never decide anything.
func (r *record) sensible(a policy.Ageing) {
	if a.Stage == "" || a.Reason == "" {
		return
	}
	if a.Decision == policy.Bill && a.Stage != policy.Verify {
		r.p.fault(r.line, r.at+"decision", "only what is held in stage verify can be billed by rule; what has no payer or no price wants goodwill or claim")
	}
	if a.Reason == policy.AnyReason {
		return
	}
	if err := r.p.look.Reason(a.Stage, a.Reason); err != nil {
		r.p.fault(r.line, r.at+"reason", err.Error())
	}
}
