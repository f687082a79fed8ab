package mp4

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// entry is a sample entry: what the samples that refer to it are coded as
// (ISO/IEC 14496-12, 8.5.2).
type entry struct {
	box    box
	form   form
	record []byte // avcC, hvcC or the DecoderSpecificInfo
	name   string // for people
	why    string // what keeps it from being carried, where something does
	alike  bool   // it was found to be the same as the entry that the track uses
}

// Lengths of the fixed fields of sample entries, before the boxes in them.
const (
	visualFields = 8 + 70 // 12.1.3
	soundFields  = 8 + 20 // 12.2.3
	soundFields1 = 16     // QuickTime: what version 1 of the sound description adds
	soundFields2 = 36     // QuickTime: what version 2 adds
)

// newEntry reads a sample entry of a track of the given handler. stsdVersion is
// the version of the box around it.
func newEntry(b box, handler fourCC, stsdVersion byte) (entry, error) {
	e := entry{box: b, form: formOf(b.kind), name: nameOf(b.kind)}
	skip := visualFields
	if handler.is("soun") {
		skip = soundHeader(b, stsdVersion)
	}
	if skip > len(b.body) {
		return e, b.damaged("is too short: it has only %d bytes", len(b.body))
	}
	if err := e.configure(b, skip); err != nil {
		return e, err
	}
	e.judge(handler)
	return e, nil
}

// maxEntry is the longest sample entry that is kept as it is, in bytes.
const maxEntry = 1 << 16

// stored returns a copy of the entry as it lies in the file, nil for one that is too long.
func (e *entry) stored() []byte {
	if len(e.box.body) > maxEntry-8 {
		return nil
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(e.box.body)))
	return append(append(b, e.box.kind[:]...), e.box.body...)
}

// soundHeader returns how many bytes of fields a sound entry has. The version
// says so in QuickTime; in an stsd of version 1 it means something else and adds nothing.
func soundHeader(b box, stsdVersion byte) int {
	f := fields{box: b, at: 8}
	switch version := f.u16(); {
	case version == 1 && stsdVersion == 0:
		return soundFields + soundFields1
	case version == 2:
		return soundFields + soundFields2
	default:
		return soundFields
	}
}

// configure takes what it knows from the boxes in b, and from QuickTime's wave around them.
func (e *entry) configure(b box, skip int) error {
	for c, err := range b.children(skip) {
		if err != nil {
			return err
		}
		switch string(c.kind[:]) {
		case "avcC", "hvcC":
			e.record = c.body
		case "esds":
			err = e.describe(c)
		case "wave":
			if e.record == nil {
				err = e.configure(c, 0)
			}
		case "sinf":
			if encrypted(e.box.kind) {
				err = e.protect(c)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// describe takes the coding from an esds box (ISO/IEC 14496-14, 6.7.2).
func (e *entry) describe(b box) error {
	object, info, err := elementaryStream(b)
	if err != nil || e.form != unknown && e.form != formMPEG2 {
		return err
	}
	e.record = info
	if e.form == unknown {
		e.form = formOfObject(object)
		e.name = nameOfObject(object)
	}
	return nil
}

// protect notes the scheme of an encrypted track (ISO/IEC 14496-12, 8.12).
func (e *entry) protect(sinf box) error {
	schm, found, err := sinf.find("schm")
	if !found || err != nil {
		return err
	}
	f := fields{box: schm}
	f.full()
	scheme := newFourCC(f.next(4))
	e.why = fmt.Sprintf("is encrypted (scheme %s), and LILO has no keys: give it the file in the clear", scheme)
	return f.err()
}

// judge says why the entry cannot be carried, where it cannot.
func (e *entry) judge(handler fourCC) {
	switch {
	case e.why != "":
	case encrypted(e.box.kind):
		e.why = fmt.Sprintf("is encrypted (%s), and LILO has no keys: give it the file in the clear", e.box.kind)
	case e.form == formAVC && e.record == nil:
		e.why = "has no avcC box, which holds the parameter sets of H.264: --encode would make it anew"
	case e.form == formHEVC && e.record == nil:
		e.why = "has no hvcC box, which holds the parameter sets of HEVC: --encode would make it anew"
	case e.form == formAAC && e.record == nil:
		e.why = "has no AudioSpecificConfig in its esds box: --encode would make it anew"
	case e.form == unknown && e.box.kind.is("mp4v", "mp4a") && e.name == nameOf(e.box.kind):
		e.why = "has no esds box to say how it is coded: --encode would make it anew"
	case e.form == unknown || e.sound() != handler.is("soun"):
		e.why = fmt.Sprintf("is %s, which LILO cannot put into a transport stream: --encode would turn it into %s", e.name, substitute(handler))
	}
}

// sound reports whether the form is one of sound.
func (e *entry) sound() bool { return e.form >= formAAC }

func substitute(handler fourCC) string {
	if handler.is("soun") {
		return "AAC"
	}
	return "H.264"
}

// still reports whether the entry is a picture format: with a single sample, it is cover art.
func (e *entry) still() bool {
	return e.name == nameOf(fourCC([]byte("jpeg"))) || e.name == "PNG" || e.name == "JPEG"
}

// same reports whether two entries describe the same coding byte by byte.
func (e *entry) same(o *entry) bool {
	return e.box.kind == o.box.kind && bytes.Equal(e.box.body, o.box.body)
}
