package cdr

import (
	"errors"
	"fmt"
)

// isResponse reports whether the object ahead is an OCPI response (OCPI 2.2.1, transport and format, "Response
// format") and not a CDR. Its members come in any order, so it looks for the first one that tells them apart.
func (s *stream) isResponse() bool {
	for {
		b := s.win.bytes()
		yes, err := responseAhead(b)
		if errors.Is(err, errShort) && len(b) < s.limits.MaxRecord && s.win.more() {
			continue
		}
		return yes
	}
}

func responseAhead(b []byte) (bool, error) {
	sc := scanner{b: b}
	if err := sc.open(); err != nil {
		return false, err
	}
	for first := true; ; first = false {
		more, err := sc.next(first, '}')
		if err != nil || !more {
			return false, err
		}
		key, err := sc.key()
		if err != nil {
			return false, err
		}
		switch string(key) {
		case "data", "status_code", "status_message":
			return true, nil
		case "country_code", "party_id", "id", "start_date_time", "end_date_time", "last_updated":
			return false, nil
		}
		if onlyInCDR(key) {
			return false, nil
		}
		if err = sc.skip(); err != nil {
			return false, err
		}
	}
}

// response reads the records inside an OCPI response and judges its status.
func (s *stream) response() {
	s.inResponse = true
	defer func() { s.inResponse = false }()
	s.win.advance(1)
	line, data := s.win.line, false
	status := statusCode{ok: true}
	for first := true; !s.stopped && !s.unwind; first = false {
		key, more, ok := s.responseMember(first)
		if !ok {
			return
		}
		if !more {
			break
		}
		switch key {
		case "data":
			ok = s.data(&data)
		case "status_code":
			ok = s.step(func(sc *scanner) error { return status.read(sc) })
		default:
			ok = s.step((*scanner).skip)
		}
		if !ok {
			return
		}
	}
	switch {
	case s.stopped, s.unwind:
	case !status.ok:
		s.reject(Reject{
			Origin: Origin{Line: line, Raw: status.raw, Length: int64(len(status.raw))}, Code: CodeStatus, Field: "status_code",
			Detail: "the partner's response reports" + quote(status.raw) + " instead of success (1000); fetch it again or ask the partner",
		})
	case !data && !s.damaged:
		s.reject(Reject{
			Origin: Origin{Line: line}, Code: CodeMissing, Field: "data",
			Detail: "the partner's response holds no data; fetch it again or ask the partner",
		})
	}
}

// data reads the records of a response and notes whether there was a place for them.
func (s *stream) data(found *bool) bool {
	c, ok := s.peek()
	switch {
	case !ok:
		return false
	case c == '[':
		*found = true
		s.win.advance(1)
		s.items(true)
	case c == '{':
		*found = true
		s.single = true
		s.record()
		s.single = false
	default:
		return s.step((*scanner).skip)
	}
	return !s.stopped && !s.unwind
}

// responseMember reads the next member name; more is false at the closing brace. ok is false when the response
// cannot be read on.
func (s *stream) responseMember(first bool) (key string, more, ok bool) {
	ok = s.step(func(sc *scanner) error {
		sc.depth = 1
		var err error
		if more, err = sc.next(first, '}'); err != nil || !more {
			return err
		}
		name, err := sc.key()
		key = string(name)
		return err
	})
	return key, more, ok
}

// peek returns the first byte of the next token.
func (s *stream) peek() (c byte, ok bool) {
	ok = s.step(func(sc *scanner) (err error) {
		c, err = sc.peek()
		return err
	})
	return c, ok
}

// step runs a scanner over the window and consumes what it read, with as many bytes as it needs. When that is
// impossible, it deals with what is there and reports false.
func (s *stream) step(scan func(*scanner) error) bool {
	for {
		b := s.win.bytes()
		sc := scanner{b: b}
		err := scan(&sc)
		if err == nil {
			s.win.advance(sc.i)
			return true
		}
		var syntax *syntaxError
		if errors.As(err, &syntax) {
			if s.damaged {
				return false // the records go on outside of what looked like the end of the response
			}
			s.broken(Reject{Code: CodeSyntax, Detail: "broken JSON around the records at " + place(s.win.line, b, syntax.at) + ": " +
				syntax.what + "; ask the sender to correct it"})
			return false
		}
		if len(b) >= s.limits.MaxRecord {
			s.broken(Reject{Code: CodeTooLarge, Detail: fmt.Sprintf("a member beside the records is longer than %d bytes; ask the sender to correct it",
				s.limits.MaxRecord)})
			return false
		}
		if !s.win.more() {
			s.cutResponse()
			return false
		}
	}
}

// cutResponse handles a response whose end is missing.
func (s *stream) cutResponse() {
	b := s.win.bytes()
	line := s.win.line
	raw := append([]byte(nil), b[:min(len(b), s.limits.KeptBytes)]...)
	length := int64(len(b))
	s.win.advance(len(b))
	if s.win.err != nil {
		s.fail(raw, length, line)
		return
	}
	if s.afterBreak {
		return
	}
	s.afterBreak = true
	s.reject(Reject{
		Origin: Origin{Line: line, Raw: raw, Length: length}, Code: CodeTruncated,
		Detail: fmt.Sprintf("the partner's response ends before its closing brace after record %d; the rest may be missing, fetch it again", s.ordinal),
	})
}

// statusCode is the status of a response: 1xxx is success (OCPI 2.2.1, status codes).
type statusCode struct {
	raw []byte
	ok  bool
}

// read takes the status from a number or from a quoted number.
func (c *statusCode) read(sc *scanner) error {
	if _, err := sc.peek(); err != nil {
		return err
	}
	start := sc.i
	if err := sc.skip(); err != nil {
		return err
	}
	c.raw = append([]byte(nil), sc.b[start:sc.i]...)
	digits := c.raw
	if len(digits) == 6 && digits[0] == '"' {
		digits = digits[1:5]
	}
	c.ok = len(digits) == 4 && digits[0] == '1' && digitsFrom(digits, 0) == 4
	return nil
}
