package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/deployment"
	"github.com/lilo-live/lilo/internal/fault"
)

// LogRecord is one line of a channel's log.
type LogRecord struct {
	At       time.Time       `json:"at"`
	Pipeline string          `json:"pipeline"`
	Severity string          `json:"severity,omitempty"`
	Message  string          `json:"message"`
	Raw      json.RawMessage `json:"record,omitempty"` // as MediaLive wrote it, where it is JSON
}

// LogReader reads a channel's log, each record once.
type LogReader struct {
	account *Account
	prefix  string
	since   time.Time
	seen    map[string]bool
}

// Logs returns a reader of the log of a channel from an instant on. MediaLive
// names a channel's log streams after its ARN and the pipeline.
func (a *Account) Logs(arn string, since time.Time) *LogReader {
	return &LogReader{account: a, prefix: strings.ReplaceAll(arn, ":", "_") + "_", since: since, seen: make(map[string]bool)}
}

// ingestionDelay is how late a record may arrive and still be found.
const ingestionDelay = time.Minute

// Poll returns the records since the last call, the oldest first.
func (l *LogReader) Poll(ctx context.Context) ([]LogRecord, error) {
	var fresh []LogRecord
	in := &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: sdk.String(deployment.LogGroup), LogStreamNamePrefix: &l.prefix, StartTime: sdk.Int64(l.since.UnixMilli()),
	}
	newest := l.since
	for pages := cloudwatchlogs.NewFilterLogEventsPaginator(l.account.LogGroups, in); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil && awserr.KindOf(err) == awserr.NotFound { // No channel has ever logged here.
			return fresh, nil
		}
		if err != nil {
			return fresh, l.account.fault("reading the log group "+deployment.LogGroup, err)
		}
		for _, e := range out.Events {
			id := sdk.ToString(e.EventId)
			if l.seen[id] {
				continue
			}
			l.seen[id] = true
			r := recordOf(sdk.ToString(e.Message), sdk.ToString(e.LogStreamName), time.UnixMilli(sdk.ToInt64(e.Timestamp)).UTC())
			fresh = append(fresh, r)
			if r.At.After(newest) {
				newest = r.At
			}
		}
	}
	if late := newest.Add(-ingestionDelay); late.After(l.since) {
		l.since = late
	}
	slices.SortStableFunc(fresh, func(a, b LogRecord) int { return a.At.Compare(b.At) })
	return fresh, nil
}

// recordOf parses a line of the log. Most are JSON.
func recordOf(text, stream string, at time.Time) LogRecord {
	r := LogRecord{At: at, Message: strings.TrimSpace(text)}
	r.Pipeline = strings.TrimSuffix(stream, "_as_run")
	r.Pipeline = r.Pipeline[strings.LastIndexByte(r.Pipeline, '_')+1:]
	var fields struct {
		Severity string `json:"severity"`
		Message  string `json:"message"`
	}
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return r
	}
	r.Raw, r.Severity = json.RawMessage(text), fields.Severity
	if fields.Message != "" {
		r.Message = strings.TrimSpace(fields.Message)
	}
	return r
}

// CheckLogging returns why a channel's log is empty, nil if it logs.
func CheckLogging(c *Channel) error {
	if c.LogLevel == "DISABLED" {
		return fault.New(fault.Usage, "channel %s does not log (logLevel DISABLED): enable it with lilo deploy --log-level INFO", c.ID)
	}
	return nil
}
