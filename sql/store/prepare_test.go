package store_test

import (
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// TestEveryQueryPrepares lets Postgres parse every query constant of this package against the migrated schema as role
// app, so that a misspelt column or a missing right fails here. Constants named q are queries, c are COPY statements, t
// create temporary tables.
func TestEveryQueryPrepares(t *testing.T) {
	db := storetest.New(t).SQL(t, store.RoleApp)
	queries := constants(t)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for name, q := range queries {
		if name[0] != 't' {
			continue
		}
		if _, err := tx.Exec(q); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	prepared := 0
	for name, q := range queries {
		if name[0] == 't' || name == "qGrantVersion" { // a grant is run by the owner and cannot be prepared
			continue
		}
		if _, err := tx.Exec("savepoint before"); err != nil {
			t.Fatal(err)
		}
		st, err := tx.Prepare(q)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, q)
			if _, err := tx.Exec("rollback to before"); err != nil {
				t.Fatal(err)
			}
			continue
		}
		_ = st.Close() //nolint:sqlclosecheck // at once: hundreds are prepared
		prepared++
	}
	if prepared < 80 {
		t.Errorf("only %d queries were found; are they still named q…?", prepared)
	}
}

// constants evaluates the string constants of the package whose names look like queries.
func constants(t *testing.T) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(fset, name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	// Only constants matter: imports need not resolve, so type errors are not fatal.
	conf := types.Config{Importer: importer.Default(), Error: func(error) {}}
	pkg, _ := conf.Check("store", fset, parsed, nil)
	found := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok || c.Val().Kind() != constant.String || len(name) < 2 || !strings.ContainsRune("qct", rune(name[0])) || name[1] < 'A' || name[1] > 'Z' {
			continue
		}
		found[name] = constant.StringVal(c.Val())
	}
	return found
}
