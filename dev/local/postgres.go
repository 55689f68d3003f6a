package local

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// initCluster makes the data folder unless it exists. It is made under another name and renamed, so that an
// initdb that was killed leaves nothing a server would try to start on.
func initCluster(ctx context.Context, o Options, p place, pg program) error {
	data := filepath.Join(p.base, "pg")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return sameMajor(data, pg)
	}
	fresh := data + ".new"
	for _, dir := range []string{fresh, data} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("local servers: %w", err)
		}
	}
	if err := p.as.mkdir(fresh); err != nil {
		return err
	}
	args := []string{"-D", fresh, "-U", Superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"}
	if !o.Fsync {
		args = append(args, "--no-sync")
	}
	cmd := p.as.command(pg.initdb(), args...)
	if pg.libs != "" {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+pg.libs)
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	limit := 2 * time.Minute
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	if err := runWithin(cmd, limit); err != nil {
		return fmt.Errorf("local servers: initdb as %s: %w: %s", p.as.name, err, lastLine([]byte(out.String())))
	}
	return os.Rename(fresh, data)
}

// sameMajor refuses a server that cannot read the data folder.
func sameMajor(data string, pg program) error {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("local servers: %w", err)
	}
	made := strings.TrimSpace(string(b))
	if major(made) != major(pg.version) {
		return fmt.Errorf("local servers: the database in %s was made by Postgres %s, the one found is %s; "+
			"install Postgres %s or delete the folder to begin anew", data, made, pg.version, made)
	}
	return nil
}

// postgresSettings is the whole postgresql.conf. It is written before every start, because the folder of the socket
// and the durability may change.
func postgresSettings(o Options, run string) string {
	durability := "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n"
	if !o.Fsync {
		durability = "fsync = off\nsynchronous_commit = on\nfull_page_writes = off\n"
	}
	return "# Written by wattdue before every start; changes are lost.\n" +
		"listen_addresses = ''\n" +
		"unix_socket_directories = '" + run + "'\n" +
		"unix_socket_permissions = 0700\n" +
		fmt.Sprintf("max_connections = %d\n", o.MaxConnections) +
		"shared_buffers = 128MB\n" +
		"work_mem = 16MB\n" +
		"maintenance_work_mem = 128MB\n" +
		"max_wal_size = 2GB\n" +
		"checkpoint_timeout = 15min\n" +
		"random_page_cost = 1.1\n" +
		"jit = off\n" + // compiling costs more than it saves on queries of this size
		durability +
		"timezone = 'GMT'\nlog_timezone = 'GMT'\n" + // the one zone that needs no tzdata
		"datestyle = 'iso, ymd'\n" +
		"lc_messages = 'C'\nlc_monetary = 'C'\nlc_numeric = 'C'\nlc_time = 'C'\n" +
		"default_text_search_config = 'pg_catalog.simple'\n"
}

// pingPostgres makes a connection as the superuser and returns when the server says that it is ready for queries.
// It speaks the few bytes of the protocol itself, because only sql/store may import a driver.
func pingPostgres(socket string) error {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	// StartupMessage, protocol 3.0: length, version, name and value pairs, a zero byte.
	body := "user\x00" + Superuser + "\x00database\x00postgres\x00\x00"
	msg := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	msg = binary.BigEndian.AppendUint32(msg, 3<<16)
	if _, err := conn.Write(append(msg, body...)); err != nil {
		return err
	}
	for {
		var head [5]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return err
		}
		n := binary.BigEndian.Uint32(head[1:])
		if n < 4 || n > 1<<16 {
			return errors.New("the answer is not that of a Postgres server")
		}
		payload := make([]byte, n-4)
		if _, err := io.ReadFull(conn, payload); err != nil {
			return err
		}
		switch head[0] {
		case 'Z': // ReadyForQuery
			_, err := conn.Write([]byte{'X', 0, 0, 0, 4}) // Terminate
			return err
		case 'E': // ErrorResponse: fields of a letter and a text, each ended by a zero byte
			return errors.New(strings.Join(strings.FieldsFunc(string(payload), func(r rune) bool { return r == 0 }), " "))
		}
	}
}
