package mp4

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// sampleEntry describes how samples are coded (ISO/IEC 14496-12, 8.5.2).
type sampleEntry struct {
	box         box
	fields      int // the length of the fields before the boxes in it
	codec       codec
	config      []byte // avcC, hvcC, dOps or the DecoderSpecificInfo
	name        string // of the codec, for people
	unsupported string // why a transport stream cannot carry it, "" if it can
	first       uint32 // the number of the first entry of the track that equals it, 0 before it is used
	shown       shownAs
}

// Lengths of the fixed fields of sample entries, before the boxes in them.
const (
	visualFields = 8 + 70 // 12.1.3
	audioFields  = 8 + 20 // 12.2.3
	audioFields1 = 16     // QuickTime: added by version 1 of the sound description
	audioFields2 = 36     // QuickTime: added by version 2
)

// newSampleEntry reads a sample entry of a track with that handler. stsdVersion
// is the version of the stsd box around it.
func newSampleEntry(b box, handler fourCC, stsdVersion byte) (sampleEntry, error) {
	e := sampleEntry{box: b, codec: codecOfFormat(b.kind), name: formatName(b.kind)}
	skip := visualFields
	if handler.is("soun") {
		skip = audioHeader(b, stsdVersion)
	}
	if skip > len(b.body) {
		return e, b.damaged("is too short: it has only %d bytes", len(b.body))
	}
	if err := e.readBoxes(b, skip); err != nil {
		return e, err
	}
	e.fields = skip
	e.checkSupport(handler)
	return e, nil
}

// maxEntry is the longest sample entry that bytes returns, in bytes.
const maxEntry = 1 << 16

// bytes returns a copy of the box, nil if it is too long.
func (e *sampleEntry) bytes() []byte {
	if len(e.box.body) > maxEntry-8 {
		return nil
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(e.box.body)))
	return append(append(b, e.box.kind[:]...), e.box.body...)
}

// audioHeader returns the length of the fields of an audio sample entry. Its
// version matters in QuickTime; in an stsd of version 1 it means something else
// and adds nothing.
func audioHeader(b box, stsdVersion byte) int {
	f := fieldReader{box: b, at: 8}
	switch version := f.u16(); {
	case version == 1 && stsdVersion == 0:
		return audioFields + audioFields1
	case version == 2:
		return audioFields + audioFields2
	default:
		return audioFields
	}
}

// readBoxes reads the configuration from the boxes in b, and from those in
// QuickTime's wave box.
func (e *sampleEntry) readBoxes(b box, skip int) error {
	return b.each(skip, func(c box) error {
		switch kind := string(c.kind[:]); {
		case kind == "avcC" || kind == "hvcC" || kind == "dOps":
			e.config = c.body
		case kind == "esds":
			return e.readESDS(c)
		case kind == "wave" && e.config == nil:
			return e.readBoxes(c, 0)
		case kind == "sinf" && encrypted(e.box.kind):
			return e.readProtection(c)
		default:
			e.shown.readDisplay(c)
		}
		return nil
	})
}

// readESDS reads the codec from an esds box (ISO/IEC 14496-14, 6.7.2).
func (e *sampleEntry) readESDS(b box) error {
	object, info, err := readESDescriptor(b)
	if err != nil || e.codec != codecUnknown && e.codec != codecMPEG2 {
		return err
	}
	e.config = info
	if e.codec == codecUnknown {
		e.codec = codecOfObjectType(object)
		e.name = objectTypeName(object)
	}
	return nil
}

// readProtection reads the scheme of an encrypted track (ISO/IEC 14496-12, 8.12).
func (e *sampleEntry) readProtection(sinf box) error {
	schm, found, err := sinf.find("schm")
	if !found || err != nil {
		return err
	}
	f := fieldReader{box: schm}
	f.versionAndFlags()
	scheme := newFourCC(f.next(4))
	e.unsupported = fmt.Sprintf("is encrypted (scheme %s), and LILO has no keys: use the unencrypted file", scheme)
	return f.err()
}

// checkSupport sets unsupported if the entry cannot be carried.
func (e *sampleEntry) checkSupport(handler fourCC) {
	substitute := "H.264"
	if handler.is("soun") {
		substitute = "AAC"
	}
	switch {
	case e.unsupported != "":
	case encrypted(e.box.kind):
		e.unsupported = fmt.Sprintf("is encrypted (%s), and LILO has no keys: use the unencrypted file", e.box.kind)
	case e.codec == codecAVC && e.config == nil:
		e.unsupported = "has no avcC box, which holds the parameter sets of H.264: try --encode avc"
	case e.codec == codecHEVC && e.config == nil:
		e.unsupported = "has no hvcC box, which holds the parameter sets of HEVC: try --encode avc"
	case e.codec == codecAAC && e.config == nil:
		e.unsupported = "has no AudioSpecificConfig in its esds box: try --encode avc"
	case e.codec == codecUnknown && e.box.kind.is("mp4v", "mp4a") && e.name == formatName(e.box.kind):
		e.unsupported = "has no esds box to say how it is coded: try --encode avc"
	case e.codec != codecUnknown && e.codec.audio() != handler.is("soun"):
		e.unsupported = fmt.Sprintf("is %s in a track of handler %s: the file is damaged; get it again, or try --encode avc", e.codec, handler)
	case e.codec == codecUnknown:
		e.unsupported = fmt.Sprintf("is %s, which LILO cannot put into a transport stream: --encode avc would turn it into %s", e.name, substitute)
	}
}

// stillPicture reports whether the entry is a picture format: with a single
// sample, the track is cover art.
func (e *sampleEntry) stillPicture() bool {
	return e.name == "Motion JPEG" || e.name == "PNG" || e.name == "JPEG"
}

// equal reports whether a receiver sees no difference between two entries: by
// their configuration, or where they have none by all that is not padding or a bit rate.
func (e *sampleEntry) equal(o *sampleEntry) bool {
	if e.codec != o.codec || e.unsupported != o.unsupported {
		return false
	}
	if e.config != nil {
		return bytes.Equal(e.config, o.config)
	}
	return e.box.kind == o.box.kind && bytes.Equal(e.significant(), o.significant())
}

// significant returns the entry without the boxes in it that say nothing of its samples.
func (e *sampleEntry) significant() []byte {
	b := bytes.Clone(e.box.body[:e.fields])
	_ = e.box.each(e.fields, func(c box) error { // What is damaged was so in readBoxes.
		if !c.kind.is("free", "skip", "btrt") {
			b = append(append(b, c.kind[:]...), c.body...)
		}
		return nil
	})
	return b
}
