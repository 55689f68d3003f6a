package jobs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"

	"wattdue/archive"
	"wattdue/sql/store"
)

// Vault puts bytes into the archive, sealed with the data key of whom they concern. Keys are wrapped by the master key
// and live in the database; destroying a key makes what it sealed unreadable.
type Vault struct {
	db     *store.DB
	blobs  *archive.Store
	master [32]byte

	mu   sync.Mutex
	keys map[string][32]byte
}

// NewVault returns a vault over an archive.
func NewVault(db *store.DB, blobs *archive.Store, master [32]byte) *Vault {
	return &Vault{db: db, blobs: blobs, master: master, keys: map[string][32]byte{}}
}

// partySubject names the data key of a party.
func partySubject(partyNo string) string { return "party:" + partyNo }

// monthSubject names the data key of what concerns many people: by class and month.
func monthSubject(class, month string) string { return class + ":" + month }

// Key returns the data key of a subject, making it when there is none yet.
func (v *Vault) Key(ctx context.Context, tenant int, subject string) ([32]byte, error) {
	id := fmt.Sprint(tenant, "/", subject)
	v.mu.Lock()
	key, ok := v.keys[id]
	v.mu.Unlock()
	if ok {
		return key, nil
	}
	wrapped, err := v.db.WrappedKeys(ctx, tenant, []string{subject})
	if err != nil {
		return key, err
	}
	sealed, ok := wrapped[subject]
	if !ok {
		var fresh [32]byte
		if _, err := rand.Read(fresh[:]); err != nil {
			return key, err
		}
		if sealed, err = v.db.PutKey(ctx, tenant, subject, archive.Wrap(v.master, fresh)); err != nil {
			return key, err
		}
	}
	if key, err = archive.Unwrap(v.master, sealed); err != nil {
		return key, fmt.Errorf("data key of %s: %w; is this the master key the archive was written with", subject, err)
	}
	v.mu.Lock()
	v.keys[id] = key
	v.mu.Unlock()
	return key, nil
}

// Seal encrypts bytes for a row of the database.
func (v *Vault) Seal(ctx context.Context, tenant int, subject string, plain []byte) ([]byte, error) {
	key, err := v.Key(ctx, tenant, subject)
	if err != nil {
		return nil, err
	}
	_, sealed := archive.Seal(key, plain)
	return sealed, nil
}

// Open decrypts what Seal encrypted.
func (v *Vault) Open(ctx context.Context, tenant int, subject string, sealed []byte) ([]byte, error) {
	key, err := v.Key(ctx, tenant, subject)
	if err != nil {
		return nil, err
	}
	return archive.Open(key, sealed)
}

// Put writes an object to the archive, compressed, and notes it. The object is written first: a row never points to nothing.
func (v *Vault) Put(ctx context.Context, tx *store.Tx, tenant int, subject, class string, plain []byte) (name string, err error) {
	key, err := v.Key(ctx, tenant, subject)
	if err != nil {
		return "", err
	}
	name, sealed := archive.SealCompressed(key, plain)
	if err := v.blobs.Put(ctx, name, sealed); err != nil {
		return "", err
	}
	return name, tx.PutObject(ctx, tenant, name, subject, class, int64(len(plain)))
}

// PutArtefact puts something we made into the archive and notes what it is.
func (v *Vault) PutArtefact(ctx context.Context, tx *store.Tx, tenant int, subject string, a store.Artefact, plain []byte) error {
	name, err := v.Put(ctx, tx, tenant, subject, a.Kind, plain)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(plain)
	a.SHA256, a.Size, a.Object = sum[:], int64(len(plain)), name
	return tx.PutArtefact(ctx, tenant, a)
}

// Get reads an object and checks that it is what its name says.
func (v *Vault) Get(ctx context.Context, tenant int, subject, name string) ([]byte, error) {
	sealed, err := v.blobs.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	return v.Open(ctx, tenant, subject, sealed)
}
