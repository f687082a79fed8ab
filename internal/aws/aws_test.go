package aws

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

func TestPhasesOfAStack(t *testing.T) {
	for status, want := range map[string]Phase{
		"": Absent, "DELETE_COMPLETE": Absent, "CREATE_COMPLETE": Stable, "UPDATE_COMPLETE": Stable, "UPDATE_ROLLBACK_COMPLETE": Stable,
		"REVIEW_IN_PROGRESS": Stable, "CREATE_IN_PROGRESS": InProgress, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": InProgress,
		"ROLLBACK_IN_PROGRESS": InProgress, "DELETE_IN_PROGRESS": Deleting, "ROLLBACK_COMPLETE": CreateFailed, "CREATE_FAILED": CreateFailed,
		"ROLLBACK_FAILED": CreateFailed, "DELETE_FAILED": DeleteFailed, "UPDATE_ROLLBACK_FAILED": RollbackFailed,
	} {
		if got := (Stack{Status: status}).Phase(); got != want {
			t.Errorf("%s: %d, want %d", status, got, want)
		}
	}
}

func TestPlainIDs(t *testing.T) {
	for id, want := range map[string]string{
		"Channel": "Channel", "ChannelRole1A2B3C4D": "ChannelRole", "Watch": "Watch",
		"mediaservicesNestedStackmediaservicesNestedStackResource0A1B2C3D": "mediaservices", "": "?",
	} {
		if got := DisplayID(id); got != want {
			t.Errorf("%s: %s", id, got)
		}
	}
}

func TestTheCauseIsTheResourceThatFailedByItself(t *testing.T) {
	events := []Event{
		{Path: "a", Type: "X", Status: "CREATE_COMPLETE"},
		{Path: "media", Type: nestedType, Status: "CREATE_FAILED", Reason: "Embedded stack arn was not successfully created"},
		{Path: "media/B", Type: "X", Status: "CREATE_FAILED", Reason: "Resource creation cancelled"},
		{Path: "media/C", Type: "Y", Status: "CREATE_FAILED", Reason: "no room."},
		{Path: "media/D", Type: "Y", Status: "DELETE_FAILED", Reason: "busy"},
	}
	if e, ok := Cause(events); !ok || e.Path != "media/C" {
		t.Errorf("%+v", e)
	}
	if err := StackError(Stack{Name: "S", Status: "ROLLBACK_COMPLETE"}, events); err.Error() != "media/C (Y) failed: no room; stack S is ROLLBACK_COMPLETE" {
		t.Error(err)
	}
	if _, ok := Cause(events[:1]); ok {
		t.Error("there is no cause")
	}
}

// answer is an error as the SDK gives it for an answer with that status.
func answer(status int, code, message string) error {
	var api error = &smithy.GenericAPIError{Code: code, Message: message}
	return &smithy.OperationError{ServiceID: "S", OperationName: "O", Err: &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: api},
	}}
}

