package mailing

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"os"
	"regexp"
	"strings"
)

// unavailable judges an error before the relay heard of the message.
func (e envelope) unavailable(ctx context.Context, step string, err error) (Result, Receipt, error) {
	receipt := e.receiptOf(err)
	return Retry, receipt, fmt.Errorf("%s: %w: %w", step, ErrUnavailable, e.cause(ctx, receipt, err))
}

// refused judges an error before any content was handed over.
func (e envelope) refused(ctx context.Context, step string, err error) (Result, Receipt, error) {
	receipt := e.receiptOf(err)
	switch {
	case receipt.Code == 0, aboutRelay(receipt.Code):
		return e.unavailable(ctx, step, err)
	case receipt.Code >= 500 && receipt.Code <= 599:
		return Failed, receipt, fmt.Errorf("%s: %w", step, e.cause(ctx, receipt, err))
	}
	return Retry, receipt, fmt.Errorf("%s: %w", step, e.cause(ctx, receipt, err))
}

// unanswered judges an error after content was handed over: only a clear refusal says that it was not taken.
func (e envelope) unanswered(ctx context.Context, step string, err error) (Result, Receipt, error) {
	receipt := e.receiptOf(err)
	switch {
	case receipt.Code >= 400 && receipt.Code <= 599:
		return e.refused(ctx, step, err)
	default:
		return InDoubt, receipt, fmt.Errorf("%s: no clear answer, the message may have left: %w", step, e.cause(ctx, receipt, err))
	}
}

// aboutRelay reports whether a reply speaks of the connection or the login rather than of the message: 421 closing,
// 530 to 538 authentication and encryption (RFC 4954, RFC 3207).
func aboutRelay(code int) bool {
	return code == 421 || code == 530 || code == 534 || code == 535 || code == 538
}

// cause is what went wrong without the relay's own words, which like to repeat the recipient.
func (e envelope) cause(ctx context.Context, r Receipt, err error) error {
	var garbled textproto.ProtocolError
	switch {
	case r.Code != 0 && r.Enhanced != "":
		return fmt.Errorf("relay answered %d %s", r.Code, r.Enhanced)
	case r.Code != 0:
		return fmt.Errorf("relay answered %d", r.Code)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return context.DeadlineExceeded
	case errors.As(err, &garbled):
		return errors.New("relay answered something that is not SMTP")
	}
	return errors.New(e.redact(err.Error()))
}

func (e envelope) receiptOf(err error) Receipt {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return Receipt{}
	}
	return e.receipt(reply.Code, reply.Msg)
}

var enhancedStatus = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

func (e envelope) receipt(code int, text string) Receipt {
	return Receipt{Code: code, Enhanced: enhancedStatus.FindString(text), Reply: e.redact(text)}
}

// longestReply is how much of a reply is kept.
const longestReply = 200

// redact takes out every word that holds an at sign or the part of an address before it, and cuts the rest.
func (e envelope) redact(text string) string {
	words := strings.Fields(clean(text))
	for i, w := range words {
		low := strings.ToLower(w)
		if strings.Contains(low, "@") || holdsLocalPart(low, e.to) || holdsLocalPart(low, e.from) {
			words[i] = "[address]"
		}
	}
	text = strings.Join(words, " ")
	if len(text) > longestReply {
		text = strings.ToValidUTF8(text[:longestReply], "")
	}
	return text
}

// holdsLocalPart ignores local parts so short that they occur in ordinary words.
func holdsLocalPart(word, address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	if len(local) < 4 {
		return word == local
	}
	return strings.Contains(word, local)
}
