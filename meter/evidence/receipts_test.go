package evidence

import (
	"slices"
	"testing"
)

const publicKeyPEM = "-----BEGIN PUBLIC KEY-----\nMFkwEwYH\n-----END PUBLIC KEY-----\n"

// receiptOf is the part of a receipt that leads to its key.
func receiptOf(mac, outlet string) []byte {
	return []byte(`{"additional_info":{"station_mac":"` + mac + `","outlet":` + outlet + `}}`)
}

func at(place string, data []byte) source { return source{display: place, place: place, data: data} }

// TestKeyOf: a key is found by the name of the outlet, else when it is the only one, in the folder or in one around it.
func TestKeyOf(t *testing.T) {
	key := []byte(publicKeyPEM)
	for _, c := range []struct {
		name, receipt string
		keys          []string
		want          string
	}{
		{"the only one", "d/secrrct", []string{"d/key.pem"}, "d/key.pem"},
		{"by its name", "d/secrrct", []string{"d/0024b1_2.pem", "d/0024b1_1.pem"}, "d/0024b1_1.pem"},
		{"by its name, with more behind", "d/secrrct", []string{"d/0024b1_11.pem", "d/0024B1_1-publicKey.pem"}, "d/0024B1_1-publicKey.pem"},
		{"none of two others", "d/secrrct", []string{"d/0024b1_2.pem", "d/0024b1_3.pem"}, ""},
		{"beside the archive", "d/x.tar/secrrct", []string{"d/key.pem", "key.pem"}, "d/key.pem"},
		{"at the top", "d/x.tar/secrrct", []string{"key.pem"}, "key.pem"},
		{"not from another folder", "d/secrrct", []string{"e/key.pem"}, ""},
		{"from the root of the disk", "/d/secrrct", []string{"/key.pem"}, "/key.pem"},
	} {
		var h receipts
		for _, k := range c.keys {
			if !h.take(at(k, key)) {
				t.Fatal("no key")
			}
		}
		got, _ := h.keyOf(at(c.receipt, receiptOf("0024:b1", "1")))
		if got.place != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.place, c.want)
		}
	}
}

// TestSignatureOf: a signature bears the name of its receipt, or is the only one of the only receipt.
func TestSignatureOf(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"by its name", []string{"d/a", "d/a.sign", "d/b", "d/b.sign"}, "d/a.sign"},
		{"the only one", []string{"d/a", "d/other.sign"}, "d/other.sign"},
		{"of two receipts", []string{"d/a", "d/b", "d/other.sign"}, ""},
		{"of another folder", []string{"d/a", "e/other.sign"}, ""},
	} {
		var h receipts
		for _, f := range c.files {
			data := receiptOf("0024b1", "1")
			if len(f) > 3 {
				data = []byte{0x30, 0}
			}
			if !h.take(at(f, data)) {
				t.Fatal(f)
			}
		}
		if got, _ := h.signatureOf(h.receipts[0]); got.place != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.place, c.want)
		}
	}
}

// TestReceiptsApart: a signature and a key that belong to nothing are told.
func TestReceiptsApart(t *testing.T) {
	got := found(File{"d/a.sign", []byte{0x30, 0}}, File{"d/key.pem", []byte(publicKeyPEM)})
	if want := []string{"d/a.sign problem", "d/key.pem harmless"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestOutletOf(t *testing.T) {
	for receipt, want := range map[string]string{
		`{"additional_info":{"station_mac":"0024:B1","outlet":1}}`: "0024b1_1",
		`{"station_mac":"0024:b1","outlet":"2"}`:                   "0024b1_2",
		`{"station_mac":"0024:b1"}`:                                "",
		`[`:                                                        "",
	} {
		if got := outletOf([]byte(receipt)); got != want {
			t.Errorf("%s: %q, want %q", receipt, got, want)
		}
	}
}
