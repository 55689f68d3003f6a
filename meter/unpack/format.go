package unpack

import (
	"bytes"
	"strconv"
	"strings"
)

// format is a kind of container. Without open it is known but not opened.
type format struct {
	name string
	is   func([]byte) bool
	open func(w *walker, path []string, data []byte, depth int)
}

// identify returns the format of the data, nil for a plain file.
func identify(data []byte) *format {
	for _, f := range [...]format{
		{"zip", magic("PK\x03\x04", "PK\x05\x06", "PK\x07\x08"), (*walker).zip},
		{"gzip", magic("\x1f\x8b\x08"), (*walker).gzip},
		{"bzip2", isBzip2, (*walker).bzip2},
		{"PDF", isPDF, (*walker).pdf},
		{"tar", isTar, (*walker).tar},
		{"7z", magic("7z\xbc\xaf\x27\x1c"), nil},
		{"rar", magic("Rar!\x1a\x07"), nil},
		{"xz", magic("\xfd7zXZ\x00"), nil},
		{"zstd", magic("\x28\xb5\x2f\xfd"), nil},
	} {
		if f.is(data) {
			return &f
		}
	}
	return nil
}

func magic(beginnings ...string) func([]byte) bool {
	return func(b []byte) bool {
		for _, m := range beginnings {
			if bytes.HasPrefix(b, []byte(m)) {
				return true
			}
		}
		return false
	}
}

// isBzip2 looks for the file head and the head of the first block, or of the end when there is none.
func isBzip2(b []byte) bool {
	return len(b) >= 10 && string(b[:3]) == "BZh" && b[3] >= '1' && b[3] <= '9' &&
		(string(b[4:10]) == "1AY&SY" || string(b[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

// isPDF lets a byte order mark and blanks stand before the head; some writers put them there.
func isPDF(b []byte) bool {
	b = bytes.TrimLeft(bytes.TrimPrefix(b[:min(len(b), 1024)], []byte("\ufeff")), " \t\r\n\x00")
	return bytes.HasPrefix(b, []byte("%PDF-"))
}

// tarBlock is the size of a tar header.
const tarBlock = 512

// isTar checks the sum in the header (POSIX.1-2017, pax, ustar format): the oldest archives have no magic bytes.
func isTar(b []byte) bool {
	if len(b) < tarBlock {
		return false
	}
	field := strings.Trim(string(b[148:156]), " \x00")
	want, err := strconv.ParseInt(field, 8, 32)
	if err != nil {
		return false
	}
	// The field itself counts as blanks. Some old writers add signed bytes.
	unsigned, signed := int64(8*' '), int64(8*' ')
	for i, c := range b[:tarBlock] {
		if i < 148 || i >= 156 {
			unsigned += int64(c)
			signed += int64(int8(c))
		}
	}
	return want == unsigned || want == signed
}
