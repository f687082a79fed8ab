package aws

import (
	"context"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/aws/deployment"
)

// media is MediaLive whose channel has the states of a script, one each time it
// is described; the last stays.
type media struct {
	Channels

	states   []string
	started  int
	stopped  int
	refusal  error // of starting and stopping
	describe error // of the first descriptions
	failing  int   // how many fail, 1 by default
}

func (m *media) DescribeChannel(context.Context, *medialive.DescribeChannelInput, ...func(*medialive.Options)) (*medialive.DescribeChannelOutput, error) {
	if err := m.describe; err != nil {
		if m.failing--; m.failing <= 0 {
			m.describe = nil
		}
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

// times returns a state n times.
func times(n int, state string) []string {
	return strings.Fields(strings.Repeat(state+" ", n))
}

func TestStartAndStop(t *testing.T) {
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
		{"never starts", &media{states: []string{"STARTING"}}, Running, 0, 0, 0, "STARTING", "channel 7 has been STARTING for 30m0s and is not RUNNING"},
		{"is interrupted", &media{states: []string{"STARTING"}}, Running, 0, 3, 0, "STARTING", "interrupted: channel 7 is STARTING and continues by itself"},
		{"may not be started", &media{states: []string{Idle}, refusal: answer(403, "AccessDeniedException", "no")}, Running, 0, 0, 1, "IDLE", "not permitted while bringing channel 7 to RUNNING"},
		{"is described too often", &media{states: []string{Running}, describe: answer(429, "TooManyRequestsException", "")}, Running, 0, 0, 0, "RUNNING", ""},

		{"cannot be described for 4 minutes", &media{states: []string{Running}, describe: answer(503, "x", ""), failing: 48}, Running, 0, 0, 0, "RUNNING", ""},
		{"cannot be described for 6 minutes", &media{states: []string{Running}, describe: answer(503, "x", ""), failing: 72}, Running, 0, 0, 0, "", "AWS is busy while bringing channel 7 to RUNNING"},

		{"is idle", &media{states: []string{Idle}}, Idle, 0, 0, 0, "IDLE", ""},
		{"is gone", &media{describe: answer(404, "NotFoundException", ""), states: []string{deployment.Deleted}}, Idle, 0, 0, 0, "DELETED", ""},
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
			run := func() error { return a.Start(t.Context(), "7", c.grace, tell) }
			if c.goal == Idle {
				run = func() error { return a.Stop(t.Context(), "7", tell) }
			}
			err := run()
			if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			if acts := c.media.started + c.media.stopped; acts != c.acts || strings.Join(passed, " ") != c.passes {
				t.Errorf("acted %d times, passed %v", acts, passed)
			}
		})
	}
}
