// Package conformance holds the product against the world outside: published vectors, schemas and samples, and programs
// that are not ours. It has tests only.
//
// The published files are no part of this repository. They lie in the folder that the variable WATTDUE_CONFORMANCE names,
// by default ../shared beside it; without the folder the tests that need it skip. `make conformance` sets the variable
// and installs the programs, so that a missing one is a failure there; elsewhere its tests skip.
package conformance
