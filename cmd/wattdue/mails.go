package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"wattdue/jobs"
	"wattdue/sql/store"
)

type mailsCmd struct {
	List    mailsListCmd    `cmd:"" help:"List mails, by default those that have not been sent."`
	Resend  mailsResendCmd  `cmd:"" help:"Have mails sent once more that are in doubt or have failed."`
	Confirm mailsConfirmCmd `cmd:"" help:"Note that mails in doubt have arrived."`
}

type mailsListCmd struct {
	State string `default:"unsent" enum:"unsent,new,retry,in_doubt,failed,sent,all" help:"unsent, new, retry, in_doubt, failed, sent or all."`
	JSON  bool   `help:"Print as JSON."`
}

func (*mailsListCmd) Help() string {
	return `No addresses are shown. For a mail in doubt the Message-ID is, by which it is found in the mail server's log.

Example:
  wattdue mails list
  wattdue mails list --state in_doubt --json`
}

func (l *mailsListCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		mails, err := a.Mails(ctx, t, l.State)
		if err != nil {
			return err
		}
		if l.JSON {
			return printJSON(con.out, mails)
		}
		return printMails(con.out, mails, l.State)
	})
}

func printMails(out io.Writer, mails []jobs.MailView, state string) error {
	if len(mails) == 0 {
		none := "no mails in state " + state
		if state == "unsent" {
			none = "every mail was sent"
		}
		_, err := fmt.Fprintln(out, none)
		return err
	}
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "DOCUMENT\tCONTRACT\tSTATE\tTRIES\tTRIED ON\tSENT ON\tNEXT TRY\tREASON")
	for _, m := range mails {
		next, reason := "-", m.Error
		if m.NextAt != nil {
			next = m.NextAt.Format("2006-01-02 15:04Z")
		}
		if m.MessageID != "" {
			reason = "Message-ID " + m.MessageID + "; " + reason
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", m.Number, m.ContractNo, m.State, m.Attempts, orDash(m.TriedOn.String()),
			orDash(m.SentOn.String()), next, orDash(reason))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d mails\n", len(mails))
	return err
}

// mailDecision is what resend and confirm share.
type mailDecision struct {
	Numbers []string `arg:"" name:"number" help:"Numbers of documents, such as RE-2026-0000001."`
	Reason  string   `required:"" placeholder:"TEXT" help:"Why, for the audit log."`
	Actor   string   `placeholder:"NAME" help:"Who decides; default: the user."`
	JSON    bool     `help:"Print what was decided as JSON."`
}

type mailsResendCmd struct{ mailDecision }

func (*mailsResendCmd) Help() string {
	return `The mail is sent once more as it is, to the same address and with the same Message-ID, by the next run of job mail. All or
none.

Example:
  wattdue mails resend RE-2026-0000001 --reason "not in the mail server's log"
  wattdue run mail`
}

func (m *mailsResendCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return m.decide(ctx, c, con, "resent", func(a *app, t store.Tenant, d jobs.Decision) error {
		return a.ResendMails(ctx, t, m.Numbers, d)
	})
}

type mailsConfirmCmd struct{ mailDecision }

func (*mailsConfirmCmd) Help() string {
	return `For mails in doubt that have arrived, as somebody found out. They count as sent on the local date of the run that tried to
send them, and so does the notice of a debit. All or none.

Example:
  wattdue mails confirm RE-2026-0000001 --reason "accepted at 04:12 by the mail server's log"`
}

func (m *mailsConfirmCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return m.decide(ctx, c, con, "confirmed", func(a *app, t store.Tenant, d jobs.Decision) error {
		return a.ConfirmMails(ctx, t, m.Numbers, d)
	})
}

// decide decides about the mails named and says what comes next.
func (m *mailDecision) decide(ctx context.Context, c *cli, con *terminal, word string, decide func(*app, store.Tenant, jobs.Decision) error) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		if err := decide(a, t, jobs.Decision{Actor: actorOr(m.Actor), Reason: m.Reason}); err != nil {
			return err
		}
		next := []string{}
		if word == "resent" {
			next = append(next, "wattdue run mail")
		}
		if m.JSON {
			return printJSON(con.out, map[string]any{word: m.Numbers, "next": next})
		}
		for _, n := range m.Numbers {
			_, _ = fmt.Fprintf(con.out, "%s: %s\n", n, map[string]string{"resent": "will be sent once more", "confirmed": "counts as sent"}[word])
		}
		for _, n := range next {
			_, _ = fmt.Fprintf(con.out, "next: %s\n", n)
		}
		return nil
	})
}
