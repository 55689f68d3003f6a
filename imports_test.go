// Package wattdue_test guards the walls between the packages: who may import whom, and what the pure ones must not touch.
//
// Everything is parsed here, without asking the go command, so that the test cache sees a change in any file.
package wattdue_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// room is one package: what it may import. Test files may import this, every pure package, the test tools, and what
// stands under tests.
type room struct {
	dir    string
	pure   bool   // values in, values out: no disk, network, clock, randomness, log or float
	uses   string // our packages
	others string // modules of others, and guarded packages of the standard library
	tests  string // what test files may import beside that
}

// rooms is the one table of allowed edges. Arrows go down only: a package stands below those it uses.
var rooms = []room{
	// values
	{dir: "money", pure: true},
	{dir: "calendar", pure: true},
	{dir: "ident", pure: true},
	// core
	{dir: "cdr", pure: true, uses: "money", others: "github.com/klauspost/compress"},
	{dir: "meter", pure: true, uses: "cdr meter/curve meter/seal meter/sml meter/unpack", others: "github.com/cloudflare/circl"},
	{dir: "meter/curve", pure: true, others: "github.com/decred/dcrd/dcrec/secp256k1/v4"},
	{dir: "meter/sml", pure: true},
	{dir: "meter/seal", pure: true},
	{dir: "meter/finding", pure: true, uses: "cdr meter"},
	{dir: "meter/evidence", pure: true, uses: "cdr meter meter/unpack"},
	{dir: "meter/unpack", pure: true},
	{dir: "customer", pure: true, uses: "calendar"},
	{dir: "policy", pure: true, uses: "calendar"},
	{dir: "rating", pure: true, uses: "calendar cdr money"},
	{dir: "rating/ocpi", pure: true, uses: "calendar cdr money rating"},
	{dir: "invoicing", pure: true, uses: "calendar cdr customer ident meter money rating"},
	{dir: "ledger", pure: true, uses: "calendar ident money"},
	{dir: "sepa", pure: true, uses: "calendar customer ident money", others: "golang.org/x/text"},
	{dir: "registry", pure: true, uses: "calendar meter"},
	{dir: "pricelist", pure: true, uses: "calendar cdr money rating", others: "go.yaml.in/yaml/v3"},
	{dir: "rating/wire", pure: true, uses: "cdr money pricelist rating"},
	{dir: "masterdata", pure: true, uses: "calendar cdr customer invoicing meter money policy pricelist rating sepa"},
	{dir: "jobs/batch", pure: true, uses: "calendar ident money"},
	// rules and output
	{dir: "ledger/posting", pure: true, uses: "calendar ident invoicing ledger money"},
	{dir: "ledger/journal", pure: true, uses: "ledger money"},
	{
		dir: "pdf", pure: true, uses: "calendar cdr customer invoicing money rating",
		others: "github.com/go-fonts/liberation github.com/johnfercher/go-tree github.com/johnfercher/maroto/v2 " +
			"github.com/klauspost/compress golang.org/x/text rsc.io/qr",
	},
	{dir: "report", pure: true, uses: "calendar cdr customer ident invoicing jobs/batch ledger meter meter/finding money rating sepa"},
	// edge
	{dir: "sql/migrations"},
	{
		dir:    "sql/store",
		uses:   "calendar cdr customer ident invoicing jobs/batch ledger masterdata meter meter/finding money policy rating registry sepa sql/migrations",
		others: "database/sql database/sql/driver github.com/jmoiron/sqlx github.com/lib/pq github.com/pressly/goose/v3",
		tests:  "dev/local dev/local/localtest sql/store/storetest",
	},
	{dir: "sql/store/storetest", uses: "dev/local dev/local/localtest sql/store", others: "database/sql github.com/lib/pq"},
	{dir: "mailing", uses: "calendar customer ident invoicing money", others: "github.com/wneessen/go-mail", tests: "github.com/emersion/go-sasl github.com/emersion/go-smtp"},
	{dir: "archive", others: "github.com/klauspost/compress gocloud.dev"},
	{dir: "config", others: "github.com/knadh/koanf go.yaml.in/yaml/v3"},
	{dir: "dev/local", tests: "database/sql github.com/lib/pq"},
	{dir: "dev/local/localtest", uses: "dev/local", tests: "database/sql github.com/lib/pq"},
	{dir: "dev/signer", pure: true, uses: "cdr meter/curve meter/sml", others: "github.com/cloudflare/circl"},
	{dir: "dev/simulate", uses: "calendar cdr customer dev/signer invoicing masterdata meter money policy rating"},
	{
		dir: "jobs",
		uses: "archive calendar cdr config customer ident invoicing jobs/batch ledger ledger/journal ledger/posting mailing masterdata " +
			"meter meter/finding money pdf policy pricelist rating rating/wire registry report sepa sql/store",
		others: "github.com/hibiken/asynq github.com/klauspost/compress github.com/prometheus/client_golang github.com/redis/go-redis/v9 " +
			"github.com/robfig/cron/v3",
		tests: "database/sql dev/local dev/local/localtest dev/simulate sql/store/storetest",
	},
	{
		dir:  "web/console",
		uses: "calendar config ident jobs jobs/batch money report sql/store",
		others: "github.com/gorilla/mux github.com/hibiken/asynq github.com/hibiken/asynqmon github.com/prometheus/client_golang " +
			"github.com/redis/go-redis/v9 golang.org/x/crypto",
		tests: "dev/local dev/local/localtest sql/store/storetest",
	},
	{
		dir: "cmd/wattdue",
		uses: "archive calendar cdr config customer dev/local dev/simulate ident invoicing jobs jobs/batch ledger ledger/journal ledger/posting " +
			"mailing masterdata meter meter/curve meter/finding meter/evidence money pdf policy pricelist rating rating/ocpi rating/wire registry report sepa sql/migrations sql/store web/console",
		others: "github.com/alecthomas/kong github.com/hibiken/asynq github.com/klauspost/compress github.com/prometheus/client_golang " +
			"github.com/redis/go-redis/v9 github.com/schollz/progressbar/v3 golang.org/x/term",
		tests: "dev/local/localtest github.com/lib/pq sql/store/storetest",
	},
	// The product against the world outside. The checker shares nothing with the product: it uses no package of ours.
	{dir: "conformance/checker"},
	{dir: "conformance/check", uses: "conformance/checker"},
	{
		dir:   "conformance",
		tests: "archive conformance/checker config database/sql dev/local dev/local/localtest dev/simulate github.com/lib/pq jobs sql/store sql/store/storetest",
	},
	{dir: "."},
}

