// Package storetest gives tests a migrated database of their own on the shared private Postgres.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/lib/pq" // the driver behind database/sql

	"wattdue/dev/local"
	"wattdue/dev/local/localtest"
	"wattdue/sql/store"
)

// Database is a migrated database of one test.
type Database struct {
	Name   string
	server *local.Server
}

// URL returns the address of the database for a role.
func (d Database) URL(role string) string { return d.server.DatabaseURL(role, d.Name) }

// DB connects as role app; the pool is closed when the test ends.
func (d Database) DB(tb testing.TB) *store.DB {
	tb.Helper()
	db, err := store.Open(context.Background(), d.URL(store.RoleApp), 20)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// SQL connects as a role without our own layer, to try what the database itself allows.
func (d Database) SQL(tb testing.TB, role string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("postgres", d.URL(role))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

var (
	once     sync.Once
	template string
	onceErr  error
	serial   atomic.Int64
)

// New returns a new migrated database, copied from a template that each test binary migrates once.
func New(tb testing.TB) Database {
	tb.Helper()
	server := localtest.Cluster(tb)
	once.Do(func() { template, onceErr = migrated(server) })
	if onceErr != nil {
		tb.Fatal(onceErr)
	}
	name := fmt.Sprintf("%s_%d", template, serial.Add(1))
	admin := adminOf(tb, server)
	if _, err := admin.Exec("create database " + name + " template " + template + " strategy file_copy"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = admin.Exec("drop database if exists " + name + " with (force)") })
	return Database{name, server}
}

// Empty returns a new database without schema.
func Empty(tb testing.TB) Database {
	tb.Helper()
	server := localtest.Cluster(tb)
	name := fmt.Sprintf("%s_e%d", prefix(), serial.Add(1))
	admin := adminOf(tb, server)
	if _, err := admin.Exec("create database " + name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = admin.Exec("drop database if exists " + name + " with (force)") })
	return Database{name, server}
}

// prefix is the beginning of this test binary's database names.
func prefix() string {
	return fmt.Sprintf("t%08x_%d", crc32.ChecksumIEEE([]byte(strings.Join(os.Args[:1], ""))), os.Getpid())
}

func migrated(server *local.Server) (string, error) {
	name := prefix()
	admin, err := sql.Open("postgres", server.DatabaseURL(local.Superuser, "postgres"))
	if err != nil {
		return "", err
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.Exec("drop database if exists " + name); err != nil {
		return "", err
	}
	if _, err := admin.Exec("create database " + name); err != nil {
		return "", err
	}
	_, err = store.Migrate(context.Background(), server.DatabaseURL(local.Superuser, name), false)
	return name, err
}

func adminOf(tb testing.TB, server *local.Server) *sql.DB {
	tb.Helper()
	admin, err := sql.Open("postgres", server.DatabaseURL(local.Superuser, "postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = admin.Close() })
	return admin
}
