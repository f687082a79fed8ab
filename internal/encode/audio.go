package encode

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"

	"golang.org/x/text/language"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// soundtrack is a track of sound while it is encoded.
type soundtrack struct {
	work     *work
	number   int
	in       *sound // nil for silence
	channels int
	units    lapUnits
	wave     wave
	count    int // samples of the lap, those of its last fraction included
}

// newSoundtrack lays a track out.
func (w *work) newSoundtrack(number int, in *sound) *soundtrack {
	p := w.plan
	s := &soundtrack{work: w, number: number, in: in, channels: p.channels(2)}
	if in != nil {
		s.channels = p.channels(in.channels)
	}
	length := float64(p.frames) * float64(p.rate.den) * float64(p.audio.SampleRate) / float64(p.rate.num)
	s.units = newLapUnits(p.audio.Codec, length, p.audio.SampleRate)
	s.count = int(math.Ceil(length))
	s.wave = wave{channels: s.channels, length: length}
	return s
}

// encode encodes the track and returns it for the movie; the files stay open as long as it is used.
func (s *soundtrack) encode(ctx context.Context) (*movieTrack, error) {
	if s.units.floor < 8 {
		return nil, fault.New(fault.Media, "a lap of %.3f s is too short for sound: it takes %.3f s", s.wave.length/float64(s.rate()),
			float64(8*s.units.step)/float64(s.rate()))
	}
	body, err := s.encodeBody(ctx)
	if err != nil {
		return nil, err
	}
	short, err := s.encodeSeam(ctx, "short", s.units.floor, s.units.tail)
	if err != nil {
		return nil, err
	}
	l := s.units
	head, tail := l.around+l.tail, l.around
	t := s.track(short)
	if err := s.append(t, short, head, head+l.head); err != nil {
		return nil, err
	}
	if err := s.append(t, body, l.head, l.head+l.body); err != nil {
		return nil, err
	}
	if err := s.append(t, short, tail, tail+l.tail); err != nil {
		return nil, err
	}
	t.shown = len(t.samples)
	if l.exact {
		return t, nil
	}
	long, err := s.encodeSeam(ctx, "long", l.floor+1, l.tail+1)
	if err != nil {
		return nil, err
	}
	return t, s.append(t, long, tail, tail+l.tail+1)
}

func (s *soundtrack) rate() int { return s.work.plan.audio.SampleRate }

func (s *soundtrack) track(e *encoded) *movieTrack {
	t := &movieTrack{timescale: s.rate(), duration: s.units.step, stsd: e.stsd}
	if s.in != nil {
		t.language = s.in.language
	}
	if given := s.work.plan.audio.LanguageCode; given != "" {
		t.language = threeLetters(given)
	}
	return t
}

// threeLetters returns a language's code of ISO 639-2, which mdhd has, for one of 639-1 as well.
func threeLetters(code string) string {
	base, err := language.ParseBase(code)
	if err != nil {
		return code
	}
	return base.ISO3()
}

// append appends the encoded units that hold the sound's units from to end, counted from where the encoding begins.
func (s *soundtrack) append(t *movieTrack, e *encoded, from, end int) error {
	if from == end {
		return nil
	}
	_, shift := s.units.pad(s.work.plan.audio.Codec)
	more, err := e.samples(from+shift, end+shift)
	t.samples = append(t.samples, more...)
	return err
}

// encodeBody decodes the source, keeps what lies near the ends of the lap, and
// encodes the whole of it.
func (s *soundtrack) encodeBody(ctx context.Context) (*encoded, error) {
	l := s.units
	s.wave.head = make([]float32, 0, (l.head+l.around+l.tail)*l.step*s.channels)
	keep := newKeeper(&s.wave, (l.tail+l.around+2)*l.step+2*sincTaps)
	if l.body == 0 {
		return nil, s.decode(ctx, keep)
	}
	out := s.work.entry.Path(fmt.Sprintf("%sbody%d.mp4", workName, s.number))
	pcm, toEncoder := io.Pipe()
	encoding := make(chan error, 1)
	go func() {
		err := s.encoder(ctx, out, pcm)
		pcm.CloseWithError(readerGone(err))
		encoding <- err
	}()
	err := s.decode(ctx, io.MultiWriter(keep, toEncoder))
	toEncoder.CloseWithError(err)
	if failed := <-encoding; failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, err
	}
	return s.work.openEncoded(out)
}

