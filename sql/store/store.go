// Package store is the only room that speaks SQL. Every query stands as a constant named q… beside the method that
// runs it; one test prepares each of them as role app.
//
// Methods take and return the values of the domain packages. Bulk rows go in by COPY, claims use SKIP LOCKED, and
// every effect has a natural key, so that doing it twice does nothing.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"wattdue/jobs/batch"
)

// DB is a pool of connections as one role.
type DB struct{ x *sqlx.DB }

// Tx is an open transaction and the connection it runs on.
type Tx struct {
	*sqlx.Tx
	conn *sqlx.Conn
}

// ErrNotFound says that no row has the key asked for.
var ErrNotFound = errors.New("not found")

// Open connects with a pool of at most maxOpen connections. The connection string is in the form of libpq, either
// key=value or URL. Session limits: statements 10 min, lock waits 5 s, idle transactions 5 min; times are UTC.
func Open(ctx context.Context, dsn string, maxOpen int) (*DB, error) {
	x, err := sqlx.Open("postgres", withSession(dsn))
	if err != nil {
		return nil, fmt.Errorf("database address cannot be read; check database_url")
	}
	x.SetMaxOpenConns(maxOpen)
	x.SetMaxIdleConns(maxOpen)
	x.SetConnMaxLifetime(30 * time.Minute)
	if err := x.PingContext(ctx); err != nil {
		_ = x.Close()
		return nil, fmt.Errorf("no database: %s; check database_url, or leave it empty to use the embedded server", reason(err))
	}
	return &DB{x}, nil
}

// withSession adds the session settings to a connection string.
func withSession(dsn string) string {
	const options = "-c statement_timeout=600000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=300000 -c timezone=UTC"
	if strings.Contains(dsn, "://") {
		sep := "?"
		if strings.Contains(dsn, "?") {
			sep = "&"
		}
		return dsn + sep + "options=" + strings.NewReplacer(" ", "%20", "=", "%3D").Replace(options)
	}
	return dsn + " options='" + options + "'"
}

// reason gives the cause of a failed connection without the connection string.
func reason(err error) string {
	var pe *pq.Error
	if errors.As(err, &pe) {
		return pe.Message
	}
	var ne *net.OpError
	if errors.As(err, &ne) {
		return ne.Err.Error()
	}
	return err.Error()
}

// Close closes the pool.
func (db *DB) Close() error { return db.x.Close() }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.x.PingContext(ctx) }

// InTx runs f in a transaction and commits it when f returns nil. Errors come back with their class.
func (db *DB) InTx(ctx context.Context, f func(*Tx) error) error { return db.inTx(ctx, nil, f) }

func (db *DB) inTx(ctx context.Context, o *sql.TxOptions, f func(*Tx) error) error {
	conn, tx, err := db.begin(ctx, o)
	if err != nil {
		return classify(err)
	}
	defer func() { _ = conn.Close() }()
	defer func() { _ = tx.Rollback() }()
	if err := f(&Tx{tx, conn}); err != nil {
		return classify(err)
	}
	return classify(tx.Commit())
}

// begin opens a transaction on a connection of the pool. One that has died in the pool is passed over.
func (db *DB) begin(ctx context.Context, o *sql.TxOptions) (*sqlx.Conn, *sqlx.Tx, error) {
	for tries := 1; ; tries++ {
		conn, err := db.x.Connx(ctx)
		if err != nil {
			return nil, nil, err
		}
		tx, err := conn.BeginTxx(ctx, o)
		if err == nil {
			return conn, tx, nil
		}
		_ = conn.Close()
		if !errors.Is(err, driver.ErrBadConn) || tries > db.x.Stats().MaxOpenConnections {
			return nil, nil, err
		}
	}
}

// Touch keeps a transaction alive that waits while work is done elsewhere.
func (tx *Tx) Touch(ctx context.Context) error {
	_, err := tx.ExecContext(ctx, "select 1")
	return err
}

// classify gives database errors their failure class: lost connections, refused connections, full disks and timeouts
// are the environment's; everything else stays what it was.
func classify(err error) error {
	if err == nil {
		return nil
	}
	var f *batch.Failure
	if errors.As(err, &f) {
		return err
	}
	var pe *pq.Error
	var ne *net.OpError
	switch {
	case errors.As(err, &pe):
		switch pe.Code.Class() {
		case "08", "53", "57", "58", "40", "55": // connection, resources, shutdown or cancel, system, rollback, lock
			return batch.Fail(batch.ClassEnvironment, err)
		}
	case errors.As(err, &ne), errors.Is(err, sql.ErrConnDone), errors.Is(err, context.DeadlineExceeded):
		return batch.Fail(batch.ClassEnvironment, err)
	case strings.Contains(err.Error(), "bad connection"), strings.Contains(err.Error(), "unexpected EOF"):
		return batch.Fail(batch.ClassEnvironment, err)
	}
	return err
}

// affected returns how many rows a statement touched.
func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// found turns "no rows" into ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

const qClock = `select now()`

// Clock returns the database's time.
func (db *DB) Clock(ctx context.Context) (time.Time, error) {
	var now time.Time
	err := classify(db.x.GetContext(ctx, &now, qClock))
	return now.UTC(), err
}