func TestFaultsSayWhatToDo(t *testing.T) {
	a := &Account{Region: "eu-west-1"}
	cases := []struct {
		err  error
		kind fault.Kind
		want string
	}{
		{answer(403, "ExpiredToken", "The security token included in the request is expired"), fault.Access, "the AWS credentials expired while looking: log in again (aws sso login, or new keys) and repeat the command"},
		{errors.New("refresh cached SSO token failed: token has expired"), fault.Access, "the AWS credentials expired while looking: log in again (aws sso login, or new keys) and repeat the command"},
		{answer(403, "InvalidClientTokenId", "The security token is invalid."), fault.Access, "the AWS credentials are not valid (The security token is invalid): check them with aws sts get-caller-identity"},
		{answer(403, "AccessDenied", "User: x is not authorized\nto perform: y"), fault.Access, "not permitted while looking: User: x is not authorized to perform: y; ask who administers the account for that right"},
		{errors.New("get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found"), fault.Access, "no AWS credentials were found while looking: log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
		{answer(429, "TooManyRequestsException", "slow down"), fault.Deploy, "AWS did not serve us while looking: slow down; repeat the command in a minute"},
		{answer(400, "Throttling", "Rate exceeded"), fault.Deploy, "AWS did not serve us while looking: Rate exceeded; repeat the command in a minute"},
		{answer(422, "UnprocessableEntityException", "bad"), fault.Deploy, "looking failed: bad"},
		{&smithyhttp.RequestSendError{Err: errors.New("dial tcp: lookup medialive.xx-none-1.amazonaws.com: no such host")}, fault.Access, "AWS in eu-west-1 cannot be reached while looking: dial tcp: lookup medialive.xx-none-1.amazonaws.com: no such host; check the network and the region"},
		{context.Canceled, fault.Internal, "interrupted while looking: context canceled"},
	}
	for _, c := range cases {
		got := a.fault("looking", c.err)
		if got.Error() != c.want || fault.KindOf(got) != c.kind {
			t.Errorf("%d %s\nwant %d %s", fault.KindOf(got), got, c.kind, c.want)
		}
	}
	for _, err := range []error{answer(404, "NotFoundException", ""), answer(400, "ValidationError", "Stack with id x does not exist"), answer(400, "ParameterNotFound", "")} {
		if troubleOf(err) != absent {
			t.Errorf("%v is %d", err, troubleOf(err))
		}
	}
}

func TestDestinations(t *testing.T) {
	cases := []struct {
		to      string
		aws     channel.AWS
		verdict Result
		want    string
	}{
		{"rtp://203.0.113.7:5000", channel.AWS{}, OK, "rtp://203.0.113.7:5000"},
		{"", channel.AWS{}, Failing, "none is given"},
		{"rtp://127.0.0.1:5000", channel.AWS{}, Failing, "this machine to itself"},
		{"rtp://[::1]:5000", channel.AWS{}, Failing, "this machine to itself"},
		{"rtp://[::ffff:127.0.0.1]:5000", channel.AWS{}, Failing, "this machine to itself"},
		{"rtp://239.1.1.1:5000", channel.AWS{}, Failing, "multicast"},
		{"rtp://255.255.255.255:5000", channel.AWS{}, Failing, "no address"},
		{"rtp://169.254.1.1:5000", channel.AWS{}, Failing, "link-local"},
		{"rtp://10.1.2.3:5000", channel.AWS{}, Warning, "private address"},
		{"rtp://100.64.2.3:5000", channel.AWS{}, Warning, "private address"},
		{"rtp://receiver.example:5000", channel.AWS{}, Warning, "is a name"},
		{"rtp://203.0.113.7:5000?ttl=4", channel.AWS{}, Warning, "no such options"},
		{"rtp://203.0.113.7:5000", channel.AWS{Standard: true}, Failing, "1 for a channel of two pipelines"},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5000", channel.AWS{Standard: true}, Failing, "would get the stream"},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5002", channel.AWS{Standard: true}, OK, ""},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5002", channel.AWS{Standard: true, FEC: &channel.FEC{IncludeFec: "COLUMN"}}, Failing, "the column FEC of rtp://203.0.113.7:5000"},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5004", channel.AWS{Standard: true, FEC: &channel.FEC{IncludeFec: "COLUMN"}}, OK, ""},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5004", channel.AWS{Standard: true, FEC: &channel.FEC{IncludeFec: "COLUMN_AND_ROW"}}, Failing, "the row FEC"},
		{"rtp://203.0.113.7:65534", channel.AWS{FEC: &channel.FEC{IncludeFec: "COLUMN"}}, Failing, "needs port 65536"},
	}
	for _, c := range cases {
		s := channel.Spec{AWS: c.aws}
		for text := range strings.FieldsSeq(c.to) {
			d, err := channel.ParseDestination(text)
			if err != nil {
				t.Fatal(err)
			}
			s.To = append(s.To, d)
		}
		worst := Check{Result: OK}
		for _, got := range CheckDestinations(s) {
			if got.Result == Failing || got.Result == Warning && worst.Result == OK || worst.Text == "" {
				worst = got
			}
		}
		if worst.Result != c.verdict || !strings.Contains(worst.Text, c.want) {
			t.Errorf("%s %+v: %s %q", c.to, c.aws, worst.Result, worst.Text)
		}
	}
}

