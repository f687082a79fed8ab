package monitor

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

func testOptions() Options {
	return Options{Buffers: map[PID]Buffer{testVideo: {Leak: 4_000_000, Size: 50_000}}}
}

func measure(b []byte) Report {
	a := NewAnalyzer(testOptions())
	a.Packets(b)
	a.flush()
	return a.Report()
}

// found returns the checks that found something.
func found(r *Report) map[Check]int64 {
	m := map[Check]int64{}
	for _, k := range r.Checks {
		if k.Count > 0 {
			m[k.Check] = k.Count
		}
	}
	return m
}

func TestGoodStream(t *testing.T) {
	starts := map[string]int64{
		"from 0":                              0,
		"from an hour":                        3600 * second,
		"PCR wraps after 3 s (2.4.3.5)":       clockWrap - 3*second,
		"DTS wraps before the PCR (2.4.3.7)":  clockWrap - 2*second - slotTicks/3,
		"the first PCR is the one that wraps": clockWrap - slotTicks,
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			r := measure(newWriter(start).run(8000).bytes())
			if r.Verdict != "no errors" {
				t.Errorf("verdict: %s\n%s", r.Verdict, r.String())
			}
			checkGood(t, &r)
		})
	}
}

func checkGood(t *testing.T, r *Report) {
	t.Helper()
	if r.Rate.BitRate != testRate || !r.Rate.Constant {
		t.Errorf("rate %v, constant %v; want %v, constant", r.Rate.BitRate, r.Rate.Constant, media.BitRate(testRate))
	}
	if r.PCR.PID != testVideo || r.PCR.IntervalMS.Max != 20 || r.PCR.AccuracyNS == nil || r.PCR.AccuracyNS.Max > 37 {
		t.Errorf("PCR: %+v", r.PCR)
	}
	if r.Tables.PAT.MaxMS != 100 || r.Tables.PMT.MaxMS != 100 || r.Tables.SDT.MaxMS != 1000 || r.Tables.PAT.Count != 80 {
		t.Errorf("tables: %+v", r.Tables)
	}
	if len(r.Streams) != 2 {
		t.Fatalf("%d elementary streams, want 2", len(r.Streams))
	}
	v, a := r.Streams[0], r.Streams[1]
	if v.PES != 200 || v.StepMS != 40 || v.Irregular != 0 || v.RandomAccess != 8 || v.RandomAccessMaxMS > 1005 {
		t.Errorf("video: %+v", v)
	}
	if a.PES != 333 || a.Frames != 333 || a.Irregular != 0 {
		t.Errorf("audio: %+v", a)
	}
	if v.Model == nil || v.Model.Underflows+v.Model.Overflows != 0 || a.Model == nil || a.Model.Buffer.Size != 3584 {
		t.Errorf("T-STD: %+v, %+v", v.Model, a.Model)
	}
}

