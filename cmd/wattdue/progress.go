package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"wattdue/jobs"
	"wattdue/jobs/batch"
)

// progress shows how far a run is: a bar per stage on a terminal, nothing elsewhere.
type progress struct {
	w     io.Writer
	on    bool
	state *progressState
}

type progressState struct {
	bar   *progressbar.ProgressBar
	stage string
}

func (c *cli) progress(con *terminal) progress {
	f, isFile := con.err.(*os.File)
	return progress{w: con.err, on: !c.Quiet && isFile && term.IsTerminal(int(f.Fd())), state: &progressState{}}
}

// look shows the stage a run is in.
func (p progress) look(o jobs.Outcome) {
	if !p.on {
		return
	}
	total, done := 0, 0
	for _, s := range o.Stages {
		if s.Stage != o.Run.Stage {
			continue
		}
		total += s.Chunks
		if batch.ChunkState(s.State) != batch.ChunkOpen && batch.ChunkState(s.State) != batch.ChunkFailed {
			done += s.Chunks
		}
	}
	if total == 0 {
		return
	}
	if p.state.stage != o.Run.Stage {
		p.finish()
		p.state.stage = o.Run.Stage
		p.state.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.w), progressbar.OptionSetWidth(30), progressbar.OptionShowCount(),
			progressbar.OptionSetDescription(fmt.Sprintf("%-8s %-8s", o.Run.Job, o.Run.Stage)), progressbar.OptionSetPredictTime(false))
	}
	_ = p.state.bar.Set(done)
}

func (p progress) finish() {
	if p.state.bar != nil {
		_ = p.state.bar.Finish()
		_, _ = fmt.Fprintln(p.w)
		p.state.bar = nil
	}
}
