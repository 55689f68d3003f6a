package mailing

import (
	"context"
	"errors"
)

// Phase is how far a delivery got. The outbox records it before the delivery goes on: after a crash, a message whose
// last phase comes before DataStarted is sent again, one with DataStarted is in doubt.
type Phase string

// The phases, in order.
const (
	Connected   Phase = "connected"
	DataStarted Phase = "data_started"
)

// Transport hands a message over. The phase function is called before the delivery enters the phase and must have
// stored it durably when it returns; its error stops the delivery, with nothing sent. The error is nil exactly when
// the result is Sent. Errors name the message by its Name and never hold an address.
type Transport interface {
	Deliver(ctx context.Context, m Message, phase func(Phase) error) (Result, Receipt, error)
}

// Receipt is what the other side said.
type Receipt struct {
	Code     int    // SMTP reply code; zero when there was no reply
	Enhanced string // RFC 3463 status such as 5.1.1; empty when none was given
	Reply    string // text of the reply, such as the queue id; addresses are taken out
}

// ErrUnavailable marks a Retry that is not about this message: no connection, no TLS, a refused login, a full disk.
// The caller should rest the transport, not count an attempt of the message.
var ErrUnavailable = errors.New("mail transport unavailable")

// ErrDiffers marks a Failed because a file of that name with other content exists; it is never overwritten.
var ErrDiffers = errors.New("another message of that name exists")
