package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// setting is one leaf of Config.
type setting struct {
	path string // sepa.lead_days
	typ  reflect.Type
}

// env is the name of the setting in the environment.
func (s setting) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.path, ".", "_"))
}

// settings lists every leaf in the order of the struct, which is that of the example file.
func settings() []setting { return leaves("", reflect.TypeFor[Config]()) }

func leaves(prefix string, t reflect.Type) []setting {
	var out []setting
	for f := range fields(t) {
		path := prefix + f.Tag.Get("koanf")
		if f.Type.Kind() == reflect.Struct {
			out = append(out, leaves(path+".", f.Type)...)
			continue
		}
		out = append(out, setting{path, f.Type})
	}
	return out
}

// fields yields the fields that are settings.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("koanf") != "" && !yield(f) {
				return
			}
		}
	}
}

// known finds a leaf by its path.
func known(path string) (setting, bool) {
	all := settings()
	i := slices.IndexFunc(all, func(s setting) bool { return s.path == path })
	if i < 0 {
		return setting{}, false
	}
	return all[i], true
}

// section reports whether settings exist below the path.
func section(path string) bool {
	return slices.ContainsFunc(settings(), func(s setting) bool { return strings.HasPrefix(s.path, path+".") })
}

// parse reads a value given as text in the environment or on the command line.
func (s setting) parse(text string) (any, error) {
	if s.typ.Kind() == reflect.String {
		return text, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) != 1 {
		return nil, fmt.Errorf("want %s, not %q", want(s.typ), text)
	}
	v, err := decode(s.typ, doc.Content[0])
	var at *atLine
	if errors.As(err, &at) {
		return nil, at.err
	}
	return v, err
}

// atLine is an error inside a list, at a line of its own.
type atLine struct {
	line int
	err  error
}

func (e *atLine) Error() string { return e.err.Error() }

// decode reads a value of the given type. Numbers are taken from their text; none passes through floating point.
func decode(t reflect.Type, n *yaml.Node) (any, error) {
	v := reflect.New(t)
	if t.Kind() == reflect.Slice {
		return decodeList(t, n)
	}
	if n.Kind != yaml.ScalarNode {
		return nil, fmt.Errorf("want %s", want(t))
	}
	if u, ok := v.Interface().(encoding.TextUnmarshaler); ok {
		err := u.UnmarshalText([]byte(n.Value))
		return v.Elem().Interface(), err
	}
	switch {
	case t.Kind() == reflect.String:
		v.Elem().SetString(n.Value)
		return v.Elem().Interface(), nil
	case t == reflect.TypeFor[time.Duration]():
		d, err := time.ParseDuration(n.Value)
		if err != nil {
			return nil, fmt.Errorf("want %s, not %q", want(t), n.Value)
		}
		return d, nil
	case t.Kind() == reflect.Int && n.Tag != "!!int", n.Decode(v.Interface()) != nil:
		return nil, fmt.Errorf("want %s, not %q", want(t), n.Value)
	}
	return v.Elem().Interface(), nil
}

// decodeList reads a list of structs whose fields are texts, and refuses unknown ones.
func decodeList(t reflect.Type, n *yaml.Node) (any, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("want %s", want(t))
	}
	list := reflect.MakeSlice(t, 0, len(n.Content))
	for _, item := range n.Content {
		if item.Kind != yaml.MappingNode {
			return nil, &atLine{item.Line, fmt.Errorf("want name: value pairs")}
		}
		v := reflect.New(t.Elem()).Elem()
		seen := map[string]bool{}
		for i := 0; i+1 < len(item.Content); i += 2 {
			key, value := item.Content[i], item.Content[i+1]
			if err := setField(v, key.Value, value, seen); err != nil {
				return nil, &atLine{key.Line, err}
			}
		}
		list = reflect.Append(list, v)
	}
	return list.Interface(), nil
}

func setField(v reflect.Value, name string, value *yaml.Node, seen map[string]bool) error {
	if seen[name] {
		return fmt.Errorf("%s is given twice", name)
	}
	seen[name] = true
	var names []string
	for f := range fields(v.Type()) {
		tag := f.Tag.Get("koanf")
		names = append(names, tag)
		if tag != name {
			continue
		}
		decoded, err := decode(f.Type, value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		v.FieldByIndex(f.Index).Set(reflect.ValueOf(decoded))
		return nil
	}
	return fmt.Errorf("no setting %q here%s", name, suggestion(name, names))
}

// want names a type for people.
func want(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 90s or 2m"
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	}
	return "a text"
}
