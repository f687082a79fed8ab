package encode

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"sync"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/mp4"
)

// minAudioUnits is how many access units the shortest lap has.
const minAudioUnits = 8

// audioEncoder encodes one audio track.
type audioEncoder struct {
	*builder
	number   int
	in       *audioInfo // nil for silence
	channels int
	layout   audioLayout
	pcm      lapPCM
}

func (b *builder) newAudioEncoder(number int, in *audioInfo) *audioEncoder {
	p := b.plan
	a := &audioEncoder{builder: b, number: number, in: in, channels: p.channels(2)}
	if in != nil {
		a.channels = p.channels(in.channels)
	}
	length := p.lapSeconds() * float64(p.audio.SampleRate)
	if p.in.video != nil { // Exactly, where it is whole.
		length = float64(p.frames) * float64(p.rate.den) * float64(p.audio.SampleRate) / float64(p.rate.num)
	}
	a.layout = newAudioLayout(p.audio.Codec, length, p.audio.SampleRate, p.in.video == nil)
	a.pcm = lapPCM{channels: a.channels, length: length}
	return a
}

// encode encodes the track. The movie reads the samples from files that stay
// open until the builder has finished.
func (a *audioEncoder) encode(ctx context.Context) (*movieTrack, error) {
	l := a.layout
	body, err := a.encodeBody(ctx)
	if err != nil {
		return nil, err
	}
	short, err := a.encodeTransition(ctx, "short", l.units, l.tail)
	if err != nil {
		return nil, err
	}
	t := &movieTrack{timescale: a.sampleRate(), duration: l.unitSamples, entry: short.track.Entry, language: a.language()}
	tail, head := l.margin, l.margin+l.tail // their first units in the encoding
	for _, part := range []struct {
		from     *encodedFile
		first, n int
	}{{short, head, l.head}, {body, l.head, l.body}, {short, tail, l.tail}} {
		if err := a.appendUnits(t, part.from, part.first, part.n); err != nil {
			return nil, err
		}
	}
	t.shown = len(t.samples)
	if l.exact || l.alone {
		return t, nil
	}
	long, err := a.encodeTransition(ctx, "long", l.units+1, l.tail+1)
	if err != nil {
		return nil, err
	}
	return t, a.appendUnits(t, long, tail, l.tail+1)
}

func (a *audioEncoder) sampleRate() int { return a.plan.audio.SampleRate }

// language returns the track's ISO 639-2/T code, as mdhd has it.
func (a *audioEncoder) language() string {
	switch given := a.plan.audio.LanguageCode; {
	case given != "":
		return mp4.LanguageCode(given)
	case a.in != nil:
		return a.in.language
	}
	return ""
}

// appendUnits appends n access units from an encoding to the track. Unit 0 is
// the one that begins with the first sample that the encoder was given.
func (a *audioEncoder) appendUnits(t *movieTrack, f *encodedFile, first, n int) error {
	if n == 0 {
		return nil
	}
	first += a.layout.firstUnit
	units, err := f.samples(first, first+n)
	t.samples = append(t.samples, units...)
	return err
}

// encodeBody decodes the source, records what lies near the ends of the lap,
// and encodes all of it. It returns nil if the lap needs no body.
func (a *audioEncoder) encodeBody(ctx context.Context) (*encodedFile, error) {
	l := a.layout
	a.pcm.head = make([]float32, 0, (l.head+l.margin+l.tail)*l.unitSamples*a.channels)
	recorder := &pcmRecorder{pcm: &a.pcm, endFrames: (l.tail+l.margin+2)*l.unitSamples + 2*sincTaps}
	if l.body == 0 {
		return nil, a.decode(ctx, recorder)
	}
	out := a.entry.Path(fmt.Sprintf("%sbody%d.mp4", tempPrefix, a.number))
	// Whichever fails first ends the other, and its error is the cause.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pcm, toEncoder := io.Pipe()
	var encoder sync.WaitGroup
	encoder.Go(func() {
		var guard fault.Guard
		err := guard.Do("encoding sound", func() error { return a.runEncoder(ctx, out, pcm) })
		if err != nil {
			cancel(err)
		}
		pcm.CloseWithError(err)
	})
	err := a.decode(ctx, io.MultiWriter(recorder, toEncoder))
	if err != nil {
		cancel(err)
	}
	toEncoder.CloseWithError(err)
	encoder.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return a.openFile(out)
}

