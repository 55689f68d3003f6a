package jobs_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay is a mail relay that does what a test tells it to, by recipient.
type relay struct {
	listener net.Listener

	mu     sync.Mutex
	rule   func(to string) string // what to answer a recipient; "" takes the mail, "hang up" takes it without an answer
	pause  time.Duration          // before the answer to a mail
	taken  map[string][]string    // Message-IDs by recipient
	bodies map[string][]string    // mails by recipient
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, taken: map[string][]string{}, bodies: map[string][]string{}}
	r.obey(func(string) string { return "" })
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.talk(c)
		}
	}()
	return r
}

func (r *relay) port() int { return r.listener.Addr().(*net.TCPAddr).Port }

func (r *relay) obey(rule func(to string) string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rule = rule
}

// talk is one connection, with one mail at most.
func (r *relay) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	say := func(line string) { _, _ = fmt.Fprintf(c, "%s\r\n", line) }
	say("220 relay")
	to := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); verb {
		case "RCPT":
			to = strings.Trim(strings.TrimSpace(strings.SplitN(line, ":", 2)[1]), "<>")
			if answer := r.answer(to); answer != "" && answer != "hang up" {
				say(answer)
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			body, err := readMail(in)
			if err != nil {
				return
			}
			if r.take(to, body) == "hang up" {
				return
			}
			say("250 2.0.0 queued as 4711")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func readMail(in *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return b.String(), err
		}
		b.WriteString(line)
	}
}

func (r *relay) answer(to string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rule(to)
}

func (r *relay) take(to, body string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pause > 0 {
		time.Sleep(r.pause)
	}
	_, id, _ := strings.Cut(body, "Message-ID: ")
	id, _, _ = strings.Cut(id, "\r\n")
	r.taken[to] = append(r.taken[to], id)
	r.bodies[to] = append(r.bodies[to], body)
	return r.rule(to)
}

// mails lists how often each recipient's mail was taken.
func (r *relay) mails() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := map[string]int{}
	for to, ids := range r.taken {
		n[to] = len(ids)
	}
	return n
}
