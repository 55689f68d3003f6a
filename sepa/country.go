package sepa

// area says how a country takes part in the SEPA direct debit schemes.
type area int

const (
	outside area = iota // has IBANs, is not in SEPA
	nonEEA              // in SEPA, but outside the European Economic Area
	inEEA
)

type country struct {
	length int // characters of an IBAN
	area   area
}

// countries holds the IBAN lengths of the ISO 13616 registry (SWIFT, IBAN Registry) and the SEPA scope of EPC409-09
// version 8.0, as of November 2026. Countries whose accounts carry another country's IBAN (Guernsey, Jersey, the
// Isle of Man, French overseas areas, Aland and others) have no row of their own.
var countries = map[string]country{
	// SEPA and European Economic Area.
	"AT": {20, inEEA}, "BE": {16, inEEA}, "BG": {22, inEEA}, "CY": {28, inEEA}, "CZ": {24, inEEA}, "DE": {22, inEEA},
	"DK": {18, inEEA}, "EE": {20, inEEA}, "ES": {24, inEEA}, "FI": {18, inEEA}, "FR": {27, inEEA}, "GR": {27, inEEA},
	"HR": {21, inEEA}, "HU": {28, inEEA}, "IE": {22, inEEA}, "IS": {26, inEEA}, "IT": {27, inEEA}, "LI": {21, inEEA},
	"LT": {20, inEEA}, "LU": {20, inEEA}, "LV": {21, inEEA}, "MT": {31, inEEA}, "NL": {18, inEEA}, "NO": {15, inEEA},
	"PL": {28, inEEA}, "PT": {25, inEEA}, "RO": {24, inEEA}, "SE": {24, inEEA}, "SI": {19, inEEA}, "SK": {24, inEEA},
	// SEPA outside the European Economic Area: debtors there need an address (EPC153-22).
	"AD": {24, nonEEA}, "AL": {28, nonEEA}, "CH": {21, nonEEA}, "GB": {22, nonEEA}, "GI": {23, nonEEA}, "MC": {27, nonEEA},
	"MD": {24, nonEEA}, "ME": {22, nonEEA}, "MK": {19, nonEEA}, "RS": {22, nonEEA}, "SM": {27, nonEEA}, "VA": {22, nonEEA},
	// IBAN countries outside SEPA.
	"AE": {23, outside}, "AZ": {28, outside}, "BA": {20, outside}, "BH": {22, outside}, "BI": {27, outside}, "BR": {29, outside},
	"BY": {28, outside}, "CR": {22, outside}, "DJ": {27, outside}, "DO": {28, outside}, "EG": {29, outside}, "FK": {18, outside},
	"FO": {18, outside}, "GE": {22, outside}, "GL": {18, outside}, "GT": {28, outside}, "HN": {28, outside}, "IL": {23, outside},
	"IQ": {23, outside}, "JO": {30, outside}, "KW": {30, outside}, "KZ": {20, outside}, "LB": {28, outside}, "LC": {32, outside},
	"LY": {25, outside}, "MN": {20, outside}, "MR": {27, outside}, "MU": {30, outside}, "NI": {28, outside}, "OM": {23, outside},
	"PK": {24, outside}, "PS": {29, outside}, "QA": {29, outside}, "RU": {33, outside}, "SA": {24, outside}, "SC": {31, outside},
	"SD": {18, outside}, "SO": {23, outside}, "ST": {25, outside}, "SV": {28, outside}, "TL": {23, outside}, "TN": {24, outside},
	"TR": {26, outside}, "UA": {29, outside}, "VG": {24, outside}, "XK": {20, outside}, "YE": {30, outside},
}
