package invoicing

import (
	"errors"
	"fmt"

	"wattdue/customer"
	"wattdue/money"
)

// payment says how and when the document is paid. Only a positive amount is collected; a direct debit falls due on
// its collection day.
func (s Settlement) payment(d Document) (Payment, error) {
	if s.Contract.PaymentDays < 0 {
		return Payment{}, fmt.Errorf("payment term of %d days is negative; correct the contract", s.Contract.PaymentDays)
	}
	p := Payment{Method: s.Contract.Payment, DueOn: s.IssuedOn.AddDays(s.Contract.PaymentDays)}
	switch p.Method {
	case customer.OnAccount:
		return p, nil
	case customer.DirectDebit:
		if d.Gross <= 0 {
			return p, nil
		}
		if err := s.checkDebit(d.Currency); err != nil {
			return Payment{}, err
		}
		p.DueOn, p.CollectOn = s.CollectOn, s.CollectOn
		p.Mandate, p.CreditorID = s.Mandate.Reference, s.Issuer.CreditorID
		p.DebtorIBAN = customer.MaskIBAN(s.Mandate.IBAN)
		return p, nil
	}
	return Payment{}, fmt.Errorf("payment method %q is not known; correct the contract", p.Method)
}

// checkDebit refuses a debit the pre-notification could not announce (EPC SDD Core rulebook: amount, due date,
// creditor id and mandate reference).
func (s Settlement) checkDebit(c money.Currency) error {
	switch {
	case c != money.EUR:
		return fmt.Errorf("currency %s cannot be collected by SEPA direct debit; choose another payment method", c)
	case s.Issuer.CreditorID == "":
		return errors.New("the issuer has no creditor id; enter it or choose another payment method")
	case s.Mandate.Reference == "" || s.Mandate.IBAN == "":
		return errors.New("the mandate or its account is missing; enter it or choose another payment method")
	case s.Mandate.ContractNo != s.Contract.No:
		return fmt.Errorf("mandate %s belongs to contract %s", s.Mandate.Reference, s.Mandate.ContractNo)
	case s.CollectOn.IsZero() || !s.IssuedOn.Before(s.CollectOn):
		return fmt.Errorf("collection day %s is not after the issue date %s; plan it first", dateOrNone(s.CollectOn), s.IssuedOn)
	}
	return s.Mandate.Check(s.CollectOn)
}
