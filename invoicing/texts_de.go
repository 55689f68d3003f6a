package invoicing

import (
	"slices"
	"strconv"
	"strings"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/rating"
)

// DefaultNoticeDE tells a consumer when default begins without a reminder. Without this sentence the rule does not
// bind a consumer (BGB §286 Abs. 3). The blanks of the citation do not break.
const DefaultNoticeDE = "Sie kommen spätestens in Verzug, wenn Sie nicht innerhalb von 30 Tagen nach Fälligkeit und Zugang dieser Rechnung zahlen (§\u00a0286\u00a0Abs.\u00a03\u00a0BGB)."

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
	case rating.Occupancy:
		return "Belegungszeit"
	case rating.PerUse:
		return "Startgebühr"
	case rating.Reservation:
		return "Reservierung"
	case rating.ReservationMin:
		return "Reservierungszeit"
	case rating.Export:
		return "Rückspeisung"
	}
	return string(c)
}

// LineDE is the name of a line, the same for all lines a sum may hold: it names component, kind and discount, and neither
// day nor row of the price list.
func LineDE(l Line) string {
	name := ComponentDE(l.Component)
	if l.Category == CategoryOutside && timed(l.Component) {
		name = "Blockiergebühr"
	}
	switch l.Kind {
	case rating.QuantityLine:
		if l.Label == rating.PassThroughLabel {
			return name + " zum Preis des Betreibers"
		}
		return name
	case rating.IncludedLine:
		return name + " inklusive"
	case rating.CapLine:
		return "Begrenzung " + name
	case rating.DiscountLine:
		return "Rabatt " + l.Label + " auf " + name
	case rating.LimitLine:
		if l.Amount < 0 {
			return "Begrenzung auf Höchstpreis"
		}
		return "Aufschlag auf Mindestpreis"
	}
	return string(l.Kind)
}

// SessionLineDE is the name of a line of a session. It tells apart what LineDE does not: the day of a line that is capped
// by the day, and the row of the price list where several price a component of the session.
func SessionLineDE(s SessionLines, line int) string {
	l := s.Lines[line]
	var notes []string
	if l.Kind == rating.QuantityLine && l.Row != "" && len(rowsOf(s, l.Component)) > 1 {
		notes = append(notes, l.Row)
	}
	if day, err := calendar.ParseDate(l.Label); err == nil && (l.Kind == rating.QuantityLine || l.Kind == rating.CapLine) {
		notes = append(notes, day.German())
	}
	if len(notes) == 0 {
		return LineDE(l)
	}
	return LineDE(l) + " (" + strings.Join(notes, ", ") + ")"
}

// rowsOf returns the rows of the price list that price a component of a session.
func rowsOf(s SessionLines, c rating.Component) (rows []string) {
	for _, l := range s.Lines {
		if l.Kind == rating.QuantityLine && l.Component == c && !slices.Contains(rows, l.Row) {
			rows = append(rows, l.Row)
		}
	}
	return rows
}

// FeeDE is the name of a fee with the days it is for.
func FeeDE(f FeeLine) string {
	days := f.From.German() + " bis " + f.Until.AddDays(-1).German()
	if f.Kind == TrueUpFee {
		return "Mengenausgleich " + f.Plan + ", " + days
	}
	return "Grundgebühr " + f.Plan + ", " + days
}

// FeeQuantityDE prints what a fee is for: "1 Monat", "18 von 28 Tagen", or the energy of a month.
func FeeQuantityDE(f FeeLine) string {
	if f.Kind == TrueUpFee {
		return EnergyDE(f.Energy)
	}
	days, month := f.Days()
	if days == month {
		return "1 Monat"
	}
	return strconv.Itoa(days) + " von " + strconv.Itoa(month) + " Tagen"
}

// TaxDE names the tax of a group as a table shows it: "19 %", or that there is none.
func TaxDE(g VATGroup) string {
	if g.Category == CategoryOutside {
		return "ohne USt."
	}
	return PercentDE(g.Rate)
}

// TaxRemarkDE says why no tax is shown for a group. It is empty for taxed groups.
func TaxRemarkDE(g VATGroup) string {
	if g.Category != CategoryOutside {
		return ""
	}
	return "Vertragsstrafe, kein Entgelt für eine Leistung: nicht umsatzsteuerbar (§\u00a01\u00a0Abs.\u00a01\u00a0Nr.\u00a01\u00a0UStG)."
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
