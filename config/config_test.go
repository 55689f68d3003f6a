package config

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func load(t *testing.T, src Source) Config {
	t.Helper()
	c, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var values = cmpopts.IgnoreUnexported(Config{})

func TestNothingSaidGivesTheDefaultsWhichAreValid(t *testing.T) {
	c := load(t, Source{})
	if diff := cmp.Diff(Default(), c, values); diff != "" {
		t.Error(diff)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestExampleShowsEverySettingAtItsDefault(t *testing.T) {
	c := load(t, Source{File: "example.yaml"})
	if diff := cmp.Diff(Default(), c, values, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the example differs from the defaults:\n%s", diff)
	}
	onDisk, err := os.ReadFile("example.yaml")
	if err != nil || !bytes.Equal(onDisk, Example) {
		t.Errorf("embedded example differs from the file, %v", err)
	}
	for _, s := range settings() {
		name := s.path[strings.LastIndex(s.path, ".")+1:]
		if !strings.Contains(string(Example), name+":") {
			t.Errorf("%s is not in the example", s.path)
		}
	}
}

func TestFileIsReadCompletely(t *testing.T) {
	c := load(t, Source{File: "testdata/production.yaml"})
	want := Default()
	want.Mode, want.Tenant = Production, "de-emp"
	want.DatabaseURL = "postgres://app:hunter2@db.example/wattdue?sslmode=verify-full"
	want.RedisURL = "rediss://:hunter2@redis.example:6379/0"
	want.Archive.URL = "file:///srv/wattdue/archive"
	want.Archive.MasterKeyFile = "/etc/wattdue/archive.key"
	want.Mail.Transport, want.Mail.Host, want.Mail.User = "smtp", "mail.example", "billing"
	want.Mail.PasswordFile, want.Mail.From = "/etc/wattdue/mail.password", "billing@charge.example"
	want.SEPA.ExportDir, want.SEPA.CutOff, want.SEPA.MaxTransactions = "/srv/wattdue/sepa", 11*60+30, 5000
	want.Ops.Listen = "0.0.0.0:8443"
	want.Ops.Users = []User{
		{Name: "ann", Role: "admin", PasswordHash: "$2b$12$abcdefghijklmnopqrstuuJ1k2l3m4n5o6p7q8r9s0t1u2v3w4x5y"},
		{Name: "bob", Role: "viewer", PasswordFile: "/etc/wattdue/bob.password"},
	}
	want.Jobs.Lease, want.Jobs.InboxDir, want.Jobs.Limits.MaxSum = 90*time.Second, "/srv/wattdue/inbox", 250_000_50
	if diff := cmp.Diff(want, c, values); diff != "" {
		t.Error(diff)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestLaterSourcesWin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wattdue.yaml")
	text := "redis_url: redis://file\ndatabase_url: postgres://file/x\nsepa: {lead_days: 2, notice_days: 5, cut_off: 09:00}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := load(t, Source{
		File: file,
		Environ: []string{
			"HOME=/root", "DATABASE_URL=postgres://short/x", "REDIS_URL=redis://short", "WATTDUE_REDIS_URL=redis://long",
			"WATTDUE_SEPA_LEAD_DAYS=3", "WATTDUE_SEPA_NOTICE_DAYS=4", "WATTDUE_DEV_FSYNC=false", "WATTDUE_DEV_IGNORE_SYSTEM=1",
			"WATTDUE_TENANT=0815",
			"WATTDUE_OPS_USERS=[{name: ann, role: admin, password_file: /p}]",
		},
		Flags: map[string]string{"sepa.lead_days": "4", "jobs.limits.max_sum": "99.95"},
	})
	type pair struct{ got, want any }
	for name, p := range map[string]pair{
		"environment over file":          {c.DatabaseURL, "postgres://short/x"},
		"own name over customary name":   {c.RedisURL, "redis://long"},
		"flag over environment":          {c.SEPA.LeadDays, 4},
		"environment number":             {c.SEPA.NoticeDays, 4},
		"file where nobody else speaks":  {c.SEPA.CutOff, Clock(540)},
		"neighbour in a section is kept": {c.SEPA.Zone, "Europe/Berlin"},
		"environment truth value":        {c.Local.Fsync, false},
		"digits stay text":               {c.Tenant, "0815"},
		"flag sum":                       {c.Jobs.Limits.MaxSum, Cents(99_95)},
		"list in the environment":        {fmt.Sprint(c.Ops.Users), "[{ann  /p admin}]"},
	} {
		if p.got != p.want {
			t.Errorf("%s: got %v, want %v", name, p.got, p.want)
		}
	}
	origins := map[string]string{}
	for _, s := range c.Redacted() {
		origins[s.Name] = s.Origin
	}
	for name, want := range map[string]string{
		"sepa.cut_off": file + ":3", "redis_url": "environment WATTDUE_REDIS_URL", "database_url": "environment DATABASE_URL",
		"sepa.lead_days": "command line", "sepa.zone": "default",
	} {
		if origins[name] != want {
			t.Errorf("origin of %s = %q, want %q", name, origins[name], want)
		}
	}
}

func TestUnknownNamesAndWrongTypesAreRefusedWithTheirLine(t *testing.T) {
	_, err := Load(Source{
		File:    "testdata/wrong.yaml",
		Environ: []string{"WATTDUE_SEPA_LEED_DAYS=1", "WATTDUE_MAIL_PORT=smtp", "WATTDUE_OPS_USERS=hunter2"},
		Flags:   map[string]string{"sepa.cutoff": "14:00", "jobs.concurrency": "4.0"},
	})
	var p Problems
	if !errors.As(err, &p) {
		t.Fatalf("error = %v, want problems", err)
	}
	golden(t, "wrong.golden", p.Error()+"\n")
}

func TestSenselessValuesAreAllNamedAtOnce(t *testing.T) {
	c := load(t, Source{File: "testdata/senseless.yaml"})
	err := c.Validate()
	var p Problems
	if !errors.As(err, &p) {
		t.Fatalf("error = %v, want problems", err)
	}
	golden(t, "senseless.golden", p.Error()+"\n")
}

func TestProductionWantsAddresses(t *testing.T) {
	c := load(t, Source{Flags: map[string]string{"mode": "production"}})
	var p Problems
	if !errors.As(c.Validate(), &p) {
		t.Fatal("production was accepted without any address")
	}
	text := p.Error()
	for _, want := range []string{"database_url: is missing", "redis_url: is missing", "archive.master_key_file: is missing"} {
		if !strings.Contains(text, want) {
			t.Errorf("no problem says %q:\n%s", want, text)
		}
	}
}

func TestPublicPageNeedsUsersInEveryMode(t *testing.T) {
	for listen, ok := range map[string]bool{
		"127.0.0.1:8080": true, "[::1]:8080": true, "localhost:0": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.0.2.1:80": false, "ops.example:80": false,
	} {
		c := load(t, Source{Flags: map[string]string{"ops.listen": listen}})
		if got := c.Validate() == nil; got != ok {
			t.Errorf("%s without users: accepted = %v, want %v", listen, got, ok)
		}
		c.Ops.Users = []User{{Name: "ann", Role: "admin", PasswordFile: "/p"}}
		if err := c.Validate(); err != nil {
			t.Errorf("%s with a user: %v", listen, err)
		}
	}
}

func TestUsers(t *testing.T) {
	good := User{Name: "ann", Role: "admin", PasswordFile: "/p"}
	for name, c := range map[string]struct {
		users []User
		says  string
	}{
		"no name":         {[]User{{Role: "admin", PasswordFile: "/p"}}, "user 1 has no name"},
		"colon":           {[]User{{Name: "a:b", Role: "admin", PasswordFile: "/p"}}, "user 1 has a colon"},
		"twice":           {[]User{good, good}, "user 2 has the name of another"},
		"role":            {[]User{{Name: "ann", Role: "root", PasswordFile: "/p"}}, `user 1 has the role "root"`},
		"no password":     {[]User{{Name: "ann", Role: "admin"}}, "exactly one of"},
		"two passwords":   {[]User{{Name: "ann", Role: "admin", PasswordFile: "/p", PasswordHash: "$2b$12$" + strings.Repeat("a", 53)}}, "exactly one of"},
		"not a hash":      {[]User{{Name: "ann", Role: "admin", PasswordHash: "hunter2"}}, "is not bcrypt"},
		"too cheap hash":  {[]User{{Name: "ann", Role: "admin", PasswordHash: "$2b$03$" + strings.Repeat("a", 53)}}, "is not bcrypt"},
		"nothing to fear": {[]User{good}, ""},
	} {
		conf := Default()
		conf.Ops.Users = c.users
		err := conf.Validate()
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want %q", name, err, c.says)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the error repeats the password", name)
		}
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	c := load(t, Source{
		File:    "testdata/production.yaml",
		Environ: []string{"WATTDUE_DATABASE_OWNER_URL=host=db password=hunter2 dbname=wattdue"},
	})
	var b strings.Builder
	for _, s := range c.Redacted() {
		fmt.Fprintf(&b, "%s = %s  (%s)\n", s.Name, s.Value, s.Origin)
	}
	if strings.Contains(b.String(), "hunter2") || strings.Contains(b.String(), "$2b$") {
		t.Error("a secret is shown")
	}
	golden(t, "production.golden", b.String())
}

func TestPasswordsInAddressesAreHidden(t *testing.T) {
	for address, want := range map[string]string{
		"":                                      "",
		"postgres://app@db/wattdue?host=%2Ftmp": "postgres://app@db/wattdue?host=%2Ftmp",
		"postgres://app:hunter2@db/wattdue":     "postgres://app:xxxxx@db/wattdue",
		"postgres://db/wattdue?user=app&password=hunter2":     "postgres://db/wattdue?password=xxxxx&user=app",
		"postgres://db/wattdue?sslkey=hunter2&sslmode=verify": "postgres://db/wattdue?sslkey=xxxxx&sslmode=verify",
		"redis://:hunter2@r:6379/0":                           "redis://:xxxxx@r:6379/0",
		"host=db password=hunter2":                            "(set, not shown)",
		"postgres://app:hunter2@db:port/x":                    "(set, not shown)",
	} {
		if got := redactURL(address); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
}

func TestHashFollowsTheSettingsOnly(t *testing.T) {
	base := load(t, Source{File: "testdata/production.yaml"})
	hash := func(flags map[string]string) string {
		return load(t, Source{File: "testdata/production.yaml", Flags: flags}).Hash()
	}
	if got := hash(map[string]string{"sepa.max_transactions": "5000"}); got != base.Hash() {
		t.Error("the hash depends on where a setting comes from")
	}
	if got := hash(map[string]string{"redis_url": "rediss://:other@redis.example:6379/0"}); got != base.Hash() {
		t.Error("the hash depends on a password")
	}
	seen := []string{base.Hash()}
	for path, value := range map[string]string{"sepa.lead_days": "2", "jobs.limits.max_sum": "250000.51", "sepa.cut_off": "11:31", "tenant": "at-emp"} {
		h := hash(map[string]string{path: value})
		if slices.Contains(seen, h) {
			t.Errorf("changing %s does not change the hash", path)
		}
		seen = append(seen, h)
	}
	if len(base.Hash()) != 64 {
		t.Errorf("hash %q is not 64 digits", base.Hash())
	}
}

func TestFilesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, says string }{
		"syntax":      {"mode: dev\nsepa:\n\tlead_days: 1\n", ":3: this is not YAML"},
		"two":         {"mode: dev\n---\nmode: dev\n", ": the file holds a second document"},
		"list":        {"- mode\n", ":1: want settings"},
		"text":        {"hello\n", ":1: want settings"},
		"alias":       {"mode: &m dev\ntenant: *m\n", ":2: tenant: anchors"},
		"too large":   {strings.Repeat("# nothing\n", maxFile/10+1), "larger than 1 MB"},
		"in the home": {"sepa: 1\n", ":1: sepa: want settings"},
	} {
		path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(Source{File: path}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if _, err := Load(Source{File: filepath.Join(dir, "missing.yaml")}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("missing file: %v", err)
	}
}

func TestClockAndCents(t *testing.T) {
	for text, want := range map[string]Clock{"00:00": 0, "9:05": 545, "14:00": 840, "23:59": 1439} {
		var c Clock
		if err := c.UnmarshalText([]byte(text)); err != nil || c != want {
			t.Errorf("%s = %d, %v; want %d", text, c, err, want)
		}
	}
	for _, text := range []string{"", "14", "24:00", "12:60", "1:5", "012:00", "-1:00", "12:00:00"} {
		var c Clock
		if err := c.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as %s", text, c)
		}
	}
	for text, want := range map[string]Cents{"0": 0, "250000": 250_000_00, "99.9": 99_90, "99.95": 99_95, "0.01": 1, "90000000000000000.00": 9_000_000_000_000_000_000} {
		var c Cents
		if err := c.UnmarshalText([]byte(text)); err != nil || c != want {
			t.Errorf("%s = %d, %v; want %d", text, c, err, want)
		}
	}
	for _, text := range []string{"", ".5", "1.", "1.234", "-1", "1e6", "1,5", "1_000", "92233720368547758.08", "0.-1"} {
		var c Cents
		if err := c.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as %s", text, c)
		}
	}
}

func TestReadSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	for text, want := range map[string]string{"hunter2\n": "hunter2", "hunter2\r\n": "hunter2", " with blanks ": " with blanks "} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadSecret(path); err != nil || got != want {
			t.Errorf("%q gave %q, %v; want %q", text, got, err, want)
		}
	}
	if err := os.WriteFile(path, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadSecret(path); err == nil {
		t.Errorf("an empty file gave %q", got)
	}
}

func TestEveryStageWithAChunkHasASize(t *testing.T) {
	c := Default().Jobs.Chunk
	for stage, want := range map[string]int{
		"import": 5000, "verify": 1000, "rate": 1000, "accrue": 1000, "draft": 50, "render": 50, "deliver": 25, "collect": 1000,
		"issue": 0, "approve": 0, "balance": 0,
	} {
		if got := c.For(stage); got != want {
			t.Errorf("%s: %d, want %d", stage, got, want)
		}
	}
}

// Whatever a file holds, reading it ends in values or in problems with a place, never in a panic.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"example.yaml", "testdata/production.yaml", "testdata/wrong.yaml", "testdata/senseless.yaml"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		values, lines, problems := parseFile("f", b)
		for path := range values {
			if _, ok := known(path); !ok || lines[path] == "" {
				t.Errorf("value for %q without a place", path)
			}
		}
		for _, p := range problems {
			if !strings.HasPrefix(p.Where, "f:") || p.What == "" || p.Hint == "" {
				t.Errorf("problem %+v lacks place, sentence or hint", p)
			}
		}
	})
}
