package channel

// Encode says how a source is encoded before it is played, in the words of AWS
// Elemental MediaLive. What is zero or empty is left to the source or to what
// usually fits it. Both parts are always encoded: a mezzanine is of one make.
type Encode struct {
	Video EncodeVideo
	Audio EncodeAudio
}

// Codecs of the picture and of the sound.
const (
	CodecAVC   = "AVC"
	CodecHEVC  = "HEVC"
	CodecMPEG2 = "MPEG2"
	CodecAAC   = "AAC"
	CodecAC3   = "AC3"
	CodecMP2   = "MP2"
)

// Modes of rate control: CBR fills up to a constant rate, VBR keeps to a mean
// and a highest rate, QVBR to a quality and a highest rate.
const (
	RateCBR  = "CBR"
	RateVBR  = "VBR"
	RateQVBR = "QVBR"
)

// Units of GopSize.
const (
	GopFrames  = "FRAMES"
	GopSeconds = "SECONDS"
)

// Kinds of scan.
const (
	ScanProgressive = "PROGRESSIVE"
	ScanInterlaced  = "INTERLACED"
)

// Enabled and Disabled are the two values of a switch.
const (
	Enabled  = "ENABLED"
	Disabled = "DISABLED"
)

// Kinds of entropy coding in H.264.
const (
	EntropyCABAC = "CABAC"
	EntropyCAVLC = "CAVLC"
)

// EncodeVideo is how pictures are encoded.
type EncodeVideo struct {
	// Codec is CodecAVC, CodecHEVC or CodecMPEG2.
	Codec string
	// Width and Height are in pixels, 0 for the source's. The source keeps its
	// aspect: what it does not fill is black.
	Width, Height int
	// FramerateNumerator ÷ FramerateDenominator is in pictures a second, 0 for the source's.
	FramerateNumerator, FramerateDenominator int
	// RateControlMode is RateCBR, RateVBR or RateQVBR.
	RateControlMode string
	// Bitrate is the rate of CBR and the mean of VBR in bit/s, 0 for one that fits the size.
	Bitrate int64
	// MaxBitrate is the highest rate of VBR and QVBR in bit/s, 0 for one that fits the size.
	MaxBitrate int64
	// QvbrQualityLevel is the quality of QVBR, 1 to 10.
	QvbrQualityLevel int
	// GopSize is how far IDR pictures are apart at most, in GopSizeUnits; 0 for two seconds.
	GopSize      float64
	GopSizeUnits string
	// GopNumBFrames is how many B pictures lie between reference pictures, 0 to 7.
	GopNumBFrames int
	// GopBReference says whether B pictures may be referred to.
	GopBReference string
	// NumRefFrames is how many pictures may be referred to, 0 for the encoder's choice.
	NumRefFrames int
	// Profile is MAIN, HIGH and so on; empty for one that fits.
	Profile string
	// Level is 4.1 and so on, HIGH or MAIN for MPEG-2; empty for the smallest that fits.
	Level string
	// EntropyEncoding is EntropyCABAC or EntropyCAVLC, of H.264.
	EntropyEncoding string
	// SceneChangeDetect says whether a cut gets an I picture of its own.
	SceneChangeDetect string
	// ScanType is ScanProgressive or ScanInterlaced.
	ScanType string
}

// EncodeAudio is how sound is encoded.
type EncodeAudio struct {
	// Codec is CodecAAC, CodecAC3 or CodecMP2.
	Codec string
	// Bitrate is in bit/s, 0 for one that fits the channels.
	Bitrate int64
	// SampleRate is in Hz.
	SampleRate int
	// CodingMode says which channels there are: CODING_MODE_1_0, CODING_MODE_2_0,
	// CODING_MODE_5_1; empty for the source's, down to what the codec takes.
	CodingMode string
	// LanguageCode is that of the sound, of ISO 639 in two or three small letters; empty for the source's.
	LanguageCode string
}

// Presets returns the names of the presets.
func Presets() []string { return []string{"avc", "hevc", "mpeg2", "lilo"} }

// Preset returns the settings of that name: the original sample's encoder for
// lilo, otherwise size and frame rate of the source in the codec of that name.
func Preset(name string) (Encode, bool) {
	e := Encode{
		Video: EncodeVideo{
			Codec: CodecAVC, RateControlMode: RateQVBR, QvbrQualityLevel: 8, GopSizeUnits: GopSeconds, GopSize: 2,
			GopNumBFrames: 2, GopBReference: Disabled, EntropyEncoding: EntropyCABAC, SceneChangeDetect: Disabled,
			ScanType: ScanProgressive,
		},
		Audio: EncodeAudio{Codec: CodecAAC, SampleRate: 48_000},
	}
	switch name {
	case "avc":
	case "hevc":
		e.Video.Codec = CodecHEVC
	case "mpeg2":
		e.Video.Codec, e.Video.GopSize = CodecMPEG2, 0.5
		e.Audio.Codec = CodecMP2
	case "lilo":
		e.sample()
	default:
		return Encode{}, false
	}
	return e, true
}

// sample makes the settings those of the channel of the original sample.
func (e *Encode) sample() {
	v := &e.Video
	v.Width, v.Height = 1920, 1080
	v.FramerateNumerator, v.FramerateDenominator = 25, 1
	v.RateControlMode, v.Bitrate = RateCBR, 10_000_000
	v.GopSize, v.GopSizeUnits, v.NumRefFrames = 50, GopFrames, 1
	v.Profile, v.EntropyEncoding, v.SceneChangeDetect = "MAIN", EntropyCAVLC, Enabled
	e.Audio.Bitrate, e.Audio.CodingMode, e.Audio.LanguageCode = 96_000, CodingStereo, "fr"
}
