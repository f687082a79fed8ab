package monitor

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"
)

// rtpStream sends the good stream as RTP, seven packets and 7 ms a datagram.
type rtpStream struct {
	ts []byte
}

func (s rtpStream) datagram(i int, first uint16, stamp uint32) []byte {
	b := make([]byte, 12, 1328)
	b[0], b[1] = 0x80, 33
	binary.BigEndian.PutUint16(b[2:], first+uint16(i))
	binary.BigEndian.PutUint32(b[4:], stamp+uint32(i)*7*90)
	binary.BigEndian.PutUint32(b[8:], 0x1234)
	return append(b, s.ts[i*1316:(i+1)*1316]...)
}

func TestRTP(t *testing.T) {
	s := rtpStream{newWriter(0).run(7 * 500).bytes()}
	tests := []struct {
		name  string
		order func(order []int) []int
		edit  func(i int, b []byte)
		want  map[Check]int64
	}{
		{"in order, numbers and timestamps wrapping", nil, nil, nil},
		{"RFC 3550 A.3: one lost", func(o []int) []int { return append(o[:100:100], o[101:]...) }, nil, map[Check]int64{RTPLoss: 1}},
		{"one twice", func(o []int) []int { return append(o[:101:101], o[100:]...) }, nil, map[Check]int64{RTPDuplicate: 1}},
		{"two swapped", func(o []int) []int { o[100], o[101] = o[101], o[100]; return o }, nil, map[Check]int64{RTPOrder: 1}},
		{"a timestamp back", nil, func(i int, b []byte) {
			if i == 100 {
				binary.BigEndian.PutUint32(b[4:], binary.BigEndian.Uint32(b[4:])-6400)
			}
		}, map[Check]int64{RTPTimestamp: 1}},
		{"RFC 3550 A.1: a gap of 200 is a loss", func(o []int) []int { return append(o[:100:100], o[300:]...) }, nil, map[Check]int64{RTPLoss: 200}},
		{"a jump of 3001 is a restart", nil, func(i int, b []byte) {
			if i >= 100 {
				binary.BigEndian.PutUint16(b[2:], binary.BigEndian.Uint16(b[2:])+3000)
			}
		}, map[Check]int64{RTPRestart: 1}},
		{"late by 50 and then once more", func(o []int) []int {
			return slices.Concat(o[:100], o[101:150], []int{100, 100}, o[150:])
		}, nil, map[Check]int64{RTPOrder: 1, RTPDuplicate: 1}},
		{"another SSRC", nil, func(i int, b []byte) {
			if i >= 100 {
				b[11]++
			}
		}, map[Check]int64{RTPRestart: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			order := make([]int, 500)
			for i := range order {
				order[i] = i
			}
			if tt.order != nil {
				order = tt.order(order)
			}
			a := NewAnalyzer(testOptions())
			for n, i := range order {
				b := s.datagram(i, 65436, 1<<32-70_000)
				if tt.edit != nil {
					tt.edit(i, b)
				}
				a.Datagram(time.Unix(0, int64(n)*7_000_000), b)
			}
			r := a.Report()
			for c, n := range found(&r) {
				if c >= RTPLoss && n != tt.want[c] {
					t.Errorf("%v: %d, want %d", c, n, tt.want[c])
				}
			}
			for c, n := range tt.want {
				if r.Count(c) != n {
					t.Errorf("%v: %d, want %d", c, r.Count(c), n)
				}
			}
			if r.RTP == nil || r.RTP.PayloadTypes[0] != 33 || r.Network.Sizes[1328] != int64(len(order)) {
				t.Errorf("RTP %+v, network %+v", r.RTP, r.Network)
			}
		})
	}
}

// TestWhatIsNotMedia: RTCP is counted and ignored, and so are the packets of a
// sender that was there before: they are late, not repeated.
func TestWhatIsNotMedia(t *testing.T) {
	s := rtpStream{newWriter(0).run(7 * 20).bytes()}
	a := NewAnalyzer(testOptions())
	for i := range 10 {
		a.Datagram(time.Unix(0, int64(i)*7_000_000), s.datagram(i+10, 0, 0))
		a.Datagram(time.Unix(0, int64(i)*7_000_000), []byte{0x80, 200, 0, 1, 0, 0, 0, 0})
	}
	a.Datagram(time.Unix(1, 0), s.datagram(9, 0, 0))
	r := a.Report()
	if r.RTP.Packets != 11 || r.RTP.Control != 10 || r.RTP.Reordered != 1 || r.RTP.Duplicate != 0 || r.RTP.Lost != 0 || r.RTP.SSRCs != 1 {
		t.Errorf("%+v", r.RTP)
	}
}

// TestSizesOfDatagrams: the first 16 sizes are counted, so that memory is bounded.
func TestSizesOfDatagrams(t *testing.T) {
	a := NewAnalyzer(testOptions())
	for n := range 40 {
		a.Datagram(time.Unix(int64(n), 0), make([]byte, n%20+1))
	}
	n := a.Report().Network
	if len(n.Sizes) != 16 || n.Sizes[1] != 2 || n.Datagrams != 40 || n.Seconds != 39 || n.GapMS.Max != 1000 {
		t.Errorf("%+v", n)
	}
}

// TestArrivalJitter sends every other datagram 2 ms late, by a clock that is 100 ppm slow.
func TestArrivalJitter(t *testing.T) {
	s := rtpStream{newWriter(0).run(7 * 1000).bytes()}
	a := NewAnalyzer(testOptions())
	for i := range 1000 {
		late := time.Duration(i/50%2) * 2 * time.Millisecond
		at := time.Duration(i)*7*time.Millisecond + time.Duration(i)*700*time.Nanosecond
		a.Datagram(time.Unix(0, 0).Add(at+late), s.datagram(i, 0, 0))
	}
	r := a.Report()
	if j := r.PCR.JitterPeakMS; j < 7.5 || j > 10 {
		t.Errorf("peak to peak %.3f ms, want 2 and the 6 ms by which PCRs sit at different places of their datagrams", j)
	}
	if d := r.PCR.DriftPPM; d < 0 || d > 250 {
		t.Errorf("drift %.1f ppm, want about 100", d)
	}
	if r.RTP.ClockSpreadMS < 5 || r.RTP.ClockSpreadMS > 7 {
		t.Errorf("timestamps move by %.3f ms against PCRs, want 6: the places in the datagram", r.RTP.ClockSpreadMS)
	}
}

func TestRTPHeaderForms(t *testing.T) {
	tests := []struct {
		name string
		b    []byte
		want int
	}{
		{"5.1: CSRCs", append([]byte{0x82, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}, 9), 1},
		{"5.3.1: extension", append([]byte{0x90, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1, 5, 5, 5, 5}, 9, 9), 2},
		{"5.1: padding", append([]byte{0xa0, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9}, 0, 0, 3), 3},
		{"padding longer than the packet", []byte{0xa0, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255}, -1},
		{"too short", []byte{0x80, 33}, -1},
		{"a transport packet", newWriter(0).run(1).packets[0], -1},
	}
	for _, tt := range tests {
		w := newNetwork(new(errorCounts))
		got, packets, want := len(w.datagram(time.Now(), tt.b)), int64(1), tt.want
		if want < 0 { // Measured as transport packets, whatever it is.
			packets, want = 0, len(tt.b)
		}
		if got != want || w.rtp.Packets != packets {
			t.Errorf("%s: %d bytes, %d RTP packets; want %d, %d", tt.name, got, w.rtp.Packets, want, packets)
		}
	}
}