func TestDefects(t *testing.T) {
	type raises map[Check]int64
	const some = -1
	only := func(c Check, n int64) raises { return raises{c: n} }
	tests := []struct {
		name   string
		damage func(w *writer)
		want   raises
	}{
		{"1.1 sync lost for two packets", func(w *writer) {
			n := w.nth(pidNull, 3000, nil)
			for w.packets[n+1][1] != 0x1f {
				n++
			}
			w.packets[n][0], w.packets[n+1][0] = 0, 0
		}, raises{SyncLoss: 1, SyncByte: 2}},
		{"1.2 one sync byte wrong, in a null packet", func(w *writer) {
			w.packets[w.nth(pidNull, 3000, nil)][0] = 0x46
		}, only(SyncByte, 1)},
		{"1.3 no PAT for 600 ms", func(w *writer) {
			w.blank(3000, 3550, func(p packet) bool { return p.pid() == pidPAT })
			w.renumber()
		}, only(PAT, 1)},
		{"1.3 another table on PID 0", func(w *writer) {
			w.packets[3000] = w.table(pidPAT, makeSection(0x72, nil))
			w.renumber()
		}, only(PAT, 1)},
		{"1.3 scrambled PAT", func(w *writer) {
			w.packets[3000][3] |= 0x80
		}, only(PAT, 1)},
		{"1.4 a packet lost", func(w *writer) {
			n := w.nth(testVideo, 100, middles)
			w.packets[n] = nullPacket()
		}, only(Continuity, 1)},
		{"1.4 a packet twice is allowed", func(w *writer) {
			repeat(w, w.nth(testVideo, 100, middles), 1)
		}, nil},
		{"1.4 a packet three times is not", func(w *writer) {
			repeat(w, w.nth(testVideo, 100, middles), 2)
		}, only(Continuity, 1)},
		{"1.4 the same counter with other bytes", func(w *writer) {
			n := w.nth(testVideo, 100, middles)
			repeat(w, n, 1)
			w.packets[n+1][100] ^= 1
		}, only(Continuity, 1)},
		{"1.5 no PMT for 600 ms", func(w *writer) {
			w.blank(3000, 3550, func(p packet) bool { return p.pid() == testPMT })
			w.renumber()
		}, only(PMT, 1)},
		{"1.6 no audio for 5 s", func(w *writer) {
			w.blank(1000, 7000, func(p packet) bool { return p.pid() == testAudio })
			w.renumber()
		}, raises{AbsentPID: 1, PTS: 1, AudioStep: 1}},
		{"2.1 transport_error_indicator", func(w *writer) {
			w.packets[3000][1] |= 0x80
		}, only(Transport, 1)},
		{"2.2 CRC of a PAT", func(w *writer) {
			w.packets[3000][10] ^= 1
		}, only(CRC, 1)},
		{"2.2 CRC of an SDT", func(w *writer) {
			w.packets[3003][10] ^= 1
		}, only(CRC, 1)},
		{"2.3.a no PCR for 120 ms", func(w *writer) {
			w.blank(3000, 3102, hasClock)
			w.renumber()
		}, only(PCRRepetition, 1)},
		{"2.3.b everything 10 s ahead", func(w *writer) {
			jump(w, 4000, 10*second)
		}, raises{PCRJump: 1, VideoStep: 1, AudioStep: 1}},
		{"2.3.b everything 3 s back", func(w *writer) {
			jump(w, 4000, -3*second)
		}, raises{PCRJump: 1, VideoStep: 1, AudioStep: 1, DTSOrder: 2}},
		{"2.4 one PCR off by 1 µs", func(w *writer) {
			p := w.packets[w.nth(testVideo, 100, hasClock)]
			v, _ := packet(p).pcr()
			setPCR(p, v+27)
		}, only(PCRAccuracy, 1)},
		{"2.5 no PTS for 750 ms", func(w *writer) {
			w.blank(3000, 3740, func(p packet) bool { return p.pid() == testVideo && !hasClock(p) })
			w.renumber()
		}, raises{PTS: 1, VideoStep: 1}},
		{"2.6 scrambled and no CAT", func(w *writer) {
			for _, p := range w.packets {
				if packet(p).pid() == testAudio && p[2] == 2 {
					p[3] |= 0x80
				}
			}
		}, only(CAT, 1)},
		{"2.6 scrambled and a CAT", func(w *writer) {
			w.replaceNull(0, w.table(pidCAT, makeSection(tableCAT, nil)))
			for _, p := range w.packets {
				if packet(p).pid() == testAudio {
					p[3] |= 0x80
				}
			}
		}, nil},
		{"2.6 another table on PID 1", func(w *writer) {
			w.replaceNull(500, w.table(pidCAT, makeSection(tablePMT, nil)))
		}, only(CAT, 1)},
		{"1.5 scrambled PMT", func(w *writer) {
			w.packets[3001][3] |= 0x80
		}, only(PMT, 1)},
		{"a PAT that is not current is ignored", func(w *writer) {
			section := patSection(0x300)
			section[5] = 0xc0 | 2<<1 // version 2, which applies next
			p := w.table(pidPAT, signed(section[:len(section)-4]))
			w.packets[3000] = p
			w.renumber()
		}, nil},
		{"1.6 a second PMT of the PAT is absent", func(w *writer) {
			for n := 0; n < len(w.packets); n += 100 {
				w.packets[n] = w.table(pidPAT, makeSection(tablePAT, []byte{0, 0, 0xe0, 0x10, 0, 1, 0xe1, 0, 0, 2, 0xe2, 0}))
			}
			w.renumber()
		}, raises{PMT: 1, AbsentPID: 1}},
		{"3.3 a burst of PSI", func(w *writer) {
			for n := 3000; n < 3400; n++ {
				if packet(w.packets[n]).pid() == pidNull {
					w.packets[n] = w.table(testPMT, makeSection(tablePMT, append(pmtContent(), bytes.Repeat([]byte{0x80, 0xe0, 0, 0xf0, 0}, 26)...)))
				}
			}
			w.renumber()
		}, only(BufferOverflow, some)},
		{"DTS not rising", func(w *writer) {
			n := w.nth(testVideo, 100, starts)
			w.shiftStamps(testVideo, n, n+1, -3600, -3600)
		}, raises{DTSOrder: 1, VideoStep: 2}},
		{"a picture without timestamps", func(w *writer) {
			w.dropStamps(w.packets[w.nth(testVideo, 100, starts)])
		}, nil},
		{"3.2 no SDT for 3 s", func(w *writer) {
			w.blank(2000, 4500, func(p packet) bool { return p.pid() == pidSDT })
			w.renumber()
		}, only(SIRepetition, 1)},
		{"3.4 a PID that no table names", func(w *writer) {
			for n := 2000; n < 4000; n += 7 {
				if packet(w.packets[n]).pid() == pidNull {
					w.packets[n] = carry(0x200, make([]byte, 184), false, false)
				}
			}
			w.renumber()
		}, only(UnreferencedPID, 1)},
		{"one picture 8 ms late", func(w *writer) {
			n := w.nth(testVideo, 100, starts)
			w.shiftStamps(testVideo, n, n+1, 720, 720)
		}, only(VideoStep, 2)},
		{"from one picture on, all 8 ms late", func(w *writer) {
			w.shiftStamps(testVideo, w.nth(testVideo, 100, starts), len(w.packets), 720, 720)
		}, only(VideoStep, 1)},
		{"from one frame on, audio 3 ticks late", func(w *writer) {
			w.shiftStamps(testAudio, w.nth(testAudio, 100, starts), len(w.packets), 3, 3)
		}, only(AudioStep, 1)},
		{"a PTS before its DTS", func(w *writer) {
			n := w.nth(testVideo, 100, starts)
			w.shiftStamps(testVideo, n, n+1, -7200, 0)
		}, raises{PTSBeforeDTS: 1, DuplicatePicture: 1, MissingPicture: 1}},
		{"two pictures at one instant, and none after them", func(w *writer) {
			n := w.nth(testVideo, 100, starts)
			w.shiftStamps(testVideo, n, n+1, -3600, 0)
		}, raises{DuplicatePicture: 1, MissingPicture: 1}},
		{"a picture presented 20 ms later", func(w *writer) {
			n := w.nth(testVideo, 100, starts)
			w.shiftStamps(testVideo, n, n+1, 1800, 0)
		}, raises{OverlappingPicture: 1, MissingPicture: 1}},
		{"a picture presented two frames later, across others", func(w *writer) {
			n := w.nth(testVideo, 100, starts)
			w.shiftStamps(testVideo, n, n+1, 7200, 0)
		}, raises{DuplicatePicture: 1, MissingPicture: 1}},
		{"from one picture on, presented a frame later", func(w *writer) {
			w.shiftStamps(testVideo, w.nth(testVideo, 100, starts), len(w.packets), 3600, 0)
		}, only(MissingPicture, 1)},
		{"all pictures 105 ms earlier: too late for their DTS", func(w *writer) {
			w.shiftStamps(testVideo, 0, len(w.packets), -105*90, -105*90)
		}, only(BufferUnderflow, 199)},
		{"all pictures a second later: too long in the buffer", func(w *writer) {
			w.shiftStamps(testVideo, 0, len(w.packets), 90_000, 90_000)
		}, only(DataDelay, 200)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWriter(5 * second).run(8000)
			tt.damage(w)
			r := measure(w.bytes())
			got := found(&r)
			for c := range checkCount {
				if got[c] != tt.want[c] && (tt.want[c] != some || got[c] == 0) {
					t.Errorf("%v: %d, want %d", c, got[c], tt.want[c])
				}
			}
			if t.Failed() {
				t.Log(r.String())
			}
		})
	}
}

