package channel

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Modes of coding sound, as EncodeAudio.CodingMode has them.
const (
	CodingMono     = "CODING_MODE_1_0"
	CodingStereo   = "CODING_MODE_2_0"
	CodingSurround = "CODING_MODE_5_1"
)

// EncodeKey is one setting of an encoder: a key of the encode block of the
// YAML, and of the flag.
type EncodeKey struct {
	// Key is its name with its part: "video.codec", "audio.bitrate".
	Key string
	// Values says what it can be, for a help text.
	Values string

	set func(*Encode, string) error
}

// EncodeKeys returns all of them.
func EncodeKeys() []EncodeKey { return append(videoKeys(), audioKeys()...) }

func videoKeys() []EncodeKey {
	v := func(key, values string, set func(*EncodeVideo, string) error) EncodeKey {
		return EncodeKey{"video." + key, values, func(e *Encode, text string) error { return set(&e.Video, text) }}
	}
	word := func(key string, field func(*EncodeVideo) *string, words ...string) EncodeKey {
		return v(key, strings.Join(words, ", "), func(e *EncodeVideo, text string) error { return oneOf(field(e), text, words...) })
	}
	count := func(key string, low, high int, field func(*EncodeVideo) *int) EncodeKey {
		values := strconv.Itoa(low) + " to " + strconv.Itoa(high)
		return v(key, values, func(e *EncodeVideo, text string) error { return between(field(e), text, low, high) })
	}
	rate := func(key string, field func(*EncodeVideo) *int64) EncodeKey {
		return v(key, "RATE", func(e *EncodeVideo, text string) error { return rateInto(field(e), text) })
	}
	return []EncodeKey{
		word("codec", func(e *EncodeVideo) *string { return &e.Codec }, CodecAVC, CodecHEVC, CodecMPEG2),
		count("width", 16, 8192, func(e *EncodeVideo) *int { return &e.Width }),
		count("height", 16, 8192, func(e *EncodeVideo) *int { return &e.Height }),
		v("framerate", "25 or 30000/1001", setFramerate),
		count("framerateNumerator", 1, 1_000_000, func(e *EncodeVideo) *int { return &e.FramerateNumerator }),
		count("framerateDenominator", 1, 100_000, func(e *EncodeVideo) *int { return &e.FramerateDenominator }),
		word("rateControlMode", func(e *EncodeVideo) *string { return &e.RateControlMode }, RateCBR, RateVBR, RateQVBR),
		rate("bitrate", func(e *EncodeVideo) *int64 { return &e.Bitrate }),
		rate("maxBitrate", func(e *EncodeVideo) *int64 { return &e.MaxBitrate }),
		count("qvbrQualityLevel", 1, 10, func(e *EncodeVideo) *int { return &e.QvbrQualityLevel }),
		v("gopSize", "a number of gopSizeUnits", setGopSize),
		word("gopSizeUnits", func(e *EncodeVideo) *string { return &e.GopSizeUnits }, GopFrames, GopSeconds),
		count("gopNumBFrames", 0, 7, func(e *EncodeVideo) *int { return &e.GopNumBFrames }),
		word("gopBReference", func(e *EncodeVideo) *string { return &e.GopBReference }, Enabled, Disabled),
		count("numRefFrames", 1, 6, func(e *EncodeVideo) *int { return &e.NumRefFrames }),
		word("profile", func(e *EncodeVideo) *string { return &e.Profile }, profiles("")...),
		word("level", func(e *EncodeVideo) *string { return &e.Level }, levels("")...),
		word("entropyEncoding", func(e *EncodeVideo) *string { return &e.EntropyEncoding }, EntropyCABAC, EntropyCAVLC),
		word("sceneChangeDetect", func(e *EncodeVideo) *string { return &e.SceneChangeDetect }, Enabled, Disabled),
		word("scanType", func(e *EncodeVideo) *string { return &e.ScanType }, ScanProgressive, ScanInterlaced),
	}
}

func audioKeys() []EncodeKey {
	a := func(key, values string, set func(*EncodeAudio, string) error) EncodeKey {
		return EncodeKey{"audio." + key, values, func(e *Encode, text string) error { return set(&e.Audio, text) }}
	}
	return []EncodeKey{
		a("codec", "AAC, AC3, MP2", func(e *EncodeAudio, text string) error {
			return oneOf(&e.Codec, text, CodecAAC, CodecAC3, CodecMP2)
		}),
		a("bitrate", "RATE", func(e *EncodeAudio, text string) error { return audioRate(&e.Bitrate, text) }),
		a("sampleRate", "32000, 44100, 48000", setSampleRate),
		a("codingMode", "CODING_MODE_1_0, CODING_MODE_2_0, CODING_MODE_5_1", setCodingMode),
		a("languageCode", "en, fra", (*EncodeAudio).SetLanguage),
	}
}

// ParseEncode reads what the flag says: the name of a preset or settings
// (codec=HEVC, video.bitrate=5M, audio.codec=AC3), one after the other; where
// no preset comes first, avc is what they change. Keys of the video may go
// without their part. Faults are of kind Usage.
func ParseEncode(words ...string) (Encode, error) {
	e, _ := Preset("avc")
	seen := make(map[string]bool)
	for i, w := range words {
		key, value, isSetting := strings.Cut(w, "=")
		if !isSetting {
			preset, err := presetNamed(w, i)
			if err != nil {
				return e, err
			}
			e = preset
			continue
		}
		k, err := encodeKey(key)
		if err != nil {
			return e, err
		}
		if seen[k.Key] {
			return e, fault.New(fault.Usage, "%s is given twice", k.Key)
		}
		seen[k.Key] = true
		if err := k.set(&e, value); err != nil {
			return e, fault.New(fault.Usage, "%s: %w", key, err)
		}
	}
	e.follow(seen)
	return e, e.check()
}

