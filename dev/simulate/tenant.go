package simulate

import (
	"wattdue/customer"
	"wattdue/invoicing"
)

// Tenant is the company that bills: an invented provider in Hamburg.
type Tenant struct {
	Code    string // short name
	Country string // of its OCPI party
	Party   string // OCPI party id of the provider role
	Zone    string
	Issuer  invoicing.Issuer
}

// newTenant returns the provider's master data. The creditor identifier is the Bundesbank's published test
// identifier; bank code and VAT id lie in ranges that are not given out; the telephone number is one of those the
// Bundesnetzagentur keeps free for films.
func newTenant() Tenant {
	return Tenant{
		Code: "nordlicht", Country: "DE", Party: "NLM", Zone: ZoneName,
		Issuer: invoicing.Issuer{
			Name:       "Nordlicht Mobil GmbH",
			Address:    customer.Address{Street: "Polarlichtallee 7", PostalCode: "20999", City: "Hamburg", Country: "DE"},
			Email:      "rechnung@nordlicht-mobil.example",
			Phone:      "+49 40 66969 100",
			Web:        "https://nordlicht-mobil.example",
			VATID:      germanVATID("99999999"),
			TaxNo:      "27/999/99999",
			Register:   "Amtsgericht Hamburg, HRB 999999",
			Directors:  "Dr. Frauke Jöhnk, Henning Thießen",
			IBAN:       germanIBAN(banks[0].code, 100_200_300),
			BIC:        banks[0].bic,
			Bank:       banks[0].name,
			CreditorID: "DE98ZZZ09999999999",
			ProofURL:   "https://nordlicht-mobil.example/messwerte",
		},
	}
}

// bank is an invented bank. German bank codes that begin with 9 are not given out, so no account number built here
// can belong to anybody.
type bank struct{ code, bic, name string }

var banks = []bank{
	{"90020001", "NLBHDEH1XXX", "Norddeutsche Leuchtfeuerbank"},
	{"90020002", "FDSKDEK1XXX", "Förde-Sparbank Kiel"},
	{"90020003", "VTRKDEM1XXX", "Volksbank Trave-Küste"},
	{"90020004", "HNSBDEB1", "Hanse-Direktbank"},
	{"90020005", "ELBWDEH1XXX", "Elbwerder Bank"},
}
