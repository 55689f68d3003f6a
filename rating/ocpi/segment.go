package ocpi

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"wattdue/cdr"
)

// Sample is a value at an instant, in millionths.
type Sample struct {
	At    time.Time
	Micro int64
}

// Metered is a session as it was measured. Samples are in order of time.
type Metered struct {
	Start  time.Time
	End    time.Time
	Zone   *time.Location // of the charging point; nil is UTC
	Energy []Sample       // total kWh of the meter; in between it rises evenly
	// Current and Power hold from their instant on; before the first one nothing is known.
	Current []Sample // A, summed over the phases
	Power   []Sample // kW
}

// What is segmented at most.
const (
	maxSession = 366 * 24 * time.Hour
	maxSamples = 200_000
)

// Segment makes the charging periods of a session as its operator would have to: a new one begins wherever another element
// prices a dimension, and where charging ends or begins again (module CDRs, class ChargingPeriod). A stretch in which the
// meter stands still counts as parking, because samples cannot tell whether the vehicle was still asking. It serves the
// price of a session that is not over, and the check of a record whose periods were not split.
func Segment(t Tariff, m Metered) ([]Period, error) {
	s, err := newSegmenter(&t, &m)
	if err != nil {
		return nil, fmt.Errorf("segment session: %w", err)
	}
	var list []Period
	var before []int
	cuts := s.cuts()
	if len(cuts) > maxWork/max(len(t.Elements), 1) {
		return nil, fmt.Errorf("segment session: too many samples for a tariff of %d elements; give fewer samples", len(t.Elements))
	}
	for i, at := range cuts[:len(cuts)-1] {
		p := s.piece(at, cuts[i+1])
		elements := s.elements(&p)
		if len(list) > 0 && slices.Equal(elements, before) {
			list[len(list)-1].extend(&p)
			continue
		}
		list, before = append(list, p), elements
	}
	return list, nil
}

type segmenter struct {
	t    *Tariff
	m    *Metered
	zone *time.Location
	bill bill
}

func newSegmenter(t *Tariff, m *Metered) (*segmenter, error) {
	switch {
	case !m.End.After(m.Start):
		return nil, errors.New("end: is not after the start")
	case m.End.Sub(m.Start) > maxSession:
		return nil, errors.New("end: more than a year after the start; check both")
	case len(m.Energy) < 2:
		return nil, errors.New("energy: needs two samples, one at the start and one at the end")
	}
	for _, list := range [...][]Sample{m.Energy, m.Current, m.Power} {
		if len(list) > maxSamples {
			return nil, fmt.Errorf("samples: %d are more than the %d that are read", len(list), maxSamples)
		}
		for i := range list {
			if v := list[i].Micro; v < 0 || v > maxEnergy {
				return nil, fmt.Errorf("samples[%d]: the value is negative or too large to be true", i)
			}
			if i > 0 && list[i].At.Before(list[i-1].At) {
				return nil, fmt.Errorf("samples[%d]: is before the one it follows; put them in order", i)
			}
		}
	}
	for i := 1; i < len(m.Energy); i++ {
		if m.Energy[i].Micro < m.Energy[i-1].Micro {
			return nil, fmt.Errorf("energy[%d]: the meter runs backwards; check the reading", i)
		}
	}
	zone := m.Zone
	if zone == nil {
		zone = time.UTC
	}
	return &segmenter{t, m, zone, bill{tariff: t, fails: make([]string, len(t.Elements))}}, nil
}

// cuts are the instants at which something may change, from start to end.
func (s *segmenter) cuts() []time.Time {
	list := []time.Time{s.m.Start, s.m.End}
	for _, samples := range [...][]Sample{s.m.Energy, s.m.Current, s.m.Power} {
		for _, sample := range samples {
			list = append(list, sample.At)
		}
	}
	edges := map[int]bool{}
	for i := range s.t.Elements {
		m := &s.t.Elements[i].Restrictions.Moving
		for _, w := range m.Times {
			edges[w.From], edges[w.To%(24*60)] = true, true
		}
		if len(m.Days) > 0 || !m.DateFrom.IsZero() || !m.DateTo.IsZero() {
			edges[0] = true
		}
		list = append(list, s.m.Start.Add(m.AfterTime), s.m.Start.Add(m.UntilTime), s.reaches(m.AfterEnergy), s.reaches(m.UntilEnergy))
	}
	list = append(list, s.local(edges)...)
	list = slices.DeleteFunc(list, func(t time.Time) bool { return t.Before(s.m.Start) || t.After(s.m.End) })
	slices.SortFunc(list, time.Time.Compare)
	return slices.CompactFunc(list, time.Time.Equal)
}

