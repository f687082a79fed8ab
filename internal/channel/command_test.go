package channel

import (
	"reflect"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/setting"
)

func TestDeployCommand(t *testing.T) {
	plain := Default()
	plain.Source = "movie.mp4"
	plain.To = []Destination{{Scheme: "rtp", Host: "192.0.2.1", Port: 5000}}
	plain, err := plain.Complete()
	if err != nil {
		t.Fatal(err)
	}
	encoded := plain
	encoded.Source, encoded.Name, encoded.MuxRate = "my 'best' film.mp4", "The News", 12_000_000
	if err := encoded.Set("encode", "hevc", "bitrate=5M", "rateControlMode=CBR", "audio.codec=AC3"); err != nil {
		t.Fatal(err)
	}
	encoded.AWS.AutoStart, encoded.AWS.TTL = false, 8*time.Hour
	multicast := plain
	multicast.To = []Destination{{Scheme: "rtp", Host: "239.1.1.1", Port: 5000, TTL: 4}}
	described := plain
	described.M2TS = m2ts.Layout{
		ProgramNum: 1, PMTPID: 480, VideoPID: 481, AudioFramesPerPES: 2, PATInterval: 100 * time.Millisecond,
		PMTInterval: 100 * time.Millisecond, SDTInterval: 500 * time.Millisecond, PCRPeriod: 20 * time.Millisecond,
	}
	clip := plain
	clip.Source, clip.Name = "", "LILO"
	cases := map[string]struct {
		spec Spec
		want string
	}{
		"defaults say nothing": {plain, "lilo deploy movie.mp4 --to rtp://192.0.2.1:5000"},
		"a question mark is quoted": {
			multicast, "lilo deploy movie.mp4 --to 'rtp://239.1.1.1:5000?ttl=4'",
		},
		"what MediaLive has anyway is left out": {
			described, "lilo deploy movie.mp4 --to rtp://192.0.2.1:5000 --m2ts pcrPeriod=20ms",
		},
		"the bundled clip has no name": {clip, "lilo deploy --to rtp://192.0.2.1:5000"},
		"all that differs": {
			encoded, `lilo deploy 'my '\''best'\'' film.mp4' --to rtp://192.0.2.1:5000 --muxrate 12M --name 'The News' ` +
				`--encode hevc,rateControlMode=CBR,bitrate=5M,audio.codec=AC3 --auto-start=false --ttl 8h`,
		},
		"the block of AWS": {
			both(), `lilo deploy s3://films/news.mp4 --to rtp://192.0.2.1:5000 --to rtp://192.0.2.2:5000 --name News ` +
				`--fec includeFec=COLUMN,columnDepth=20,rowLength=1 --m2ts 'programNum=7,transportStreamId=9,pmtPid=256,videoPid=257,pcrPid=8182,audioPids=258,300,301,302,` +
				`pcrPeriod=20ms,patInterval=50ms,pmtInterval=60ms,sdtInterval=1s,audioFramesPerPes=4,serviceProviderName=Radio, TV' ` +
				`--region us-gov-west-1 --stack Prod --customer Acme --project Loop-2 --auto-start=false --standard ` +
				`--ttl 8h --log-level DISABLED ` +
				`--permissions-boundary arn:aws-us-gov:iam::123456789012:policy/path/Boundary`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.spec.DeployCommand(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestWhatIsWrittenIsReadAgain holds the texts of encode, m2ts and fec against what reads them.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	for _, words := range [][]string{
		{"avc"},
		{"lilo"},
		{"mpeg2", "gopSize=0.4", "gopSizeUnits=SECONDS"},
		{"avc", "gopSize=50", "gopSizeUnits=FRAMES"},
		{"avc", "width=640", "height=360", "framerate=30000/1001", "rateControlMode=VBR", "bitrate=1500k", "maxBitrate=2M", "gopNumBFrames=0"},
		{"hevc", "audio.codec=AC3", "audio.bitrate=192k", "audio.languageCode=fra", "level=4.1", "scanType=PROGRESSIVE"},
	} {
		s := Default()
		if err := s.Set("encode", words...); err != nil {
			t.Fatal(words, err)
		}
		want := *s.Encode
		if err := s.Set("encode", want.String()); err != nil {
			t.Fatal(want.String(), err)
		}
		if *s.Encode != want {
			t.Errorf("%s is read as %+v, want %+v", want, *s.Encode, want)
		}
	}
	want, got := both(), Default()
	if err := got.Set("m2ts", setting.Join(m2ts.Fields(), want.M2TS, func(setting.Field[m2ts.Layout], string) bool { return true })); err != nil {
		t.Fatal(err)
	}
	if err := got.Set("fec", fecGroup().String(*want.FEC)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.M2TS, want.M2TS) || *got.FEC != *want.FEC {
		t.Errorf("got %v %v, want %v %v", got.M2TS, got.FEC, want.M2TS, want.FEC)
	}
}
