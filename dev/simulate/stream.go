package simulate

import (
	"fmt"
	"io"
	"iter"
	"time"
)

// Streamed is one session of a stream with its record.
type Streamed struct {
	Session Session
	JSON    []byte // compact OCPI record
}

// streamNumbers is where the session numbers of a stream begin, above those of any month.
const streamNumbers = 1_000_000

// shortestSlot is the least time a streamed session and the pause after it may have.
const shortestSlot = 3 * time.Minute

// Stream yields n honest signed records at the world's charge points, paid by its contracts, in about the order of
// time and with memory that does not grow with n. The charge points take turns: each has one session per slot of
// equal length, so that sessions never overlap and meters run on. It is for load: a world with many charge points
// has longer sessions. The sequence ends with an error when n does not fit into the month.
func (w *World) Stream(n int) iter.Seq2[Streamed, error] {
	return func(yield func(Streamed, error) bool) {
		s, err := w.newStreamer(n)
		if err != nil {
			yield(Streamed{}, err)
			return
		}
		for k := range n {
			session := s.next(k)
			raw, err := w.encode(&session)
			if !yield(Streamed{session, raw}, err) || err != nil {
				return
			}
		}
	}
}

// WriteStream writes the records of Stream as NDJSON.
func (w *World) WriteStream(out io.Writer, n int) error {
	for s, err := range w.Stream(n) {
		if err != nil {
			return err
		}
		if _, err := out.Write(append(s.JSON, '\n')); err != nil {
			return fmt.Errorf("stream: record %d: %w", s.Session.Number-streamNumbers, err)
		}
	}
	return nil
}

type streamer struct {
	scheduler
	usable []int // charge points somebody may use
	meters []register
	slot   time.Duration
}

func (w *World) newStreamer(n int) (*streamer, error) {
	s := &streamer{scheduler: *newScheduler(w, "stream")}
	for i := range w.EVSEs {
		if len(s.payers.at(w.location(&w.EVSEs[i]))) > 0 {
			s.usable = append(s.usable, i)
		}
		s.meters = append(s.meters, newRegister(&w.EVSEs[i].Meter, w.EVSEs[i].make))
	}
	first, next := w.Options.Month.First.Start(w.zone), w.Options.Month.Next.Start(w.zone)
	turns := (n + len(s.usable) - 1) / len(s.usable)
	s.slot = next.Sub(first) / time.Duration(max(turns, 1))
	if s.slot < shortestSlot {
		return nil, fmt.Errorf("stream %d records at %d charge points in %s: no room; want more charge points", n, len(s.usable), w.Options.Month)
	}
	return s, nil
}

// next invents session k. Its visit is drawn like any other, moved into its slot and cut to fit.
func (s *streamer) next(k int) Session {
	evse := s.usable[k%len(s.usable)]
	e := &s.w.EVSEs[evse]
	v := s.w.drawVisit(s.r, e, 1)
	slotStart := s.w.Options.Month.First.Start(s.w.zone).Add(s.slot * time.Duration(k/len(s.usable)))
	room := s.slot - 2*breather
	if v.charge > room/2 {
		grains, fit := int64(v.charge/grain), int64(room/2/grain)
		v.wh, v.charge = v.wh*fit/grains, grain*time.Duration(fit)
	}
	v.idle = min(v.idle, (room-v.charge)/grain*grain)
	slack := int64((room - v.charge - v.idle) / time.Second)
	v.start = slotStart.UTC().Truncate(time.Second).Add(time.Duration(between(s.r, 0, slack)) * time.Second)
	session := s.session(evse, v)
	session.Number = streamNumbers + k + 1
	s.meters[evse].record(&session)
	return session
}
