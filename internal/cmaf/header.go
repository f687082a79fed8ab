package cmaf

import "github.com/lilo-live/lilo/internal/isobmff"

// trackID is the track_ID of the only track.
const trackID = 1

// Header returns the CMAF header: ftyp, and a moov box without samples.
func (t *Track) Header() []byte {
	u32 := isobmff.Uint32[int]
	ftyp := isobmff.Box("ftyp", []byte("iso6\x00\x00\x00\x00iso6cmfcdash"))
	mvhd := isobmff.FullBox("mvhd", 0, 0, u32(0, 0, 1000, 0, 1<<16, 1<<24, 0, 0), isobmff.Matrix(), make([]byte, 24), u32(trackID+1))
	trex := isobmff.FullBox("trex", 0, 0, u32(trackID, 1, 0, 0, 0))
	return append(ftyp, isobmff.Box("moov", mvhd, t.trak(), isobmff.Box("mvex", trex))...)
}

// trak returns the trak box (ISO/IEC 14496-12, 8.3.1), its sample tables empty.
func (t *Track) trak() []byte {
	u32 := isobmff.Uint32[int]
	const enabledInMovie = 3
	handler, volume, width, height := isobmff.Audio, 1<<24, 0, 0
	if t.audio == nil {
		handler, volume = isobmff.Video, 0
		width, height = t.track.Video().Size()
	}
	tkhd := isobmff.FullBox("tkhd", 0, enabledInMovie, u32(0, 0, trackID, 0, 0, 0, 0, 0, volume), isobmff.Matrix(), u32(width<<16, height<<16))
	mdhd := isobmff.FullBox("mdhd", 0, 0, u32(0, 0, int(t.timescale), 0, isobmff.PackLanguage(t.track.Language)<<16))
	stbl := isobmff.Box("stbl", isobmff.SampleDescription(t.entry),
		isobmff.FullBox("stts", 0, 0, u32(0)), isobmff.FullBox("stsc", 0, 0, u32(0)), isobmff.FullBox("stco", 0, 0, u32(0)),
		isobmff.FullBox("stsz", 0, 0, u32(0, 0)))
	mdia := isobmff.Box("mdia", mdhd, isobmff.HandlerBox(handler), isobmff.MediaInformation(handler, stbl))
	return isobmff.Box("trak", tkhd, mdia)
}
