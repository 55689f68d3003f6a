package config

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"reflect"
	"strings"
)

// Shown is one effective setting as it may be printed.
type Shown struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"` // default, file:line, environment NAME or command line
}

// Redacted lists every setting with its value and origin, in the order of the example file, without secrets: the
// password in an address is replaced, users appear with name and role only.
func (c Config) Redacted() []Shown {
	var out []Shown
	for _, s := range settings() {
		origin := c.origin[s.path]
		if origin == "" {
			origin = "default"
		}
		out = append(out, Shown{s.path, redact(s.path, c.value(s.path)), origin})
	}
	return out
}

// Hash identifies the effective settings, for the row of a run. Where a setting comes from does not count, nor do
// secrets. It is SHA-256 over each name and value, each preceded by its length as a 32-bit big-endian number.
func (c Config) Hash() string {
	h := sha256.New()
	write := func(s string) {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(s))))
		h.Write([]byte(s))
	}
	for _, s := range c.Redacted() {
		write(s.Name)
		write(s.Value)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// value finds the field of a setting.
func (c Config) value(path string) any {
	v := reflect.ValueOf(c)
	for name := range strings.SplitSeq(path, ".") {
		for f := range fields(v.Type()) {
			if f.Tag.Get("koanf") == name {
				v = v.FieldByIndex(f.Index)
				break
			}
		}
	}
	return v.Interface()
}

func redact(path string, value any) string {
	switch v := value.(type) {
	case []User:
		users := make([]string, len(v))
		for i, u := range v {
			users[i] = u.Name + " (" + u.Role + ")"
		}
		return strings.Join(users, ", ")
	case string:
		if strings.HasSuffix(path, "url") {
			return redactURL(v)
		}
		return v
	}
	return fmt.Sprint(value)
}

const hidden = "xxxxx"

// redactURL hides passwords, wherever an address may carry one. What is not an address is hidden as a whole.
func redactURL(s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" {
		return "(set, not shown)"
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), hidden)
	}
	q := u.Query()
	for key := range q {
		if k := strings.ToLower(key); strings.Contains(k, "pass") || strings.Contains(k, "secret") || strings.Contains(k, "key") || strings.Contains(k, "token") {
			q.Set(key, hidden)
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}
