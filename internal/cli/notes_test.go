package cli

import (
	"bytes"
	"encoding/binary"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// notedFile is a file about which probe has a note: an input of internal/identity, with a change.
type notedFile struct {
	input  string
	change func(file []byte) []byte // nil for none
}

func notedFiles() map[media.NoteKind]notedFile {
	return map[media.NoteKind]notedFile{
		media.NoteTrackLeftOut:    {"tiny", subtitles},
		media.NoteEmptySamples:    {"tiny", in("moov trak:2 mdia minf stbl stsz", func(b []byte) []byte { return append(b[:len(b)-4], 0, 0, 0, 0) })},
		media.NoteSampleTimes:     {"picture-only", in("moov trak mdia minf stbl stts", func([]byte) []byte { return isobmff.Uint32(0, 2, 74, 512, 1, 0) })},
		media.NoteDamaged:         {"picture-only", forbidden},
		media.NoteCutOff:          {"fragmented", func(b []byte) []byte { return b[:len(b)-3000] }},
		media.NoteJoined:          {"fragmented", func(b []byte) []byte { return slices.Concat(b, b) }},
		media.NoteGaps:            {"fragmented", later},
		media.NoteCodingChange:    {"avc-intra", twoEntries},
		media.NoteRotation:        {"picture-only", in("moov trak tkhd", turned)},
		media.NotePixelAspect:     {"picture-only", in("moov trak mdia minf stbl stsd avc1 pasp", func([]byte) []byte { return isobmff.Uint32(4, 3) })},
		media.NoteCleanAperture:   {"picture-only", withBox("avc1", isobmff.Box("clap", isobmff.Uint32(96, 1, 54, 1, 0, 1, 0, 1)))},
		media.NoteHDR:             {"hevc-hvc1", withBox("hvc1", isobmff.Box("clli", isobmff.Uint16(1000, 400)))},
		media.NoteDolbyVision:     {"hevc-hvc1", withBox("hvc1", isobmff.Box("dvvC", []byte{1, 0, 8 << 1, 5, 1 << 4}, make([]byte, 19)))},
		media.NoteSpherical:       {"picture-only", withBox("avc1", sphere())},
		media.NoteColor:           {"picture-only", withBox("avc1", isobmff.Box("colr", []byte("nclx"), isobmff.Uint16(9, 16, 9), []byte{0}))},
		media.NoteMetadataLeftOut: {"picture-only", in("moov udta", chapters)},
		media.NoteLapStart:        {"avc-open-gop", firstUnreadable},
		media.NoteLapEnd:          {"picture-only", in("moov trak edts elst", func([]byte) []byte { return isobmff.Uint32(0, 1, 1000, 0, 1<<16) })},
		media.NoteLapSeam:         {"avc-begins-with-leading-pictures", lastUnreadable},
		media.NotePicturesAdded:   {"edit-cut-in-a-gop", nil},
		media.NotePictureTimes:    {"edit-cut-in-a-gop", nil},
		media.NotePicturesDropped: {"hevc-begins-with-leading-pictures", in("moov trak edts", func(b []byte) []byte { copy(b[4:], "free"); return b })},
		media.NoteSoundCut:        {"sound-long", nil},
		media.NoteSoundFilled:     {"sound-short", nil},
		media.NoteSoundClock:      {"tiny", in("moov trak:2 mdia minf stbl stts", func([]byte) []byte { return isobmff.Uint32(0, 1, 26, 1100) })},
	}
}

// notedByEncoding returns the kinds that only a mezzanine has, for which probe needs ffmpeg, with
// the file of TestEncodePlaysTheRest (test/e2e) that has such a note, if one has. The golden file
// of all of them is internal/encode/testdata/notes.txt.
func notedByEncoding() map[media.NoteKind]string {
	return map[media.NoteKind]string{
		media.NoteDeinterlaced: "interlaced.mpg",
		media.NoteCropped:      "odd.mkv",
		media.NoteTransparency: "alpha.mov",
		media.NoteFrameRate:    "",
		media.NoteSoundMixed:   "",
	}
}

// TestProbeOfEachKindOfNote compares what probe says, to people and as JSON, with a golden file for
// each kind of note that there is.
func TestProbeOfEachKindOfNote(t *testing.T) {
	goldens, err := filepath.Abs("testdata/notes")
	if err != nil {
		t.Fatal(err)
	}
	files, encoded := notedFiles(), notedByEncoding()
	for _, kind := range noteKinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			f, ok := files[kind]
			if file, ok := encoded[kind]; ok {
				holds(t, "../encode/testdata/notes.txt", "\n  "+string(kind)+" ")
				holds(t, "../../test/e2e/encode_kinds_test.go", file)
				return
			}
			if kind == media.NoteClipping { // Only a MediaLive document clips, which probe does not read.
				holds(t, "../loop/clipping_test.go", "the clip stops at")
				return
			}
			if !ok {
				t.Fatal("no file has a note of this kind: add one to notedFiles")
			}
			got := probed(t, f)
			if !strings.Contains(got, `"kind": "`+string(kind)+`"`) {
				t.Errorf("no note of this kind:\n%s", got)
			}
			golden(t, filepath.Join(goldens, string(kind)+".txt"), got)
		})
	}
}

