package mailing

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// goodbye is how long the relay may take to answer QUIT; by then the outcome is known.
const goodbye = 2 * time.Second

// line is an open, protected and logged-in connection.
type line struct {
	conn   net.Conn
	client *smtp.Client
	stop   func() bool
}

// open connects and logs in. Every read and write on the line ends with the context.
func (s SMTP) open(ctx context.Context) (line, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.String())
	if err != nil {
		return line{}, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	var client *smtp.Client
	if err == nil {
		client, err = s.greet(ctx, conn)
	}
	if err != nil {
		stop()
		_ = conn.Close()
		return line{}, err
	}
	return line{conn, client, stop}, nil
}

// close hangs up, with a goodbye when the relay's last word was an answer. Without one the goodbye could only wait,
// or land in the middle of a message. Whatever goes wrong here no longer matters to the message.
func (l line) close(answered bool) {
	l.stop()
	if answered {
		_ = l.conn.SetDeadline(time.Now().Add(goodbye))
		_ = l.client.Quit()
	}
	_ = l.conn.Close()
}

var errNoTLS = errors.New("relay offers no STARTTLS; use tls, or plaintext for a relay on this machine")

func (s SMTP) greet(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	config := &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
	if s.Security == TLS {
		protected := tls.Client(conn, config)
		if err := protected.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		conn = protected
	}
	client, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return nil, err
	}
	client.SkipSMTPUTF8(true) // addresses are ASCII, see address
	helo := s.HeloName
	if helo == "" {
		helo = "localhost"
	}
	if err := client.Hello(helo); err != nil {
		return nil, err
	}
	switch s.Security {
	case StartTLS, "":
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return nil, errNoTLS
		}
		if err := client.StartTLS(config); err != nil {
			return nil, err
		}
	case TLS, Plaintext:
	default:
		return nil, fmt.Errorf("security %q is not known; use starttls, tls or plaintext", string(s.Security))
	}
	return client, s.login(client)
}

// login takes the safest mechanism both sides know. PLAIN and LOGIN refuse to send a password over an unprotected
// line to another machine by themselves.
func (s SMTP) login(client *smtp.Client) error {
	if s.User == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	for _, mechanism := range []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(s.User, s.Password)},
		{"SCRAM-SHA-1", smtp.ScramSHA1Auth(s.User, s.Password)},
		{"PLAIN", smtp.PlainAuth("", s.User, s.Password, s.Host, false)},
		{"LOGIN", smtp.LoginAuth(s.User, s.Password, s.Host, false)},
	} {
		for _, name := range strings.Fields(offered) {
			if strings.EqualFold(name, mechanism.name) {
				return client.Auth(mechanism.auth)
			}
		}
	}
	return errors.New("relay offers no login this program knows; SCRAM-SHA-256, SCRAM-SHA-1, PLAIN and LOGIN are known")
}
