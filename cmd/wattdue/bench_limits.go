package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"runtime"
	"time"

	"wattdue/cdr"
	"wattdue/dev/simulate"
	"wattdue/meter"
	"wattdue/meter/curve"
	"wattdue/sql/store"
)

// limitRows is how many records are held at once while the limits are measured.
const limitRows = 5000

// measureLimits measures over the records of a file what no intake can do without: raw verification of their
// signatures, raw decoding of their JSON and raw storing of their bytes. Each is counted in CPU time and done by one
// goroutine.
func measureLimits(ctx context.Context, ownerURL string, world *simulate.World, file string, records int, cpu cpuClock, bar counter) (benchLimits, error) {
	defer bar.finish()
	f, err := os.Open(file)
	if err != nil {
		return benchLimits{}, err
	}
	defer func() { _ = f.Close() }()
	table, err := store.NewPlainTable(ctx, ownerURL)
	if err != nil {
		return benchLimits{}, err
	}
	defer func() { _ = table.Close() }()
	l := limits{cpu: cpu, table: table, keys: publicKeys{world: world, parsed: map[string]*curve.Key{}}}
	lines := bufio.NewReaderSize(f, 1<<20)
	for ctx.Err() == nil {
		rows, err := readLines(lines, limitRows)
		if err != nil {
			return benchLimits{}, err
		}
		if len(rows) == 0 {
			return l.perRecord(records), nil
		}
		if err := l.add(ctx, rows); err != nil {
			return benchLimits{}, err
		}
		bar.add(len(rows))
	}
	return benchLimits{}, ctx.Err()
}

// readLines reads up to n lines.
func readLines(r *bufio.Reader, n int) ([][]byte, error) {
	var rows [][]byte
	for len(rows) < n {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("records are cut off: %w", err)
		}
		rows = append(rows, line[:len(line)-1])
	}
	return rows, nil
}

// limits sums the CPU time of each limit.
type limits struct {
	cpu   cpuClock
	table *store.PlainTable
	keys  publicKeys

	ecdsa, json, copy time.Duration
}

func (l *limits) add(ctx context.Context, rows [][]byte) error {
	proofs, err := l.keys.proofs(rows)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		to   *time.Duration
		work func() error
	}{
		{&l.ecdsa, func() error { return verifyAll(proofs) }},
		{&l.json, func() error { return decodeAll(rows) }},
		{&l.copy, func() error { return l.table.Copy(ctx, rows) }},
	} {
		// Rubbish of what was done before is not this one's.
		runtime.GC()
		before, err := l.cpu.read()
		if err != nil {
			return err
		}
		if err := m.work(); err != nil {
			return err
		}
		after, err := l.cpu.read()
		if err != nil {
			return err
		}
		*m.to += after.minus(before).sum()
	}
	return nil
}

func (l *limits) perRecord(records int) benchLimits {
	b := benchLimits{ECDSA: perRecord(l.ecdsa, records), JSON: perRecord(l.json, records), Copy: perRecord(l.copy, records)}
	b.Sum = perRecord(l.ecdsa+l.json+l.copy, records)
	return b
}

// proof is one signature with what it was made over.
type proof struct {
	key    *curve.Key
	digest [sha256.Size]byte
	r, s   []byte
}

func verifyAll(proofs []proof) error {
	for _, p := range proofs {
		if !p.key.Verify(p.digest[:], p.r, p.s) {
			return errors.New("a simulated signature does not hold")
		}
	}
	return nil
}

func decodeAll(rows [][]byte) error {
	for _, row := range rows {
		var v any
		if err := json.Unmarshal(row, &v); err != nil {
			return fmt.Errorf("a simulated record is no JSON: %w", err)
		}
	}
	return nil
}

// publicKeys holds the keys of the charge points, parsed once.
type publicKeys struct {
	world  *simulate.World
	parsed map[string]*curve.Key
}

// proofs takes the signatures out of records.
func (k publicKeys) proofs(rows [][]byte) ([]proof, error) {
	var all []proof
	for record, err := range cdr.ReadOCPI221(bytes.NewReader(bytes.Join(rows, []byte{'\n'}))) {
		if err != nil {
			return nil, err
		}
		key, err := k.of(record)
		if err != nil {
			return nil, err
		}
		for _, v := range record.Signed.Values {
			for _, m := range meter.Decode([]byte(v.Signed)) {
				p, err := newProof(key, m)
				if err != nil {
					return nil, err
				}
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// newProof takes the two numbers of the signature apart: they stand in DER or one behind the other.
func newProof(key *curve.Key, m meter.Message) (proof, error) {
	p := proof{key: key, digest: sha256.Sum256(m.Signed)}
	if b := m.Signature.Bytes; m.Signature.Raw {
		p.r, p.s = b[:len(b)/2], b[len(b)/2:]
		return p, nil
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(m.Signature.Bytes, &pair); err != nil {
		return proof{}, fmt.Errorf("a simulated signature of %s: %w", m.Format, err)
	}
	p.r, p.s = pair.R.Bytes(), pair.S.Bytes()
	return p, nil
}

// of returns the key of the meter a record was signed by.
func (k publicKeys) of(r cdr.Record) (*curve.Key, error) {
	evse := r.Location.EVSEID
	if key, ok := k.parsed[evse]; ok {
		return key, nil
	}
	spki, ok := k.world.Registered(evse, r.Start)
	if !ok {
		return nil, fmt.Errorf("charge point %s has no key", evse)
	}
	key, err := curveKey(spki)
	if err != nil {
		return nil, fmt.Errorf("charge point %s: %w", evse, err)
	}
	k.parsed[evse] = key
	return key, nil
}

// curveKey reads a SubjectPublicKeyInfo with a named curve (RFC 5480).
func curveKey(spki []byte) (*curve.Key, error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(spki, &info); err != nil {
		return nil, err
	}
	c := curve.WithOID(info.Algorithm.Parameters.Bytes)
	if c == nil {
		return nil, errors.New("the key is on no known curve")
	}
	return c.Key(info.Key.Bytes)
}