func TestMediaThatMediaLivePlays(t *testing.T) {
	cases := []struct {
		name string
		m    Media
		want string // nothing where there is nothing to say
	}{
		{"H.264 and AAC", Media{Container: "progressive MP4", Video: []string{"H.264 High@4 1920x1080"}, Audio: []string{"AAC-LC 48000 Hz stereo"}}, ""},
		{"HEVC alone", Media{Container: "progressive MP4", Video: []string{"HEVC Main@4 1920x1080"}}, ""},
		{"MPEG-2 and HE-AAC beside AC-3", Media{Container: "progressive MP4", Video: []string{"MPEG-2 Main@High 1920x1080"}, Audio: []string{"AC-3 5.1", "HE-AAC 48000 Hz stereo"}}, ""},
		{"AC-3 alone", Media{Container: "progressive MP4", Video: []string{"H.264 x"}, Audio: []string{"AC-3 48000 Hz 5.1"}}, "its sound is AC-3 48000 Hz 5.1"},
		{"MPEG-1", Media{Container: "progressive MP4", Video: []string{"MPEG-1 352x288"}}, "MPEG-1 352x288 is not among"},
		{"no picture", Media{Container: "progressive MP4", Audio: []string{"AAC-LC"}}, "it has no picture"},
		{"no MP4", Media{}, "it is no MP4"},
		{"fragments", Media{Container: "fragmented MP4", Video: []string{"H.264 x"}}, "it is a fragmented MP4"},
	}
	for _, c := range cases {
		checks := CheckMedia(c.m)
		switch {
		case c.want == "" && len(checks) > 0:
			t.Errorf("%s: %+v", c.name, checks)
		case c.want != "" && (len(checks) != 1 || !strings.HasPrefix(checks[0].Text, c.want)):
			t.Errorf("%s: %+v", c.name, checks)
		}
	}
}

func TestSourcesThatMediaLiveFetches(t *testing.T) {
	a := &Account{Region: "eu-west-1"}
	for source, want := range map[string]Result{
		"/movie.mp4": OK, "https://host.example/movie.mp4": OK, "https://10.0.0.1/movie.mp4": Failing, "https://localhost/a.mp4": Failing,
		"https://host.example/movie.mp4?sig=1": Warning, "http://host.example/movie.mp4": Failing, "s3://my.bucket/movie.mp4": Failing,
		"s3ssl://my.bucket/movie.mp4": Failing,
	} {
		if got := a.CheckSource(t.Context(), source, 1); len(got) != 1 || got[0].Result != want {
			t.Errorf("%s: %+v", source, got)
		}
	}
	if got := a.CheckSource(t.Context(), "/movie.mp4", 6_000_000_000); got[0].Result != Failing {
		t.Errorf("6 GB: %+v", got)
	}
}

