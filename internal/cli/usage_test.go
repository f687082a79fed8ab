package cli

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

func TestUsageErrorsAreOneLineWithAHint(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "movie.mp4", "")
	writeFile(t, "bad.yaml", "source: movie.mp4\nspeed: 2\n")
	var keys []string
	for _, s := range channel.Settings() {
		keys = append(keys, s.Key)
	}
	keys = append(keys, "aws")
	cases := []struct{ args, want string }{
		{"rnu", `there is no command "rnu": did you mean "run"?`},
		{"help rnu", `there is no command "rnu": did you mean "run"?`},
		{"help cache list x", `there is no command "x" (lilo --help lists them)`},
		{"teleport", `there is no command "teleport" (lilo --help lists them)`},
		{"rend", `there is no command "rend": did you mean "render"?`},
		{"rum movie.mp4", `there is no command "rum": did you mean "run"?`},
		{"render --mux-rate 6M --out x", "there is no flag --mux-rate: did you mean --muxrate? (lilo render --help)"},
		{"render --speed 2", "there is no flag --speed (lilo render --help lists them)"},
		{"render --muxrate", "flag needs an argument: --muxrate (lilo render --help)"},
		{"render -x", "there is no flag -x (lilo render --help lists them)"},
		{"render", "--out FILE is missing: it says where the stream is written, - for the standard output"},
		{"render --out x --from yesterday", `--from: "yesterday" is not a length of time: write 8ms, 90s, 1h30m or 2d`},
		{"run --to 127.0.0.1:5000", `--to: "127.0.0.1:5000": a destination is rtp://address:port or udp://address:port: did you mean rtp://127.0.0.1:5000?`},
		{"run --to rtp://127.0.0.1:1 --to udp://127.0.0.1:1", "--to: 127.0.0.1:1 is given twice"},
		{"run --to rtpp://127.0.0.1:5000", `--to: "rtpp://127.0.0.1:5000": a destination is rtp://address:port or udp://address:port: did you mean rtp://127.0.0.1:5000?`},
		{"run --to rtp://127.0.0.1:5000?iface", `--to: "rtp://127.0.0.1:5000?iface": iface "" is neither the name of an interface nor an address`},
		{"render --out x --encode hvec", `--encode: "hvec" is no preset: did you mean "hevc"?`},
		{"render --out x --encode H264", `--encode: "H264" is no preset: did you mean "h264"?`},
		{"render --out x --encode avc,entropyEncoding=cabac", `--encode: entropyEncoding: "cabac" is not one of CABAC, CAVLC: did you mean "CABAC"?`},
		{"render --out x --encode avc,gopsize=2", `--encode: "gopsize" is not known: did you mean "gopSize"?`},
		{"render --out x --m2ts pmtPidd=480", `--m2ts: "pmtPidd" is not known: did you mean "pmtPid"?`},
		{"render --out x --for 106752d", `--for: "106752d" is not a length of time: write 8ms, 90s, 1h30m or 2d`},
		{"render --out x file://here/movie.mp4", `"file://here/movie.mp4" names no file: write file:///absolute/path.mp4`},
		{"render --out x --muxrate 6", "--muxrate: 6 bit/s is below 20k: was a unit forgotten (6M)?"},
		{"render --out x --config bad.yaml", `--config bad.yaml: line 2: "speed" is not known (` + strings.Join(keys, ", ") + " are)"},
		{"render --out x --config none.yaml", "--config none.yaml: no such file or directory"},
		{"render --out x --config .", "--config .: is a directory"},
		{"render --out x a.mp4 b.mp4", `lilo render takes one SOURCE, not 2 ("b.mp4" is the second)`},
		{"probe a.mp4 b.mp4", `lilo probe takes one SOURCE, not 2 ("b.mp4" is the second)`},
		{"version now", `lilo version takes no argument ("now" is one)`},
	}
	for _, c := range cases {
		t.Run(c.args, func(t *testing.T) {
			r := lilo(t, newFake(), strings.Fields(c.args)...)
			if got := oneLineOf(t, r); r.code != int(fault.Usage) || got != c.want || r.out != "" {
				t.Errorf("code %d\ngot  %s\nwant %s", r.code, got, c.want)
			}
		})
	}
}