// testTools may be imported by every test file, and by no other.
const testTools = "github.com/ProtonMail/go-crypto github.com/alicebob/miniredis/v2 github.com/cockroachdb/apd/v3 github.com/google/go-cmp " +
	"github.com/pdfcpu/pdfcpu github.com/rogpeppe/go-internal pgregory.net/rapid"

// sole names what only certain packages may have under others: a second key to the doors that matter most.
var sole = map[string]string{
	"database/sql":                     "sql/store sql/store/storetest",
	"database/sql/driver":              "sql/store",
	"github.com/jmoiron/sqlx":          "sql/store",
	"github.com/lib/pq":                "sql/store sql/store/storetest",
	"github.com/pressly/goose/v3":      "sql/store",
	"github.com/hibiken/asynq":         "jobs web/console cmd/wattdue",
	"github.com/redis/go-redis/v9":     "jobs web/console cmd/wattdue",
	"github.com/robfig/cron/v3":        "jobs",
	"github.com/johnfercher/maroto/v2": "pdf",
}

// impure are packages of the standard library through which a pure package would reach the world. A trailing slash
// means everything below as well.
var impure = []string{
	"crypto/rand", "database/", "expvar", "io/fs", "io/ioutil", "log/", "math/rand/", "net/", "os/", "path/filepath", "plugin", "runtime/",
	"syscall", "testing/", "unsafe",
}

// blank are the packages that may be imported for their effect alone.
var blank = []string{"crypto/sha512", "embed", "github.com/lib/pq", "time/tzdata"}

// clock are the names in package time that read the machine's clock or its files.
var clock = []string{"After", "AfterFunc", "LoadLocation", "Local", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}

// fractions are the methods of time.Duration that answer in binary fractions.
var fractions = []string{"Seconds", "Minutes", "Hours"}

