package aws

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/fault"
)

// mediaLive is MediaLive with one channel, one input and two alerts.
type mediaLive struct {
	Channels

	channelErr, inputErr, alertErr error
	state                          types.ChannelState
	inputState                     types.InputState
}

func (m mediaLive) DescribeChannel(context.Context, *medialive.DescribeChannelInput, ...func(*medialive.Options)) (*medialive.DescribeChannelOutput, error) {
	return &medialive.DescribeChannelOutput{
		Id: sdk.String("7"), Arn: sdk.String("arn:7"), Name: sdk.String("c"), State: m.state, ChannelClass: types.ChannelClassSinglePipeline,
		PipelinesRunningCount: sdk.Int32(1), LogLevel: types.LogLevelError,
		Destinations: []types.OutputDestination{{Settings: []types.OutputDestinationSettings{{Url: sdk.String("rtp://203.0.113.7:5000")}}}},
	}, m.channelErr
}

func (m mediaLive) DescribeInput(context.Context, *medialive.DescribeInputInput, ...func(*medialive.Options)) (*medialive.DescribeInputOutput, error) {
	return &medialive.DescribeInputOutput{
		Id: sdk.String("8"), Name: sdk.String("i"), State: m.inputState, Sources: []types.InputSource{{Url: sdk.String("s3ssl://b/k")}},
	}, m.inputErr
}

func (m mediaLive) ListAlerts(context.Context, *medialive.ListAlertsInput, ...func(*medialive.Options)) (*medialive.ListAlertsOutput, error) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	return &medialive.ListAlertsOutput{Alerts: []types.ChannelAlert{
		{PipelineId: sdk.String("1"), AlertType: sdk.String("Lost"), Message: sdk.String(" no input\n"), State: types.ChannelAlertStateSet, SetTimestamp: &at},
		{PipelineId: sdk.String("0"), AlertType: sdk.String("Old"), Message: sdk.String("x"), State: types.ChannelAlertStateCleared},
		{PipelineId: sdk.String("0"), AlertType: sdk.String("Lost"), Message: sdk.String("y"), State: types.ChannelAlertStateSet},
	}}, m.alertErr
}

// deployed is CloudFormation with a stack that holds a channel and an input.
func deployed() *stacks {
	return &stacks{statuses: []string{"CREATE_COMPLETE"}, resources: map[string][]cfntypes.StackResourceSummary{
		rootID: {resource("Channel", "7", ChannelType, "CREATE_COMPLETE"), resource("Input", "8", InputType, "CREATE_COMPLETE")},
	}}
}

func TestStatus(t *testing.T) {
	a := &Account{Region: "eu-west-1", Stacks: deployed(), Channels: mediaLive{state: types.ChannelStateRunning, inputState: types.InputStateAttached}}
	st, err := a.Status(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(st)
	want := `"region":"eu-west-1","channel":{"id":"7","arn":"arn:7","name":"c","state":"RUNNING","class":"SINGLE_PIPELINE","pipelines_running":1,` +
		`"log_level":"ERROR","destinations":["rtp://203.0.113.7:5000"]},"input":{"id":"8","name":"i","state":"ATTACHED","sources":["s3ssl://b/k"]},` +
		`"alerts":[{"pipeline":"0","type":"Lost","message":"y"},{"pipeline":"1","type":"Lost","message":"no input","since":"2026-01-02T03:04:05Z"}],` +
		`"console":"https://eu-west-1.console.aws.amazon.com/medialive/home?region=eu-west-1#!/channels/7"}`
	if err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%s\nwant %s", text, want)
	}
}

