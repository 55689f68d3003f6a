package jobs

import (
	"context"
	"fmt"

	"wattdue/jobs/batch"
	"wattdue/mailing"
	"wattdue/sql/store"
)

// deliver sends the mails of a run's documents. How far each mail has come is recorded at once, so that one that may have
// left is never sent again by itself: it is in doubt and waits for a person.
var deliver = Stage{
	Name: "deliver", Queue: QueueMail, Size: 25,
	Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		bounds, err := tx.MailBounds(ctx, r.Tenant, r.ID, size)
		return spans(bounds), err
	},
	Work: workDeliver,
}

func workDeliver(ctx context.Context, e *Env, t Task) (Counts, error) {
	mails, err := t.Tx.Mails(ctx, t.Run.Tenant, t.Run.ID, t.Chunk.Span.Lo, t.Chunk.Span.Hi)
	if err != nil {
		return nil, err
	}
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	sentOn, err := e.localDate(tenant, t.Run)
	if err != nil {
		return nil, err
	}
	transport, err := e.transport()
	if err != nil {
		return nil, err
	}
	counts := Counts{}
	for _, m := range mails {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := sender{e: e, run: t.Run, transport: transport, mail: m}
		result, receipt, cause := s.send(ctx)
		if ctx.Err() != nil && result == mailing.Retry {
			return nil, ctx.Err()
		}
		if err := e.DB.MailDone(context.WithoutCancel(ctx), t.Run.Tenant, m.Key, string(result), cause, receipt, sentOn.String()); err != nil {
			return nil, err
		}
		counts[string(result)]++
	}
	if n := counts[string(mailing.Retry)]; n > 0 {
		return counts, batch.Failf(batch.ClassEnvironment, "%d mails were not taken, to be tried again", n)
	}
	return counts, nil
}

// sender sends one mail.
type sender struct {
	e         *Env
	run       batch.Run
	transport mailing.Transport
	mail      store.Mail
}

// send delivers the mail and says how it ended; cause is free of addresses.
func (s sender) send(ctx context.Context) (result mailing.Result, receipt, cause string) {
	// A mail found in the middle of its data may have left. A folder never reports that phase.
	if s.mail.Phase == string(mailing.DataStarted) {
		return mailing.InDoubt, "", "the program stopped while the mail was being handed over; look whether it arrived"
	}
	message, err := s.message(ctx)
	if err != nil {
		return mailing.Failed, "", err.Error()
	}
	if err := s.e.DB.MailPhase(ctx, s.run.Tenant, s.mail.Key, "building", true); err != nil {
		return mailing.Retry, "", err.Error()
	}
	result, r, err := s.transport.Deliver(ctx, message, func(p mailing.Phase) error {
		return s.e.DB.MailPhase(ctx, s.run.Tenant, s.mail.Key, string(p), false)
	})
	s.e.kill("deliver:after-data")
	if err != nil {
		cause = err.Error()
	}
	return result, r.Reply, cause
}

func (s sender) message(ctx context.Context) (mailing.Message, error) {
	document, err := s.mail.Document()
	if err != nil {
		return mailing.Message{}, err
	}
	who, err := s.e.thaw(ctx, s.run.Tenant, s.mail.PartyNo, s.mail.Sealed)
	if err != nil {
		return mailing.Message{}, err
	}
	bytes, err := s.e.Vault.Get(ctx, s.run.Tenant, partySubject(s.mail.PartyNo), s.mail.Object)
	if err != nil {
		return mailing.Message{}, fmt.Errorf("document %s: its PDF cannot be read from the archive: %w", s.mail.Number, err)
	}
	return mailing.ForDocument(mailing.DocumentMail{
		Document: document, From: s.e.Config.Mail.From, To: who.Party.Email, ToName: who.Party.Name, Date: s.run.AsOf, PDF: bytes,
	}), nil
}
