package channel

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// Encode says how a source is encoded before it is played, in the words of AWS
// Elemental MediaLive. Fields that are zero are left to the source, or to what
// fits it. Video and audio are always both encoded.
type Encode struct {
	Video EncodeVideo
	Audio EncodeAudio
}

// Words of the settings, those of MediaLive.
const (
	CodecAVC   = "AVC"
	CodecHEVC  = "HEVC"
	CodecMPEG2 = "MPEG2"
	CodecAAC   = "AAC"
	CodecAC3   = "AC3"
	CodecMP2   = "MP2"

	RateCBR  = "CBR"  // fills up to a constant rate
	RateVBR  = "VBR"  // keeps to a mean and a highest rate
	RateQVBR = "QVBR" // keeps to a quality and a highest rate

	GopFrames  = "FRAMES"
	GopSeconds = "SECONDS"

	ScanProgressive = "PROGRESSIVE"
	ScanInterlaced  = "INTERLACED"

	CodingMono     = "CODING_MODE_1_0"
	CodingStereo   = "CODING_MODE_2_0"
	CodingSurround = "CODING_MODE_5_1"

	Enabled  = "ENABLED"
	Disabled = "DISABLED"

	EntropyCABAC = "CABAC"
	EntropyCAVLC = "CAVLC"
)

// EncodeVideo configures the video encoder. VideoFields describes each setting.
type EncodeVideo struct {
	Codec                                    string  // CodecAVC, CodecHEVC or CodecMPEG2
	Width, Height                            int     // in pixels, 0 for the source's
	FramerateNumerator, FramerateDenominator int     // pictures a second, 0 for the source's
	RateControlMode                          string  // RateCBR, RateVBR or RateQVBR
	Bitrate                                  int64   // of CBR, mean of VBR, in bit/s; 0 for one that fits the size
	MaxBitrate                               int64   // of VBR and QVBR, in bit/s; 0 for one that fits the size
	QvbrQualityLevel                         int     // 1 to 10
	GopSize                                  float64 // longest distance of IDR pictures, 0 for two seconds
	GopSizeUnits                             string  // GopFrames or GopSeconds
	GopNumBFrames                            int     // B pictures between reference pictures, 0 to 7
	GopBReference                            string  // Enabled or Disabled
	NumRefFrames                             int     // reference pictures, 0 for the encoder's choice
	Profile                                  string  // MAIN, HIGH, …; empty for one that fits
	Level                                    string  // 4.1, …; HIGH or MAIN for MPEG-2; empty for the smallest that fits
	EntropyEncoding                          string  // EntropyCABAC or EntropyCAVLC; H.264 only
	SceneChangeDetect                        string  // Enabled or Disabled
	ScanType                                 string  // ScanProgressive or ScanInterlaced
}

// EncodeAudio configures the audio encoder. AudioFields describes each setting.
type EncodeAudio struct {
	Codec        string // CodecAAC, CodecAC3 or CodecMP2
	Bitrate      int64  // in bit/s, 0 for one that fits the channels
	SampleRate   int    // in Hz
	CodingMode   string // CodingMono, …; empty for the source's, as far as the codec goes
	LanguageCode string // ISO 639, two or three lower-case letters; empty for the source's
}

// EncodeFields returns the keys of --encode and of the encode block, with their
// part: video.codec, audio.bitrate.
func EncodeFields() []setting.Field[Encode] {
	return slices.Concat(
		setting.Prefixed("video.", func(e *Encode) *EncodeVideo { return &e.Video }, VideoFields("")),
		setting.Prefixed("audio.", func(e *Encode) *EncodeAudio { return &e.Audio }, AudioFields()))
}

