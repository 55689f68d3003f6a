package cdr

import (
	"io"
	"iter"
	"strings"

	"wattdue/money"
)

// The members of a CDR and its parts that matter here (OCPI 2.2.1, module CDRs, section "CDR Object" and the
// classes below it). Each object has its own set of bits.
var (
	fCountry   = field{1 << 0, "country_code"}
	fParty     = field{1 << 1, "party_id"}
	fID        = field{1 << 2, "id"}
	fStart     = field{1 << 3, "start_date_time"}
	fEnd       = field{1 << 4, "end_date_time"}
	fSession   = field{1 << 5, "session_id"}
	fToken     = field{1 << 6, "cdr_token"}
	fAuthRef   = field{1 << 7, "authorization_reference"}
	fLocation  = field{1 << 8, "cdr_location"}
	fCurrency  = field{1 << 9, "currency"}
	fPeriods   = field{1 << 10, "charging_periods"}
	fSigned    = field{1 << 11, "signed_data"}
	fCost      = field{1 << 12, "total_cost"}
	fEnergy    = field{1 << 13, "total_energy"}
	fTime      = field{1 << 14, "total_time"}
	fParking   = field{1 << 15, "total_parking_time"}
	fCredit    = field{1 << 16, "credit"}
	fCreditRef = field{1 << 17, "credit_reference_id"}
	fUpdated   = field{1 << 18, "last_updated"}

	recordMandatory = []field{fCountry, fParty, fID, fStart, fEnd, fToken, fLocation, fCurrency, fPeriods, fCost, fEnergy, fTime}

	fUID      = field{1 << 0, "uid"}
	fType     = field{1 << 1, "type"}
	fContract = field{1 << 2, "contract_id"}

	tokenMandatory = []field{fUID, fType, fContract}

	fName       = field{1 << 1, "name"}
	fAddress    = field{1 << 3, "address"}
	fPostal     = field{1 << 4, "postal_code"}
	fCity       = field{1 << 5, "city"}
	fPlace      = field{1 << 6, "country"}
	fEVSEUID    = field{1 << 7, "evse_uid"}
	fEVSEID     = field{1 << 8, "evse_id"}
	fConnector  = field{1 << 9, "connector_id"}
	fPowerType  = field{1 << 10, "connector_power_type"}
	fDimensions = field{1 << 0, "dimensions"}
	fVolume     = field{1 << 0, "volume"}

	placeMandatory     = []field{fPlace}
	periodMandatory    = []field{fStart, fDimensions}
	dimensionMandatory = []field{fType, fVolume}

	fExcl = field{1 << 0, "excl_vat"}
	fIncl = field{1 << 1, "incl_vat"}

	fMethod  = field{1 << 0, "encoding_method"}
	fVersion = field{1 << 1, "encoding_method_version"}
	fKey     = field{1 << 2, "public_key"}
	fValues  = field{1 << 3, "signed_values"}
	fURL     = field{1 << 4, "url"}
	fNature  = field{1 << 0, "nature"}
	fPlain   = field{1 << 1, "plain_data"}
	fText    = field{1 << 2, "signed_data"}
)

// ReadOCPI221 reads CDRs of OCPI 2.2.1 with default limits. See OCPI221.
func ReadOCPI221(r io.Reader) iter.Seq2[Record, error] { return OCPI221(Limits{})(r) }

// OCPI221 returns a reader of CDRs of OCPI 2.2.1: a single object, an array, the response of a partner with its
// data, or one object per line, each also compressed with gzip and with a UTF-8 byte order mark.
//
// Unknown members are ignored, optional ones may be null, enumerations may be lower case, numbers may be quoted
// as long as they are plain decimals, times may carry fractions and offsets. Records are yielded in file order, and
// what cannot be read is yielded as one Reject in its place.
func OCPI221(limits Limits) Reader {
	limits = limits.withDefaults()
	return func(r io.Reader) iter.Seq2[Record, error] {
		return func(yield func(Record, error) bool) {
			s := stream{win: newWindow(r, limits), limits: limits, yield: yield}
			s.parser = ocpiParser{limits: &s.limits}
			s.run()
		}
	}
}

// ocpiParser turns the bytes of one CDR into a Record.
type ocpiParser struct {
	fieldReader
	limits *Limits
	rec    Record

	word   []byte  // type of the dimension being read
	volume decimal // and its volume
}

// parse reads the CDR at the start of b and returns its length. The error is errShort when b ends too early, or a
// syntaxError. Everything else wrong with the record is in faults.
func (p *ocpiParser) parse(b []byte) (int, error) {
	p.reset(b)
	p.rec = Record{}
	if err := p.object(p.member, recordMandatory); err != nil {
		return 0, err
	}
	p.check()
	return p.i, nil
}

func (p *ocpiParser) member(key []byte) error {
	r := &p.rec
	switch string(key) {
	case "country_code":
		return p.enum(fCountry, &r.Country)
	case "party_id":
		return p.enum(fParty, &r.Party)
	case "id":
		return p.text(fID, &r.ID)
	case "start_date_time":
		return p.time(fStart, &r.Start)
	case "end_date_time":
		return p.time(fEnd, &r.End)
	case "session_id":
		return p.text(fSession, &r.SessionID)
	case "cdr_token":
		return p.child(fToken, p.tokenMember, tokenMandatory)
	case "authorization_reference":
		return p.text(fAuthRef, &r.AuthRef)
	case "cdr_location":
		return p.place()
	case "currency":
		return p.currency()
	case "charging_periods":
		return p.list(fPeriods, p.newPeriod, p.periodMember, periodMandatory)
	case "signed_data":
		return p.signed()
	case "total_cost":
		return p.cost()
	case "total_energy":
		return p.energy(fEnergy, &r.Energy)
	case "total_time":
		return p.hours(fTime, &r.Duration)
	case "total_parking_time":
		return p.hours(fParking, &r.Parking)
	case "credit":
		return p.flag(fCredit, &r.Credit)
	case "credit_reference_id":
		return p.text(fCreditRef, &r.CreditRef)
	case "last_updated":
		return p.time(fUpdated, &r.LastUpdated)
	}
	return p.skip()
}

