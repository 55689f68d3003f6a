package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
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
	parent, ok := readStat(c.postgres)
	redis, ok2 := readStat(c.redis)
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", c.postgres, c.postgres))
	if !ok || !ok2 || err != nil {
		return cpuTimes{}, errors.New("the servers are not to be seen in /proc; the bench counts CPU time there and needs Linux")
	}
	t.postgres, t.redis = parent.own+parent.waited, redis.own+redis.waited
	for _, child := range strings.Fields(string(children)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			return cpuTimes{}, fmt.Errorf("/proc: %w", err)
		}
		if p, ok := readStat(pid); ok { // else it has ended
			t.postgres += p.own
		}
	}
	return t, nil
}

// procStat is the CPU time of a process, and of its children that have ended.
type procStat struct{ own, waited time.Duration }

// tick is the unit of CPU times in /proc: USER_HZ is 100 wherever Go runs on Linux.
const tick = 10 * time.Millisecond

// readStat reads /proc/PID/stat (proc(5)).
func readStat(pid int) (p procStat, ok bool) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, false
	}
	// pid (name) state ...: the name may contain anything, so it is cut off at the last bracket. Fields 14 to 17 of the
	// line are utime, stime, cutime and cstime.
	fields := strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:]))
	const first = 14 - 3
	if len(fields) < first+4 {
		return p, false
	}
	var ticks [4]time.Duration
	for i := range ticks {
		n, err := strconv.Atoi(fields[first+i])
		if err != nil {
			return p, false
		}
		ticks[i] = tick * time.Duration(n)
	}
	return procStat{ticks[0] + ticks[1], ticks[2] + ticks[3]}, true
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
