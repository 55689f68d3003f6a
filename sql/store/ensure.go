package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// EnsureDatabase makes a database on a private server unless it is there, as a role that may.
func EnsureDatabase(ctx context.Context, adminDSN, name string) error {
	x, err := sqlx.Open("postgres", adminDSN)
	if err != nil {
		return err
	}
	defer func() { _ = x.Close() }()
	_, err = x.ExecContext(ctx, "create database "+pq.QuoteIdentifier(name))
	if err != nil && !strings.Contains(err.Error(), "already exists") && !strings.Contains(err.Error(), "pg_database_datname_index") {
		return fmt.Errorf("database %s cannot be made: %s", name, reason(err))
	}
	return nil
}
