package encode

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
)

// codecArgs returns the options of the video encoder.
func (p *plan) codecArgs() []string {
	switch p.video.Codec {
	case channel.CodecHEVC:
		return p.hevc()
	case channel.CodecMPEG2:
		return p.mpeg2()
	}
	return p.avc()
}

// avc returns the options of libx264.
func (p *plan) avc() []string {
	v := p.video
	args := []string{"-c:v", "libx264", "-forced-idr", "1"}
	if v.Profile != "" {
		args = append(args, "-profile:v", strings.ToLower(v.Profile))
	}
	if v.Level != "" {
		args = append(args, "-level:v", v.Level)
	}
	if v.ScanType == channel.ScanInterlaced {
		args = append(args, "-flags", "+ildct+ilme")
	}
	params := []string{
		// Only CBR signals an HRD. Otherwise the decoder buffer of the level applies,
		// which is larger and frees the multiplex from the encoder's maximum rate.
		"nal-hrd=" + choose(v.RateControlMode == channel.RateCBR, "cbr", "none"), "force-cfr=1",
	}
	params = append(params, p.gopParams("normal", "none")...)
	params = append(params, "cabac="+choose(v.EntropyEncoding == channel.EntropyCAVLC, "0", "1"))
	if v.NumRefFrames > 0 {
		params = append(params, fmt.Sprintf("ref=%d", v.NumRefFrames))
	}
	return append(append(args, p.rateArgs(33-1.5*float64(v.QvbrQualityLevel))...), "-x264-params", strings.Join(params, ":"))
}

// hevc returns the options of libx265.
func (p *plan) hevc() []string {
	v := p.video
	args := []string{"-c:v", "libx265", "-forced-idr", "1", "-tag:v", "hvc1"}
	if v.Profile != "" {
		args = append(args, "-profile:v", choose(p.tenBit(), "main10", "main"))
	}
	params := []string{
		"log-level=error", "hrd=" + choose(v.RateControlMode == channel.RateCBR, "1", "0"),
	}
	params = append(params, p.gopParams("1", "0")...)
	if v.NumRefFrames > 0 {
		params = append(params, fmt.Sprintf("ref=%d", v.NumRefFrames))
	}
	if v.Level != "" {
		params = append(params, "level-idc="+v.Level, "high-tier=1")
	}
	return append(append(args, p.rateArgs(35-1.5*float64(v.QvbrQualityLevel))...), "-x265-params", strings.Join(params, ":"))
}

// gopParams returns what the parameters of libx264 and libx265 have in common.
func (p *plan) gopParams(pyramid, noPyramid string) []string {
	v := p.video
	return []string{
		"open-gop=0", fmt.Sprintf("keyint=%d", p.gop), "min-keyint=1",
		"scenecut=" + choose(v.SceneChangeDetect == channel.Enabled, "40", "0"),
		fmt.Sprintf("bframes=%d", v.GopNumBFrames), "b-adapt=0",
		"b-pyramid=" + choose(v.GopBReference == channel.Enabled, pyramid, noPyramid),
	}
}

// mpeg2 returns the options of ffmpeg's own MPEG-2 encoder.
func (p *plan) mpeg2() []string {
	v := p.video
	flags := "+cgop"
	if v.ScanType == channel.ScanInterlaced {
		flags += "+ildct+ilme"
	}
	args := []string{
		"-c:v", "mpeg2video", "-flags", flags, "-g", strconv.Itoa(p.gop), "-bf", strconv.Itoa(v.GopNumBFrames),
		"-sc_threshold", choose(v.SceneChangeDetect == channel.Enabled, "0", "1000000000"), "-b_strategy", "0",
	}
	if level := map[string]string{"LOW": "10", "MAIN": "8", "HIGH1440": "6", "HIGH": "4"}[v.Level]; level != "" {
		args = append(args, "-profile:v", "4", "-level:v", level)
	}
	if v.RateControlMode == channel.RateQVBR {
		most := strconv.FormatInt(v.MaxBitrate, 10)
		return append(args, "-q:v", strconv.Itoa(max(2, 12-v.QvbrQualityLevel)), "-maxrate", most, "-bufsize", strconv.FormatInt(p.buffer(), 10))
	}
	args = append(args, p.rateArgs(0)...)
	if v.RateControlMode == channel.RateCBR {
		args = append(args, "-minrate", strconv.FormatInt(v.Bitrate, 10))
	}
	return args
}

// rateArgs returns the options of rate control. quality is the constant rate factor of QVBR.
func (p *plan) rateArgs(quality float64) []string {
	v := p.video
	rate := v.Bitrate
	if v.Codec == channel.CodecHEVC && v.RateControlMode == channel.RateCBR {
		// libx265 does not pad to the rate and may end a lap with a lower decoder
		// buffer than it began with. Aim lower; null packets fill the difference.
		rate = rate * 98 / 100
	}
	args := []string{"-b:v", strconv.FormatInt(rate, 10)}
	if v.RateControlMode == channel.RateQVBR {
		args = []string{"-crf", strconv.FormatFloat(quality, 'f', 1, 64)}
	}
	return append(args, "-maxrate", strconv.FormatInt(v.MaxBitrate, 10), "-bufsize", strconv.FormatInt(p.buffer(), 10))
}

// buffer returns the size of the decoder buffer in bits: one second of the
// maximum rate, in MPEG-2 at most that of the level (ISO/IEC 13818-2, table 8-14).
func (p *plan) buffer() int64 {
	v := p.video
	if v.Codec != channel.CodecMPEG2 {
		return v.MaxBitrate
	}
	most := int64(9_781_248) / 16384 * 16384
	if v.Width <= 720 && v.Height <= 576 && p.rate.float() <= 30 {
		most = 1_835_008
	}
	return min(most, max(v.MaxBitrate/16384*16384, 16384*8))
}

func choose[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}
