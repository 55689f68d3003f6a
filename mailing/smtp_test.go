package mailing

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// relay is a server in this process; its fields say how it answers.
type relay struct {
	mail, rcpt, data error
	hangUpAfterData  bool
	slowRcpt         time.Duration
	slowData         time.Duration
	password         string

	mu       sync.Mutex
	from, to []string
	taken    [][]byte
	logins   int
}

type session struct {
	r    *relay
	conn *gosmtp.Conn
}

func (s session) AuthMechanisms() []string {
	if s.r.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "billing" || password != s.r.password {
			return gosmtp.ErrAuthFailed
		}
		s.r.mu.Lock()
		defer s.r.mu.Unlock()
		s.r.logins++
		return nil
	}), nil
}

func (s session) Reset()        {}
func (s session) Logout() error { return nil }

func (s session) Mail(from string, _ *gosmtp.MailOptions) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.r.from = append(s.r.from, from)
	return s.r.mail
}

func (s session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	time.Sleep(s.r.slowRcpt)
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.r.to = append(s.r.to, to)
	return s.r.rcpt
}

func (s session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	time.Sleep(s.r.slowData)
	if s.r.data != nil {
		return s.r.data
	}
	s.r.mu.Lock()
	s.r.taken = append(s.r.taken, raw)
	s.r.mu.Unlock()
	if s.r.hangUpAfterData {
		s.conn.Conn().Close()
	}
	return nil
}

func (r *relay) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.taken)
}

// start runs the relay and returns how to reach it. With a certificate it offers STARTTLS.
func (r *relay) start(t *testing.T, certificate *tls.Certificate, fromFirstByte bool) SMTP {
	t.Helper()
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) { return session{r, c}, nil }))
	server.Domain = "relay.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	var l net.Listener
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: Plaintext, Timeout: 5 * time.Second}
	if certificate != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		s.Security = StartTLS
		s.RootCAs = x509.NewCertPool()
		s.RootCAs.AddCert(certificate.Leaf)
	}
	if fromFirstByte {
		l = tls.NewListener(l, server.TLSConfig)
		s.Security = TLS
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return s
}

func certificate(t *testing.T) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func status(code, class, subject, detail int, text string) error {
	return &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{class, subject, detail}, Message: text}
}

func TestSMTPResults(t *testing.T) {
	tests := []struct {
		name     string
		relay    *relay
		result   Result
		code     int
		enhanced string
		phases   string
		pause    bool // ErrUnavailable
		taken    int
	}{
		{"accepted", &relay{}, Sent, 250, "2.0.0", "connected data_started", false, 1},
		{"greylisted recipient", &relay{rcpt: status(451, 4, 7, 1, "greylisted")}, Retry, 451, "4.7.1", "connected", false, 0},
		{"mailbox full", &relay{rcpt: status(452, 4, 2, 2, "full")}, Retry, 452, "4.2.2", "connected", false, 0},
		{"unknown recipient", &relay{rcpt: status(550, 5, 1, 1, "<erika@kundin.example>: user erika unknown")}, Failed, 550, "5.1.1", "connected", false, 0},
		{"sender refused", &relay{mail: status(550, 5, 7, 1, "policy")}, Failed, 550, "5.7.1", "connected", false, 0},
		{"login needed", &relay{mail: status(530, 5, 7, 0, "authenticate")}, Retry, 530, "5.7.0", "connected", true, 0},
		{"relay closes", &relay{rcpt: status(421, 4, 3, 2, "closing")}, Retry, 421, "4.3.2", "connected", true, 0},
		{"content deferred", &relay{data: status(451, 4, 3, 0, "later")}, Retry, 451, "4.3.0", "connected data_started", false, 0},
		{"content refused", &relay{data: status(554, 5, 7, 1, "spam")}, Failed, 554, "5.7.1", "connected data_started", false, 0},
		{"link lost after the final dot", &relay{hangUpAfterData: true}, InDoubt, 0, "", "connected data_started", false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.relay.start(t, nil, false)
			var p phases
			result, receipt, err := s.Deliver(t.Context(), letter(), p.record)
			if result != tt.result || receipt.Code != tt.code || receipt.Enhanced != tt.enhanced || p.String() != tt.phases {
				t.Errorf("%s, %+v, phases %s; want %s %d %s, phases %s: %v", result, receipt, &p, tt.result, tt.code, tt.enhanced, tt.phases, err)
			}
			if (err == nil) != (result == Sent) || errors.Is(err, ErrUnavailable) != tt.pause {
				t.Errorf("error %v with %s, pause %v", err, result, tt.pause)
			}
			if n := tt.relay.count(); n != tt.taken {
				t.Errorf("relay took %d messages, want %d", n, tt.taken)
			}
			noAddress(t, err, receipt)
		})
	}
}

