package meter

// sessionCodes says which findings mean that a session is not whole.
var sessionCodes = map[string]SessionState{
	"begin-missing":      SessionIncomplete,
	"end-missing":        SessionIncomplete,
	"value-duplicate":    SessionInconsistent,
	"begin-twice":        SessionInconsistent,
	"end-twice":          SessionInconsistent,
	"meter-differs":      SessionInconsistent,
	"user-differs":       SessionInconsistent,
	"session-differs":    SessionInconsistent,
	"register-differs":   SessionInconsistent,
	"page-gap":           SessionInconsistent,
	"value-falls":        SessionInconsistent,
	"time-falls":         SessionInconsistent,
	"event-counter":      SessionInconsistent,
	"loss-cable-differs": SessionInconsistent,
}

// sessionState says whether the values are those of one whole session. What a value says contradicts nothing while its
// signature does not hold: then only begin and end count.
func sessionState(reasons []Reason, signature SignatureState) SessionState {
	state := SessionComplete
	for _, r := range reasons {
		found, known := sessionCodes[r.Code]
		switch {
		case !known || r.Notice:
		case found == SessionInconsistent && signature != SignatureInvalid && signature != SignatureMixed:
			return SessionInconsistent
		case found == SessionInconsistent && (r.Code == "value-duplicate" || r.Code == "begin-twice" || r.Code == "end-twice"):
			return SessionInconsistent
		case found == SessionIncomplete:
			state = SessionIncomplete
		}
	}
	return state
}
