package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"wattdue/meter"
	"wattdue/meter/evidence"
)

type verifyCmd struct {
	Files  verifyFilesCmd  `cmd:"" name:"files" default:"withargs" help:"Verify signed meter values in files and folders, without a database."`
	Export verifyExportCmd `cmd:"" help:"Write the signed values of a charge as a file for the official transparency software."`
}

type verifyFilesCmd struct {
	Paths   []string `arg:"" name:"file" help:"Files and folders: transparency XML, OCMF and other records, OCPI and OICP charge records, receipts; also inside zip, tar, gzip and PDF. - is standard input."`
	Key     string   `placeholder:"KEY" help:"Public key of the meter, which then counts as the registered one for all records: as text, or a file that holds it (FILE or @FILE)."`
	Profile string   `default:"reference" enum:"strict,reference,interop" help:"How strictly to judge: strict, reference or interop."`
	JSON    bool     `help:"Print as JSON: an array with one object per session."`
}

func (*verifyCmd) Help() string {
	return `FILE alone is short for: wattdue verify files FILE. Its flags are --key, --profile and --json; see: wattdue verify files --help

Example:
  wattdue verify session.xml
  wattdue verify october.zip receipts/ --json
  wattdue verify record.ocmf --key @meter.pem --profile strict
  wattdue verify export DE/ABC/CDR-17 > session.xml`
}

func (*verifyFilesCmd) Help() string {
	return `Looks for signed meter values in all files given, checks every signature and what is signed, and says in one word and in whole
sentences what each charging session is worth. Needs no database and no configuration. Whose session it was is not shown.

Profiles:
  strict     as for billing: only registered keys count, and nothing that is signed may be missing
  reference  as the official transparency software judges towards drivers: the key beside a record counts too
  interop    for tests between partners: also overlooks deviations of form

Exit status 0 when every session may be billed, 1 when one may not or none was found, 2 when called wrongly.

Example:
  wattdue verify session.xml
  wattdue verify october.zip receipts/ --json
  wattdue verify record.ocmf --key @meter.pem --profile strict`
}

func (x *verifyFilesCmd) Run(ctx context.Context, con *terminal) error {
	profile, ok := meter.ProfileNamed(x.Profile)
	if !ok {
		return usageError{fmt.Errorf("--profile %q is not known", x.Profile)}
	}
	ring, err := x.keyRing()
	if err != nil {
		return usageError{err}
	}
	for _, path := range x.Paths {
		if _, err := os.Stat(path); path != "-" && err != nil {
			return usageError{fmt.Errorf("cannot be read: %w", err)}
		}
	}
	var sink verdictSink = newVerdictTable(con.out, profile.Name)
	if x.JSON {
		sink = &verdictJSON{out: con.out, err: con.err}
	}
	j := &verdicts{checker: meter.Checker{Keys: meter.NewKeys()}, ring: ring, profile: profile}
	clean, err := j.all(ctx, evidence.Read(x.files(con)), sink)
	if err != nil {
		return err
	}
	if !clean {
		return errSilent
	}
	return nil
}

// keyRing is the key given, nil when none is.
func (x *verifyFilesCmd) keyRing() (meter.KeyRing, error) {
	if x.Key == "" {
		return nil, nil //nolint:nilnil // no key is an answer
	}
	text, name := x.Key, ""
	if file, marked := strings.CutPrefix(x.Key, "@"); marked {
		name = file
	} else if info, err := os.Stat(x.Key); err == nil && info.Mode().IsRegular() {
		name = x.Key
	}
	if name != "" {
		data, err := readLimited(name)
		if err != nil {
			return nil, fmt.Errorf("--key: %w", err)
		}
		if text = string(data); len(data) > 0 && data[0] == 0x30 && !isPrintable(data) {
			return meter.GivenKey(data), nil // DER
		}
	}
	key, err := meter.ReadGivenKey(text)
	if err != nil {
		return nil, errors.New("--key: neither a public key in hexadecimal, base64 or PEM nor a file that holds one")
	}
	return key, nil
}

func isPrintable(data []byte) bool {
	return !bytes.ContainsFunc(data, func(r rune) bool { return r < ' ' && r != '\r' && r != '\n' && r != '\t' })
}

