package wattdue_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file: its path from the root, with slashes, and its text, or nil to read it from disk.
type source struct {
	path string
	text any
}

// checker applies the table to files.
type checker struct {
	rooms    map[string]room
	seen     map[string]bool
	problems []string
}

func newChecker(table []room) *checker {
	c := &checker{rooms: map[string]room{}, seen: map[string]bool{}}
	for _, r := range table {
		c.rooms[r.dir] = r
	}
	return c
}

func (c *checker) refusef(where, format string, args ...any) {
	c.problems = append(c.problems, where+": "+fmt.Sprintf(format, args...))
}

// file checks the imports and, in pure packages, the names of one file.
func (c *checker) file(s source) {
	dir := path.Dir(s.path)
	c.seen[dir] = true
	r, known := c.rooms[dir]
	if !known {
		c.refusef(s.path, "package %s has no row in the table of imports_test.go; give it one", dir)
		return
	}
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, s.path, s.text, parser.SkipObjectResolution)
	if err != nil {
		c.refusef(s.path, "cannot be parsed: %v", err)
		return
	}
	test := strings.HasSuffix(s.path, "_test.go")
	for _, spec := range f.Imports {
		c.imported(set.Position(spec.Pos()).String(), r, test, spec)
	}
	if d := initFunc(f); d != nil {
		c.refusef(set.Position(d.Pos()).String(), "func init: order of work must be visible; call a function instead")
	}
	if r.pure && !test {
		c.names(set, r, f)
	}
}

func (c *checker) imported(where string, r room, test bool, spec *ast.ImportSpec) {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		c.refusef(where, "import cannot be read: %v", err)
		return
	}
	if spec.Name != nil && spec.Name.Name == "." {
		c.refusef(where, "dot import of %s hides where names come from", name)
	}
	if spec.Name != nil && spec.Name.Name == "_" && !slices.Contains(blank, name) {
		c.refusef(where, "blank import of %s; add it to the list of imports_test.go if it must be", name)
	}
	if !c.allowed(r, test, name) {
		c.refusef(where, "%s must not import %s", r.dir, name)
	}
}

// allowed reports whether a file of a room may import a package.
func (c *checker) allowed(r room, test bool, name string) bool {
	if ours, ok := strings.CutPrefix(name, "wattdue/"); ok {
		return ours == r.dir && test || listed(r.uses, ours) || test && (c.rooms[ours].pure || listed(r.tests, ours))
	}
	if listed(r.others, name) || test && (listed(r.tests, name) || listed(testTools, name)) {
		return true
	}
	if !standard(name) {
		return false
	}
	switch {
	case name == "C" || covers("database/", name):
		return false
	case r.pure && test:
		return !covers("net/http", name) && name != "net"
	case r.pure:
		return !slices.ContainsFunc(impure, func(p string) bool { return covers(p, name) })
	}
	return true
}

// names refuses the clock and binary fractions in the source of a pure package.
func (c *checker) names(set *token.FileSet, r room, f *ast.File) {
	floats := slices.Contains(binaryFloats, r.dir)
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		where := set.Position(n.Pos()).String()
		switch n := n.(type) {
		case *ast.Ident:
			if !floats && (n.Name == "float32" || n.Name == "float64") {
				c.refusef(where, "%s in pure package %s; use whole units or money.Exact", n.Name, r.dir)
			}
		case *ast.BasicLit:
			if !floats && (n.Kind == token.FLOAT || n.Kind == token.IMAG) {
				c.refusef(where, "binary fraction %s in pure package %s; use whole units or money.Exact", n.Value, r.dir)
			}
		case *ast.SelectorExpr:
			c.selected(where, r, n, floats)
		case *ast.CallExpr:
			// Without types a method is known by its name only; none of ours is called like these.
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && !floats && len(n.Args) == 0 && slices.Contains(fractions, s.Sel.Name) {
				c.refusef(where, "%s() in pure package %s gives a binary fraction; divide by time.Second and the like", s.Sel.Name, r.dir)
			}
		}
		return true
	})
}

func (c *checker) selected(where string, r room, n *ast.SelectorExpr, floats bool) {
	pkg, ok := n.X.(*ast.Ident)
	if !ok {
		return
	}
	switch {
	case pkg.Name == "time" && slices.Contains(clock, n.Sel.Name):
		c.refusef(where, "time.%s in pure package %s; time is an argument", n.Sel.Name, r.dir)
	case floats:
	case pkg.Name == "math" && !strings.HasPrefix(n.Sel.Name, "Max") && !strings.HasPrefix(n.Sel.Name, "Min"):
		c.refusef(where, "math.%s in pure package %s calculates in binary fractions; use whole units or money.Exact", n.Sel.Name, r.dir)
	case pkg.Name == "strconv" && n.Sel.Name == "ParseFloat", pkg.Name == "big" && strings.Contains(n.Sel.Name, "Float"):
		c.refusef(where, "%s.%s in pure package %s; parse exact digits", pkg.Name, n.Sel.Name, r.dir)
	}
}

func initFunc(f *ast.File) *ast.FuncDecl {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			return fn
		}
	}
	return nil
}

// listed reports whether a list separated by blanks holds the package or a module it belongs to.
func listed(list, name string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(have string) bool {
		if standard(have) || !strings.Contains(have, ".") {
			return have == name
		}
		return have == name || strings.HasPrefix(name, have+"/")
	})
}

// covers reports whether a pattern of the list of impure packages holds a package.
func covers(pattern, name string) bool {
	if below, ok := strings.CutSuffix(pattern, "/"); ok {
		return name == below || strings.HasPrefix(name, pattern)
	}
	return name == pattern
}

// standard reports whether a package belongs to Go itself: the first part of its path has no dot.
func standard(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".")
}

// notOurs are folders of the root without source.
var notOurs = []string{"bin", "demo-out", "docs", "var"}

// goFiles lists every Go file of the repository but what is not part of the product.
func goFiles(t *testing.T) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		p = filepath.ToSlash(p)
		if d.IsDir() {
			hidden := p != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_"))
			if hidden || d.Name() == "testdata" || slices.Contains(notOurs, p) {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(p, ".go") {
			files = append(files, source{path: p})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
