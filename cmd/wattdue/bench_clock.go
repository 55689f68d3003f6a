package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"wattdue/jobs"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// cpuClock reads CPU time, user and system, of this process and of the private servers.
type cpuClock struct{ postgres, redis int }

// cpuTimes is CPU time by who spent it.
type cpuTimes struct{ program, postgres, redis time.Duration }

func (c cpuTimes) sum() time.Duration { return c.program + c.postgres + c.redis }

func (c cpuTimes) minus(o cpuTimes) cpuTimes {
	return cpuTimes{c.program - o.program, c.postgres - o.postgres, c.redis - o.redis}
}

// read is the CPU time spent so far. Processes of Postgres that have ended are in the account of their parent, which
// waited for them.
func (c cpuClock) read() (cpuTimes, error) {
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		return cpuTimes{}, err
	}
	t := cpuTimes{program: time.Duration(own.Utime.Nano() + own.Stime.Nano())}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return cpuTimes{}, err
	}
	seen := 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		p, ok := parseStat(b)
		switch {
		case !ok:
			continue
		case p.id == c.postgres:
			seen++
			t.postgres += p.cpu + p.children
		case p.parent == c.postgres:
			t.postgres += p.cpu
		case p.id == c.redis:
			seen++
			t.redis += p.cpu + p.children
		}
	}
	if seen != 2 {
		return cpuTimes{}, errors.New("the servers are not to be seen in /proc; the bench counts CPU time there and needs Linux")
	}
	return t, nil
}

// procStat is what we need of a line of /proc/PID/stat (proc(5)).
type procStat struct {
	id, parent    int
	cpu, children time.Duration // its own, and that of children it waited for
}

// tick is the unit of CPU times in /proc: USER_HZ is 100 wherever Go runs on Linux.
const tick = 10 * time.Millisecond

func parseStat(line []byte) (p procStat, ok bool) {
	// pid (name) state ppid ...: the name may contain anything, so it is cut off at the last bracket.
	end := bytes.LastIndexByte(line, ')')
	start := bytes.IndexByte(line, ' ')
	if start < 0 || end < start {
		return p, false
	}
	rest := bytes.Fields(line[end+1:])
	if len(rest) < 15 {
		return p, false
	}
	var err error
	number := func(text []byte) int {
		n, e := strconv.Atoi(string(text))
		err = errors.Join(err, e)
		return n
	}
	// Fields 3 (state) and on: 4 is the parent, 14 to 17 are utime, stime, cutime and cstime.
	p.id, p.parent = number(line[:start]), number(rest[1])
	p.cpu = tick * time.Duration(number(rest[11])+number(rest[12]))
	p.children = tick * time.Duration(number(rest[13])+number(rest[14]))
	return p, err == nil
}

// resetPeak makes the kernel forget the highest memory use so far (proc(5), clear_refs). Where that is not allowed the
// peak includes simulating, which streams and stays small.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peakMB is the most memory this process has held since resetPeak, in MB of a million bytes.
func peakMB() (float64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("peak memory: %w", err)
	}
	for line := range bytes.Lines(b) {
		var kib int64
		if n, _ := fmt.Sscanf(string(line), "VmHWM: %d kB", &kib); n == 1 {
			return rounded(float64(kib)*1024/1e6, 1), nil
		}
	}
	return 0, errors.New("peak memory: the kernel does not tell VmHWM")
}

// stageClock notes time and CPU time whenever the machine enters a stage, and when the last one is done.
type stageClock struct {
	cpu cpuClock

	mu    sync.Mutex
	marks []stageMark
	err   error
}

type stageMark struct {
	name string
	at   time.Time
	cpu  cpuTimes
}

// watch returns the jobs with this clock at the doors of their stages.
func (s *stageClock) watch(table []jobs.Job) []jobs.Job {
	watched := make([]jobs.Job, len(table))
	for i, job := range table {
		job.Stages = append([]jobs.Stage(nil), job.Stages...)
		for k := range job.Stages {
			s.atDoor(&job.Stages[k])
		}
		s.atEnd(&job.Stages[len(job.Stages)-1])
		watched[i] = job
	}
	return watched
}

func (s *stageClock) atDoor(stage *jobs.Stage) {
	name, plan := stage.Name, stage.Plan
	stage.Plan = func(ctx context.Context, e *jobs.Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		s.mark(name)
		return plan(ctx, e, tx, r, size)
	}
}

func (s *stageClock) atEnd(stage *jobs.Stage) {
	work := stage.Work
	stage.Work = func(ctx context.Context, e *jobs.Env, t jobs.Task) (jobs.Counts, error) {
		counts, err := work(ctx, e, t)
		s.mark("")
		return counts, err
	}
}

// mark notes that a stage begins; a stage planned again has begun before.
func (s *stageClock) mark(name string) {
	cpu, err := s.cpu.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
	if n := len(s.marks); n == 0 || s.marks[n-1].name != name {
		s.marks = append(s.marks, stageMark{name, time.Now(), cpu})
	}
}

// figures tells what each stage and the whole took.
func (s *stageClock) figures(to *benchFigures) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.marks) - 1
	if s.err != nil || last < 1 {
		return errors.Join(errors.New("the stages could not be timed"), s.err)
	}
	for i, m := range s.marks[:last] {
		next := s.marks[i+1]
		to.Stages = append(to.Stages, newBenchStage(m.name, to.Records, next.at.Sub(m.at), next.cpu.minus(m.cpu)))
	}
	to.whole = newBenchStage("total", to.Records, s.marks[last].at.Sub(s.marks[0].at), s.marks[last].cpu.minus(s.marks[0].cpu))
	to.Seconds, to.CPU = to.whole.Seconds, to.whole.CPU
	return nil
}
