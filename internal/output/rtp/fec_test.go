package rtp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output/rtp"
	"github.com/lilo-live/lilo/internal/packet"
)

// listenFEC returns listeners at a free port of the loopback, and two and four above it.
func listenFEC(t *testing.T) (all [3]*net.UDPConn) {
	t.Helper()
	for range 100 {
		all[0] = listenOn(0)
		port := all[0].LocalAddr().(*net.UDPAddr).Port
		if all[1] = listenOn(port + 2); all[1] != nil {
			if all[2] = listenOn(port + 4); all[2] != nil {
				t.Cleanup(func() { _ = errors.Join(all[0].Close(), all[1].Close(), all[2].Close()) })
				return all
			}
			_ = all[1].Close()
		}
		_ = all[0].Close()
	}
	t.Fatal("no three ports are free")
	return all
}

// delivered returns what a listener has got: all that precedes a datagram of one byte, which is sent to it now.
func delivered(t *testing.T, l *net.UDPConn) (all [][]byte) {
	t.Helper()
	if _, err := l.WriteTo([]byte{0}, l.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	for {
		b := make([]byte, 2000)
		_ = l.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := l.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			return all
		}
		all = append(all, b[:n])
	}
}

// protectedRun sends datagrams with FEC and returns what comes to the three ports.
func protectedRun(t *testing.T, matrix channel.FEC, packets int, first, count packet.Number) (media, columns, rows [][]byte) {
	t.Helper()
	listeners := listenFEC(t)
	of := stream
	of.FEC = &matrix
	d := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: listeners[0].LocalAddr().(*net.UDPAddr).Port, Packets: packets}
	o, err := rtp.Open(t.Context(), d, of)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	random := rand.New(rand.NewPCG(uint64(first), 1))
	var received [3][][]byte
	for n := first; n < first+count; {
		train := min(packet.Number(1+random.IntN(40)), first+count-n)
		payload := make([]byte, int(train)*packets*packet.Size)
		for i := range payload {
			payload[i] = byte(random.Uint32())
		}
		o.Send(n*packet.Number(packets), payload)
		n += train
		for i, l := range listeners {
			received[i] = append(received[i], delivered(t, l)...)
		}
	}
	return received[0], received[1], received[2]
}

// numberOf returns the number of an RTP datagram.
func numberOf(b []byte) uint16 { return binary.BigEndian.Uint16(b[2:]) }

// recoverAll applies FEC datagrams of SMPTE 2022-1 to what has arrived, by number, as long as one
// restores a datagram, and returns how many it has restored. It is written after
// the standard (8 and annex B) and shares nothing with the sender.
func recoverAll(t *testing.T, arrived map[uint16][]byte, protection [][]byte) (restored int) {
	t.Helper()
	for again := true; again; {
		again = false
		for _, p := range protection {
			number, b := restore(t, arrived, p)
			if b != nil {
				arrived[number] = b
				restored++
				again = true
			}
		}
	}
	return restored
}

// restore returns the one datagram that an FEC datagram protects and that is missing; nil if none or several are.
func restore(t *testing.T, arrived map[uint16][]byte, p []byte) (missing uint16, b []byte) {
	t.Helper()
	if p[0] != 0x80 || p[1] != 96 || p[12+4]&0x80 == 0 || p[12+5]|p[12+6]|p[12+7] != 0 || p[12+12]&0x3f != 0 || p[12+15] != 0 {
		t.Fatalf("not an FEC datagram of SMPTE 2022-1: % x", p[:28])
	}
	h := p[12:]
	base, offset, count := binary.BigEndian.Uint16(h), uint16(h[13]), uint16(h[14])
	length, kind, time := binary.BigEndian.Uint16(h[2:]), h[4]&0x7f, binary.BigEndian.Uint32(h[8:])
	payload := bytes.Clone(h[16:])
	gone := 0
	for i := range count {
		other, ok := arrived[base+i*offset]
		if !ok {
			gone++
			missing = base + i*offset
			continue
		}
		length ^= uint16(len(other) - 12)
		kind ^= other[1] & 0x7f
		time ^= binary.BigEndian.Uint32(other[4:])
		for j, x := range other[12:] {
			payload[j] ^= x
		}
	}
	if gone != 1 {
		return 0, nil
	}
	b = append(b, 0x80, kind)
	b = binary.BigEndian.AppendUint16(b, missing)
	b = binary.BigEndian.AppendUint32(b, time)
	b = binary.BigEndian.AppendUint32(b, stream.SSRC)
	return missing, append(b, payload[:length]...)
}