func TestPrices(t *testing.T) {
	hd := StreamUsage{Codec: "AVC", Height: 1080, BitRate: 10_000_000, Rate: 25}
	with := func(change func(*StreamUsage)) StreamUsage {
		s := hd
		change(&s)
		return s
	}
	cases := []struct {
		name string
		b    Usage
		hour float64 // 0 where the table does not have it
	}{
		{"the original's channel", Usage{Input: hd, Outputs: []StreamUsage{hd}}, 0.5616},
		{"of two pipelines", Usage{Standard: true, Input: hd, Outputs: []StreamUsage{hd}}, 0.936},
		{"a larger input", Usage{Standard: true, Input: with(func(s *StreamUsage) { s.BitRate = 20_000_000 }), Outputs: []StreamUsage{hd}}, 0.996},
		{"SD out", Usage{Standard: true, Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Height = 576 })}}, 0.588},
		{"HEVC", Usage{Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Codec = "HEVC" })}}, 0},
		{"50 pictures a second", Usage{Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Rate = 50 })}}, 0},
		{"UHD", Usage{Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Height = 2160 })}}, 0},
		{"no output", Usage{Input: hd}, 0},
	}
	for _, c := range cases {
		p, ok := PriceOf(c.b)
		if p.Hour != c.hour || ok != (c.hour > 0) {
			t.Errorf("%s: %.4f", c.name, p.Hour)
		}
		if ok && (p.Month < p.Hour*729 || p.Output < 4.4 || p.Source == "") {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

func TestRecordsOfALog(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := recordOf(`{"severity":"ERROR","message":"Input lost\n","encoder_pipeline":1}`, "arn_aws_medialive_eu-west-1_1_channel_7_1", at)
	if r.Severity != "ERROR" || r.Message != "Input lost" || r.Pipeline != "1" || r.Raw == nil {
		t.Errorf("%+v", r)
	}
	r = recordOf("plain words", "arn_aws_medialive_eu-west-1_1_channel_7_0_as_run", at)
	if r.Message != "plain words" || r.Pipeline != "0" || r.Raw != nil {
		t.Errorf("%+v", r)
	}
}

func TestRegions(t *testing.T) {
	for region, ok := range map[string]bool{"eu-west-1": true, "us-gov-east-1": true, "ap-southeast-2": true, "": false, "Ireland": false, "eu-west-1.evil.example": false, "eu-west": false} {
		if err := CheckRegion(region); (err == nil) != ok {
			t.Errorf("%q: %v", region, err)
		}
	}
}

func TestVerdicts(t *testing.T) {
	checks := []Check{good("a", "x"), bad(fault.Destination, "b", "y", "do z"), bad(fault.Source, "c", "w", "")}
	err := CheckError(checks)
	if err == nil || err.Error() != "nothing was created: b: y: do z (and 1 more of the list above)" || fault.KindOf(err) != fault.Destination {
		t.Error(err)
	}
	if CheckError(checks[:1]) != nil {
		t.Error("all is well")
	}
}

// clock is one by which waiting takes no time.
type clock struct {
	now  time.Time
	left int // waits until it is interrupted; 0 for never
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	if c.left--; c.left == 0 {
		return context.Canceled
	}
	c.now = c.now.Add(d)
	return ctx.Err()
}

// media is MediaLive whose channel has the states of a script, one each time it
// is described; the last stays.
type media struct {
	Channels

	states   []string
	started  int
	stopped  int
	refusal  error // of starting and stopping
	describe error // of the first description
}

func (m *media) DescribeChannel(context.Context, *medialive.DescribeChannelInput, ...func(*medialive.Options)) (*medialive.DescribeChannelOutput, error) {
	if err := m.describe; err != nil {
		m.describe = nil
		return nil, err
	}
	state := m.states[0]
	if len(m.states) > 1 {
		m.states = m.states[1:]
	}
	return &medialive.DescribeChannelOutput{Id: sdk.String("7"), State: types.ChannelState(state)}, nil
}

func (m *media) StartChannel(context.Context, *medialive.StartChannelInput, ...func(*medialive.Options)) (*medialive.StartChannelOutput, error) {
	m.started++
	return &medialive.StartChannelOutput{}, m.refusal
}

func (m *media) StopChannel(context.Context, *medialive.StopChannelInput, ...func(*medialive.Options)) (*medialive.StopChannelOutput, error) {
	m.stopped++
	return &medialive.StopChannelOutput{}, m.refusal
}

// times is a state so many times.
func times(n int, state string) []string {
	return strings.Fields(strings.Repeat(state+" ", n))
}

func TestDrivingAChannel(t *testing.T) {
	tenMinutes := append(append([]string{Idle}, times(120, "STARTING")...), Running)
	cases := []struct {
		name   string
		media  *media
		goal   string
		grace  time.Duration
		left   int
		acts   int    // how often it is started or stopped
		passes string // the states told
		want   string // what the fault says, nothing for none
	}{
		{"runs already", &media{states: []string{Running}}, Running, 0, 0, 0, "RUNNING", ""},
		{"starts in ten minutes", &media{states: tenMinutes}, Running, 0, 0, 1, "IDLE STARTING RUNNING", ""},
		{"is being created", &media{states: []string{"CREATING", Idle, "STARTING", Running}}, Running, 0, 0, 1, "CREATING IDLE STARTING RUNNING", ""},
		{"is started by others", &media{states: []string{Idle, Idle, "STARTING", Running}}, Running, time.Minute, 0, 0, "IDLE STARTING RUNNING", ""},
		{"is not started by others", &media{states: append(times(13, Idle), "STARTING", Running)}, Running, time.Minute, 0, 1, "IDLE STARTING RUNNING", ""},
		{"stops before it starts", &media{states: []string{"STOPPING", Idle, "STARTING", Running}}, Running, 0, 0, 1, "STOPPING IDLE STARTING RUNNING", ""},
		{"somebody else started it just now", &media{states: []string{Idle, "STARTING", Running}, refusal: answer(409, "ConflictException", "")}, Running, 0, 0, 1, "IDLE STARTING RUNNING", ""},
		{"is deleted", &media{states: []string{"DELETING"}}, Running, 0, 0, 0, "DELETING", "channel 7 is DELETING and will not be RUNNING"},
		{"could not be created", &media{states: []string{"CREATE_FAILED"}}, Running, 0, 0, 0, "CREATE_FAILED", "channel 7 is CREATE_FAILED"},
		{"never starts", &media{states: []string{"STARTING"}}, Running, 0, 0, 0, "STARTING", "channel 7 is STARTING for 30m0s and not RUNNING"},
		{"is interrupted", &media{states: []string{"STARTING"}}, Running, 0, 3, 0, "STARTING", "interrupted: channel 7 is STARTING and goes on by itself"},
		{"may not be started", &media{states: []string{Idle}, refusal: answer(403, "AccessDeniedException", "no")}, Running, 0, 0, 1, "IDLE", "not permitted while bringing channel 7 to RUNNING"},
		{"is asked after too often", &media{states: []string{Running}, describe: answer(429, "TooManyRequestsException", "")}, Running, 0, 0, 0, "RUNNING", ""},

		{"is idle", &media{states: []string{Idle}}, Idle, 0, 0, 0, "IDLE", ""},
		{"is gone", &media{describe: answer(404, "NotFoundException", ""), states: []string{Deleted}}, Idle, 0, 0, 0, "DELETED", ""},
		{"runs and stops", &media{states: []string{Running, "STOPPING", Idle}}, Idle, 0, 0, 1, "RUNNING STOPPING IDLE", ""},
		{"is starting and cannot be stopped yet", &media{states: append(times(5, "STARTING"), Running, "STOPPING", Idle), refusal: answer(409, "ConflictException", "")}, Idle, 0, 0, 2, "STARTING RUNNING STOPPING IDLE", ""},
		{"recovers", &media{states: []string{"RECOVERING", "STOPPING", Idle}}, Idle, 0, 0, 1, "RECOVERING STOPPING IDLE", ""},
		{"is updated", &media{states: []string{"UPDATING", Idle}}, Idle, 0, 0, 0, "UPDATING IDLE", ""},
		{"credentials expire", &media{states: []string{Running}, refusal: answer(403, "ExpiredTokenException", "")}, Idle, 0, 0, 1, "RUNNING", "the AWS credentials expired while bringing channel 7 to IDLE"},
	}
	for _, c := range cases {
		t.Run(c.goal+": it "+c.name, func(t *testing.T) {
			a := &Account{Channels: c.media, Clock: &clock{left: c.left}, Region: "eu-west-1"}
			var passed []string
			tell := func(state string) { passed = append(passed, state) }
			drive := func() error { return a.Start(t.Context(), "7", c.grace, tell) }
			if c.goal == Idle {
				drive = func() error { return a.Stop(t.Context(), "7", tell) }
			}
			err := drive()
			if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			if acts := c.media.started + c.media.stopped; acts != c.acts || strings.Join(passed, " ") != c.passes {
				t.Errorf("acted %d times, passed %v", acts, passed)
			}
		})
	}
}
