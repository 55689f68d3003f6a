package sml

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// unhex reads hexadecimal text; everything behind a # is a remark.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answer is a GetList.Response put together by hand from SML 1.04, 6.3 and 7.
const answer = `
77                                  # list of 7
  02 43                             # client "C"
  05 4d314d32                       # server "M1M2"
  01                                # no list name
  72 6201 65 0000012c               # sensor time: second 300 of the meter
  76                                # six values
    77 07 0100011100ff              # register 1.17.0
       64 010208                    # status in three bytes
       72 6203 73 65 5f322945 53 003c 52 00 # local time, 60 minutes and none
       621e 52ff                    # Wh, a tenth
       56 00 00 00 0c cb            # 3275
       03 aabb                      # signature of the value
    77 07 0100010800ff 01 01 01 01 52 fe 01        # -2
    77 07 8182815401ff 01 01 01 01 8d0a 01020304 05060708 090a0b0c 0d0e0f10 11121314 15161718 191a1b1c 1d1e1f20
       2122232425262728 292a2b2c2d2e2f30 3132333435363738 393a3b3c3d3e3f40 4142434445464748 494a4b4c4d4e4f50
       5152535455565758 595a5b5c5d5e5f60 6162636465666768 696a6b6c6d6e6f70 7172737475767778 797a7b7c7d7e7f80
       8182838485868788 898a8b8c8d8e8f90 9192939495969798 999a9b9c9d9e9fa0 a1a2a3a4a5a6a7a8 a9aaabacadaeafb0
       b1b2b3b4b5b6b7b8 b9babbbcbdbebfc0 c1c2c3c4c5c6c7c8 c9cacbcccdcecfd0 d1d2d3d4d5d6d7d8 01 # 216 bytes and 2 are 0xda
    77 07 810060080001 01 01 01 01 72 6201 72 6201 62 2a 01   # a time, wrapped: second 42
    77 07 810060080002 01 01 01 01 72 6202 65 80000000 01     # a time, bare
    77 07 810060080003 01 01 01 01 42 01 01                   # true
  8304` + signature + `
  01`

// signature is 50 bytes, so that 52 = 0x34 is written in two nibbles.
const signature = `00112233445566778899 00112233445566778899 00112233445566778899 00112233445566778899 00112233445566778899`

func octetRun(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i + 1)
	}
	return out
}

func wantAnswer(t testing.TB) List {
	return List{
		Client: []byte("C"), Server: []byte("M1M2"), SensorTime: &Time{Kind: Index, Seconds: 300},
		Values: []Value{
			{
				Object: [6]byte{1, 0, 1, 17, 0, 255}, Status: 0x010208, HasStatus: true,
				Time: &Time{Kind: Local, Seconds: 0x5f322945, Local: 60}, Unit: 30, Scaler: -1, Number: 3275, IsNumber: true,
				Signature: []byte{0xaa, 0xbb},
			},
			{Object: [6]byte{1, 0, 1, 8, 0, 255}, Number: -2, IsNumber: true},
			{Object: [6]byte{0x81, 0x82, 0x81, 0x54, 1, 255}, Bytes: octetRun(216)},
			{Object: [6]byte{0x81, 0, 0x60, 8, 0, 1}, Number: 42, IsNumber: true, Moment: &Time{Kind: Index, Seconds: 42}},
			{
				Object: [6]byte{0x81, 0, 0x60, 8, 0, 2}, Number: 1 << 31, IsNumber: true,
				Moment: &Time{Kind: Timestamp, Seconds: 1 << 31},
			},
			{Object: [6]byte{0x81, 0, 0x60, 8, 0, 3}, Number: 1, IsNumber: true},
		},
		Signature: unhex(t, signature),
	}
}

func TestReadAnswer(t *testing.T) {
	got, err := Read(unhex(t, answer))
	if err != nil {
		t.Fatal(err)
	}
	if want := wantAnswer(t); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !Recognises(unhex(t, answer)) {
		t.Error("not recognised")
	}
}

