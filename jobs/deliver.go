package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/mailing"
	"wattdue/sql/store"
)

// deliver sends the mails of a run's documents. How far each mail has come is recorded at once, so that one that may have
// left is never sent again by itself: it is in doubt and waits for a person.
var deliver = delivering(func(r batch.Run) ident.ID { return r.ID })

// deliverDue sends what is due of the mails of all runs that have ended: what was refused for the time being, and what a
// person had sent once more.
var deliverDue = delivering(func(batch.Run) ident.ID { return ident.ID{} })

// mostMails bounds a chunk, because every mail in hand holds a lock of the database.
const mostMails = 250

// delivering is the stage that sends the mails of the run that of names; the zero id means all that have ended.
func delivering(of func(batch.Run) ident.ID) Stage {
	return Stage{
		Name: "deliver", Queue: QueueMail, Size: 25,
		Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
			bounds, err := tx.MailBounds(ctx, r.Tenant, of(r), min(size, mostMails))
			return batch.Spans(bounds), err
		},
		Work: func(ctx context.Context, e *Env, t Task) (Counts, error) {
			keys, err := t.Tx.DueMails(ctx, t.Run.Tenant, of(t.Run), t.Chunk.Span.Lo, t.Chunk.Span.Hi)
			if err != nil {
				return nil, err
			}
			return workDeliver(ctx, e, t, keys)
		},
	}
}

// workDeliver sends mails one by one. A mail that is refused waits for its next try and holds up no other; only when no
// mail at all met a relay that works is the environment to blame, and the chunk is worked again.
func workDeliver(ctx context.Context, e *Env, t Task, keys []string) (Counts, error) {
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	today, err := e.today(ctx, tenant, t.Run)
	if err != nil {
		return nil, err
	}
	transport, err := e.transport()
	if err != nil {
		return nil, err
	}
	d := delivery{e: e, task: t, transport: transport, today: today, counts: Counts{}}
	for _, key := range keys {
		if err := d.mail(ctx, key); err != nil {
			if ctx.Err() != nil { // cut off, whatever it says: what was being sent is tried again
				err = batch.Fail(batch.ClassEnvironment, fmt.Errorf("cut off while sending mails: %w", err))
			}
			return nil, err
		}
	}
	return d.counts, d.settle(ctx)
}

// delivery is the work on one chunk of mails.
type delivery struct {
	e         *Env
	task      Task
	transport mailing.Transport
	today     calendar.Date

	counts   Counts
	answered int       // mails about which the relay said something
	resting  []attempt // mails that no relay was there for
}

// attempt is one try to send a mail, and how it ended.
type attempt struct {
	mail   store.Mail
	no     int
	result mailing.Result
	reply  string
	cause  error // free of addresses
}

// mail claims, sends and settles one mail. An error ends the work on the chunk.
func (d *delivery) mail(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m, err := d.task.Tx.ClaimMail(ctx, d.task.Run.Tenant, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil // another worker has it, or had it
	}
	if err != nil {
		return err
	}
	a, err := d.send(ctx, m)
	switch {
	case errors.Is(err, store.ErrMailTaken):
		return nil
	case err != nil:
		return err
	case ctx.Err() != nil && a.result == mailing.Retry:
		return ctx.Err() // cut off, not refused: left as by a worker that died
	case a.result == mailing.Retry && errors.Is(a.cause, mailing.ErrUnavailable):
		d.resting = append(d.resting, a)
		return d.done(ctx, a, store.MailEnd{State: string(mailing.Retry)})
	}
	if a.no > m.Attempts {
		d.answered++
	}
	return d.end(ctx, a)
}

// send delivers a mail. The error is about us, not about the mail.
func (d *delivery) send(ctx context.Context, m store.Mail) (attempt, error) {
	a := attempt{mail: m, no: m.Attempts}
	// A mail found in the middle of its data may have left. A folder never reports that phase.
	if m.Phase == string(mailing.DataStarted) {
		a.result, a.cause = mailing.InDoubt, errors.New("the program stopped while the mail was being handed over; look whether it arrived")
		return a, nil
	}
	message, err := d.e.documentMail(ctx, d.task.Run.Tenant, m.DocumentRow, m.Date, m.Object)
	if err != nil {
		// What cannot be built today may be tomorrow: an archive comes back. Without a database nothing can be stored either.
		a.result, a.cause = mailing.Retry, err
		if batch.ClassOf(err) == batch.ClassEnvironment {
			return a, err
		}
		return a, nil
	}
	if a.no, err = d.e.DB.MailBegin(ctx, d.task.Run.Tenant, m, d.today); err != nil {
		return a, err
	}
	var unrecorded error
	result, receipt, cause := d.transport.Deliver(ctx, message, func(p mailing.Phase) error {
		unrecorded = d.e.DB.MailPhase(ctx, d.task.Run.Tenant, m.Key, a.no, string(p))
		return unrecorded
	})
	d.e.kill("deliver:after-data")
	a.result, a.reply, a.cause = result, receipt.Reply, cause
	return a, unrecorded
}

// end stores how an attempt ended and counts it. A mail refused for too long has failed.
func (d *delivery) end(ctx context.Context, a attempt) error {
	end := store.MailEnd{State: string(a.result), SentOn: d.today}
	if a.result == mailing.Retry {
		wait, again := mailing.RetryAfter(a.mail.Refused+1, time.Duration(a.mail.RefusedFor)*time.Second)
		end.Wait, end.Refusal = wait, true
		if !again {
			end.State, end.Wait = string(mailing.Failed), 0
			a.cause = fmt.Errorf("given up after three days: %w", a.cause)
		}
	}
	d.counts[end.State]++
	return d.done(ctx, a, end)
}

// done stores the end of an attempt, even when the chunk's time is up.
func (d *delivery) done(ctx context.Context, a attempt, end store.MailEnd) error {
	end.Key, end.Attempt, end.Receipt = a.mail.Key, a.no, a.reply
	if a.cause != nil {
		end.LastError = a.cause.Error()
	}
	err := d.e.DB.MailDone(context.WithoutCancel(ctx), d.task.Run.Tenant, end)
	if errors.Is(err, store.ErrMailTaken) {
		return nil // whoever took it will tell how it ended
	}
	return err
}

// settle decides about the mails no relay was there for. When it was there for others, it is these mails that it does not
// like; else it is down, and nobody's try counts.
func (d *delivery) settle(ctx context.Context) error {
	if len(d.resting) > 0 && d.answered == 0 {
		return batch.Failf(batch.ClassEnvironment, "%d mails wait for the relay: %w", len(d.resting), d.resting[0].cause)
	}
	for _, a := range d.resting {
		if err := d.end(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// documentMail builds the mail of a document: the identical message at every try. Without an object it has no PDF.
func (e *Env) documentMail(ctx context.Context, tenant int, row store.DocumentRow, date time.Time, object string) (mailing.Message, error) {
	document, err := row.Document()
	if err != nil {
		return mailing.Message{}, err
	}
	who, err := e.thaw(ctx, tenant, row.PartyNo, row.Sealed)
	if err != nil {
		return mailing.Message{}, err
	}
	var pdf []byte
	if object != "" {
		if pdf, err = e.Vault.Get(ctx, tenant, partySubject(row.PartyNo), object); err != nil {
			return mailing.Message{}, fmt.Errorf("document %s: its PDF cannot be read from the archive: %w", row.Number, err)
		}
	}
	return mailing.ForDocument(mailing.DocumentMail{
		Document: document, From: e.Config.Mail.From, To: who.Party.Email, ToName: who.Party.Name, Date: date.UTC(), PDF: pdf,
	}), nil
}
