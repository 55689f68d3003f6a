package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"wattdue/customer"
	"wattdue/ident"
	"wattdue/sql/store"
)

// frozen is what a document needs of a person: the only home of frozen personal data.
type frozen struct {
	Party   customer.Party   `json:"party"`
	Mandate customer.Mandate `json:"mandate,omitzero"`
}

// snapshotID names a snapshot by the version of the party and the mandate in it.
func snapshotID(tenant string, p store.PartyVersion, m customer.Mandate) ident.ID {
	return ident.Derive("party-snapshot", tenant, p.No, fmt.Sprint(p.Version), m.Reference, m.LastPresented.String())
}

// freeze stores the snapshot of a party with the mandate it pays by.
func (e *Env) freeze(ctx context.Context, tx *store.Tx, tenant int, id ident.ID, f frozen) error {
	plain, err := json.Marshal(f)
	if err != nil {
		return err
	}
	sealed, err := e.Vault.Seal(ctx, tenant, partySubject(f.Party.No), plain)
	if err != nil {
		return err
	}
	return tx.PutSnapshot(ctx, tenant, store.Snapshot{ID: id, PartyNo: f.Party.No, Sealed: sealed})
}

// thaw opens a snapshot.
func (e *Env) thaw(ctx context.Context, tenant int, partyNo string, sealed []byte) (frozen, error) {
	plain, err := e.Vault.Open(ctx, tenant, partySubject(partyNo), sealed)
	if err != nil {
		return frozen{}, fmt.Errorf("snapshot of customer %s: %w", partyNo, err)
	}
	var f frozen
	err = json.Unmarshal(plain, &f)
	return f, err
}