// The envelope of a message around a small answer, with the checksum as calculated by hand over its bytes.
func TestReadMessages(t *testing.T) {
	content := `77 01 02 4d 01 01 71 77 07 0100011100ff 01 01 01 01 62 07 01 02 99 01`
	other := unhex(t, `76 02 31 6201 6200 72 63 0101 76 01 01 02 31 02 4d 01 01`) // an opening message up to its checksum
	list := append(unhex(t, `76 02 32 6202 6200 72 65 00000701`), unhex(t, content)...)
	sum := func(b []byte) []byte {
		crc := crc16(b)
		return append(bytes.Clone(b), 0x63, byte(crc), byte(crc>>8), 0)
	}
	good := append(sum(other), sum(list)...)
	bad := append(append(sum(other), list...), 0x63, 0x12, 0x34, 0)
	for _, c := range []struct {
		name string
		file []byte
		want []Deviation
	}{
		{"two messages", good, nil},
		{"the first checksum is of no interest", append(append(bytes.Clone(other), 0x63, 1, 1, 0), sum(list)...), nil},
		{"wrong checksum", bad, []Deviation{MessageCRC}},
		{"in a frame", wrap(good), nil},
		{"in a frame, wrong checksum", wrap(bad), []Deviation{MessageCRC}},
	} {
		l, err := Read(c.file)
		if err != nil || string(l.Server) != "M" || len(l.Values) != 1 || l.Values[0].Number != 7 || !bytes.Equal(l.Signature, []byte{0x99}) {
			t.Errorf("%s: %+v %v", c.name, l, err)
		}
		if !reflect.DeepEqual(l.Deviations, c.want) {
			t.Errorf("%s: deviations %q, want %q", c.name, l.Deviations, c.want)
		}
	}
	if _, err := Read(wrap(sum(other))); err == nil || !strings.Contains(err.Error(), "GetList.Response") {
		t.Errorf("a file without a list: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	value := func(s string) string { return "77 01 01 01 01 71 77 07 0100011100ff " + s + " 01 01" }
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "GetList.Response"},
		{"text", "4f434d467c7b7d", "byte 0: a message is said to be longer"},
		{"a list of five", "75 01 01 01 01 01", "byte 0: a message is no list of 6 elements"},
		{"cut off", "77 01 01", "byte 0: the answer with the list is said to be longer than the file"},
		{"cut off later", "77 01 01 01 01 71 77 07 0100", "byte 6: a value is said to be longer"},
		{"a length beyond the end", "77 01 8f0f 4d4d 01 01 70 01 01", "byte 2: the server id is said to be longer"},
		{"a length below its own bytes", "77 01 8001 01 01 70 01 01 01", "byte 2: the server id is said to be longer"},
		{"a length of five bytes", "77 01 8080808002 4d 01 70 01 01", "byte 2: the length of the server id cannot be read"},
		{"a type inside a length", "77 01 8f72 4d 01 70 01 01 01 01 01", "byte 2: the length of the server id"},
		{"four thousand million values", "77 01 01 01 01 ff0f0f0f 01 01 01", "byte 5: the value list is said to be longer"},
		{"a number for the server", "77 01 6201 01 01 70 01 01", "byte 2: the server id is no octet string"},
		{"no value list", "77 01 01 01 01 02 4d 01 01", "byte 5: the value list is no list"},
		{"an object of five bytes", "77 01 01 01 01 71 77 06 0100011100 01 01 01 01 01 01 01 01 01", "byte 7: an object of 5 bytes"},
		{"a unit above 255", value("01 01 63 0100 01 01 01"), "byte 16: a unit is out of range"},
		{"a scaler below -128", value("01 01 01 53 ff7f 01 01"), "byte 17: a scaler is out of range"},
		{"a number of 64 bits without sign", value("01 01 01 01 69 8000000000000000 01"), "byte 18: a value is out of range"},
		{"a number of nine bytes", value("01 01 01 01 6a 000000000000000001 01"), "byte 18: a value is a number of 9 bytes"},
		{"a number without bytes", value("01 01 01 01 61 01"), "byte 18: a value is a number of 0 bytes"},
		{"a boolean of two bytes", value("01 01 01 01 43 0001 01"), "byte 18: a boolean of 2 bytes"},
		{"a signed status", value("52 01 01 01 01 01 01"), "byte 14: a status is no unsigned number"},
		{"an unknown type", value("01 01 01 01 12 00 01"), "byte 18: a value is no number"},
		{"a time of kind 4", value("01 72 6204 6200 01 01 01 01"), "byte 16: the time of a value is of the unknown kind 4"},
		{"a time with one offset", value("01 72 6203 72 6200 5200 01 01 01 01"), "byte 18: the time of a value is no list of 3"},
		{"a list instead of a value", value("01 01 01 01 73 01 01 01 01"), "byte 18: a value that is a time is no list of 2"},
		{"a wrapped value of kind 2", value("01 01 01 01 72 6202 72 6201 6200 01"), "byte 19: a value of the unknown kind 2"},
		{"an end inside the answer", "77 01 00 01 01 70 01 01", "byte 2: the message ends before the server id"},
		{"nested too deep", "76 01 6201 6200 72 63 0101 " + strings.Repeat("71", 20) + " 01 63 0000 00", "nested more than 8 deep"},
		{"a message without end", "76 01 6201 6200 72 63 0101 01 63 0000 01", "byte 14: the message has no end"},
		{"an unknown command", "1b1b1b1b 01010101 76 1b1b1b1b 02000000", "unknown command after the escape bytes at byte 9"},
	} {
		b := unhex(t, c.file)
		_, err := Read(b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if Recognises(b) != strings.HasPrefix(c.file, "1b") {
			t.Errorf("%s: recognised by the wrong thing", c.name)
		}
	}
}

// A place behind a doubled escape is told as it stands in the file.
func TestErrorNamesByteOfFile(t *testing.T) {
	file := unhex(t, `1b1b1b1b 01010101 75 05 1b1b1b1b1b1b1b1b 01 62 1b1b1b1b 1a000000`)
	_, err := Read(file)
	if err == nil || !strings.Contains(err.Error(), "byte 8: a message is no list of 6") {
		t.Errorf("before: %v", err)
	}
	file = unhex(t, `1b1b1b1b 01010101 77 05 1b1b1b1b1b1b1b1b 6200 01010101 01 1b1b1b1b 1a000000`)
	if _, err = Read(file); err == nil || !strings.Contains(err.Error(), "byte 18: the server id is no octet string") {
		t.Errorf("behind: %v", err)
	}
}

func TestLimits(t *testing.T) {
	if _, err := Read(wrap(make([]byte, maxFile))); err == nil || !strings.Contains(err.Error(), "send a single record") {
		t.Errorf("a large file: %v", err)
	}
	if _, err := Read(Write(List{Values: make([]Value, maxValues)})); err != nil {
		t.Errorf("%d values: %v", maxValues, err)
	}
	_, err := Read(Write(List{Values: make([]Value, maxValues+1)}))
	if err == nil || !strings.Contains(err.Error(), "has 1001 entries, more than 1000") {
		t.Errorf("too many values: %v", err)
	}
	many := append(head(typeList, maxElements+1), bytes.Repeat([]byte{absent}, maxElements+1)...)
	if _, err := Read(message(0, openResponse, many)); err == nil || !strings.Contains(err.Error(), "more than 20000 elements") {
		t.Errorf("too many elements: %v", err)
	}
}

func drawTime(t *rapid.T) *Time {
	kind := Kind(rapid.IntRange(0, 3).Draw(t, "kind"))
	if kind == 0 {
		return nil
	}
	out := Time{Kind: kind, Seconds: rapid.Uint32().Draw(t, "seconds")}
	if kind == Local {
		out.Local, out.Season = rapid.Int16().Draw(t, "local"), rapid.Int16().Draw(t, "season")
	}
	return &out
}

// drawBytes likes escape bytes, and lengths at the edges of one and two nibbles.
func drawBytes(t *rapid.T) []byte {
	n := rapid.SampledFrom([]int{0, 0, 1, 3, 4, 8, 14, 15, 16, 253, 254, 255, 300}).Draw(t, "length")
	if n == 0 {
		return nil
	}
	return rapid.SliceOfN(rapid.SampledFrom([]byte{0x1b, 0x1b, 0x1b, 0x1a, 0, 1, 0x77}), n, n).Draw(t, "bytes")
}

func drawList(t *rapid.T) List {
	l := List{
		Client: drawBytes(t), Server: drawBytes(t), ListName: drawBytes(t), SensorTime: drawTime(t), Signature: drawBytes(t),
		GatewayTime: drawTime(t),
	}
	for range rapid.IntRange(0, 20).Draw(t, "values") {
		v := Value{
			Object: [6]byte(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "object")), HasStatus: rapid.Bool().Draw(t, "has status"),
			Time: drawTime(t), Unit: rapid.Uint8().Draw(t, "unit"), Scaler: rapid.Int8().Draw(t, "scaler"), Signature: drawBytes(t),
		}
		if v.HasStatus {
			v.Status = rapid.Uint64().Draw(t, "status")
		}
		switch v.Moment = drawTime(t); {
		case v.Moment != nil:
			v.Number, v.IsNumber = int64(v.Moment.Seconds), true
		case rapid.Bool().Draw(t, "number"):
			v.Number, v.IsNumber = rapid.Int64().Draw(t, "value"), true
		default:
			v.Bytes = drawBytes(t)
		}
		l.Values = append(l.Values, v)
	}
	return l
}

