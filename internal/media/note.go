package media

import "fmt"

// Note says that something of a source is not carried as it is (I10): what, in
// which track, where and how much, and what to do about it.
type Note struct {
	// Kind is what programs compare. It never changes its meaning.
	Kind NoteKind `json:"kind"`
	// Track is the number of the track in its file, 0 for the file as a whole.
	Track uint32 `json:"track,omitempty"`
	// Text is one sentence on one line, which names the track.
	Text string `json:"text"`
}

// NewNote returns a note. format and args are those of fmt.Sprintf.
func NewNote(kind NoteKind, track uint32, format string, args ...any) Note {
	return Note{kind, track, fmt.Sprintf(format, args...)}
}

// String returns the sentence.
func (n Note) String() string { return n.Text }

// NoteKind is the kind of a [Note]: words in lower case, joined by hyphens.
type NoteKind string

// The kinds of note. docs/reference/sources.md lists them.
const (
	// NoteTrackLeftOut is a track that a channel does not carry.
	NoteTrackLeftOut NoteKind = "track-left-out"
	// NoteEmptySamples is samples without bytes, which are skipped.
	NoteEmptySamples NoteKind = "empty-samples"
	// NoteSampleTimes is samples whose durations or times are mended.
	NoteSampleTimes NoteKind = "sample-times"
	// NoteDamaged is bytes of samples that no decoder can use, which are left out.
	NoteDamaged NoteKind = "damaged"
	// NoteCutOff is a file that ends before its samples do.
	NoteCutOff NoteKind = "cut-off"
	// NoteJoined is a file that was put together from several recordings.
	NoteJoined NoteKind = "joined"
	// NoteGaps is time that no sample covers, or that a picture holds for much longer than others.
	NoteGaps NoteKind = "gaps"
	// NoteCodingChange is a track whose coding parameters change in the middle.
	NoteCodingChange NoteKind = "coding-changes"
	// NoteRotation is pictures that the container turns or mirrors.
	NoteRotation NoteKind = "rotation"
	// NotePixelAspect is a pixel aspect that only the container knows.
	NotePixelAspect NoteKind = "pixel-aspect"
	// NoteCleanAperture is pictures that the container crops.
	NoteCleanAperture NoteKind = "clean-aperture"
	// NoteHDR is metadata of high dynamic range that only the container holds.
	NoteHDR NoteKind = "hdr"
	// NoteDolbyVision is Dolby Vision.
	NoteDolbyVision NoteKind = "dolby-vision"
	// NoteSpherical is pictures of a sphere, or of a view for each eye.
	NoteSpherical NoteKind = "spherical"
	// NoteMetadataLeftOut is chapters, cover art or events beside the tracks.
	NoteMetadataLeftOut NoteKind = "metadata-left-out"
	// NoteLapStart is a lap that begins later than what the file presents.
	NoteLapStart NoteKind = "lap-start"
	// NoteLapEnd is a lap that ends before the samples do.
	NoteLapEnd NoteKind = "lap-end"
	// NoteClipping is a part of a file that is not as it was asked for.
	NoteClipping NoteKind = "clipping"
	// NoteLapSeam is pictures that receivers may not show where one lap meets the next.
	NoteLapSeam NoteKind = "lap-seam"
	// NotePicturesAdded is pictures outside of the edit list that are shown.
	NotePicturesAdded NoteKind = "pictures-added"
	// NotePictureTimes is pictures that are shown at other times than the file gives them.
	NotePictureTimes NoteKind = "picture-times"
	// NotePicturesDropped is pictures that no receiver could decode.
	NotePicturesDropped NoteKind = "pictures-dropped"
	// NoteSoundCut is sound outside of the lap, which is not sent.
	NoteSoundCut NoteKind = "sound-cut"
	// NoteSoundFilled is silence before the sound, after it or in its gaps.
	NoteSoundFilled NoteKind = "sound-filled"
	// NoteSoundClock is sound whose clock is off.
	NoteSoundClock NoteKind = "sound-clock"
	// NoteSoundMixed is sound whose channels are mixed into fewer.
	NoteSoundMixed NoteKind = "sound-mixed"
	// NoteDeinterlaced is fields that become pictures.
	NoteDeinterlaced NoteKind = "deinterlaced"
	// NoteFrameRate is pictures that are repeated or left out to get a constant rate.
	NoteFrameRate NoteKind = "frame-rate"
	// NoteCropped is a picture that loses its edge.
	NoteCropped NoteKind = "cropped"
	// NoteTransparency is transparent parts of pictures.
	NoteTransparency NoteKind = "transparency"
	// NoteColor is colors, range or depth that a receiver gets otherwise.
	NoteColor NoteKind = "color"
)
