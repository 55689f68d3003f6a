package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// Grade says how bad a finding is.
type Grade string

// The grades: as it should be; somebody should look; something is broken.
const (
	GradeOK   Grade = "ok"
	GradeWarn Grade = "warn"
	GradeFail Grade = "FAIL"
)

// Finding is one thing that was looked at.
type Finding struct {
	Area  string `json:"area"` // configuration, database, queue, archive, or a tenant
	Name  string `json:"name"`
	Grade Grade  `json:"grade"`
	Text  string `json:"text"`            // what was found
	ToDo  string `json:"to_do,omitempty"` // what to do about it
}

// CheckTenant looks at a tenant's books, numbers, archive, runs, mails and schedules without changing anything. sample is
// how many archived documents are read again.
func (e *Env) CheckTenant(ctx context.Context, tenant store.Tenant, sample int) ([]Finding, error) {
	c := tenantCheck{Env: e, tenant: tenant, sample: sample}
	for _, look := range []func(context.Context) error{
		c.runs, c.balance, c.books, c.numbers, c.archive, c.held, c.mails, c.schedules,
	} {
		if err := look(ctx); err != nil {
			return c.findings, err
		}
	}
	return c.findings, nil
}

// tenantCheck gathers the findings about a tenant.
type tenantCheck struct {
	*Env
	tenant   store.Tenant
	sample   int
	working  bool // a run is under way
	findings []Finding
}

func (c *tenantCheck) add(name string, g Grade, text, todo string) {
	c.findings = append(c.findings, Finding{"tenant " + c.tenant.Code, name, g, text, todo})
}

// runs tells which runs have not ended.
func (c *tenantCheck) runs(ctx context.Context) error {
	rows, err := c.DB.UnfinishedRuns(ctx, c.tenant.ID)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		c.add("runs", GradeOK, "all have ended", "")
	}
	for _, r := range rows {
		name := r.Run().Name()
		switch batch.RunState(r.State) {
		case batch.Review:
			c.add("runs", GradeWarn, name+" waits for approval", "look at it with: wattdue runs show "+name)
		case batch.Failed:
			c.add("runs", GradeFail, name+" stopped: "+r.Error, "find the cause, then: wattdue runs retry "+name)
		case batch.Running, batch.Closed, batch.Cancelled:
			c.working = true
			c.add("runs", GradeWarn, fmt.Sprintf("%s is in stage %s since %s", name, r.Stage, r.OpenedAt.UTC().Format("2006-01-02 15:04Z")),
				"it goes on with: wattdue serve, or wattdue run "+r.Job+" --period "+r.Period)
		}
	}
	return nil
}

// balance holds everything that ever came in against what became of it, and against the ledger.
func (c *tenantCheck) balance(ctx context.Context) error {
	stock, err := c.DB.Stock(ctx, c.tenant.ID)
	b := batch.BalanceOf(batch.Stock{}, stock)
	if err == nil {
		err = b.Check()
	}
	switch {
	case err == nil:
		c.add("balance", GradeOK, b.String(), "")
	case batch.ClassOf(err) != batch.ClassInvariant:
		return err
	case c.working: // a run books what it has done stage by stage
		c.add("balance", GradeWarn, "does not close while a run is under way: "+err.Error(), "check again when the run has ended")
	default:
		c.add("balance", GradeFail, err.Error(), "bill nothing more and find the difference with: wattdue export --out DIR")
	}
	return nil
}

// books sums every leg again, without trusting the guard that refused unbalanced ones.
func (c *tenantCheck) books(ctx context.Context) error {
	f, err := c.DB.BookFaults(ctx, c.tenant.ID)
	if err != nil {
		return err
	}
	if f.Currencies+f.Entries+f.Bare > 0 {
		c.add("books", GradeFail, fmt.Sprintf("%d currencies do not add up to zero, %d entries do not balance, %d have no legs", f.Currencies, f.Entries, f.Bare),
			"somebody changed the books outside this program; restore them from the backup")
		return nil
	}
	c.add("books", GradeOK, fmt.Sprintf("%d legs add up to zero in every entry and currency", f.Legs), "")
	return nil
}

// numbers looks for gaps in the number series.
func (c *tenantCheck) numbers(ctx context.Context) error {
	rows, err := c.DB.SeriesCounts(ctx, c.tenant.ID)
	if err != nil {
		return err
	}
	for _, s := range rows {
		if s.Given != s.Documents {
			c.add("numbers", GradeFail, fmt.Sprintf("series %s has given out %d numbers, %d documents bear one", s.Code, s.Given, s.Documents),
				"somebody changed documents outside this program; restore them from the backup")
			continue
		}
		c.add("numbers", GradeOK, fmt.Sprintf("series %s: %d documents without a gap", s.Code, s.Documents), "")
	}
	return nil
}

