package conformance

import (
	"bytes"
	"iter"
	"path"
	"slices"
	"testing"

	"wattdue/meter/evidence"
)

// carried is what a vector is handed over as: its files, and the key that came beside them.
type carried struct {
	files []evidence.File
	key   string
}

// file is a whole file of a vector.
func (c carried) file(t *testing.T, at int) piece {
	return piece{t, c.files[at].Data, func(b []byte) carried {
		files := slices.Clone(c.files)
		files[at].Data = b
		return carried{files, c.key}
	}}
}

// besideKey is the key that came beside the files.
func (c carried) besideKey(t *testing.T) piece {
	return piece{t, []byte(c.key), func(b []byte) carried { return carried{c.files, string(b)} }}
}

func (c carried) all() iter.Seq2[evidence.File, error] {
	return func(yield func(evidence.File, error) bool) {
		for _, f := range c.files {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (c carried) equal(o carried) bool {
	return c.key == o.key && slices.EqualFunc(c.files, o.files, func(a, b evidence.File) bool {
		return a.Name == b.Name && bytes.Equal(a.Data, b.Data)
	})
}

// messages is how many signed messages the decoders read.
func (c carried) messages() (n int) {
	for session := range evidence.Read(c.all()) {
		n += len(session.Evidence.Messages)
	}
	return n
}

// signedPlaces finds every signed message of a vector, and every copy of the key.
func (c carried) signedPlaces(t *testing.T) ([]signedPlaces, []spot) {
	f := finder{t: t}
	p := c.file(t, 0).trimmed()
	switch {
	case len(c.files) > 1:
		f.receipt(c)
	case bytes.Contains(p.data, []byte("<ChargingProcess>")):
		f.bill(p)
	case bytes.Contains(p.data, []byte("<values")):
		f.transparency(p)
	case p.data[0] == '{':
		f.json(p)
	default:
		f.record(p)
	}
	if c.key != "" {
		f.key(c.besideKey(t))
	}
	return f.messages, f.keys
}

// finder collects what it finds in a container.
type finder struct {
	t        *testing.T
	messages []signedPlaces
	keys     []spot
}

func (f *finder) add(m signedPlaces, inner []spot) {
	f.messages, f.keys = append(f.messages, m), append(f.keys, inner...)
}

func (f *finder) key(p piece) { f.keys = append(f.keys, p.without(inHexOrBase64...).keyBit()) }

// recordForms are the formats of single records, by how they begin.
var recordForms = []struct {
	begin  string
	places func(piece) (signedPlaces, []spot)
}{
	{"OCMF|", ocmfPlaces},
	{"AP;", alfenPlaces},
	{"128.8.0(", pcdfPlaces},
	{"<?xml", blockPlaces},
	{"\x1b\x1b\x1b\x1b", listPlaces},
}

// record finds the places in a single record, plain or coated.
func (f *finder) record(p piece) {
	p = p.trimmed()
	for _, coats := range [][]coat{nil, {escapedXML}, inHexOrBase64} {
		inner := p
		if coats != nil {
			inner = p.without(coats...)
		}
		for _, form := range recordForms {
			if bytes.HasPrefix(inner.data, []byte(form.begin)) {
				f.add(form.places(inner))
				return
			}
		}
	}
	f.t.Fatalf("no known record: %.40q", p.data)
}

// transparency looks into a file for the transparency software.
func (f *finder) transparency(p piece) {
	for _, value := range p.elements("value") {
		for _, sealed := range value.elements("encodedData") {
			f.add(sealPlaces(sealed.without(inHexOrBase64...)), nil)
		}
		for _, record := range value.elements("signedData") {
			f.record(record)
		}
		for _, key := range value.elements("publicKey") {
			f.key(key)
		}
	}
}

func (f *finder) bill(p piece) {
	for _, process := range p.elements("ChargingProcess") {
		for _, measurement := range append(process.elements("MeasurementStart"), process.elements("MeasurementEnd")...) {
			f.add(processPlaces(process, measurement), nil)
		}
		f.key(process.elements("PublicKey")[0])
	}
}

// json looks into the containers of PTB, OCPI and chargeIT.
func (f *finder) json(p piece) {
	for _, name := range []string{"ocmfBegin", "ocmfEnd"} {
		if _, ok := p.at(name); ok {
			f.record(p.text(name))
		}
	}
	for _, at := range [][]any{{"publicKey"}, {"signed_data", "public_key"}} {
		if _, ok := p.at(at...); ok {
			f.key(p.text(at...))
		}
	}
	for i := 0; ; i++ {
		if _, ok := p.at("signed_data", "signed_values", i); !ok {
			break
		}
		f.record(p.text("signed_data", "signed_values", i, "signed_data"))
	}
	for i := 0; ; i++ {
		value, ok := p.at("signedMeterValues", i)
		if !ok {
			break
		}
		f.meterValue(value)
	}
}

func (f *finder) meterValue(value piece) {
	if _, ok := value.at("payload"); ok {
		f.record(value.text("payload"))
		return
	}
	if _, ok := value.at("additionalValues"); ok {
		f.add(bsmPlaces(value))
		return
	}
	f.add(emhPlaces(value))
}

func (f *finder) receipt(c carried) {
	at := func(name string) piece {
		return c.file(f.t, slices.IndexFunc(c.files, func(file evidence.File) bool { return path.Base(file.Name) == name }))
	}
	f.add(receiptPlaces(at("key.pem"), at("secrrct"), at("secrrct.sign")))
}