// TestBurstOfPSI overflows both buffers of system information.
func TestBurstOfPSI(t *testing.T) {
	w := newWriter(5 * second).run(4000)
	for n := 3000; n < 3100; n++ {
		if packet(w.packets[n]).pid() == pidNull {
			w.packets[n] = w.table(testPMT, makeSection(tablePMT, append(pmtContent(), bytes.Repeat([]byte{0x80, 0xe0, 0, 0xf0, 0}, 26)...)))
		}
	}
	w.renumber()
	r := measure(w.bytes())
	details := map[string]bool{}
	for _, p := range r.Checks[BufferOverflow].Places {
		details[p.Detail] = true
	}
	if !details["TBsys"] || !details["Bsys"] || len(details) != 2 {
		t.Errorf("overflows of %v, want TBsys and Bsys", details)
	}
}

// TestClockContinues tells a clock that jumps from one whose PCRs are missing.
func TestClockContinues(t *testing.T) {
	at := time.Unix(100, 0)
	running := clock{have: true, last: pcrArrival{0, 0, at}, interval: pcrInterval{bytes: 188, ticks: slotTicks}}
	fresh := clock{have: true, last: pcrArrival{0, 0, at}}
	for _, tt := range []struct {
		name  string
		clock clock
		d     int64
		now   pcrArrival
		want  bool
	}{
		{"back", running, -1, pcrArrival{pos: 188}, false},
		{"within 100 ms, whatever the bytes say", running, pcrLimit, pcrArrival{pos: 188 * 1000}, true},
		{"500 ms, as the bytes say", running, second / 2, pcrArrival{pos: 188 * 500}, true},
		{"500 ms of 100 ms of bytes", running, second / 2, pcrArrival{pos: 188 * 100}, false},
		{"500 ms of 100 ms of bytes, as they arrived", running, second / 2, pcrArrival{pos: 188 * 100, at: at.Add(500 * time.Millisecond)}, true},
		{"a second without a rate", fresh, second, pcrArrival{pos: 188}, true},
		{"more than a second without a rate", fresh, second + 1, pcrArrival{pos: 188}, false},
	} {
		if got := tt.clock.continues(tt.d, tt.now); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestNoPCR measures a stream without a clock: nothing waits for ever.
func TestNoPCR(t *testing.T) {
	w := newWriter(0).run(8000)
	w.blank(0, len(w.packets), hasClock)
	w.renumber()
	b := w.bytes()
	a := NewAnalyzer(testOptions())
	for range 31 { // More packets than the queue holds.
		a.Packets(b)
	}
	a.flush()
	r := a.Report()
	if r.Count(PCRRepetition) != 1 || r.PCR.Count != 0 || len(a.queued) != 0 {
		t.Errorf("PCR_repetition_error × %d, %d PCRs, %d packets queued; want 1, 0 and 0", r.Count(PCRRepetition), r.PCR.Count, len(a.queued))
	}
	if r.Rate.BitRate != 0 || r.Streams[0].PES != 31*200 {
		t.Errorf("rate %v, %d PES packets; want none and 6200", r.Rate.BitRate, r.Streams[0].PES)
	}
}

func TestNamesOfChecks(t *testing.T) {
	seen := map[string]bool{}
	for c := range checkCount {
		if name := c.String(); name == "" || name == "unknown" || seen[name] {
			t.Errorf("check %d is called %q", c, name)
		} else {
			seen[name] = true
		}
	}
	if checkCount.String() != "unknown" || Check(-1).String() != "unknown" {
		t.Error("checks out of range have names")
	}
}

// TestText holds the report of a stream with errors against what a person reads.
func TestText(t *testing.T) {
	w := newWriter(5 * second).run(8000)
	w.packets[3000][10] ^= 1
	w.shiftStamps(testAudio, w.nth(testAudio, 100, starts), len(w.packets), 3, 3)
	r := measure(w.bytes())
	r.Source = "x.ts"
	text := r.String()
	for _, want := range []string{
		"x.ts: 8000 packets, 7.980 s\n",
		"ERROR                 PRIORITY  COUNT  FIRST\n2.2 CRC_error         2         1      packet 3000 PID 0\naudio timestamp step  -         1      packet 2408 PID 258 off by 0.033 ms\n",
		"Rate           1.504 Mb/s                    constant ",
		"PCR interval   p50 20.",
		"PAT, PMT, SDT  mean 100.0, 100.0, 1000.0 ms  max 100.0, 100.0, 1000.0\n",
		"257  H.264       200  40.000 ms  0            +0.000 ms  0     ",
		"258  MPEG audio  333  by frames  1            +0.033 ms  0     45.6 to 49.6 ms    333, every 24 ms\n",
		"258  330 units  2.000 Mb/s  1 of 512  0 of 0      330 of 3584    0          0\n",
		"256   PMT ",
		"VERDICT: priority 2: CRC_error × 1; beyond TR 101 290: audio timestamp step × 1\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func repeat(w *writer, n, times int) {
	for i := range times {
		next := n + 1 + i
		for packet(w.packets[next]).pid() != pidNull {
			next++
		}
		w.packets = append(w.packets[:next:next], w.packets[next+1:]...)
		w.packets = append(w.packets[:n+1:n+1], append([][]byte{append([]byte(nil), w.packets[n]...)}, w.packets[n+1:]...)...)
	}
}

// jump moves the clock and all timestamps from packet n on.
func jump(w *writer, n int, by int64) {
	w.shiftClock(n, by)
	w.shiftStamps(testVideo, n, len(w.packets), by/300, by/300)
	w.shiftStamps(testAudio, n, len(w.packets), by/300, by/300)
}

func TestAnnouncedDiscontinuityIsNoError(t *testing.T) {
	w := newWriter(0).run(4000)
	n := w.nth(testVideo, 100, hasClock)
	w.packets[n][5] |= 0x80
	w.shiftClock(n, 10*second)
	r := measure(w.bytes())
	if r.Count(PCRJump) != 0 || r.PCR.Discontinuities != 1 {
		t.Errorf("PCR jumps %d, announced %d; want 0 and 1", r.Count(PCRJump), r.PCR.Discontinuities)
	}
}

// TestReportChangesNothing asks for a report at every datagram and wants the
// same in the end as from asking once.
func TestReportChangesNothing(t *testing.T) {
	b := newWriter(0).run(1500).bytes()
	often, once := NewAnalyzer(testOptions()), NewAnalyzer(testOptions())
	for i := 0; i+1316 <= len(b); i += 1316 {
		at := time.Unix(0, int64(i))
		often.Datagram(at, b[i:i+1316])
		once.Datagram(at, b[i:i+1316])
		_ = often.Report()
	}
	x, y := often.Report(), once.Report()
	if x.String() != y.String() {
		t.Errorf("asked often:\n%s\nasked once:\n%s", x.String(), y.String())
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	b := newWriter(0).run(28000).bytes()
	a := NewAnalyzer(testOptions())
	at, n := time.Unix(0, 0), 0
	next := func() {
		a.Datagram(at, b[n:n+1316])
		at, n = at.Add(7*time.Millisecond), n+1316
	}
	for range 2000 {
		next()
	}
	if allocs := testing.AllocsPerRun(1900, next); allocs != 0 {
		t.Errorf("%v allocations a datagram, want 0", allocs)
	}
}

func BenchmarkDatagram(b *testing.B) {
	ts := newWriter(0).run(7 * 4000).bytes()
	a := NewAnalyzer(testOptions())
	b.SetBytes(1316)
	b.ReportAllocs()
	n := 0
	at := time.Unix(0, 0)
	for b.Loop() {
		if n+1316 > len(ts) {
			n, a = 0, NewAnalyzer(testOptions())
		}
		a.Datagram(at, ts[n:n+1316])
		at, n = at.Add(7*time.Millisecond), n+1316
	}
}

func FuzzAnalyzer(f *testing.F) {
	w := newWriter(clockWrap - second/20).run(50)
	f.Add(w.bytes(), byte(0))
	f.Add(append([]byte{0x80, 33, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, w.bytes()[:1316]...), byte(1))
	f.Fuzz(func(t *testing.T, b []byte, how byte) {
		a := NewAnalyzer(Options{})
		size := 188*7 + int(how>>1)
		for at := time.Unix(0, 0); len(b) > 0; at = at.Add(time.Millisecond) {
			n := min(size, len(b))
			if how&1 == 0 {
				a.Packets(b[:n])
			} else {
				a.Datagram(at, b[:n])
			}
			b = b[n:]
		}
		a.flush()
		r := a.Report()
		_ = r.String()
		if len(a.sync.buf) > 65536 || len(a.queued) > maxQueued {
			t.Errorf("%d bytes and %d packets are kept", len(a.sync.buf), len(a.queued))
		}
	})
}

// TestStillPictures: 2.5 is not for pictures that are shown for longer than 700 ms
// (TR 101 290, 5.2.2), but for those of a low frame rate that come too late.
func TestStillPictures(t *testing.T) {
	late := func(w *writer) { // The picture of one instant comes 280 ms later.
		from := w.nth(testVideo, 10, func(p packet) bool { return p.unitStart() })
		for i := range 4 {
			w.packets[from+i], w.packets[from+i+280] = w.packets[from+i+280], w.packets[from+i]
		}
	}
	for name, c := range map[string]struct {
		every int
		edit  func(*writer)
		want  int64
	}{
		"a second":                 {1000, func(*writer) {}, 0},
		"half a second":            {500, func(*writer) {}, 0},
		"half a second, one later": {500, late, 1},
	} {
		w := newWriter(0)
		w.every = c.every
		w.run(10_000)
		c.edit(w)
		w.renumber()
		a := NewAnalyzer(Options{})
		for _, p := range w.packets {
			a.Packets(p)
		}
		if got := a.errs.counts[PTS]; got != c.want {
			t.Errorf("%s: %d PTS errors, want %d", name, got, c.want)
		}
	}
}
