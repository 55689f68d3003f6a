package archive

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// counting is the key 00 01 02 … 1f.
func counting() (key [32]byte) {
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func repeated(b byte) (key [32]byte) {
	for i := range key {
		key[i] = b
	}
	return key
}

// The expected bytes were computed from the description in seal.go with Node's crypto module and with Python's
// cryptography package, which agree.
func TestSealedBytesAreAsDescribed(t *testing.T) {
	const (
		wantName   = "f14af9839584379fa32a6666e10da5e75041a0260b61851f9c9c5c5f9c30a52d"
		wantSealed = "01370550291192894de5bb07604eee1a3868472bd7871839e0bc32441fda70a2fa95a4f5e9307cf11020485dfc1110febfa6"
		wantKey    = "01367b7fe7b846cd29e3ae912af5b7517f661c200c144d39e8fe3cfcb53d77e206e5ca8ce1a98b5b482142d581b4f03e6bf85805c38aea603f2636729f"
	)
	name, sealed := Seal(counting(), []byte("invoice R-2026-000001"))
	if got := hex.EncodeToString(sealed); got != wantSealed {
		t.Errorf("sealed = %s, want %s", got, wantSealed)
	}
	if name != wantName {
		t.Errorf("name = %s, want %s", name, wantName)
	}
	wrapped := Wrap(counting(), repeated(7))
	if got := hex.EncodeToString(wrapped); got != wantKey {
		t.Errorf("wrapped = %s, want %s", got, wantKey)
	}
	if key, err := Unwrap(counting(), wrapped); err != nil || key != repeated(7) {
		t.Errorf("unwrapped = %x, %v", key, err)
	}
}

func TestSealAndOpen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		for _, seal := range []func([32]byte, []byte) (string, []byte){Seal, SealCompressed} {
			name, sealed := seal(key, plain)
			again, _ := seal(key, plain)
			if name != again {
				t.Fatal("sealing twice gave two objects")
			}
			got, err := Open(key, sealed)
			if err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("opened %x, %v; want %x", got, err, plain)
			}
			other := key
			other[0] ^= 1
			if _, err := Open(other, sealed); !errors.Is(err, ErrSealed) {
				t.Fatalf("another key: %v, want ErrSealed", err)
			}
			i := rapid.IntRange(0, len(sealed)-1).Draw(t, "position")
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			if _, err := Open(key, bad); !errors.Is(err, ErrSealed) {
				t.Fatalf("bit changed in byte %d: %v, want ErrSealed", i, err)
			}
		}
	})
}

func TestOtherContentHasAnotherNonce(t *testing.T) {
	_, a := Seal(counting(), []byte("one"))
	_, b := Seal(counting(), []byte("two"))
	_, c := Seal(repeated(7), []byte("one"))
	nonce := func(s []byte) string { return string(s[1 : 1+nonceSize]) }
	if nonce(a) == nonce(b) || nonce(a) == nonce(c) {
		t.Error("a nonce came twice")
	}
}

func TestWrappedKeyIsNoObject(t *testing.T) {
	if _, err := Open(counting(), Wrap(counting(), repeated(7))); !errors.Is(err, ErrSealed) {
		t.Errorf("a wrapped key was opened as an object: %v", err)
	}
	_, sealed := Seal(counting(), bytes.Repeat([]byte{7}, 32))
	if _, err := Unwrap(counting(), sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("an object was unwrapped as a key: %v", err)
	}
}

func TestTextIsCompressed(t *testing.T) {
	text := []byte(strings.Repeat(`{"kwh":"12.345","evse":"DE*ABC*E1"},`, 1000)) // 36,000 bytes
	_, sealed := SealCompressed(counting(), text)
	if len(sealed) > 1000 {
		t.Errorf("sealed %d bytes into %d, want under 1000", len(text), len(sealed))
	}
	got, err := Open(counting(), sealed)
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("opened %d bytes, %v", len(got), err)
	}
	short, plain := SealCompressed(counting(), []byte("ab"))
	if want, _ := Seal(counting(), []byte("ab")); short != want || plain[0] != formPlain {
		t.Error("what does not shrink is stored compressed")
	}
}

// Hostile bytes never open and never panic; what opens seals to the same bytes again.
func FuzzOpen(f *testing.F) {
	_, sealed := Seal(counting(), []byte("invoice"))
	_, packed := SealCompressed(counting(), bytes.Repeat([]byte("a"), 500))
	for _, b := range [][]byte{nil, {1}, sealed, packed, sealed[:overhead], Wrap(counting(), repeated(7))} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		plain, err := Open(counting(), b)
		if err == nil {
			_, one := Seal(counting(), plain)
			_, two := SealCompressed(counting(), plain)
			if !bytes.Equal(one, b) && !bytes.Equal(two, b) {
				t.Errorf("%x opened, but is not what sealing gives", b)
			}
		}
		if _, err := Unwrap(counting(), b); err == nil && !bytes.Equal(b, Wrap(counting(), repeated(7))) {
			t.Errorf("%x was unwrapped", b)
		}
		if plain, err := decompress(b); err == nil && len(plain) > maxInflated {
			t.Errorf("inflated to %d bytes", len(plain))
		}
	})
}
