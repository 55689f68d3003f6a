package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/maps"
	"github.com/knadh/koanf/v2"
)

const envPrefix = "WATTDUE_"

// maxFile bounds the configuration file; a larger one is some other file given by mistake.
const maxFile = 1 << 20

// Source says where settings come from, later ones winning.
type Source struct {
	File    string            // YAML; empty means none
	Environ []string          // as os.Environ returns it
	Flags   map[string]string // setting name, such as sepa.lead_days, to value
}

// Load reads the sources over the defaults. It checks names and types; whether the values make sense, Validate says.
// The error, of type Problems, names everything that is wrong at once.
func Load(src Source) (Config, error) {
	l := loader{values: koanf.New("."), origin: map[string]string{}}
	l.file(src.File)
	l.environ(src.Environ)
	l.flags(src.Flags)
	if len(l.problems) > 0 {
		return Config{}, l.problems
	}
	c := Default()
	// Every value has its final type already, so nothing is converted here.
	if err := l.values.Unmarshal("", &c); err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c.origin = l.origin
	return c, nil
}

// loader collects values and everything that is wrong with them.
type loader struct {
	values   *koanf.Koanf
	origin   map[string]string
	problems Problems
}

func (l *loader) refuse(where, what, hint string) {
	l.problems = append(l.problems, Problem{Where: where, What: what, Hint: hint})
}

// layer is a koanf provider for values that are in memory.
type layer map[string]any

func (layer) ReadBytes() ([]byte, error)      { return nil, errors.New("not a file") }
func (v layer) Read() (map[string]any, error) { return maps.Unflatten(v, "."), nil }

// add lays values, by full name, over those that are there.
func (l *loader) add(values layer, origin map[string]string) {
	if err := l.values.Load(values, nil); err != nil {
		l.refuse("configuration", err.Error(), "report this as a defect")
	}
	for path, where := range origin {
		l.origin[path] = where
	}
}

func (l *loader) file(path string) {
	if path == "" {
		return
	}
	f, err := os.Open(path)
	if err != nil {
		l.refuse(path, "the configuration file cannot be read: "+reason(err), "check the path given by --config or WATTDUE_CONFIG")
		return
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		l.refuse(path, "the configuration file cannot be read: "+reason(err), "check the path given by --config or WATTDUE_CONFIG")
		return
	}
	if len(b) > maxFile {
		l.refuse(path, "the configuration file is larger than 1 MB", "check that it is the right file")
		return
	}
	values, lines, problems := parseFile(path, b)
	l.problems = append(l.problems, problems...)
	l.add(values, lines)
}

func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// notSettings are variables that begin like a setting and are read elsewhere.
func notSettings(name string) bool {
	return name == envPrefix+"CONFIG" || name == envPrefix+"DEV_IGNORE_SYSTEM" ||
		strings.HasPrefix(name, envPrefix+"TEST_") || strings.HasPrefix(name, envPrefix+"FAULT_")
}

func (l *loader) environ(environ []string) {
	values, origin := layer{}, map[string]string{}
	all := settings()
	byEnv := map[string]setting{}
	var names []string
	for _, s := range all {
		byEnv[s.env()] = s
		names = append(names, s.env())
	}
	// The customary names count less than our own; sorting would not promise that.
	for _, short := range []struct{ name, path string }{{"DATABASE_URL", "database_url"}, {"REDIS_URL", "redis_url"}} {
		if v := lookup(environ, short.name); v != "" {
			values[short.path], origin[short.path] = v, "environment "+short.name
		}
	}
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || notSettings(name) {
			continue
		}
		s, ok := byEnv[name]
		if !ok {
			l.refuse("environment "+name, "there is no such setting"+suggestion(name, names), "remove the variable or correct its name")
			continue
		}
		v, err := s.parse(text)
		if err != nil {
			l.refuse("environment "+name, hide(s.path, err), "correct the value")
			continue
		}
		values[s.path], origin[s.path] = v, "environment "+name
	}
	l.add(values, origin)
}

func lookup(environ []string, name string) string {
	value := ""
	for _, entry := range environ {
		if n, v, _ := strings.Cut(entry, "="); n == name {
			value = v // as in a shell, the last one counts
		}
	}
	return value
}

func (l *loader) flags(flags map[string]string) {
	values, origin := layer{}, map[string]string{}
	var names []string
	for _, s := range settings() {
		names = append(names, s.path)
	}
	paths := make([]string, 0, len(flags))
	for path := range flags {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		s, ok := known(path)
		if !ok {
			l.refuse("command line "+path, "there is no such setting"+suggestion(path, names), "correct the name")
			continue
		}
		v, err := s.parse(flags[path])
		if err != nil {
			l.refuse("command line "+path, hide(path, err), "correct the value")
			continue
		}
		values[path], origin[path] = v, "command line"
	}
	l.add(values, origin)
}

// hide keeps what was written into a list with password hashes out of error texts.
func hide(path string, err error) string {
	if path == "ops.users" {
		return "want a list of users, each with name, role and password_hash or password_file"
	}
	return err.Error()
}
