package cdr

// lookahead is how far a search looks into what may be the next record.
const lookahead = 64 << 10

// skipBroken consumes a stretch that cannot be read, up to the next place where a record plausibly begins or to
// the end of the file. It returns the stretch without trailing blanks and commas, cut to Limits.KeptBytes, and its
// full length. Memory does not grow with the length.
func (s *stream) skipBroken() (kept []byte, length int64) {
	var search search
	for first := true; ; first = false {
		for len(s.win.bytes()) < lookahead && s.win.more() {
		}
		b := s.win.bytes()
		if first {
			search.begin(b)
		}
		end := len(b)
		if !s.win.done {
			end -= lookahead / 2
		}
		n, found := search.next(b, end)
		kept = append(kept, b[:min(n, s.limits.KeptBytes-len(kept))]...)
		length += int64(n)
		s.win.advance(n)
		if found || s.win.done && n == len(b) {
			break
		}
	}
	if int64(len(kept)) == length {
		kept = trimRight(kept)
		length = int64(len(kept))
	}
	return kept, length
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && (isBlank(b[len(b)-1]) || b[len(b)-1] == ',') {
		b = b[:len(b)-1]
	}
	return b
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// search looks for the end of a broken stretch. There are three signs, the first met wins:
//
//   - a line that begins with a brace, as in a file with one record per line;
//   - a brace after a comma, bracket, brace or line break whose object has a member that only CDRs have;
//   - the brace that closes the broken object, when its braces and quotes are balanced and what follows fits.
//
// Inside a broken record quotes may be unbalanced, therefore the first two signs hold inside text, too: JSON text
// contains neither line breaks nor unescaped quotes.
type search struct {
	rubbish  bool   // the stretch is no JSON object at all, so that a chance brace at a line start proves little
	depth    int    // braces and brackets open, when balanced
	brackets uint64 // which of them are brackets, the innermost in the lowest bit
	balanced bool   // the depth can still be trusted
	doubt    bool   // a quote stood where none can stand
	inText   bool
	escaped  bool
	started  bool // the first byte has been seen
	last     byte // last byte
	solid    byte // last byte that is not blank
	newline  bool // a line break came after it
}

func (s *search) begin(b []byte) {
	s.rubbish = len(b) == 0 || b[0] != '{'
	s.balanced = !s.rubbish
}

// next runs over b up to end and returns how many bytes belong to the stretch, and whether it ended there.
func (s *search) next(b []byte, end int) (int, bool) {
	for i := 0; i < end; i++ {
		c := b[i]
		if c == '{' && s.started && s.recordAt(b[i:]) {
			return i, true
		}
		if s.balanced {
			var following byte
			if i+1 < len(b) {
				following = b[i+1]
			}
			s.track(c, following)
			if s.balanced && s.depth == 0 && c == '}' {
				if endsAt(b[i+1:]) {
					return i + 1, true
				}
				s.balanced = false
			}
		}
		if c < ' ' && !isBlank(c) {
			s.rubbish = true
		}
		s.started, s.last = true, c
		if !isBlank(c) {
			s.solid, s.newline = c, false
		} else if c == '\n' {
			s.newline = true
		}
	}
	return end, false
}

// track counts braces outside of text. A quote in an impossible place shows that quotes are unbalanced; braces
// after it prove nothing. A line break ends text, because JSON text has none, and with it the doubt.
func (s *search) track(c, next byte) {
	switch {
	case c == '\n':
		s.inText, s.escaped, s.doubt = false, false, false
	case s.escaped:
		s.escaped = false
	case s.inText:
		s.escaped = c == '\\'
		if c == '"' {
			s.inText = false
			s.doubt = s.doubt || !(isBlank(next) || next == ':' || next == ',' || next == '}' || next == ']' || next == 0)
		}
	case c == '"':
		s.inText = true
		s.doubt = s.doubt || !(s.solid == '{' || s.solid == '[' || s.solid == ',' || s.solid == ':')
	case c == '{', c == '[':
		s.depth++
		s.brackets <<= 1
		if c == '[' {
			s.brackets |= 1
		}
		s.balanced = !s.doubt && s.depth <= maxDepth
	case c == '}', c == ']':
		s.depth--
		s.balanced = !s.doubt && s.depth >= 0 && (s.brackets&1 == 1) == (c == ']')
		s.brackets >>= 1
	}
}

// endsAt reports whether what follows a closing brace fits the end of a record: nothing, a line break, a closing
// brace or bracket, or another record.
func endsAt(rest []byte) bool {
	for _, c := range rest {
		switch c {
		case '\n', ']', '}', '{':
			return true
		case ',', ' ', '\t', '\r':
		default:
			// A comma and a text belong to an object that goes on.
			return false
		}
	}
	return true
}

// recordAt reports whether a record plausibly begins with the brace at the start of b.
func (s *search) recordAt(b []byte) bool {
	if s.last == '\n' && !s.rubbish {
		return true
	}
	if s.last == '\n' && beginsObject(b) {
		return true
	}
	if s.newline || s.solid == ',' || s.solid == '[' || s.solid == '}' {
		return holdsCDR(b[:min(len(b), lookahead)])
	}
	return false
}

// beginsObject reports whether b begins with a brace, a member name and a colon.
func beginsObject(b []byte) bool {
	sc := scanner{b: b}
	if sc.open() != nil {
		return false
	}
	if more, err := sc.next(true, '}'); err != nil || !more {
		return false
	}
	_, err := sc.key()
	return err == nil
}

// searchDepth bounds nesting in a trial, so that hostile nesting cannot make the search slow. CDRs need eight.
const searchDepth = 16

// holdsCDR reports whether the object at the start of b has a member that only CDRs have, before anything in it is
// broken.
func holdsCDR(b []byte) bool {
	sc := scanner{b: b, depth: maxDepth - searchDepth}
	if sc.open() != nil {
		return false
	}
	for first := true; ; first = false {
		more, err := sc.next(first, '}')
		if err != nil || !more {
			return false
		}
		key, err := sc.key()
		if err != nil {
			return false
		}
		if onlyInCDR(key) {
			return true
		}
		if sc.skip() != nil {
			return false
		}
	}
}

// onlyInCDR reports whether a member occurs in CDRs and not in the objects they contain.
func onlyInCDR(key []byte) bool {
	switch string(key) {
	case "cdr_token", "cdr_location", "charging_periods", "session_id", "auth_method", "total_cost", "total_energy", "total_time":
		return true
	}
	return false
}
