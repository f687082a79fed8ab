package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/player"
)

func TestEveryFailedCheckIsShownAndNothingIsCreated(t *testing.T) {
	c := newCloud(t)
	c.channelQuota = 0
	f := newFake()
	f.report.Tracks[1].Coding = "AC-3 48000 Hz 5.1"
	r := inCloud(t.Context(), f, "", "deploy", "s3://movies/movie.mp4", "--to", "rtp://127.0.0.1:5000", "--to", "rtp://10.0.0.1:5000", "--yes")
	if r.code != int(fault.Destination) {
		t.Errorf("%+v", r)
	}
	golden(t, "testdata/deploy-no.txt", steady(t, r.out+"---\n"+r.err))
	if len(c.stacks) != 0 {
		t.Errorf("%d stacks were made", len(c.stacks))
	}
	for _, call := range c.calls {
		if strings.HasPrefix(call, "POST /prod") || call == "DeleteStack" {
			t.Errorf("it called %s", call)
		}
	}
}

func TestWithoutCredentialsThereIsNothingToAsk(t *testing.T) {
	newCloud(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	for _, args := range []string{"deploy movie.mp4 --yes --to " + to, "destroy", "status", "start", "stop", "logs"} {
		r := inCloud(t.Context(), newFake(), "", strings.Fields(args)...)
		if got := oneLineOf(t, r); r.code != int(fault.Access) || !strings.Contains(got, "no AWS credentials were found") || !strings.Contains(got, "aws sso login") {
			t.Errorf("%s: %d %s", args, r.code, got)
		}
	}
}

func TestWhatIsNotDeployedIsNamed(t *testing.T) {
	newCloud(t)
	for _, args := range []string{"status --stack Other", "start --stack Other", "stop --stack Other", "logs --stack Other"} {
		r := inCloud(t.Context(), newFake(), "", strings.Fields(args)...)
		want := "there is no stack LILO-Client-Other-eu-west-1 in eu-west-1: create it with lilo deploy, or name another with --stack, --customer, --project and --region"
		if got := oneLineOf(t, r); r.code != int(fault.Usage) || got != want {
			t.Errorf("%s: %d %s", args, r.code, got)
		}
	}
	r := inCloud(t.Context(), newFake(), "", "destroy", "--stack", "Other")
	if r.code != 0 || r.out != "there is no stack LILO-Client-Other-eu-west-1 in eu-west-1: nothing to do\n" {
		t.Errorf("%+v", r)
	}
}

func TestUsageOfADeployment(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "bad.yaml", "aws:\n  planet: Mars\n")
	t.Setenv("LILO_TTL", "")
	for args, want := range map[string]string{
		"deploy --region Ireland":      `--region: "Ireland" is not the name of a region: write one such as eu-west-1`,
		"deploy --ttl yesterday":       `--ttl: "yesterday" is not a length of time: write 8ms, 90s, 1h30m or 2d`,
		"deploy --standart":            "there is no flag --standart: did you mean --standard? (lilo deploy --help)",
		"deploy a.mp4 b.mp4":           `lilo deploy takes one SOURCE, not 2 ("b.mp4" is the second)`,
		"status now":                   `lilo status takes no argument ("now" is one)`,
		"logs --since yesterday":       `--since: "yesterday" is not a length of time: write 8ms, 90s, 1h30m or 2d`,
		"destroy --config nowhere.yml": "--config nowhere.yml: no such file or directory",
		"synth --config bad.yaml":      "--config bad.yaml: line 2: aws: ",
	} {
		r := inCloud(t.Context(), newFake(), "", strings.Fields(args)...)
		if got := oneLineOf(t, r); r.code != int(fault.Usage) || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %d %s", args, r.code, got)
		}
	}
}

