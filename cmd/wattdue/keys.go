package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"wattdue/jobs"
	"wattdue/meter"
	"wattdue/registry"
	"wattdue/sql/store"
)

type keysCmd struct {
	List   keysListCmd   `cmd:"" help:"List registered keys."`
	Show   keysShowCmd   `cmd:"" help:"Show a key, or the keys of an EVSE or meter, with their history."`
	Import keysImportCmd `cmd:"" help:"Register keys of a list, or pin those that charge records carry."`
	Revoke keysRevokeCmd `cmd:"" help:"End the validity of a key for good."`
}

// keyView is a registered key with how it stands now.
type keyView struct {
	store.KeyRow
	Curve string         `json:"curve,omitempty"`
	State registry.State `json:"state"`
}

// viewKeys tells how keys stand at a moment. The rows hold all keys of their owners.
func viewKeys(rows []store.KeyRow, at time.Time) []keyView {
	all := map[string][]registry.Entry{}
	for _, r := range rows {
		e := r.Entry()
		all[e.Owner()] = append(all[e.Owner()], e)
	}
	views := make([]keyView, len(rows))
	for i, r := range rows {
		e := r.Entry()
		views[i] = keyView{KeyRow: r, State: registry.StateOf(e, all[e.Owner()], at)}
		if k, err := meter.ParseSPKI(r.SPKI, ""); err == nil {
			views[i].Curve = k.Curve
		}
	}
	return views
}

// viewed views some keys beside all others of their owners, which decide how they stand.
func (a *app) viewed(ctx context.Context, t store.Tenant, rows []store.KeyRow) ([]keyView, error) {
	now, err := a.DB.Clock(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.DB.KeyRows(ctx, t.ID, store.KeyFilter{})
	if err != nil {
		return nil, err
	}
	type place struct {
		owner string
		from  int64
	}
	placeOf := func(r store.KeyRow) place { return place{r.Entry().Owner(), r.From.UnixNano()} }
	wanted := map[place]bool{}
	for _, r := range rows {
		wanted[placeOf(r)] = true
	}
	views := []keyView{}
	for _, v := range viewKeys(all, now) {
		if wanted[placeOf(v.KeyRow)] {
			views = append(views, v)
		}
	}
	return views, nil
}

type keysListCmd struct {
	EVSE  string `name:"evse" placeholder:"ID" help:"Only keys registered for this EVSE."`
	Meter string `placeholder:"SERIAL" help:"Only keys of the meter with this serial number."`
	JSON  bool   `help:"Print as JSON; keys are base64 of the SubjectPublicKeyInfo."`
}

func (*keysListCmd) Help() string {
	return `A key is registered for an EVSE, or without one for a meter wherever it is built in; then EVSE is empty. It holds until the
next one of the same owner. STATE is as of now: valid, future, replaced by a newer one, ended, revoked, or withdrawn before
it began. SOURCE is the file it came from, or ocpi when it was pinned from charge records.

Example:
  wattdue keys list
  wattdue keys list --evse DE*ABC*E0001*1 --json`
}

func (l *keysListCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		rows, err := a.DB.KeyRows(ctx, t.ID, store.KeyFilter{EVSE: l.EVSE, Meter: l.Meter})
		if err != nil {
			return err
		}
		views, err := a.viewed(ctx, t, rows)
		if err != nil {
			return err
		}
		if l.JSON {
			return printJSON(con.out, views)
		}
		if len(views) == 0 {
			_, err := fmt.Fprintln(con.out, "no key is registered")
			return err
		}
		w := tabwriter.NewWriter(con.out, 2, 4, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "EVSE\tMETER\tKEY\tCURVE\tFROM\tUNTIL\tSTATE\tSOURCE")
		for _, v := range views {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%.16s\t%s\t%s\t%s\t%s\t%s\n",
				orDash(v.EVSE), orDash(v.MeterID), v.Hash, orDash(v.Curve), stampOf(v.From), untilOf(v.Until), v.State, v.Source)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.out, "%s; look closer with: wattdue keys show KEY\n", counted(len(views), "key"))
		return err
	})
}

func untilOf(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return stampOf(*t)
}