// encodeTransition encodes the end of a lap of so many units, and its beginning.
func (a *audioEncoder) encodeTransition(ctx context.Context, name string, units, tail int) (*encodedFile, error) {
	l := a.layout
	t := transition{pcm: &a.pcm, unitSamples: l.unitSamples, units: units, tail: tail, guard: l.guard}
	if l.exact {
		t.tail, t.guard = 0, 0
	}
	var raw bytes.Buffer
	if err := binary.Write(&raw, binary.LittleEndian, t.render(units-tail-l.margin, units+l.head+l.margin)); err != nil {
		return nil, err
	}
	out := a.entry.Path(fmt.Sprintf("%s%s%d.mp4", tempPrefix, name, a.number))
	if err := a.runEncoder(ctx, out, &raw); err != nil {
		return nil, err
	}
	return a.openFile(out)
}

// decode writes the lap to w as 32-bit floats.
func (a *audioEncoder) decode(ctx context.Context, w io.Writer) error {
	var heard lastBytes
	err := process{path: a.tools.ffmpeg, args: a.decodeArgs(), stdout: w, complaints: &heard}.run(ctx)
	if a.in != nil {
		a.noteDamage("audio", a.in.id, heard)
	}
	return err
}

func (a *audioEncoder) decodeArgs() []string {
	args := []string{"-hide_banner", "-nostdin", "-v", "error", "-copyts"}
	filter := fmt.Sprintf("asetpts=PTS-%s/TB,", strconv.FormatFloat(a.plan.begin(), 'f', 6, 64))
	var from string
	if a.in == nil {
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("anullsrc=r=%d:cl=%s", a.sampleRate(), a.channelLayout()))
		filter, from = "", "0:a"
	} else {
		args = append(args, inputArgs(a.plan.input)...)
		from = fmt.Sprintf("0:%d", a.in.index)
	}
	filter += fmt.Sprintf("aresample=%d:async=%d:min_comp=0.02:first_pts=0,aformat=sample_fmts=flt:channel_layouts=%s,apad,atrim=end_sample=%d",
		a.sampleRate(), a.compensation(), a.channelLayout(), int(math.Ceil(a.pcm.length)))
	return append(args, "-map", from, "-af", filter, "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1")
}

// compensation returns by how many samples a second ffmpeg may stretch the sound
// to follow its times: the double of what a clock that is off needs, or enough for
// one that is off by less than measureClock can tell.
func (a *audioEncoder) compensation() int {
	if a.in == nil {
		return minCompensation
	}
	return max(minCompensation, int(math.Ceil(2*math.Abs(a.in.clock-1)*float64(a.sampleRate()))))
}

const minCompensation = 1000

func (a *audioEncoder) channelLayout() string {
	return map[int]string{1: "mono", 2: "stereo", 6: "5.1"}[a.channels]
}

// runEncoder encodes 32-bit floats into the file out. Silence before them
// aligns the access units, and silence after them flushes the last one.
func (a *audioEncoder) runEncoder(ctx context.Context, out string, pcm io.Reader) error {
	silence := func(frames int) io.Reader { return bytes.NewReader(make([]byte, frames*4*a.channels)) }
	return process{
		path: a.tools.ffmpeg, args: a.encodeArgs(out),
		stdin: io.MultiReader(silence(a.layout.padding), pcm, silence(2*a.layout.unitSamples)),
	}.run(ctx)
}

func (a *audioEncoder) encodeArgs(out string) []string {
	p := a.plan
	codec := map[string]string{channel.CodecAAC: "aac", channel.CodecAC3: "ac3", channel.CodecMP2: "mp2"}[p.audio.Codec]
	return []string{
		"-hide_banner", "-v", "error", "-y", "-f", "f32le", "-ar", strconv.Itoa(a.sampleRate()),
		"-channel_layout", a.channelLayout(), "-ac", strconv.Itoa(a.channels), "-i", "pipe:0", "-c:a", codec,
		"-b:a", strconv.FormatInt(p.audioRate(a.channels), 10),
		"-map_metadata", "-1", "-f", "mp4", out,
	}
}