// TestFileThenEnvironmentThenFlags has all three say something of their own and of the same.
func TestFileThenEnvironmentThenFlags(t *testing.T) {
	newCloud(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, "lilo.yaml", "source: film.mp4\nto: rtp://203.0.113.1:5000\nname: File\naws:\n  stack: File\n  customer: File\n  project: File\n  ttl: 1h\n  autoStart: false\n")
	t.Setenv("LILO_STACK", "Env")
	t.Setenv("LILO_CUSTOMER", "Env")
	cmd := New(os.Stdout, os.Stderr, os.Getenv)
	deploy := newDeployCommand(cmd)
	if err := deploy.ParseFlags([]string{"--config", "lilo.yaml", "--stack", "Flag", "--auto-start", "--standard"}); err != nil {
		t.Fatal(err)
	}
	d, err := newDeployment(cmd, deploy, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := d.spec.AWS
	if d.stackName() != "File-Env-Flag-eu-west-1" || !a.AutoStart || !a.Standard || a.TTL.Hours() != 1 || d.spec.Name != "File" || d.spec.Source != dir+"/film.mp4" {
		t.Errorf("%s %+v", d.stackName(), d.spec)
	}
	if got := d.flags(); got != " --stack Flag --customer Env --project File" {
		t.Error(got)
	}
}

func TestSynthNeedsNoCredentials(t *testing.T) {
	c := newCloud(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Chdir(t.TempDir())
	r := inCloud(t.Context(), newFake(), "", "synth", "movie.mp4", "--to", to, "--out", "asm", "--region", "us-east-1")
	if r.code != 0 || r.out != "stack LILO-Client-Dev-us-east-1, 44 resources: in asm\n" {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat("asm/manifest.json"); err != nil || len(c.calls) != 0 {
		t.Errorf("%v, calls: %v", err, c.calls)
	}
	r = inCloud(t.Context(), newFake(), "", "synth", "movie.mp4", "--to", to, "--out", "asm", "--json")
	var said struct{ Stack string }
	if json.Unmarshal([]byte(r.out), &said) != nil || said.Stack != "LILO-Client-Dev-eu-west-1" {
		t.Errorf("%+v", r)
	}
	r = inCloud(t.Context(), newFake(), "", "synth", "s3://movies/movie.mp4", "--to", to, "--out", "asm")
	if r.code != 0 || !strings.HasPrefix(r.out, "! source       synth does not read s3://movies/movie.mp4: its video is taken for AVC, HD, MAX_10_MBPS: ") || len(c.calls) != 0 {
		t.Errorf("%+v, calls: %v", r, c.calls)
	}
}

func TestASourceIsEncodedHereOnRequest(t *testing.T) {
	c := newCloud(t)
	f := newFake()
	r := inCloud(t.Context(), f, "", "deploy", "movie.mkv", "--to", to, "--yes", "--encode-here", "avc,maxBitrate=8M")
	if r.code != 0 || !strings.Contains(r.out, "/movie.mkv, encoded here\n") {
		t.Fatalf("%+v", r)
	}
	if e := f.encoded; !strings.HasSuffix(e.Source, "/movie.mkv") || e.Encode == nil || e.Encode.Video.MaxBitrate != 8_000_000 {
		t.Errorf("it encoded %+v", e)
	}
	if !strings.HasSuffix(f.spec.Source, "/encoded.mp4") || f.spec.Encode != nil || f.spec.Name != "movie" {
		t.Errorf("it looked at %+v", f.spec)
	}
	id, _ := c.state()
	out, err := c.media.DescribeChannel(t.Context(), &sdk.DescribeChannelInput{ChannelId: &id})
	if err != nil || *out.EncoderSettings.VideoDescriptions[0].CodecSettings.H264Settings.Bitrate != 10_000_000 {
		t.Errorf("MediaLive encodes %+v, %v", out, err)
	}
	if r := inCloud(t.Context(), f, "", "synth", "movie.mkv", "--to", to, "--encode-here", "best"); r.code != int(fault.Usage) || !strings.Contains(r.err, "--encode-here: ") {
		t.Errorf("%+v", r)
	}
}

func TestWhatMediaLiveDoesNotDecodeCanBeEncodedHere(t *testing.T) {
	newCloud(t)
	for name, change := range map[string]func(*fake){
		"another container": func(f *fake) {
			f.report, f.fails = player.Report{}, fault.New(fault.Media, "movie.mkv: this is a Matroska or WebM file, not an MP4: --encode avc plays it")
		},
		"another video": func(f *fake) { f.report.Tracks[0].Coding = "MPEG-4 part 2 Simple 320x240" },
		"another audio": func(f *fake) { f.report.Tracks[1].Coding = "AC-3 48000 Hz 5.1" },
	} {
		f := newFake()
		change(f)
		r := inCloud(t.Context(), f, "", "deploy", "movie.mkv", "--to", to, "--yes")
		if got := oneLineOf(t, r); r.code != int(fault.Media) || !strings.Contains(got, "--encode-here avc") || strings.Contains(got, "--encode avc") {
			t.Errorf("%s: %d %s", name, r.code, got)
		}
	}
}

func TestSourceAndSettingsAreCheckedBeforeCredentials(t *testing.T) {
	c := newCloud(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	f := newFake()
	f.report.Tracks[1].Coding = "AC-3 48000 Hz 5.1"
	for args, want := range map[string]string{
		"movie.mp4":                            "source: its audio is AC-3 48000 Hz 5.1",
		"movie.mp4 --encode hevc,framerate=61": "settings: encode: framerate 61: MediaLive encodes 60 pictures a second at most: give framerate=60 or less",
		"s3://my.movies/movie.mp4":             "settings: source: the bucket my.movies has a dot in its name",
	} {
		r := inCloud(t.Context(), f, "", strings.Fields("deploy --yes --to "+to+" "+args)...)
		if got := oneLineOf(t, r); !strings.Contains(got, want) || strings.Count(r.out, "✗ settings") > 1 {
			t.Errorf("%s: %d %s\n%s", args, r.code, got, r.out)
		}
	}
	if len(c.calls) != 0 {
		t.Errorf("it called %q", c.calls)
	}
}

// TestSettingsAreCheckedBeforeTheSourceIsEncoded checks that nothing is encoded in vain.
func TestSettingsAreCheckedBeforeTheSourceIsEncoded(t *testing.T) {
	newCloud(t)
	const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	for args, want := range map[string]string{
		"--source-key " + key:               "sourceKey: the source is uploaded to the deployment's own bucket, which needs no key: leave it out",
		"--encode avc,framerate=61":         "framerate 61: MediaLive encodes 60 pictures a second at most",
		"--encode mpeg2":                    "the source's height 720: MediaLive encodes MPEG-2 in SD alone",
		"--encode hevc,rateControlMode=VBR": "MediaLive encodes HEVC with rateControlMode CBR or QVBR, not VBR",
	} {
		f := newFake()
		r := inCloud(t.Context(), f, "", strings.Fields("deploy movie.mp4 --encode-here avc --yes --to "+to+" "+args)...)
		if got := oneLineOf(t, r); !strings.Contains(got, want) || f.encoded.Source != "" {
			t.Errorf("%s: %d %s; encoded %q", args, r.code, got, f.encoded.Source)
		}
		if !strings.Contains(r.out, "movie.mp4 is encoded here when the rest is right") {
			t.Errorf("%s: the source is missing: %s", args, r.out)
		}
	}
	// The source is not advised to be encoded here where it is.
	avi := newFake()
	avi.report, avi.fails = player.Report{}, fault.New(fault.Media, "an AVI file: --encode avc plays it")
	if r := inCloud(t.Context(), avi, "", strings.Fields("deploy movie.avi --encode-here avc --encode avc,framerate=61 --to "+to)...); strings.Contains(r.out, "plays it") {
		t.Errorf("%+v", r)
	}
	// What is encoded to another size is not refused for its own.
	f := newFake()
	r := inCloud(t.Context(), f, "", strings.Fields("synth movie.mp4 --encode-here avc,width=720,height=576 --encode mpeg2 --to "+to)...)
	if f.encoded.Source == "" {
		t.Errorf("nothing was encoded: %+v", r)
	}
}

// TestFailuresAsJSON checks that a program that reads JSON is told of every failure.
func TestFailuresAsJSON(t *testing.T) {
	newCloud(t)
	for args, want := range map[string]string{
		"synth --json movie.mp4 --to rtp://10.0.0.1":                   "10.0.0.1",
		"synth --json movie.mp4 --encode hevc,framerate=61 --to " + to: "60 pictures a second",
		"synth --json movie.mp4":                                       "destination: none is given",
		"deploy --json --yes movie.mp4 --region x --to " + to:          "region",
		"status --json":                    "there is no stack",
		"start --json --stack Other":       "there is no stack",
		"logs --json":                      "there is no stack",
		"status --json --config none.yaml": "none.yaml",
	} {
		r := inCloud(t.Context(), newFake(), "", strings.Fields(args)...)
		lines := strings.Split(strings.TrimSpace(r.out), "\n")
		var last struct{ Type, Text string }
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Type != "error" || !strings.Contains(last.Text, want) || r.code == 0 ||
			!strings.Contains(r.err, last.Text) {
			t.Errorf("%s: %v: %+v", args, err, r)
		}
	}
}

// TestSynthAsJSONShowsEveryFault checks that the list that the last line speaks of is there.
func TestSynthAsJSONShowsEveryFault(t *testing.T) {
	newCloud(t)
	f := newFake()
	f.report, f.fails = player.Report{}, fault.New(fault.Media, "an AVI file: --encode avc plays it")
	r := inCloud(t.Context(), f, "", strings.Fields("synth --json movie.avi --encode hevc,framerate=61 --to "+to)...)
	for _, want := range []string{"60 pictures a second", "an AVI file: --encode-here avc plays it", "(and 1 more of the list above)"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is missing: %s", want, r.out)
		}
	}
}

func TestAnInterruptionEndsSynthAndSaysSo(t *testing.T) {
	newCloud(t)
	t.Chdir(t.TempDir())
	for command, want := range map[string]string{"synth": "interrupted: nothing was written", "deploy --yes": "interrupted: nothing was created"} {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFake()
		f.whileEncode = cancel
		r := inCloud(ctx, f, "", strings.Fields(command+" movie.mkv --encode-here avc --to "+to)...)
		if got := oneLineOf(t, r); r.code != int(fault.Internal) || got != want {
			t.Errorf("%s: %d %s", command, r.code, got)
		}
	}
	if _, err := os.Stat("cdk.out"); err == nil {
		t.Error("there is a folder")
	}
}

func TestAPrivateDestinationIsConfirmed(t *testing.T) {
	for _, c := range []struct {
		flags, answers, want string
		code                 fault.Kind
	}{
		{"--yes", "", "confirm this one with --allow-private", fault.Declined},
		{"", "", "confirm this one with --allow-private", fault.Declined},
		{"--yes --allow-private", "", "", 0},
		{"", "n\n", "nothing was done: not confirmed", fault.Declined},
		{"", "y\ny\n", "", 0},
	} {
		cl := newCloud(t)
		args := "deploy movie.mp4 --to rtp://192.168.1.7:5000 --to rtp://203.0.113.7:5000 " + c.flags
		r := inCloud(t.Context(), newFake(), person(c.answers), strings.Fields(args)...)
		if r.code != int(c.code) || !strings.Contains(r.err, c.want) || strings.Contains(r.err, "203.0.113.7") {
			t.Errorf("%s %q: %+v", c.flags, c.answers, r)
		}
		if id, _ := cl.state(); (id != "") != (c.code == 0) {
			t.Errorf("%s %q: channel %q", c.flags, c.answers, id)
		}
	}
}

func TestARegionWithoutMediaLiveIsRefusedBeforeAnythingElse(t *testing.T) {
	c := newCloud(t)
	for _, command := range []string{"deploy --yes", "synth"} {
		r := inCloud(t.Context(), newFake(), "", strings.Fields(command+" movie.mp4 --region eu-south-1 --to "+to)...)
		got := oneLineOf(t, r)
		if r.code != int(fault.Usage) || !strings.Contains(got, "region: eu-south-1 has no MediaLive: give one that has, such as eu-central-1") {
			t.Errorf("%s: %d %s", command, r.code, got)
		}
	}
	if len(c.stacks) != 0 {
		t.Errorf("%d stacks were made", len(c.stacks))
	}
}

func TestTheClassOfADeployedChannelDoesNotChange(t *testing.T) {
	c := newCloud(t)
	c.deployed()
	calls := len(c.calls)
	r := inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--yes", "--standard", "--to", to, "--to", "rtp://203.0.113.8:5000")
	want := "has the class SINGLE_PIPELINE, which cannot change while it exists: run lilo destroy first, or deploy beside it with another --stack"
	if got := oneLineOf(t, r); r.code != int(fault.Deploy) || !strings.Contains(got, want) {
		t.Errorf("%d %s", r.code, got)
	}
	for _, call := range c.calls[calls:] {
		if strings.HasPrefix(call, "PUT") || strings.HasPrefix(call, "POST /prod") {
			t.Errorf("it called %s", call)
		}
	}
	if _, state := c.state(); state != "RUNNING" && state != "STARTING" {
		t.Errorf("the channel is %s", state)
	}
	r = inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--yes", "--to", to)
	if r.code != 0 {
		t.Errorf("of the same class: %+v", r)
	}
}

func TestTheInputSpecificationFollowsFromTheSource(t *testing.T) {
	for args, want := range map[string]string{
		"": "HEVC UHD MAX_20_MBPS",
		"--input-specification maximumBitrate=MAX_50_MBPS":      "HEVC UHD MAX_50_MBPS",
		"--input-specification codec=MPEG2,resolution=SD":       "MPEG2 SD MAX_20_MBPS",
		"--input-specification codec=AVC --encode avc":          "AVC UHD MAX_20_MBPS",
		"s3://movies/movie.mp4 --encode hevc,framerate=25":      "HEVC UHD MAX_20_MBPS",
		"https://host.example/movie.mp4 --encode lilo --ttl 8h": "HEVC UHD MAX_20_MBPS",
	} {
		c := newCloud(t)
		f := newFake()
		v := &f.report.Tracks[0]
		v.Coding, v.StreamType, v.Width, v.Height, v.PeakBitRate = "HEVC Main@5.1 3840x2160", 0x24, 3840, 2160, 12_000_000
		if !strings.Contains(args, "://") {
			args = "movie.mp4 " + args
		}
		r := inCloud(t.Context(), f, "", strings.Fields("deploy --yes --to "+to+" "+args)...)
		id, _ := c.state()
		if r.code != 0 || id == "" {
			t.Fatalf("%s: %+v", args, r)
		}
		out, err := c.media.DescribeChannel(t.Context(), &sdk.DescribeChannelInput{ChannelId: &id})
		if err != nil {
			t.Fatal(err)
		}
		is := out.InputSpecification
		if got := fmt.Sprint(is.Codec, " ", is.Resolution, " ", is.MaximumBitrate); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
}

func TestWithoutASourceTheBundledClipIsDeployed(t *testing.T) {
	newCloud(t)
	f := newFake()
	if r := inCloud(t.Context(), f, "", "deploy", "--to", to, "--yes"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if info, err := os.Stat(f.spec.Source); err != nil || info.Size() < 100_000 {
		t.Errorf("%s: %v", f.spec.Source, err)
	}
}

func TestNoAutoStartLeavesTheChannelStopped(t *testing.T) {
	c := newCloud(t)
	r := inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--to", to, "--yes", "--no-auto-start", "--stack", "S")
	if r.code != 0 || !strings.Contains(r.out, "the channel is stopped: start it with lilo start --stack S\n") {
		t.Errorf("%+v", r)
	}
	if _, state := c.state(); state != aws.Idle {
		t.Errorf("the channel is %s", state)
	}
	inCloud(t.Context(), newFake(), "", "start", "--stack", "S")
	for _, tt := range []struct{ flag, value, want string }{
		{"--no-auto-start", "", "the channel is on air as before: stop it with lilo stop --stack S\n"},
		{"--schedule", time.Now().UTC().Add(48*time.Hour).Format("Mon") + " 10:00-11:00 UTC", ": stop it until then with lilo stop --stack S\n"},
	} {
		args := []string{"deploy", "movie.mp4", "--to", to, "--yes", "--stack", "S", tt.flag}
		if tt.value != "" {
			args = append(args, tt.value)
		}
		if r := inCloud(t.Context(), newFake(), "", args...); r.code != 0 || !strings.Contains(r.out, tt.want) {
			t.Errorf("%s: %+v", tt.flag, r)
		}
	}
	for _, step := range []struct{ verb, state string }{{"start", aws.Running}, {"start", aws.Running}, {"stop", aws.Idle}, {"stop", aws.Idle}} {
		r := inCloud(t.Context(), newFake(), "", step.verb, "--stack", "S")
		if _, state := c.state(); r.code != 0 || state != step.state || !strings.HasSuffix(r.out, "is "+step.state+"\n") {
			t.Errorf("%s: %s %+v", step.verb, state, r)
		}
	}
}

func TestLogs(t *testing.T) {
	c := newCloud(t)
	c.deployed()
	c.logs = []string{`{"severity":"WARNING","message":"Input \u001b[2Jlost"}`, "plain"}
	r := inCloud(t.Context(), newFake(), "", "logs")
	want := "2026-01-02T03:00:00Z pipeline 0 WARNING Input  [2Jlost\n2026-01-02T03:00:01Z pipeline 0 plain\n"
	if r.code != 0 || r.out != want {
		t.Errorf("%q", r.out)
	}
	// With --follow each is shown once, until it is interrupted.
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	c.refuses = func(call string) *refusal {
		if call == "FilterLogEvents" {
			if n++; n == 4 {
				cancel()
			}
		}
		return nil
	}
	if r := inCloud(ctx, newFake(), "", "logs", "--follow"); r.code != 0 || r.out != want {
		t.Errorf("%+v", r)
	}
}

func TestStatusAsJSONAndWatched(t *testing.T) {
	c := newCloud(t)
	c.deployed()
	r := inCloud(t.Context(), newFake(), "", "status", "--json")
	var st aws.Status
	if err := json.Unmarshal([]byte(r.out), &st); err != nil || st.Channel == nil || st.Channel.Destinations[0] != to || st.Input.State != "ATTACHED" || st.Price == nil {
		t.Errorf("%v %s", err, r.out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	c.refuses = func(call string) *refusal {
		if call == "DescribeStacks" {
			if n++; n == 4 {
				cancel()
			}
		}
		return nil
	}
	if r := inCloud(ctx, newFake(), "", "status", "--watch"); r.code != 0 || !strings.Contains(r.out, "stack ") {
		t.Errorf("%+v", r)
	}
}

// TestOnePrice checks that the plan and the status give the same price, of the source's
// frame rate too.
func TestOnePrice(t *testing.T) {
	for rate, hour := range map[int64]float64{25: 0.5616, 50: 0.7722, 0: 0} {
		newCloud(t)
		f := newFake()
		f.report.Tracks[0].Framerate = media.Rational{Num: rate, Den: min(1, rate)}
		r := inCloud(t.Context(), f, "", "deploy", "movie.mp4", "--to", to, "--encode", "avc", "--yes", "--json")
		if r.code != 0 {
			t.Fatalf("%+v", r)
		}
		var planned, is struct {
			Price   *aws.Price
			NoPrice string `json:"no_price"`
		}
		for line := range strings.Lines(r.out) {
			if strings.Contains(line, `"plan"`) {
				if err := json.Unmarshal([]byte(line), &planned); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := json.Unmarshal([]byte(inCloud(t.Context(), newFake(), "", "status", "--json").out), &is); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(planned, is) || (hour == 0) != (is.NoPrice != "") || hour > 0 && is.Price.Hour != hour {
			t.Errorf("%d fps: planned %+v, it is %+v", rate, planned, is)
		}
		text := inCloud(t.Context(), newFake(), "", "status").out
		if want := "price        not known: AWS's price list (eu-west-1, published 2026-11-20) has no price for output HD AVC up to 4 Mb/s, at the source's frame rate: see "; hour == 0 && !strings.Contains(text, want) {
			t.Errorf("%s", text)
		}
	}
}

// TestStopWhileItStarts waits until the channel can be stopped.
func TestStopWhileItStarts(t *testing.T) {
	c := newCloud(t)
	c.deployed()
	id, _ := c.state()
	if err := c.until(id, aws.Running); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"stop", "start"} {
		if r := inCloud(t.Context(), newFake(), "", verb); r.code != 0 {
			t.Fatalf("%+v", r)
		}
	}
	if r := inCloud(t.Context(), newFake(), "", "destroy", "--yes"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if id, _ := c.state(); id != "" {
		t.Errorf("channel %s is there", id)
	}
}
