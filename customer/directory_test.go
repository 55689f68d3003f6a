package customer

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func directory(t *testing.T) *Directory {
	t.Helper()
	berlin := zone(t, "Europe/Berlin")
	contract := func(no, emaid, from, until string) Contract {
		return Contract{No: no, EMAID: emaid, ZoneLocation: berlin, From: day(t, from), Until: day(t, until)}
	}
	token := func(uid, contract, from, until string) Token {
		v := Token{UID: uid, ContractNo: contract, From: at(t, from)}
		if until != "" {
			v.Until = at(t, until)
		}
		return v
	}
	d, err := NewDirectory([]Contract{
		contract("V-1", "DE-WAT-C00000001-A", "2026-01-01", ""),
		contract("V-2", "DE-WAT-C00000002-B", "2026-01-01", "2026-06-01"), // ended
		contract("V-3", "DE-WAT-C00000002-B", "2026-06-01", ""),           // follows V-2 under the same contract id
		contract("V-4", "DE-WAT-C00000004-D", "2026-01-01", ""),
		contract("V-5", "DE-WAT-C00000004-D", "2026-03-01", ""), // the same id by mistake
		contract("V-6", "", "2026-01-01", "2026-02-01"),
	}, []Token{
		token("04aa01", "V-1", "2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z"),
		token("04AA02", "V-1", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"), // handed on from V-1 to V-4
		token("04AA02", "V-4", "2026-04-01T00:00:00Z", ""),
		token("04AA03", "V-1", "2026-01-01T00:00:00Z", ""), // two holders at once
		token("04AA03", "V-4", "2026-05-01T00:00:00Z", ""),
		token("04AA04", "V-1", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"), // overlapping rows of one holder
		token("04AA04", "V-1", "2026-02-01T00:00:00Z", ""),
		token("04AA06", "V-6", "2026-01-01T00:00:00Z", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestContractFor(t *testing.T) {
	d := directory(t)
	for _, tc := range []struct {
		name, uid, emaid, at string
		want                 string
		code                 Code
	}{
		{"token, any case", "04Aa01", "", "2026-05-01T12:00:00Z", "V-1", ""},
		{"the token comes before the contract id", "04AA01", "DE-WAT-C00000004-D", "2026-05-01T12:00:00Z", "V-1", ""},
		{"token at its last second", "04AA01", "", "2026-08-31T23:59:59Z", "V-1", ""},
		{"token at its end", "04AA01", "", "2026-09-01T00:00:00Z", "", TokenExpired},
		{"token before its start", "04AA01", "", "2025-12-31T23:59:59Z", "", TokenExpired},
		{"a withdrawn token is not saved by its contract id", "04AA01", "DE-WAT-C00000001-A", "2026-10-01T12:00:00Z", "", TokenExpired},
		{"token of the first holder", "04AA02", "", "2026-03-31T23:59:59Z", "V-1", ""},
		{"token of the second holder", "04AA02", "", "2026-04-01T00:00:00Z", "V-4", ""},
		{"token with two holders", "04AA03", "", "2026-05-01T00:00:00Z", "", Ambiguous},
		{"token with two holders, before the second", "04AA03", "", "2026-04-30T23:59:59Z", "V-1", ""},
		{"two rows of one holder are one hit", "04AA04", "", "2026-02-10T00:00:00Z", "V-1", ""},
		{"token of a contract that ended", "04AA06", "", "2026-02-01T12:00:00Z", "", ContractInactive},
		{"contract id, other separators", "unheard", "de*wat*c00000001*a", "2026-05-01T12:00:00Z", "V-1", ""},
		{"contract id of the earlier contract", "", "DE-WAT-C00000002-B", "2026-05-31T21:59:59Z", "V-2", ""},
		{"contract id of the later contract", "", "DE-WAT-C00000002-B", "2026-05-31T22:00:00Z", "V-3", ""},
		{"contract id before any contract", "", "DE-WAT-C00000002-B", "2025-06-01T12:00:00Z", "", ContractInactive},
		{"contract id of two contracts", "", "DE-WAT-C00000004-D", "2026-03-01T12:00:00Z", "", Ambiguous},
		{"contract id of two contracts, one not begun", "", "DE-WAT-C00000004-D", "2026-02-01T12:00:00Z", "V-4", ""},
		{"nothing known", "unheard", "DE-XTS-C00000009-Z", "2026-05-01T12:00:00Z", "", TokenUnknown},
		{"nothing given", "", "", "2026-05-01T12:00:00Z", "", TokenUnknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := d.ContractFor(tc.uid, tc.emaid, at(t, tc.at))
			if c.No != tc.want {
				t.Errorf("contract %q, want %q (error %v)", c.No, tc.want, err)
			}
			var r *Refusal
			if tc.code == "" {
				if err != nil {
					t.Errorf("error %v, want none", err)
				}
				return
			}
			if !errors.As(err, &r) || r.Code != tc.code {
				t.Errorf("error %v, want code %s", err, tc.code)
			}
			if tc.uid != "" && strings.Contains(err.Error(), tc.uid) {
				t.Errorf("error %q repeats the token", err)
			}
		})
	}
}

func TestDirectoryRefusesBrokenMasterData(t *testing.T) {
	ok := Contract{No: "V-1", ZoneLocation: time.UTC}
	for _, tc := range []struct {
		name      string
		contracts []Contract
		tokens    []Token
		want      string
	}{
		{"contract twice", []Contract{ok, ok}, nil, "contract V-1: given twice"},
		{"no zone", []Contract{{No: "V-2"}}, nil, "contract V-2: time zone"},
		{"token without contract", []Contract{ok}, []Token{{UID: "04AA", ContractNo: "V-9"}}, "token of contract V-9"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := NewDirectory(tc.contracts, tc.tokens)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}
