package conformance

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wattdue/conformance/checker"
)

// TestCentOnPaperIsFound plants one cent at a time in every kind of amount on the documents: the whole of two documents,
// one of each way of payment, and places at random in all others.
func TestCentOnPaperIsFound(t *testing.T) {
	s := readSources(t)
	r := rand.New(rand.NewPCG(2, 3))
	planted := 0
	whole := map[bool]bool{} // by direct debit
	for _, v := range s.read.Invoices {
		text := s.pages[v.File]
		all := places(text, pageAmount)
		if whole[v.Debit] {
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			all = all[:min(len(all), 6)]
		}
		whole[v.Debit] = true
		for _, p := range all {
			planted++
			if len(s.withPage(v.File, plant(t, text, p, cent(r))).Check()) == 0 {
				t.Errorf("%s: a cent is not found in: %s", v.File, line(text, p))
			}
		}
	}
	t.Logf("%d cents planted on paper", planted)
	if planted < 300 || len(whole) != 2 {
		t.Errorf("only %d cents were planted, ways of payment: %v", planted, whole)
	}
}

// TestCentMovedOnPaperIsFound moves a cent from one session to another with all their lines, so that every sum on the
// document still holds.
func TestCentMovedOnPaperIsFound(t *testing.T) {
	s := readSources(t)
	moved := 0
	for _, v := range s.read.Invoices {
		text := s.pages[v.File]
		var steps []place // amount of a session and that of its energy, for two sessions
		for _, p := range places(text, pageAmount) {
			row := line(text, p)
			if strings.Contains(row, " – ") && strings.HasSuffix(row, text[p.from:p.to]+" €") || strings.Contains(row, "€/kWh") {
				steps = append(steps, p)
			}
			if len(steps) == 4 {
				break
			}
		}
		if len(steps) < 4 || text[steps[0].from:steps[0].to] == "0,00" || text[steps[2].from:steps[2].to] == "0,00" {
			continue
		}
		for i, by := range slices.Backward([]int64{1, 1, -1, -1}) {
			text = plant(t, text, steps[i], by)
		}
		moved++
		if len(s.withPage(v.File, text).Check()) == 0 {
			t.Errorf("%s: a cent moved from one session to another is not found", v.File)
		}
	}
	if moved < 20 {
		t.Errorf("only on %d documents a cent could be moved", moved)
	}
}

// TestCentInTheBankFileIsFound plants a cent in every amount of the bank files, and in a debit together with both sums.
func TestCentInTheBankFileIsFound(t *testing.T) {
	s := readSources(t)
	r := rand.New(rand.NewPCG(4, 5))
	for file, text := range s.bank {
		all := places(text, bankAmount)
		for i, p := range all {
			by := cent(r)
			if len(s.withBank(file, plant(t, text, p, by)).Check()) == 0 {
				t.Errorf("%s: a cent is not found in amount %d", file, i+1)
			}
			if i < 2 {
				continue // the sums of header and block
			}
			changed := plant(t, text, p, by)
			for _, sum := range slices.Backward(all[:2]) {
				changed = plant(t, changed, sum, by)
			}
			if len(s.withBank(file, changed).Check()) == 0 {
				t.Errorf("%s: a cent is not found in debit %d with its sums", file, i-1)
			}
		}
		t.Logf("%s: %d amounts", file, len(all))
	}
}

