package simulate

import (
	"fmt"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/dev/signer"
)

// sign returns the signed values of a session, in the format and with the key of the charge point's meter. Of a tampered
// session they state the lowered reading, under the signatures of the true one.
func (w *World) sign(s *Session, e *EVSE, token customer.Token, final cdr.MicroKWh) (signer.Signed, error) {
	format, m := e.make.format, e.meterAt(s.Start)
	if format == "OCMF" && s.Pair {
		format = "OCMF-PAIR"
	}
	happened := w.seenByMeter(s, e, m, token)
	var signed signer.Signed
	var err error
	if final == s.Final {
		signed, err = signer.Sign(format, m.key, happened)
	} else {
		shown := happened
		shown.End.Energy = final
		signed, err = signer.Forge(format, m.key, happened, shown)
	}
	if err != nil {
		return signer.Signed{}, fmt.Errorf("sign session %d: %w", s.Number, err)
	}
	return signed, nil
}

// seenByMeter is the session as the meter of the charge point saw it. Its clock is right, so that durations may be billed.
func (w *World) seenByMeter(s *Session, e *EVSE, m *Meter, token customer.Token) signer.Session {
	kind := "ISO14443"
	if isApp(token.UID) {
		kind = "CENTRAL"
	}
	running := func(at time.Time) uint64 { return uint64(at.Sub(m.KeyFrom) / time.Second) }
	return signer.Session{
		Device: m.device, DC: w.location(e).fast,
		Page: uint64(s.Page), Transaction: uint32(s.Number),
		EVSE: e.ID, User: token.UID, UserKind: kind,
		UserSince: s.Start.Add(-time.Duration(3+s.Number%12) * time.Second),
		Begin:     signer.Reading{At: s.Start, Energy: s.Begin, Seconds: running(s.Start)},
		End:       signer.Reading{At: s.End, Energy: s.Final, Seconds: running(s.End)},
		Zone:      w.zone,
		Terse:     w.location(e).fast,
	}
}

// isApp reports whether a token is an app account; the others are cards.
func isApp(uid string) bool { return strings.HasPrefix(uid, "APP-") }
