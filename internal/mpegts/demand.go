package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// demand is what a loop asks of a multiplex, whatever its rate.
type demand struct {
	loop   *loop.Loop
	config *Config
	tables []table
	video  *videoDemand // nil without video
	audio  []*audioDemand
	// pcrApart says that the plan, not the configuration, gives the PCR a PID of its own.
	pcrApart bool
	// tbEmptied says that the transport buffer of the video is empty once a second.
	tbEmptied bool
	// described says that a lap begins with all PSI tables.
	described bool
	sound     soundLimits
	spacing   spacing
	// keep are the limits that a search for another spacing or sound keeps to.
	keep *limits
	// least is the number of slots with which a search begins, the mean where that is more.
	least Slot
	// interrupted reports whether planning is to end without a result.
	interrupted func() bool
}

// soundLimits are how a plan treats the decoder's audio buffers.
type soundLimits int

const (
	// soundAsPlanned leaves them as they are: most sound fits at every rate.
	soundAsPlanned soundLimits = iota
	// soundFits makes the rate high enough for them.
	soundFits
	// soundBreaks is for sound that fits at no rate.
	soundBreaks
)

// spacing is how a plan keeps the PTS of pictures within 700 ms.
type spacing int

const (
	// spacingAsPlanned leaves it to the rate: most pictures are small for it.
	spacingAsPlanned spacing = iota
	// spacingByRate makes the rate high enough.
	spacingByRate
	// spacingByRelease sends no picture earlier than that before its DTS.
	spacingByRelease
	// spacingBroken is for pictures for which neither is possible.
	spacingBroken
)

func newDemand(l *loop.Loop, c *Config) *demand {
	d := &demand{loop: l, config: c, tables: newTables(c, l, nil)}
	if l.Video != nil {
		d.video = newVideoDemand(l.Video)
	}
	for _, a := range l.Audio {
		d.audio = append(d.audio, newAudioDemand(a, c.AudioFramesPerPES, c.audioBuffer(a.Track.Coding)))
	}
	return d
}

// withPCRApart returns the demand with the PCR on a PID of its own, nil where the
// configuration chooses the PID or it makes no difference. A PCR on the video's PID passes
// the video's transport buffer (2.4.2.3). PCRs take 43 kb/s of it, and the 92 kb/s of
// H.264's level 1 leave too little for its pictures.
func (d *demand) withPCRApart() *demand {
	const much = 32 // A larger part of Rx than 1 in so many makes a difference.
	if d.video == nil || d.config.PCRPID != 0 ||
		media.MulDiv(much*packet.Bits, 1000, d.config.PCRPeriod.Milliseconds()) < int64(d.video.buffer.Leak) {
		return nil
	}
	apart, config := *d, *d.config
	config.PCRPID = config.freePID(d.loop)
	apart.config, apart.tables, apart.pcrApart = &config, newTables(&config, d.loop, nil), true
	return &apart
}

// withTBEmptied returns the demand with a transport buffer of the video that is empty once a
// second, as it must be (2.4.2.6). Pictures that nearly fill a low level leave no time for that.
func (d *demand) withTBEmptied() *demand {
	if d == nil || d.video == nil {
		return nil
	}
	emptied := *d
	emptied.tbEmptied = true
	return &emptied
}

// leak returns the rate at which the transport buffer of the video empties. What never fills
// one that empties more slowly by its size a second leaves the decoder's empty once a second.
func (d *demand) leak() media.BitRate {
	if d.tbEmptied {
		return max(d.video.buffer.Leak-transportBuffer*8, media.MinBitRate)
	}
	return d.video.buffer.Leak
}

// presentationDelay returns the time from the beginning of a lap to the
// presentation of its first picture, which is when its audio begins.
func presentationDelay(l *loop.Loop) media.Ticks {
	if l.Video == nil {
		return decodeDelay
	}
	return decodeDelay + media.Ticks(media.MulDiv(l.Video.Shown(), media.TicksPerSecond, int64(l.Video.Track.Timescale)))
}

// mean returns a number of slots that no plan can do with less of.
func (d *demand) mean() Slot {
	var sum Slot
	if d.video != nil {
		sum += d.video.packets
	}
	for _, a := range d.audio {
		sum += min(a.laps[0][0], a.laps[len(a.laps)-1][0])
	}
	return sum + 1
}
