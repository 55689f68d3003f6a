package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/meter"
	"wattdue/registry"
	"wattdue/sql/store"
)

// KeyFile is a file of keys: a list in CSV, or charge records in OCPI whose keys are pinned. Which it is its content says.
type KeyFile struct {
	Name string
	Data []byte
}

// KeyImport says how keys of a file were taken over.
type KeyImport struct {
	Pinned bool               // the file holds charge records: its keys were seen, not vouched for
	Keys   []registry.Outcome // of lines without a fault
	Faults []registry.Fault
}

// Count counts the keys of a fate.
func (k KeyImport) Count(f registry.Fate) (n int) {
	for _, o := range k.Keys {
		if o.Fate == f {
			n++
		}
	}
	return n
}

// ImportKeys registers the keys of a file, line by line: what is wrong with one line is told and keeps no other from being
// taken. A dry run tells what would happen. Importing again changes nothing.
func (e *Env) ImportKeys(ctx context.Context, tenant store.Tenant, f KeyFile, actor string, dryRun bool) (KeyImport, error) {
	if actor == "" {
		return KeyImport{}, errors.New("registering keys needs a name; give --actor")
	}
	zone, err := tenant.Location()
	if err != nil {
		return KeyImport{}, err
	}
	done := KeyImport{Pinned: holdsRecords(f.Data)}
	var offered []registry.Entry
	if done.Pinned {
		offered, done.Faults, err = e.sightedKeys(ctx, f.Data)
	} else {
		offered, done.Faults = registry.ReadCSV(f.Data, zone, f.Name)
	}
	if err != nil {
		return done, err
	}
	sum := sha256.Sum256(f.Data)
	by := store.Registrar{Actor: actor, File: f.Name, SHA256: hex.EncodeToString(sum[:])}
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.LockKeys(ctx, tenant.ID); err != nil {
			return err
		}
		known, err := tx.KnownKeys(ctx, tenant.ID, offered)
		if err != nil {
			return err
		}
		decide := known.Decide
		if done.Pinned {
			decide = known.DecidePins
		}
		keys, faults := decide(offered)
		done.Keys, done.Faults = keys, append(done.Faults, faults...)
		if dryRun {
			return nil
		}
		return tx.RegisterKeys(ctx, tenant.ID, keys, by)
	})
	registry.SortFaults(done.Faults)
	return done, err
}

// holdsRecords tells charge records from a list: they are JSON, perhaps compressed.
func holdsRecords(data []byte) bool {
	start := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	return bytes.HasPrefix(start, []byte("{")) || bytes.HasPrefix(start, []byte("[")) || bytes.HasPrefix(data, []byte{0x1f, 0x8b})
}

