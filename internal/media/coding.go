package media

import "fmt"

// BitRate is a rate in bit/s.
type BitRate int64

// String returns the rate in Mb/s or kb/s, for people.
func (r BitRate) String() string {
	if r >= 1_000_000 {
		return fmt.Sprintf("%.3f Mb/s", float64(r)/1e6)
	}
	return fmt.Sprintf("%.1f kb/s", float64(r)/1e3)
}

// Coding describes how the samples of a track are coded. It answers everything
// that depends on the coding: how a transport stream carries and announces the
// track, which HTTP Live Streaming segments it plays in, and what an access unit
// looks like. Codings are immutable and safe for concurrent use.
type Coding interface {
	// String describes the coding: "H.264 High@4.0 1280x720".
	String() string
	// Codec is the coding's name in a CODECS parameter (RFC 6381): "avc1.64001f".
	Codec() string
	// StreamType is the stream_type of the PMT (ISO/IEC 13818-1, table 2-34).
	StreamType() byte
	// StreamID is the stream_id of PES packets (ISO/IEC 13818-1, table 2-22).
	StreamID() byte
	// Descriptors is the ES_info of the PMT without the language: whole
	// descriptors, such as a registration descriptor, or nil.
	Descriptors() []byte
	// SegmentFormat is the format of HTTP Live Streaming segments the coding plays in.
	SegmentFormat() SegmentFormat
	// Buffer is the stream's part of the T-STD.
	Buffer() Buffer
	// Extra is the most bytes by which AppendUnit makes a sample with these marks
	// longer. It is the same for all samples, so that a file can be planned from its index.
	Extra(marks Marks) int
	// AppendUnit appends the sample to dst as the access unit that a transport stream
	// carries: a byte stream with delimiter and parameter sets, ADTS, and so on. It
	// appends at most len(sample) + Extra(at.Marks) bytes. The error may be a *DamageError.
	AppendUnit(dst, sample []byte, at Place) ([]byte, error)
}

// VideoCoding is the coding of a video track.
type VideoCoding interface {
	Coding
	// Size is the size of a presented picture in luma samples.
	Size() (width, height int)
	// Picture says how the sample depends on others.
	Picture(sample []byte) (Picture, error)
	// Peek is Picture of a sample whose first bytes are head. ok is false where these
	// do not say.
	Peek(head []byte) (p Picture, ok bool)
	// AppendSample appends the sample as a fragmented MP4 file carries it, with the
	// changes that AppendUnit makes to the sample's own bytes. The error may be a *DamageError.
	AppendSample(dst, sample []byte, at Place) ([]byte, error)
}

// AudioCoding is the coding of an audio track.
type AudioCoding interface {
	Coding
	// SampleRate and FrameSamples give the duration of every access unit, FrameSamples
	// ÷ SampleRate seconds.
	SampleRate() int
	FrameSamples() int
	// Channels is the number of channels, 1 or more.
	Channels() int
	// Silence returns a sample of the same configuration that decodes to silence.
	Silence() []byte
}

// ATSCCoding is a coding that ATSC announces otherwise than DVB does.
type ATSCCoding interface {
	// ATSC returns stream_type and ES_info as StreamType and Descriptors do.
	ATSC() (streamType byte, descriptors []byte)
	// ATSCBuffer returns the buffers of an ATSC decoder, as Buffer does those of a DVB one.
	ATSCBuffer() Buffer
}

// VideoDefaults answers what most video codings have in common. A VideoCoding may
// embed it.
type VideoDefaults struct{}

// StreamID is 0xe0, video stream 0.
func (VideoDefaults) StreamID() byte { return StreamIDVideo }

// Descriptors is nil: the stream_type says everything.
func (VideoDefaults) Descriptors() []byte { return nil }

// SegmentFormat is either.
func (VideoDefaults) SegmentFormat() SegmentFormat { return AnySegmentFormat }

// Peek needs the whole sample.
func (VideoDefaults) Peek([]byte) (Picture, bool) { return Dependent, false }

// AppendSample appends the sample as it is.
func (VideoDefaults) AppendSample(dst, sample []byte, _ Place) ([]byte, error) {
	return append(dst, sample...), nil
}

// AudioDefaults answers what most audio codings have in common. An AudioCoding may
// embed it.
type AudioDefaults struct{}

// StreamID is 0xc0, audio stream 0.
func (AudioDefaults) StreamID() byte { return StreamIDAudio }

// Descriptors is nil: every frame describes itself.
func (AudioDefaults) Descriptors() []byte { return nil }

// Extra is 0: a sample is carried as it is.
func (AudioDefaults) Extra(Marks) int { return 0 }

// PES stream_id values (ISO/IEC 13818-1, table 2-22).
const (
	StreamIDVideo          = 0xe0
	StreamIDAudio          = 0xc0
	StreamIDPrivateStream1 = 0xbd
)

// SegmentFormat is a media segment format of HTTP Live Streaming (RFC 8216, 3).
type SegmentFormat uint8

const (
	// AnySegmentFormat says that players know the coding in either format.
	AnySegmentFormat SegmentFormat = iota
	// TransportStream has all tracks in one transport stream (3.2).
	TransportStream
	// FragmentedMP4 has each track in a rendition of its own (3.3).
	FragmentedMP4
)