// VideoFields returns the settings of the video encoder with the values that a
// codec takes, or any codec for "". They have the words of MediaLive's H264Settings.
func VideoFields(codec string) []setting.Field[EncodeVideo] {
	type video = EncodeVideo
	type row = setting.Row
	limits := limitsOf(codec)
	return []setting.Field[video]{
		setting.Of(row{Key: "codec", Usage: "coding of the video", Default: CodecAVC},
			setting.Word(CodecAVC, CodecHEVC, CodecMPEG2), func(v *video) *string { return &v.Codec }),
		setting.Of(row{Key: "width", Usage: "width in pixels, even; the aspect of the source is kept", Default: "the source's", Example: "1280"},
			setting.Number(16, 8192), func(v *video) *int { return &v.Width }),
		setting.Of(row{Key: "height", Usage: "height in pixels, even", Default: "the source's", Example: "720"},
			setting.Number(16, 8192), func(v *video) *int { return &v.Height }),
		setting.Alias(row{Key: "framerate", Usage: "framerateNumerator and framerateDenominator in one", Default: "the source's", Example: "25"},
			"25 or 30000/1001", setting.Schema{"type": []string{"integer", "string"}}, setFramerate),
		setting.Of(row{Key: "framerateNumerator", Usage: "pictures in framerateDenominator seconds", Default: "the source's", Example: "25"},
			setting.Number(1, 1_000_000), func(v *video) *int { return &v.FramerateNumerator }),
		setting.Of(row{Key: "framerateDenominator", Usage: "seconds in which there are framerateNumerator pictures", Default: "1"},
			setting.Number(1, 100_000), func(v *video) *int { return &v.FramerateDenominator }),
		setting.Of(row{Key: "rateControlMode", Usage: "a constant rate, a mean and a highest rate, or a quality and a highest rate", Default: "what the rates given call for, or QVBR", Example: RateQVBR},
			setting.Word(RateCBR, RateVBR, RateQVBR), func(v *video) *string { return &v.RateControlMode }),
		setting.Of(row{Key: "bitrate", Usage: "rate of CBR, mean rate of VBR", Default: "one that fits the size", Example: "5M"},
			bitRate(MinMuxRate, MaxMuxRate), func(v *video) *int64 { return &v.Bitrate }),
		setting.Of(row{Key: "maxBitrate", Usage: "highest rate of VBR and QVBR", Default: "one that fits the size", Example: "8M"},
			bitRate(MinMuxRate, MaxMuxRate), func(v *video) *int64 { return &v.MaxBitrate }),
		setting.Of(row{Key: "qvbrQualityLevel", Usage: "quality of QVBR", Default: "8"},
			setting.Number(1, 10), func(v *video) *int { return &v.QvbrQualityLevel }),
		setting.Of(row{Key: "gopSize", Usage: "longest distance between two IDR pictures, in gopSizeUnits", Default: "2, 0.5 for mpeg2", Example: "2"},
			gopSize(), func(v *video) *float64 { return &v.GopSize }),
		setting.Of(row{Key: "gopSizeUnits", Usage: "unit of gopSize", Default: "FRAMES where gopSize is given, otherwise SECONDS", Example: GopSeconds},
			setting.Word(GopFrames, GopSeconds), func(v *video) *string { return &v.GopSizeUnits }),
		setting.Of(row{Key: "gopNumBFrames", Usage: "B pictures between reference pictures, at most 3 with MPEG2", Default: "2"},
			setting.Number(0, limits.maxBFrames), func(v *video) *int { return &v.GopNumBFrames }),
		setting.Of(row{Key: "gopBReference", Usage: "whether B pictures may be referred to", Default: Disabled},
			setting.Word(Enabled, Disabled), func(v *video) *string { return &v.GopBReference }),
		setting.Of(row{Key: "numRefFrames", Usage: "pictures that may be referred to", Default: "the encoder's choice", Example: "1"},
			setting.Number(1, 6), func(v *video) *int { return &v.NumRefFrames }),
		setting.Of(row{Key: "profile", Usage: "profile of the coding", Default: "one that fits", Example: "MAIN"},
			setting.Word(limits.profiles...), func(v *video) *string { return &v.Profile }),
		setting.Of(row{Key: "level", Usage: "level of the coding", Default: "the smallest that fits", Example: "4.1"},
			setting.Word(limits.levels...), func(v *video) *string { return &v.Level }),
		setting.Of(row{Key: "entropyEncoding", Usage: "entropy coding of H.264", Default: EntropyCABAC},
			setting.Word(EntropyCABAC, EntropyCAVLC), func(v *video) *string { return &v.EntropyEncoding }),
		setting.Of(row{Key: "sceneChangeDetect", Usage: "whether a scene change gets an I picture of its own", Default: Disabled},
			setting.Word(Enabled, Disabled), func(v *video) *string { return &v.SceneChangeDetect }),
		setting.Of(row{Key: "scanType", Usage: "kind of scan; HEVC is PROGRESSIVE only", Default: ScanProgressive},
			setting.Word(limits.scanTypes...), func(v *video) *string { return &v.ScanType }),
	}
}

// AudioFields returns the settings of the audio encoder, in the words of
// MediaLive's AacSettings.
func AudioFields() []setting.Field[EncodeAudio] {
	type audio = EncodeAudio
	type row = setting.Row
	return []setting.Field[audio]{
		setting.Of(row{Key: "codec", Usage: "coding of the audio", Default: "AAC, MP2 for mpeg2", Example: CodecAAC},
			setting.Word(CodecAAC, CodecAC3, CodecMP2), func(a *audio) *string { return &a.Codec }),
		setting.Of(row{Key: "bitrate", Usage: "rate of a track; AC3 and MP2 have only some", Default: "one that fits the channels", Example: "192k"},
			bitRate(32_000, 640_000), func(a *audio) *int64 { return &a.Bitrate }),
		setting.Of(row{Key: "sampleRate", Usage: "samples a second", Default: "48000"},
			sampleRate(), func(a *audio) *int { return &a.SampleRate }),
		setting.Of(row{Key: "codingMode", Usage: "one channel, two, or 5.1; also 1_0, 2_0, 5_1", Default: "the source's, as far as the codec goes", Example: CodingStereo},
			codingMode(), func(a *audio) *string { return &a.CodingMode }),
		setting.Of(row{Key: "languageCode", Usage: "language, a code of ISO 639-1 or 639-2", Default: "the source's", Example: "eng"},
			language(), func(a *audio) *string { return &a.LanguageCode }),
	}
}

