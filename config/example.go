package config

import _ "embed"

// Example is an annotated file with every setting at its default, for the manual.
//
//go:embed example.yaml
var Example []byte