// DamageError says what AppendUnit and AppendSample left out of a sample, because no decoder
// can use it. As an error it does not mean that they failed: what they appended is
// whole without it.
type DamageError struct {
	Units int    // how many NAL units, or frames of sound
	Text  string // what is wrong with the first one
}

// Error implements error.
func (d *DamageError) Error() string {
	return fmt.Sprintf("%d damaged units are left out, the first one: %s", d.Units, d.Text)
}

// Marks are properties of an access unit's place in a lap, the same in every lap.
type Marks uint8

const (
	// RandomAccess marks a unit that decoding can begin with: parameter sets precede it.
	RandomAccess Marks = 1 << iota
	// LapEnd marks the last unit of a lap.
	LapEnd
	// LapStart marks the first unit of a lap.
	LapStart
	// Renumbered marks a unit that takes a PictureID.
	Renumbered
	// AllMarks has all of them.
	AllMarks = 1<<iota - 1
)

// Place is an access unit's place in a stream. The zero value is that of a unit
// inside lap 0.
type Place struct {
	Marks Marks
	// Lap is the number of laps since the epoch.
	Lap int64
	// Sample is the unit's index in Track.Units.
	Sample int
	// Count is how far the laps before count, where no refresh begins a lap.
	Count Count
	// HeadFrame is 1 more than the Frame of the lap's Head for a unit of it, 0 for others.
	HeadFrame uint32
	// Time is when the unit is presented, and LapTime when the first picture of its lap is,
	// after the first picture of lap 0, in ticks of 1/Timescale s; for video only.
	Time, LapTime, Timescale int64
	// PictureID is 1 more than the idr_pic_id that the unit takes (H.264), 0 to keep its own.
	PictureID uint32
	// KeepES asks for the bytes of the sample as they are: what they tell of the lap
	// stays.
	KeepES bool
}

// Count is how many pictures a coding that numbers them has counted (H.264), modulo
// 2³².
type Count struct {
	Frames uint32 // in decoding order, those that others may refer to
	Order  uint32 // in presentation order, in units of the coding
}

// Times returns the count of n laps.
func (c Count) Times(n int64) Count { return Count{c.Frames * uint32(n), c.Order * uint32(n)} }

// Head is the beginning of a lap that no refresh begins, in a coding that numbers
// pictures (H.264): its pictures may take back references to those before the lap.
type Head struct {
	Frame uint32 // the number of its first picture
	Units int    // how many pictures in a row may have different numbers
}

// Picture is how a picture depends on the pictures before it.
type Picture uint8

const (
	// Dependent is a picture that refers to earlier ones, or may do so.
	Dependent Picture = iota
	// Refresh is a picture that resets the decoder: an IDR picture of H.264 or HEVC, an
	// intra picture of a closed GOP of MPEG-2.
	Refresh
	// OpenRefresh is a picture that decoding can begin with, but not that of its leading
	// pictures: CRA or BLA of HEVC, an intra picture of an open GOP of MPEG-2.
	OpenRefresh
	// DecodableLeading is a leading picture that refers to nothing before its refresh (RADL of HEVC).
	DecodableLeading
	// RecoveryPoint is an OpenRefresh at which a running decoder keeps counting
	// frames from the picture before (H.264).
	RecoveryPoint
	// GradualRefresh is a picture from which on pictures are complete only after some
	// more of them (recovery_frame_cnt of H.264 above 0): receivers may join here, but a
	// lap cannot begin.
	GradualRefresh
	// IntraOnly is a picture that refers to no other, without a word about whether later
	// ones refer to those before it.
	IntraOnly
)

// RandomAccess reports whether decoding can begin with the picture because its
// sample says so.
func (p Picture) RandomAccess() bool {
	return p == Refresh || p == OpenRefresh || p == RecoveryPoint || p == GradualRefresh
}

// Buffer is an elementary stream's part of the T-STD (ISO/IEC 13818-1, 2.4.2).
type Buffer struct {
	// Leak is Rx, the rate at which the 512-byte transport buffer TB empties.
	Leak BitRate
	// Size is the size of EB (video) or B (audio) in bytes.
	Size int
	// Level is the size of EB at the limit of the level, for pictures that break a
	// smaller Size which the stream declares without keeping to it; 0 for Size.
	Level int
	// Drain is Rbx, the rate from the multiplexing buffer MB to EB by the leak method,
	// and Mux the size of MB in bytes; for video only.
	Drain BitRate
	Mux   int
}

// MinBitRate and MinBuffer are the lowest rate and the smallest buffer, in bytes,
// that a stream is believed to declare of its pictures: below, it would carry one
// transport packet a second, and hold less than one.
const (
	MinBitRate BitRate = 188 * 8
	MinBuffer          = 188
)

// MuxBuffer returns BSmux + BSoh, the smallest size of MB, in bytes: 4 ms and 1/750 s
// of the highest rate, or of 2 Mb/s if that is more (2.4.2.3, 2.14.3.1).
func MuxBuffer(rate BitRate) int {
	rate = max(rate, 2_000_000)
	return int(rate*4/1000/8 + rate/750/8)
}
