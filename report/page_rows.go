package report

import "strconv"

// vatRows is the VAT table with its total.
func vatRows(w words, d Documents) ([]row, row) {
	rows := make([]row, len(d.VAT))
	for i, v := range d.VAT {
		note := v.Rate.Percent() + " %"
		if v.Rate == 0 {
			note = "outside VAT"
		}
		rows[i] = row{Name: v.Country, Note: note, Cells: []string{w.bare(v.Net), w.bare(v.Tax), w.bare(v.Gross)}}
	}
	t := vatTotals(d.VAT)
	return rows, row{Cells: []string{w.plain(t.net), w.plain(t.tax), w.plain(t.gross)}}
}

// methodRows is the table of payment methods with its total.
func methodRows(w words, d Documents) ([]row, row) {
	rows := make([]row, len(d.ByMethod))
	var documents, gross []int64
	for i, m := range d.ByMethod {
		rows[i] = row{Name: methodWords(m.Method), Cells: []string{number(m.Documents), w.bare(m.Gross)}}
		documents, gross = append(documents, m.Documents), append(gross, m.Gross)
	}
	return rows, row{Cells: []string{w.count(sum(documents...)), w.plain(sum(gross...))}}
}

func mailRows(mails []StateSum) []row {
	rows := make([]row, len(mails))
	for i, m := range mails {
		name, note := mailWords(m.State)
		rows[i] = row{Name: name, Note: note, Cells: []string{number(m.N)}}
		if m.State == "failed" || m.State == "in_doubt" {
			rows[i].Class = "wait"
		}
	}
	return rows
}

func locationRows(w words, places []LocationSum) []row {
	rows := make([]row, len(places))
	for i, l := range places {
		rows[i] = row{Name: l.Name, Cells: []string{number(l.Sessions), kWh(l.Energy), w.bare(l.Gross)}}
	}
	return rows
}

func dayRows(w words, days []DaySum) []row {
	rows := make([]row, len(days))
	for i, d := range days {
		rows[i] = row{Name: d.Date.String(), Cells: []string{number(d.Sessions), kWhExact(d.Energy), w.bare(d.Gross)}}
	}
	return rows
}

func accountRows(w words, accounts []AccountSum) ([]row, row) {
	rows := make([]row, len(accounts))
	for i, a := range accounts {
		rows[i] = row{Name: a.Account, Note: accountWords(a.Account), Cells: []string{w.bare(a.Debit), w.bare(a.Credit), w.bare(a.Balance)}}
	}
	t := trialTotals(accounts)
	return rows, row{Cells: []string{w.plain(t.debit), w.plain(t.credit), w.plain(t.balance)}}
}

// bankRows is the table of bank files with its total.
func bankRows(w words, files []BankFile) ([]bankRow, row) {
	rows := make([]bankRow, len(files))
	for i, f := range files {
		rows[i] = bankRow{f.Name, longDate(f.CollectOn), number(f.Debits), w.bare(f.Sum), f.SHA256}
	}
	t := bankTotal(files)
	return rows, row{Name: plural(int64(len(files)), "file"), Cells: []string{w.count(t.debits), w.plain(t.sum)}}
}

// numbers is the span of document numbers.
func (d Documents) numbers() string {
	switch {
	case d.First == "" || d.First == d.Last:
		return d.First
	case d.Last == "":
		return "from " + d.First
	}
	return d.First + " to " + d.Last
}

// bankRest says how the bank files differ from what is to be paid by direct debit; nothing when they do not.
func (r Report) bankRest(w words) string {
	var due []int64
	for _, m := range r.Documents.ByMethod {
		if m.Method == "direct_debit" {
			due = append(due, m.Gross)
		}
	}
	all, filed := sum(due...), bankTotal(r.BankFiles).sum
	rest := difference(all.v, filed.v)
	if !all.fits || !filed.fits || !rest.fits || rest.v <= 0 {
		return ""
	}
	return "To be paid by direct debit: " + w.amount(all) + ". Not in these files: " + w.amount(rest) +
		", because debits are set aside or their notice is not sent yet."
}

type bankSum struct{ debits, sum total }

func bankTotal(files []BankFile) bankSum {
	var debits, sums []int64
	for _, f := range files {
		debits, sums = append(debits, f.Debits), append(sums, f.Sum)
	}
	return bankSum{sum(debits...), sum(sums...)}
}

// stageRows is the table of stages.
func stageRows(stages []StageTime) []row {
	rows := make([]row, len(stages))
	for i, s := range stages {
		rows[i] = row{Name: strconv.Itoa(i+1) + ". " + s.Name, Note: stageNotes(s.Name), Cells: []string{number(s.Records), took(s.Duration), perSecond(s)}}
	}
	return rows
}

// methodWords names a payment method.
func methodWords(method string) string {
	switch method {
	case "direct_debit":
		return "Direct debit"
	case "on_account":
		return "Bank transfer"
	}
	return method
}

// mailWords names the state of a mail and says what it asks for.
func mailWords(state string) (name, note string) {
	switch state {
	case "sent":
		return "Sent", "accepted by the mail server"
	case "new", "sending":
		return "Waiting", "not sent yet"
	case "retry":
		return "Trying again", "the mail server was busy"
	case "failed":
		return "Refused", "correct the address, then send again"
	case "in_doubt":
		return "In doubt", "may have arrived; never repeated without a person"
	}
	return state, ""
}

// accountWords explains a ledger account.
func accountWords(account string) string {
	switch account {
	case "debtors":
		return "what customers owe"
	case "revenue":
		return "net sales"
	case "fees":
		return "net fees of plans"
	case "penalties":
		return "blocking fees, outside VAT"
	case "vat":
		return "VAT to be paid"
	case "bank":
		return "money in the bank"
	case "transit":
		return "money on the way"
	case "memo:unbilled":
		return "charged, not billed yet (memo)"
	case "memo:clearing":
		return "counter-account (memo)"
	}
	return ""
}

// stageNotes says what a stage of a run does.
func stageNotes(stage string) string {
	switch stage {
	case "receive":
		return "take files from the inbox"
	case "import":
		return "read the records"
	case "age":
		return "decide what was held too long"
	case "verify":
		return "check the meters' signatures, find the payer"
	case "compare":
		return "hold the sessions of each meter against each other"
	case "rate":
		return "price every session"
	case "accrue":
		return "book as unbilled"
	case "draft":
		return "prepare the documents"
	case "approve":
		return "check against the limits"
	case "issue":
		return "number, freeze and book"
	case "render":
		return "print as PDF"
	case "deliver":
		return "send by mail"
	case "balance":
		return "prove that nothing is missing"
	case "seal":
		return "choose the debits of a bank file"
	case "export":
		return "write the bank files"
	}
	return ""
}
