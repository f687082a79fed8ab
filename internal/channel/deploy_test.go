package channel

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/packet"
)

// both is what testdata/good/both.yaml says.
func both() Spec {
	s := Default()
	s.Source, s.Name = "s3://films/news.mp4", "News"
	s.To = []Destination{
		{Scheme: "rtp", Host: "192.0.2.1", Port: 5000},
		{Scheme: "rtp", Host: "192.0.2.2", Port: 5000},
	}
	s.M2TS = m2ts.Layout{
		ProgramNum: 7, TransportStreamID: 9, PMTPID: 256, VideoPID: 257, PCRPID: 8182, AudioPIDs: []packet.PID{258, 300, 301, 302},
		PCRPeriod: 20 * time.Millisecond, PATInterval: 50 * time.Millisecond, PMTInterval: 60 * time.Millisecond, SDTInterval: time.Second,
		AudioFramesPerPES: 4, ServiceProvider: "Radio, TV",
	}
	s.FEC = &FEC{IncludeFec: FECColumn, ColumnDepth: 20, RowLength: 1}
	s.AWS = AWS{
		Region: "us-gov-west-1", Stack: "Prod", Customer: "Acme", Project: "Loop-2", Standard: true, TTL: 8 * time.Hour,
		LogLevel: "DISABLED", Boundary: "arn:aws-us-gov:iam::123456789012:policy/path/Boundary",
	}
	return s
}

