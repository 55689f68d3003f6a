package sml

import "slices"

// Tags of the messages around the list.
const (
	openResponse  = 0x0101
	closeResponse = 0x0201
)

// Write returns the list as a file in its transport frame, as a meter sends it: an opening message, the list, a
// closing message. Read gives the same list back, but for Deviations, which are not written, and empty slices, which
// the format does not tell from absent ones. Of a value the first of Moment, Number (if IsNumber) and Bytes counts.
func Write(l List) []byte {
	open := listOf(nil, nil, octets([]byte("1")), octets(l.Server), nil, nil)
	content := message(0, openResponse, open)
	content = append(content, message(1, getListResponse, response(l))...)
	return wrap(append(content, message(2, closeResponse, listOf(nil))...))
}

// message puts the envelope around a content; each has a transaction and a group number of its own.
func message(number byte, tag uint16, content []byte) []byte {
	text := listOf(
		octets([]byte{'0' + number}), unsigned(uint64(number)), unsigned(0),
		listOf([]byte{typeUnsigned | 3, byte(tag >> 8), byte(tag)}, content),
	)
	text[0] = typeList | messageElements // checksum and end mark follow
	crc := crc16(text)
	return append(text, typeUnsigned|3, byte(crc), byte(crc>>8), endOfMessage)
}

func response(l List) []byte {
	values := head(typeList, len(l.Values))
	for _, v := range l.Values {
		values = append(values, entry(v)...)
	}
	return listOf(octets(l.Client), octets(l.Server), octets(l.ListName), choice(l.SensorTime), values,
		octets(l.Signature), choice(l.GatewayTime))
}

func entry(v Value) []byte {
	var status, unit, scaler []byte
	if v.HasStatus {
		status = unsigned(v.Status)
	}
	if v.Unit != 0 {
		unit = unsigned(uint64(v.Unit))
	}
	if v.Scaler != 0 {
		scaler = signed(int64(v.Scaler))
	}
	return listOf(octets(v.Object[:]), status, choice(v.Time), unit, scaler, content(v), octets(v.Signature))
}

func content(v Value) []byte {
	switch {
	case v.Moment != nil:
		return listOf(unsigned(1), choice(v.Moment))
	case v.IsNumber:
		return signed(v.Number)
	default:
		return octets(v.Bytes)
	}
}

func choice(t *Time) []byte {
	if t == nil {
		return nil
	}
	seconds := []byte{
		typeUnsigned | 5, byte(t.Seconds >> 24), byte(t.Seconds >> 16), byte(t.Seconds >> 8), byte(t.Seconds),
	}
	if t.Kind == Local {
		seconds = listOf(seconds, signed(int64(t.Local)), signed(int64(t.Season)))
	}
	return listOf(unsigned(uint64(t.Kind)), seconds)
}

// listOf joins elements to a list; nil is an element left out.
func listOf(elements ...[]byte) []byte {
	out := head(typeList, len(elements))
	for _, e := range elements {
		if e == nil {
			e = []byte{absent}
		}
		out = append(out, e...)
	}
	return out
}

func octets(b []byte) []byte {
	size := 1
	for len(b)+size >= 1<<(4*size) { // the length counts its own bytes
		size++
	}
	return append(head(typeOctets, len(b)+size), b...)
}

// head writes a type and a length in as many bytes as the length needs, four bits in each.
func head(kind byte, n int) []byte {
	out := []byte{byte(n & 0x0f)}
	for n >>= 4; n > 0; n >>= 4 {
		out = append(out, byte(n&0x0f)|0x80)
	}
	slices.Reverse(out)
	out[0] |= kind
	return out
}

// unsigned writes a number in as few bytes as it needs.
func unsigned(v uint64) []byte {
	size := 1
	for size < 8 && v>>(8*size) != 0 {
		size++
	}
	return append([]byte{typeUnsigned | byte(size+1)}, bigEndian(v, size)...)
}

func signed(v int64) []byte {
	size := 1
	for size < 8 && v>>(8*size-1) != 0 && v>>(8*size-1) != -1 {
		size++
	}
	return append([]byte{typeSigned | byte(size+1)}, bigEndian(uint64(v), size)...)
}

func bigEndian(v uint64, size int) []byte {
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(v >> (8 * (size - 1 - i)))
	}
	return out
}
