package identity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// packetSize is the length of a TS packet in bytes.
const packetSize = 188

// wrap is when a PTS or a PCR base that began with 0 at the epoch is 0 again: after 2^33
// ticks of 90 kHz. LILO's time stamps begin with up to a second, so that they wrap
// just before.
const wrap = (1 << 33) * time.Second / 90_000

// instants are where streams are compared.
var instants = []struct {
	name string
	at   time.Duration
}{
	{"epoch", 0},
	{"wrap", wrap - 2*time.Second},
	{"ten years", 87_600 * time.Hour},
}

// bundled is the name of the bundled clip, which is what plays without a source.
const bundled = "bundled clip"

// playable returns the inputs that loop: the bundled clip and the files.
func playable(t *testing.T) []string {
	t.Helper()
	all := []string{bundled}
	for _, name := range files(t) {
		if name != "not-playable" {
			all = append(all, name)
		}
	}
	return all
}

// files returns the names of the inputs that are files.
func files(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/inputs/*.mp4")
	if err != nil || len(all) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	for i := range all {
		all[i] = strings.TrimSuffix(filepath.Base(all[i]), ".mp4")
	}
	return all
}

// path returns what an input is called on a command line, nothing for the clip.
func path(name string) string {
	if name == bundled {
		return ""
	}
	return "testdata/inputs/" + name + ".mp4"
}

// settings are the flags with which each input is rendered.
var settings = []struct {
	name string
	args []string
}{
	{"default", nil},
	{"whole", []string{"--whole"}},
	{"muxrate", []string{"--muxrate", "2M", "--name", "a name"}},
	{"m2ts", []string{
		"--name", "another", "--epoch", "2026-11-25T04:00:00Z", "--m2ts",
		"transportStreamId=7,programNum=8,pmtPid=32,videoPid=200,pcrPid=201,audioPids=8182,300-305,pcrPeriod=20," +
			"patInterval=70,pmtInterval=50,sdtInterval=1000,audioFramesPerPes=4,serviceProviderName=provider",
	}},
}

// The packets of lilo render without --keep-es: what elementary streams tell of the lap
// is rewritten.
func TestElementaryStreams(t *testing.T) {
	t.Parallel()
	s := open(t, "elementary")
	for _, input := range playable(t) {
		for _, from := range instants {
			s.check(rendered(t, input, []string{"--from", from.at.String(), "--for", "3s"}), input, from.name)
		}
	}
}

// The packets of lilo render.
func TestRender(t *testing.T) {
	t.Parallel()
	s := open(t, "render")
	for _, input := range playable(t) {
		for _, set := range settings {
			for _, from := range instants {
				s.check(rendered(t, input, slices.Concat(set.args, []string{keepES, "--from", from.at.String(), "--for", "3s"})), input, set.name, from.name)
			}
		}
		s.check(rendered(t, input, []string{keepES}), input, "one lap")
	}
}

// keepES is the flag with which all but TestElementaryStreams send the bytes of the source.
const keepES = "--keep-es"

func rendered(t *testing.T, input string, args []string) []byte {
	t.Helper()
	args = append([]string{"render", "--out", "-"}, args...)
	if file := path(input); file != "" {
		args = append(args, file)
	}
	out, code := lilo(t, args...)
	if code != 0 || len(out) == 0 || len(out)%packetSize != 0 {
		t.Fatalf("lilo %q: exit code %d, %d bytes", args, code, len(out))
	}
	return out
}

// The datagrams of the RTP and UDP outputs, headers included, at the instants of
// all streams and across the wrap of the RTP timestamp and the sequence number.
func TestDatagrams(t *testing.T) {
	t.Parallel()
	s := open(t, "datagrams")
	for _, input := range []string{bundled, "avc-29.97-aac-44100", "hevc-hvc1", "mpeg2-mp2", "sound-only-aac"} {
		stream := streamOf(t, path(input))
		check := func(scheme string, perDatagram int, first packet.Number, at string) {
			t.Helper()
			packets := make([]byte, 20*perDatagram*packetSize)
			if err := stream.Fill(packets, first); err != nil {
				t.Fatal(err)
			}
			all := bytes.Join(datagrams(t, stream, scheme, perDatagram, first, packets), []byte("|"))
			s.check(all, input, fmt.Sprintf("%s×%d", scheme, perDatagram), at)
			if scheme == "udp" {
				stream.Idle(packets, first)
				s.check(packets, input, fmt.Sprintf("%d packets", len(packets)/packetSize), at, "while the source is missing")
			}
		}
		for _, perDatagram := range []int{1, 7} {
			for _, at := range append(slices.Clip(instants), struct {
				name string
				at   time.Duration
			}{"wrap of the RTP timestamp", (1<<32)*time.Second/90_000 - 20*time.Millisecond}) {
				first := stream.Before(at.at) / packet.Number(perDatagram) * packet.Number(perDatagram)
				check("rtp", perDatagram, first, at.name)
				check("udp", perDatagram, first, at.name)
			}
			check("rtp", perDatagram, (1<<16-10)*packet.Number(perDatagram), "wrap of the sequence number")
		}
	}
}

// playlists switch between sources, one of which plays a single time: near the
// epoch, across the wrap, and after ten years.
var playlists = []struct {
	name    string
	entries []entry
}{
	{"clip and tiny", []entry{
		{source: bundled},
		{at: 3*time.Second + 77, source: "tiny"},
		{at: 6 * time.Second, source: bundled},
		{at: 8*time.Second + 700*time.Millisecond, source: "tiny", once: true},
		{at: 12 * time.Second, source: bundled},
		{at: wrap - 1500*time.Millisecond, source: "tiny"},
		{at: wrap, source: bundled},
		{at: 87_600 * time.Hour, source: "tiny"},
		{at: 87_600*time.Hour + 1500*time.Millisecond, source: bundled},
	}},
	{"kinds of pictures", []entry{
		{source: "avc-open-gop", once: true},
		{at: 4 * time.Second, source: "hevc-hvc1"},
		{at: 6 * time.Second, source: "mpeg2-mp2"},
		{at: 8 * time.Second, source: "avc-29.97-aac-44100"},
		{at: wrap - time.Second, source: "hevc-hvc1", once: true},
		{at: 87_600*time.Hour + time.Second, source: "avc-open-gop"},
	}},
	{"sounds", []entry{
		{source: "sound-only-aac"},
		{at: 2 * time.Second, source: "three-sounds"},
		{at: 5 * time.Second, source: "picture-only"},
		{at: 7 * time.Second, source: "sound-only-mp2", once: true},
		{at: wrap - time.Second, source: "three-sounds"},
		{at: 87_600*time.Hour + time.Second, source: "sound-only-aac"},
	}},
}

// The packets of playlists, their instants and their RTP timestamps.
func TestPlaylists(t *testing.T) {
	t.Parallel()
	s := open(t, "playlists")
	for _, p := range playlists {
		stream := playlistOf(t, sources(p.entries))
		for _, from := range instants {
			length := 4 * time.Second
			if from.at == 0 {
				length = 15 * time.Second
			}
			n, end := stream.Before(from.at), stream.Before(from.at+length)
			packets, idle := make([]byte, (end-n)*packetSize), make([]byte, (end-n)*packetSize)
			if err := stream.Fill(packets, n); err != nil {
				t.Fatal(err)
			}
			stream.Idle(idle, n)
			var times bytes.Buffer
			for i := n; i < end; i += 7 {
				fmt.Fprintln(&times, i, stream.Due(i), stream.RTPTime(i), stream.Lap(i))
			}
			s.check(packets, p.name, from.name, "packets")
			s.check(idle, p.name, from.name, "while the source is missing")
			s.check(times.Bytes(), p.name, from.name, "times")
		}
	}
}

// sources returns the entries with paths instead of names.
func sources(entries []entry) []entry {
	var all []entry
	for _, e := range entries {
		e.source = path(e.source)
		all = append(all, e)
	}
	return all
}

// The playlists of HLS and all that they list.
func TestHLS(t *testing.T) {
	t.Parallel()
	s := open(t, "hls")
	for _, input := range playable(t) {
		for _, at := range instants {
			checkHLS(t, s, sources([]entry{{source: input}}), at.at, input, at.name)
		}
	}
	for _, p := range playlists {
		if p.name == "sounds" { // A part without pictures cannot follow one with them in fragmented MP4.
			continue
		}
		for _, at := range instants {
			checkHLS(t, s, sources(p.entries), at.at+9*time.Second, p.name, at.name)
		}
	}
}

// uris matches what a playlist lists: lines that are not tags, and attributes.
var uris = regexp.MustCompile(`(?m)^[^#\n].*$|URI="[^"]*"`)

func checkHLS(t *testing.T, s *sums, entries []entry, at time.Duration, name ...string) {
	t.Helper()
	epoch := time.Date(2026, 11, 25, 4, 0, 0, 123_456_789, time.UTC)
	h := timeline(t, entries, epoch, func() time.Time { return epoch.Add(at) })
	seen := map[string]bool{}
	var lists, segments bytes.Buffer
	var get func(file string)
	get = func(file string) {
		if seen[file] || strings.HasPrefix(file, "missing-") {
			return
		}
		seen[file] = true
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/"+file, nil))
		if w.Code != http.StatusOK {
			t.Fatalf("%q: %s: %d %s", name, file, w.Code, w.Body)
		}
		to := &segments
		if strings.HasSuffix(file, ".m3u8") {
			to = &lists
		}
		fmt.Fprintln(to, file, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"), w.Header().Get("ETag"), w.Body.Len())
		to.Write(w.Body.Bytes())
		if to == &lists {
			for _, uri := range uris.FindAllString(w.Body.String(), -1) {
				get(strings.TrimSuffix(strings.TrimPrefix(uri, `URI="`), `"`))
			}
		}
	}
	get("index.m3u8")
	s.check(lists.Bytes(), append(name, "playlists")...)
	s.check(segments.Bytes(), append(name, "segments")...)
}

// The reports of lilo probe --json, but for the wording of what is adjusted and
// of why a source does not loop.
func TestProbe(t *testing.T) {
	t.Parallel()
	var all bytes.Buffer
	for _, input := range append([]string{bundled}, files(t)...) {
		args := []string{"probe", "--json"}
		if file := path(input); file != "" {
			args = append(args, file)
		}
		out, code := lilo(t, args...)
		fmt.Fprintf(&all, "%s: exit code %d\n%s", input, code, unworded(t, out))
	}
	const file = "testdata/probe.txt"
	if *update {
		refuseUpdate(t)
		if err := os.WriteFile(file, all.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, lines := strings.Split(all.String(), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(got), len(lines)) {
		if got[i] != lines[i] {
			t.Fatalf("%s:%d: %q, commit d872415 reports %q", file, i+1, got[i], lines[i])
		}
	}
	if len(got) != len(lines) {
		t.Fatalf("%d lines, %s has %d", len(got), file, len(lines))
	}
}

// unworded replaces the sentences of a report by how many they are.
func unworded(t *testing.T, report []byte) []byte {
	t.Helper()
	if len(report) == 0 {
		return nil
	}
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(report))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		t.Fatalf("%s: %v", report, err)
	}
	delete(fields, "notes") // Adjustments has their sentences.
	fields["adjustments"] = len(fields["adjustments"].([]any))
	fields["error"] = fields["error"] != ""
	for _, track := range fields["tracks"].([]any) {
		x := track.(map[string]any)
		if buffer, ok := x["buffer"].(string); ok {
			x["buffer"] = strings.Contains(buffer, "break")
		}
	}
	text, err := json.MarshalIndent(fields, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}