// follow lets settings that were not given follow from those that were.
func (e *Encode) follow(seen map[string]bool) {
	v := &e.Video
	if seen["video.codec"] && !seen["video.profile"] {
		v.Profile = ""
	}
	if seen["video.profile"] && v.Profile == "BASELINE" {
		if !seen["video.gopNumBFrames"] {
			v.GopNumBFrames = 0
		}
		if !seen["video.entropyEncoding"] {
			v.EntropyEncoding = EntropyCAVLC
		}
	}
	switch {
	case seen["video.rateControlMode"]:
	case seen["video.qvbrQualityLevel"] || seen["video.maxBitrate"] && !seen["video.bitrate"]:
		v.RateControlMode = RateQVBR
	case seen["video.bitrate"] && seen["video.maxBitrate"]:
		v.RateControlMode = RateVBR
	case seen["video.bitrate"]:
		v.RateControlMode = RateCBR
	}
	if seen["video.gopSize"] && !seen["video.gopSizeUnits"] {
		v.GopSizeUnits = GopFrames // As MediaLive takes it.
	}
	if seen["video.framerateNumerator"] && !seen["video.framerateDenominator"] {
		v.FramerateDenominator = 1
	}
}

func presetNamed(name string, place int) (Encode, error) {
	if place > 0 {
		return Encode{}, fault.New(fault.Usage, "%q: a preset comes first, and settings as key=value behind it", name)
	}
	e, ok := Preset(name)
	if !ok {
		return e, fault.New(fault.Usage, "%q is no preset (%s are), and settings are key=value", name, strings.Join(Presets(), ", "))
	}
	return e, nil
}

// encodeKey finds a setting by its name, with or without its part.
func encodeKey(name string) (EncodeKey, error) {
	all := EncodeKeys()
	if i := slices.IndexFunc(all, func(k EncodeKey) bool { return k.Key == name || k.Key == "video."+name }); i >= 0 {
		return all[i], nil
	}
	var known []string
	for _, k := range all {
		known = append(known, strings.TrimPrefix(k.Key, "video."))
	}
	return EncodeKey{}, fault.New(fault.Usage, "%q is not known (%s are)", name, strings.Join(known, ", "))
}

func oneOf(field *string, text string, words ...string) error {
	if !slices.Contains(words, text) {
		return fault.New(fault.Usage, "%q is not one of %s", text, strings.Join(words, ", "))
	}
	*field = text
	return nil
}

func between(field *int, text string, low, high int) error {
	n, err := number(text, low, high)
	if err != nil {
		return fault.New(fault.Usage, "%w", err)
	}
	*field = n
	return nil
}

func rateInto(field *int64, text string) error {
	rate, err := ParseRate(text)
	if err == nil && rate == 0 {
		err = fault.New(fault.Usage, "leave it out for one that fits the size")
	}
	if err == nil {
		*field = rate
	}
	return err
}

func audioRate(field *int64, text string) error {
	var rate int64
	if err := rateInto(&rate, text); err != nil {
		return err
	}
	if rate < 32_000 || rate > 640_000 {
		return fault.New(fault.Usage, "sound takes 32k to 640k, not %s", FormatRate(rate))
	}
	*field = rate
	return nil
}

func setFramerate(e *EncodeVideo, text string) error {
	over, under, isRatio := strings.Cut(text, "/")
	if !isRatio {
		under = "1"
	}
	if between(&e.FramerateNumerator, over, 1, 1_000_000) != nil || between(&e.FramerateDenominator, under, 1, 100_000) != nil {
		return fault.New(fault.Usage, "%q is not a frame rate: write 25 or 30000/1001", text)
	}
	return nil
}

func setGopSize(e *EncodeVideo, text string) error {
	size, ok := decimal(text)
	if !ok || size.Sign() <= 0 {
		return fault.New(fault.Usage, "%q is not a length of a GOP: write 50, or 2 with gopSizeUnits=SECONDS", text)
	}
	e.GopSize, _ = size.Float64()
	return nil
}

func setSampleRate(e *EncodeAudio, text string) error {
	var word string
	if err := oneOf(&word, text, "32000", "44100", "48000"); err != nil {
		return err
	}
	return between(&e.SampleRate, text, 32_000, 48_000)
}

func setCodingMode(e *EncodeAudio, text string) error {
	if len(text) == len("2_0") {
		text = "CODING_MODE_" + text
	}
	return oneOf(&e.CodingMode, text, CodingMono, CodingStereo, CodingSurround)
}

// SetLanguage takes a code of ISO 639-1 or 639-2. Faults are of kind Usage.
func (e *EncodeAudio) SetLanguage(code string) error {
	if len(code) < 2 || len(code) > 3 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz") != "" {
		return fault.New(fault.Usage, "%q is not the code of a language: write en or eng", code)
	}
	e.LanguageCode = code
	return nil
}
