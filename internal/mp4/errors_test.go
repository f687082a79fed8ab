package mp4

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/isobmff"
)

func TestNotAnMP4(t *testing.T) {
	ts := bytes.Repeat(append([]byte("G"), zeros(187)...), 4)
	for name, c := range map[string]struct{ file, want string }{
		"empty":            {"", "the file is empty"},
		"transport stream": {string(ts), "an MPEG transport stream"},
		"M2TS":             {strings.Repeat("\x00\x00\x00\x01G"+string(zeros(187)), 3), "M2TS"},
		"Matroska":         {"\x1a\x45\xdf\xa3\x01\x00\x00\x00", "Matroska or WebM"},
		"HTML":             {"\n <!DOCTYPE html><html>", "an HTML page"},
		"HLS":              {"#EXTM3U\n#EXT-X-VERSION:3\n", "an HLS playlist"},
		"DASH":             {`<?xml version="1.0"?><MPD xmlns="x">`, "a DASH manifest"},
		"JPEG":             {"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG"},
		"AVI":              {"RIFF\x00\x00\x00\x00AVI LIST", "an AVI file"},
		"one byte":         {"x", "begins with the bytes 78"},
		"zeros":            {string(zeros(100)), "not an MP4"},
		"text":             {"hello, world, here I am", "begins with the bytes 68 65 6c 6c 6f"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, []byte(c.file), c.want) })
	}
}

// TestCutOff cuts good files off in many places.
func TestCutOff(t *testing.T) {
	first := (&movieSpec{tracks: []*trackSpec{video(20), sound(30)}}).build()
	last := (&movieSpec{tracks: []*trackSpec{video(20), sound(30)}, moovLast: true}).build()
	pieces := (&movieSpec{tracks: []*trackSpec{video(20)}, fragmented: true, perMoof: 9, fragment: fragmentSpec{base: "moof"}}).build()
	moof := bytes.LastIndex(pieces, []byte("moof"))
	init, _, _ := bytes.Cut(pieces, []byte("moof"))
	_, behind, _ := bytes.Cut(pieces[len(init):], []byte("mdat"))
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"within the samples":        {first[:len(first)-20], "beyond the end of the file at"},
		"within moov":               {first[:200], "within the moov box that goes from byte 24 to"},
		"behind ftyp":               {first[:24], "the moov box is missing: the recording was not finished"},
		"before moov":               {last[:bytes.Index(last, []byte("moov"))-4], "the moov box is missing: the recording was not finished"},
		"within mdat, moov behind":  {last[:100], "the moov box is missing: the file ends at byte 100, within the box mdat"},
		"within the first fragment": {pieces[:len(pieces)-len(behind)+4], "track 1 has no whole sample"},
		"a fragment in the middle":  {slices.Concat(pieces[:moof-4], withNumber(bytes.Clone(pieces[moof-4:]), "trun", 12, 1<<20), pieces[moof-4:]), "track 1, sample 19 lies at byte"},
		"within a 64-bit box size":  {append(bytes.Clone(first[:24]), "\x00\x00\x00\x01mdat\x00"...), "the file ends in the header of box mdat at byte 24"},
		"a box smaller than itself": {append(bytes.Clone(first[:24]), "\x00\x00\x00\x04mdat"...), "the box mdat at byte 24 says that it is 4 bytes long"},
		"an absurd 64-bit size":     {append(bytes.Clone(first[:24]), "\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"...), "says that it is 18446744073709551615 bytes"},
		"fragments without any":     {pieces[:bytes.Index(pieces, []byte("moof"))-4], "this is an initialization segment, which describes 1 track and"},
		"fragments alone":           {pieces[bytes.Index(pieces, []byte("moof"))-4:], "this is a media segment without its initialization segment"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.file, c.want) })
	}
}

// withNumber sets a number so far behind the type of the first such box.
func withNumber(file []byte, box string, at int, value uint32) []byte {
	binary.BigEndian.PutUint32(file[bytes.Index(file, []byte(box))+at:], value)
	return file
}

