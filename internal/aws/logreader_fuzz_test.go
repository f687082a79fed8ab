package aws

import (
	"encoding/json"
	"testing"
	"time"
)

// FuzzLogRecord reads lines of a channel's log, which only MediaLive writes.
func FuzzLogRecord(f *testing.F) {
	f.Add(`{"severity":"ERROR","message":"no input"}`, "arn_aws_medialive_us-east-1_1_channel_1_0_as_run")
	f.Add("plain text", "1")
	f.Fuzz(func(t *testing.T, text, stream string) {
		r := recordOf(text, stream, time.Time{})
		if r.Raw != nil && !json.Valid(r.Raw) {
			t.Errorf("%q is no JSON", r.Raw)
		}
	})
}