type keysShowCmd struct {
	What string `arg:"" placeholder:"KEY|EVSE|METER" help:"SHA-256 of a key or its first digits, at least eight; or an EVSE; or the serial number of a meter."`
	JSON bool   `help:"Print as JSON: keys and their lines of the audit log."`
}

func (*keysShowCmd) Help() string {
	return "Example:\n  wattdue keys show 3f786850e387550f\n  wattdue keys show DE*ABC*E0001*1 --json"
}

func (s *keysShowCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		rows, err := a.FindKeys(ctx, t, s.What)
		if err != nil {
			return err
		}
		views, err := a.viewed(ctx, t, rows)
		if err != nil {
			return err
		}
		hashes := make([]string, len(views))
		for i, v := range views {
			hashes[i] = v.Hash
		}
		history, err := a.DB.AuditOf(ctx, t.ID, hashes...)
		if err != nil {
			return err
		}
		if s.JSON {
			return printJSON(con.out, map[string]any{"keys": views, "audit": append([]store.AuditRow{}, history...)})
		}
		for _, v := range views {
			if err := showKey(con.out, v, history); err != nil {
				return err
			}
		}
		return nil
	})
}

func showKey(out io.Writer, v keyView, history []store.AuditRow) error {
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	line("key", v.Hash)
	line("curve", v.Curve)
	line("evse", v.EVSE)
	line("meter", v.MeterID)
	line("from", stampOf(v.From))
	if v.Until != nil {
		line("until", stampOf(*v.Until))
	}
	line("state", string(v.State))
	line("source", v.Source)
	if v.RevokedAt != nil {
		line("revoked", fmt.Sprintf("from %s by %s: %s", stampOf(*v.RevokedAt), v.RevokedBy, v.Reason))
	}
	line("public key", base64.StdEncoding.EncodeToString(v.SPKI))
	for _, a := range history {
		if a.Target == v.Hash {
			reason := ""
			if a.Reason != "" {
				reason = ": " + a.Reason
			}
			line("audit", fmt.Sprintf("%s %s by %s%s", stampOf(a.At), a.Action, a.Actor, reason))
		}
	}
	_, _ = fmt.Fprintln(w)
	return w.Flush()
}

type keysRevokeCmd struct {
	Key    string `arg:"" help:"SHA-256 of the key or its first digits, at least eight."`
	EVSE   string `name:"evse" placeholder:"ID" help:"Only where it is registered for this EVSE; default: wherever it is."`
	Meter  string `placeholder:"SERIAL" help:"Only where it is registered with this meter."`
	At     string `placeholder:"TIME" help:"First instant at which it is not valid any more (RFC 3339); default: now."`
	Reason string `required:"" placeholder:"TEXT" help:"Why, for the audit log."`
	Actor  string `placeholder:"NAME" help:"Who decides; default: the user."`
	JSON   bool   `help:"Print what was revoked as JSON."`
}

func (*keysRevokeCmd) Help() string {
	return `Sessions that begin at that instant or later are not proven by the key any more and are held. Earlier ones stay proven; give
--at to go back. What was billed stays billed. Loading master data does not bring the key back.

Example:
  wattdue keys revoke 3f786850e387550f --reason "meter stolen, ticket 4711"
  wattdue keys revoke 3f786850e387550f --at 2026-10-01T00:00:00+02:00 --actor j.doe --reason "private key published"`
}

func (r *keysRevokeCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	var at time.Time
	if r.At != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, r.At); err != nil {
			return usageError{fmt.Errorf("--at %q: want RFC 3339, such as 2026-11-02T04:00:00+01:00", r.At)}
		}
	}
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		revoked, err := a.RevokeKey(ctx, t, jobs.Revoking{
			KeyFilter: store.KeyFilter{EVSE: r.EVSE, Meter: r.Meter, Hash: r.Key}, At: at,
			Decision: jobs.Decision{Actor: actorOr(r.Actor), Reason: r.Reason},
		})
		if err != nil {
			return err
		}
		if r.JSON {
			return printJSON(con.out, map[string]any{"revoked": revoked})
		}
		for _, k := range revoked {
			_, _ = fmt.Fprintf(con.out, "%.16s of %s: revoked from %s\n", k.Hash, k.Entry().Owner(), stampOf(*k.Until))
		}
		return nil
	})
}
