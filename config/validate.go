package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Validate checks what the values mean and returns every problem at once as Problems, or nil.
func (c Config) Validate() error {
	v := validation{config: c}
	v.mode()
	v.addresses()
	v.archive()
	v.mail()
	v.sepa()
	v.ops()
	v.jobs()
	v.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	v.oneOf("log.format", c.Log.Format, "text", "json")
	if len(v.problems) == 0 {
		return nil
	}
	return v.problems
}

type validation struct {
	config   Config
	problems Problems
}

// refuse names the setting and, when it does not come from the defaults, where it was given.
func (v *validation) refuse(path, what, hint string) {
	where := path
	if from := v.config.origin[path]; from != "" {
		where = from + ": " + path
	}
	v.problems = append(v.problems, Problem{Where: where, What: what, Hint: hint})
}

func (v *validation) oneOf(path, got string, allowed ...string) {
	if !slices.Contains(allowed, got) {
		v.refuse(path, fmt.Sprintf("%q is not possible", got), "use one of "+strings.Join(allowed, ", "))
	}
}

func (v *validation) between(path string, got, highest int) {
	if got < 1 || got > highest {
		v.refuse(path, fmt.Sprintf("%d is out of range", got), fmt.Sprintf("use 1 to %d", highest))
	}
}

func (v *validation) given(path, got, hint string) {
	if got == "" {
		v.refuse(path, "is missing", hint)
	}
}

// folder wants an absolute path in production, where a service manager chooses the working directory.
func (v *validation) folder(path, got string) {
	switch {
	case got == "":
		v.refuse(path, "is missing", "name a folder")
	case v.config.Mode == Production && !filepath.IsAbs(got):
		v.refuse(path, "is a relative path in production", "write the whole path, beginning with /")
	}
}

func (v *validation) mode() {
	v.oneOf("mode", string(v.config.Mode), string(Dev), string(Production))
	if v.config.Mode != Production {
		return
	}
	v.given("database_url", v.config.DatabaseURL, "name the database; the private server of development is not used in production")
	v.given("redis_url", v.config.RedisURL, "name the Redis server; the private one of development is not used in production")
	v.given("archive.master_key_file", v.config.Archive.MasterKeyFile, "make a key with: openssl rand -hex 32")
}

var dsnPair = regexp.MustCompile(`^\w+\s*=`)

// addresses never repeats an address, because it may hold a password.
func (v *validation) addresses() {
	for _, a := range []struct{ path, got string }{
		{"database_url", v.config.DatabaseURL}, {"database_owner_url", v.config.DatabaseOwnerURL},
	} {
		if a.got == "" || dsnPair.MatchString(a.got) {
			continue
		}
		if u, err := url.Parse(a.got); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			v.refuse(a.path, "is not the address of a Postgres database", "write postgres://app@host/database or host=... dbname=...")
		}
	}
	if got := v.config.RedisURL; got != "" {
		if u, err := url.Parse(got); err != nil || !slices.Contains([]string{"redis", "rediss", "unix", "redis-socket", "redis-sentinel"}, u.Scheme) {
			v.refuse("redis_url", "is not the address of a Redis server", "write redis://host:6379/0 or unix:///path/redis.sock")
		}
	}
}

func (v *validation) archive() {
	a := v.config.Archive
	if a.URL == "" {
		v.folder("archive.dir", a.Dir)
		return
	}
	// Package archive knows these two; mem forgets everything in the end.
	u, err := url.Parse(a.URL)
	if err != nil || u.Scheme != "file" && (u.Scheme != "mem" || v.config.Mode == Production) {
		v.refuse("archive.url", "is not the address of an archive", "write file:///folder, or remove it and use archive.dir")
	}
}

func (v *validation) mail() {
	m := v.config.Mail
	v.oneOf("mail.transport", m.Transport, "folder", "smtp")
	v.oneOf("mail.tls", m.TLS, "starttls", "implicit", "none")
	v.between("mail.port", m.Port, 65535)
	if m.Transport == "folder" {
		v.folder("mail.dir", m.Dir)
	}
	if m.Transport != "smtp" {
		return
	}
	v.given("mail.host", m.Host, "name the mail server")
	v.given("mail.from", m.From, "give the address invoices are sent from")
	if m.From != "" && strings.Count(m.From, "@") != 1 {
		v.refuse("mail.from", "is not a mail address", "write it as name@domain")
	}
	if (m.User == "") != (m.PasswordFile == "") {
		v.refuse("mail.user", "user and password_file go together", "give both or none")
	}
	if m.TLS == "none" && m.PasswordFile != "" && !loopback(m.Host) {
		v.refuse("mail.tls", "the password would cross the network in the clear", "use starttls or implicit")
	}
}

