package conformance

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// element is one element of SML: a list, or the bytes of anything else.
type element struct {
	kind byte // bits 4 to 6 of the first byte: 0 octets, 5 signed, 6 unsigned, 7 list
	list []element
	data []byte
}

// number reads the bytes of an integer.
func (e element) number() int64 {
	if len(e.data) > 8 {
		return 0
	}
	fill := byte(0)
	if e.kind == 5 && len(e.data) > 0 && e.data[0] >= 0x80 {
		fill = 0xff
	}
	b := append(bytes.Repeat([]byte{fill}, 8-len(e.data)), e.data...)
	return int64(binary.BigEndian.Uint64(b))
}

// at returns a member of a list; beyond its end an empty element.
func (e element) at(i int) element {
	if i >= len(e.list) {
		return element{}
	}
	return e.list[i]
}

var errShort = errors.New("SML: cut off")

// take reads the element that b begins with.
func take(b []byte, depth int) (element, []byte, error) {
	if len(b) == 0 || depth > 8 {
		return element{}, nil, errShort
	}
	e := element{kind: b[0] >> 4 & 7}
	size, used := int(b[0]&15), 1
	for more := b[0]&0x80 != 0; more; used++ {
		if used >= min(len(b), 4) {
			return element{}, nil, errShort
		}
		size, more = size<<4|int(b[used]&15), b[used]&0x80 != 0
	}
	if e.kind != 7 {
		if b[0] == 0 { // end of message
			return e, b[1:], nil
		}
		if size < used || size > len(b) {
			return element{}, nil, errShort
		}
		e.data = b[used:size]
		return e, b[size:], nil
	}
	b = b[used:]
	for range size {
		var member element
		var err error
		if member, b, err = take(b, depth+1); err != nil {
			return element{}, nil, err
		}
		e.list = append(e.list, member)
	}
	return e, b, nil
}

// readList reads the signed list of an EDL40 meter and rebuilds what it signed.
func readList(file []byte) ([]sealedBytes, error) {
	escape := []byte{0x1b, 0x1b, 0x1b, 0x1b}
	end := bytes.LastIndex(file, append(bytes.Clone(escape), 0x1a))
	if end < 8 {
		return nil, errShort
	}
	body := bytes.ReplaceAll(file[8:end], append(bytes.Clone(escape), escape...), escape)
	for len(body) > 0 {
		message, rest, err := take(body, 0)
		if err != nil {
			return nil, err
		}
		if message.at(3).at(0).number() == 0x0701 {
			return rebuild(message.at(3).at(1))
		}
		body = rest
	}
	return nil, errors.New("SML: no list")
}

// rebuild lays out the answer of the meter.
func rebuild(answer element) ([]sealedBytes, error) {
	values := map[string]element{}
	for _, v := range answer.at(4).list {
		values[fmt.Sprintf("%x", v.at(0).data)] = v
	}
	integer := func(object string) int64 { return values[object].at(5).number() }
	signature := answer.at(5).data
	if len(signature) != 50 && len(signature) != 66 {
		return nil, fmt.Errorf("a signature of %d bytes", len(signature))
	}
	size := len(signature) - 2
	register, contract := values["0100011100ff"], values["8182815401ff"]
	e := edl{
		server: answer.at(1).data, object: registerSigned, log: signature[size:], contract: contract.at(5).data,
		at: wallSeconds(register.at(2)), since: wallSeconds(contract.at(2)), page: integer("8180817101ff"),
		index:  values["810060080001"].at(5).at(1).at(1).number(),
		status: register.at(1).number(), unit: register.at(3).number(), scaler: register.at(4).number(), value: register.at(5).number(),
	}
	if size == 64 {
		e.historic, e.compensated = integer("010001110064"), integer("0100011100c8")
		e.lineOhm, e.watch = integer("00af6c6c72ff"), integer("00af647572ff")
		word := uint64(e.status)
		e.status = 0
		for to, from := range map[int]int{0: 17, 3: 31, 4: 16, 5: 11, 6: 9, 7: 8} {
			e.status |= int64(word>>from&1) << to
		}
	}
	return []sealedBytes{{message: e.bytes(), signature: derOf(signature[:size])}}, nil
}

// wallSeconds reads a time with the offsets of its zone and season in minutes.
func wallSeconds(t element) int64 {
	local := t.at(1)
	return local.at(0).number() + 60*(local.at(1).number()+local.at(2).number())
}