// encodeGroup is --encode: a preset, and what differs from it.
func encodeGroup() setting.Group[Encode] {
	return setting.Group[Encode]{
		Fields: EncodeFields(), Implied: "video.", Presets: Presets(), Aliases: slices.Sorted(maps.Keys(aliases())), Named: Preset,
		Base:   func() Encode { e, _ := Preset("avc"); return e },
		Follow: (*Encode).follow, Check: Encode.check, Format: Encode.String,
	}
}

// String returns the settings as --encode takes them: a preset, and what differs from it.
func (e Encode) String() string {
	for _, name := range Presets() {
		if preset, _ := Preset(name); preset == e {
			return name
		}
	}
	name := map[string]string{CodecHEVC: "hevc", CodecMPEG2: "mpeg2"}[e.Video.Codec]
	if name == "" {
		name = "avc"
	}
	base, _ := Preset(name)
	differing := setting.Join(EncodeFields(), e, func(f setting.Field[Encode], text string) bool {
		// Without these, others would say what they are.
		follows := f.Key == "video.gopSizeUnits" && e.Video.GopSize != base.Video.GopSize ||
			f.Key == "video.rateControlMode" && e.Video.Bitrate+e.Video.MaxBitrate != 0
		return follows || text != strings.Join(f.Get(&base), ",")
	})
	return strings.TrimSuffix(name+","+strings.ReplaceAll(differing, "video.", ""), ",")
}

// follow lets settings that were not given follow from those that were.
func (e *Encode) follow(given map[string]bool) {
	v := &e.Video
	if given["video.codec"] {
		e.followCodec(given)
	}
	if given["video.profile"] && v.Profile == "BASELINE" {
		if !given["video.gopNumBFrames"] {
			v.GopNumBFrames = 0
		}
		if !given["video.entropyEncoding"] {
			v.EntropyEncoding = EntropyCAVLC
		}
	}
	v.followRates(given)
	if given["video.gopSize"] && !given["video.gopSizeUnits"] {
		v.GopSizeUnits = GopFrames // As MediaLive takes it.
	}
	if given["video.framerateNumerator"] && !given["video.framerateDenominator"] {
		v.FramerateDenominator = 1
	}
	if (given["audio.codec"] || given["audio.codingMode"]) && !given["audio.bitrate"] {
		e.Audio.Bitrate = 0
	}
}

// followCodec drops what a preset says and the codec does not have.
func (e *Encode) followCodec(given map[string]bool) {
	v := &e.Video
	if !given["video.profile"] {
		v.Profile = ""
	}
	if v.Codec == CodecAVC {
		return
	}
	if !given["video.numRefFrames"] {
		v.NumRefFrames = 0
	}
	if !given["video.entropyEncoding"] {
		v.EntropyEncoding = EntropyCABAC
	}
	if v.Codec == CodecMPEG2 && !given["video.sceneChangeDetect"] {
		v.SceneChangeDetect = Disabled
	}
}

// followRates lets the rate control follow from the rates, and drops rates of a
// preset that the rate control does not have.
func (v *EncodeVideo) followRates(given map[string]bool) {
	switch {
	case given["video.rateControlMode"]:
	case given["video.qvbrQualityLevel"] || given["video.maxBitrate"] && !given["video.bitrate"]:
		v.RateControlMode = RateQVBR
	case given["video.bitrate"] && given["video.maxBitrate"]:
		v.RateControlMode = RateVBR
	case given["video.bitrate"]:
		v.RateControlMode = RateCBR
	case given["video.codec"] && v.Codec == CodecMPEG2: // MediaLive has no other.
		v.RateControlMode = RateQVBR
	}
	if v.RateControlMode == RateQVBR && !given["video.bitrate"] {
		v.Bitrate = 0
	}
	if v.RateControlMode == RateCBR && !given["video.maxBitrate"] {
		v.MaxBitrate = 0
	}
}

