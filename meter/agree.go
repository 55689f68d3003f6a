package meter

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"wattdue/cdr"
)

// agree compares the signed session with what the charge record states outside the signature.
func (x *examination) agree(p proof) {
	for _, v := range p.values {
		if place := v.message.Outer.Place; looksLikeEVSE(place) { // some containers name the charge box
			x.agreeEVSE(v.message.Place, place)
		}
	}
	stated := x.evidence.Stated
	if stated == nil {
		return
	}
	x.agreeEnergy(p, stated)
	x.agreeTime("begin", p.begin, stated.Start)
	x.agreeTime("end", p.end, stated.End)
	x.agreeEVSE(p.beginFrom.Place, stated.Location.EVSEID)
	if p.endFrom.Place != p.beginFrom.Place {
		x.agreeEVSE(p.endFrom.Place, stated.Location.EVSEID)
	}
	x.agreeUser(p.beginFrom.User, stated.Token)
}

func (x *examination) agreeEnergy(p proof, stated *cdr.Record) {
	signed, _, ok := microKWhBetween(p.begin.Value, p.end.Value, p.end.Unit)
	if ok && x.profile.disagreesInEnergy(signed, stated.Energy) {
		x.add("energy-mismatch", "", "signed "+signed.KWh()+" kWh, stated "+stated.Energy.KWh()+" kWh")
	}
}

// magnitude is the distance of two energies; the unsigned difference cannot overflow.
func magnitude(a, b cdr.MicroKWh) uint64 {
	if a < b {
		a, b = b, a
	}
	return uint64(a) - uint64(b)
}

// agreeTime compares a signed time with the stated one, unless the clock was never set.
func (x *examination) agreeTime(label string, e *Entry, stated time.Time) {
	if !e.clockSet() {
		x.add("time-not-compared", label, e.clockText())
		return
	}
	if e.Time.Sub(stated).Abs() > x.profile.TimeTolerance {
		x.add("time-mismatch", label, "signed "+e.Time.Format(time.RFC3339)+", stated "+stated.UTC().Format(time.RFC3339))
	}
}

// agreeEVSE compares a signed EVSE id with the one of the charge record or of the container. Some charge points sign a
// number of their own as EVSEID; that is no statement about the EVSE beside it.
func (x *examination) agreeEVSE(place Place, stated string) {
	if place.Kind != "EVSEID" || place.ID == "" || stated == "" {
		return
	}
	switch {
	case bareID(place.ID) == bareID(stated):
	case !looksLikeEVSE(place.ID):
		x.addOnce("evse-unusual", clean(place.ID))
	default:
		x.addOnce("evse-mismatch", clean("signed "+place.ID+", stated "+stated))
	}
}

// bareID writes an EVSE id or EMAID for comparison: upper case without separators (eMI3).
func bareID(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '*', '-', ' ':
			return -1
		}
		return r
	}, strings.ToUpper(s))
}