// sightedKeys returns the keys that charge records carry, one for each EVSE. A key counts only where it verifies every
// signature of the record that brought it: a key that proves nothing is not worth remembering.
func (e *Env) sightedKeys(ctx context.Context, data []byte) ([]registry.Entry, []registry.Fault, error) {
	read, ok := cdr.ReaderFor("ocpi-2.2.1")
	if !ok {
		return nil, nil, errors.New("this version reads no OCPI 2.2.1")
	}
	profile := meter.DefaultProfile()
	profile.TrustRecordKey = true
	var seen []registry.Sighting
	var faults []registry.Fault
	for r, err := range read(bytes.NewReader(data)) {
		var reject *cdr.Reject
		switch {
		case errors.As(err, &reject):
			faults = append(faults, registry.Fault{Line: reject.Origin.Line, Record: reject.ID, Field: reject.Field, Text: reject.Detail})
			continue
		case err != nil:
			return nil, nil, err
		case r.Signed == nil || r.Location.EVSEID == "":
			continue
		}
		s, why := sightOf(r, e.checker().Check(r, nil, profile))
		if why != "" {
			faults = append(faults, registry.Fault{Line: r.Origin.Line, Record: "record " + r.Key().String(), Text: why})
		} else if s.Key != nil {
			seen = append(seen, s)
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	entries, conflicts := registry.Pin(seen)
	return entries, append(faults, conflicts...), nil
}

// sightOf is the key a record carries, without one when it carries none; why says what is wrong with it.
func sightOf(r cdr.Record, v meter.Verdict) (s registry.Sighting, why string) {
	s = registry.Sighting{EVSE: r.Location.EVSEID, MeterID: v.MeterID, At: r.Start, Line: r.Origin.Line, Record: r.Key().String()}
	switch {
	case v.PublicKey == "":
		if strings.TrimSpace(r.Signed.PublicKey) != "" {
			return s, "its key cannot be used (" + keyReason(v) + "); ask the operator for the key of the meter"
		}
		return s, ""
	case v.Has("key-degenerate"):
		return s, "everybody knows the private key of its key (key-degenerate); the meter must get another one"
	case v.Signature != meter.SignatureValid:
		return s, "its key does not verify its signatures (" + keyReason(v) + "), so it was not pinned; ask the operator for the key of the meter"
	}
	k, err := meter.ParseKey(v.PublicKey, v.Curve)
	if err != nil {
		return s, "its key cannot be used; ask the operator for the key of the meter"
	}
	s.Key = k
	return s, ""
}

// keyReason is the code of the first finding that counts.
func keyReason(v meter.Verdict) string {
	code, _ := mainReason(v)
	return code
}

// Revoking says which key loses its validity, from when, and who says so and why.
type Revoking struct {
	store.KeyFilter // Hash may be how it begins
	At              time.Time
	Decision
}

var hashPrefix = regexp.MustCompile(`^[0-9a-f]{8,64}$`)

// FindKeys returns the registrations that a name means: a key by its SHA-256 or how that begins, at least eight digits, else
// an EVSE or the serial number of a meter.
func (e *Env) FindKeys(ctx context.Context, tenant store.Tenant, name string) ([]store.KeyRow, error) {
	filters := []store.KeyFilter{{EVSE: name}, {Meter: name}}
	if hash := strings.ToLower(name); hashPrefix.MatchString(hash) {
		filters = append([]store.KeyFilter{{Hash: hash}}, filters...)
	}
	for _, f := range filters {
		rows, err := e.DB.KeyRows(ctx, tenant.ID, f)
		if err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	return nil, fmt.Errorf("no key is registered under %q; give the SHA-256 of a key or its first eight digits, an EVSE or a meter; "+
		"list them with: wattdue keys list", name)
}

// RevokeKey ends the validity of a key for good, wherever it is registered or where the filter says. Sessions that began
// before stay proven; what was billed stays billed.
func (e *Env) RevokeKey(ctx context.Context, tenant store.Tenant, r Revoking) ([]store.KeyRow, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	f := r.KeyFilter
	f.Hash = strings.ToLower(f.Hash)
	if !hashPrefix.MatchString(f.Hash) {
		return nil, fmt.Errorf("key %q: want its SHA-256 or at least the first eight digits, as wattdue keys list shows them", r.Hash)
	}
	found, err := e.DB.KeyRows(ctx, tenant.ID, f)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("key %s is not registered there; list keys with: wattdue keys list", r.Hash)
	}
	for _, k := range found {
		if k.Hash != found[0].Hash {
			return nil, fmt.Errorf("key %s: two keys begin so, %.16s and %.16s; give more digits", r.Hash, found[0].Hash, k.Hash)
		}
	}
	f.Hash = found[0].Hash
	var revoked []store.KeyRow
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		at := r.At
		if at.IsZero() {
			now, err := e.DB.Clock(ctx)
			if err != nil {
				return err
			}
			at = now.Truncate(time.Second)
		}
		if revoked, err = tx.RevokeKeys(ctx, tenant.ID, f, at, r.Actor, r.Reason); err != nil {
			return err
		}
		if len(revoked) == 0 {
			return fmt.Errorf("key %.16s was revoked before by %s", f.Hash, found[0].RevokedBy)
		}
		for _, k := range revoked {
			detail := map[string]any{"evse": k.EVSE, "meter": k.MeterID, "from": at}
			if err := tx.Audit(ctx, tenant.ID, r.Actor, "key.revoke", k.Hash, r.Reason, detail); err != nil {
				return err
			}
		}
		return nil
	})
	return revoked, err
}
