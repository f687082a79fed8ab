package monitor

import "testing"

// byteRate is a leak of one byte in 27 ticks, so that hand calculation is in
// whole numbers: 8 Mb/s.
const byteRate = 8_000_000

// feeder feeds a T-STD with packets of one access unit each, all payload, at a
// rate of a byte in perByte ticks.
type feeder struct {
	tstd *tstd
	errs *errorCounts
	n    int64
	in   pcrInterval
}

func newFeeder(video bool, b Buffer, perByte int64) *feeder {
	c := codingMPEGAudio
	if video {
		c = codingH264
	}
	errs := new(errorCounts)
	return &feeder{tstd: newTSTD(1, c, b, errs), errs: errs, in: pcrInterval{bytes: packetSize, ticks: packetSize * perByte}}
}

// packet feeds one with 184 bytes of payload; decode is the DTS of the access
// unit that begins with it, or -1 when none does.
func (f *feeder) packet(decode int64) {
	s := packetParts{number: f.n, payload: 4, data: 4}
	if decode >= 0 {
		s.starts = []unitStart{{4, decode}}
	}
	f.tstd.packet(s, &f.in, f.n*packetSize)
	f.n++
}

func (f *feeder) count(c Check) int64 { return f.errs.counts[c] }

// TestTBFillsByTheDifferenceOfTheRates: bytes come every 9 ticks and go every
// 27. After k bytes, (k−1)·9 ticks have passed and (k−1)/3 bytes are gone.
// 512 are exceeded with k − (k−1)/3 > 512, so with byte 768: 765 is the last
// to fit, at 510.33+… is 3 packets of 188 and 204 bytes, packet 4.
func TestTBFillsByTheDifferenceOfTheRates(t *testing.T) {
	f := newFeeder(false, Buffer{Leak: byteRate, Size: 1 << 20}, 9)
	for range 4 {
		f.packet(1000)
	}
	if got := f.tstd.tb.maxBytes(); got != 502 || f.count(BufferOverflow) != 0 {
		t.Errorf("after 752 bytes: fill %d, want 752 − 751/3 = 501.67; overflows %d", got, f.count(BufferOverflow))
	}
	f.packet(1000)
	if f.count(BufferOverflow) != 1 {
		t.Errorf("after 940 bytes: %d overflows, want 1", f.count(BufferOverflow))
	}
}

// TestTBHoldsAtTheLeakRate: at the leak's own rate there is never more than one byte.
func TestTBHoldsAtTheLeakRate(t *testing.T) {
	f := newFeeder(false, Buffer{Leak: byteRate, Size: 1 << 20}, 27)
	for range 100 {
		f.packet(1 << 40)
	}
	if got := f.tstd.tb.maxBytes(); got != 1 {
		t.Errorf("fill %d, want 1", got)
	}
}

// TestAudioUnderflowIsExactToATick: the last of 188 bytes comes at tick
// 187·27 and leaves TB 27 ticks later, at 5076.
func TestAudioUnderflowIsExactToATick(t *testing.T) {
	for _, tt := range []struct{ decode, late int64 }{{5077, 0}, {5076, 0}, {5075, 1}, {5049, 27}, {5048, 28}} {
		f := newFeeder(false, Buffer{Leak: byteRate, Size: 1000}, 27)
		f.packet(tt.decode)
		f.packet(20_000)
		f.packet(30_000)
		want := min(tt.late, 1)
		if f.count(BufferUnderflow) != want || f.tstd.worstLate != tt.late {
			t.Errorf("DTS %d: %d underflows, %d late; want %d and %d", tt.decode, f.count(BufferUnderflow), f.tstd.worstLate, want, tt.late)
		}
	}
}

// TestAudioOverflowCountsHeldBytes: two access units of 184 bytes are in B
// until they are decoded, at 10200 and 10250: the second is complete at 10152,
// and the third begins at 10287.
func TestAudioOverflowCountsHeldBytes(t *testing.T) {
	for _, tt := range []struct {
		size     int
		overflow int64
	}{{368, 0}, {367, 1}} {
		f := newFeeder(false, Buffer{Leak: byteRate, Size: tt.size}, 27)
		f.packet(10_200)
		f.packet(10_250)
		f.packet(22_000)
		if f.count(BufferOverflow) != tt.overflow || f.tstd.report.MaxMain != 368 {
			t.Errorf("B of %d: %d overflows, most %d; want %d and 368", tt.size, f.count(BufferOverflow), f.tstd.report.MaxMain, tt.overflow)
		}
	}
}

// TestVideoGoesThroughMB: the last byte leaves TB at 5076 and MB, at half the
// rate, when it has taken all 184 bytes at 54 ticks each: the first came in at
// 4·27 + 27 = 135, so that the last goes at 135 + 184·54 = 10071.
func TestVideoGoesThroughMB(t *testing.T) {
	for _, tt := range []struct{ decode, late int64 }{{10_071, 0}, {10_070, 1}, {10_017, 54}} {
		f := newFeeder(true, Buffer{Leak: byteRate, Drain: byteRate / 2, Mux: 4096, Size: 4096}, 27)
		f.packet(tt.decode)
		f.packet(40_000)
		f.packet(50_000)
		f.packet(60_000)
		if got := f.tstd.worstLate; f.count(BufferUnderflow) != min(tt.late, 1) || got < tt.late || got > tt.late+27 {
			t.Errorf("DTS %d: %d underflows, %d late; want %d late", tt.decode, f.count(BufferUnderflow), got, tt.late)
		}
	}
}

