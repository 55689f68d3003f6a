package signer

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// The curves of each format.
var (
	ocmfCurves = []string{
		"secp192r1", "secp192k1", "secp256r1", "secp256k1", "brainpoolP256r1", "secp384r1", "brainpoolP384r1", "secp521r1",
		"Ed25519", "Ed448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
	}
	edlCurves = []string{"secp192r1", "secp256r1"}
	onlyP192  = []string{"secp192r1"}
	onlyP256  = []string{"secp256r1"}
)

// What OCPI 2.2.1 calls the encodings it knows (SignedData.encoding_method).
const (
	methodOCMF     = "OCMF"
	methodAlfen    = "Alfen Eichrecht"
	methodEDL      = "EDL40 E-Mobility Extension"
	methodMennekes = "EDL40 Mennekes"
)

// formats is the table. A new format is one file and one row.
func formats() []format {
	return []format{
		{"OCMF", ocmfCurves, methodOCMF, keyBase64, textDevice, writeOCMF},
		{"OCMF-PAIR", ocmfCurves, methodOCMF, keyBase64, textDevice, writeOCMFPair},
		{"EDL_40_P", edlCurves, methodEDL, keyBare, edlDevice, writeEDL40P},
		{"EDL_40_SIG", edlCurves, methodEDL, keyBare, edlDevice, writeEDL40Sig},
		{"EDL_40_MENNEKES", onlyP192, methodMennekes, keyBare, edlDevice, writeMennekes},
		{"CHARGEIT_EMH", onlyP192, methodEDL, keyBare, edlDevice, writeChargeIT},
		{"ISA_EDL_40_P", onlyP256, methodEDL, keyBare, edlDevice, writeISA},
		{"ALFEN", onlyP192, methodAlfen, keyBare, alfenDevice, writeAlfen},
		{"PCDF", onlyP256, "PCDF", keyPoint, pcdfDevice, writePCDF},
		{"BSM_WS36A", onlyP256, "BSM-WS36A", keyBase64, bsmDevice, writeBSM},
		{"CHARGEPOINT", []string{"secp224k1", "secp256r1"}, "ChargePoint", keyBase64, chargePointDevice, writeChargePoint},
		{"SAFE-XML", ocmfCurves, methodOCMF, keyBase64, textDevice, writeSAFE},
		{"PTB", ocmfCurves, methodOCMF, keyBase64, textDevice, writePTB},
	}
}

// The forms in which keys travel.
func keyBase64(k *Key) string { return base64.StdEncoding.EncodeToString(k.spki) }
func keyBare(k *Key) string   { return strings.ToUpper(hex.EncodeToString(k.bare())) }
func keyPoint(k *Key) string  { return hex.EncodeToString(k.point) }

// textDevice has a meter with the number of DIN 43863-5: electricity, three letters of the maker, two digits of the
// factory, eight of the meter.
func textDevice(n uint32) Device {
	return Device{
		Meter: fmt.Sprintf("1NLZ%010d", n), Gateway: fmt.Sprintf("G%010d", n), Firmware: "2.4.1",
		Vendor: "Leuchtfeuer", Model: "LZ-80",
	}
}

// edlDevice has the same number in the ten bytes of the server id (DIN 43863-5:2012): 0a 01, the letters, the factory,
// the meter.
func edlDevice(n uint32) Device {
	return Device{
		Meter: fmt.Sprintf("0a014e4c5a00%08x", n), Firmware: "1.07", Vendor: "Leuchtfeuer", Model: "LZ-40",
	}
}

// alfenDevice has a signing adapter beside the meter, with a number of the same kind.
func alfenDevice(n uint32) Device {
	return Device{
		Meter: fmt.Sprintf("0a014e4c5a00%08x", n), Gateway: fmt.Sprintf("0a0e4e4c5a00%08x", n), Firmware: "v016",
		Vendor: "Leuchtfeuer", Model: "LZ-20",
	}
}

func pcdfDevice(n uint32) Device {
	return Device{Meter: fmt.Sprintf("%011d", n), Firmware: "513f627b"}
}

func bsmDevice(n uint32) Device {
	return Device{
		Meter: fmt.Sprintf("001BZR%010d", n), Firmware: "1.9:32CA:AFF4, 6d1dd3c", Vendor: "Leuchtfeuer", Model: "LZ-36",
	}
}

// chargePointDevice has the address of the station in place of a signing unit, from a range that belongs to nobody.
func chargePointDevice(n uint32) Device {
	return Device{
		Meter: fmt.Sprintf("%08dT", n), Gateway: fmt.Sprintf("0200:5e00:%04x:%04x", n>>16, n&0xffff), Vendor: "Leuchtfeuer",
	}
}
