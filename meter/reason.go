package meter

import "slices"

// Rule says what a reason code means for the verdict. A rule without a word is a notice.
type Rule struct {
	Code string
	Word Word   // empty for a notice
	Text string // what is wrong and what to do
}

// rules is the one table of reason codes, in the order of the verdict words: the first word with a finding is the
// verdict.
var rules = slices.Concat(recordRules, keyRules, signatureRules, sessionRules, outsideRules, notices)

// recordRules: the signed value cannot be read.
var recordRules = []Rule{
	{"no-signed-data", RecordMalformed, "the charge record carries no signed meter values; ask the operator for them, or state by a dated policy that none are required"},
	{"value-empty", RecordMalformed, "a signed value is empty; ask the operator for the complete record"},
	{"nested-too-deep", RecordMalformed, "containers lie in each other deeper than any real record; ask the operator for the record itself"},
	{"messages-too-many", RecordMalformed, "the container holds more records than any real one; ask the operator for the records of the session"},
	{"container-unreadable", RecordMalformed, "the container around the signed values is damaged; ask the operator for the unchanged file"},
	{"container-empty", RecordMalformed, "the container holds no signed value; ask the operator for the complete record"},
	{"seal-only", RecordMalformed, "only the seal of the transport protects the record, and seals can be garbled unnoticed; ask the operator for the signature of the meter"},
	{"format-unknown", RecordMalformed, "the signed value is in no known format; ask the operator what the charge point sends"},
	{"payload-json", RecordMalformed, "the signed payload is no well-formed JSON; ask the operator for the unchanged line"},
	{"record-form", RecordMalformed, "the record has not the form of its format: a part is missing, too long or in the wrong place; ask the operator for the unchanged record"},
	{"readings-missing", RecordMalformed, "the signed payload holds no reading; ask the operator for the complete record"},
	{"time-unreadable", RecordMalformed, "a signed time cannot be read; the charge point writes it wrongly or the record was changed"},
	{"value-unreadable", RecordMalformed, "a signed number cannot be read exactly; the charge point writes it wrongly or the record was changed"},
	{"list-unreadable", RecordMalformed, "the list of the meter (SML) is damaged; ask the operator for the unchanged record"},
	{"xml-unreadable", RecordMalformed, "the record is no well-formed XML; ask the operator for the unchanged record"},
	{"field-missing", RecordMalformed, "the record leaves out a field that the meter signs; ask the operator for the complete record"},
	{"field-unfit", RecordMalformed, "a field of the record does not fit into what the meter signs; ask the operator for the unchanged record"},
	{"signature-json", RecordMalformed, "the signature section is no well-formed JSON; ask the operator for the unchanged line"},
	{"signature-missing", RecordMalformed, "the record carries no signature; it proves nothing, ask the operator for the signed one"},
	{"signature-unreadable", RecordMalformed, "the signature is neither DER nor two numbers of the curve; ask the operator for the unchanged record"},
}

// keyRules: there is no key to verify with, or not the right one.
var keyRules = []Rule{
	{"key-not-registered", KeyMissing, "no public key is registered for the EVSE at the start of the session; register the key of its meter"},
	{"key-missing", KeyMissing, "neither registry nor record has a public key; register the key of the meter"},
	{"wrong-key", KeyMalformed, "the record carries another key than the one registered for the EVSE; find out whether the meter was exchanged, then register the new key with its date"},
	{"key-conflict", KeyMalformed, "the record carries two different keys; ask the operator which meter signed"},
	{"key-curve-differs", KeyMalformed, "the key lies on another curve than the record was signed on; register the key that belongs to this meter"},
	{"key-unreadable", KeyMalformed, "the public key cannot be read; register it again as SPKI"},
	{"key-off-curve", KeyMalformed, "the public key is no point of its curve; it was damaged on the way, register it again"},
	{"key-degenerate", KeyMalformed, "the private key of this public key is publicly known; the meter must get a new one"},
	{"curve-unsupported", Unsupported, "signatures on this curve cannot be verified by this version; the record stays held until one can"},
	{"algorithm-unsupported", Unsupported, "signatures of this algorithm cannot be verified by this version; the record stays held until one can"},
}