// bitRate is a rate in bit/s of a coding, from low to high.
func bitRate(low, high int64) setting.Kind[int64] {
	k := muxRate()
	k.Values = FormatRate(low) + " to " + FormatRate(high)
	k.Parse = func(text string) (int64, error) {
		rate, err := ParseRate(text)
		if err == nil && rate == 0 {
			err = fault.New(fault.Usage, "leave it out for one that fits")
		}
		return rate, err
	}
	k.Check = func(rate int64) error {
		if rate < low || rate > high {
			return fault.New(fault.Usage, "it is %s to %s, not %s", FormatRate(low), FormatRate(high), FormatRate(rate))
		}
		return nil
	}
	return k
}

func setFramerate(v *EncodeVideo, text string) error {
	over, under, isRatio := strings.Cut(text, "/")
	if !isRatio {
		under = "1"
	}
	numerator, err := setting.Number(1, 1_000_000).Parse(over)
	denominator, err2 := setting.Number(1, 100_000).Parse(under)
	if err != nil || err2 != nil {
		return fault.New(fault.Usage, "%q is not a frame rate: write 25 or 30000/1001", text)
	}
	v.FramerateNumerator, v.FramerateDenominator = numerator, denominator
	return nil
}

func gopSize() setting.Kind[float64] {
	return setting.Kind[float64]{
		Value: "N", Values: "1 to 1000 FRAMES, up to 20 SECONDS", Schema: setting.Schema{"type": "number", "exclusiveMinimum": 0, "maximum": 1000},
		Parse: func(text string) (float64, error) {
			size, ok := decimal(text)
			if !ok || size.Sign() <= 0 {
				return 0, fault.New(fault.Usage, "%q is not a length of a GOP: write 50, or 2 with gopSizeUnits=SECONDS", text)
			}
			n, _ := size.Float64()
			return n, nil
		},
		Format: func(size float64) string { return strconv.FormatFloat(size, 'f', -1, 64) },
	}
}

func sampleRate() setting.Kind[int] {
	words := setting.Word("32000", "44100", "48000")
	return setting.Kind[int]{
		Value: "HZ", Values: words.Values, Schema: words.Schema,
		Parse: func(text string) (int, error) {
			if err := words.Check(text); err != nil {
				return 0, err
			}
			return strconv.Atoi(text)
		},
		Format: strconv.Itoa,
	}
}

func codingMode() setting.Kind[string] {
	k := setting.Word(CodingMono, CodingStereo, CodingSurround)
	k.Schema = setting.Schema{"enum": []string{CodingMono, CodingStereo, CodingSurround, "1_0", "2_0", "5_1"}}
	k.Parse = func(text string) (string, error) {
		if len(text) == len("2_0") {
			text = "CODING_MODE_" + text
		}
		return text, nil
	}
	return k
}

func language() setting.Kind[string] {
	k := setting.String("CODE", func(code string) error {
		if len(code) < 2 || len(code) > 3 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz") != "" {
			return fault.New(fault.Usage, "%q is not the code of a language: write en or eng", code)
		}
		return nil
	})
	k.Values, k.Schema = "two or three letters of ISO 639", setting.Schema{"type": "string", "pattern": "^[a-z]{2,3}$"}
	return k
}

// Presets returns the names of the presets.
func Presets() []string { return []string{"avc", "hevc", "mpeg2", "lilo"} }

// aliases returns the presets by what else they are called: the names that ffmpeg has for codecs.
func aliases() map[string]string {
	return map[string]string{"h264": "avc", "h265": "hevc", "mpeg2video": "mpeg2"}
}

// Preset returns the preset of that name: the original sample's encoder for lilo,
// otherwise the codec of that name at the size and frame rate of the source.
func Preset(name string) (Encode, bool) {
	e := Encode{
		Video: EncodeVideo{
			Codec: CodecAVC, RateControlMode: RateQVBR, QvbrQualityLevel: 8, GopSizeUnits: GopSeconds, GopSize: 2,
			GopNumBFrames: 2, GopBReference: Disabled, EntropyEncoding: EntropyCABAC, SceneChangeDetect: Disabled,
			ScanType: ScanProgressive,
		},
		Audio: EncodeAudio{Codec: CodecAAC, SampleRate: 48_000},
	}
	switch cmp.Or(aliases()[name], name) {
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

// sample sets the encoder settings of the original sample.
func (e *Encode) sample() {
	v := &e.Video
	v.Width, v.Height = 1920, 1080
	v.FramerateNumerator, v.FramerateDenominator = 25, 1
	v.RateControlMode, v.Bitrate = RateCBR, 10_000_000
	v.GopSize, v.GopSizeUnits, v.NumRefFrames = 50, GopFrames, 1
	v.Profile, v.EntropyEncoding, v.SceneChangeDetect = "MAIN", EntropyCAVLC, Enabled
	e.Audio.Bitrate, e.Audio.CodingMode, e.Audio.LanguageCode = 96_000, CodingStereo, "fr"
}