func noAddress(t *testing.T, err error, r Receipt) {
	t.Helper()
	for _, text := range []string{fmt.Sprint(err), r.Reply} {
		if strings.Contains(strings.ToLower(text), "erika") || strings.Contains(text, "kundin") || strings.Contains(text, "@") {
			t.Errorf("an address is shown: %s", text)
		}
	}
	if err != nil && !strings.Contains(err.Error(), "RE-2026-0000001") {
		t.Errorf("the error does not name the message: %v", err)
	}
}

func TestRelayGetsTheBytesOfBuild(t *testing.T) {
	r := &relay{}
	m := letter()
	m.Text = ".\r\n.. a line of dots\r\n.\r\nQUIT\r\n"
	if result, _, err := r.start(t, nil, false).Deliver(t.Context(), m, new(phases).record); result != Sent {
		t.Fatal(result, err)
	}
	if !bytes.Equal(r.taken[0], built(t, m)) {
		t.Errorf("relay got\n%q\nwant\n%q", r.taken[0], built(t, m))
	}
	if r.from[0] != "rechnung@ladenetz.example" || r.to[0] != "erika@kundin.example" {
		t.Errorf("envelope %v %v", r.from, r.to)
	}
}

func TestEnvelopeSender(t *testing.T) {
	r := &relay{}
	s := r.start(t, nil, false)
	s.Envelope = "bounce+0a1b@ladenetz.example"
	if result, _, err := s.Deliver(t.Context(), letter(), new(phases).record); result != Sent || r.from[0] != s.Envelope {
		t.Errorf("%s, %v, sender %v", result, err, r.from)
	}
	s.Envelope = "nobody"
	if result, _, err := s.Deliver(t.Context(), letter(), new(phases).record); result != Failed || err == nil {
		t.Errorf("%s, %v", result, err)
	}
}

func TestTLS(t *testing.T) {
	cert := certificate(t)
	for _, first := range []bool{false, true} {
		r := &relay{password: "geheim"}
		s := r.start(t, cert, first)
		s.User, s.Password = "billing", "geheim"
		if result, _, err := s.Deliver(t.Context(), letter(), new(phases).record); result != Sent || r.logins != 1 {
			t.Errorf("%s: %s, %v, %d logins", s.Security, result, err, r.logins)
		}

		s.Password = "falsch"
		var p phases
		result, receipt, err := s.Deliver(t.Context(), letter(), p.record)
		if result != Retry || receipt.Code != 535 || !errors.Is(err, ErrUnavailable) || p.String() != "" {
			t.Errorf("%s, wrong password: %s, %+v, %v, phases %s", s.Security, result, receipt, err, &p)
		}
		if text := fmt.Sprintf("%v %+v %#v %v", s, s, s, err); strings.Contains(text, "falsch") {
			t.Errorf("the password is shown: %s", text)
		}

		s.RootCAs = x509.NewCertPool()
		if result, _, err := s.Deliver(t.Context(), letter(), p.record); result != Retry || !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s, unknown certificate: %s, %v", s.Security, result, err)
		}
		if r.count() != 1 {
			t.Errorf("%s: relay took %d messages, want one", s.Security, r.count())
		}
	}
}

func TestPlaintextNeedsAnExplicitSetting(t *testing.T) {
	r := &relay{}
	s := r.start(t, nil, false)
	for _, security := range []Security{"", StartTLS, "none"} {
		s.Security = security
		result, _, err := s.Deliver(t.Context(), letter(), new(phases).record)
		if result != Retry || !errors.Is(err, ErrUnavailable) || r.count() != 0 {
			t.Errorf("security %q: %s, %v", security, result, err)
		}
	}
}

func TestNoPlaintextPasswordToAnotherMachine(t *testing.T) {
	r := &relay{password: "geheim"}
	s := r.start(t, nil, false)
	conn, err := net.Dial("tcp", s.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s.Host, s.User, s.Password = "relay.example", "billing", "geheim"
	if _, err := s.greet(t.Context(), conn); err == nil || r.logins != 0 {
		t.Errorf("login over plaintext: %v, %d logins", err, r.logins)
	}
}

func TestRefusedConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	var p phases
	result, _, err := SMTP{Host: "127.0.0.1", Port: port}.Deliver(t.Context(), letter(), p.record)
	if result != Retry || !errors.Is(err, ErrUnavailable) || p.String() != "" {
		t.Errorf("%s, %v, phases %s", result, err, &p)
	}
}

func TestSlowRelay(t *testing.T) {
	tests := []struct {
		name   string
		relay  *relay
		result Result
		pause  bool
	}{
		{"at the recipient", &relay{slowRcpt: 3 * time.Second}, Retry, true},
		{"after the final dot", &relay{slowData: 3 * time.Second}, InDoubt, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			start := time.Now()
			result, receipt, err := tt.relay.start(t, nil, false).Deliver(ctx, letter(), new(phases).record)
			if result != tt.result || !errors.Is(err, context.DeadlineExceeded) && result == InDoubt || errors.Is(err, ErrUnavailable) != tt.pause {
				t.Errorf("%s, %v", result, err)
			}
			if waited := time.Since(start); waited > 1500*time.Millisecond {
				t.Errorf("waited %s after the end of the context", waited)
			}
			noAddress(t, err, receipt)
		})
	}
}