// tokenMember leaves out country_code and party_id: the standard demands them, its own example lacks them, and
// the contract id decides who pays.
func (p *ocpiParser) tokenMember(key []byte) error {
	t := &p.rec.Token
	switch string(key) {
	case "uid":
		return p.text(fUID, &t.UID)
	case "type":
		return p.enum(fType, &t.Type)
	case "contract_id":
		return p.text(fContract, &t.ContractID)
	}
	return p.skip()
}

func (p *ocpiParser) place() error {
	if err := p.child(fLocation, p.placeMember, placeMandatory); err != nil {
		return err
	}
	l := &p.rec.Location
	if l.EVSEUID == "" && l.EVSEID == "" && p.given&fLocation.bit != 0 && !p.faulty("cdr_location") {
		p.fail(CodeMissing, "cdr_location.evse_id", "neither evse_id nor evse_uid is given; ask the sender for one of them")
	}
	return nil
}

func (p *ocpiParser) placeMember(key []byte) error {
	l := &p.rec.Location
	switch string(key) {
	case "id":
		return p.text(fID, &l.ID)
	case "name":
		return p.text(fName, &l.Name)
	case "address":
		return p.text(fAddress, &l.Street)
	case "postal_code":
		return p.text(fPostal, &l.PostalCode)
	case "city":
		return p.text(fCity, &l.City)
	case "country":
		return p.enum(fPlace, &l.Country)
	case "evse_uid":
		return p.text(fEVSEUID, &l.EVSEUID)
	case "evse_id":
		return p.text(fEVSEID, &l.EVSEID)
	case "connector_id":
		return p.text(fConnector, &l.Connector)
	case "connector_power_type":
		return p.enum(fPowerType, &l.PowerType)
	}
	return p.skip()
}

func (p *ocpiParser) cost() error {
	if err := p.child(fCost, p.costMember, nil); err != nil {
		return err
	}
	if p.rec.StatedExcl == "" && p.rec.StatedIncl == "" && p.given&fCost.bit != 0 && !p.faulty("total_cost") {
		p.fail(CodeMissing, "total_cost.excl_vat", "no amount is stated; ask the sender for excl_vat or incl_vat")
	}
	return nil
}

func (p *ocpiParser) costMember(key []byte) error {
	switch string(key) {
	case "excl_vat":
		return p.amount(fExcl, &p.rec.StatedExcl)
	case "incl_vat":
		return p.amount(fIncl, &p.rec.StatedIncl)
	}
	return p.skip()
}

func (p *ocpiParser) signed() error {
	ok, err := p.expect(fSigned, '{')
	if !ok {
		return err
	}
	p.rec.Signed = &SignedData{}
	p.path = append(p.path, scope{fSigned.name, -1})
	err = p.object(p.signedMember, nil)
	p.path = p.path[:len(p.path)-1]
	return err
}

// signedMember reads the envelope without judging it: whether method, values and key make a proof is the
// business of verification, which has better words for it than a reject.
func (p *ocpiParser) signedMember(key []byte) error {
	s := p.rec.Signed
	switch string(key) {
	case "encoding_method":
		return p.long(fMethod, &s.Method)
	case "encoding_method_version":
		return p.version(&s.Version)
	case "public_key":
		return p.long(fKey, &s.PublicKey)
	case "signed_values":
		return p.list(fValues, p.newValue, p.valueMember, nil)
	case "url":
		return p.long(fURL, &s.URL)
	}
	return p.skip()
}

// mostValues bounds the signed values of a record; those with many readings have some hundred.
const mostValues = 10_000

// newValue makes room for a value. The one too many is refused, and the rest of them written over it.
func (p *ocpiParser) newValue() {
	if len(p.rec.Signed.Values) > mostValues {
		return
	}
	if p.rec.Signed.Values = append(p.rec.Signed.Values, SignedValue{}); len(p.rec.Signed.Values) > mostValues {
		p.fail(CodeValue, fValues.name, "more signed values than any session has; ask the sender for those of the session alone")
	}
}

func (p *ocpiParser) valueMember(key []byte) error {
	v := &p.rec.Signed.Values[len(p.rec.Signed.Values)-1]
	switch string(key) {
	case "nature":
		return p.long(fNature, &v.Nature)
	case "plain_data":
		return p.long(fPlain, &v.Plain)
	case "signed_data":
		return p.long(fText, &v.Signed)
	}
	return p.skip()
}

func (p *ocpiParser) currency() error {
	var code string
	if err := p.enum(fCurrency, &code); err != nil || code == "" {
		return err
	}
	c := money.Currency(code)
	if _, known := c.Digits(); !known {
		shown := ""
		if len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			shown = " " + code
		}
		p.fail(CodeCurrency, fCurrency.name, "currency"+shown+" is not known here; bill in EUR or add it to the currency table")
		return nil
	}
	p.rec.Currency = c
	return nil
}