// What is written is read back the same, without deviations.
func TestReadWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawList(t)
		file := Write(want)
		got, err := Read(file)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%x: %v\ngot  %+v\nwant %+v", file, err, got, want)
		}
		if !Recognises(file) || len(file)%4 != 0 {
			t.Fatalf("%d bytes, recognised %t", len(file), Recognises(file))
		}
	})
}

// The list shares no memory with the file it was read from.
func TestReadCopies(t *testing.T) {
	file := unhex(t, answer)
	l, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	clear(file)
	if !reflect.DeepEqual(l, wantAnswer(t)) {
		t.Error("the list changed with the file")
	}
}

func TestValueOfObject(t *testing.T) {
	l := wantAnswer(t)
	if v, ok := l.Value([6]byte{1, 0, 1, 8, 0, 255}); !ok || v.Number != -2 {
		t.Errorf("%+v %t", v, ok)
	}
	if _, ok := l.Value([6]byte{}); ok {
		t.Error("found what is not there")
	}
}

// 12:00:00 UTC on 1970-01-02 is 129600; in German summer time the wall shows 14:00, 7200 seconds more.
func TestLocalSeconds(t *testing.T) {
	for _, c := range []struct {
		time Time
		want int64
	}{
		{Time{Kind: Local, Seconds: 129600, Local: 60, Season: 60}, 136800},
		{Time{Kind: Local, Seconds: 129600, Local: -90}, 124200},
		{Time{Kind: Timestamp, Seconds: 129600, Local: 60}, 129600},
		{Time{Kind: Index, Seconds: 7}, 7},
	} {
		if got := c.time.LocalSeconds(); got != c.want {
			t.Errorf("%+v: %d, want %d", c.time, got, c.want)
		}
	}
}

// FuzzRead: nothing panics, and what is accepted is written back as the same list.
func FuzzRead(f *testing.F) {
	f.Add(unhex(f, answer))
	f.Add(Write(wantAnswer(f)))
	f.Add(Write(List{Signature: bytes.Repeat([]byte{0x1b}, 50)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Read(b)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "SML: ") {
				t.Fatalf("an error that names no format: %v", err)
			}
			return
		}
		if !Recognises(b) {
			t.Fatal("read but not recognised")
		}
		l.Deviations = nil
		again, err := Read(Write(l))
		if err != nil || !reflect.DeepEqual(again, l) {
			t.Fatalf("%v\n%+v, again %+v", err, l, again)
		}
	})
}