// prefix keeps message ids within the 35 characters of pain.008: prefix, date, run and part. The characters are
// those every bank takes (EPC217-08, 1.4), without the slash.
var prefix = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,5}$`)

func (v *validation) sepa() {
	s := v.config.SEPA
	v.folder("sepa.export_dir", s.ExportDir)
	if !prefix.MatchString(s.MessagePrefix) {
		v.refuse("sepa.message_prefix", fmt.Sprintf("%q cannot begin a message id", s.MessagePrefix), "use 1 to 6 letters, digits and hyphens")
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		v.refuse("sepa.zone", fmt.Sprintf("%q is not a time zone", s.Zone), "use a name such as Europe/Berlin")
	}
	v.between("sepa.lead_days", s.LeadDays, 5)
	v.between("sepa.notice_days", s.NoticeDays, 60)
	v.between("sepa.max_transactions", s.MaxTransactions, 1_000_000)
}

func (v *validation) ops() {
	o := v.config.Ops
	host, port, err := net.SplitHostPort(o.Listen)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 {
		v.refuse("ops.listen", fmt.Sprintf("%q is not host:port", o.Listen), "write 127.0.0.1:8080")
	} else if !loopback(host) && len(o.Users) == 0 {
		v.refuse("ops.listen", "the page would be open to everybody", "add ops.users or listen on 127.0.0.1")
	}
	seen := map[string]bool{}
	for i, u := range o.Users {
		v.user(fmt.Sprintf("user %d", i+1), u, seen[u.Name])
		seen[u.Name] = true
	}
}

var bcrypt = regexp.MustCompile(`^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$`)

func (v *validation) user(who string, u User, twice bool) {
	const path = "ops.users"
	switch {
	case u.Name == "":
		v.refuse(path, who+" has no name", "give each user a name")
	case strings.Contains(u.Name, ":"):
		v.refuse(path, who+" has a colon in its name", "the login cannot carry it; choose another name")
	case twice:
		v.refuse(path, who+" has the name of another", "give each user a name of its own")
	}
	if u.Role != "viewer" && u.Role != "admin" {
		v.refuse(path, fmt.Sprintf("%s has the role %q", who, u.Role), "use viewer or admin")
	}
	if (u.PasswordHash == "") == (u.PasswordFile == "") {
		v.refuse(path, who+" needs exactly one of password_hash and password_file", "make a hash with: htpasswd -nbBC 12 '' PASSWORD")
	}
	if u.PasswordHash != "" && !bcrypt.MatchString(u.PasswordHash) {
		v.refuse(path, who+" has a password_hash that is not bcrypt", "make one with: htpasswd -nbBC 12 '' PASSWORD")
	}
}

func (v *validation) jobs() {
	j := v.config.Jobs
	v.between("jobs.concurrency", j.Concurrency, 256)
	if j.Lease < 10*time.Second || j.Lease > time.Hour {
		v.refuse("jobs.lease", j.Lease.String()+" is out of range", "use 10s to 1h")
	}
	v.folder("jobs.inbox_dir", j.InboxDir)
	for _, s := range settings() {
		if stage, ok := strings.CutPrefix(s.path, "jobs.chunk."); ok {
			v.between(s.path, j.Chunk.For(stage), 100_000)
		}
	}
	v.between("jobs.limits.max_documents", j.Limits.MaxDocuments, 100_000_000)
	if j.Limits.MaxSum <= 0 {
		v.refuse("jobs.limits.max_sum", j.Limits.MaxSum.String()+" lets nothing pass", "give the largest sum a run may bill")
	}
	if j.Limits.FourEyesAbove < 0 {
		v.refuse("jobs.limits.four_eyes_above", j.Limits.FourEyesAbove.String()+" is negative", "0.00 asks for a second person always")
	}
}

// loopback reports whether only this machine can reach the host.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
