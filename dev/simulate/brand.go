package simulate

// brand is a make of charge point: how its meter signs, in the words of package signer.
type brand struct{ format, curve string }

// joins reports whether both readings of a session can stand in one record, under one page.
func (b brand) joins() bool { return b.format == "OCMF" }

// countsEveryPage reports whether a missing record shows in the pages: each has the next number. Those of the EDL family
// count other things on the same pages.
func (b brand) countsEveryPage() bool {
	return b.format == "OCMF" || b.format == "ALFEN" || b.format == "BSM_WS36A"
}

// counts reports whether the signed register goes on from session to session. The BSM's begins each session at zero.
func (b brand) counts() bool { return b.format != "BSM_WS36A" }

// keepsTime reports whether the signed times are those of a clock that is kept right. Others only promise that the time
// between two readings is exact.
func (b brand) keepsTime() bool { return b.format == "OCMF" }

// signsFirmware reports whether the version of the firmware is part of what is signed.
func (b brand) signsFirmware() bool { return b.format == "OCMF" || b.format == "ALFEN" }

// makes are those at each location; a place has one. As the fast places are twice as busy, five formats and four curves
// have a seventh of the sessions or more where all places have as many charge points, and a tenth or more in any fleet
// that has one at each.
var makes = map[string]brand{
	"LOC-KI-FOERDE":   {"ALFEN", "secp192r1"},
	"LOC-NM-DEPOT":    {"BSM_WS36A", "secp256r1"},
	"LOC-A7-OST":      {"OCMF", "brainpoolP256r1"},
	"LOC-HH-HAFEN":    {"EDL_40_MENNEKES", "secp192r1"},
	"LOC-HL-ALTSTADT": {"ALFEN", "secp192r1"},
	"LOC-FL-HOTEL":    {"CHARGEIT_EMH", "secp192r1"},
	"LOC-HH-ELBE":     {"OCMF", "secp256k1"},
	"LOC-HRO-WARNOW":  {"EDL_40_MENNEKES", "secp192r1"},
	"LOC-B-HOEFE":     {"BSM_WS36A", "secp256r1"},
	"LOC-HB-WESER":    {"EDL_40_P", "secp256r1"},
}
