package cdr

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// stream finds the records in a file, whatever shape the file has, and yields them one by one.
type stream struct {
	win     window
	limits  Limits
	yield   func(Record, error) bool
	parser  ocpiParser
	ordinal int  // of the last record or reject
	stopped bool // nothing more may be yielded

	inResponse bool
	single     bool // the record is the data of a response itself
	// damaged says that a stretch was skipped somewhere, so that the nesting of what follows is in doubt: stray
	// brackets are then not worth a reject, and a response may follow where a record is expected.
	damaged bool
	// afterBreak says that the last thing met was such a stretch. A missing end is then explained by it.
	afterBreak bool
	unwind     bool // return to the top level, where a response is ahead
}

func (s *stream) run() {
	if _, ok := s.ahead(); !ok && !s.stopped {
		s.reject(Reject{Origin: Origin{Line: 1}, Code: CodeEmpty, Detail: "the file holds no record; ask the sender for it again"})
		return
	}
	for again := true; again; again = s.unwind {
		s.unwind = false
		s.items(false)
	}
}

// items reads records up to the closing bracket of an array, or to the end of the file.
func (s *stream) items(inArray bool) {
	for !s.stopped && !s.unwind {
		c, ok := s.ahead()
		switch {
		case !ok:
			if inArray && !s.afterBreak && !s.stopped {
				s.afterBreak = true
				s.reject(Reject{
					Origin: Origin{Line: s.win.line}, Code: CodeTruncated,
					Detail: fmt.Sprintf("the file ends inside its array after record %d; the rest is missing, ask the sender for the whole file", s.ordinal),
				})
			}
			return
		case c == '{':
			s.object()
		case c == ']' && inArray:
			s.win.advance(1)
			return
		case c == '[' && !inArray:
			s.win.advance(1)
			s.items(true)
		case s.damaged && (c == ']' || c == '}'):
			s.win.advance(1)
		default:
			s.stray(inArray)
		}
	}
}

// byteOrderMark is that of UTF-8. It may stand before any record, as files get joined.
const byteOrderMark = "\xef\xbb\xbf"

// ahead skips blanks, commas and byte order marks and returns the next byte. It reports false at the end of the
// file, after it has yielded the error that ended it, if any.
func (s *stream) ahead() (byte, bool) {
	for {
		b := s.win.bytes()
		n := 0
		for n < len(b) && (b[n] == ' ' || b[n] == '\n' || b[n] == '\r' || b[n] == '\t' || b[n] == ',') {
			n++
		}
		s.win.advance(n)
		b = b[n:]
		if len(b) > 0 && b[0] == byteOrderMark[0] {
			if len(b) < 3 && s.win.more() {
				continue
			}
			if strings.HasPrefix(string(b[:min(3, len(b))]), byteOrderMark) {
				s.win.advance(3)
				continue
			}
		}
		if len(b) > 0 {
			return b[0], true
		}
		if !s.win.more() {
			s.fail(nil, 0, s.win.line)
			return 0, false
		}
	}
}

// object reads a record, or the response of a partner around records.
func (s *stream) object() {
	if s.inResponse && !s.damaged || !s.isResponse() {
		s.record()
		return
	}
	if s.inResponse {
		// The end of this response was lost in a broken stretch; here begins the next.
		s.unwind = true
		return
	}
	s.response()
}

// record reads the record at the start of the window. It is parsed where it lies; when the window ends inside it,
// more is read and the parser starts over, which happens about once per window.
func (s *stream) record() {
	for {
		b := s.win.bytes()
		n, err := s.parser.parse(b)
		var syntax *syntaxError
		switch {
		case err == nil && n > s.limits.MaxRecord, errors.Is(err, errShort) && len(b) >= s.limits.MaxRecord:
			s.broken(Reject{Code: CodeTooLarge, Detail: fmt.Sprintf("the record is longer than %d bytes; ask the sender to correct it", s.limits.MaxRecord)})
			return
		case err == nil && s.closedEarly(b[n:]):
			s.broken(Reject{ID: s.knownID(), Code: CodeSyntax, Detail: "broken JSON at " + place(s.win.line, b, n-1) +
				": the record is closed before its last member; ask the sender to correct it"})
			return
		case err == nil:
			s.deliver(b[:n])
			s.win.advance(n)
			return
		case errors.As(err, &syntax):
			s.broken(Reject{ID: s.knownID(), Code: CodeSyntax, Detail: "broken JSON at " + place(s.win.line, b, syntax.at) + ": " + syntax.what +
				"; ask the sender to correct it"})
			return
		case !s.win.more():
			s.broken(Reject{ID: s.knownID(), Code: CodeTruncated, Detail: "the file ends inside the record; ask the sender for the whole file"})
			return
		}
	}
}

// closedEarly reports whether the record that was just parsed lacks members because of a brace too many: then
// another member follows. Inside a response a member may rightly follow, that of the response.
func (s *stream) closedEarly(rest []byte) bool {
	return len(s.parser.faults) > 0 && !s.single && !endsAt(rest)
}

// knownID returns the id of a record that could not be read to its end, if the parser got that far.
func (s *stream) knownID() string {
	if id := s.parser.rec.ID; printable(id) {
		return id
	}
	return ""
}

