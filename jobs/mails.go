package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/mailing"
	"wattdue/sql/store"
)

// MailView is a mail as people see it, without addresses.
type MailView struct {
	Number     string        `json:"number"`
	ContractNo string        `json:"contract"`
	State      string        `json:"state"`
	Attempts   int           `json:"attempts"`
	NextAt     *time.Time    `json:"next_at,omitempty"` // for retry
	Error      string        `json:"error,omitempty"`
	Receipt    string        `json:"receipt,omitempty"`
	SentOn     calendar.Date `json:"sent_on,omitzero"`
	TriedOn    calendar.Date `json:"tried_on,omitzero"`
	MessageID  string        `json:"message_id,omitempty"` // for in_doubt: what to look for in the mail server's log
}

// mailStates are the states in which mails can be listed, and what they are in the database. A mail that is being sent
// right now counts as new.
var mailStates = map[string][]string{
	"unsent":   {"new", "sending", "retry", "in_doubt", "failed"},
	"new":      {"new", "sending"},
	"retry":    {"retry"},
	"in_doubt": {"in_doubt"},
	"failed":   {"failed"},
	"sent":     {"sent"},
	"all":      {"new", "sending", "retry", "in_doubt", "failed", "sent"},
}

// Mails lists a tenant's mails in a state: new, retry, in_doubt, failed, sent, unsent (all but sent) or all.
func (e *Env) Mails(ctx context.Context, tenant store.Tenant, state string) ([]MailView, error) {
	states, known := mailStates[state]
	if !known {
		return nil, fmt.Errorf("mail state %q is not known; use unsent, new, retry, in_doubt, failed, sent or all", state)
	}
	rows, err := e.DB.MailList(ctx, tenant.ID, states)
	if err != nil {
		return nil, err
	}
	views := make([]MailView, len(rows))
	for i, r := range rows {
		views[i] = MailView{
			Number: r.Number, ContractNo: r.ContractNo, State: r.State, Attempts: r.Attempts, Error: r.Error, Receipt: r.Receipt,
			SentOn: r.SentOn, TriedOn: r.TriedOn,
		}
		switch r.State {
		case "sending":
			views[i].State = "new"
		case string(mailing.Retry):
			next := r.NextAt.UTC()
			views[i].NextAt = &next
		case string(mailing.InDoubt):
			m, err := e.documentMail(ctx, tenant.ID, r.DocumentRow, r.Date, "")
			if err != nil {
				return nil, err
			}
			views[i].MessageID = m.ID
		}
	}
	return views, nil
}

// ResendMails lets the mails of documents that are in doubt or have failed be sent once more, with the same Message-ID,
// by the next run of job mail. All or none.
func (e *Env) ResendMails(ctx context.Context, tenant store.Tenant, numbers []string, d Decision) error {
	return e.decideMails(ctx, tenant, numbers, d, "mail.resend", func(tx *store.Tx, r store.MailRow) error {
		if r.State != string(mailing.InDoubt) && r.State != string(mailing.Failed) {
			return fmt.Errorf("mail %s is %s; only mails that are in doubt or have failed can be sent once more", r.Number, stateForPeople(r.State))
		}
		return tx.MailAgain(ctx, tenant.ID, r.Key)
	})
}

// ConfirmMails notes that mails in doubt have arrived, as a person found out. The notice of a debit counts from the local
// date of the run that tried to send the mail. All or none.
func (e *Env) ConfirmMails(ctx context.Context, tenant store.Tenant, numbers []string, d Decision) error {
	return e.decideMails(ctx, tenant, numbers, d, "mail.confirm", func(tx *store.Tx, r store.MailRow) error {
		if r.State != string(mailing.InDoubt) {
			return fmt.Errorf("mail %s is %s; only mails in doubt can be confirmed", r.Number, stateForPeople(r.State))
		}
		return tx.MailArrived(ctx, tenant.ID, r.Key)
	})
}

// stateForPeople writes a state as a word.
func stateForPeople(state string) string { return strings.ReplaceAll(state, "_", " ") }

// decideMails decides about the mails of some documents, each with its audit row. All that cannot be decided are named.
func (e *Env) decideMails(ctx context.Context, tenant store.Tenant, numbers []string, d Decision, action string, decide func(*store.Tx, store.MailRow) error) error {
	if err := d.check(); err != nil {
		return err
	}
	return e.DB.InTx(ctx, func(tx *store.Tx) error {
		rows, err := tx.LockMails(ctx, tenant.ID, numbers)
		if err != nil {
			return err
		}
		var refused []error
		for _, n := range numbers {
			if !slices.ContainsFunc(rows, func(r store.MailRow) bool { return r.Number == n }) {
				refused = append(refused, fmt.Errorf("there is no mail of document %s; list mails with: wattdue mails list", n))
			}
		}
		for _, r := range rows {
			if err := decide(tx, r); err != nil {
				refused = append(refused, err)
				continue
			}
			detail := map[string]any{"was": r.State, "tried_on": r.TriedOn.String()}
			if err := tx.Audit(ctx, tenant.ID, d.Actor, action, r.Number, d.Reason, detail); err != nil {
				return err
			}
		}
		return errors.Join(refused...)
	})
}
