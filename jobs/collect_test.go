package jobs_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/sql/store"
)

// payer is a customer who pays by direct debit.
type payer struct{ contract, party, email string }

// payers lists those who have something to pay, each with a contract.
func (h *house) payers(t *testing.T) []payer {
	t.Helper()
	rows, err := h.database.SQL(t, "wattdue_reader").Query(`select min(c.contract_no), p.party_no, p.email
from contract c join party p using (tenant_id, party_no)
where c.payment = 'direct_debit' and exists (select from rated r where r.contract_no = c.contract_no and r.total > 0)
group by p.party_no, p.email having count(*) = 1 order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []payer
	for rows.Next() {
		var p payer
		if err := rows.Scan(&p.contract, &p.party, &p.email); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// text is the answer to a query for one text.
func (h *house) text(t *testing.T, q string, args ...any) (s string) {
	t.Helper()
	if err := h.database.SQL(t, "wattdue_reader").QueryRow(q, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return s
}

// debit is the one debit of a contract: its state and the code it is held for.
func (h *house) debit(t *testing.T, p payer) string {
	t.Helper()
	return h.text(t, `select trim(state || ' ' || held_code) from debit where contract_no = $1`, p.contract)
}

// inBankFiles reports whether a debit of the contract was written to a bank file.
func (h *house) inBankFiles(t *testing.T, p payer) bool {
	t.Helper()
	id := h.text(t, `select end_to_end_id from debit where contract_no = $1`, p.contract)
	files, err := filepath.Glob(filepath.Join(h.Config.SEPA.ExportDir, "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("<EndToEndId>"+id+"</EndToEndId>")) {
			return true
		}
	}
	return false
}

// notes are the open notes of a stage and code, by what they are about.
func (h *house) notes(t *testing.T, stage, code string) map[string]store.QuarantineRow {
	t.Helper()
	rows, err := h.DB.QuarantineList(t.Context(), h.tenant.ID, "open")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]store.QuarantineRow{}
	for _, r := range rows {
		if r.Stage == stage && r.Code == code {
			found[r.Record] = r
		}
	}
	return found
}

// TestOnlyWhoWasToldAndStillAgreesIsDebited follows four customers from draft to bank file: one without an e-mail address,
// one who ends the mandate after the draft, and two whose notice does not arrive: one reaches the customer a day later, of
// the other a person decides that it is not collected. Agreed are 5 days: who is told on Tuesday the 3rd pays on Sunday the
// 8th, which the bank moves to Monday the 9th, so Wednesday the 4th is still early enough to be told.
func TestOnlyWhoWasToldAndStillAgreesIsDebited(t *testing.T) {
	h, r := newHouse(t, simulate.Options{Seed: 6, Customers: 16, Sessions: 120, Faults: -1}), newRelay(t)
	h.Config.Mail.Transport, h.Config.Mail.Host, h.Config.Mail.Port, h.Config.Mail.TLS = "smtp", "127.0.0.1", r.port(), "none"
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	all := h.payers(t)
	if len(all) < 5 {
		t.Fatalf("%d customers pay by direct debit, want 5", len(all))
	}
	mute, revoked, late, waived, others := all[0], all[1], all[2], all[3], all[4:]
	h.sql(t, `update party set email = '' where party_no = $1`, mute.party)
	r.obey(func(to string) string {
		if to == late.email || to == waived.email {
			return "550 5.1.1 no such user"
		}
		return ""
	})
	billing := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 0), "review")
	if notes := h.notes(t, "draft", "email-missing"); len(notes) != 1 || notes["contract "+mute.contract].ID == "" {
		t.Errorf("the notes of the draft stage are %v, want one about contract %s", notes, mute.contract)
	}
	h.approve(t, billing)
	h.wait(t, billing, "closed")
	if n := h.text(t, `select count(*) from document where contract_no = $1`, mute.contract); n != "0" {
		t.Error("a customer who cannot be told of the debit was billed")
	}
	if n := h.text(t, `select count(*) from charge_state where contract_no = $1 and state <> 'accrued'`, mute.contract); n != "0" {
		t.Errorf("%s charges of the customer without address do not wait", n)
	}

	h.sql(t, `update mandate set ended_on = '2026-11-03' where contract_no = $1`, revoked.contract)
	h.wait(t, h.open(t, "collect", "2026-11-04", collectAsOf, 0), "closed")
	if got := h.debit(t, revoked); got != "held mandate-revoked" || h.inBankFiles(t, revoked) {
		t.Errorf("the debit without mandate is %q, in a file: %v", got, h.inBankFiles(t, revoked))
	}
	for _, p := range []payer{late, waived} {
		if got := h.debit(t, p); got != "planned" || h.inBankFiles(t, p) {
			t.Errorf("the debit nobody was told of is %q, in a file: %v", got, h.inBankFiles(t, p))
		}
	}
	for _, p := range others {
		if got := h.debit(t, p); got != "sealed" || !h.inBankFiles(t, p) {
			t.Errorf("an ordinary debit is %q, in a file: %v", got, h.inBankFiles(t, p))
		}
	}
	notes := h.notes(t, "seal", "date-notice")
	debitOf := func(p payer) string {
		return "debit " + h.text(t, `select end_to_end_id from debit where contract_no = $1`, p.contract)
	}
	if len(notes) != 2 || notes[debitOf(late)].ID == "" || notes[debitOf(waived)].ID == "" {
		t.Fatalf("the notes of the seal stage are %v, want those of two debits", notes)
	}
	h.wait(t, h.open(t, "collect", "2026-11-05", collectAsOf.Add(time.Hour), 0), "closed")
	if n := h.number(t, `select count(*) from quarantine where code = 'date-notice'`); n != 2 {
		t.Errorf("%d notes after a second look, want the same 2", n)
	}

	by := jobs.Decision{Actor: "ann", Reason: "called the customer"}
	if err := h.Drop(t.Context(), h.tenant, []store.QuarantineRow{notes[debitOf(waived)]}, by); err != nil {
		t.Fatal(err)
	}
	r.obey(func(string) string { return "" })
	var numbers []string
	for _, p := range []payer{late, waived} {
		numbers = append(numbers, h.text(t, `select number from document where contract_no = $1`, p.contract))
	}
	if err := h.ResendMails(t.Context(), h.tenant, numbers, by); err != nil {
		t.Fatal(err)
	}
	h.wait(t, h.open(t, "mail", "2026-11-04", collectAsOf.Add(2*time.Hour), 0), "closed")
	h.wait(t, h.open(t, "collect", "2026-11-06", collectAsOf.AddDate(0, 0, 2), 0), "closed")
	if got := h.debit(t, late); got != "sealed" || !h.inBankFiles(t, late) {
		t.Errorf("the debit announced later is %q, in a file: %v", got, h.inBankFiles(t, late))
	}
	if got := h.debit(t, waived); got != "held date-notice" || h.inBankFiles(t, waived) {
		t.Errorf("the debit that a person gave up is %q, in a file: %v", got, h.inBankFiles(t, waived))
	}
}
