package console

import (
	"errors"
	"testing"
)

func TestCheckListen(t *testing.T) {
	cases := []struct {
		addr          string
		users         bool
		ok, openToAll bool
	}{
		{addr: DefaultListen, ok: true},
		{addr: "127.0.0.1:0", ok: true},
		{addr: "127.8.7.6:8080", ok: true},
		{addr: "localhost:8080", ok: true},
		{addr: "LocalHost:8080", ok: true},
		{addr: "[::1]:8080", ok: true},
		{addr: "[::ffff:127.0.0.1]:8080", ok: true},
		{addr: ":8080", openToAll: true},
		{addr: "0.0.0.0:8080", openToAll: true},
		{addr: "[::]:8080", openToAll: true},
		{addr: "192.168.1.5:8080", openToAll: true},
		{addr: "[::ffff:192.0.2.1]:8080", openToAll: true},
		{addr: "localhost.example:8080", openToAll: true},
		{addr: "127.0.0.1.example:8080", openToAll: true},
		{addr: ":8080", users: true, ok: true},
		{addr: "0.0.0.0:8080", users: true, ok: true},
		{addr: "ops.example:443", users: true, ok: true},
		{addr: "127.0.0.1", users: true},
		{addr: "127.0.0.1:", users: true},
		{addr: "127.0.0.1:http", users: true},
		{addr: "127.0.0.1:65536", users: true},
		{addr: "127.0.0.1:-1", users: true},
		{addr: "127.0.0.1:+80", users: true},
		{addr: "::1:8080", users: true},
		{addr: "", users: true},
	}
	for _, c := range cases {
		err := CheckListen(c.addr, c.users)
		if (err == nil) != c.ok || errors.Is(err, ErrOpenToAll) != c.openToAll {
			t.Errorf("CheckListen(%q, users %v) = %v, want ok %v, open to all %v", c.addr, c.users, err, c.ok, c.openToAll)
		}
	}
}