func TestPhaseThatCannotBeStoredStopsTheDelivery(t *testing.T) {
	for _, stop := range []Phase{Connected, DataStarted} {
		r := &relay{}
		p := phases{stop: stop}
		result, _, err := r.start(t, nil, false).Deliver(t.Context(), letter(), p.record)
		if result != Retry || !errors.Is(err, errStore) || r.count() != 0 {
			t.Errorf("%s: %s, %v, %d taken", stop, result, err, r.count())
		}
	}
}

// script is a relay that answers each command with the next line and then does what it likes with the content.
func script(t *testing.T, content func(*bufio.Reader, net.Conn)) SMTP {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		io.WriteString(conn, "220 relay\r\n")
		for _, answer := range []string{"250 relay", "250 ok", "250 ok", "354 go"} {
			if _, err := r.ReadString('\n'); err != nil {
				return
			}
			io.WriteString(conn, answer+"\r\n")
		}
		content(r, conn)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: Plaintext, Timeout: 5 * time.Second}
}

// untilDot reads the content and reports whether the final dot came.
func untilDot(r *bufio.Reader) bool {
	for {
		l, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if l == ".\r\n" {
			return true
		}
	}
}

func TestContentPhase(t *testing.T) {
	big := letter()
	big.Attached = []Attachment{{"big.pdf", "application/pdf", make([]byte, 7<<20)}}
	finished := make(chan bool, 1)
	tests := []struct {
		name    string
		message Message
		content func(*bufio.Reader, net.Conn)
		result  Result
		code    int
	}{
		{"hangs up at once", letter(), func(*bufio.Reader, net.Conn) {}, InDoubt, 0},
		{"hangs up after the dot", letter(), func(r *bufio.Reader, _ net.Conn) { untilDot(r) }, InDoubt, 0},
		{"answers rubbish", letter(), func(r *bufio.Reader, c net.Conn) { untilDot(r); io.WriteString(c, "<erika@kundin.example> hello\r\n") }, InDoubt, 0},
		{"answers a code that means nothing here", letter(), func(r *bufio.Reader, c net.Conn) { untilDot(r); io.WriteString(c, "354 more\r\n") }, InDoubt, 354},
		{"accepts and hangs up", letter(), func(r *bufio.Reader, c net.Conn) { untilDot(r); io.WriteString(c, "250 2.0.0 queued as 4F1C\r\n") }, Sent, 250},
		{"closes for maintenance", letter(), func(r *bufio.Reader, c net.Conn) { untilDot(r); io.WriteString(c, "421 bye\r\n") }, Retry, 421},
		{"stops reading in the middle", big, func(r *bufio.Reader, _ net.Conn) {
			time.Sleep(1200 * time.Millisecond)
			finished <- untilDot(r)
		}, InDoubt, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p phases
			s := script(t, tt.content)
			if len(tt.message.Attached[0].Bytes) > 1<<20 {
				s.Timeout = 700 * time.Millisecond
			}
			result, receipt, err := s.Deliver(t.Context(), tt.message, p.record)
			if result != tt.result || receipt.Code != tt.code || p.String() != "connected data_started" {
				t.Errorf("%s, %+v, %v, phases %s; want %s %d", result, receipt, err, &p, tt.result, tt.code)
			}
			noAddress(t, err, receipt)
		})
	}
	select {
	case whole := <-finished:
		if whole {
			t.Error("a message that broke off was ended with a dot, so the relay would take half of it")
		}
	case <-time.After(5 * time.Second):
		t.Error("the relay never saw the end of the line")
	}
}

func TestReceiptKeepsTheQueueID(t *testing.T) {
	s := script(t, func(r *bufio.Reader, c net.Conn) {
		untilDot(r)
		io.WriteString(c, "250 2.0.0 Ok: queued as 4F1C2A\r\n")
	})
	_, receipt, err := s.Deliver(t.Context(), letter(), new(phases).record)
	if err != nil || receipt != (Receipt{250, "2.0.0", "2.0.0 Ok: queued as 4F1C2A"}) {
		t.Errorf("%+v, %v", receipt, err)
	}
}

func TestRedact(t *testing.T) {
	e := envelope{"rechnung@ladenetz.example", "erika.muster@kundin.example"}
	got := e.redact("5.1.1 <Erika.Muster@kundin.example>... user ERIKA.MUSTER unknown; see postmaster@x.example\r\n\x07 now")
	const want = "5.1.1 [address] user [address] unknown; see [address] now"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := len(e.redact(strings.Repeat("ä", 400))); n > longestReply {
		t.Errorf("%d bytes kept", n)
	}
}