func TestOneFileForBothPlaces(t *testing.T) {
	got := Default()
	if err := read(t, "testdata/good/both.yaml", &got); err != nil {
		t.Fatal(err)
	}
	if want := both(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
}

// TestTheLaterWins reads YAML, then the environment, then flags.
func TestTheLaterWins(t *testing.T) {
	s := Default()
	if err := read(t, "testdata/good/both.yaml", &s); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{
		"LILO_SOURCE": "https://host.example/a.mp4", "LILO_TO": "udp://192.0.2.3:6000 udp://192.0.2.4:6000", "LILO_NAME": "Env",
		"LILO_REGION": "eu-north-1", "LILO_STACK": "Env", "LILO_CUSTOMER": "Env", "LILO_PROJECT": "Env", "LILO_AUTO_START": "true",
		"LILO_STANDARD": "off", "LILO_TTL": "1h", "LILO_LOG_LEVEL": "DEBUG", "LILO_FEC": "columnDepth=5,rowLength=6",
		"LILO_M2TS": "videoPid=400,audioPids=410,420-421,programNum=8", "LILO_MUXRATE": "12M", "LILO_CUSTOMER_ID": "no setting",
	}
	if err := s.ReadEnv(func(name string) string { return variables[name] }); err != nil {
		t.Fatal(err)
	}
	for key, text := range map[string]string{"stack": "Flag", "m2ts": "programNum=9", "fec": "none", "ttl": "2h"} {
		if err := s.Set(key, text); err != nil {
			t.Fatal(err)
		}
	}
	want := both()
	want.FEC, want.Source, want.Name, want.MuxRate = nil, "https://host.example/a.mp4", "Env", 12_000_000
	want.To = []Destination{
		{Scheme: "udp", Host: "192.0.2.3", Port: 6000},
		{Scheme: "udp", Host: "192.0.2.4", Port: 6000},
	}
	want.M2TS.VideoPID, want.M2TS.AudioPIDs, want.M2TS.ProgramNum = 400, []packet.PID{410, 420, 421}, 9
	want.AWS = AWS{
		Region: "eu-north-1", Stack: "Flag", Customer: "Env", Project: "Env", AutoStart: true, TTL: 2 * time.Hour,
		LogLevel: "DEBUG", Boundary: want.AWS.Boundary,
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestFaultsOfTheEnvironmentNameTheVariable(t *testing.T) {
	cases := map[string]string{
		"LILO_AUTO_START":           "maybe",
		"LILO_PERMISSIONS_BOUNDARY": "x",
		"LILO_LOG_LEVEL":            "LOUD",
		"LILO_TO":                   "127.0.0.1:5000",
		"LILO_M2TS":                 "videoPid=480",
		"LILO_FEC":                  "rowLength=3",
	}
	for name, text := range cases {
		s := Default()
		err := s.ReadEnv(func(asked string) string {
			if asked == name {
				return text
			}
			return ""
		})
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") || fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s got %v", name, err)
		}
	}
}

func TestFlagsAndVariables(t *testing.T) {
	flags := map[string]bool{}
	for _, s := range DeploySettings() {
		flags[s.Flag()+" "+s.Variable()] = s.IsSwitch()
	}
	for name, isSwitch := range map[string]bool{
		"region LILO_REGION": false, "auto-start LILO_AUTO_START": true, "standard LILO_STANDARD": true, "log-level LILO_LOG_LEVEL": false,
		"permissions-boundary LILO_PERMISSIONS_BOUNDARY": false, "ttl LILO_TTL": false,
	} {
		if got, ok := flags[name]; !ok || got != isSwitch {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	for _, s := range AllSettings() {
		if name := s.Variable(); !strings.HasPrefix(name, "LILO_") || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
			t.Errorf("%s has the variable %q", s.Key, name)
		}
	}
	s := Default()
	vars := map[string]string{"LILO_PACING": "1s", "LILO_KEEP_ES": "true", "LILO_TO": "rtp://192.0.2.1:5000 udp://192.0.2.2:5000,udp://192.0.2.3:5000"}
	if err := s.ReadEnv(func(name string) string { return vars[name] }); err != nil || s.Pacing != time.Second || !s.KeepES || len(s.To) != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestPrefix(t *testing.T) {
	for want, aws := range map[string]AWS{
		"LILO-Client-Dev-eu-west-1":      {},
		"Loop-2-Acme-Prod-us-gov-west-1": both().AWS,
	} {
		if got := aws.Prefix(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestValidateM2TS takes what no parser has seen.
func TestValidateM2TS(t *testing.T) {
	for want, m := range map[string]m2ts.Layout{
		"m2ts: pmtPid: 8183 is not a PID from 32 to 8182":                                         {PMTPID: 8183},
		`m2ts: patInterval: "1.000000001s" is not a whole number of milliseconds from 10 to 1000`: {PATInterval: time.Second + 1},
		"m2ts: audioPids: 31 is not a PID from 32 to 8182":                                        {AudioPIDs: []packet.PID{31}},
		`m2ts: audioFramesPerPes: "9" is not a number from 1 to 8`:                                {AudioFramesPerPES: 9},
		"m2ts: PID 490 is both videoPid and audioPids: give one of them another":                  {VideoPID: 490},
	} {
		s := Default()
		s.M2TS = m
		if err := s.Validate(); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestPartitions checks that each region takes the ARNs of its own partition alone.
func TestPartitions(t *testing.T) {
	regions := map[string]string{
		"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f",
	}
	for region, own := range regions {
		for _, partition := range regions {
			err := AWS{Region: region, AlarmTopic: "arn:" + partition + ":sns:" + region + ":123456789012:alarms"}.check()
			if (err == nil) != (partition == own) {
				t.Errorf("%s with %s: %v", region, partition, err)
			}
		}
	}
}

// TestARNsThatAreRefused checks ARNs that AWS would take at first and that do not do what
// they are for.
func TestARNsThatAreRefused(t *testing.T) {
	const key, topic = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:sns:eu-west-1:123456789012:alarms"
	for _, c := range []struct{ setting, value, want string }{
		{"sourceKey", key, ""},
		{"sourceKey", "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab", ""},
		{"sourceKey", "arn:aws:kms:eu-west-1:123456789012:alias/films", "is not the ARN of a key: write arn:aws:kms:REGION:ACCOUNT:key/ID, which aws kms describe-key says, of an alias too"},
		{"sourceKey", "arn:aws:kms:eu-west-1:123456789012:key/*", "is not the ARN of a key"},
		{"sourceKey", "arn:aws:kms:eu-west-1:123456789012:*", "is not the ARN of a key"},
		{"sourceKey", "arn:aws:kms:*:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", "is not the ARN of a key"},
		{"sourceKey", "1234abcd-12ab-34cd-56ef-1234567890ab", "is not the ARN of a key"},
		{"sourceKey", key + "x", "is not the ARN of a key"},
		{"alarmTopic", topic, ""},
		{"alarmTopic", topic + ".fifo", ""},
		{"alarmTopic", topic + ":0b1c2d3e-subscription", "is not the ARN of a topic"},
		{"alarmTopic", "arn:aws:sns:eu-west-1:123456789012:*", "is not the ARN of a topic"},
		{"alarmTopic", "arn:aws:sns:eu-west-1:123456789012:" + strings.Repeat("a", 257), "is not the ARN of a topic"},
		{"alarmTopic", "arn:aws:sns:us-east-1:123456789012:alarms", "alarmTopic: the topic is in us-east-1 and the channel in eu-west-1, whose alarms reach topics of its own alone"},
		{"alarmTopic", "arn:aws-cn:sns:eu-west-1:123456789012:alarms", "alarmTopic: it is of the partition aws-cn, whose resources eu-west-1 does not reach: give one whose ARN begins with arn:aws:"},
		{"sourceKey", strings.Replace(key, "aws", "aws-us-gov", 1), "sourceKey: it is of the partition aws-us-gov"},
		{"permissionsBoundary", "arn:aws-eusc:iam::123456789012:policy/Boundary", "permissionsBoundary: it is of the partition aws-eusc"},
		{"permissionsBoundary", "arn:aws:iam::123456789012:policy/Boundary", ""},
	} {
		s := Default()
		err := s.Set(c.setting, c.value)
		if err == nil {
			_, err = s.Complete()
		}
		switch {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Usage):
			t.Errorf("%s=%s: %v, want %q", c.setting, c.value, err, c.want)
		}
	}
}
