package masterdata

import (
	"time"

	"wattdue/customer"
)

// mostDays bounds how long an invoice may be open.
const (
	mostPaymentDays = 365
	mostNoticeDays  = 60
	mostPriceNotice = 366
)

func (p *parser) party(r *record) {
	p.file.Parties = append(p.file.Parties, customer.Party{
		No: r.checked("no", isRecordNumber, wantNumber), Company: r.truthOr("company"), Name: r.text("name"), Address: r.address("address"),
		Email: r.checkedOr("email", isEmail, wantEmail), VATID: r.textOr("vat_id"),
	})
}

func (p *parser) contract(r *record) {
	c := customer.Contract{
		No: r.checked("no", isRecordNumber, wantNumber), PartyNo: r.checked("party", isRecordNumber, "the number of a party"),
		EMAID: r.checked("emaid", isEMAID, wantEMAID), Groups: r.texts("groups"), TariffCode: r.checked("tariff", isRecordNumber, "the code of a tariff"),
		Payment: customer.PaymentMethod(r.checked("payment", isPayment, "direct_debit or on_account")),
		From:    r.date("valid_from"), Until: r.dateOr("valid_until"),
		PaymentDays: r.whole("payment_days", 0, mostPaymentDays), NoticeDays: r.wholeOr("notice_days", 0, mostNoticeDays),
		PriceNoticeDays: r.wholeOr("price_notice_days", 0, mostPriceNotice),
	}
	c.Zone, c.ZoneLocation = r.zoneOr("zone")
	if !c.Until.IsZero() && !c.From.IsZero() && !c.From.Before(c.Until) {
		r.p.fault(r.line, "valid_until", "must be after valid_from; it is the first day on which the contract is no longer valid")
	}
	p.plans(r, c.No)
	p.file.Contracts = append(p.file.Contracts, c)
}

func isPayment(s string) bool {
	return s == string(customer.DirectDebit) || s == string(customer.OnAccount)
}

// cardOrApp reads a token.
func (p *parser) cardOrApp(r *record) {
	t := customer.Token{UID: r.text("uid"), ContractNo: r.checked("contract", isRecordNumber, "the number of a contract")}
	t.From, t.Until = r.span(false)
	p.file.Tokens = append(p.file.Tokens, t)
}

// mandate reads a mandate. Only CORE mandates are collected (package sepa).
func (p *parser) mandate(r *record) {
	m := Mandate{Mandate: customer.Mandate{
		ContractNo: r.checked("contract", isRecordNumber, "the number of a contract"),
		Scheme:     r.checkedOr("scheme", func(s string) bool { return s == "CORE" }, "CORE; mandates of another scheme cannot be collected"),
		SignedOn:   r.date("signed_on"), DebtorName: r.text("account_holder"),
		EndedOn: r.dateOr("ended_on"),
	}}
	if m.Scheme == "" {
		m.Scheme = "CORE"
	}
	f, ok := r.need("reference", isText, "the mandate reference as the debtor signed it")
	m.Reference = r.proven(f, ok, checkReference)
	f, ok = r.need("iban", isText, "the debtor's account number")
	m.IBAN = r.proven(f, ok, checkIBAN)
	f, ok = r.may("bic", isText, anyText)
	m.BIC = r.proven(f, ok, checkBIC(m.IBAN))
	if !m.EndedOn.IsZero() && m.EndedOn.Before(m.SignedOn) {
		r.p.fault(r.line, "ended_on", "lies before signed_on; correct one of them")
	}
	p.file.Mandates = append(p.file.Mandates, m)
}

const wantZone = "a time zone such as Europe/Berlin"

func (r *record) zone(name string) (string, *time.Location) {
	m, ok := r.need(name, isText, wantZone)
	return r.zoneOf(m, ok)
}

func (r *record) zoneOr(name string) (string, *time.Location) {
	m, ok := r.may(name, isText, wantZone)
	return r.zoneOf(m, ok)
}

// zoneOf asks for a zone. The machine's own, whatever it is called, is none: it changes with the machine.
func (r *record) zoneOf(m member, ok bool) (string, *time.Location) {
	if !ok {
		return "", nil
	}
	name := m.value.text
	if name == "" || name == "Local" {
		r.wrongf(m, "want %s", wantZone)
		return "", nil
	}
	zone, err := r.p.look.Zone(name)
	if err != nil {
		r.wrongf(m, "the time zone is not known; want %s", wantZone)
		return "", nil
	}
	return name, zone
}