// TestMBFillsWhileEBIsFull: EB takes 100 of 184 bytes; the other 84 stay in MB
// until the DTS makes room, and are late then. The next access unit does the same.
func TestMBFillsWhileEBIsFull(t *testing.T) {
	for _, tt := range []struct {
		mux      int
		overflow int64
	}{{84, 0}, {83, 2}} {
		f := newFeeder(true, Buffer{Leak: byteRate, Drain: byteRate, Mux: tt.mux, Size: 100}, 27)
		f.packet(5_080)
		f.packet(1 << 30)
		if f.count(BufferOverflow) != tt.overflow {
			t.Errorf("MB of %d: %d overflows, want %d", tt.mux, f.count(BufferOverflow), tt.overflow)
		}
	}
}

// TestPESHeadersLeaveMBWithTheByteBehindThem: headers count in MB, never in EB.
func TestPESHeadersLeaveMBWithTheByteBehindThem(t *testing.T) {
	f := newFeeder(true, Buffer{Leak: byteRate, Drain: byteRate, Mux: 4096, Size: 4096}, 27)
	f.tstd.packet(packetParts{payload: 4, data: 23, starts: []unitStart{{23, 1 << 30}}}, &f.in, 0)
	f.n = 1
	f.packet(-1)
	// The second packet's last byte is still on its way to EB.
	if f.tstd.report.MaxMain < 165+183 || f.tstd.report.MaxMain > 165+184 {
		t.Errorf("EB held %d, want the 349 bytes behind the header", f.tstd.report.MaxMain)
	}
	if f.tstd.mb > 1 {
		t.Errorf("MB holds %d, want the header gone", f.tstd.mb)
	}
}

// TestDataDelay: an access unit may wait for a second and no longer.
func TestDataDelay(t *testing.T) {
	first := int64(4 * 27)
	for _, tt := range []struct{ decode, want int64 }{{first + second, 0}, {first + second + 1, 1}} {
		f := newFeeder(false, Buffer{Leak: byteRate, Size: 1000}, 27)
		f.packet(tt.decode)
		if f.count(DataDelay) != tt.want {
			t.Errorf("DTS %d: %d delays, want %d", tt.decode, f.count(DataDelay), tt.want)
		}
	}
}

// TestTBMustEmptyOnceASecond: packets just above the leak's rate never let it run dry.
func TestTBMustEmptyOnceASecond(t *testing.T) {
	f := newFeeder(false, Buffer{Leak: 188_000, Size: 1 << 20}, 1000)
	f.packet(1)
	f.in.ticks = packetSize * 1148
	for range 125 {
		f.packet(1)
	}
	if f.count(NotEmptied) == 0 {
		t.Error("TB held something for more than a second and nobody said so")
	}
}

// TestBuffersOfLevels holds the derived sizes against the tables of the standards.
func TestBuffersOfLevels(t *testing.T) {
	type want struct {
		leak int64
		size int
	}
	h264 := func(profile, constraints, level byte) func() (Buffer, bool) {
		return func() (Buffer, bool) {
			return bufferOf(codingH264, []byte{0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x67, profile, constraints, level, 0xac})
		}
	}
	hevcOf := func(profile, tier, level byte) func() (Buffer, bool) {
		return func() (Buffer, bool) {
			return bufferOf(codingHEVC, []byte{
				0, 0, 1, 0x42, 1, 1, profile | tier<<5, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, level,
				0xa0, 1, 2, 3, 4, 5, 6,
			})
		}
	}
	hevc := func(tier, level byte) func() (Buffer, bool) { return hevcOf(1, tier, level) }
	tests := map[string]struct {
		derive func() (Buffer, bool)
		want   want
	}{
		"14496-10 table A-1: High@4.0, factor 1500":    {h264(100, 0, 40), want{36_000_000, 25_000 * 1200 / 8}},
		"14496-10 table A-1: Main@3.1, factor 1200":    {h264(77, 0, 31), want{20_160_000, 14_000 * 1200 / 8}},
		"14496-10 table A-2: High 10@4.1, factor 3600": {h264(110, 0, 41), want{216_000_000, 62_500 * 1200 / 8}},
		"14496-10 table A-2: High 4:2:2@5":             {h264(122, 0, 50), want{777_600_000, 135_000 * 1200 / 8}},
		"23008-2 table A.9: Main 4:2:2 10, level 1":    {hevcOf(4, 0, 30), want{234_624, 350 * 1833 / 8}},
		"13818-2 tables 8-13 and 8-14: MP@LL":          {mpeg2(10, 20), want{4_800_000, 20 * 2048}},
		"13818-2 tables 8-13 and 8-14: MP@H-14":        {mpeg2(6, 1000), want{72_000_000, 7_340_032 / 8}},
		"14496-10 A.3.1: Baseline@1b by constraint 3":  {h264(66, 0x10, 11), want{184_320, 350 * 1200 / 8}},
		"23008-2 table A.9: Main@4.1, Main tier":       {hevc(0, 123), want{22_000_000, 20_000 * 1100 / 8}},
		"23008-2 table A.9: Main@4.1, High tier":       {hevc(1, 123), want{55_000_000, 50_000 * 1100 / 8}},
		"13818-1 2.4.2.3: AAC stereo":                  {adts(2), want{2_000_000, 3584}},
		"13818-1 2.4.2.3: AAC 5.1":                     {adts(6), want{5_529_600, 8976}},
		"13818-1 2.4.2.3: AAC of up to 48 channels":    {adts(0), want{33_177_600, 51_216}},
		"13818-2 tables 8-13 and 8-14: MP@ML, vbv 112": {mpeg2(8, 112), want{18_000_000, 112 * 2048}},
		"13818-2 tables 8-13 and 8-14: MP@HL, vbv 488": {mpeg2(4, 488), want{96_000_000, 488 * 2048}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, ok := tt.derive()
			if !ok || int64(b.Leak) != tt.want.leak || b.Size != tt.want.size {
				t.Errorf("%+v, %v; want %+v", b, ok, tt.want)
			}
		})
	}
}