func holds(t *testing.T, file, text string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), text) {
		t.Errorf("%s does not hold %q", file, text)
	}
}

// noteKinds returns the kinds that package media declares.
func noteKinds(t *testing.T) (kinds []media.NoteKind) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../media/note.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := v.Type.(*ast.Ident); ok && of.Name == "NoteKind" {
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, media.NoteKind(text))
		}
		return true
	})
	if len(kinds) == 0 {
		t.Fatal("no kinds of note are found")
	}
	return kinds
}

// probed returns what probe and probe --json say of a file.
func probed(t *testing.T, f notedFile) string {
	t.Helper()
	file, err := os.ReadFile("../identity/testdata/inputs/" + f.input + ".mp4")
	if err != nil {
		t.Fatal(err)
	}
	if f.change != nil {
		file = f.change(file)
	}
	t.Chdir(t.TempDir())
	writeFile(t, "movie.mp4", string(file))
	var out, errs bytes.Buffer
	for _, args := range [][]string{{"probe", "movie.mp4"}, {"probe", "--json", "movie.mp4"}} {
		if code := New(&out, &errs, os.Getenv).Run(t.Context(), args); code != 0 || errs.Len() > 0 {
			t.Fatalf("%v: exit code %d: %s", args, code, &errs)
		}
	}
	return out.String()
}

// in returns a change of the body of one box, which must come after all samples.
func in(path string, change func(body []byte) []byte) func(file []byte) []byte {
	return func(file []byte) []byte { return edited(file, strings.Fields(path), change) }
}

// edited changes the body of the box at the end of the path, whose names may have a number: trak:2.
func edited(boxes []byte, path []string, change func(body []byte) []byte) []byte {
	name, number, _ := strings.Cut(path[0], ":")
	left, err := strconv.Atoi(number)
	if err != nil {
		left = 1
	}
	for at := 0; at < len(boxes); at += int(binary.BigEndian.Uint32(boxes[at:])) {
		end := at + int(binary.BigEndian.Uint32(boxes[at:]))
		if string(boxes[at+4:at+8]) != name {
			continue
		}
		if left--; left > 0 {
			continue
		}
		body := slices.Clone(boxes[at+8 : end])
		if len(path) == 1 {
			body = change(body)
		} else {
			fields := map[string]int{"stsd": 8, "avc1": 78, "hvc1": 78}[name]
			body = slices.Concat(body[:fields], edited(body[fields:], path[1:], change))
		}
		return slices.Concat(boxes[:at], isobmff.Box(name, body), boxes[end:])
	}
	panic("there is no box " + path[0])
}

