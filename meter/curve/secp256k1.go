package curve

import (
	"math/big"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// koblitz is secp256k1, calculated by the module of the Decred project.
type koblitz struct{}

func (koblitz) order() *big.Int { return secp256k1.Params().N }
func (koblitz) baseX() *big.Int { return secp256k1.Params().Gx }

func (koblitz) parse(point []byte) (verifier, []byte, bool) {
	pub, err := secp256k1.ParsePubKey(point)
	if err != nil {
		return nil, nil, false
	}
	return (*koblitzKey)(pub), pub.SerializeUncompressed(), true
}

func (koblitz) baseMult(scalar []byte) []byte {
	return secp256k1.PrivKeyFromBytes(scalar).PubKey().SerializeUncompressed()
}

type koblitzKey secp256k1.PublicKey

func (k *koblitzKey) verify(digest, r, s []byte) bool {
	const size = 32
	if len(r) > size || len(s) > size {
		return false
	}
	var rn, sn secp256k1.ModNScalar
	if rn.SetByteSlice(r) || sn.SetByteSlice(s) { // true means not below the order
		return false
	}
	return ecdsa.NewSignature(&rn, &sn).Verify(digest[:min(len(digest), size)], (*secp256k1.PublicKey)(k))
}
