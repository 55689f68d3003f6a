package report

import (
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/rating"
	"wattdue/sepa"
)

// askSender is what to do about a record that arrived damaged or incomplete.
const askSender = "Ask the sender for a corrected record and import it."

// fileMeanings: the record could not be read.
var fileMeanings = []meaning{
	{cdr.CodeEmpty, "The file is empty.", "Ask the sender for the file again."},
	{cdr.CodeNotJSON, "The file is not a file of charge records.", "Ask the sender for the right file."},
	{cdr.CodeSyntax, "The record is garbled and cannot be read.", askSender},
	{cdr.CodeTruncated, "The file breaks off in the middle of a record.", "Ask the sender for the complete file and import it; records that are known already are not billed twice."},
	{cdr.CodeTooLarge, "The record is larger than any charge record can be.", "Ask the sender what it is; nothing of it was imported."},
	{cdr.CodeEncoding, "The text of the record is not in UTF-8.", askSender},
	{cdr.CodeGzip, "The compressed file is damaged.", "Ask the sender for the file again."},
	{cdr.CodeGzipBomb, "The compressed file unpacks to far more than is allowed.", "Do not open it. Ask the sender whether the file is theirs."},
	{cdr.CodeStatus, "The partner sent an error message instead of records.", "Ask the partner to send the records again."},
	{cdr.CodeMissing, "A mandatory field is missing.", askSender},
	{cdr.CodeType, "A field holds the wrong kind of value, such as text instead of a number.", askSender},
	{cdr.CodeValue, "A field holds an impossible value.", askSender},
	{cdr.CodeDuplicate, "A field was sent twice in one record, so its value is not certain.", askSender},
	{cdr.CodeNegative, "An energy, time or price is below zero.", askSender},
	{cdr.CodeOverflow, "A number is too large to be real.", askSender},
	{cdr.CodeOrder, "The session ends before it starts.", askSender},
	{cdr.CodeTime, "The session's date cannot be right, such as the year 1970: the clock of the charge point was not set.", askSender},
	{cdr.CodeTooLong, "The session lasted longer than is plausible.", "Ask the operator whether the session was really ended; import a corrected record."},
	{cdr.CodeCurrency, "The record is in a currency that is not billed here.", "Ask the sender for the record in the agreed currency."},
	{cdr.CodeCredit, "A credit record does not say which record it takes back.", "Ask the sender for the missing reference."},
	{"conflict", "The same record arrived twice with different content.", "Ask the sender which one holds. The first one was kept."},
	{"crash", "The program broke off several times while working on this group of records.", "Release the records one by one; report the one that fails again."},
}

// meterMeanings: the measured values are not proven. Others are explained by the meter's own table.
var meterMeanings = []meaning{
	{"signature-invalid", "The meter's signature does not fit: the record was changed.", "Do not bill. Ask the operator for the original record."},
	{"no-signed-data", "The record carries no signed meter readings.", "Ask the operator for them. If none are required there, enter that as a dated policy and release."},
	{"key-not-registered", "The meter's public key is not registered for this charge point.", "Have the key of the meter registered, then release the records."},
	{"key-missing", "There is no public key to check the signature with.", "Have the key of the meter registered, then release the records."},
	{"wrong-key", "The record was signed with another key than the registered one.", "Ask the operator whether the meter was exchanged; register the new key with its date, then release."},
	{"signature-missing", "The readings are not signed.", "Ask the operator for the signed record."},
	{"begin-missing", "The signed reading at the start of the session is missing.", "Ask the operator for the complete record."},
	{"end-missing", "The signed reading at the end of the session is missing.", "Ask the operator for the complete record."},
	{"status-not-good", "The meter itself reports that a reading is not reliable.", "Do not bill. Ask the operator to inspect the meter."},
	{"exception", "The meter reports a fault during the session.", "Do not bill. Ask the operator to inspect the meter."},
	{"energy-mismatch", "The record states another energy than the meter signed.", "Ask the operator for a corrected record."},
	{"time-mismatch", "The record states another start or end than the meter signed.", "Ask the operator for a corrected record."},
	{"user-mismatch", "The record names another card than the meter signed: somebody else would be billed.", "Ask the operator whose session it was."},
	{"verdict", "The measured values are not proven.", "Read the finding kept with the record and ask the operator."},
}

// customerMeanings: nobody is known who pays, or their data is incomplete.
var customerMeanings = []meaning{
	{string(customer.TokenUnknown), "The charging card belongs to no customer.", "Find out whose card it is and enter it in the contract, then release. If it is nobody's, drop the record."},
	{string(customer.TokenExpired), "The charging card was not valid when the session started.", "Check the card's dates. Correct them and release, or drop the record."},
	{string(customer.ContractInactive), "The contract was not running when the session started.", "Check the contract's dates. Correct them and release, or drop the record."},
	{string(customer.Ambiguous), "Several contracts could pay for this card.", "Leave the card in one contract only, then release."},
	{"contract-unknown", "The contract does not exist any more.", "Enter the contract again or drop the record."},
	{"address-missing", "The customer's name or address is incomplete; no valid invoice can be written.", "Complete the address and run billing again."},
	{"address-incomplete", "The customer's address is incomplete.", "Complete the address and run again."},
	{"evse-unknown", "The charge point is not registered, so its place and time zone are not known.", "Register the charge point, then release."},
	{"zone-unknown", "The charge point's time zone is not known.", "Correct the time zone of the charge point, then release."},
}

