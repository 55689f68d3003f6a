package localtest

import (
	"database/sql"
	"net"
	"testing"

	_ "github.com/lib/pq"

	"wattdue/dev/local"
)

func TestClusterIsSharedWithinTheProcess(t *testing.T) {
	a, b := Cluster(t), Cluster(t)
	if a != b {
		t.Error("two calls gave two servers")
	}
	db, err := sql.Open("postgres", a.DatabaseURL(local.Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var fsync, connections string
	if err := db.QueryRow("SELECT current_setting('fsync'), current_setting('max_connections')").Scan(&fsync, &connections); err != nil {
		t.Fatal(err)
	}
	if fsync != "off" || connections != "300" {
		t.Errorf("fsync %s, %s connections; want off and 300", fsync, connections)
	}
}

func TestRedisIsPrivate(t *testing.T) {
	a, b := Redis(t), Redis(t)
	if a.RedisAddr() == b.RedisAddr() {
		t.Fatal("two tests would share one redis-server")
	}
	for _, s := range []*local.Server{a, b} {
		conn, err := net.Dial("unix", s.RedisAddr())
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
}
