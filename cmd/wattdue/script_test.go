package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"

	"wattdue/dev/local"
)

var update = flag.Bool("update", false, "rewrite expected files in the scripts")

// TestMain lets scripts call this test binary as the command.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"wattdue": main})
}

// TestScripts plays the stories of testdata/script: one file each, with arguments, files and expected output on one page.
func TestScripts(t *testing.T) {
	// The servers of the stories run as another user when root runs the tests, who must be able to pass.
	root, err := os.MkdirTemp("", "wd") //nolint:usetesting // nobody else can pass through a folder of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	testscript.Run(t, testscript.Params{
		Dir:         "testdata/script",
		WorkdirRoot: root,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"servers": startServers, "gz": compress, "bomb": inflate, "keep": keep, "member": member,
		},
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// startServers runs private servers in a folder until the story ends, so that its commands need not start them one by
// one: servers DIR.
func startServers(ts *testscript.TestScript, _ bool, args []string) {
	wantArgs(ts, args, "servers DIR", 1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := local.Start(ctx, local.Options{Dir: ts.MkAbs(args[0]), Ephemeral: true})
	ts.Check(err)
	ts.Defer(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		ts.Check(s.Stop(ctx))
	})
}

// compress writes the gzip of a file: gz FROM TO.
func compress(ts *testscript.TestScript, _ bool, args []string) {
	wantArgs(ts, args, "gz FROM TO", 2)
	writeGzip(ts, args[1], strings.NewReader(ts.ReadFile(args[0])))
}

// inflate writes the gzip of an array that holds nothing but blanks: bomb TO.
func inflate(ts *testscript.TestScript, _ bool, args []string) {
	wantArgs(ts, args, "bomb TO", 1)
	writeGzip(ts, args[0], io.MultiReader(strings.NewReader("["), bytes.NewReader(bytes.Repeat([]byte(" "), 16<<20))))
}

func writeGzip(ts *testscript.TestScript, name string, from io.Reader) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.Copy(z, from)
	ts.Check(err)
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(name), b.Bytes(), 0o600))
}

// keep stores what a pattern's first group matches in the last standard output: keep NAME PATTERN.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	wantArgs(ts, args, "keep NAME PATTERN", 2)
	m := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) < 2 {
		ts.Fatalf("no match for %s in:\n%s", args[1], ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], m[1])
}

// member writes a member of a JSON file to another file, a text without its quotes: member FILE PATH TO, the path with points.
func member(ts *testscript.TestScript, _ bool, args []string) {
	wantArgs(ts, args, "member FILE PATH TO", 3)
	text := []byte(ts.ReadFile(args[0]))
	for _, name := range strings.Split(args[1], ".") {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(text, &members); err != nil || members[name] == nil {
			ts.Fatalf("%s has no member %s (%v)", args[0], args[1], err)
		}
		text = members[name]
	}
	var plain string
	if json.Unmarshal(text, &plain) == nil {
		text = []byte(plain)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), text, 0o600))
}

func wantArgs(ts *testscript.TestScript, args []string, usage string, n int) {
	if len(args) != n {
		ts.Fatalf("usage: %s", usage)
	}
}

// TestEveryCommand asks every command for its help, which shows an example, and gives it a flag that does not exist.
func TestEveryCommand(t *testing.T) {
	var c cli
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	leaves := parser.Model.Leaves(true)
	if len(leaves) < 20 {
		t.Fatalf("only %d commands were found", len(leaves))
	}
	for _, leaf := range leaves {
		var words []string
		for n := leaf; n.Type == kong.CommandNode; n = n.Parent {
			words = append([]string{n.Name}, words...)
		}
		t.Run(strings.Join(words, "-"), func(t *testing.T) {
			var out, errOut bytes.Buffer
			if status := run(t.Context(), append(words, "--help"), nil, &out, &errOut); status != 0 || errOut.Len() > 0 {
				t.Errorf("help: status %d, standard error %q", status, errOut.String())
			}
			if help := out.String(); !strings.Contains(help, "Example:\n") || !strings.Contains(help, "wattdue "+words[0]) {
				t.Errorf("help shows no example:\n%s", help)
			}
			out.Reset()
			errOut.Reset()
			if status := run(t.Context(), append(words, "--nonsense"), nil, &out, &errOut); status != 2 || !strings.Contains(errOut.String(), "--nonsense") {
				t.Errorf("unknown flag: status %d, want 2; standard error %q", status, errOut.String())
			}
		})
	}
}

// TestSpoolKeepsOrderOnDisk fills a spool beyond what it keeps in memory.
func TestSpoolKeepsOrderOnDisk(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var s spool
	line := bytes.Repeat([]byte("x"), 100_000)
	for i := range 15 {
		line[0] = byte('a' + i)
		if err := s.add(line); err != nil {
			t.Fatal(err)
		}
	}
	if s.file == nil {
		t.Fatal("1.5 MB stayed in memory")
	}
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	if err := s.copyTo(out, ","); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	var firsts []byte
	for _, l := range strings.Split(b.String(), ",") {
		if len(l) != len(line) {
			t.Fatalf("a line has %d bytes, want %d", len(l), len(line))
		}
		firsts = append(firsts, l[0])
	}
	if string(firsts) != "abcdefghijklmno" {
		t.Errorf("lines begin with %s", firsts)
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "wattdue-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
