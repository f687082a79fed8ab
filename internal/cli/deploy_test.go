package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
)

// quick is a clock by which waiting takes a millisecond.
type quick struct {
	mu  sync.Mutex
	now time.Time
}

func (q *quick) Now() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.now
}

func (q *quick) wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Millisecond):
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.now = q.now.Add(d)
	return nil
}

// person is who sits at the terminal, and what they answer; nobody for nothing.
type person string

// inCloud runs a command line against the services of a cloud.
func inCloud(ctx context.Context, f *fake, answers person, args ...string) result {
	var out, err bytes.Buffer
	p := New(&out, &err, os.Getenv)
	clock := &quick{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	p.now, p.wait, p.backoff = clock.Now, clock.wait, time.Millisecond
	p.prompt = prompt{in: strings.NewReader(string(answers)), terminal: answers != ""}
	p.probe = func(_ context.Context, s channel.Spec) (player.Report, error) {
		f.spec = s
		return f.report, f.fails
	}
	p.functions = func() ([]byte, error) { return []byte("functions"), nil }
	movie := filepath.Join(os.Getenv("LILO_CACHE"), "movie.mp4")
	for i, a := range args {
		if a == "movie.mp4" && os.WriteFile(movie, []byte("a film"), 0o600) == nil {
			args[i] = movie
		}
	}
	p.encode = func(ctx context.Context, s channel.Spec, file string) error {
		f.encoded = s
		if f.whileEncode != nil {
			f.whileEncode()
		}
		return errors.Join(ctx.Err(), os.WriteFile(file, []byte("mezzanine"), 0o644))
	}
	code := p.Run(ctx, args)
	return result{code, out.String(), err.String()}
}

const to = "rtp://203.0.113.7:5000"

// steady takes out of a text what differs from run to run.
func steady(t *testing.T, text string) string {
	t.Helper()
	for _, re := range []struct{ pattern, with string }{
		{regexp.QuoteMeta(os.Getenv("LILO_CACHE")), "CACHE"},
		{`(?m)( )/[^ ]*/movie.mp4`, "${1}movie.mp4"},
		{`(channel|channels|input  |Channel +MediaLive::Channel  |Input +MediaLive::Input +|ChannelId  )([ /]*)[0-9]{7}`, "${1}${2}ID"},
		{`(?m)^channel ID is (STARTING|STOPPING|IDLE|RUNNING|CREATING)\n`, ""}, // How many are seen is a matter of luck.
	} {
		text = regexp.MustCompile(re.pattern).ReplaceAllString(text, re.with)
	}
	return text
}

func TestDeployShowsChecksPlanAndProgressAndEndsRunning(t *testing.T) {
	c := newCloud(t)
	r := inCloud(t.Context(), newFake(), "yes\n", "deploy", "movie.mp4", "--to", to)
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if _, state := c.state(); state != "RUNNING" {
		t.Errorf("the channel is %q", state)
	}
	golden(t, "testdata/deploy.txt", steady(t, r.out+"---\n"+r.err))
	r = inCloud(t.Context(), newFake(), "", "status")
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	golden(t, "testdata/status.txt", steady(t, r.out))
	r = inCloud(t.Context(), newFake(), "y\n", "destroy")
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	golden(t, "testdata/destroy.txt", steady(t, r.out+"---\n"+r.err))
	if id, state := c.state(); id != "" {
		t.Errorf("channel %s is %s", id, state)
	}
}

func TestDeployTwiceAndDestroyTwice(t *testing.T) {
	c := newCloud(t)
	for range 2 {
		if r := inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--to", to, "--yes"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
	}
	if _, state := c.state(); state != "RUNNING" {
		t.Errorf("the channel is %q", state)
	}
	for range 2 {
		if r := inCloud(t.Context(), newFake(), "", "destroy", "--yes"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
	}
	if id, _ := c.state(); id != "" {
		t.Errorf("channel %s is there", id)
	}
}

func TestJSONIsLinesOfJSON(t *testing.T) {
	newCloud(t)
	for _, args := range []string{"deploy movie.mp4 --yes --json --to " + to, "stop --json", "start --json", "logs --json", "destroy --yes --json"} {
		r := inCloud(t.Context(), newFake(), "", strings.Fields(args)...)
		if r.code != 0 || r.err != "" {
			t.Fatalf("%s: %+v", args, r)
		}
		for line := range strings.SplitSeq(strings.TrimSpace(r.out), "\n") {
			var v struct{ Type string }
			if line != "" && (json.Unmarshal([]byte(line), &v) != nil || v.Type == "") {
				t.Errorf("%s: %q", args, line)
			}
		}
	}
}

func TestNobodyIsAskedTwiceAndNoIsNo(t *testing.T) {
	c := newCloud(t)
	r := inCloud(t.Context(), newFake(), "n\n", "deploy", "movie.mp4", "--to", to)
	if r.code != int(fault.Declined) || !strings.HasSuffix(r.err, "lilo: nothing was done: not confirmed\n") {
		t.Errorf("%+v", r)
	}
	r = inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--to", to)
	if got := oneLineOf(t, r); r.code != int(fault.Declined) || !strings.Contains(got, "--yes") {
		t.Errorf("%+v", r)
	}
	if len(c.stacks) != 0 {
		t.Errorf("%d stacks were made", len(c.stacks))
	}
}

// TestDeployInterruptedAtEveryStepGoesOn ends the waiting at each event in
// turn, and repeats the command.
func TestDeployInterruptedAtEveryStepGoesOn(t *testing.T) {
	c := newCloud(t)
	for step := 1; ; step++ {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		c.mu.Lock()
		c.happens = func(string, string) {
			if seen++; seen == step {
				cancel()
			}
		}
		c.mu.Unlock()
		r := inCloud(ctx, newFake(), "", "deploy", "movie.mp4", "--to", to, "--yes", "--stack", "S")
		cancel()
		if r.code != 0 && (r.code != 1 || !strings.Contains(oneLineOf(t, r), "interrupted")) {
			t.Fatalf("step %d: %+v", step, r)
		}
		c.mu.Lock()
		c.happens = nil
		c.mu.Unlock()
		if r := inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--to", to, "--yes", "--stack", "S"); r.code != 0 {
			t.Fatalf("step %d, repeated: %+v", step, r)
		}
		if _, state := c.state(); state != "RUNNING" {
			t.Fatalf("step %d: the channel is %q", step, state)
		}
		if r := inCloud(t.Context(), newFake(), "", "destroy", "--yes", "--stack", "S"); r.code != 0 {
			t.Fatalf("step %d: %+v", step, r)
		}
		if seen < step {
			t.Logf("%d steps", step-1)
			return
		}
	}
}

// TestDestroyInterruptedAtEveryStepGoesOn does the same to destroy, of a channel that runs.
func TestDestroyInterruptedAtEveryStepGoesOn(t *testing.T) {
	c := newCloud(t)
	for step := 1; ; step++ {
		c.deployed()
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		c.mu.Lock()
		c.happens = func(string, string) {
			if seen++; seen == step {
				cancel()
			}
		}
		c.mu.Unlock()
		r := inCloud(ctx, newFake(), "", "destroy", "--yes")
		cancel()
		if r.code != 0 && (r.code != 1 || !strings.Contains(oneLineOf(t, r), "interrupted")) {
			t.Fatalf("step %d: %+v", step, r)
		}
		c.mu.Lock()
		c.happens = nil
		c.mu.Unlock()
		if r := inCloud(t.Context(), newFake(), "", "destroy", "--yes"); r.code != 0 {
			t.Fatalf("step %d, repeated: %+v", step, r)
		}
		if id, state := c.state(); id != "" {
			t.Fatalf("step %d: channel %s is %s", step, id, state)
		}
		if seen < step {
			t.Logf("%d steps", step-1)
			return
		}
	}
}

func TestAFailedResourceIsNamedWithItsReason(t *testing.T) {
	c := newCloud(t)
	c.fails, c.why = "mediaservices/Channel", "Resource handler returned message: \"quota exceeded\""
	r := inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--to", to, "--yes")
	want := `mediaservices/Channel (AWS::MediaLive::Channel) failed: Resource handler returned message: "quota exceeded"; stack LILO-Client-Dev-eu-west-1 is ROLLBACK_COMPLETE`
	if got := oneLineOf(t, r); r.code != int(fault.Deploy) || got != want {
		t.Errorf("%d %s", r.code, got)
	}
	golden(t, "testdata/deploy-failed.txt", steady(t, r.out))
	c.fails = ""
	r = inCloud(t.Context(), newFake(), "y\n", "deploy", "movie.mp4", "--to", to)
	if r.code != 0 || !strings.Contains(r.out, "the deployment deletes the rest of a failed one first") {
		t.Errorf("%+v", r)
	}
	if _, state := c.state(); state != "RUNNING" {
		t.Errorf("the channel is %q", state)
	}
}

func TestADeletionThatFailsCanBeRepeated(t *testing.T) {
	c := newCloud(t)
	c.deployed()
	c.fails, c.why = "permission/ChannelRole1A2B3C4D", "Cannot delete entity, must detach all policies first."
	r := inCloud(t.Context(), newFake(), "", "destroy", "--yes")
	if got := oneLineOf(t, r); r.code != int(fault.Deploy) || !strings.Contains(got, "permission/ChannelRole (AWS::IAM::Role) failed: Cannot delete entity") {
		t.Errorf("%d %s", r.code, got)
	}
	c.fails = ""
	if r := inCloud(t.Context(), newFake(), "", "destroy", "--yes"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
}

// TestDestroyWaitsForAnUpdateOfAnother has somebody else begin an update while the channel
// stops, or just before the stack is deleted.
func TestDestroyWaitsForAnUpdateOfAnother(t *testing.T) {
	for _, at := range []string{"/stop", "DeleteStack"} {
		t.Run(at, func(t *testing.T) {
			c := newCloud(t)
			c.deployed()
			ends := make(chan struct{})
			begun, looks := false, 0
			c.refuses = func(call string) *refusal {
				c.mu.Lock()
				defer c.mu.Unlock()
				if strings.HasSuffix(call, at) && !begun {
					begun = true
					c.begin(c.stack("LILO-Client-Dev-eu-west-1"), "UPDATE_IN_PROGRESS", func(s *cloudStack) {
						<-ends
						c.event(s, s.itself(), "UPDATE_COMPLETE", "")
					})
				} else if call == "DescribeStacks" && begun {
					if looks++; looks == 3 {
						close(ends)
					}
				}
				return nil
			}
			if r := inCloud(t.Context(), newFake(), "", "destroy", "--yes"); r.code != 0 {
				t.Errorf("%+v", r)
			}
			if !begun || looks < 3 {
				t.Errorf("the update began: %t; destroy looked %d times", begun, looks)
				close(ends)
			}
			if id, state := c.state(); id != "" {
				t.Errorf("channel %s is %s", id, state)
			}
		})
	}
}

func TestARetainedBucketIsNamed(t *testing.T) {
	c := newCloud(t)
	c.retained = []string{"lilo-media"}
	c.deployed()
	r := inCloud(t.Context(), newFake(), "", "destroy", "--yes")
	if r.code != 0 || !strings.Contains(r.out, "S3::Bucket lilo-media: empty it in the console (it keeps versions), then aws s3 rb s3://lilo-media\n") {
		t.Errorf("%+v", r)
	}
}

// TestThrottlingAndOutagesAreEndured refuses every other call, as AWS does when it is busy.
func TestThrottlingAndOutagesAreEndured(t *testing.T) {
	c := newCloud(t)
	n := 0
	var mu sync.Mutex
	c.refuses = func(string) *refusal {
		mu.Lock()
		defer mu.Unlock()
		switch n++; n % 4 {
		case 1:
			return &refusal{429, "TooManyRequestsException", "Rate exceeded"}
		case 3:
			return &refusal{503, "ServiceUnavailable", "try later"}
		}
		return nil
	}
	for _, args := range []string{"deploy movie.mp4 --yes --to " + to, "stop", "start", "status", "destroy --yes"} {
		if r := inCloud(t.Context(), newFake(), "", strings.Fields(args)...); r.code != 0 {
			t.Fatalf("%s: %+v", args, r)
		}
	}
}

func TestCredentialsThatExpireOnTheWay(t *testing.T) {
	for _, call := range []string{"DescribeStackEvents", "DescribeStacks", "GET /prod/channels/"} {
		t.Run(call, func(t *testing.T) {
			c := newCloud(t)
			var mu sync.Mutex
			gone := false
			c.happens = func(path, status string) {
				if path == "mediaservices/Channel" && status == "CREATE_COMPLETE" {
					mu.Lock()
					gone = true
					mu.Unlock()
				}
			}
			c.refuses = func(got string) *refusal {
				mu.Lock()
				defer mu.Unlock()
				if gone && strings.HasPrefix(got, call) {
					return &refusal{403, "ExpiredTokenException", "The security token included in the request is expired"}
				}
				return nil
			}
			r := inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--to", to, "--yes")
			got := oneLineOf(t, r)
			if r.code != int(fault.Access) || !strings.Contains(got, "the AWS credentials expired while") || !strings.Contains(got, "CloudFormation continues with stack LILO-Client-Dev-eu-west-1 by itself") {
				t.Errorf("%d %s", r.code, got)
			}
			c.work.Wait()
			c.mu.Lock()
			c.refuses = nil
			c.mu.Unlock()
			if r := inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--to", to, "--yes"); r.code != 0 {
				t.Errorf("repeated: %+v", r)
			}
		})
	}
}

func TestARegionIsBootstrappedOnceAgreed(t *testing.T) {
	c := newCloud(t)
	c.bootstrapped = false
	r := inCloud(t.Context(), newFake(), "", "deploy", "movie.mp4", "--to", to, "--yes")
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{
		"+ bootstrap    eu-west-1 is not bootstrapped for the CDK: the deployment does it first\n",
		"first        the CDK is bootstrapped in aws://111122223333/eu-west-1 (creates a bucket and roles, which remain for later deployments)\n",
		"bootstrapping the CDK in account 111122223333 and eu-west-1\n",
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is missing in\n%s", want, r.out)
		}
	}
	if !c.bootstrapped {
		t.Error("it was not bootstrapped")
	}
}
