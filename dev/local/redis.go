package local

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"time"
)

// redisSettings is the whole redis.conf.
func redisSettings(s state) string {
	return "# Written by wattdue before every start; changes are lost.\n" +
		"port 0\n" +
		"unixsocket " + redisQuote(s.redisSock()) + "\n" +
		"unixsocketperm 700\n" +
		"pidfile " + redisQuote(s.redisPID()) + "\n" +
		"dir " + redisQuote(s.redisDir()) + "\n" +
		"daemonize no\n" +
		"save \"\"\n" +
		"appendonly yes\n" +
		"appendfsync everysec\n" +
		// A queue must not lose tasks silently when memory runs short; it must refuse new ones.
		"maxmemory-policy noeviction\n"
}

// redisQuote writes a path as redis.conf wants it, so that blanks and quotes survive.
func redisQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// pingRedis returns nil when the server answers and has loaded its data.
func pingRedis(socket string) error {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if answer != "+PONG\r\n" {
		return errors.New(strings.TrimSpace(answer))
	}
	return nil
}
