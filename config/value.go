package config

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// Clock is a time of day in minutes since midnight.
type Clock int

// UnmarshalText reads hh:mm.
func (c *Clock) UnmarshalText(b []byte) error {
	h, m, ok := strings.Cut(string(b), ":")
	hour, err1 := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	if !ok || err1 != nil || err2 != nil || len(m) != 2 || len(h) > 2 || hour > 23 || minute > 59 {
		return fmt.Errorf("want a time of day such as 14:00, not %q", b)
	}
	*c = Clock(hour*60 + minute)
	return nil
}

// String prints hh:mm.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Cents is a sum in hundredths of a currency unit.
type Cents int64

// UnmarshalText reads a sum with a decimal point and at most two decimals, such as 250000 or 99.95.
func (c *Cents) UnmarshalText(b []byte) error {
	refuse := fmt.Errorf("want a sum such as 250000.00, not %q", b)
	units, decimals, point := strings.Cut(string(b), ".")
	if point && (len(decimals) == 0 || len(decimals) > 2) {
		return refuse
	}
	u, err1 := strconv.ParseUint(units, 10, 63)
	d, err2 := strconv.ParseUint((decimals + "00")[:2], 10, 7)
	if err1 != nil || err2 != nil || u > math.MaxInt64/100-1 {
		return refuse
	}
	*c = Cents(u*100 + d)
	return nil
}

// String prints the sum with two decimals.
func (c Cents) String() string { return fmt.Sprintf("%d.%02d", int64(c)/100, int64(c)%100) }

// ReadSecret returns the content of a file that holds a password or key, without the line end.
func ReadSecret(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	s := strings.TrimRight(string(b), "\r\n")
	if s == "" {
		return "", fmt.Errorf("secret file %s is empty", path)
	}
	return s, nil
}
