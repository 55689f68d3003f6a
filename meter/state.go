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

// showsSession reports that a begin and an end can be seen, or that the session was judged as a whole. Of a record that
// cannot be read only what its decoder found counts.
func (x *examination) showsSession() bool {
	if len(x.values) > 0 && x.readable() {
		return true
	}
	begin, end, silent := false, false, 0
	for _, v := range x.values {
		for _, e := range v.message.Entries {
			begin, end = begin || e.Tx.IsBegin(), end || e.Tx.IsEnd()
		}
		if len(v.message.Entries) > 0 && v.message.isSilent() {
			silent++
		}
	}
	return begin && end || silent > 1
}
