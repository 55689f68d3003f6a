package cdr

// The codes of a Reject. They are stable: quarantine, reports and partners' tickets refer to them.
const (
	CodeEmpty     = "empty-file"          // nothing in the file
	CodeNotJSON   = "not-json"            // the file is something else
	CodeSyntax    = "json-syntax"         // broken JSON inside the file
	CodeTruncated = "json-truncated"      // the file ends inside a record, an array or a response
	CodeTooLarge  = "record-too-large"    // one record exceeds Limits.MaxRecord
	CodeEncoding  = "encoding"            // not UTF-8
	CodeGzip      = "gzip-damaged"        // the compressed file is cut or corrupt
	CodeGzipBomb  = "gzip-bomb"           // the compressed file expands beyond Limits
	CodeStatus    = "envelope-status"     // an OCPI response that reports an error
	CodeMissing   = "field-missing"       // mandatory field absent, null or empty
	CodeType      = "field-type"          // wrong JSON type
	CodeValue     = "field-value"         // right type, impossible value
	CodeDuplicate = "field-duplicate"     // member sent twice, so that its value is ambiguous
	CodeNegative  = "negative"            // a quantity or price below zero where that is impossible
	CodeOverflow  = "overflow"            // a number too large to hold
	CodeOrder     = "time-order"          // end before start
	CodeTime      = "time-implausible"    // a time outside Limits.Earliest and Limits.Latest, such as 1970
	CodeTooLong   = "session-too-long"    // longer than Limits.MaxSession
	CodeCurrency  = "currency-unknown"    // not a currency this installation bills in
	CodeCredit    = "credit-no-reference" // credit record without the id of what it cancels
)
