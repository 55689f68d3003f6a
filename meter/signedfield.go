package meter

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
)

// The fields that the formats of binary origin have in common.

// dlmsWattHour is the code of the unit Wh (IEC 62056-6-2, table of units).
const dlmsWattHour = 30

// unitOfDLMS names a unit; those that are no energy only by their code.
func unitOfDLMS(code int64) string {
	if code == dlmsWattHour {
		return "Wh"
	}
	return "DLMS unit " + strconv.FormatInt(code, 10)
}

// signedOBIS writes the six bytes of an OBIS code as text, such as 1-0:1.8.0*255.
func signedOBIS(b []byte) string {
	return fmt.Sprintf("%d-%d:%d.%d.%d*%d", b[0], b[1], b[2], b[3], b[4], b[5])
}

// scaledValue is a counter in units of a power of ten. ok is false for numbers no counter reaches.
func scaledValue(n uint64, scale int) (d Decimal, ok bool) {
	const largest = 30 // as for numbers in text
	if n > math.MaxInt64 || scale > largest || scale < -largest {
		return Decimal{}, false
	}
	return Decimal{int64(n), scale}.trimmed(), true
}

// printable is a text field as text, or in hex when somebody put other bytes there.
func printable(b []byte) string {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return hex.EncodeToString(b)
		}
	}
	return string(b)
}

// serverVendor is the manufacturer in a meter id: three letters after the medium (DIN 43863-5).
func serverVendor(id []byte) string {
	if len(id) < 5 {
		return ""
	}
	for _, c := range id[2:5] {
		if !isLetter(c) {
			return ""
		}
	}
	return string(id[2:5])
}