// local are the instants at which the local clock comes to an edge or is changed. While its offset holds, an edge is a fixed
// instant of each day, so the repeated hour of autumn crosses it twice and the missing one of spring never.
func (s *segmenter) local(edges map[int]bool) []time.Time {
	if len(edges) == 0 {
		return nil
	}
	const day = 24 * 60 * 60
	var list []time.Time
	for at := s.m.Start; at.Before(s.m.End); {
		local := at.In(s.zone)
		_, offset := local.Zone()
		_, until := local.ZoneBounds()
		if until.IsZero() || until.After(s.m.End) {
			until = s.m.End
		}
		clock := at.Unix() + int64(offset)
		for midnight := clock - clock%day - int64(offset); midnight < until.Unix(); midnight += day {
			for edge := range edges {
				if t := time.Unix(midnight+int64(edge)*60, 0); t.After(at) && t.Before(until) {
					list = append(list, t)
				}
			}
		}
		list = append(list, until)
		at = until
	}
	return list
}

// reaches is the first whole second by which the session has taken the energy; its end when it never does.
func (s *segmenter) reaches(energy cdr.MicroKWh) time.Time {
	if energy == 0 || s.taken(s.m.End) < energy {
		return s.m.End
	}
	low, high := int64(0), int64(s.m.End.Sub(s.m.Start)/time.Second)+1
	for low < high { // the meter never runs backwards
		middle := low + (high-low)/2
		if s.taken(s.m.Start.Add(time.Duration(middle)*time.Second)) >= energy {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return s.m.Start.Add(time.Duration(low) * time.Second)
}

// taken is the energy since the start.
func (s *segmenter) taken(at time.Time) cdr.MicroKWh {
	return cdr.MicroKWh(s.meter(at) - s.meter(s.m.Start))
}

// meter is the reading at an instant, evenly between two samples and cut to the micro-kWh.
func (s *segmenter) meter(at time.Time) int64 {
	list := s.m.Energy
	i := after(list, at)
	switch i {
	case 0:
		return list[0].Micro
	case len(list):
		return list[i-1].Micro
	}
	a, b := list[i-1], list[i]
	hi, lo := bits.Mul64(uint64(b.Micro-a.Micro), uint64(at.Sub(a.At)))
	q, _ := bits.Div64(hi, lo, uint64(b.At.Sub(a.At))) // at lies before b, so the quotient is below the rise
	return a.Micro + int64(q)
}

// after is the place of the first sample later than the instant.
func after(list []Sample, at time.Time) int {
	i, _ := slices.BinarySearchFunc(list, at, func(s Sample, t time.Time) int {
		if s.At.After(t) {
			return 1
		}
		return -1
	})
	return i
}

// piece is the session between two cuts.
func (s *segmenter) piece(from, to time.Time) Period {
	p := Period{Start: from, Current: level(s.m.Current, from), Power: level(s.m.Power, from)}
	if p.Energy = cdr.MicroKWh(s.meter(to) - s.meter(from)); p.Energy > 0 {
		p.Charging, p.Has = to.Sub(from), HasEnergy|HasTime
	} else {
		p.Parking, p.Has = to.Sub(from), HasParking
	}
	return p
}

func level(list []Sample, at time.Time) Range {
	i := after(list, at)
	if i == 0 {
		return Range{}
	}
	l := Level{list[i-1].Micro, true}
	return Range{Min: l, Max: l}
}

// elements are the places of the elements that price the piece, by dimension, with its kind.
func (s *segmenter) elements(p *Period) []int {
	at := momentAt(p.Start, s.zone)
	at.elapsed, at.energy, at.period = p.Start.Sub(s.m.Start), s.taken(p.Start), p
	s.bill.test(s.bill.fails, &at)
	list := []int{int(p.Has)}
	var r run
	for _, d := range [...]int{energyAt, timeAt, parkingAt, sessionAt, flatAt} {
		choice, _ := r.choose(&s.bill, d, s.bill.fails)
		list = append(list, choice.Element)
	}
	return list
}

// extend adds the piece that follows.
func (p *Period) extend(next *Period) {
	p.Energy += next.Energy
	p.Charging += next.Charging
	p.Parking += next.Parking
	p.Current.extend(next.Current)
	p.Power.extend(next.Power)
}

func (r *Range) extend(o Range) {
	if !o.Min.Known {
		return
	}
	if !r.Min.Known || o.Min.Micro < r.Min.Micro {
		r.Min = o.Min
	}
	if !r.Max.Known || o.Max.Micro > r.Max.Micro {
		r.Max = o.Max
	}
}
