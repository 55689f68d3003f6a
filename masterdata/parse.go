package masterdata

import (
	"encoding/json"
	"fmt"
)

// Parse reads a file. When there are faults, the records they are about are not whole, and the file is good for nothing
// but Loose.
func Parse(data []byte, look Lookups) (File, Faults) {
	p := &parser{look: look, file: File{lines: map[Kind][]int{}}}
	src, fault := newSource(data)
	if fault != nil {
		return p.file, Faults{*fault}
	}
	p.top(src)
	p.settle()
	p.creditor()
	p.faults = append(p.faults, p.file.check()...)
	p.faults.Sort()
	return p.file, p.faults
}

// parser fills a file and collects faults.
type parser struct {
	look   Lookups
	file   File
	faults Faults
	open   Faults // about the record being read, which has no name yet
}

func (p *parser) fault(line int, field, text string) {
	p.open = append(p.open, Fault{Line: line, Field: field, Text: text})
}

// name gives the faults about the record just read its name.
func (p *parser) name(record string) {
	for _, f := range p.open {
		f.Record = record
		p.faults = append(p.faults, f)
	}
	p.open = nil
}

// section is a list of records of one kind.
type section struct {
	member string
	kind   Kind
	read   func(*parser, *record)
}

// sections are the lists of a file. A new kind of record is one row here and one function.
var sections = []section{
	{"parties", PartyKind, (*parser).party},
	{"contracts", ContractKind, (*parser).contract},
	{"tokens", TokenKind, (*parser).cardOrApp},
	{"mandates", MandateKind, (*parser).mandate},
	{"evses", EVSEKind, (*parser).evse},
	{"signature_policies", PolicyKind, (*parser).policy},
	{"ageing_rules", AgeingKind, (*parser).ageing},
	{"tariffs", TariffKind, (*parser).tariff},
	{"schedules", ScheduleKind, (*parser).schedule},
}

// top reads the members of the file, whose lists may be long, record by record.
func (p *parser) top(src *source) {
	if first := src.token(); first != json.Delim('{') {
		p.file.lines = nil
		p.faults = Faults{{Line: src.line, Record: "file", Text: "want one object in braces with format, tenant and lists of records"}}
		return
	}
	seen := map[string]bool{}
	for src.dec.More() {
		name, _ := src.token().(string)
		line := src.line
		if seen[name] {
			p.fault(line, nameOf(name), "the member is there twice; keep one")
			p.name("file")
			src.next()
			continue
		}
		seen[name] = true
		p.member(src, name, line)
	}
	for _, name := range []string{"format", "tenant"} {
		if !seen[name] {
			p.faults = append(p.faults, Fault{Line: 1, Record: "file", Field: name, Text: "is missing; see docs/formats/masterdata.md"})
		}
	}
}

// member reads one member of the file.
func (p *parser) member(src *source, name string, line int) {
	switch name {
	case "format":
		if v := src.next(); v.kind != isNumber || v.text != fmt.Sprint(Version) {
			p.fault(line, name, fmt.Sprintf("want the number %d; another version of the program reads other formats", Version))
			p.name("file")
		}
		return
	case "tenant":
		p.file.lines[TenantKind] = []int{line}
		p.tenant(p.record(src.next(), ""))
		p.name(string(TenantKind))
		return
	}
	for _, s := range sections {
		if s.member == name {
			p.section(src, s)
			return
		}
	}
	p.fault(line, nameOf(name), "no such member; take it out or correct its name")
	p.name("file")
	src.next()
}

// section reads a list of records.
func (p *parser) section(src *source, s section) {
	first := src.token()
	if first != json.Delim('[') {
		p.fault(src.rest(first).line, s.member, "want a list of records in brackets")
		p.name("file")
		return
	}
	for i := 0; src.dec.More(); i++ {
		v := src.next()
		p.file.lines[s.kind] = append(p.file.lines[s.kind], v.line)
		r := p.record(v, "")
		s.read(p, r)
		r.close()
		p.name(p.file.name(s.kind, i))
	}
	src.token()
}

// settle completes what depends on the tenant, which may stand behind the records: contracts and schedules without a zone
// of their own have the tenant's.
func (p *parser) settle() {
	if p.file.Tenant.Zone == "" {
		return
	}
	zone, err := p.look.Zone(p.file.Tenant.Zone)
	if err != nil {
		return
	}
	for i := range p.file.Contracts {
		if c := &p.file.Contracts[i]; c.Zone == "" {
			c.Zone, c.ZoneLocation = p.file.Tenant.Zone, zone
		}
	}
	for i := range p.file.Schedules {
		s := &p.file.Schedules[i]
		if s.Zone == "" {
			s.Zone = p.file.Tenant.Zone
		}
		if s.Job == "" || s.Spec == "" {
			continue
		}
		if err := p.look.Schedule(s.Job, s.Spec, s.Zone); err != nil {
			p.faults = append(p.faults, p.file.Fault(ScheduleKind, i, "", err.Error()))
		}
	}
}
