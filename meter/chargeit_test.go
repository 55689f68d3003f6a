package meter

import (
	"strings"
	"testing"
)

// chargeITText puts lines of other formats into a container: older as plain strings, newer as payload.
func chargeITText(older bool, lines ...string) string {
	for i, line := range lines {
		lines[i] = `{"payload":"` + line + `","format":"other","encoding":"plain"}`
		if older {
			lines[i] = `"` + line + `"`
		}
	}
	return chargeITOf(lines...)
}

var chargeITCases = []evidenceCase{
	{
		name: "chargeIT: lines as payload", carried: func(t testing.TB) []string {
			return []string{chargeITText(false, alfenLines(nil)(t)...)}
		},
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "chargeIT: lines as plain strings", carried: func(t testing.TB) []string {
			return []string{chargeITText(true, alfenLines(nil)(t)...)}
		},
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "chargeIT: a line of another session among them", carried: func(t testing.TB) []string {
			return []string{chargeITText(true, alfenLines(func(_, end *alfenReading) { end.session++ })(t)...)}
		},
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "session-differs clock-informative",
	},
	{
		name: "chargeIT: no JSON", carried: func(testing.TB) []string { return []string{chargeITOf(`"AP;`)} },
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "container-unreadable",
	},
	{
		name: "chargeIT: no values", carried: func(testing.TB) []string { return []string{chargeITOf()} },
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "container-empty",
	},
	{
		name: "chargeIT: a value that is a number", carried: func(testing.TB) []string { return []string{chargeITOf("7")} },
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "record-form",
	},
	{
		name: "chargeIT: more values than any session has", carried: func(testing.TB) []string {
			return []string{chargeITOf("7" + strings.Repeat(",7", maxMessages))}
		},
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "messages-too-many",
	},
	{
		name: "chargeIT: text that nobody knows", carried: func(testing.TB) []string { return []string{chargeITOf(`"hello"`)} },
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "format-unknown",
	},
	{
		name: "chargeIT: containers in each other without end", carried: func(testing.TB) []string {
			text := chargeITOf(`"hello"`)
			for range 6 {
				text = chargeITOf(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`)
			}
			return []string{text}
		},
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "nested-too-deep",
	},
}

// TestChargeITSession: all values of a container are one session, and those of the next one another.
func TestChargeITSession(t *testing.T) {
	lines := func(session uint32) string {
		return chargeITText(true, alfenLines(func(begin, end *alfenReading) { begin.session, end.session = session, session })(t)...)
	}
	named := chargeITOf(`{"transactionId":"T7","additionalValues":[]}`, `"AP;0;3;;;"`)
	var all []Message
	for _, container := range []string{lines(1), lines(2), named, chargeITText(true, alfenLines(nil)(t)[:1]...)} {
		messages := Decode([]byte(container))
		for _, m := range messages {
			if m.Outer.Container != "chargeIT-JSON" || m.Outer.Place != "DE*TST*E1*1" {
				t.Errorf("outer %+v", m.Outer)
			}
		}
		all = append(all, messages...)
	}
	if all[4].Outer.Transaction != "T7" || all[5].Outer.Transaction != "T7" || all[6].Outer.Transaction != "" {
		t.Errorf("transactions %q %q %q", all[4].Outer.Transaction, all[5].Outer.Transaction, all[6].Outer.Transaction)
	}
	groups := Sessions(all)
	if len(groups) != 4 || len(groups[0]) != 2 || len(groups[1]) != 2 || len(groups[2]) != 2 {
		t.Errorf("%d groups", len(groups))
	}
}

func FuzzChargeIT(f *testing.F) {
	f.Add([]byte(bsmChanged(nil)(f)[0]))
	f.Add([]byte(chargeITText(false, alfenLines(nil)(f)...)))
	f.Add([]byte(chargeITText(true, alfenLines(nil)(f)...)))
	f.Add([]byte(`{"signedMeterValues":[{"measuredValue":{"value":"1","timestampLocal":{}},"contract":null},[],"{}",null]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		messages := Decode(b)
		if len(messages) == 0 {
			t.Fatal("neither a message nor a fault")
		}
		for _, m := range messages {
			checkForeign(t, m)
		}
	})
}
