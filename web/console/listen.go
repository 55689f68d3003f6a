package console

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// DefaultListen is the address when none is set: this machine only.
const DefaultListen = "127.0.0.1:8080"

// ErrOpenToAll says that a console without users would answer strangers.
var ErrOpenToAll = errors.New("the console would be open to everybody; add users or listen on 127.0.0.1")

// CheckListen checks host:port. Without users only the loopback addresses and localhost are allowed; an empty host is
// every address of the machine, and any other name is taken for a public one without asking DNS.
func CheckListen(addr string, hasUsers bool) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen address %q is not host:port; write %s", addr, DefaultListen)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("listen address %q has no port from 0 to 65535; write %s", addr, DefaultListen)
	}
	if !hasUsers && !loopback(host) {
		return fmt.Errorf("listen address %q: %w", addr, ErrOpenToAll)
	}
	return nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// fromHere says that a request comes from this machine and knows it: a foreign name in the Host header, even one that
// leads to 127.0.0.1, is a foreign page's attempt to look local (DNS rebinding).
func fromHere(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return loopback(strings.Trim(host, "[]"))
}

// Server is an HTTP server with limits on everything a slow or greedy client could use up. It speaks plain HTTP: beyond
// the own machine it belongs behind a proxy with TLS that passes the Host header on. Log may be nil.
func Server(addr string, h http.Handler, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &http.Server{
		Addr: addr, Handler: h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