// files reads the files one by one, folders in the order of their names.
func (x *verifyFilesCmd) files(con *terminal) iter.Seq2[evidence.File, error] {
	return func(yield func(evidence.File, error) bool) {
		for _, path := range x.Paths {
			if path == "-" {
				data, err := limited(con.in)
				if !yield(evidence.File{Name: "stdin", Data: data}, err) {
					return
				}
			} else if !filesBelow(path, yield) {
				return
			}
		}
	}
}

// filesBelow reads a file, or all files in a folder and the folders in it. False means that nobody listens any more.
func filesBelow(root string, yield func(evidence.File, error) bool) bool {
	if info, err := os.Stat(root); err == nil && info.IsDir() {
		root += string(filepath.Separator) // goes into a folder that is a link, too
	}
	listening := true
	// Every error is passed on with its file; the walk itself has none.
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return nil
		}
		var data []byte
		if err == nil {
			data, err = readLimited(path)
		}
		if listening = yield(evidence.File{Name: filepath.ToSlash(path), Data: data}, withoutPath(err)); !listening {
			return filepath.SkipAll
		}
		return nil
	})
	return listening
}

// withoutPath drops the name of the file from an error that is shown beside it.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("cannot be read: %w", p.Err)
	}
	return err
}

// readLimited reads a regular file that is not larger than any with signed values.
func readLimited(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("no file; name files and folders")
	}
	if info.Size() > evidence.MaxFile {
		return nil, errTooLarge
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return limited(f)
}

func limited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, evidence.MaxFile+1))
	if err == nil && len(data) > evidence.MaxFile {
		return nil, errTooLarge
	}
	return data, err
}

var errTooLarge = fmt.Errorf("larger than %d MiB; send it in several files", evidence.MaxFile>>20)

// verdictSink takes verdicts and problems, one by one, and the end of them.
type verdictSink interface {
	verdict(evidence.Session, meter.Verdict) error
	problem(*evidence.Problem) error
	end() error
}

// verdicts judges sessions.
type verdicts struct {
	checker meter.Checker
	ring    meter.KeyRing
	profile meter.Profile
	seen    map[string]string // where signed values were met first, by their digest
}

// all judges every session and passes it on. clean says that there is one, that all may be billed, and that every file
// could be read.
func (j *verdicts) all(ctx context.Context, sessions iter.Seq2[evidence.Session, error], sink verdictSink) (clean bool, err error) {
	found, good := 0, true
	for s, err := range sessions {
		var problem *evidence.Problem
		switch {
		case errors.As(err, &problem):
			good = good && problem.Harmless
			err = sink.problem(problem)
		case err == nil:
			v := j.judge(s)
			found, good = found+1, good && v.Billable()
			err = sink.verdict(s, v)
		}
		if err != nil {
			return false, unwritable(err)
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
	}
	if err := sink.end(); err != nil {
		return false, unwritable(err)
	}
	return good && found > 0, nil
}

// keyOfRecord is the remark on a key that nobody but the record vouches for.
var keyOfRecord = meter.Reason{
	Code: "key-of-record", Notice: true,
	Text: "the key came with the record: the values were not changed after they were signed with it, but that it is the key of the meter " +
		"only the register of the operator proves; give it with --key",
}

func (j *verdicts) judge(s evidence.Session) meter.Verdict {
	v := j.checker.Judge(s.Evidence, j.ring, j.profile)
	if v.KeySource == "record" && v.Signature == meter.SignatureValid {
		v.Reasons = append(v.Reasons, keyOfRecord)
	}
	if first := j.again(s, v); first != "" {
		v.Reasons = append(v.Reasons, meter.Reason{Code: seenBefore, Value: first, Text: "the same signed values were met before; they are one session", Notice: true})
	}
	return v
}

// seenBefore is the code of a session that is proven by the same signed values as one met earlier.
const seenBefore = "seen-before"

// again remembers what proves a session that may be billed and returns where it was met before; empty when it was not.
func (j *verdicts) again(s evidence.Session, v meter.Verdict) (first string) {
	if j.seen == nil {
		j.seen = map[string]string{}
	}
	for _, p := range v.Prints {
		if before, ok := j.seen[p.Digest]; ok {
			first = before
			continue
		}
		if v.Billable() {
			j.seen[p.Digest] = s.File
		}
	}
	return first
}
