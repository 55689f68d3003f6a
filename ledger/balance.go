package ledger

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"wattdue/money"
)

// Position is one line of the trial balance: an account, its sub-account and a currency.
type Position struct {
	Account  Account
	Sub      string
	Currency money.Currency
}

// Balance is the sum of all legs on a position, debit positive, in minor units.
type Balance struct {
	Position
	Minor int64
}

// Balances returns the trial balance of the entries, ordered by account, sub-account and currency. Positions that came
// back to zero stay in it. It does not ask Check; Prove tells whether the whole is balanced.
func Balances(entries iter.Seq[Entry]) ([]Balance, error) {
	sums := make(map[Position]int64)
	for e := range entries {
		for _, l := range e.Legs {
			p := Position{l.Account, l.Sub, l.Currency}
			sum, err := money.Amount{Minor: sums[p], Currency: l.Currency}.Add(l.Amount())
			if err != nil {
				return nil, fmt.Errorf("balance of %s %s after entry %q: %w", p.Account, p.Sub, e.Reference, err)
			}
			sums[p] = sum.Minor
		}
	}
	balances := make([]Balance, 0, len(sums))
	for p, minor := range sums {
		balances = append(balances, Balance{p, minor})
	}
	slices.SortFunc(balances, func(a, b Balance) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Sub, b.Sub), cmp.Compare(a.Currency, b.Currency))
	})
	return balances, nil
}

// Control returns the total of an account over its sub-accounts in a currency.
func Control(balances []Balance, account Account, currency money.Currency) (money.Amount, error) {
	total := money.Amount{Currency: currency}
	for _, b := range balances {
		if b.Account != account || b.Currency != currency {
			continue
		}
		sum, err := total.Add(money.Amount{Minor: b.Minor, Currency: b.Currency})
		if err != nil {
			return money.Amount{}, fmt.Errorf("total of %s: %w", account, err)
		}
		total = sum
	}
	return total, nil
}

// Prove reports whether the trial balance is zero in every currency. The error wraps ErrUnbalanced.
func Prove(balances []Balance) error {
	legs := make([]Leg, len(balances))
	for i, b := range balances {
		legs[i] = Leg{b.Account, b.Sub, b.Minor, b.Currency}
	}
	return Entry{Reference: "trial balance", Legs: legs}.checkBalance()
}
