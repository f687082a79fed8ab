package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

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
	if err := StackError(Stack{Name: "S", Status: "CREATE_FAILED"}, events[:1]); err.Error() != "stack S is CREATE_FAILED: CloudFormation gives no reason" {
		t.Error(err)
	}
}

func paths(events []Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Path+" "+e.Status)
	}
	return all
}

// TestFollower creates a stack with a nested one and polls in between.
func TestFollower(t *testing.T) {
	s := &stacks{}
	a := &Account{Stacks: s}
	s.happen(rootID, 1, "S", rootID, nestedType, "DELETE_COMPLETE", "")
	f, err := a.Follow(t.Context(), rootID)
	if err != nil {
		t.Fatal(err)
	}
	poll := func(want ...string) {
		t.Helper()
		events, err := f.Poll(t.Context())
		if got := paths(events); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v\nwant %q", got, err, want)
		}
	}
	poll()
	s.happen(rootID, 2, "S", rootID, nestedType, "CREATE_IN_PROGRESS", "User\n Initiated")
	s.happen(rootID, 3, "Log", "l", LogType, "CREATE_IN_PROGRESS", "")
	s.happen(rootID, 4, "mediaNestedStackx", nestedID, nestedType, "CREATE_IN_PROGRESS", "")
	s.happen(nestedID, 4, "S-media", nestedID, nestedType, "CREATE_IN_PROGRESS", "")
	s.happen(nestedID, 5, "Channel", "7", ChannelType, "CREATE_IN_PROGRESS", "")
	poll("S CREATE_IN_PROGRESS", "Log CREATE_IN_PROGRESS", "media CREATE_IN_PROGRESS")
	poll("media/Channel CREATE_IN_PROGRESS")
	s.happen(nestedID, 6, "Channel", "7", ChannelType, "CREATE_COMPLETE", "")
	s.happen(rootID, 7, "mediaNestedStackx", nestedID, nestedType, "CREATE_COMPLETE", "")
	poll("media/Channel CREATE_COMPLETE", "media CREATE_COMPLETE")
	poll()
	s.happen(rootID, 8, "Log", "l", LogType, "CREATE_COMPLETE", "")
	s.happen(rootID, 8, "S", rootID, nestedType, "CREATE_COMPLETE", "") // In the same second.
	poll("Log CREATE_COMPLETE", "S CREATE_COMPLETE")
	s.failures = []error{answer(500, "InternalFailure", "x")}
	if _, err := f.Poll(t.Context()); !Transient(err) {
		t.Errorf("%v, want a transient fault", err)
	}
	if e, _ := (&Account{Stacks: &stacks{}}).Follow(t.Context(), "new"); e == nil {
		t.Error("a stack that does not exist yet can be followed")
	}
	s.failures = []error{answer(403, "AccessDenied", "x")}
	if _, err := a.Follow(t.Context(), rootID); fault.KindOf(err) != fault.Access {
		t.Error(err)
	}
}

// TestFollowerReadsANestedStackAgainWhenItEnds: the events of a nested stack
// come before the one that ends it, even if they appear after it was read.
func TestFollowerReadsANestedStackAgainWhenItEnds(t *testing.T) {
	late := &lateStacks{}
	a := &Account{Stacks: late}
	f, err := a.Follow(t.Context(), rootID)
	if err != nil {
		t.Fatal(err)
	}
	late.happen(rootID, 4, "mediaNestedStackx", nestedID, nestedType, "CREATE_IN_PROGRESS", "")
	if _, err := f.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	late.after = func() {
		late.happen(nestedID, 5, "Channel", "7", ChannelType, "CREATE_COMPLETE", "")
		late.happen(nestedID, 9, "Input", "8", InputType, "DELETE_COMPLETE", "")
		late.happen(rootID, 6, "mediaNestedStackx", nestedID, nestedType, "CREATE_COMPLETE", "")
	}
	events, err := f.Poll(t.Context())
	if got := strings.Join(paths(events), ", "); err != nil || got != "media/Channel CREATE_COMPLETE, media CREATE_COMPLETE" {
		t.Errorf("%s, %v", got, err)
	}
	// What is after the root's last event waits for the next poll.
	events, err = f.Poll(t.Context())
	if got := strings.Join(paths(events), ", "); err != nil || got != "media/Input DELETE_COMPLETE" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestWaitForStack(t *testing.T) {
	busy, lost := answer(503, "ServiceUnavailable", "x"), answer(403, "ExpiredToken", "x")
	cases := []struct {
		name   string
		stacks *stacks
		left   int
		status string
		waited time.Duration
		want   string // of the error
	}{
		{name: "done", stacks: &stacks{statuses: []string{"CREATE_COMPLETE"}}, status: "CREATE_COMPLETE"},
		{name: "in progress", stacks: &stacks{statuses: []string{"CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"}}, status: "ROLLBACK_COMPLETE", waited: 10 * time.Second},
		{name: "being deleted", stacks: &stacks{statuses: []string{"DELETE_IN_PROGRESS", ""}}, waited: 5 * time.Second},
		{name: "a short outage", stacks: &stacks{statuses: []string{"UPDATE_COMPLETE"}, failures: slices.Repeat([]error{busy}, 50)}, status: "UPDATE_COMPLETE", waited: 250 * time.Second},
		{name: "a long outage", stacks: &stacks{statuses: []string{"UPDATE_COMPLETE"}, failures: slices.Repeat([]error{busy}, 100)}, want: "AWS is busy", waited: 305 * time.Second},
		{name: "an outage after an answer", stacks: &stacks{statuses: []string{"UPDATE_IN_PROGRESS"}, failures: append([]error{nil, nil}, slices.Repeat([]error{busy}, 100)...)}, want: "AWS is busy", waited: 305 * time.Second},
		{name: "expired credentials", stacks: &stacks{statuses: []string{"UPDATE_COMPLETE"}, failures: []error{lost}}, want: "the AWS credentials expired"},
		{name: "too long", stacks: &stacks{statuses: []string{"UPDATE_IN_PROGRESS"}}, want: "stack S has been UPDATE_IN_PROGRESS for 1h30m0s", waited: 5405 * time.Second},
		{name: "interrupted", stacks: &stacks{statuses: []string{"UPDATE_IN_PROGRESS"}}, left: 3, want: "interrupted while waiting for stack S", waited: 10 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.stacks.happen(rootID, 5, "Log", "l", LogType, "CREATE_COMPLETE", "")
			clk := &clock{left: c.left}
			a := &Account{Stacks: c.stacks, Clock: clk}
			f := &Follower{account: a, stacks: []followedStack{{id: rootID}}, seen: map[string]bool{}}
			n := 0
			s, err := a.WaitForStack(t.Context(), rootID, f, func(Event) { n++ })
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			if err == nil && (s.Status != c.status || n != 1) {
				t.Errorf("%s with %d events", s.Status, n)
			}
			if waited := clk.now.Sub(time.Time{}); waited != c.waited {
				t.Errorf("waited %v, want %v", waited, c.waited)
			}
		})
	}
}
