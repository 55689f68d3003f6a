package meter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"wattdue/meter/seal"
)

// openSealed opens the encodedData of a transparency file with the key beside it and decodes the text. The key is that of
// the seal: a record inside that is signed by itself needs its own. A seal is transport, so whether it held is
// noted and judged later.
func openSealed(encoded, key string, inside opener) []Message {
	if strings.TrimSpace(key) == "" {
		return unreadable("key-missing", "the key of the seal")
	}
	spki := sealKeyBytes(key)
	public, err := seal.ParseKey(spki)
	if err != nil {
		return unreadable("key-unreadable", clean(err.Error()))
	}
	if inside.left.spent() {
		return unreadable("messages-too-many", "seals")
	}
	opened, err := seal.Open(sealedBytes(encoded), public)
	if err != nil {
		return unreadable("container-unreadable", clean(err.Error()))
	}
	messages := inside.open(opened.Text)
	for i := range messages {
		m := &messages[i]
		m.Outer.Sealed = SealWhole
		if opened.Broken() {
			m.Outer.Sealed = SealBroken
		}
		if len(m.Signature.Bytes) == 0 {
			m.Outer.Key = hex.EncodeToString(spki)
			m.withoutSignature(opened.Text)
		}
	}
	return messages
}

// withoutSignature settles a sealed record that no meter signed. That its signature section is empty is no fault of the
// text: the finding seal-only says what it is worth. A text that cannot be read because the seal broke is a broken seal
// and nothing more.
func (m *Message) withoutSignature(text []byte) {
	if len(m.Signed) > 0 {
		m.Faults = slices.DeleteFunc(m.Faults, func(r Reason) bool { return r.Code == "signature-missing" })
	}
	if len(m.Faults) == 0 {
		return
	}
	m.Entries = salvage(text)
	if m.Outer.Sealed == SealBroken {
		m.Faults = nil
		m.fault("seal-broken", "")
	}
}

// maxSalvaged bounds what is salvaged; sealed records hold a begin and an end.
const maxSalvaged = 16

// salvage finds the moments of the readings that are still legible in a garbled OCMF payload: damage to a seal stays
// within a few blocks. They show whether a begin and an end were there, and nothing else about them is believed.
func salvage(text []byte) []Entry {
	var entries []Entry
	for len(entries) < maxSalvaged {
		_, rest, found := bytes.Cut(text, []byte(`"TX"`))
		if !found {
			break
		}
		text = rest
		s := &jsonScanner{b: rest}
		if !s.take(':') {
			continue
		}
		if moment, err := s.text(); err == nil && len(moment) == 1 {
			entries = append(entries, Entry{Tx: Tx(moment)})
		}
	}
	return entries
}

// sealKeyBytes takes off the coating of a key: PEM, hex, base64 or base32.
func sealKeyBytes(text string) []byte {
	if block, _ := pem.Decode([]byte(strings.TrimSpace(text))); block != nil {
		return block.Bytes
	}
	return sealedBytes(text)
}

// sealedBytes decodes text to DER, whichever of hex, base64 and base32 gives a sequence; nil when none does.
func sealedBytes(text string) []byte {
	packed := removeSpace(trimText([]byte(text)))
	for _, enc := range encodings {
		if b, ok := enc.decode(packed); ok && len(b) > 0 && b[0] == tagSequence {
			return b
		}
	}
	return nil
}

// proveSealed accepts the seal in place of a signature where the profile tolerates that.
func (x *examination) proveSealed(v *signedValue) {
	m := &v.message
	x.addOnce("seal-only", "")
	x.requireKey(m)
	if m.Outer.Sealed == SealBroken {
		x.addOnce("seal-broken", "")
		v.outcome = refuted
		return
	}
	if x.registered == nil && !x.profile.TrustRecordKey {
		return
	}
	spki := sealedBytes(m.Outer.Key)
	hash := sha256.Sum256(spki)
	key := &Key{SPKI: hex.EncodeToString(spki), Hash: hex.EncodeToString(hash[:])}
	source := keyOfRecord
	if x.registered != nil {
		if source = keyRegistered; !bytes.Equal(x.registered, spki) {
			registered := sha256.Sum256(x.registered)
			x.addOnce("wrong-key", fmt.Sprintf("key with SHA-256 %s, registered %x", key.Hash[:16], registered[:8]))
			v.outcome = refuted
			return
		}
	}
	x.verdict.KeySource, x.verdict.KeyHash, x.verdict.PublicKey = source, key.Hash, key.SPKI
	if public, err := seal.ParseKey(spki); err == nil {
		x.verdict.Curve = fmt.Sprintf("RSA-%d", public.N.BitLen())
	}
	x.verdict.Prints = append(x.verdict.Prints, printOf(m, key))
	v.outcome = proven
}