// TestMissingDebitIsFound takes debits out of the bank files, with count and sums corrected.
func TestMissingDebitIsFound(t *testing.T) {
	s := readSources(t)
	for i, b := range s.read.Bank {
		for j := range b.Blocks[0].Debits {
			m := s.read
			m.Bank = slices.Clone(m.Bank)
			m.Bank[i].Blocks = slices.Clone(b.Blocks)
			block := &m.Bank[i].Blocks[0]
			block.Debits = slices.Delete(slices.Clone(block.Debits), j, j+1)
			var sum int64
			for _, d := range block.Debits {
				n, err := strconv.ParseInt(strings.Replace(d.Amount.Value, ".", "", 1), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				sum += n
			}
			block.Count, block.Sum = strconv.Itoa(len(block.Debits)), checker.Cents(sum).String()
			m.Bank[i].Count, m.Bank[i].Sum = block.Count, block.Sum
			if found := m.Check(); len(found) != 1 {
				t.Errorf("without debit %d: %v, want the one that is missing", j+1, found)
			}
		}
	}
}

// TestCentInTheJournalIsFound plants a cent in every leg of every document, and in some accruals: once alone and once with another leg of its entry
// taking it back, so that the entry still balances.
func TestCentInTheJournalIsFound(t *testing.T) {
	s := readSources(t)
	r := rand.New(rand.NewPCG(6, 7))
	all := places(s.journal, journalAmount)
	legs := 0
	for _, e := range s.read.Journal.Entries {
		legs += len(e.Legs)
	}
	if len(all) != legs {
		t.Fatalf("%d amounts, %d legs", len(all), legs)
	}
	at := 0
	for _, e := range s.read.Journal.Entries {
		its := all[at : at+len(e.Legs)]
		at += len(e.Legs)
		if e.Kind == "accrual" && r.IntN(10) > 0 {
			continue // all alike: one in ten
		}
		for i, p := range its {
			by := cent(r)
			changed := plant(t, s.journal, p, by)
			if len(s.withJournal(changed).Check()) == 0 {
				t.Errorf("a cent is not found in: %s", line(s.journal, p))
			}
			other := its[(i+1+r.IntN(len(its)-1))%len(its)]
			first, second := p, other
			firstBy, secondBy := by, -by
			if first.from < second.from {
				first, second, firstBy, secondBy = second, first, secondBy, firstBy
			}
			changed = plant(t, plant(t, s.journal, first, firstBy), second, secondBy)
			if len(s.withJournal(changed).Check()) == 0 {
				t.Errorf("a cent is not found that went from: %s, to: %s", line(s.journal, p), line(s.journal, other))
			}
		}
	}
	t.Logf("%d legs", len(all))
}

// TestHledgerFindsTheCent plants a cent in the books and lets hledger judge: out of balance its own check finds it, in
// balance the accounts differ from the documents.
func TestHledgerFindsTheCent(t *testing.T) {
	need(t, "hledger")
	s := readSources(t)
	all := places(s.journal, journalAmount)
	document := strings.Index(s.journal, " document ")
	at := slices.IndexFunc(all, func(p place) bool { return p.from > document })
	file := filepath.Join(t.TempDir(), "journal")
	tests := map[string]string{
		"one leg":  plant(t, s.journal, all[at], 1),
		"two legs": plant(t, plant(t, s.journal, all[at+1], -1), all[at], 1),
	}
	for name, text := range tests {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m := s.read
		balances, err := checker.HLedger(t.Context(), file)
		m.Balances = balances
		if found := m.Check(); err == nil && len(found) == 0 {
			t.Errorf("%s: hledger and the documents agree", name)
		} else if unbalanced := err != nil && strings.Contains(err.Error(), "balance"); unbalanced != (name == "one leg") {
			t.Errorf("%s: hledger says: %v", name, err)
		}
	}
}

// TestCentInTheTruthIsFound plants a cent in one of four amounts of truth.csv.
func TestCentInTheTruthIsFound(t *testing.T) {
	s := readSources(t)
	r := rand.New(rand.NewPCG(8, 9))
	all := places(s.truth, truthAmount)
	planted := 0
	for _, p := range all {
		if r.IntN(4) > 0 {
			continue
		}
		planted++
		if len(s.withTruth(t, plant(t, s.truth, p, cent(r))).Check()) == 0 {
			t.Errorf("a cent is not found in: %s", line(s.truth, p))
		}
	}
	t.Logf("%d cents planted in %d amounts", planted, len(all))
	if planted < 100 || len(all) < 3*len(s.read.Truth) {
		t.Errorf("%d amounts in %d rows", len(all), len(s.read.Truth))
	}
}

// TestWrongFateIsFound changes what must become of records: what is billed must not have been, what is not must have been.
func TestWrongFateIsFound(t *testing.T) {
	s := readSources(t)
	changed := map[string]int{}
	for i, row := range s.read.Truth {
		if changed[row.Expected] > 3 {
			continue
		}
		changed[row.Expected]++
		m := s.read
		m.Truth = slices.Clone(m.Truth)
		m.Truth[i].Expected = "held"
		if row.Expected != "billed" {
			m.Truth[i].Expected = "billed"
		} else {
			m.Truth[i].Parts, m.Truth[i].Amount = nil, 0
		}
		if len(m.Check()) == 0 {
			t.Errorf("%s is %s, not %s: not found", row.Record, row.Expected, m.Truth[i].Expected)
		}
	}
	if len(changed) != 6 {
		t.Errorf("fates in the truth: %v", slices.Sorted(maps.Keys(changed)))
	}
}