// signatureRules: the signature does not hold.
var signatureRules = []Rule{
	{"signature-invalid", InvalidSignature, "the signature does not fit content and key: content, signature or key was changed; do not bill, ask the operator"},
	{"seal-broken", InvalidSignature, "the seal around the record is damaged: its content was changed on the way; do not bill, ask the operator"},
	{"signature-range", InvalidSignature, "a number of the signature is zero or not below the order of the curve; do not bill, ask the operator"},
}

// sessionRules: the signature may hold, but the readings do not prove a billable session.
var sessionRules = []Rule{
	{"version-unknown", NotBillable, "the record follows a major version of the format that is not known here; its fields may mean something else"},
	{"begin-missing", NotBillable, "no signed reading begins the session; ask the operator for it"},
	{"end-missing", NotBillable, "no signed reading ends the session; ask the operator for it"},
	{"value-duplicate", NotBillable, "the same signed value stands for begin and end; ask the operator for the missing one"},
	{"role-unsigned", NotBillable, "the record does not sign whether it begins or ends a session; ask the operator for complete records"},
	{"session-differs", NotBillable, "the readings belong to different signed sessions"},
	{"begin-twice", NotBillable, "several readings begin a session; energy of several sessions may be mixed, ask the operator"},
	{"end-twice", NotBillable, "several readings end a session; energy of several sessions may be mixed, ask the operator"},
	{"meter-differs", NotBillable, "the readings come from different meters"},
	{"user-differs", NotBillable, "the readings belong to different users"},
	{"register-differs", NotBillable, "begin and end share no register with the same unit"},
	{"register-export", NotBillable, "the readings count energy fed back, not energy taken"},
	{"unit-unknown", NotBillable, "the readings are in no known unit of energy"},
	{"unit-unstated", NotBillable, "the readings state no unit; Wh is only a convention of the container"},
	{"page-unreadable", NotBillable, "a page number is missing or no letter with a number, so nobody can tell whether a record is missing between"},
	{"page-gap", NotBillable, "the page numbers do not follow each other; a record between is missing, or they belong to different sessions"},
	{"value-falls", NotBillable, "the meter reading at the end is below the one at the begin"},
	{"value-range", NotBillable, "the difference of the readings is larger than any session"},
	{"energy-implausible", NotBillable, "no vehicle takes that much energy in one session; ask the operator what was charged"},
	{"time-falls", NotBillable, "the signed end is before the signed begin"},
	{"status-not-good", NotBillable, "the meter reports a status other than G (good) for the reading"},
	{"status-missing", NotBillable, "the reading states no meter status, which the version of the record requires"},
	{"energy-flag", NotBillable, "the meter flags the energy as unusable (EF=E)"},
	{"exception", NotBillable, "the meter reports an exception during the session (TX=X)"},
	{"event-counter", NotBillable, "the event counter of the meter changed during the session"},
	{"user-level", NotBillable, "the charge point reports that the identification of the user failed"},
	{"loss-negative", NotBillable, "the signed cable loss is negative"},
	{"loss-not-reset", NotBillable, "the cable loss did not start at zero, or fell, so it may belong to another session"},
	{"loss-cable-differs", NotBillable, "the data of the cable changed between begin and end"},
}

// outsideRules: the signed content is fine, but the unsigned charge record says otherwise.
var outsideRules = []Rule{
	{"energy-mismatch", DisagreesOutside, "the charge record states another energy than the meter signed; ask the operator for a corrected record"},
	{"time-mismatch", DisagreesOutside, "the charge record states another time than the meter signed; ask the operator for a corrected record"},
	{"evse-mismatch", DisagreesOutside, "the charge record names another EVSE than the meter signed; ask the operator for a corrected record"},
	{"user-mismatch", DisagreesOutside, "the charge record names another card or contract than the meter signed; somebody else's session would be billed"},
	{"outer-differs", DisagreesOutside, "a field beside the signed ones says something else than they do; ask the operator for a corrected record"},
	{"plain-differs", DisagreesOutside, "the readable copy beside the signed value says something else; ask the operator for a corrected record"},
}

