// Package mailing builds e-mails for documents and hands them to SMTP or to a folder.
//
// A message is a pure function of its content: the same document gives the same bytes, Message-ID and boundaries
// included, so that a retry is the identical message. Whether to send is decided by the outbox (jobs); this package
// reports how far a delivery got, so that a mail that may have left is never sent twice by itself.
//
// Format: RFC 5322, MIME (RFC 2045 to 2049), Auto-Submitted (RFC 3834). Delivery: RFC 5321 with TLS unless plaintext
// is asked for. ForDocument and Build are pure; only the transports touch network and disk.
package mailing

import "time"

// Message is one e-mail, ready to be built.
type Message struct {
	Name     string // names the message in errors and as a file, such as RE-2026-0000001; never an address
	ID       string // Message-ID without angle brackets
	Date     time.Time
	From     string // address, may carry a display name
	ReplyTo  string
	To       string // bare address
	ToName   string
	Subject  string
	Text     string
	HTML     string
	Attached []Attachment
}

// Attachment is a file of a message. Name is ASCII.
type Attachment struct {
	Name      string
	MediaType string
	Bytes     []byte
}

// Result says how a delivery ended.
type Result string

// The outcomes. InDoubt means the data was handed over but no answer came: it is shown to people and never repeated
// automatically.
const (
	Sent    Result = "sent"
	Retry   Result = "retry"  // temporary refusal, or no connection
	Failed  Result = "failed" // permanent refusal
	InDoubt Result = "in_doubt"
)
