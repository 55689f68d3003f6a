package masterdata

import (
	"fmt"
	"slices"

	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/meter"
)

// tenant reads who bills. What an invoice must name is mandatory (UStG §14 Abs. 4 Nr. 1 and 2).
func (p *parser) tenant(r *record) {
	t := &p.file.Tenant
	t.Code = r.checked("code", isTenantCode, wantTenantCode)
	t.Zone, _ = r.zone("zone")
	t.Profile = r.profile("verdict_profile")
	issuer := r.part("issuer")
	t.Issuer = readIssuer(issuer)
	issuer.close()
	r.close()
}

// profile reads the name of a profile of package meter; left out, the strictest.
func (r *record) profile(name string) string {
	m, ok := r.may(name, isText, anyText)
	if !ok {
		return meter.DefaultProfile().Name
	}
	if _, known := meter.ProfileNamed(m.value.text); !known {
		r.wrongf(m, "want strict for billing, reference to accept what the transparency software accepts, or interop for tests")
	}
	return m.value.text
}

// creditor refuses direct debits of a tenant without a creditor identifier, unless the tenant has faults of its own.
func (p *parser) creditor() {
	tenantFault := func(f Fault) bool { return f.Record == string(TenantKind) }
	if p.file.Tenant.Issuer.CreditorID != "" || len(p.file.lines[TenantKind]) == 0 || slices.ContainsFunc(p.faults, tenantFault) {
		return
	}
	for _, c := range p.file.Contracts {
		if c.Payment == customer.DirectDebit {
			text := fmt.Sprintf("is missing, but contract %s pays by direct debit; enter the creditor identifier", c.No)
			p.faults = append(p.faults, p.file.Fault(TenantKind, 0, "issuer.creditor_id", text))
			return
		}
	}
}

func readIssuer(r *record) invoicing.Issuer {
	i := invoicing.Issuer{
		Name: r.text("name"), Address: r.address("address"), Email: r.checked("email", isEmail, wantEmail), Phone: r.textOr("phone"),
		Web: r.textOr("web"), VATID: r.textOr("vat_id"), TaxNo: r.textOr("tax_no"), Register: r.textOr("register"),
		Directors: r.textOr("directors"), Bank: r.textOr("bank"), ProofURL: r.textOr("proof_url"),
	}
	m, ok := r.need("iban", isText, "the account number for payments")
	i.IBAN = r.proven(m, ok, checkIBAN)
	m, ok = r.may("bic", isText, anyText)
	i.BIC = r.proven(m, ok, checkBIC(i.IBAN))
	m, ok = r.may("creditor_id", isText, anyText)
	i.CreditorID = r.proven(m, ok, checkCreditorID)
	if !r.broken && i.VATID == "" && i.TaxNo == "" {
		r.p.fault(r.line, r.at+"vat_id", "neither vat_id nor tax_no is there; an invoice must name one (UStG §14 Abs. 4 Nr. 2)")
	}
	for _, part := range r.parts("registrations") {
		i.Registrations = append(i.Registrations, invoicing.Registration{
			Country: part.checked("country", isCountry, wantCountry), VATID: part.text("vat_id"),
		})
		part.close()
	}
	return i
}

// address reads a postal address.
func (r *record) address(name string) customer.Address {
	a := r.part(name)
	defer a.close()
	return customer.Address{
		Street: a.text("street"), PostalCode: a.text("postal_code"), City: a.text("city"), Country: a.checked("country", isCountry, wantCountry),
	}
}