// TestLyingTables changes one box of a good file at a time.
func TestLyingTables(t *testing.T) {
	set := func(box string, at int, value uint32) func(string, []byte) []byte {
		return func(kind string, b []byte) []byte {
			if kind == box {
				binary.BigEndian.PutUint32(b[at:], value)
			}
			return b
		}
	}
	drop := func(box string) func(string, []byte) []byte {
		return func(kind string, b []byte) []byte {
			if kind == box {
				return isobmff.Box("free")
			}
			return b
		}
	}
	const huge = 1<<32 - 1
	for name, c := range map[string]struct {
		patch func(string, []byte) []byte
		want  string
	}{
		"8.6.1.2 stts count":             {set("stts", 12, huge), "says that it has 4294967295 entries, with room for 1"},
		"8.6.1.2 stts of too few":        {set("stts", 16, 5), "gives the durations of 5 samples, where track 1 has 20"},
		"8.6.1.2 all durations 0":        {set("stts", 20, 0), "track 1 has 20 samples of one decoding time, 0"},
		"8.6.1.2 absurd durations":       {set("stts", 20, huge), "track 1 has 20 samples of one decoding time, 0"},
		"8.6.1.3 ctts count":             {set("ctts", 12, huge), "the box moov/trak/mdia/minf/stbl/ctts at byte"},
		"8.6.1.3 ctts of too few":        {set("ctts", 12, 2), "gives the composition offsets of 2 samples"},
		"8.6.2 stss count":               {set("stss", 12, 6), "says that it has 6 entries, with room for 4"},
		"8.7.3 stsz count":               {set("stsz", 16, huge), "says that it has 4294967295 entries, with room for 20"},
		"8.7.3 stsz one size, many":      {func(k string, b []byte) []byte { return set("stsz", 16, huge)(k, set("stsz", 12, 1)(k, b)) }, "more than the file has bytes"},
		"8.7.3 a sample of 4 GB":         {set("stsz", 20, huge), "track 1, sample 1 lies at byte"},
		"8.7.4 stsc does not begin at 1": {set("stsc", 16, 2), "gives chunk 2 in entry 1, where 1 is next"},
		"8.7.4 stsc repeats a chunk":     {set("stsc", 28, 1), "goes back to chunk 1 in entry 2"},
		"8.7.4 stsc is empty":            {set("stsc", 12, 0), "does not say how many samples chunk 1 holds"},
		"8.7.4 no such sample entry":     {set("stsc", 24, 2), "has no sample entry"},
		"8.7.4 a second sample entry":    {set("stsc", 36, 7), "track 1, sample 19 has sample entry 7 of 1"},
		"8.7.4 chunks of nothing":        {set("stsc", 20, 0), "hold 7 chunks with 2 samples, where track 1 has 20"},
		"8.7.5 chunk beyond the file":    {set("stco", 20, 1<<31), "track 1, sample 4 lies at byte 2147483648 and has 13 bytes, beyond the end of the file"},
		"8.7.5 stco count":               {set("stco", 12, huge), "says that it has 4294967295 entries"},
		"8.4.2 timescale 0":              {set("mdhd", 20, 0), "gives track 1 a timescale of 0"},
		"8.4.2 no mdhd":                  {drop("mdhd"), "the box moov/trak/mdia at byte"},
		"8.6.1.2 no stts":                {drop("stts"), "holds no stts box"},
		"8.7.4 no stsc":                  {drop("stsc"), "holds no stsc box"},
		"8.7.5 no stco":                  {drop("stco"), "holds no stco or co64 box"},
		"8.7.3 no stsz":                  {drop("stsz"), "nothing to play"},
		"8.5.2 no stsd":                  {drop("stsd"), "video track 1 has no sample entry"},
		"4.2 box beyond its parent":      {set("stts", 0, 1<<20), "the box moov/trak/mdia/minf/stbl/stts at byte"},
		"4.2 box smaller than itself":    {set("stts", 0, 7), "says that it is 7 bytes long"},
		"8.6.6 elst count":               {set("elst", 12, huge), "the box moov/trak/edts/elst at byte"},
	} {
		t.Run(name, func(t *testing.T) {
			v := reorder(video(20), 0)
			v.edits, v.patch = []editSpec{{0, 0, 0}}, c.patch
			refused(t, (&movieSpec{tracks: []*trackSpec{v}}).build(), c.want)
		})
	}
}

func TestEmptySamples(t *testing.T) {
	v := video(20)
	v.samples[4].size, v.samples[19].size = 0, 0
	a := mustOpen(t, &movieSpec{tracks: []*trackSpec{v}}).Asset
	if len(a.Video.Units) != 18 || a.Video.Duration(3) != 2 || a.Video.LastDuration != 2 || len(a.Notes) != 1 {
		t.Errorf("%d units, notes %q", len(a.Video.Units), a.Notes)
	}
}

// broken answers with an error from byte from on.
type broken struct {
	io.ReaderAt
	from int64
	err  error
}

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.from {
		return 0, b.err
	}
	return b.ReaderAt.ReadAt(p, off)
}

func TestSourceErrors(t *testing.T) {
	file := (&movieSpec{tracks: []*trackSpec{video(2000)}}).build()
	down := errors.New("connection reset")
	for _, from := range []int64{0, 3000, int64(len(file)) - 10} {
		_, err := open(broken{bytes.NewReader(file), from, down}, int64(len(file)), newFake)
		if from < int64(len(file))-10 && (fault.KindOf(err) != fault.Source || !errors.Is(err, down)) {
			t.Errorf("from %d: %v", from, err)
		}
	}
	_, err := open(bytes.NewReader(file[:3000]), int64(len(file)), newFake)
	if fault.KindOf(err) != fault.Source || !strings.Contains(err.Error(), "the source ends at byte") {
		t.Errorf("a size that lies: %v", err)
	}
}
