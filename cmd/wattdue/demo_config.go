package main

import (
	"fmt"
	"io"
	"path/filepath"

	"wattdue/config"
	"wattdue/jobs"
)

// demoConfigName is the file in the demo's folder by which other commands find the demo.
const demoConfigName = "wattdue.yaml"

// writeDemoConfig writes the settings with which other commands work on a demo. Quoted as in Go, paths are read the same
// by YAML.
func writeDemoConfig(dir string, c config.Config) error {
	path, err := filepath.Abs(filepath.Join(dir, demoConfigName))
	if err != nil {
		return err
	}
	err = jobs.ReplaceFile(path, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, `# Other commands reach this demo with this file:
#   wattdue -c %s runs list
mode: dev
dev:
  dir: %q
  fsync: %t
archive:
  dir: %q
mail:
  transport: folder
  dir: %q
sepa:
  export_dir: %q
jobs:
  inbox_dir: %q
log:
  level: %s
`, path, c.Local.Dir, c.Local.Fsync, c.Archive.Dir, c.Mail.Dir, c.SEPA.ExportDir, c.Jobs.InboxDir, c.Log.Level)
		return err
	})
	if err != nil {
		return fmt.Errorf("the demo cannot write its configuration: %w; give another --out", err)
	}
	return nil
}
