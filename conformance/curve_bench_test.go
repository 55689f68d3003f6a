package conformance

import (
	"crypto/sha256"
	"strconv"
	"strings"
	"testing"

	"wattdue/dev/signer"
	"wattdue/meter/curve"
)

// opensslCurves names the curves of signed meter values that `openssl speed` knows.
var opensslCurves = map[string]string{
	"secp192r1": "ecdsap192", "secp256r1": "ecdsap256", "secp384r1": "ecdsap384", "secp521r1": "ecdsap521",
	"brainpoolP256r1": "ecdsabrp256r1", "brainpoolP384r1": "ecdsabrp384r1",
}

// BenchmarkCurves verifies a signature on every curve, with a key used before and with one seen for the first time, and
// compares with OpenSSL on the same machine in the same run.
func BenchmarkCurves(b *testing.B) {
	need(b, "openssl")
	for _, c := range curve.All() {
		key, err := signer.NewKey(c.Name(), "benchmark")
		if err != nil {
			b.Fatal(err)
		}
		digest := sha256.Sum256([]byte("a signed meter value"))
		signature := key.SignDigest(digest[:])
		r, s := signature.R.Bytes(), signature.S.Bytes()
		theirs := opensslVerifies(b, opensslCurves[c.Name()])
		measure := func(name string, parse func() *curve.Key) {
			b.Run(c.Name()+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if !parse().Verify(digest[:], r, s) {
						b.Fatal("a good signature is refused")
					}
				}
				perSecond := float64(b.N) / b.Elapsed().Seconds()
				b.ReportMetric(perSecond, "verify/s")
				if theirs > 0 {
					b.ReportMetric(theirs, "openssl/s")
					b.ReportMetric(perSecond/theirs, "ratio")
				}
			})
		}
		known, err := c.Key(key.Point())
		if err != nil {
			b.Fatal(err)
		}
		measure("known", func() *curve.Key { return known })
		measure("new", func() *curve.Key {
			k, err := c.Key(key.Point())
			if err != nil {
				b.Fatal(err)
			}
			return k
		})
	}
}

// opensslVerifies measures how many signatures OpenSSL verifies in a second; 0 where it does not know the curve.
func opensslVerifies(b *testing.B, algorithm string) float64 {
	b.Helper()
	if algorithm == "" {
		return 0
	}
	// A machine-readable line ends in verifications per second: +F4:index:bits:signs per second:verifications per second.
	for line := range strings.Lines(output(b, "openssl", "speed", "-mr", "-seconds", "2", algorithm)) {
		if fields := strings.Split(strings.TrimSpace(line), ":"); strings.HasPrefix(line, "+F4") && len(fields) == 5 {
			n, err := strconv.ParseFloat(fields[4], 64)
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	b.Fatalf("openssl speed %s told no figure", algorithm)
	return 0
}
