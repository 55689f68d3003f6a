package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"wattdue/cdr"
	"wattdue/dev/simulate"
	"wattdue/meter"
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
	l := limits{cpu: cpu, table: table, keys: publicKeys{world: world, parsed: map[string]*ecdsa.PublicKey{}}}
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
	key       *ecdsa.PublicKey
	digest    [sha256.Size]byte
	signature []byte // DER
}

func verifyAll(proofs []proof) error {
	for _, p := range proofs {
		if !ecdsa.VerifyASN1(p.key, p.digest[:], p.signature) {
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
	parsed map[string]*ecdsa.PublicKey
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
				all = append(all, proof{key, sha256.Sum256(m.Signed), m.Signature.Bytes})
			}
		}
	}
	return all, nil
}

// of returns the key of the meter a record was signed by.
func (k publicKeys) of(r cdr.Record) (*ecdsa.PublicKey, error) {
	evse := r.Location.EVSEID
	if key, ok := k.parsed[evse]; ok {
		return key, nil
	}
	spki, ok := k.world.Registered(evse, r.Start)
	if !ok {
		return nil, fmt.Errorf("charge point %s has no key", evse)
	}
	parsed, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("charge point %s has no ECDSA key", evse)
	}
	k.parsed[evse] = key
	return key, nil
}
