package archive

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// maxInflated bounds what one object may hold. Objects are authenticated before they are inflated, so this guards
// against our own mistakes only.
const maxInflated = 1 << 30

// The two are safe for concurrent use. One goroutine each, so that the bytes do not depend on the machine.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
		if err != nil {
			panic(err) // only for options that contradict each other
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxInflated))
		if err != nil {
			panic(err) // as above
		}
		return d
	})
)

func compress(plain []byte) []byte { return encoder().EncodeAll(plain, nil) }

func decompress(packed []byte) ([]byte, error) {
	plain, err := decoder().DecodeAll(packed, []byte{})
	if err != nil {
		return nil, fmt.Errorf("inflate object: %w", err)
	}
	return plain, nil
}
