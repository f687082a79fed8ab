package mp4

import (
	"bytes"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// checkFormat returns an error if the file does not begin like an MP4, and says
// what it is instead.
func checkFormat(file *fileReader) error {
	if file.size == 0 {
		return fault.New(fault.Media, "the file is empty: there is nothing to play")
	}
	b, err := file.peek(0, int(min(file.size, windowSize)))
	if err != nil {
		return err
	}
	if len(b) >= 8 && newFourCC(b[4:]).is("ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "pnot", "uuid",
		"sidx", "ssix", "pdin", "meta", "emsg", "prft", "junk") {
		return nil
	}
	if what := containerFormat(b); what != "" {
		return fault.New(fault.Media, "this is %s, not an MP4: --encode avc plays it", what)
	}
	if what := pictureFormat(b); what != "" {
		return fault.New(fault.Media, "this is %s, a single picture: make a film of it with ffmpeg -loop 1 -t 10 -i IN -vf crop=trunc(iw/2)*2:trunc(ih/2)*2 -pix_fmt yuv420p OUT.mp4", what)
	}
	if what := documentFormat(b); what != "" {
		return fault.New(fault.Media, "this is %s, not an MP4: give the address or path of the file itself", what)
	}
	return fault.New(fault.Media, "this is not an MP4: it begins with the bytes % x: if ffmpeg reads it, --encode avc plays it", b[:min(len(b), 12)])
}

// containerFormat recognizes a container of audio or video by its first bytes.
// It returns "" if there is none.
func containerFormat(b []byte) string {
	at := func(i int, s string) bool { return len(b) >= i+len(s) && string(b[i:i+len(s)]) == s }
	switch {
	case at(0, "G") && at(188, "G") && at(376, "G"):
		return "an MPEG transport stream"
	case at(4, "G") && at(196, "G") && at(388, "G"):
		return "an MPEG transport stream with timestamps (M2TS)"
	case at(0, "RIFF") && at(8, "AVI "):
		return "an AVI file"
	case (at(0, "RIFF") || at(0, "RF64")) && at(8, "WAVE"):
		return "a WAVE file"
	case at(0, "FORM") && (at(8, "AIFF") || at(8, "AIFC")):
		return "an AIFF file"
	}
	return prefixed(string(b), [][2]string{
		{"\x00\x00\x01\xba", "an MPEG program stream"},
		{"\x1a\x45\xdf\xa3", "a Matroska or WebM file"},
		{"FLV\x01", "a Flash video file"},
		{"OggS", "an Ogg file"},
		{"\x06\x0e\x2b\x34", "an MXF file"},
		{"\x30\x26\xb2\x75", "a Windows Media file"},
		{"GIF8", "a GIF"},
		{"fLaC", "a FLAC file"},
		{"caff", "a Core Audio file"},
		{"\x1f\x07\x00", "a DV stream"},
		{"DKIF", "an IVF file"},
		{"ID3", "an MP3 file"},
		{"\xff\xfb", "an MP3 file"},
		{"\xff\xf3", "an MP3 file"},
		{"\xff\xf1", "an AAC stream in ADTS"},
		{"\xff\xf9", "an AAC stream in ADTS"},
		{"\x0b\x77", "an AC-3 stream"},
		{"\x00\x00\x00\x01", "a raw video stream"},
		{"\x00\x00\x01", "a raw video stream"},
	})
}

// pictureFormat recognizes a single picture by its first bytes. It returns "" if
// there is none.
func pictureFormat(b []byte) string {
	return prefixed(string(b), [][2]string{{"\xff\xd8\xff", "a JPEG"}, {"\x89PNG", "a PNG"}})
}

// documentFormat recognizes a file that is no recording by its first bytes. It
// returns "" if there is none.
func documentFormat(b []byte) string {
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n"))
	if bytes.HasPrefix(text, []byte("<?xml")) && bytes.Contains(text, []byte("<mpd")) {
		return "a DASH manifest"
	}
	if what := prefixed(string(text), [][2]string{
		{"<!doctype html", "an HTML page"},
		{"<html", "an HTML page"},
		{"#extm3u", "an HLS playlist"},
		{"<mpd", "a DASH manifest"},
		{"<?xml", "an XML document"},
		{"{", "a JSON document"},
		{"[", "a JSON document"},
	}); what != "" {
		return what
	}
	return prefixed(string(b), [][2]string{
		{"%PDF", "a PDF"},
		{"PK\x03\x04", "a ZIP archive"},
		{"\x1f\x8b", "a gzip archive"},
	})
}

// prefixed returns the name of the first prefix that b has.
func prefixed(b string, prefixes [][2]string) string {
	for _, p := range prefixes {
		if strings.HasPrefix(b, p[0]) {
			return p[1]
		}
	}
	return ""
}
