package mp4

import (
	"bytes"

	"github.com/lilo-live/lilo/internal/fault"
)

// recognize returns an error when the file does not begin like an MP4, and says
// what it looks like instead.
func recognize(file *source) error {
	if file.size == 0 {
		return fault.New(fault.Media, "the file is empty: there is nothing to play")
	}
	b, err := file.peek(0, int(min(file.size, windowSize)))
	if err != nil {
		return err
	}
	if len(b) >= 8 && known(newFourCC(b[4:])) {
		return nil
	}
	if what := resemblance(b); what != "" {
		return fault.New(fault.Media, "this is %s, not an MP4: turn it into one with ffmpeg -i IN -c copy OUT.mp4", what)
	}
	if what := document(b); what != "" {
		return fault.New(fault.Media, "this is %s, not an MP4: give the address or path of the file itself", what)
	}
	return fault.New(fault.Media, "this is not an MP4: it begins with the bytes % x", b[:min(len(b), 12)])
}

// known reports whether a box of that type can begin a file.
func known(kind fourCC) bool {
	return kind.is("ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "pnot", "uuid", "sidx", "ssix", "pdin", "meta", "emsg", "prft", "junk")
}

// resemblance names a container of sound or pictures by its first bytes.
func resemblance(b []byte) string {
	at := func(i int, s string) bool { return len(b) >= i+len(s) && string(b[i:i+len(s)]) == s }
	switch {
	case at(0, "G") && at(188, "G") && at(376, "G"):
		return "an MPEG transport stream"
	case at(4, "G") && at(196, "G") && at(388, "G"):
		return "an MPEG transport stream with timestamps (M2TS)"
	case at(0, "\x00\x00\x01\xba"):
		return "an MPEG program stream"
	case at(0, "\x1a\x45\xdf\xa3"):
		return "a Matroska or WebM file"
	case at(0, "RIFF") && at(8, "AVI "):
		return "an AVI file"
	case at(0, "RIFF") && at(8, "WAVE"):
		return "a WAVE file"
	case at(0, "FLV\x01"):
		return "a Flash video file"
	case at(0, "OggS"):
		return "an Ogg file"
	case at(0, "\x06\x0e\x2b\x34"):
		return "an MXF file"
	case at(0, "\x30\x26\xb2\x75"):
		return "a Windows Media file"
	case at(0, "ID3"), at(0, "\xff\xfb"), at(0, "\xff\xf3"):
		return "an MP3 file"
	case at(0, "\xff\xf1"), at(0, "\xff\xf9"):
		return "an AAC stream in ADTS"
	case at(0, "\x0b\x77"):
		return "an AC-3 stream"
	case at(0, "\x00\x00\x00\x01"), at(0, "\x00\x00\x01"):
		return "a raw video stream"
	default:
		return ""
	}
}

// document names what is no recording at all by its first bytes.
func document(b []byte) string {
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n"))
	begins := func(s string) bool { return bytes.HasPrefix(text, []byte(s)) }
	switch {
	case begins("<!doctype html"), begins("<html"):
		return "an HTML page"
	case begins("#extm3u"):
		return "an HLS playlist"
	case begins("<mpd"), begins("<?xml") && bytes.Contains(text, []byte("<mpd")):
		return "a DASH manifest"
	case begins("<?xml"):
		return "an XML document"
	case begins("{"), begins("["):
		return "a JSON document"
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return "a JPEG"
	case bytes.HasPrefix(b, []byte("\x89PNG")):
		return "a PNG"
	case bytes.HasPrefix(b, []byte("GIF8")):
		return "a GIF"
	case bytes.HasPrefix(b, []byte("%PDF")):
		return "a PDF"
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return "a ZIP archive"
	case bytes.HasPrefix(b, []byte("\x1f\x8b")):
		return "a gzip archive"
	default:
		return ""
	}
}