// TestNoBuffersOfUnknownLevels: without a level there is nothing to hold a stream against.
func TestNoBuffersOfUnknownLevels(t *testing.T) {
	for name, b := range map[string][]byte{
		"H.264":  {0, 0, 1, 0x67, 100, 0, 99, 0xac},
		"short":  {0, 0, 1, 0x67, 100},
		"no SPS": {0, 0, 1, 9, 0xf0, 0, 0, 1, 0x41, 1, 2, 3, 4},
	} {
		if b, ok := bufferOf(codingH264, b); ok {
			t.Errorf("%s: %+v", name, b)
		}
	}
	if b, ok := hevcBuffer(1, false, 99); ok {
		t.Errorf("HEVC: %+v", b)
	}
}

// AC-3 has another B in ATSC, whose stream_type tells it; E-AC-3 has not.
func TestBuffersOfAC3(t *testing.T) {
	for kind, want := range map[byte]int{0x81: 2592, 0x87: 5696, 0x06: 5696} {
		e := pmtEntry{pid: 300, streamType: kind}
		header, frame := []byte{0, 0, 1, 0xbd, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1}, []byte{0x0b, 0x77, 0, 0, 28, 8 << 3, 0, 0}
		if kind == 0x87 {
			frame[2], frame[3], frame[5] = 2, 0xff, 16<<3 // 768 words, bsid 16
		}
		if kind == 0x06 {
			e.descriptors = []byte{0x6a, 1, 0}
		}
		p := make(packet, packetSize)
		copy(p, []byte{0x47, 0x41, 0x2c, 0x10})
		copy(p[4:], append(header, frame...))
		b, ok := newStream(e, 1, &Options{}, nil).parameters.packet(p)
		if !ok || b.Size != want {
			t.Errorf("stream_type %#x: %+v, %v", kind, b, ok)
		}
	}
}

func adts(channels byte) func() (Buffer, bool) {
	return func() (Buffer, bool) {
		return bufferOf(codingADTS, []byte{0xff, 0xf1, 0x4c | channels>>2, channels << 6, 0x20, 0, 0})
	}
}

func mpeg2(level byte, vbv uint16) func() (Buffer, bool) {
	return func() (Buffer, bool) {
		return bufferOf(codingMPEG2Video, []byte{
			0, 0, 1, 0xb3, 0x2d, 0x02, 0x40, 0x33, 0x09, 0xc4, 0x20 | byte(vbv>>5), byte(vbv << 3), 0, 0, 0, 0,
			0, 0, 1, 0xb5, 0x14, level<<4 | 8, 0, 1, 0, 0, 0, 0,
		})
	}
}

// TestGuessedBuffer: vbv_buffer_size holds for a stream without a bit_rate too,
// until an access unit is larger than that.
func TestGuessedBuffer(t *testing.T) {
	b := mpeg2Buffer(8, 3*16384, (1<<18-1)*400)
	if b.Size != 6144 || b.level != 229_376 {
		t.Fatalf("%+v", b)
	}
	if b := mpeg2Buffer(8, 3*16384, 10_000*400); b.level != 0 {
		t.Errorf("a stream that declares its rate: %+v", b)
	}
	for packets, want := range map[int]int{33: 6144, 34: 229_376} {
		f := newFeeder(true, b, 27)
		for i := range packets {
			decode := int64(-1)
			if i == 0 {
				decode = 1 << 30
			}
			f.packet(decode)
		}
		if got := f.tstd.report.Buffer.Size; got != want {
			t.Errorf("an access unit of %d bytes: EB of %d, want %d", 184*packets, got, want)
		}
	}
}