func TestStatusOfWhatIsMissing(t *testing.T) {
	gone, denied, busy := answer(404, "NotFoundException", ""), answer(403, "AccessDeniedException", "no"), answer(500, "InternalServerErrorException", "")
	status := func(s *stacks, m mediaLive) (Status, error) {
		return (&Account{Region: "eu-west-1", Stacks: s, Channels: m}).Status(t.Context(), "S")
	}
	if st, err := status(&stacks{statuses: []string{""}}, mediaLive{}); err != nil || st.Stack.Phase() != Absent || st.Channel != nil {
		t.Errorf("no stack: %+v, %v", st, err)
	}
	if st, err := status(deployed(), mediaLive{channelErr: gone, inputErr: gone}); err != nil || st.Channel != nil || st.Input != nil || st.Console != "" {
		t.Errorf("channel and input are gone: %+v, %v", st, err)
	}
	if st, err := status(deployed(), mediaLive{alertErr: denied}); err != nil || st.Channel == nil || st.Alerts == nil || len(st.Alerts) != 0 {
		t.Errorf("alerts may not be listed: %+v, %v", st, err)
	}
	with := deployed()
	with.outputs = []cfntypes.Output{{OutputKey: sdk.String("ConsoleLink"), OutputValue: sdk.String("https://x")}}
	if st, err := status(with, mediaLive{}); err != nil || st.Console != "https://x" {
		t.Errorf("the stack's own link: %+v, %v", st, err)
	}
	for name, m := range map[string]mediaLive{"channel 7": {channelErr: busy}, "alerts of channel 7": {alertErr: busy}, "input 8": {inputErr: busy}} {
		if _, err := status(deployed(), m); !Transient(err) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	failing := deployed()
	failing.failures = []error{nil, denied}
	if _, err := status(failing, mediaLive{}); fault.KindOf(err) != fault.Access {
		t.Errorf("resources may not be listed: %v", err)
	}
}

func TestOrphans(t *testing.T) {
	resources := []Resource{
		{ID: "7", Type: ChannelType},
		{ID: "8", Type: InputType},
		{ID: "b", Type: BucketType},
		{ID: "/lilo/x", Type: LogType},
		{ID: "role", Type: "AWS::IAM::Role"},
		{Type: ChannelType},
	}
	all := "aws medialive delete-channel --channel-id 7 --region eu-west-1\naws medialive delete-input --input-id 8 --region eu-west-1\n" +
		"empty it in the console (it keeps versions), then aws s3 rb s3://b\naws logs delete-log-group --log-group-name /lilo/x --region eu-west-1"
	gone, denied, busy := answer(404, "NotFound", ""), answer(403, "AccessDenied", "no"), answer(503, "SlowDown", "")
	for name, c := range map[string]struct {
		account Account
		want    string
	}{
		"all exist": {Account{
			Channels: mediaLive{state: types.ChannelStateIdle, inputState: types.InputStateDetached}, Buckets: buckets{}, LogGroups: &logGroups{groups: []string{"/lilo/x"}},
		}, all},
		"all are gone": {Account{Channels: mediaLive{channelErr: gone, inputErr: gone}, Buckets: buckets{err: gone}, LogGroups: &logGroups{}}, ""},
		"all are being deleted": {Account{
			Channels: mediaLive{state: types.ChannelStateDeleting, inputState: types.InputStateDeleting}, Buckets: buckets{err: gone},
			LogGroups: &logGroups{groups: []string{"/lilo/xy"}},
		}, ""},
		"what may not be read": {Account{
			Channels: mediaLive{channelErr: gone, inputErr: gone}, Buckets: buckets{err: denied}, LogGroups: &logGroups{err: denied},
		}, "empty it in the console (it keeps versions), then aws s3 rb s3://b"},
	} {
		c.account.Region = "eu-west-1"
		orphans, err := c.account.Orphans(t.Context(), resources)
		var remedies []string
		for _, o := range orphans {
			remedies = append(remedies, o.Remedy)
		}
		if got := strings.Join(remedies, "\n"); err != nil || got != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, c.want)
		}
	}
	for name, a := range map[string]Account{
		"7": {Channels: mediaLive{channelErr: denied}}, "8": {Channels: mediaLive{channelErr: gone, inputErr: denied}},
		"b":       {Channels: mediaLive{channelErr: gone, inputErr: gone}, Buckets: buckets{err: busy}},
		"/lilo/x": {Channels: mediaLive{channelErr: gone, inputErr: gone}, Buckets: buckets{err: gone}, LogGroups: &logGroups{err: busy}},
	} {
		if _, err := a.Orphans(t.Context(), resources); err == nil || !strings.Contains(err.Error(), "checking whether "+name+" is gone") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