// binaryFloats says which pure packages may calculate in binary fractions: millimetres on paper are not money.
var binaryFloats = []string{"pdf"}

func TestWalls(t *testing.T) {
	c := newChecker(rooms)
	for _, s := range goFiles(t) {
		c.file(s)
	}
	for _, p := range c.problems {
		t.Error(p)
	}
	for _, dir := range slices.Sorted(maps.Keys(c.rooms)) {
		if !c.seen[dir] {
			t.Errorf("the table has a row for %s, but there is no such package; delete the row", dir)
		}
	}
}

// TestTable holds the table itself to the order of the house: pure packages stand on pure ones, and the doors in sole
// open for nobody else.
func TestTable(t *testing.T) {
	c := newChecker(rooms)
	if len(c.rooms) != len(rooms) {
		t.Errorf("%d rows name %d packages; a package has one row", len(rooms), len(c.rooms))
	}
	for _, r := range rooms {
		for _, used := range strings.Fields(r.uses) {
			below, known := c.rooms[used]
			if !known {
				t.Errorf("%s uses %s, which has no row", r.dir, used)
			}
			if r.pure && !below.pure {
				t.Errorf("%s is pure and must not stand on %s", r.dir, used)
			}
		}
		for _, other := range strings.Fields(r.others) {
			if doors, guarded := sole[other]; guarded && !listed(doors, r.dir) {
				t.Errorf("%s must not import %s; only %s may", r.dir, other, doors)
			}
		}
	}
	for door := range sole {
		if listed(testTools, door) {
			t.Errorf("%s is no test tool", door)
		}
	}
}

