package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"wattdue/ident"
	"wattdue/mailing"
	"wattdue/meter"
	"wattdue/pdf"
	"wattdue/rating"
	"wattdue/sql/store"
)

// shared is what a process makes once: parsed keys, compiled tariffs, fonts.
type shared struct {
	keys *meter.Keys

	alone sync.RWMutex // held for writing by a chunk that must work alone

	mu       sync.Mutex
	serials  map[int]serialKeys
	tariffs  map[string]*published
	painter  *pdf.Renderer
	carriers mailing.Transport
}

func newShared() *shared {
	return &shared{keys: meter.NewKeys(), tariffs: map[string]*published{}, serials: map[int]serialKeys{}}
}

// serialKeys are the keys registered for meters as a run found them.
type serialKeys struct {
	run  ident.ID
	keys store.MeterKeys
}

// meterKeys returns the keys registered for the serial numbers of meters. Which meters records name is known only when their
// signed values are decoded, so all of the tenant's are read, once for a run, which judges all its records by the same.
func (e *Env) meterKeys(ctx context.Context, t Task) (store.MeterKeys, error) {
	e.shared.mu.Lock()
	defer e.shared.mu.Unlock()
	if have, ok := e.shared.serials[t.Run.Tenant]; ok && have.run == t.Run.ID {
		return have.keys, nil
	}
	keys, err := t.Tx.MeterKeys(ctx, t.Run.Tenant)
	if err == nil {
		e.shared.serials[t.Run.Tenant] = serialKeys{t.Run.ID, keys}
	}
	return keys, err
}

// checker verifies signatures with the process's cache of parsed keys.
func (e *Env) checker() meter.Checker { return meter.Checker{Keys: e.shared.keys} }

// published is a published version of a tariff, ready for pricing.
type published struct {
	tariff   rating.Tariff
	compiled *rating.Compiled
	lasting  *rating.Compiled // without an end, for sessions it prices while the next version waits for its notice
	byMonth  bool             // prices depend on what the contract took in the month
	personal bool             // rows name contracts or customers
}

// at is what prices a session that starts at an instant by this version.
func (p *published) at(start time.Time) *rating.Compiled {
	if p.tariff.ValidAt(start) {
		return p.compiled
	}
	return p.lasting
}

// published returns a version of a tariff. Published versions never change, so each is read and compiled once.
func (e *Env) published(ctx context.Context, tx *store.Tx, tenant int, code string, number int) (*published, error) {
	id := fmt.Sprint(tenant, "/", code, "/", number)
	e.shared.mu.Lock()
	defer e.shared.mu.Unlock()
	if p, ok := e.shared.tariffs[id]; ok {
		return p, nil
	}
	t, err := tx.Tariff(ctx, tenant, code, number)
	if err != nil {
		return nil, err
	}
	p := &published{tariff: t, byMonth: t.ByTheMonth()}
	for i := range t.Rows {
		p.personal = p.personal || len(t.Rows[i].Contracts)+len(t.Rows[i].Customers) > 0
	}
	if p.compiled, err = rating.Compile(t); err != nil {
		return nil, fmt.Errorf("tariff %s version %d: %w", code, number, err)
	}
	p.lasting = p.compiled
	if !t.ValidTo.IsZero() {
		t.ValidTo = time.Time{}
		if p.lasting, err = rating.Compile(t); err != nil {
			return nil, fmt.Errorf("tariff %s version %d: %w", code, number, err)
		}
	}
	e.shared.tariffs[id] = p
	return p, nil
}

// renderer draws documents; its fonts are parsed once.
func (e *Env) renderer() (*pdf.Renderer, error) {
	e.shared.mu.Lock()
	defer e.shared.mu.Unlock()
	if e.shared.painter == nil {
		r, err := pdf.New()
		if err != nil {
			return nil, err
		}
		e.shared.painter = r
	}
	return e.shared.painter, nil
}

// transport is how mails leave, as configured.
func (e *Env) transport() (mailing.Transport, error) {
	e.shared.mu.Lock()
	defer e.shared.mu.Unlock()
	if e.shared.carriers == nil {
		c := e.Config.Mail
		switch c.Transport {
		case "folder":
			e.shared.carriers = mailing.Folder{Dir: c.Dir}
		case "smtp":
			t, err := smtpOf(c)
			if err != nil {
				return nil, err
			}
			e.shared.carriers = t
		default:
			return nil, fmt.Errorf("mail.transport %q is not known; use folder or smtp", c.Transport)
		}
	}
	return e.shared.carriers, nil
}

func splitRunName(name string) (job, period string, seq int, err error) {
	parts := strings.Split(name, "/")
	if len(parts) == 3 {
		seq, err = strconv.Atoi(parts[2])
	}
	if err != nil || len(parts) < 2 || len(parts) > 3 || seq < 0 {
		return "", "", 0, fmt.Errorf("run %q: want job/period or job/period/number, such as billing/2026-10/1", name)
	}
	return parts[0], parts[1], seq, nil
}

// pollInterval is how often a waiting command looks at its run.
const pollInterval = 50 * time.Millisecond