// notices do not change the verdict.
var notices = []Rule{
	{"encoding-deviation", "", "the signed value is not carried as base64"},
	{"text-escaped", "", "the signed value is escaped for XML"},
	{"nature-contradicts", "", "the unsigned nature of the value contradicts the signed reading, which counts"},
	{"plain-reformatted", "", "the readable copy beside the signed value is written differently but says the same"},
	{"version-newer", "", "the record follows a newer version of the format than is known here"},
	{"version-missing", "", "the record states no version of its format"},
	{"meter-serial-missing", "", "the record states no serial number of the meter; that of the gateway stands for it"},
	{"payload-blanks", "", "blanks around the signed payload are not covered by the signature"},
	{"line-trailing", "", "unknown text follows the signature; it is ignored"},
	{"time-format", "", "a signed time is not written as the specification says"},
	{"signature-encoding", "", "the signature is not encoded as the record says"},
	{"signature-raw", "", "the signature is two raw numbers instead of DER"},
	{"der-negative", "", "a number of the signature lacks its leading zero; it is read as positive"},
	{"der-padding", "", "a number of the signature has superfluous leading zeros"},
	{"der-long-length", "", "a length inside the signature is written longer than needed"},
	{"der-trailing", "", "bytes follow the signature; they are ignored"},
	{"algorithm-vendor", "", "the record is signed with an algorithm of the manufacturer that the specification does not name"},
	{"key-encoding", "", "the public key is not carried as base64 of an SPKI"},
	{"record-key-unreadable", "", "the key inside the record cannot be read; the registered key was used"},
	{"value-repeated", "", "a signed value is sent twice; it counts once"},
	{"begin-repeated", "", "the begin reading is signed twice with the same content"},
	{"status-unstated", "", "the record has no field for the status of the meter, or is older than it"},
	{"intermediate-status", "", "a reading between begin and end has an error status; it is not used for billing"},
	{"loss-carried", "", "the cable loss did not start at zero but did not change either"},
	{"value-cut", "", "the signed value is finer than a millionth of a kWh and is cut"},
	{"clock-moved", "", "the clock of the meter was set during the session; the times prove no duration"},
	{"duration-differs", "", "the signed duration is not the time between the signed begin and end, so neither proves how long it took"},
	{"clock-unusable", "", "the signed times prove no duration; prices by time must not be charged"},
	{"clock-informative", "", "the signed times prove a duration but no time of day; prices by time of day must not be chosen by them"},
	{"transport-deviation", "", "the frame around the list of the meter is damaged or written wrongly; the signature decides"},
	{"log-book-differs", "", "the log book bytes beside the signature differ from the signed ones, which count"},
	{"method-contradicts", "", "the record names another signature method than the one it was signed with"},
	{"zone-contradicts", "", "the unsigned offset from UTC contradicts the signed wall clock, which counts as German time"},
	{"time-not-compared", "", "the clock of the meter was not set, so the times cannot be compared with the charge record"},
	{"evse-unusual", "", "the signed EVSE id has not the form of one and is not compared"},
}

// precedence orders the verdict words, strongest first.
var precedence = []Word{RecordMalformed, KeyMalformed, KeyMissing, Unsupported, InvalidSignature, NotBillable, DisagreesOutside}

// Rules lists every reason code with its verdict word and text. The slice is the caller's.
func Rules() []Rule { return slices.Clone(rules) }

// ruleOf is the table by code.
var ruleOf = func() map[string]Rule {
	m := make(map[string]Rule, len(rules))
	for _, r := range rules {
		m[r.Code] = r
	}
	return m
}()

// reason makes the finding of a code. An unknown code is a mistake in this package.
func reason(code, reading, value string) Reason {
	r, ok := ruleOf[code]
	if !ok {
		panic("meter: reason code " + code + " is missing from the table")
	}
	return Reason{Code: code, Reading: reading, Value: value, Text: r.Text, Notice: r.Word == ""}
}

// wordFor returns the verdict word of a list of reasons: the strongest one found, Valid when there are only
// notices.
func wordFor(reasons []Reason) Word {
	best := len(precedence)
	for _, r := range reasons {
		if r.Notice {
			continue
		}
		if at := slices.Index(precedence, ruleOf[r.Code].Word); at < best {
			best = at
		}
	}
	if best == len(precedence) {
		return Valid
	}
	return precedence[best]
}
