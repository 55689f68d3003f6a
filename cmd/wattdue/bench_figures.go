package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"

	"wattdue/dev/local"
)

// benchFigures is what a bench measured. Times per record are CPU microseconds.
type benchFigures struct {
	Records int          `json:"records"`
	Seconds float64      `json:"seconds"` // wall time of the intake run
	CPU     float64      `json:"cpu_us_per_record"`
	Stages  []benchStage `json:"stages"`
	Limits  benchLimits  `json:"limits_us_per_record"`
	Ratio   float64      `json:"ratio"`   // CPU to the sum of the limits
	PeakMB  float64      `json:"peak_mb"` // of this process during the run, in MB of a million bytes

	whole   benchStage
	machine string
}

// benchStage is one stage of the run. CPU is its share per record of the whole bench.
type benchStage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Records int     `json:"records"`
	CPU     float64 `json:"cpu_us_per_record"`

	program, postgres, redis float64 // parts of CPU
}

func newBenchStage(name string, records int, took time.Duration, cpu cpuTimes) benchStage {
	return benchStage{
		Name: name, Seconds: seconds(took), Records: records, CPU: perRecord(cpu.sum(), records),
		program: perRecord(cpu.program, records), postgres: perRecord(cpu.postgres, records), redis: perRecord(cpu.redis, records),
	}
}

// benchLimits is what no intake can do without.
type benchLimits struct {
	ECDSA float64 `json:"ecdsa"`
	JSON  float64 `json:"json"`
	Copy  float64 `json:"copy"`
	Sum   float64 `json:"sum"`
}

// slowest is the stage that takes the most wall time.
func (f benchFigures) slowest() benchStage {
	var s benchStage
	for _, stage := range f.Stages {
		if stage.Seconds > s.Seconds {
			s = stage
		}
	}
	return s
}

func (f benchFigures) print(w io.Writer) error {
	_, _ = fmt.Fprintf(w, "%d signed charge records through intake\n%s\n\n", f.Records, f.machine)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "stage\tseconds\trecords/s\tCPU µs/record\tprogram\tPostgres\tRedis\t")
	for _, s := range append(slices.Clone(f.Stages), f.whole) {
		_, _ = fmt.Fprintf(t, "%s\t%.2f\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t\n",
			s.Name, s.Seconds, float64(s.Records)/max(s.Seconds, 0.001), s.CPU, s.program, s.postgres, s.redis)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(t, "\nlimit\tCPU µs/record\t\nverify signatures (meter/curve)\t%.1f\t\ndecode JSON (encoding/json)\t%.1f\t\n"+
		"COPY into a plain table\t%.1f\t\nsum\t%.1f\t\n", f.Limits.ECDSA, f.Limits.JSON, f.Limits.Copy, f.Limits.Sum)
	if err := t.Flush(); err != nil {
		return err
	}
	slow := f.slowest()
	_, err := fmt.Fprintf(w, "\nIntake costs %.2f times its limits. Peak memory %.0f MB.\nThe slowest stage is %s with %.0f %% of the time.\n",
		f.Ratio, f.PeakMB, slow.Name, 100*slow.Seconds/max(f.Seconds, 1e-9))
	return err
}

// describeMachine says what figures depend on.
func describeMachine(s local.Status, fsync bool) string {
	durable := "off"
	if fsync {
		durable = "on"
	}
	return fmt.Sprintf("%d cores, %s, Postgres %s, Redis %s, fsync %s", runtime.NumCPU(), strings.Replace(runtime.Version(), "go", "Go ", 1),
		s.Postgres, s.Redis, durable)
}

func seconds(d time.Duration) float64 { return rounded(d.Seconds(), 3) }

// perRecord is the share of one record in microseconds.
func perRecord(d time.Duration, records int) float64 {
	return rounded(float64(d.Nanoseconds())/1000/float64(records), 2)
}

// rounded keeps the places that mean something.
func rounded(f float64, places int) float64 {
	unit := math.Pow10(places)
	return math.Round(f*unit) / unit
}

// counter shows on a terminal how much of something is done.
type counter struct {
	bar *progressbar.ProgressBar
	w   io.Writer
}

// count begins to show progress towards a total, where progress is shown at all.
func (p progress) count(what string, total int) counter {
	if !p.on {
		return counter{}
	}
	return counter{w: p.w, bar: progressbar.NewOptions(total,
		progressbar.OptionSetWriter(p.w), progressbar.OptionSetWidth(30), progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetDescription(fmt.Sprintf("%-17s", what)), progressbar.OptionSetPredictTime(false))}
}

func (c counter) add(n int) {
	if c.bar != nil {
		_ = c.bar.Add(n)
	}
}

func (c counter) finish() {
	if c.bar != nil {
		_ = c.bar.Finish()
		_, _ = fmt.Fprintln(c.w)
	}
}