// largestSample bounds the size of a received file that is read again.
const largestSample = 64 << 20

// archive reads some documents and received files again and holds them against the hashes in the database.
func (c *tenantCheck) archive(ctx context.Context) error {
	artefacts, err := c.DB.SampleArtefacts(ctx, c.tenant.ID, c.sample)
	if err != nil {
		return err
	}
	files, err := c.DB.SampleFiles(ctx, c.tenant.ID, largestSample, (c.sample+3)/4)
	if err != nil {
		return err
	}
	bad := 0
	fault := func(what string, err error) {
		bad++
		c.add("archive", GradeFail, what+": "+err.Error(), "restore the archive and the master key from the backup")
	}
	for _, a := range artefacts {
		if err := c.artefact(ctx, a); err != nil {
			fault(fmt.Sprintf("%s of %s", a.Kind, a.Owner), err)
		}
	}
	for _, f := range files {
		if err := c.original(ctx, f); err != nil {
			fault("received file "+f.Name, err)
		}
	}
	if ctx.Err() == nil && bad == 0 {
		c.add("archive", GradeOK, fmt.Sprintf("%d documents and %d received files read again, all as they were written", len(artefacts), len(files)), "")
	}
	return ctx.Err()
}

func (c *tenantCheck) artefact(ctx context.Context, a store.Artefact) error {
	plain, err := c.Vault.Get(ctx, c.tenant.ID, a.Subject, a.Object)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(plain); !bytes.Equal(sum[:], a.SHA256) {
		return fmt.Errorf("the archive holds other bytes than were written")
	}
	return nil
}

func (c *tenantCheck) original(ctx context.Context, f store.ImportFile) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, c.OpenFile(ctx, c.tenant.ID, f)); err != nil {
		return err
	}
	if !bytes.Equal(sum.Sum(nil), f.SHA256) {
		return fmt.Errorf("the archive holds other bytes than were received")
	}
	return nil
}

// held tells what waits for a decision.
func (c *tenantCheck) held(ctx context.Context) error {
	rows, err := c.DB.HeldSums(ctx, c.tenant.ID)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		c.add("quarantine", GradeOK, "nothing is set aside", "")
		return nil
	}
	total, parts := int64(0), make([]string, len(rows))
	for i, r := range rows {
		total += r.Records
		parts[i] = fmt.Sprintf("%s %s %d", r.Stage, r.Code, r.Records)
	}
	c.add("quarantine", GradeWarn, fmt.Sprintf("%d records are set aside (%s)", total, strings.Join(parts, ", ")), "decide about them: wattdue quarantine list")
	return nil
}

// mails tells which mails a person must look at.
func (c *tenantCheck) mails(ctx context.Context) error {
	sums, err := c.DB.MailSums(ctx, c.tenant.ID)
	if err != nil {
		return err
	}
	n := map[string]int{}
	for _, s := range sums {
		n[s.State] += s.N
	}
	late, err := c.DB.LateMails(ctx, c.tenant.ID)
	if err != nil {
		return err
	}
	if late > 0 {
		c.add("mails", GradeWarn, fmt.Sprintf("%d are due for more than an hour and nobody sends them", late),
			"send them: wattdue run mail; and by themselves: wattdue schedule mail \"*/15 * * * *\"")
		return nil
	}
	if n["in_doubt"]+n["failed"] == 0 {
		c.add("mails", GradeOK, fmt.Sprintf("%d sent, %d waiting", n["sent"], n["new"]+n["sending"]+n["retry"]), "")
		return nil
	}
	c.add("mails", GradeWarn, fmt.Sprintf("%d may or may not have left, %d were refused", n["in_doubt"], n["failed"]),
		"decide about them: wattdue mails list")
	return nil
}

// schedules tells which jobs do not run by themselves any more.
func (c *tenantCheck) schedules(ctx context.Context) error {
	rows, err := c.DB.Schedules(ctx, c.tenant.ID)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		c.add("schedules", GradeOK, "no job runs by itself", "")
	}
	for _, s := range rows {
		next := s.NextDueAt.UTC().Format("2006-01-02 15:04Z")
		switch {
		case s.Alarm != "":
			c.add("schedules", GradeFail, s.Job+" does not run any more: "+s.Alarm, fmt.Sprintf("run what was missed, then set it anew: wattdue schedule %s %q", s.Job, s.Spec))
		case c.tenant.Paused:
			c.add("schedules", GradeWarn, s.Job+" does not run: the tenant is paused", "")
		case s.Late:
			c.add("schedules", GradeWarn, s.Job+" is due since "+next, "start the server: wattdue serve")
		default:
			c.add("schedules", GradeOK, s.Job+" is due next at "+next, "")
		}
	}
	return nil
}
