package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/lilo-live/lilo/internal/fault"
)

// LogGroup is where MediaLive writes the logs of all channels.
const LogGroup = "ElementalMediaLive"

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

// Logs returns what reads the log of the channel of that ARN from an instant
// on. A channel's streams are named after its ARN and the pipeline.
func (a *Account) Logs(arn string, since time.Time) *LogReader {
	return &LogReader{account: a, prefix: strings.ReplaceAll(arn, ":", "_") + "_", since: since, seen: make(map[string]bool)}
}

// overlap is how late a record may come to be found all the same.
const overlap = time.Minute

// Poll returns the records since the last call, the oldest first.
func (l *LogReader) Poll(ctx context.Context) ([]LogRecord, error) {
	var fresh []LogRecord
	in := &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: sdk.String(LogGroup), LogStreamNamePrefix: &l.prefix, StartTime: sdk.Int64(l.since.UnixMilli()),
	}
	newest := l.since
	for {
		out, err := l.account.LogGroups.FilterLogEvents(ctx, in)
		if err != nil && troubleOf(err) == absent { // No channel ever logged here.
			return fresh, nil
		}
		if err != nil {
			return fresh, l.account.fault("reading the log group "+LogGroup, err)
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
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if late := newest.Add(-overlap); late.After(l.since) {
		l.since = late
	}
	slices.SortStableFunc(fresh, func(a, b LogRecord) int { return a.At.Compare(b.At) })
	return fresh, nil
}

// recordOf reads a line of the log, which is JSON but for a few.
func recordOf(text, stream string, at time.Time) LogRecord {
	r := LogRecord{At: at, Message: strings.TrimSpace(text)}
	r.Pipeline = strings.TrimSuffix(stream, "_as_run")
	r.Pipeline = r.Pipeline[strings.LastIndexByte(r.Pipeline, '_')+1:]
	var said struct {
		Severity string `json:"severity"`
		Message  string `json:"message"`
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return r
	}
	r.Raw, r.Severity = json.RawMessage(text), said.Severity
	if said.Message != "" {
		r.Message = strings.TrimSpace(said.Message)
	}
	return r
}

// CheckLogging says why a channel's log would be empty, nil where it would not.
func CheckLogging(c *Channel) error {
	if c.LogLevel == "DISABLED" {
		return fault.New(fault.Usage, "channel %s logs nothing (logLevel DISABLED): lilo deploy --log-level INFO has it do so", c.ID)
	}
	return nil
}
