//go:build !linux

package local

// namespaced exists on Linux only.
func namespaced() (identity, bool) { return identity{}, false }
