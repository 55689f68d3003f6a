package meter

import (
	"bytes"
	"errors"
	"path"
	"strings"

	"wattdue/meter/unpack"
)

// receiptArchive is the id of an archive with receipts: a tar, compressed or not, or a zip.
const receiptArchive = "RECEIPT-ARCHIVE"

// isReceiptArchive recognises archives. What a compressed one holds is seen only when it is open.
func isReceiptArchive(payload []byte) bool {
	return isCompressed(payload) || isArchive(payload) && bytes.Contains(payload, []byte(receiptFile))
}

// Heads of the kinds of archives: zip (APPNOTE 4.3.7), gzip with deflate (RFC 1952, 2.3.1), bzip2 with its first block,
// and what stands in the header of the first file of a tar (POSIX.1-2017, pax, ustar format).
const (
	zipHead      = "PK\x03\x04"
	gzipHead     = "\x1f\x8b\x08"
	bzip2Head    = "BZh"
	bzip2Block   = "1AY&SY"
	bzip2BlockAt = 4
	tarMagic     = "ustar"
	tarMagicAt   = 257
)

func isArchive(b []byte) bool {
	return isCompressed(b) || bytes.HasPrefix(b, []byte(zipHead)) || hasAt(b, tarMagicAt, tarMagic)
}

func isCompressed(b []byte) bool {
	return bytes.HasPrefix(b, []byte(gzipHead)) || bytes.HasPrefix(b, []byte(bzip2Head)) && hasAt(b, bzip2BlockAt, bzip2Block)
}

func hasAt(b []byte, at int, text string) bool {
	return len(b) >= at && bytes.HasPrefix(b[at:], []byte(text))
}

// receiptFiles is what one folder of an archive holds.
type receiptFiles struct{ receipt, signature []byte }

// receiptBox is an opened archive.
type receiptBox struct {
	folders map[string]*receiptFiles
	order   []string
	keys    map[string]string // PEM by name without ending
	damaged string            // first trouble with a file
}

// decodeReceiptArchive reads every receipt of an archive, each with the signature that lies in its folder.
func decodeReceiptArchive(payload []byte, _ opener) []Message {
	box := openReceipts(payload)
	var messages []Message
	for _, folder := range box.order {
		f := box.folders[folder]
		if f.receipt == nil {
			messages = append(messages, unreadable("record-form", "no "+receiptFile+" beside "+signatureFile)...)
			continue
		}
		m := DecodeReceipt(f.receipt, f.signature)
		m.Outer.Key = box.keyFor(m.Place.ID)
		messages = append(messages, m)
	}
	if box.damaged != "" && (len(messages) == 0 || hasFaults(messages)) {
		return append(messages, unreadable("container-unreadable", box.damaged)...)
	}
	return messages
}

func hasFaults(messages []Message) bool {
	for _, m := range messages {
		if len(m.Faults) > 0 {
			return true
		}
	}
	return false
}

// receiptLimits is far more than some receipts of a few kilobytes need, and too little to do harm.
func receiptLimits() unpack.Limits {
	return unpack.Limits{Depth: 2, Files: 1000, Total: 8 << 20, Single: 1 << 20}
}

// openReceipts sorts the files of an archive. Others than those of receipts are left alone.
func openReceipts(payload []byte) receiptBox {
	box := receiptBox{folders: map[string]*receiptFiles{}, keys: map[string]string{}}
	for file, err := range unpack.Walk("archive", payload, receiptLimits()) {
		if err != nil {
			box.trouble(err)
			continue
		}
		folder, name := path.Split(path.Join(file.Path...))
		switch {
		case name == receiptFile:
			box.in(folder).receipt = file.Data
		case name == signatureFile:
			box.in(folder).signature = file.Data
		case path.Ext(name) == ".pem":
			box.keys[strings.TrimSuffix(name, ".pem")] = string(file.Data)
		}
	}
	return box
}

func (b *receiptBox) trouble(err error) {
	var problem *unpack.Problem
	if b.damaged == "" && errors.As(err, &problem) {
		b.damaged = string(problem.Trouble)
	}
}

func (b *receiptBox) in(folder string) *receiptFiles {
	f := b.folders[folder]
	if f == nil {
		f = &receiptFiles{}
		b.folders[folder] = f
		b.order = append(b.order, folder)
	}
	return f
}

// keyFor finds the key of an outlet by the name of its file, mac_outlet with or without an addition; a key alone needs
// no name.
func (b *receiptBox) keyFor(outlet string) string {
	found, count := "", 0
	for name, key := range b.keys {
		rest, ok := strings.CutPrefix(strings.ToLower(name), outlet)
		if ok && (rest == "" || rest[0] < '0' || rest[0] > '9') {
			found, count = key, count+1
		}
	}
	if count == 1 {
		return found
	}
	if len(b.keys) == 1 {
		for _, key := range b.keys {
			return key
		}
	}
	return ""
}
