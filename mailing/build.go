package mailing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"wattdue/ident"
)

// MaxBytes is the largest message that is built; more is refused by many receivers, so a link has to do.
const MaxBytes = 10 << 20

// ErrTooLarge is returned by Build for a message above MaxBytes.
var ErrTooLarge = errors.New("message is larger than 10 MB; send a link instead of the attachment")

// Build writes the message with CRLF lines. The same message gives the same bytes: nothing is taken from a clock, a
// random source, the host or the time zone. Line breaks and control characters in names and subject become blanks;
// in addresses, ids and file names they are refused. Errors name the message and the field.
func Build(m Message) ([]byte, error) {
	raw, err := build(m)
	if err != nil {
		return nil, fmt.Errorf("build mail %s: %w", m.label(), err)
	}
	return raw, nil
}

func build(m Message) ([]byte, error) {
	h, err := headerOf(m)
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP), gomail.WithCharset(gomail.CharsetUTF8))
	msg.FromMailAddress(h.from)
	msg.ToMailAddress(h.to)
	if h.replyTo != nil {
		msg.ReplyToMailAddress(h.replyTo)
	}
	msg.Subject(h.subject)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date.UTC().Truncate(time.Second))
	// RFC 3834: out-of-office answers are not sent to mail that says this.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attached {
		msg.AttachReadSeeker(a.Name, bytes.NewReader(a.Bytes), gomail.WithFileContentType(gomail.ContentType(a.MediaType)))
	}
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, err
	}
	raw, err := settle(out.Bytes(), m)
	if err == nil && len(raw) > MaxBytes {
		err = ErrTooLarge
	}
	return raw, err
}

// randomBoundary finds the header in which the MIME writer names a boundary it drew itself. Header values cannot
// start a line, and the bodies come later, so the first match is never part of the content.
var randomBoundary = map[string]*regexp.Regexp{
	"mixed":       regexp.MustCompile(`\r\nContent-Type: multipart/mixed;\r\n boundary=([0-9a-f]{60})\r\n`),
	"alternative": regexp.MustCompile(`\r\nContent-Type: multipart/alternative;\r\n boundary=([0-9a-f]{60})\r\n`),
}

// settle replaces the random boundaries by derived ones and unfolds the Message-ID. go-mail can fix only one
// boundary for all levels, which would make a nested message unreadable. The random ones have 240 bits and occur
// nowhere else; the derived ones depend on all of the content, so no content can hold them.
func settle(raw []byte, m Message) ([]byte, error) {
	raw = bytes.Replace(raw, []byte("\r\nMessage-ID:\r\n <"), []byte("\r\nMessage-ID: <"), 1)
	var names []string
	if len(m.Attached) > 0 {
		names = append(names, "mixed")
	}
	if m.HTML != "" {
		names = append(names, "alternative")
	}
	hash := contentHash(m)
	for _, name := range names {
		found := randomBoundary[name].FindSubmatch(raw)
		if found == nil {
			return nil, fmt.Errorf("no %s boundary where the mail library writes one; check its version", name)
		}
		raw = bytes.ReplaceAll(raw, found[1], []byte("wattdue-"+name+"-"+hash))
	}
	return raw, nil
}

func contentHash(m Message) string {
	parts := []string{m.ID, m.Date.UTC().Format(time.RFC3339), m.From, m.ReplyTo, m.To, m.ToName, m.Subject, m.Text, m.HTML}
	for _, a := range m.Attached {
		sum := sha256.Sum256(a.Bytes)
		parts = append(parts, a.Name, a.MediaType, hex.EncodeToString(sum[:]))
	}
	return ident.Derive("mail-boundary", parts...).Hex()
}

// header is the checked and cleaned header of a message.
type header struct {
	from, to, replyTo *mail.Address
	subject           string
}

var (
	messageID = regexp.MustCompile(`^[A-Za-z0-9._+=-]{1,120}@[A-Za-z0-9.-]{1,100}$`)
	fileName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	mediaType = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9.+-]{1,80}$`)
)

func headerOf(m Message) (h header, err error) {
	if !messageID.MatchString(m.ID) {
		return h, errors.New("message id is not of the form id@domain; derive it with MessageID")
	}
	if m.Date.IsZero() || m.Date.Year() < 2000 || m.Date.Year() > 9999 {
		return h, errors.New("date is not set; pass the time of the run")
	}
	if h.from, err = address("from", m.From); err != nil {
		return h, err
	}
	if h.to, err = address("to", m.To); err != nil {
		return h, err
	}
	if h.to.Name != "" || h.to.Address != m.To {
		return h, errors.New("to is not a bare address; correct it in the master data")
	}
	h.to.Name = displayName(m.ToName)
	if m.ReplyTo != "" {
		if h.replyTo, err = address("reply-to", m.ReplyTo); err != nil {
			return h, err
		}
	}
	if h.subject = clean(m.Subject); h.subject == "" {
		return h, errors.New("subject is empty")
	}
	if strings.TrimSpace(m.Text) == "" {
		return h, errors.New("text is empty")
	}
	for _, a := range m.Attached {
		if !fileName.MatchString(a.Name) || !mediaType.MatchString(a.MediaType) {
			return h, errors.New("attachment needs a name of letters, digits, dot, hyphen and a media type")
		}
	}
	return h, nil
}

// address reads an address with an optional name. Only ASCII is taken, because not every server on the way knows
// SMTPUTF8. The error holds no part of it.
func address(field, s string) (*mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || strings.ContainsFunc(s, unicode.IsControl) || len(a.Address) > 254 || strings.ContainsFunc(a.Address, notPlain) {
		return nil, fmt.Errorf("%s is no usable e-mail address; correct it in the master data", field)
	}
	a.Name = displayName(a.Name)
	return a, nil
}

// displayName cleans a name and turns backslashes around: in an encoded word (RFC 2047 section 5.3) the standard
// library leaves them bare, and readers then no longer find the address.
func displayName(s string) string { return strings.ReplaceAll(clean(s), `\`, "/") }

func notPlain(r rune) bool {
	return r <= ' ' || r >= utf8.RuneSelf-1 || strings.ContainsRune(`<>"()\,;`, r)
}

// maxWord keeps header values far below the 998 characters a line may have (RFC 5322 section 2.1.1).
const maxWord = 200

// clean turns control characters and line breaks of any script to blanks and keeps at most 200 characters.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxWord {
		s = string([]rune(s)[:maxWord])
	}
	return s
}

// label is how errors name the message: its name, or its id, which holds no address of the recipient.
func (m Message) label() string {
	if fileName.MatchString(m.Name) {
		return m.Name
	}
	if messageID.MatchString(m.ID) {
		return m.ID
	}
	return "without name"
}
