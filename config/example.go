package config

import _ "embed"

// Example is an annotated file with every setting at its default, for `wattdue config example` and the manual.
//
//go:embed example.yaml
var Example []byte
