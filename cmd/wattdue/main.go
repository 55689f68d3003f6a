// Command wattdue is the batch billing engine: it wires the rooms of the house and owns no rule of its own.
//
// Exit status: 0 when it worked, 1 when it did not, 2 when it was called wrongly.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // machines without zone files bill in local time too

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"
)

// version is stored with every run and document.
const version = "0.1.0"

type cli struct {
	Config string            `short:"c" placeholder:"FILE" type:"path" env:"WATTDUE_CONFIG" help:"Configuration file (YAML). Environment and flags win over it."`
	Set    map[string]string `short:"s" placeholder:"KEY=VALUE" help:"Set one configuration value, such as --set jobs.concurrency=8."`
	Tenant string            `short:"t" placeholder:"CODE" help:"Tenant to act for; not needed when there is only one."`
	Quiet  bool              `short:"q" help:"No progress on the terminal."`

	Demo       demoCmd       `cmd:"" help:"Bill a simulated month from end to end, on private servers."`
	Bench      benchCmd      `cmd:"" help:"Measure import, verify, compare, rate and accrue against the limits they stand on."`
	Dev        devCmd        `cmd:"" help:"Private Postgres and Redis for development."`
	Serve      serveCmd      `cmd:"" help:"Run ticker, workers and the queue page until stopped."`
	Run        runCmd        `cmd:"" help:"Open the run of a job and work it to its end."`
	Runs       runsCmd       `cmd:"" help:"Look at runs, approve, retry or cancel them."`
	Load       loadCmd       `cmd:"" help:"Load a provider's master data from a file."`
	Import     importCmd     `cmd:"" help:"Put charge record files into the inbox and work them."`
	CDR        cdrCmd        `cmd:"" name:"cdr" help:"Read charge records without a database."`
	Tariff     tariffCmd     `cmd:"" help:"Check, show, compare and publish tariffs."`
	Rate       rateCmd       `cmd:"" help:"Price one session, or check a partner's charge record, without a database."`
	Keys       keysCmd       `cmd:"" help:"Look at the public keys of meters, import or revoke them."`
	Verify     verifyCmd     `cmd:"" help:"Verify signed meter values in files; export those of a charge."`
	Quarantine quarantineCmd `cmd:"" help:"Look at records set aside, release or drop them."`
	Findings   findingsCmd   `cmd:"" help:"List what comparing the proven sessions of each meter brought to light."`
	Trace      traceCmd      `cmd:"" help:"Follow a charge, document or bank file through all its keys."`
	Explain    explainCmd    `cmd:"" help:"Tell slice by slice how the price of a charge came about."`
	Mails      mailsCmd      `cmd:"" help:"Look at mails and decide about those in doubt."`
	Export     exportCmd     `cmd:"" help:"Write documents, journal, quarantine and report of a tenant to a folder."`
	Schedule   scheduleCmd   `cmd:"" help:"Set when a job runs by itself."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the database schema to the version of this program."`
	Check      checkCmd      `cmd:"" help:"Check configuration, database, queue, archive and books."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// usageError is a call that cannot be meant: exit status 2.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// run is main without the process around it.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	redis.SetLogger(mute{})
	var c cli
	exited, status := false, 0
	parser, err := kong.New(&c,
		kong.Name("wattdue"),
		kong.Description("Batch billing for e-mobility providers: signed charge records in; invoices, postings and bank files out."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, Summary: false}),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { exited, status = true, code }),
		kong.UsageOnError(),
	)
	if err != nil {
		return exitStatus(errOut, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited {
		return status
	}
	if err != nil {
		return exitStatus(errOut, usageError{fmt.Errorf("%w; see: wattdue %s--help", err, commandOf(args))})
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return exitStatus(errOut, parsed.Run(&c, &terminal{in, out, errOut}))
}

// commandOf is the first word of a call, to point to its help.
func commandOf(args []string) string {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return args[0] + " "
	}
	return ""
}

// exitStatus prints an error in one sentence and returns the exit status.
func exitStatus(w io.Writer, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(w, "wattdue: stopped")
		return 1
	case errors.Is(err, errSilent):
		return 1
	}
	_, _ = fmt.Fprintln(w, "wattdue: "+err.Error())
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// errSilent ends a command with status 1 after it has said why.
var errSilent = errors.New("failed")