// TestChecker plants one breach at a time and expects it to be told, with file and line.
func TestChecker(t *testing.T) {
	table := []room{
		{dir: "money", pure: true},
		{dir: "cdr", pure: true, uses: "money"},
		{dir: "pdf", pure: true},
		{dir: "sql/store", uses: "cdr", others: "database/sql example.org/driver/v2", tests: "dev/local"},
		{dir: "dev/local"},
	}
	tests := []struct {
		name, path, text, want string // want "" means that nothing is wrong
	}{
		{"an allowed package", "cdr/a.go", `package cdr; import "wattdue/money"`, ""},
		{"an arrow going up", "money/a.go", `package money; import "wattdue/cdr"`, "money/a.go:1:23: money must not import wattdue/cdr"},
		{"a package below the allowed one", "cdr/a.go", `package cdr; import "wattdue/money/coins"`, "must not import wattdue/money/coins"},
		{"a package without a row", "roaming/a.go", `package roaming`, "package roaming has no row"},
		{"a test in a package without a row", "roaming/a_test.go", `package roaming`, "package roaming has no row"},
		{"the disk in a pure package", "cdr/a.go", `package cdr; import "os"`, "cdr must not import os"},
		{"a program in a pure package", "cdr/a.go", `package cdr; import "os/exec"`, "cdr must not import os/exec"},
		{"the network in a pure package", "cdr/a.go", `package cdr; import "net/http"`, "cdr must not import net/http"},
		{"a log in a pure package", "cdr/a.go", `package cdr; import "log/slog"`, "cdr must not import log/slog"},
		{"chance in a pure package", "cdr/a.go", `package cdr; import "math/rand/v2"`, "cdr must not import math/rand/v2"},
		{"strong chance in a pure package", "cdr/a.go", `package cdr; import "crypto/rand"`, "cdr must not import crypto/rand"},
		{"arithmetic in a pure package", "cdr/a.go", `package cdr; import "math/bits"`, ""},
		{"the database in a pure package", "cdr/a.go", `package cdr; import "database/sql"`, "cdr must not import database/sql"},
		{"the database at the edge", "dev/local/a.go", `package local; import "database/sql"`, "dev/local must not import database/sql"},
		{"the database in its room", "sql/store/a.go", `package store; import "database/sql"`, ""},
		{"a driver's interface outside", "dev/local/a.go", `package local; import "database/sql/driver"`, "must not import database/sql/driver"},
		{"a module in its room", "sql/store/a.go", `package store; import "example.org/driver/v2/copy"`, ""},
		{"another version of it", "sql/store/a.go", `package store; import "example.org/driver"`, "must not import example.org/driver"},
		{"a module like it", "sql/store/a.go", `package store; import "example.org/driver/v20"`, "must not import example.org/driver/v20"},
		{"C", "dev/local/a.go", `package local; import "C"`, "must not import C"},
		{"a test tool in the product", "cdr/a.go", `package cdr; import "pgregory.net/rapid"`, "must not import pgregory.net/rapid"},
		{"a test tool in a test", "cdr/a_test.go", `package cdr; import "pgregory.net/rapid"`, ""},
		{"a pure package in a test", "money/a_test.go", `package money_test; import "wattdue/cdr"`, ""},
		{"the package itself in a test", "dev/local/a_test.go", `package local_test; import "wattdue/dev/local"`, ""},
		{"the disk in a pure package's test", "cdr/a_test.go", `package cdr; import "os"`, ""},
		{"the network in a pure package's test", "cdr/a_test.go", `package cdr; import "net"`, "cdr must not import net"},
		{"a service in a pure package's test", "cdr/a_test.go", `package cdr; import "wattdue/dev/local"`, "must not import wattdue/dev/local"},
		{"a service where the row says so", "sql/store/a_test.go", `package store; import "wattdue/dev/local"`, ""},
		{"a service outside its tests", "sql/store/a.go", `package store; import "wattdue/dev/local"`, "must not import wattdue/dev/local"},
		{"a blank import", "dev/local/a.go", `package local; import _ "image/png"`, "blank import of image/png"},
		{"a dot import", "dev/local/a.go", `package local; import . "strings"`, "dot import of strings"},
		{"an init", "dev/local/a.go", "package local\n\nfunc init() {}", "dev/local/a.go:3:1: func init"},
		{"a method called init", "dev/local/a.go", `package local; type t int; func (t) init() {}`, ""},
		{"the clock", "cdr/a.go", "package cdr\nimport \"time\"\nvar t = time.Now()", "cdr/a.go:3:9: time.Now in pure package cdr"},
		{"the clock as a value", "cdr/a.go", `package cdr; import "time"; var now = time.Now`, "time.Now in pure package cdr"},
		{"the clock in disguise", "cdr/a.go", `package cdr; import "time"; var d = time.Since(time.Time{})`, "time.Since in pure package"},
		{"the machine's zone", "cdr/a.go", `package cdr; import "time"; var z = time.Local`, "time.Local in pure package"},
		{"the clock at the edge", "dev/local/a.go", `package local; import "time"; var t = time.Now()`, ""},
		{"the clock in a test", "cdr/a_test.go", `package cdr; import "time"; var t = time.Now()`, ""},
		{"a float", "cdr/a.go", "package cdr\n\ntype kWh float64", "cdr/a.go:3:10: float64 in pure package cdr"},
		{"a small float", "cdr/a.go", `package cdr; var x = float32(1)`, "float32 in pure package cdr"},
		{"a float without its name", "cdr/a.go", `package cdr; var x = 0.1`, "binary fraction 0.1 in pure package cdr"},
		{"a float from a duration", "cdr/a.go", `package cdr; import "time"; var h = time.Minute.Hours()`, "Hours() in pure package cdr"},
		{"a float from digits", "cdr/a.go", `package cdr; import "strconv"; var p = strconv.ParseFloat`, "strconv.ParseFloat in pure package"},
		{"a float by arithmetic", "cdr/a.go", `package cdr; import "math"; var p = math.Round(1)`, "math.Round in pure package"},
		{"the largest number", "cdr/a.go", `package cdr; import "math"; var p int64 = math.MaxInt64`, ""},
		{"a big float", "cdr/a.go", `package cdr; import "math/big"; var p big.Float`, "big.Float in pure package"},
		{"millimetres on paper", "pdf/a.go", `package pdf; var mm float64 = 0.5`, ""},
		{"broken source", "cdr/a.go", `package`, "cannot be parsed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newChecker(table)
			c.file(source{tt.path, tt.text})
			got := strings.Join(c.problems, "\n")
			if tt.want == "" && got != "" || tt.want != "" && !strings.Contains(got, tt.want) {
				t.Errorf("source %q\n got %q\nwant %q", tt.text, got, tt.want)
			}
		})
	}
}