// readerGone is the error of a reader that will not read on, io.EOF for none.
func readerGone(err error) error {
	if err == nil {
		return io.ErrClosedPipe
	}
	return err
}

// encodeSeam encodes the end of a lap of so many units and its beginning.
func (s *soundtrack) encodeSeam(ctx context.Context, name string, units, tail int) (*encoded, error) {
	l := s.units
	over := seam{wave: &s.wave, step: l.step, units: units, tail: tail, guard: l.guard}
	if l.exact {
		over.tail, over.guard = 0, 0
	}
	pcm := over.render(units-tail-l.around, units+l.head+l.around)
	var raw bytes.Buffer
	if err := binary.Write(&raw, binary.LittleEndian, pcm); err != nil {
		return nil, err
	}
	out := s.work.entry.Path(fmt.Sprintf("%s%s%d.mp4", workName, name, s.number))
	if err := s.encoder(ctx, out, &raw); err != nil {
		return nil, err
	}
	return s.work.openEncoded(out)
}

// decode writes the lap's samples to w, as 32-bit floats.
func (s *soundtrack) decode(ctx context.Context, w io.Writer) error {
	return process{path: s.work.tool.ffmpeg, args: s.decodeArgs(), stdout: w}.run(ctx)
}

func (s *soundtrack) decodeArgs() []string {
	args := []string{"-hide_banner", "-nostdin", "-v", "error"}
	filter := fmt.Sprintf("asetpts=PTS-%s/TB,", strconv.FormatFloat(s.work.plan.in.video.start, 'f', 6, 64))
	var from string
	if s.in == nil {
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("anullsrc=r=%d:cl=%s", s.rate(), s.layout()))
		filter, from = "", "0:a"
	} else {
		args = append(args, reading(s.work.plan.input)...)
		from = fmt.Sprintf("0:%d", s.in.index)
	}
	filter += fmt.Sprintf("aresample=%d:async=1:first_pts=0,aformat=sample_fmts=flt:channel_layouts=%s,apad,atrim=end_sample=%d",
		s.rate(), s.layout(), s.count)
	return append(args, "-map", from, "-af", filter, "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1")
}

func (s *soundtrack) layout() string {
	return map[int]string{1: "mono", 2: "stereo", 6: "5.1"}[s.channels]
}

// encoder encodes 32-bit floats into the file out, with silence before them
// that puts the units where they belong, and behind them to flush the last one.
func (s *soundtrack) encoder(ctx context.Context, out string, pcm io.Reader) error {
	pad, _ := s.units.pad(s.work.plan.audio.Codec)
	silence := bytes.NewReader(make([]byte, pad*4*s.channels))
	flush := bytes.NewReader(make([]byte, 2*s.units.step*4*s.channels))
	return process{
		path: s.work.tool.ffmpeg, args: s.encodeArgs(out), stdin: io.MultiReader(silence, pcm, flush),
	}.run(ctx)
}

func (s *soundtrack) encodeArgs(out string) []string {
	p := s.work.plan
	coder := map[string]string{channel.CodecAAC: "aac", channel.CodecAC3: "ac3", channel.CodecMP2: "mp2"}[p.audio.Codec]
	args := []string{
		"-hide_banner", "-v", "error", "-y", "-f", "f32le", "-ar", strconv.Itoa(s.rate()),
		"-channel_layout", s.layout(), "-ac", strconv.Itoa(s.channels), "-i", "pipe:0", "-c:a", coder,
		"-b:a", strconv.FormatInt(p.audioRate(s.channels), 10),
	}
	return append(args, "-map_metadata", "-1", "-f", "mp4", out)
}
