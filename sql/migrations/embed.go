// Package migrations holds the schema as goose files, one step per file, Up and Down.
//
// Every primary, unique and foreign key starts with tenant_id. Books and documents are insert-only: the rights of
// role app forbid UPDATE, DELETE and TRUNCATE, and a trigger refuses them for everybody. Files are applied as role
// owner by store.Migrate.
package migrations

import "embed"

// Files holds the migrations.
//
//go:embed *.sql
var Files embed.FS
