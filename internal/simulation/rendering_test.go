package simulation

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/source"
)

const (
	perDatagram = 7  // packets
	header      = 12 // bytes, of RTP
)

// rendering is what render makes of a channel.
type rendering struct {
	list    *player.Playlist
	entries []channel.Entry // of its schedule
	ssrc    uint32
	buf     []byte
}

func render(c *player.Config, open func(context.Context, string, source.Options) (source.Source, error)) (*rendering, error) {
	list, err := player.Open(context.Background(), *c, player.Options{Source: source.Options{AllowFiles: true}, OpenSource: open})
	if err != nil {
		return nil, err
	}
	return &rendering{list, c.Schedule.Entries, player.SSRC(c.Spec.Name), make([]byte, header+perDatagram*packet.Size)}, nil
}

// is reports whether the bytes are those of a datagram; idle allows null packets where the
// source was not read in time.
func (c *rendering) is(b []byte, n packet.Number, rtp, idle bool) bool {
	want := c.buf
	if rtp {
		want[0], want[1] = 0x80, 33
		binary.BigEndian.PutUint16(want[2:], uint16(n)) //nolint:gosec // It wraps.
		binary.BigEndian.PutUint32(want[4:], c.list.RTPTime(n*perDatagram))
		binary.BigEndian.PutUint32(want[8:], c.ssrc)
		if len(b) < header || !bytes.Equal(want[:header], b[:header]) {
			return false
		}
		b = b[header:]
	}
	want = want[header:]
	if len(b) != len(want) {
		return false
	}
	if err := c.list.Fill(want, n*perDatagram); err != nil {
		return false
	}
	if bytes.Equal(want, b) {
		return true
	}
	if !idle {
		return false
	}
	null := make([]byte, len(want))
	c.list.Idle(null, n*perDatagram)
	for at := 0; at < len(want); at += packet.Size {
		p := b[at : at+packet.Size]
		if !bytes.Equal(p, want[at:at+packet.Size]) && !bytes.Equal(p, null[at:at+packet.Size]) {
			return false
		}
	}
	return true
}
