// Package config holds every setting of the product in one struct and reads it from a YAML file, the environment and
// the command line, the later winning over the earlier.
//
// A setting that does not exist is refused with file and line, in the environment and on the command line by its
// name, because a misspelt limit is worse than none. Values are checked all at once by Validate. Secrets are named by
// the file that holds them, or are part of a URL; no view of the configuration prints them.
//
// The package opens no connection and starts nothing. Relative paths are relative to the working directory.
package config

import "time"

// Mode tells whether the private servers of package dev/local may stand in for missing addresses.
type Mode string

// The two modes.
const (
	Dev        Mode = "dev"
	Production Mode = "production"
)

// Config is the effective configuration. The text behind each field is the setting's name in the file; its name in
// the environment is WATTDUE_ and the whole name in capitals with underscores, such as WATTDUE_SEPA_LEAD_DAYS.
type Config struct {
	Mode             Mode   `koanf:"mode"`
	Tenant           string `koanf:"tenant"`             // whom commands act for when they do not say; empty when there is only one
	DatabaseURL      string `koanf:"database_url"`       // as role app; empty in dev means a private server; also DATABASE_URL
	DatabaseOwnerURL string `koanf:"database_owner_url"` // as role owner, for migrations; empty means database_url
	RedisURL         string `koanf:"redis_url"`          // empty in dev means a private server; also REDIS_URL

	Local   Local   `koanf:"dev"`
	Archive Archive `koanf:"archive"`
	Mail    Mail    `koanf:"mail"`
	SEPA    SEPA    `koanf:"sepa"`
	Ops     Ops     `koanf:"ops"`
	Jobs    Jobs    `koanf:"jobs"`
	Log     Log     `koanf:"log"`

	origin map[string]string // where each setting that is no default comes from
}

// Local says how the private servers of development run.
type Local struct {
	Dir         string `koanf:"dir"`          // state folder; empty means that of the user
	PostgresBin string `koanf:"postgres_bin"` // folder with postgres and initdb; empty means search
	RedisServer string `koanf:"redis_server"` // path of redis-server; empty means search
	Fetch       bool   `koanf:"fetch"`        // fetch missing servers privately
	Fsync       bool   `koanf:"fsync"`        // survive power loss
}

// Archive is where documents, bank files, mails and originals are kept, encrypted.
type Archive struct {
	Dir           string `koanf:"dir"`             // folder; used when url is empty
	URL           string `koanf:"url"`             // address for package archive, such as file:///mnt/archive
	MasterKeyFile string `koanf:"master_key_file"` // 32 bytes as 64 hexadecimal digits; empty in dev means one is made
}

// Mail is how messages leave.
type Mail struct {
	Transport    string `koanf:"transport"` // folder or smtp
	Dir          string `koanf:"dir"`       // for folder: one .eml file per message
	Host         string `koanf:"host"`
	Port         int    `koanf:"port"`
	User         string `koanf:"user"`
	PasswordFile string `koanf:"password_file"`
	TLS          string `koanf:"tls"`  // starttls, implicit or none
	From         string `koanf:"from"` // address of the sender
}

// SEPA is how direct debits are planned and exported.
type SEPA struct {
	ExportDir       string `koanf:"export_dir"`
	MessagePrefix   string `koanf:"message_prefix"`   // begins every message id
	CutOff          Clock  `koanf:"cut_off"`          // the bank takes files of the day until then
	Zone            string `koanf:"zone"`             // time zone of the cut-off
	LeadDays        int    `koanf:"lead_days"`        // bank days between submission and collection
	NoticeDays      int    `koanf:"notice_days"`      // calendar days between pre-notification and collection
	MaxTransactions int    `koanf:"max_transactions"` // per payment block; larger batches are split
}

// Ops is the page for operators.
type Ops struct {
	Listen string `koanf:"listen"` // host:port
	Users  []User `koanf:"users"`
}

// User may see (viewer) or also change (admin) the queue. Exactly one of the two password settings is given.
type User struct {
	Name         string `koanf:"name"`
	PasswordHash string `koanf:"password_hash"` // bcrypt
	PasswordFile string `koanf:"password_file"` // holds the password itself
	Role         string `koanf:"role"`
}

// Jobs is how batches run.
type Jobs struct {
	Concurrency int           `koanf:"concurrency"` // chunks worked on at once by one process
	Lease       time.Duration `koanf:"lease"`       // a chunk that is silent for so long is offered again
	InboxDir    string        `koanf:"inbox_dir"`   // charge records arrive here
	Chunk       Chunk         `koanf:"chunk"`
	Limits      Limits        `koanf:"limits"`
}

// Chunk is the number of things one transaction works on, per stage. Results do not depend on it.
type Chunk struct {
	Import  int `koanf:"import"` // rows between checkpoints
	Verify  int `koanf:"verify"` // charge records
	Rate    int `koanf:"rate"`
	Accrue  int `koanf:"accrue"`
	Draft   int `koanf:"draft"` // customers
	Render  int `koanf:"render"`
	Deliver int `koanf:"deliver"` // messages
	Collect int `koanf:"collect"` // debits
}

// Limits stop a run that would move more than anybody expects. A person then decides.
type Limits struct {
	MaxDocuments int   `koanf:"max_documents"` // per run
	MaxSum       Cents `koanf:"max_sum"`       // per run and currency, gross
	// FourEyesAbove is the sum above which who opened a run must not approve it too.
	FourEyesAbove Cents `koanf:"four_eyes_above"`
}

// Log is what the processes write to standard error.
type Log struct {
	Level  string `koanf:"level"`  // debug, info, warn or error
	Format string `koanf:"format"` // text or json
}

// Default returns the settings that hold when nothing is said.
func Default() Config {
	return Config{
		Mode:    Dev,
		Local:   Local{Fetch: true, Fsync: true},
		Archive: Archive{Dir: "var/archive"},
		Mail:    Mail{Transport: "folder", Dir: "var/mail", Port: 587, TLS: "starttls"},
		SEPA: SEPA{
			ExportDir: "var/sepa", MessagePrefix: "WD", CutOff: 14 * 60, Zone: "Europe/Berlin",
			LeadDays: 1, NoticeDays: 14, MaxTransactions: 10000,
		},
		Ops: Ops{Listen: "127.0.0.1:8080"},
		Jobs: Jobs{
			Concurrency: 4, Lease: 2 * time.Minute, InboxDir: "var/inbox",
			Chunk:  Chunk{Import: 5000, Verify: 1000, Rate: 1000, Accrue: 1000, Draft: 50, Render: 50, Deliver: 25, Collect: 1000},
			Limits: Limits{MaxDocuments: 100_000, MaxSum: 10_000_000_00, FourEyesAbove: 1_000_00},
		},
		Log: Log{Level: "info", Format: "text"},
	}
}

// OwnerURL is the database address for migrations.
func (c Config) OwnerURL() string {
	if c.DatabaseOwnerURL != "" {
		return c.DatabaseOwnerURL
	}
	return c.DatabaseURL
}

// For returns the chunk size of a stage, 0 for a stage that is never cut.
func (c Chunk) For(stage string) int {
	switch stage {
	case "import":
		return c.Import
	case "verify":
		return c.Verify
	case "rate":
		return c.Rate
	case "accrue":
		return c.Accrue
	case "draft":
		return c.Draft
	case "render":
		return c.Render
	case "deliver":
		return c.Deliver
	case "collect":
		return c.Collect
	}
	return 0
}
