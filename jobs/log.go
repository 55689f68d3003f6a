package jobs

import (
	"fmt"
	"log/slog"
	"strings"
)

// quiet passes asynq's messages to our log, without those that only say that Redis or a task ended as it should.
type quiet struct{ log *slog.Logger }

func (q quiet) Debug(args ...any) {}
func (q quiet) Info(args ...any)  {}
func (q quiet) Warn(args ...any)  { q.log.Debug("queue: " + fmt.Sprint(args...)) }
func (q quiet) Error(args ...any) { q.log.Warn("queue: " + strings.TrimSpace(fmt.Sprint(args...))) }
func (q quiet) Fatal(args ...any) { q.log.Error("queue: " + fmt.Sprint(args...)) }
