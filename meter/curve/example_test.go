package curve_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"wattdue/meter/curve"
)

// The key and the signature are those of RFC 6979, A.2.3.
func ExampleKey_Verify() {
	point, _ := hex.DecodeString("04ac2c77f529f91689fea0ea5efec7f210d8eea0b9e047ed563bc723e57670bd4887ebc732c523063d0a7c957bc97c1c43")
	r, _ := hex.DecodeString("4b0b8ce98a92866a2820e20aa6b75b56382e0f9bfd5ecb55")
	s, _ := hex.DecodeString("ccdb006926ea9565cbadc840829d8c384e06de1f1e381b85")
	key, err := curve.Named("NIST P-192").Key(point)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, message := range []string{"sample", "simple"} {
		digest := sha256.Sum256([]byte(message))
		fmt.Println(key.Curve().Name(), message, key.Verify(digest[:], r, s))
	}
	// Output:
	// secp192r1 sample true
	// secp192r1 simple false
}

func ExampleCurve_Key() {
	_, err := curve.Named("brainpool256r1").Key([]byte{0})
	fmt.Println(err)
	// Output: brainpoolP256r1: point at infinity
}
