package sepa

import (
	"cmp"
	"errors"
	"slices"
)

// seal sorts, groups, splits and numbers what passed the checks. A batch that cannot be written, because of its own
// settings such as a prefix that is too long, comes back as exclusions: nothing is lost silently.
func seal(ready []planned, profile Profile, run Run) ([]SealedBatch, []Exclusion) {
	sortPlanned(ready)
	var batches []SealedBatch
	var refused []Exclusion
	part := 0
	for len(ready) > 0 {
		n := nextPart(ready, profile)
		part++
		b, err := sealPart(ready[:n], profile, run, part)
		if err != nil {
			refused = append(refused, exclude(ready[:n], err)...)
		} else {
			batches = append(batches, b)
		}
		ready = ready[n:]
	}
	return batches, refused
}

// sortPlanned orders by collection date, creditor and end-to-end id, all bytewise.
func sortPlanned(ready []planned) {
	slices.SortFunc(ready, func(a, b planned) int {
		return cmp.Or(
			a.collectOn.Compare(b.collectOn),
			cmp.Compare(a.creditor.IBAN, b.creditor.IBAN),
			cmp.Compare(a.creditor.CreditorID, b.creditor.CreditorID),
			cmp.Compare(a.creditor.Name, b.creditor.Name),
			cmp.Compare(a.creditor.BIC, b.creditor.BIC),
			cmp.Compare(a.debit.EndToEndID, b.debit.EndToEndID),
		)
	})
}

// nextPart returns how many of the next debits make one file: same creditor and date, within both limits, at least
// one.
func nextPart(ready []planned, profile Profile) int {
	most := cmp.Or(profile.MaxTransactions, defaultMaxTransactions)
	room := cmp.Or(profile.MaxBytes, defaultMaxBytes) - headRoom
	var buf []byte
	for n := range ready {
		if ready[n].collectOn != ready[0].collectOn || ready[n].creditor != ready[0].creditor {
			return n
		}
		buf = appendDebit(buf[:0], &ready[n].debit)
		room -= len(buf)
		if n > 0 && (n >= most || room < 0) {
			return n
		}
	}
	return len(ready)
}

// headRoom is more than header and payment block can take: fixed text below 1,200 bytes and two names, two sums and
// ids at their longest.
const headRoom = 2_000

func sealPart(part []planned, profile Profile, run Run, number int) (SealedBatch, error) {
	id, err := MessageID(profile.Prefix, run.Today, run.Key, number)
	if err != nil {
		return SealedBatch{}, err
	}
	b := SealedBatch{
		MessageID: id,
		Created:   run.Created,
		Creditor:  part[0].creditor,
		Scheme:    Core,
		Sequence:  Recurrent,
		CollectOn: part[0].collectOn,
		Debits:    make([]Debit, len(part)),
		Count:     len(part),
	}
	for i := range part {
		b.Debits[i] = part[i].debit
		b.Sum += part[i].debit.Minor
	}
	return b, Check(b)
}

func exclude(part []planned, err error) []Exclusion {
	var faults CheckErrors
	var one *Fault
	if !errors.As(err, &faults) && errors.As(err, &one) {
		faults = CheckErrors{one}
	}
	all := make([]Exclusion, len(part))
	for i := range part {
		all[i] = Exclusion{part[i].invoice, part[i].attempt, faults}
	}
	return all
}