func TestFlagsWinOverVariablesAndThoseOverTheFile(t *testing.T) {
	t.Setenv("LILO_TO", "udp://127.0.0.1:3")
	t.Setenv("LILO_NAME", "Variable")
	t.Setenv("LILO_KEEP_ES", "true")
	t.Chdir(t.TempDir())
	writeFile(t, "c.yaml", "source: a.mp4\nname: File\nmuxrate: 6M\nto: [rtp://127.0.0.1:1, rtp://127.0.0.1:2]\npacing: 4ms\n")
	f := newFake()
	r := lilo(t, f, "render", "--out", "-", "--config", "c.yaml", "--name", "Flag", "--muxrate", "7M", "--muxrate", "8M", "--encode", "avc", "--encode", "hevc", "b.mp4")
	if r.code != 0 {
		t.Fatalf("%+v", r.err)
	}
	want := channel.Spec{
		Source: "b.mp4", Name: "Flag", MuxRate: 8_000_000, Epoch: time.Unix(0, 0).UTC(), Pacing: 4 * time.Millisecond,
		To: []channel.Destination{{Scheme: "udp", Host: "127.0.0.1", Port: 3}},
	}
	if f.spec.Encode == nil || f.spec.Encode.Video.Codec != channel.CodecHEVC {
		t.Errorf("encode %v", f.spec.Encode)
	}
	if len(f.spec.To) != 1 || f.spec.To[0] != want.To[0] {
		t.Errorf("to %v", f.spec.To)
	}
	f.spec.To, want.To = nil, nil
	if f.spec.Source != want.Source || f.spec.Name != want.Name || f.spec.MuxRate != want.MuxRate || f.spec.Pacing != want.Pacing || !f.spec.KeepES {
		t.Errorf("got %+v\nwant %+v", f.spec, want)
	}
}

func TestVariablesAreChecked(t *testing.T) {
	t.Setenv("LILO_MUXRATE", "fast")
	for _, args := range []string{"run", "render --out x", "probe"} {
		if r := lilo(t, newFake(), strings.Fields(args)...); r.code != int(fault.Usage) || !strings.HasPrefix(oneLineOf(t, r), `LILO_MUXRATE: "fast"`) {
			t.Errorf("%s: %+v", args, r)
		}
	}
}

// TestNoFlagDoesNothing: what decides how a stream is sent is no flag of render, which sends none.
func TestNoFlagDoesNothing(t *testing.T) {
	for _, flag := range []string{"to", "pacing", "tolerance", "fec"} {
		if r := lilo(t, newFake(), "render", "--out", "x", "--"+flag, "x"); !strings.HasPrefix(oneLineOf(t, r), "there is no flag --"+flag) {
			t.Errorf("%+v", r)
		}
	}
}

// TestASourceAloneIsRun leaves out run.
func TestASourceAloneIsRun(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "movie.mp4", "no MP4")
	writeFile(t, "version", "a command is not a file")
	for _, source := range []string{"movie.mp4", "./movie.mp4", "file://" + filepath.ToSlash(must(os.Getwd())) + "/movie.mp4"} {
		r := lilo(t, newFake(), source, "--for", "1s", "--to", "rtp://127.0.0.1:5000,rtp://127.0.0.1:5002")
		if got := oneLineOf(t, r); r.code != int(fault.Media) || !strings.Contains(got, "movie.mp4") {
			t.Errorf("%s: %+v", source, r)
		}
	}
	if r := lilo(t, newFake(), "none.mp4"); r.code != int(fault.Source) || oneLineOf(t, r) != "none.mp4 cannot be opened: no such file or directory" {
		t.Errorf("%+v", r)
	}
	if got := oneLineOf(t, lilo(t, newFake(), "gopher://a/b.mp4")); !strings.Contains(got, `not "gopher://"`) {
		t.Error(got)
	}
	if r := lilo(t, newFake(), "version"); r.code != 0 || !strings.HasPrefix(r.out, "lilo ") {
		t.Errorf("%+v", r)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestHelpIsNoError(t *testing.T) {
	for _, args := range []string{"", "--help", "help", "run --help", "help render", "probe -h", "monitor --help"} {
		r := lilo(t, newFake(), strings.Fields(args)...)
		if r.code != 0 || r.err != "" || !strings.Contains(r.out, "lilo") {
			t.Errorf("%q: %+v", args, r)
		}
	}
}

func TestAnErrorCannotSteerTheTerminal(t *testing.T) {
	f := newFake()
	f.fails = fault.New(fault.Source, "no file \x1b[2Jmovie\n.mp4")
	r := lilo(t, f, "probe", "x")
	if got := oneLineOf(t, r); r.code != 3 || got != "no file [2Jmovie .mp4" {
		t.Errorf("%d %q", r.code, got)
	}
}

func TestVersion(t *testing.T) {
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "true"},
	}}
	info.Main.Version = "v1.2.3"
	if got := version(info); !strings.HasPrefix(got, "lilo v1.2.3 commit 0123456789ab (changed), go") {
		t.Error(got)
	}
	if got := version(nil); !strings.HasPrefix(got, "lilo (devel), go") {
		t.Error(got)
	}
	for _, args := range []string{"version", "--version"} {
		if r := lilo(t, newFake(), args); r.code != 0 || !strings.HasPrefix(r.out, "lilo ") {
			t.Errorf("%s: %+v", args, r)
		}
	}
}
