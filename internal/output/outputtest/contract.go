// Package outputtest tests the contract of output.Output. The tests of every
// output run it.
package outputtest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// Open opens an output with that many TS packets a datagram. receive waits for n
// bytes of TS at the other end and returns them.
type Open func(t *testing.T, packets int) (o output.Output, receive func(n int) []byte)

// Run runs the contract. It calls open once for each case.
func Run(t *testing.T, open Open) {
	for _, packets := range []int{1, 3, 7} {
		t.Run(fmt.Sprintf("%d packets a datagram", packets), func(t *testing.T) {
			o, receive := open(t, packets)
			if o.URL() == "" {
				t.Error("URL is empty")
			}
			if got := o.Packets(); got != packets {
				t.Errorf("Packets = %d, want %d", got, packets)
			}
			delivers(t, o, receive)
			payload := Packets(0, 5*packets)
			if n := testing.AllocsPerRun(20, func() { o.Send(0, payload) }); n > 0 {
				t.Errorf("Send allocates %v times a train, want 0", n)
			}
			if err := o.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// delivers sends trains of one datagram, of a few, and of more than one system
// call takes, out of one buffer that is overwritten after each, and expects all
// bytes at the other end, in order.
func delivers(t *testing.T, o output.Output, receive func(n int) []byte) {
	first := packet.Number(o.Packets()) * 65530 // The RTP sequence number wraps on the way.
	for _, datagrams := range []int{1, 2, 5, 70} {
		payload := Packets(first, datagrams*o.Packets())
		want := bytes.Clone(payload)
		if r := o.Send(first, payload); r != (output.Result{Sent: datagrams}) {
			t.Fatalf("Send of %d datagrams = %+v", datagrams, r)
		}
		clear(payload)
		if got := receive(len(want)); !bytes.Equal(got, want) {
			t.Fatalf("%d datagrams from packet %d on did not arrive as they were sent", datagrams, first)
		}
		first += packet.Number(datagrams * o.Packets())
	}
}

// Packets returns n null packets (ISO/IEC 13818-1, 2.4.3.3) with their numbers
// from first on in the eight bytes after the header.
func Packets(first packet.Number, n int) []byte {
	b := make([]byte, n*packet.Size)
	for i := range n {
		p := b[i*packet.Size:]
		binary.BigEndian.PutUint32(p, 0x471f_ff10)
		binary.BigEndian.PutUint64(p[4:], uint64(first)+uint64(i))
	}
	return b
}
