package player

import (
	"weak"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
)

// part returns the part of an open source that a clipping asks for, which inputs share that
// play it. It lives as long as one of them does.
func (p *inputs) part(s *sharedSource, c channel.Clipping) (*openedSource, error) {
	if c == (channel.Clipping{}) {
		return &s.openedSource, nil
	}
	shared := func() *openedSource {
		p.mu.Lock()
		defer p.mu.Unlock()
		return s.parts[c].Value()
	}
	if one := shared(); one != nil {
		return one, nil
	}
	one, err := s.openedSource.clipped(c)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := s.parts[c].Value(); other != nil {
		return other, nil
	}
	for used, pointer := range s.parts {
		if pointer.Value() == nil {
			delete(s.parts, used)
		}
	}
	s.parts[c] = weak.Make(one)
	return one, nil
}

// clipped returns a source with the lap of a part of it.
func (s *openedSource) clipped(c channel.Clipping) (*openedSource, error) {
	if c == (channel.Clipping{}) {
		return s, nil
	}
	if err := c.Check(); err != nil {
		return nil, fault.Of(fault.Usage, err)
	}
	start, _ := c.StartTimecode() // Check has read both.
	stop, _ := c.StopTimecode()
	l, err := loop.NewClipped(s.file.Asset, loop.Clipping{Start: labelOf(start), Stop: labelOf(stop), IncludeLast: c.IncludeLast, Embedded: c.Embedded})
	if err != nil {
		return nil, err
	}
	part := &openedSource{source: s.source, file: s.file}
	part.setLoop(l, s.loop.Video.KeepES)
	return part, nil
}

func labelOf(t *channel.Timecode) *loop.Timecode {
	if t == nil {
		return nil
	}
	return &loop.Timecode{TimeCode: timecode.TimeCode{Hours: t.Hours, Minutes: t.Minutes, Seconds: t.Seconds, Frames: t.Frames}, DropFrame: t.DropFrame}
}
