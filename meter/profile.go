package meter

import (
	"time"

	"wattdue/cdr"
)

// Profile says how strictly to judge. It is stored with every verdict.
type Profile struct {
	Name string
	// TrustRecordKey accepts the key inside the record where none is registered for the EVSE. Production keeps it
	// off: a key that travels with the record proves nothing about the meter.
	TrustRecordKey bool
	// EnergyTolerance is the largest accepted difference between signed and stated energy, in micro-kWh.
	EnergyTolerance cdr.MicroKWh
	// TimeTolerance is the largest accepted difference between signed and stated times.
	TimeTolerance time.Duration
	// MaxEnergy is more than any vehicle takes in one session, in micro-kWh; 0 is no limit.
	MaxEnergy cdr.MicroKWh
	// MatchUser compares the signed card number or EMAID with the token of the charge record where both are stated
	// in plain form. A difference means that somebody else's session would be billed.
	MatchUser bool
	// Tolerated lists reason codes that are noted and do not change the verdict.
	Tolerated []string
}

// maxEnergy is what is believed of one session: 1,000 kWh, above the battery of the largest electric truck.
const maxEnergy cdr.MicroKWh = 1_000_000_000

// Profiles lists the profiles a tenant can choose from, the strictest first.
//
// strict is the profile of production: registered keys only; 0.001 kWh, because charge records state energy to three
// decimals and some cut instead of rounding; 60 seconds, because the signed reading is taken some seconds before or after
// the moment the charge point reports as start or end.
//
// reference accepts what the transparency software of SAFE e.V. accepts as proof towards a driver: the key beside the
// record, a seal around an unsigned record, and payloads that leave out what their container tells.
//
// interop is for tests with partners: it also overlooks deviations of form that prove sloppiness, not manipulation.
func Profiles() []Profile {
	strict := Profile{
		Name: "strict", EnergyTolerance: 1000, TimeTolerance: time.Minute, MaxEnergy: maxEnergy, MatchUser: true,
	}
	reference := strict
	reference.Name, reference.TrustRecordKey, reference.MatchUser = "reference", true, false
	reference.Tolerated = []string{"key-degenerate", "seal-only", "role-unsigned", "unit-unstated", "page-unreadable"}
	interop := reference
	interop.Name, interop.TimeTolerance = "interop", 10*time.Minute
	interop.Tolerated = append([]string{
		"version-unknown", "status-missing", "page-gap", "plain-differs", "loss-not-reset", "loss-cable-differs", "evse-mismatch",
	}, reference.Tolerated...)
	return []Profile{strict, reference, interop}
}

// DefaultProfile is the profile of production.
func DefaultProfile() Profile { return Profiles()[0] }

// ProfileNamed finds a profile; ok is false when there is none of that name.
func ProfileNamed(name string) (p Profile, ok bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}
