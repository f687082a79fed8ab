package aws

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

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

// logGroups is CloudWatch Logs with one page for each call, in order.
type logGroups struct {
	pages  [][]types.FilteredLogEvent
	errs   []error
	calls  []*cloudwatchlogs.FilterLogEventsInput
	groups []string
	err    error // of DescribeLogGroups
}

func (l *logGroups) FilterLogEvents(_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	copied := *in
	l.calls = append(l.calls, &copied)
	if len(l.errs) > 0 {
		err := l.errs[0]
		l.errs = l.errs[1:]
		return nil, err
	}
	out := &cloudwatchlogs.FilterLogEventsOutput{Events: l.pages[0]}
	if l.pages = l.pages[1:]; len(l.pages) > 0 && l.pages[0] != nil {
		out.NextToken = sdk.String("more")
	} else if len(l.pages) > 0 {
		l.pages = l.pages[1:]
	}
	return out, nil
}

func (l *logGroups) DescribeLogGroups(_ context.Context, in *cloudwatchlogs.DescribeLogGroupsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	out := &cloudwatchlogs.DescribeLogGroupsOutput{}
	for _, g := range l.groups {
		if strings.HasPrefix(g, *in.LogGroupNamePrefix) {
			out.LogGroups = append(out.LogGroups, types.LogGroup{LogGroupName: &g})
		}
	}
	return out, l.err
}

func logEvent(id string, seconds int64, text string) types.FilteredLogEvent {
	return types.FilteredLogEvent{EventId: &id, Timestamp: sdk.Int64(seconds * 1000), Message: &text, LogStreamName: sdk.String("arn_aws_7_0")}
}

// TestLogReader follows a log: two pages, out of order, then a late record and
// one that was read before.
func TestLogReader(t *testing.T) {
	groups := &logGroups{pages: [][]types.FilteredLogEvent{
		{logEvent("b", 200, "second")},
		{logEvent("a", 100, "first"), logEvent("c", 300, "third")},
		nil,
		{logEvent("c", 300, "third"), logEvent("d", 250, "late")},
		nil,
	}}
	l := (&Account{LogGroups: groups}).Logs("arn:aws:7", time.Unix(50, 0))
	poll := func(want ...string) {
		t.Helper()
		records, err := l.Poll(t.Context())
		var got []string
		for _, r := range records {
			got = append(got, r.Message)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	poll("first", "second", "third")
	poll("late")
	in := groups.calls[2]
	if *in.LogGroupName != "ElementalMediaLive" || *in.LogStreamNamePrefix != "arn_aws_7_" || *in.StartTime != 240_000 {
		t.Errorf("the second poll asked for %s, %s from %d ms, want from a minute before the newest record", *in.LogGroupName, *in.LogStreamNamePrefix, *in.StartTime)
	}
	groups.errs = []error{answer(400, "ResourceNotFoundException", "no group")}
	poll()
	groups.errs = []error{answer(400, "ThrottlingException", "slow")}
	if _, err := l.Poll(t.Context()); !Transient(err) || !strings.Contains(err.Error(), "reading the log group ElementalMediaLive") {
		t.Errorf("%v, want a transient fault", err)
	}
}

func TestCheckLogging(t *testing.T) {
	if err := CheckLogging(&Channel{ID: "7", LogLevel: "DISABLED"}); err == nil || !strings.Contains(err.Error(), "lilo deploy --log-level") {
		t.Error(err)
	}
	if err := CheckLogging(&Channel{ID: "7", LogLevel: "ERROR"}); err != nil {
		t.Error(err)
	}
}
