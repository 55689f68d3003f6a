package mailing

import "time"

// patience is how long a message is tried from its first temporary refusal on. A debit notice that is days late is
// better told to a person.
const patience = 72 * time.Hour

// waits are the pauses after the first refusals; after those a message is tried once a day. RFC 5321, section 4.5.4.1
// asks for 30 minutes between tries to a host; the first two are shorter, because greylisting ends after minutes.
var waits = [...]time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour}

// RetryAfter returns how long to wait after a temporary refusal: the refusals of this message so far, this one included,
// and the time since the first of them. again is false when the next try would come more than three days after the
// first: then the message has failed.
func RetryAfter(refusals int, since time.Duration) (wait time.Duration, again bool) {
	wait = 24 * time.Hour
	if refusals <= len(waits) {
		wait = waits[max(refusals, 1)-1]
	}
	return wait, since+wait <= patience
}
