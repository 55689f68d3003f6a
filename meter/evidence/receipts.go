package evidence

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"path"
	"slices"
	"strings"

	"wattdue/meter"
)

// receipts holds back the files of ChargePoint until all were seen: a receipt (secrrct), its signature (secrrct.sign) and
// the key of the outlet (<mac>_<outlet>.pem) are three files of one folder or archive.
type receipts struct {
	receipts, signatures, keys []source
}

// signSuffix ends the name of a signature; what is before is the name of the receipt.
const signSuffix = ".sign"

// What the three may have in bytes; the real ones have some thousand, seventy and two hundred.
const (
	maxReceipt   = 1 << 20
	maxSignature = 1 << 10
	maxKey       = 16 << 10
)

// take keeps a file that belongs to others; false for all other files.
func (h *receipts) take(s source) bool {
	switch {
	case len(s.data) <= maxKey && isPublicKey(s.data):
		h.keys = append(h.keys, s)
	case len(s.data) <= maxSignature && strings.HasSuffix(s.place, signSuffix):
		h.signatures = append(h.signatures, s)
	case len(s.data) <= maxReceipt && isJSON(s.data) && bytes.Contains(s.data, []byte(`"station_mac"`)):
		h.receipts = append(h.receipts, s)
	default:
		return false
	}
	return true
}

func isPublicKey(data []byte) bool {
	block, _ := pem.Decode(data)
	return block != nil && strings.HasSuffix(block.Type, "PUBLIC KEY")
}

// joinReceipts yields the receipts with what belongs to them, and says what belongs to none.
func (r *reader) joinReceipts() {
	used := map[string]bool{}
	for _, receipt := range r.held.receipts {
		signature, signed := r.held.signatureOf(receipt)
		key, keyed := r.held.keyOf(receipt)
		m := meter.DecodeReceipt(receipt.data, signature.data)
		if signed {
			used[signature.place] = true
		}
		if keyed {
			m.Outer.Key, used[key.place] = string(key.data), true
		}
		r.sessions(receipt.display, []meter.Message{m})
	}
	for _, s := range r.held.signatures {
		if !used[s.place] {
			r.problem(Problem{File: s.display, Text: "a signature without its receipt; put the file it signs beside it"})
		}
	}
	for _, k := range r.held.keys {
		if !used[k.place] {
			r.problem(Problem{File: k.display, Text: "a public key; it is used for receipts in its folder, for other records name it as the key", Harmless: true})
		}
	}
}

// signatureOf finds the signature of a receipt: by its name, or the only one in the folder of the only receipt.
func (h *receipts) signatureOf(receipt source) (source, bool) {
	dir := path.Dir(receipt.place)
	inFolder := func(s source) bool { return path.Dir(s.place) == dir }
	var candidates []source
	for _, s := range h.signatures {
		if s.place == receipt.place+signSuffix {
			return s, true
		}
		if inFolder(s) {
			candidates = append(candidates, s)
		}
	}
	receiptsHere := 0
	for _, s := range h.receipts {
		if inFolder(s) {
			receiptsHere++
		}
	}
	if len(candidates) == 1 && receiptsHere == 1 {
		return candidates[0], true
	}
	return source{}, false
}

// keyOf finds the key of the outlet of a receipt: in the folder or archive of the receipt, else in those around it, the
// nearest first. There the one named after the outlet, else the only one. Of several that bear other names none is
// taken: a receipt tried with one key after the other until it fits would prove nothing.
func (h *receipts) keyOf(receipt source) (source, bool) {
	outlet := outletOf(receipt.data)
	for dir := path.Dir(receipt.place); ; dir = path.Dir(dir) {
		var here []source
		for _, k := range h.keys {
			if path.Dir(k.place) == dir {
				here = append(here, k)
			}
		}
		named := slices.IndexFunc(here, func(k source) bool { return isNamed(k, outlet) })
		switch {
		case named >= 0:
			return here[named], true
		case len(here) == 1:
			return here[0], true
		case len(here) > 1 || dir == "." || dir == "/":
			return source{}, false
		}
	}
}

// isNamed reports that a key bears the name of an outlet, whatever follows it: .pem, -publicKey.pem.
func isNamed(key source, outlet string) bool {
	rest, ok := strings.CutPrefix(plainName(key.place), outlet)
	return ok && outlet != "" && (rest == "" || rest[0] < '0' || rest[0] > '9')
}

// plainName is the name of a file as keys are named: lower case, without colons.
func plainName(place string) string {
	return strings.ReplaceAll(strings.ToLower(path.Base(place)), ":", "")
}

// outletOf returns how the key of a receipt is named, <mac>_<outlet>; the two stand at the top of a receipt or under
// additional_info. Empty when they cannot be read.
func outletOf(receipt []byte) string {
	type outlet struct {
		StationMAC string      `json:"station_mac"`
		Outlet     json.Number `json:"outlet"`
	}
	var r struct {
		outlet
		Info outlet `json:"additional_info"`
	}
	if json.Unmarshal(receipt, &r) != nil {
		return ""
	}
	o := r.Info
	if o.StationMAC == "" {
		o = r.outlet
	}
	if o.StationMAC == "" || o.Outlet == "" {
		return ""
	}
	return plainName(fmt.Sprintf("%s_%s", o.StationMAC, o.Outlet))
}
