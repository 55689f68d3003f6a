package invoicing

import (
	"strings"

	"wattdue/customer"
	"wattdue/rating"
)

// DefaultNoticeDE tells a consumer when default begins without a reminder. Without this sentence the rule does not
// bind a consumer (BGB §286 Abs. 3).
const DefaultNoticeDE = "Sie kommen spätestens in Verzug, wenn Sie nicht innerhalb von 30 Tagen nach Fälligkeit und Zugang dieser Rechnung zahlen (§ 286 Abs. 3 BGB)."

// HeadingDE is the heading of a document of the kind.
func HeadingDE(k Kind) string {
	if k == ContractSettlement {
		return "Rechnung"
	}
	return string(k)
}

// ComponentDE is the name of a priced component, as quotes show it before charging.
func ComponentDE(c rating.Component) string {
	switch c {
	case rating.Energy:
		return "Ladestrom"
	case rating.Charging:
		return "Ladezeit"
	case rating.Idle:
		return "Standzeit nach Ladeende"
	case rating.PerUse:
		return "Startgebühr"
	}
	return string(c)
}

// BasisDE says in the session table why a session without verified meter values is billed; it is empty for one with.
func BasisDE(basis string) string {
	switch basis {
	case BasisNotRequired:
		return "Für diesen Ladepunkt sind keine signierten Messwerte vorgeschrieben."
	case BasisWaiver:
		return "Nach Einzelprüfung freigegeben; Messwerte ohne gültige Signatur."
	}
	return ""
}

// PeriodDE names the days the document covers, first and last included (UStDV §31 Abs. 4).
func PeriodDE(d Document) string {
	return "Abrechnungszeitraum " + d.Period.First.German() + " bis " + d.Period.Last().German()
}

// PaymentDE says how the document is paid. For a direct debit it is the pre-notification: amount, collection day,
// creditor id and mandate reference (EPC SDD Core rulebook). On account it carries the notice on default. The
// document must have its number.
func PaymentDE(d Document) string {
	amount := AmountDE(d.Gross, d.Currency)
	switch {
	case d.Gross == 0:
		return "Es ist nichts zu zahlen."
	case d.Gross < 0:
		return "Der Betrag von " + AmountDE(-d.Gross, d.Currency) + " wird Ihrem Vertragskonto gutgeschrieben."
	case d.Payment.Method == customer.DirectDebit:
		return preNotificationDE(d)
	}
	return "Bitte überweisen Sie " + amount + " bis zum " + d.Payment.DueOn.German() + " auf das Konto " +
		groupsOfFour(d.Issuer.IBAN) + " (" + d.Issuer.Name + ") und geben Sie als Verwendungszweck " + d.Number + " an. " + DefaultNoticeDE
}

func preNotificationDE(d Document) string {
	p := d.Payment
	return "Den Rechnungsbetrag von " + AmountDE(d.Gross, d.Currency) + " ziehen wir am " + p.CollectOn.German() +
		" per SEPA-Lastschrift von Ihrem Konto " + p.DebtorIBAN + " ein. Gläubiger-Identifikationsnummer: " + p.CreditorID +
		", Mandatsreferenz: " + p.Mandate + ". Bitte sorgen Sie für ausreichende Deckung."
}

// MeteringDE is the notice on checking measured values (MessEG §33 Abs. 3; REA document 6-A). It is empty when no
// session of the document has verified meter values.
func MeteringDE(d Document) string {
	measured := false
	for _, s := range d.Sessions {
		measured = measured || s.Measured
	}
	if !measured {
		return ""
	}
	text := "Die Zählerstände dieser Rechnung stammen aus eichrechtskonformen Messgeräten und sind digital signiert. " +
		"Sie können jeden Ladevorgang mit der Transparenzsoftware der S.A.F.E.-Initiative (https://transparenz.software) selbst prüfen. "
	if d.Issuer.ProofURL != "" {
		text += "Signierte Datensätze und öffentliche Schlüssel finden Sie unter " + d.Issuer.ProofURL + "; "
		return text + "auf Wunsch senden wir Ihnen die Nachweise zu."
	}
	return text + "Signierte Datensätze und öffentliche Schlüssel senden wir Ihnen auf Wunsch zu."
}

// groupsOfFour prints an account number as people copy it.
func groupsOfFour(iban string) string {
	s := strings.ReplaceAll(iban, " ", "")
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