// withBox adds a box to the sample entry of the pictures.
func withBox(entry string, box []byte) func(file []byte) []byte {
	return in("moov trak mdia minf stbl stsd "+entry, func(b []byte) []byte { return append(b, box...) })
}

func subtitles(file []byte) []byte {
	file = bytes.Replace(file, []byte("soun"), []byte("sbtl"), 1)
	return bytes.Replace(file, []byte("mp4a"), []byte("tx3g"), 1)
}

// forbidden sets forbidden_zero_bit in the first NAL unit, a message of the encoder.
func forbidden(file []byte) []byte {
	file[bytes.Index(file, []byte("mdat"))+8] |= 0x80
	return file
}

// later moves the fragments behind the first one by a second.
func later(file []byte) []byte {
	add := func(by uint64) func([]byte) []byte {
		return func(b []byte) []byte {
			binary.BigEndian.PutUint64(b[4:], binary.BigEndian.Uint64(b[4:])+by)
			return b
		}
	}
	for _, moof := range []string{"moof:2", "moof:3"} {
		file = edited(file, []string{moof, "traf", "tfdt"}, add(12800))
		file = edited(file, []string{moof, "traf:2", "tfdt"}, add(48000))
	}
	return file
}

// twoEntries gives the samples from the eleventh on a sample entry with another level.
func twoEntries(file []byte) []byte {
	const stbl, first = "moov trak mdia minf stbl ", 10
	var sizes []byte
	in(stbl+"stsz", func(b []byte) []byte { sizes = b[12:]; return b })(file)
	second := uint32(0)
	for i := range first {
		second += binary.BigEndian.Uint32(sizes[4*i:])
	}
	file = in(stbl+"stco", func(b []byte) []byte {
		at := binary.BigEndian.Uint32(b[8:])
		return isobmff.Uint32(0, 2, at, at+second)
	})(file)
	file = in(stbl+"stsc", func([]byte) []byte { return isobmff.Uint32(0, 2, 1, first, 1, 2, len(sizes)/4-first, 2) })(file)
	return in(stbl+"stsd", func(b []byte) []byte {
		entry := edited(b[8:], []string{"avc1", "avcC"}, func(b []byte) []byte {
			b[3], b[11] = 50, 50 // AVCLevelIndication and level_idc
			return b
		})
		return slices.Concat(isobmff.Uint32(0, 2), b[8:], entry)
	})(file)
}

// turned sets the matrix of a track header to a quarter of a turn.
func turned(tkhd []byte) []byte {
	copy(tkhd[40:], isobmff.Uint32(0, 1<<16, 0, -1<<16, 0, 0, 0, 0, 1<<30))
	return tkhd
}

func sphere() []byte {
	proj := isobmff.Box("proj", isobmff.FullBox("prhd", 0, 0, make([]byte, 12)), isobmff.FullBox("equi", 0, 0, make([]byte, 16)))
	return isobmff.Box("sv3d", isobmff.FullBox("svhd", 0, 0, []byte("test\x00")), proj)
}

func chapters(udta []byte) []byte {
	return append(udta, isobmff.FullBox("chpl", 1, 0, make([]byte, 4), []byte{1}, make([]byte, 8), []byte("\x05Begin"))...)
}

// chunk returns the offset of chunk i of the pictures, from the end if it is negative.
func chunk(file []byte, i int) (at int) {
	in("moov trak mdia minf stbl stco", func(b []byte) []byte {
		if b = b[8:]; i < 0 {
			i += len(b) / 4
		}
		at = int(binary.BigEndian.Uint32(b[4*i:]))
		return nil
	})(file)
	return at
}

// unreadable makes count NAL units filler data.
func unreadable(file []byte, at, count int) []byte {
	const filler = 12
	for range count {
		size := int(binary.BigEndian.Uint32(file[at:]))
		file[at+4] = filler
		at += 4 + size
	}
	return file
}

func firstUnreadable(file []byte) []byte { return unreadable(file, chunk(file, 0), 2) }
func lastUnreadable(file []byte) []byte  { return unreadable(file, chunk(file, -1), 1) }
