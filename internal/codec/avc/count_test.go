package avc

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// numbered returns the payload of a slice with these numbers, and behind them random
// bytes: first_mb_in_slice 0, slice_type 5, pic_parameter_set_id 0 (7.3.3).
func numbered(r *rand.Rand, o order, header byte, frame, lsb uint32) []byte {
	bits := "1" + "00110" + "1"
	put := func(v uint32, n uint) {
		for i := range n {
			bits += string('0' + byte(v>>(n-1-i)&1))
		}
	}
	put(frame, o.frameBits)
	if !o.framesOnly {
		bits += "0"
	}
	put(lsb, o.orderBits)
	for len(bits) < 200 {
		put(r.Uint32()&r.Uint32()&r.Uint32()&r.Uint32(), 8) // Many zeros.
	}
	unit := []byte{header}
	for ; len(bits) >= 8; bits = bits[8:] {
		v := byte(0)
		for _, c := range bits[:8] {
			v = v<<1 | byte(c-'0')
		}
		unit = append(unit, v)
	}
	return append(unit, 0x80)
}

// 7.3.3, 7.4.1: the numbers of a slice move on modulo their length, and nothing else changes.
func TestCountOn(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := made(t, recordOpen)
	o := c.sps.order
	if o.orderType != 0 || o.frameBits == 0 {
		t.Fatalf("%+v", o)
	}
	frames, orders := uint32(1)<<o.frameBits, uint32(1)<<o.orderBits
	slow := 0
	for range 5_000 {
		frame, lsb := r.Uint32N(frames), r.Uint32N(orders)&r.Uint32N(orders)
		payload := numbered(r, o, 0x41, frame, lsb)
		unit := nal.AppendPrevented(nil, payload)
		by := media.Count{Frames: r.Uint32N(2 * frames), Order: r.Uint32()}
		got := countOn(append([]byte("before"), unit...), len("before"), by, c.Sets(nil))
		if !bytes.HasPrefix(got, []byte("before")) {
			t.Fatal("what was there before changes")
		}
		got = got[len("before"):]
		if !bytes.Equal(nal.AppendPrevented(nil, nal.AppendPayload(nil, got)), got) {
			t.Fatalf("%x has a start code or a wrong emulation prevention byte", got)
		}
		n, ok := parseNumbers(got, c.Sets(nil))
		if !ok || n.frame.value != (frame+by.Frames)%frames || n.lsb.value != (lsb+by.Order)%orders {
			t.Fatalf("%d and %d became %d and %d, by %+v", frame, lsb, n.frame.value, n.lsb.value, by)
		}
		back := countOn(bytes.Clone(got), 0, media.Count{Frames: -by.Frames, Order: -by.Order}, c.Sets(nil))
		if !bytes.Equal(back, unit) {
			t.Fatalf("%x became %x and back %x", unit, got, back)
		}
		if len(got) != len(unit) {
			slow++
		}
	}
	if slow == 0 {
		t.Error("no emulation prevention byte came or went")
	}
}

// 7.4.3, 8.2.1: the next lap counts on from the last picture that others refer to, and
// is shown after the last one.
func TestLapCount(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	c := made(t, recordOpen)
	o := c.sps.order
	picture := func(header byte, frame, lsb uint32) []byte {
		return sample(4, nal.AppendPrevented(nil, numbered(r, o, header, frame, lsb)))
	}
	first, lowest, highest := picture(0x61, 3, 6), picture(0x01, 4, 2), picture(0x41, 6, 14)
	for _, c2 := range []struct {
		last []byte
		want uint32
	}{
		{picture(0x41, 7, 12), 5}, // referred to: the next one is 8
		{picture(0x01, 7, 12), 4},
	} {
		n, head, ok := c.LapCount(first, c2.last, lowest, highest)
		if head != (media.Head{Frame: 3, Units: 1 << o.frameBits}) {
			t.Errorf("%+v", head)
		}
		if !ok || n != (media.Count{Frames: c2.want, Order: 14}) {
			t.Errorf("%+v, %v", n, ok)
		}
	}
	if _, _, ok := c.LapCount(sample(4, unitIDR), first, first, first); ok {
		t.Error("a lap that begins with an IDR picture counts")
	}
	if n := (media.Count{Frames: 5, Order: 14}).Times(-2); n != (media.Count{Frames: 1<<32 - 10, Order: 1<<32 - 28}) {
		t.Errorf("two laps before the epoch: %+v", n)
	}
}

// Counting on takes no memory where no emulation prevention byte comes or goes.
func TestCountOnDoesNotAllocate(t *testing.T) {
	c := made(t, recordOpen)
	unit := bytes.Clone(unitP)
	if n := testing.AllocsPerRun(100, func() { countOn(unit, 0, media.Count{Frames: 1, Order: 2}, c.Sets(nil)) }); n > 0 {
		t.Errorf("it allocates %v times", n)
	}
}