// deliver yields the record that the parser has just read, or what is wrong with it.
func (s *stream) deliver(raw []byte) {
	o := Origin{Line: s.win.line, Raw: raw, Length: int64(len(raw))}
	if r, bad := s.parser.reject(); bad {
		r.Origin, r.ID = o, s.parser.rec.ID
		if !printable(r.ID) {
			r.ID = ""
		}
		if cut := s.limits.KeptBytes; len(raw) > cut {
			r.Origin.Raw = raw[:cut]
		}
		s.reject(r)
		return
	}
	s.ordinal++
	s.afterBreak = false
	rec := s.parser.rec
	rec.Origin = o
	rec.Origin.Ordinal = s.ordinal
	s.stopped = !s.yield(rec, nil)
}

// reject yields a reject and gives it the next ordinal.
func (s *stream) reject(r Reject) {
	s.ordinal++
	r.Origin.Ordinal = s.ordinal
	if kept := len(r.Origin.Raw); r.Origin.Length > int64(kept) {
		r.Detail += fmt.Sprintf("; kept are the first %d of %d bytes", kept, r.Origin.Length)
	}
	s.stopped = !s.yield(Record{}, &r)
}

// fail ends the reading when the stream broke: with a reject where the file is at fault, otherwise with the error
// itself. raw is what was left unread before the break. At the proper end of the stream it does nothing.
func (s *stream) fail(raw []byte, length int64, line int) {
	if s.win.err == nil || s.stopped {
		return
	}
	var d *damage
	if errors.As(s.win.err, &d) {
		s.reject(Reject{Origin: Origin{Line: line, Raw: raw, Length: length}, Code: d.code, Detail: d.detail})
	} else {
		s.yield(Record{}, fmt.Errorf("read charge records, after record %d: %w", s.ordinal, s.win.err))
	}
	s.stopped = true
}

// broken yields one reject for the stretch from here to the next record.
func (s *stream) broken(r Reject) {
	line := s.win.line
	raw, length := s.skipBroken()
	s.damaged, s.afterBreak = true, true
	if rest := len(s.win.bytes()); r.Code == CodeTruncated && rest > 0 || r.Code == CodeTooLarge && length <= int64(s.limits.MaxRecord) {
		// The next record stood behind it, which the parser took for a part of this one.
		r.Code, r.Detail = CodeSyntax, "the record breaks off; ask the sender to correct it"
	}
	if s.win.err != nil && len(s.win.bytes()) == 0 {
		// The break of the stream explains it better.
		s.fail(raw, length, line)
		return
	}
	r.Origin = Origin{Line: line, Raw: raw, Length: length}
	s.reject(r)
}

// stray handles something that is neither a record nor the end of an array.
func (s *stream) stray(inArray bool) {
	b := s.win.bytes()
	if inArray && s.strayElement(b) || s.damaged && s.strayMember(b) {
		return
	}
	if s.ordinal == 0 && !inArray {
		s.broken(Reject{Code: CodeNotJSON, Detail: "the file is not JSON" + looksLike(b) + "; send CDRs as JSON (OCPI 2.2.1)"})
		return
	}
	s.broken(Reject{Code: CodeSyntax, Detail: "broken JSON at " + place(s.win.line, b, 0) + ": expected a record that begins with {; ask the sender to correct it"})
}

// strayElement rejects an element of an array that is sound JSON but no object, and reports whether it was one.
func (s *stream) strayElement(b []byte) bool {
	sc := scanner{b: b[:min(len(b), lookahead)]}
	if sc.skip() != nil {
		return false
	}
	n := sc.i
	if c, err := sc.peek(); err != nil || c != ',' && c != ']' {
		return false
	}
	s.reject(Reject{
		Origin: Origin{Line: s.win.line, Raw: b[:n], Length: int64(n)}, Code: CodeType,
		Detail: "the element of the array is " + kindName(b[0]) + ", not an object; ask the sender to correct it",
	})
	s.win.advance(n)
	return true
}

// strayMember passes over a member of a response, whose records seemed to have ended earlier because a bracket in a
// broken stretch was taken for theirs, and reports whether it was one.
func (s *stream) strayMember(b []byte) bool {
	sc := scanner{b: b[:min(len(b), lookahead)]}
	key, err := sc.key()
	if err != nil {
		return false
	}
	switch string(key) {
	case "status_code", "status_message", "timestamp":
	default:
		return false
	}
	if sc.skip() != nil {
		return false
	}
	s.win.advance(sc.i)
	return true
}

// place names line and column of an offset for a reader of the file.
func place(line int, b []byte, at int) string {
	before := b[:at]
	return fmt.Sprintf("line %d, column %d", line+bytes.Count(before, []byte{'\n'}), at-bytes.LastIndexByte(before, '\n'))
}

// looksLike names what a file probably is instead of JSON.
func looksLike(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return " but a ZIP archive; unpack it"
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b}):
		return " but compressed twice; unpack it once"
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return " in UTF-8 but text in UTF-16; convert it"
	case b[0] == '<':
		return " but XML or HTML"
	}
	return ""
}