// looksLikeEVSE reports the form country, operator, E, outlet (eMI3), or the older +49*810*... of DIN SPEC 91286.
func looksLikeEVSE(id string) bool {
	if strings.HasPrefix(id, "+") {
		return true
	}
	b := bareID(id)
	return len(b) >= 7 && isLetter(b[0]) && isLetter(b[1]) && b[5] == 'E'
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' }

// agreeUser compares the signed user with the token, where both are stated in plain form: a card number read
// from the card (RFID_PLAIN), an EMAID, or what can be nothing else. Values are personal data and never repeated.
func (x *examination) agreeUser(u User, token cdr.Token) {
	if !x.profile.MatchUser {
		return
	}
	switch u.Kind {
	case "ISO14443", "ISO15693":
		signed, stated := plainUID(u.ID), plainUID(token.UID)
		if slices.Contains(u.Flags, "RFID_PLAIN") && signed != "" && stated != "" &&
			signed != stated && signed != reversedBytes(stated) {
			x.add("user-mismatch", "", "card number")
		}
	case "EMAID":
		if signed, stated := emaid(u.ID), emaid(token.ContractID); signed != "" && stated != "" && signed != stated {
			x.add("user-mismatch", "", "EMAID")
		}
	case "", driverKind:
		if len(u.Flags) == 0 && isOther(u.ID, token) {
			x.add("user-mismatch", "", "identification")
		}
	}
}

// isOther reports that an identification of a kind that is not stated is surely another one than the token: a different
// card number, or a different contract of the same provider. Numbers of digits alone may be those of a customer.
func isOther(id string, token cdr.Token) bool {
	const provider = 5 // country and provider
	signed, stated := emaid(id), emaid(token.ContractID)
	if signed != "" && signed == stated {
		return false
	}
	if uid := plainUID(id); uid != "" {
		card := plainUID(token.UID)
		return token.Type == "RFID" && strings.ContainsAny(uid, "ABCDEF") && card != "" &&
			unpadded(uid) != unpadded(card) && unpadded(uid) != unpadded(reversedBytes(card))
	}
	return signed != "" && stated != "" && signed[:provider] == stated[:provider]
}

// plainUID returns a card number of 4, 7, 8 or 10 bytes (ISO 14443-3, ISO 15693) in upper-case hex without
// separators, empty for anything else, such as a name or a hash.
func plainUID(s string) string {
	s = strings.ReplaceAll(bareID(s), ":", "")
	switch len(s) {
	case 8, 14, 16, 20:
	default:
		return ""
	}
	if strings.Trim(s, "0123456789ABCDEF") != "" {
		return ""
	}
	return s
}

// unpadded leaves out zero bytes at the end: fixed fields of signed records are filled up with them, so that those of a
// card number cannot be told from padding.
func unpadded(uid string) string {
	for strings.HasSuffix(uid, "00") {
		uid = uid[:len(uid)-2]
	}
	return uid
}

// reversedBytes turns a card number around: readers disagree about which byte comes first.
func reversedBytes(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

// emaid returns a contract id without its optional check digit, empty for anything that has not the form
// country, provider, instance of nine characters (ISO 15118-1, annex H).
func emaid(s string) string {
	b := bareID(s)
	if len(b) != 14 && len(b) != 15 || !isLetter(b[0]) || !isLetter(b[1]) {
		return ""
	}
	return b[:14]
}

// agreePlain compares the readable copies beside the signed values with the signed text. All of them together may hold no
// more than one carried value.
func (x *examination) agreePlain() {
	left := newBudget()
	for _, v := range x.values {
		x.comparePlain(v.label, &v.message, left)
	}
}

// comparePlain compares one copy. It may hold the whole record or the payload only; one that is merely written
// differently is tolerated when it decodes to the same content.
func (x *examination) comparePlain(label string, m *Message, left *budget) {
	plain := trimText([]byte(m.Outer.Plain))
	if len(plain) == 0 || bytes.Equal(plain, m.Text) {
		return
	}
	if bytes.Equal(bytes.TrimPrefix(plain, []byte(ocmfPrefix)), bytes.TrimSpace(m.Signed)) {
		return
	}
	copied := decodeAt(plain, 0, left)
	switch {
	case len(copied) == 1 && bytes.Equal(copied[0].Text, m.Text):
		return // the same record in a container, or a binary one in hex
	case len(copied) == 1 && len(copied[0].Faults) == 0 && sameContent(&copied[0], m):
		x.add("plain-reformatted", label, "")
		return
	}
	x.add("plain-differs", label, "")
}

// sameContent compares what two messages say, not how they are written.
func sameContent(a, b *Message) bool {
	return a.Format == b.Format && a.Meter == b.Meter && a.Gateway == b.Gateway && a.Page == b.Page &&
		a.User.Kind == b.User.Kind && a.User.ID == b.User.ID && a.Place == b.Place && a.Tariff == b.Tariff &&
		slices.Equal(a.Entries, b.Entries)
}