// priceMeanings: the session has no price, or cannot stand on a document.
var priceMeanings = []meaning{
	{string(rating.NoPrice), "The customer's tariff has no price for this place.", "Add the price to the tariff or correct the customer's group, then release."},
	{string(rating.Negative), "Energy, idle time or duration is below zero.", "Ask the operator for a corrected record."},
	{string(rating.PeriodsOutside), "The idle time does not fit into the session.", "Ask the operator for a corrected record."},
	{"no-tariff", "The contract's tariff was not valid when the session started.", "Publish a tariff version for that date, then release."},
	{"rating", "The session could not be priced.", "Read the reason kept with the record, correct tariff or record, then release."},
	{"credit", "The record takes back an earlier one.", "Settle both records with the customer by hand, then drop it."},
	{"draft", "The document could not be prepared.", "Read the reason kept with it, correct the data and run billing again."},
	{string(invoicing.ChargeHeld), "The session's price is not final.", "Correct tariff or record, then release."},
	{string(invoicing.ChargeUnproven), "The measured values are neither proven nor exempt.", "Get the signed record or waive the proof by name, then run billing again."},
	{string(invoicing.ChargeMalformed), "The session's data does not fit together.", "Read the reason kept with it and correct the data."},
	{string(invoicing.ChargeMixed), "The session does not fit on this document: other currency, price mode or country.", "Read the reason kept with it and correct the tariff."},
	{string(invoicing.ChargeVATUnknown), "No VAT rate is known for this supply.", "Have the VAT code in the tariff corrected, then run billing again."},
	{string(invoicing.ChargeUnregistered), "Your company has no VAT registration in the country of the charge point.", "Enter the registration, then run billing again. Ask your tax adviser if there is none."},
}

// debitMeanings: the amount cannot be collected by direct debit.
var debitMeanings = []meaning{
	{string(sepa.MandateMissing), "There is no direct debit mandate, or its signature date is missing.", "Enter the signed mandate, or agree on payment by invoice."},
	{string(customer.MandateUnsigned), "The mandate has no signature date.", "Enter the date on the signed form."},
	{string(sepa.MandateRevoked), "The mandate was ended.", "Ask the customer for a new mandate or for payment by invoice."},
	{string(sepa.MandateLapsed), "The mandate was not used for 36 months and has lapsed.", "Ask the customer for a new mandate."},
	{string(sepa.MandateFuture), "The mandate is dated after the debit.", "Correct the date on the mandate."},
	{string(sepa.MandateScheme), "The mandate is of another scheme than CORE.", "Ask the customer for a CORE mandate."},
	{string(sepa.IBANChecksum), "The account number (IBAN) has a typing error.", "Ask the customer for the IBAN and correct it."},
	{string(sepa.IBANLength), "The account number (IBAN) is too short or too long for its country.", "Ask the customer for the IBAN and correct it."},
	{string(sepa.IBANCharset), "The account number (IBAN) holds a character that does not belong there.", "Ask the customer for the IBAN and correct it."},
	{string(sepa.IBANCountry), "The country of the account number (IBAN) is not known.", "Ask the customer for the IBAN and correct it."},
	{string(sepa.IBANNotSEPA), "The account is in a country outside SEPA.", "Agree on another way of payment."},
	{string(sepa.BICForm), "The bank code (BIC) is malformed.", "Ask the customer for the BIC and correct it."},
	{string(sepa.BICCountry), "The bank code (BIC) is of another country than the account.", "Ask the customer for the BIC and correct it."},
	{string(sepa.BICRequired), "The bank code (BIC) is missing; accounts outside the EEA need it.", "Ask the customer for the BIC."},
	{string(sepa.NameMissing), "The account holder's name is missing.", "Enter the name of the account holder."},
	{string(sepa.AddressRequired), "The account holder's address is missing; accounts outside the EEA need it.", "Enter the address."},
	{string(sepa.AmountRange), "The amount cannot be collected by direct debit.", "Check the document; agree on another way of payment."},
	{string(sepa.DateNotice), "Amount or date differ from what the customer was told, or the notice is too late.", "Send a new notice; the debit follows with the next bank file."},
	{string(sepa.DatePast), "The collection date has passed.", "Agree on a new date with the customer and send a new notice."},
	{string(sepa.DateLead), "The collection date is too close for the bank.", "Send a new notice with a later date."},
}