// SMPTE 2022-1, 7 and 8: an independent decoder restores what is lost.
func TestFEC(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	single := func(int) bool { return random.IntN(50) == 0 }
	for name, c := range map[string]struct {
		matrix  channel.FEC
		packets int
		first   packet.Number
		lost    func(i int) bool
	}{
		"columns against a burst of a row": {channel.FEC{IncludeFec: channel.FECColumn, ColumnDepth: 5, RowLength: 10}, 7, 0, func(i int) bool { return i%100 >= 33 && i%100 < 43 }},
		"one column a matrix":              {channel.FEC{IncludeFec: channel.FECColumn, ColumnDepth: 4, RowLength: 1}, 7, 0, func(i int) bool { return i%8 == 5 }},
		"columns and rows, one in fifty":   {channel.FEC{IncludeFec: channel.FECColumnAndRow, ColumnDepth: 10, RowLength: 10}, 7, 65_000, single},
		"the widest":                       {channel.FEC{IncludeFec: channel.FECColumnAndRow, ColumnDepth: 20, RowLength: 20}, 3, 123_456_789_000, single},
		"an odd matrix":                    {channel.FEC{IncludeFec: channel.FECColumnAndRow, ColumnDepth: 7, RowLength: 5}, 6, 65_530, single},
	} {
		t.Run(name, func(t *testing.T) {
			size := packet.Number(c.matrix.ColumnDepth * c.matrix.RowLength)
			count := max(1300, 6*size)
			media, columns, rows := protectedRun(t, c.matrix, c.packets, c.first, count)
			if len(media) != int(count) {
				t.Fatalf("%d of %d datagrams came over the loopback", len(media), count)
			}
			matrices := int((c.first+count)/size - (c.first+size-1)/size)
			if most := (matrices + 1) * c.matrix.RowLength; len(columns) < (matrices-1)*c.matrix.RowLength || len(columns) > most {
				t.Errorf("%d columns for %d matrices of %d", len(columns), matrices, c.matrix.RowLength)
			}
			if want := c.matrix.IncludeFec == channel.FECColumnAndRow; (len(rows) > 0) != want {
				t.Errorf("%d rows, wanted: %v", len(rows), want)
			}
			directed(t, columns, 0)
			directed(t, rows, 1<<6)
			consecutive(t, columns)
			consecutive(t, rows)
			checkRecovery(t, media, append(columns, rows...), int(2*size), c.lost)
		})
	}
}

// directed checks the bit D (SMPTE 2022-1, 8.1): columns have 0, also those of a matrix of one column, rows 1.
func directed(t *testing.T, protection [][]byte, want byte) {
	t.Helper()
	for _, b := range protection {
		if got := b[12+12] & (1 << 6); got != want {
			t.Fatalf("FEC datagram %d has D %#x, want %#x", numberOf(b), got, want)
		}
	}
}

func consecutive(t *testing.T, protection [][]byte) {
	t.Helper()
	for i := 1; i < len(protection); i++ {
		if numberOf(protection[i]) != numberOf(protection[i-1])+1 {
			t.Fatalf("FEC datagram %d comes after %d", numberOf(protection[i]), numberOf(protection[i-1]))
		}
	}
}

// checkRecovery loses datagrams, but none of the first and the last matrices, which are not
// complete, and expects all back as they were.
func checkRecovery(t *testing.T, media, protection [][]byte, margin int, lose func(int) bool) {
	t.Helper()
	arrived, lost := make(map[uint16][]byte), 0
	for i, b := range media {
		if i >= margin && i < len(media)-margin && lose(i) {
			lost++
			continue
		}
		arrived[numberOf(b)] = b
	}
	restored := recoverAll(t, arrived, protection)
	if lost == 0 || restored != lost {
		t.Errorf("%d of %d lost datagrams are restored", restored, lost)
	}
	for _, b := range media {
		if got := arrived[numberOf(b)]; got != nil && !bytes.Equal(got, b) {
			t.Fatalf("datagram %d is not restored as it was:\n% x\n% x", numberOf(b), got[:20], b[:20])
		}
	}
}

// Two processes send the same FEC, whenever they began (I1).
func TestFECFollowsFromNumbers(t *testing.T) {
	matrix := channel.FEC{IncludeFec: channel.FECColumnAndRow, ColumnDepth: 4, RowLength: 4}
	of := stream
	of.FEC = &matrix
	listeners := listenFEC(t)
	d := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: listeners[0].LocalAddr().(*net.UDPAddr).Port}
	payload := make([]byte, 7*packet.Size)
	var runs [2][][]byte
	for i, first := range []packet.Number{0, 6} {
		o, err := rtp.Open(t.Context(), d, of)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(1, func() { o.Send(0, payload) }); n > 0 {
			t.Errorf("Send allocates %v times, want 0", n)
		}
		for n := first; n < 16; n++ {
			for k := range payload {
				payload[k] = byte(int(n) + k)
			}
			o.Send(7*n, payload)
		}
		runs[i] = delivered(t, listeners[2])
		_ = o.Close()
	}
	if len(runs[0]) != 4 || len(runs[1]) != 2 || !bytes.Equal(runs[0][2], runs[1][0]) || !bytes.Equal(runs[0][3], runs[1][1]) {
		t.Errorf("%d and %d rows, want 4 and 2, the last of which are equal", len(runs[0]), len(runs[1]))
	}
}
