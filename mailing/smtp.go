package mailing

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// Security is how a connection is protected.
type Security string

// The zero Security is StartTLS. Plaintext is for a relay on the same machine and for tests.
const (
	StartTLS  Security = "starttls"  // refused when the server does not offer it
	TLS       Security = "tls"       // from the first byte
	Plaintext Security = "plaintext" // no password goes over it to another machine
)

// SMTP sends through a relay, one connection per message.
type SMTP struct {
	Host     string
	Port     int    // zero: 587, with TLS 465, with Plaintext 25
	User     string // empty: no login
	Password string
	Security Security       // empty: StartTLS
	RootCAs  *x509.CertPool // nil: those of the system
	HeloName string         // empty: localhost
	Envelope string         // bare envelope sender for delivery reports; empty: the address of From
	Timeout  time.Duration  // for the whole delivery; zero: two minutes
}

// String names the relay without the login.
func (s SMTP) String() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.port())) }

// GoString is String, so that no format verb prints the password.
func (s SMTP) GoString() string { return s.String() }

func (s SMTP) port() int {
	switch {
	case s.Port != 0:
		return s.Port
	case s.Security == TLS:
		return 465
	case s.Security == Plaintext:
		return 25
	}
	return 587
}

const defaultTimeout = 2 * time.Minute

// Deliver sends the message. The result follows the reply code: 4xx is Retry, 5xx is Failed. What goes wrong before
// the sender is named is about the relay and a Retry with ErrUnavailable whatever its code, because nobody was asked
// about this message yet. Once content was handed over and no clear reply came, it is InDoubt (RFC 1047). A fault
// after the final 250 changes nothing. A context that ends stops the delivery at once by the same rules.
func (s SMTP) Deliver(ctx context.Context, m Message, phase func(Phase) error) (Result, Receipt, error) {
	raw, err := Build(m)
	if err != nil {
		return Failed, Receipt{}, err
	}
	from, err := s.sender(m)
	if err != nil {
		return Failed, Receipt{}, fmt.Errorf("mail %s: %w", m.label(), err)
	}
	timeout := s.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, receipt, err := s.send(ctx, envelope{from, m.To}, raw, phase)
	if err != nil {
		return result, receipt, fmt.Errorf("mail %s by %s: %w", m.label(), s, err)
	}
	return result, receipt, nil
}

func (s SMTP) sender(m Message) (string, error) {
	field, value := "from", m.From
	if s.Envelope != "" {
		field, value = "envelope sender", s.Envelope
	}
	a, err := address(field, value)
	if err != nil {
		return "", err
	}
	return a.Address, nil
}

// envelope is who a message is from and for, as the relay sees it.
type envelope struct{ from, to string }

func (s SMTP) send(ctx context.Context, e envelope, raw []byte, phase func(Phase) error) (Result, Receipt, error) {
	l, err := s.open(ctx)
	if err != nil {
		return e.unavailable(ctx, "connect", err)
	}
	result, receipt, err := e.converse(ctx, l, raw, phase)
	l.close(receipt.Code != 0)
	return result, receipt, err
}

// converse sends one message over an open line.
func (e envelope) converse(ctx context.Context, l line, raw []byte, phase func(Phase) error) (Result, Receipt, error) {
	if err := phase(Connected); err != nil {
		return Retry, Receipt{}, fmt.Errorf("record phase: %w", err)
	}
	if err := l.client.Mail("<" + e.from + ">"); err != nil {
		return e.refused(ctx, "sender", err)
	}
	if err := l.client.Rcpt("<" + e.to + ">"); err != nil {
		return e.refused(ctx, "recipient", err)
	}
	if err := phase(DataStarted); err != nil {
		return Retry, Receipt{}, fmt.Errorf("record phase: %w", err)
	}
	content, err := l.client.Data()
	if err != nil {
		// Without the server's go-ahead nothing was handed over: as certain as a refused recipient.
		return e.refused(ctx, "data", err)
	}
	_, broken := content.Write(raw)
	// Close writes the final dot, unless the write before it broke, and reads the reply, which may be a refusal that
	// came while we were still writing.
	err = content.Close()
	if err == nil && broken != nil {
		err = broken
	}
	if err != nil {
		return e.unanswered(ctx, "content", err)
	}
	receipt := Receipt{Code: 250}
	if c, ok := content.(*smtp.DataCloser); ok {
		receipt = e.receipt(250, c.ServerResponse())
	}
	return Sent, receipt, nil
}
