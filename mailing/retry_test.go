package mailing

import (
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	for _, tc := range []struct {
		name     string
		refusals int
		since    time.Duration
		wait     time.Duration
		again    bool
	}{
		{"first refusal", 1, 0, 5 * time.Minute, true},
		{"second", 2, 5 * time.Minute, 15 * time.Minute, true},
		{"third", 3, 20 * time.Minute, time.Hour, true},
		{"fourth", 4, 80 * time.Minute, 4 * time.Hour, true},
		{"fifth", 5, 320 * time.Minute, 12 * time.Hour, true},
		{"sixth, from now on daily", 6, 1040 * time.Minute, 24 * time.Hour, true},
		{"seventh, after 41:20", 7, 2480 * time.Minute, 24 * time.Hour, true},
		{"eighth, after 65:20: the next would come too late", 8, 3920 * time.Minute, 24 * time.Hour, false},
		{"tried once a day: second", 2, 24 * time.Hour, 15 * time.Minute, true},
		{"tried once a day: third", 3, 48 * time.Hour, time.Hour, true},
		{"tried once a day: fourth, on the third day", 4, 72 * time.Hour, 4 * time.Hour, false},
		{"the next try falls on the end exactly", 1, 72*time.Hour - 5*time.Minute, 5 * time.Minute, true},
		{"one second later it is over", 1, 72*time.Hour - 5*time.Minute + time.Second, 5 * time.Minute, false},
		{"no refusal counts as the first", 0, 0, 5 * time.Minute, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wait, again := RetryAfter(tc.refusals, tc.since)
			if wait != tc.wait || again != tc.again {
				t.Errorf("RetryAfter(%d, %s) = %s, %v; want %s, %v", tc.refusals, tc.since, wait, again, tc.wait, tc.again)
			}
		})
	}
}

// TestEveryTryComesWithinThreeDays adds up the waits of a message that is always refused.
func TestEveryTryComesWithinThreeDays(t *testing.T) {
	var at time.Duration
	for n := 1; ; n++ {
		wait, again := RetryAfter(n, at)
		if !again {
			if n != 8 || at != 65*time.Hour+20*time.Minute {
				t.Errorf("given up after try %d at %s, want try 8 at 65:20", n, at)
			}
			return
		}
		at += wait
	}
}
