package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"wattdue/sql/migrations"
)

// The database roles: owner holds the schema, app does the work, reader looks.
const (
	RoleOwner  = "wattdue_owner"
	RoleApp    = "wattdue_app"
	RoleReader = "wattdue_reader"
)

const qMissingRoles = `select r from unnest(array['wattdue_owner', 'wattdue_app', 'wattdue_reader']) r
where not exists (select from pg_roles where rolname = r)`

const qGrantVersion = `grant select on goose_db_version to wattdue_app, wattdue_reader`

// Migrate brings the schema to the newest version, or with down = true to nothing, as a role that may create objects
// in the database. It creates the three roles where it may, and else names the statements to run.
func Migrate(ctx context.Context, dsn string, down bool) (applied int, err error) {
	x, err := sqlx.Open("postgres", withSession(dsn))
	if err != nil {
		return 0, fmt.Errorf("owner's database address cannot be read; check database_owner_url")
	}
	defer func() { _ = x.Close() }()
	// One connection: the role set below must hold for every statement.
	x.SetMaxOpenConns(1)
	if err := x.PingContext(ctx); err != nil {
		return 0, fmt.Errorf("no database: %s; check database_owner_url", reason(err))
	}
	if err := ensureRoles(ctx, x); err != nil {
		return 0, err
	}
	return runGoose(ctx, x, down)
}

func ensureRoles(ctx context.Context, x *sqlx.DB) error {
	var missing []string
	if err := x.SelectContext(ctx, &missing, qMissingRoles); err != nil {
		return err
	}
	var create []string
	for _, r := range missing {
		login := " login"
		if r == RoleOwner {
			login = ""
		}
		create = append(create, "create role "+r+login)
	}
	for _, c := range create {
		// Two migrations at once may both see the role missing: losing that race is no failure.
		if _, err := x.ExecContext(ctx, c); err != nil && !strings.Contains(err.Error(), "already exists") &&
			!strings.Contains(err.Error(), "pg_authid_rolname_index") {
			return fmt.Errorf("roles are missing; have an administrator run: %s;", strings.Join(create, "; "))
		}
	}
	_, err := x.ExecContext(ctx, "grant create, usage on schema public to "+RoleOwner)
	if err != nil {
		return fmt.Errorf("role %s needs to create in schema public; have an administrator run: grant create, usage on schema public to %s", RoleOwner, RoleOwner)
	}
	return nil
}

func runGoose(ctx context.Context, x *sqlx.DB, down bool) (int, error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return 0, err
	}
	if _, err := x.ExecContext(ctx, "set role "+RoleOwner); err != nil {
		return 0, fmt.Errorf("cannot act as %s: %s; connect as a member of that role", RoleOwner, reason(err))
	}
	p, err := goose.NewProvider(goose.DialectPostgres, x.DB, migrations.Files, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, err
	}
	if down {
		results, err := p.DownTo(ctx, 0)
		return len(results), err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return len(results), fmt.Errorf("migrate: %w", err)
	}
	_, err = x.ExecContext(ctx, qGrantVersion)
	return len(results), err
}

const qSchemaVersion = `select coalesce(max(version_id), 0) from goose_db_version where is_applied`

// SchemaVersion returns the version of the schema in the database and the newest this program knows.
func (db *DB) SchemaVersion(ctx context.Context) (have, want int64, err error) {
	want, err = newestMigration()
	if err != nil {
		return 0, 0, err
	}
	if err := db.x.GetContext(ctx, &have, qSchemaVersion); err != nil {
		return 0, want, fmt.Errorf("the database has no schema; run: wattdue migrate")
	}
	return have, want, nil
}

// CheckSchema refuses a database whose schema is older or newer than this program.
func (db *DB) CheckSchema(ctx context.Context) error {
	have, want, err := db.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case have < want:
		return fmt.Errorf("the database schema is version %d, this program needs %d; run: wattdue migrate", have, want)
	case have > want:
		return fmt.Errorf("the database schema is version %d, newer than this program knows (%d); install the newer program", have, want)
	}
	return nil
}

func newestMigration() (int64, error) {
	entries, err := migrations.Files.ReadDir(".")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, e := range entries {
		var n int64
		if _, err := fmt.Sscanf(e.Name(), "%d_", &n); err == nil && n > newest {
			newest = n
		}
	}
	return newest, nil
}
