package aws

import (
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestPhasesOfAStack(t *testing.T) {
	for status, want := range map[string]Phase{
		"": Absent, "DELETE_COMPLETE": Absent, "CREATE_COMPLETE": Stable, "UPDATE_COMPLETE": Stable, "UPDATE_ROLLBACK_COMPLETE": Stable,
		"REVIEW_IN_PROGRESS": CreateFailed, "CREATE_IN_PROGRESS": InProgress, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": InProgress,
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

func TestStack(t *testing.T) {
	s := &stacks{statuses: []string{"CREATE_COMPLETE", ""}, outputs: []types.Output{{OutputKey: sdk.String("ConsoleLink"), OutputValue: sdk.String("https://x")}}}
	a := &Account{Stacks: s, Region: "eu-west-1"}
	got, err := a.Stack(t.Context(), "S")
	if err != nil || got.ID != rootID || got.Status != "CREATE_COMPLETE" || got.Created.Unix() != 100 {
		t.Errorf("%+v, %v", got, err)
	}
	if got.Output("ConsoleLink") != "https://x" || got.Output("other") != "" {
		t.Errorf("outputs %v", got.Outputs)
	}
	if got, err := a.Stack(t.Context(), "S"); err != nil || got.Name != "S" || got.Phase() != Absent {
		t.Errorf("no stack: %+v, %v", got, err)
	}
	s.failures = []error{answer(403, "AccessDenied", "no")}
	if _, err := a.Stack(t.Context(), "S"); fault.KindOf(err) != fault.Access || !strings.Contains(err.Error(), "describing stack S") {
		t.Error(err)
	}
	s.failures = []error{nil, answer(403, "AccessDenied", "no")}
	if err := a.Delete(t.Context(), rootID); err != nil || !slices.Equal(s.deleted, []string{rootID}) {
		t.Error(err, s.deleted)
	}
	if err := a.Delete(t.Context(), rootID); err == nil || !strings.Contains(err.Error(), "deleting stack S: no") {
		t.Error(err)
	}
}

func TestStackThatCannotBeDeployedTo(t *testing.T) {
	a := &Account{Region: "eu-west-1"}
	if err := a.CheckUsable(Stack{Name: "S", Status: "UPDATE_COMPLETE"}); err != nil {
		t.Error(err)
	}
	err := a.CheckUsable(Stack{Name: "S", Status: "UPDATE_ROLLBACK_FAILED", Reason: "x"})
	if err == nil || !strings.Contains(err.Error(), "aws cloudformation continue-update-rollback --stack-name S --region eu-west-1") {
		t.Error(err)
	}
}

func TestResources(t *testing.T) {
	s := &stacks{resources: map[string][]types.StackResourceSummary{
		"S": {
			resource("Bucket0A1B2C3D", "b", BucketType, "CREATE_COMPLETE"),
			resource("mediaNestedStackmediaNestedStackResource0A1B2C3D", nestedID, nestedType, "CREATE_COMPLETE"),
			resource("Old", "o", LogType, "DELETE_COMPLETE"),
			resource("goneNestedStackx", "", nestedType, "CREATE_IN_PROGRESS"),
			resource("Last", "l", LogType, "CREATE_COMPLETE"),
		},
		nestedID: {resource("Channel", "7", ChannelType, "CREATE_COMPLETE"), resource("Input", "", InputType, "CREATE_IN_PROGRESS")},
	}}
	a := &Account{Stacks: s}
	all, err := a.Resources(t.Context(), "S")
	var paths []string
	for _, r := range all {
		paths = append(paths, r.Path)
	}
	want := []string{"Bucket", "media", "media/Channel", "media/Input", "gone", "Last"}
	if err != nil || !slices.Equal(paths, want) {
		t.Errorf("%v, %v; want %v", paths, err, want)
	}
	if c := OfType(all, ChannelType); len(c) != 1 || c[0].ID != "7" {
		t.Errorf("channels %v", c)
	}
	if in := OfType(all, InputType); len(in) != 0 {
		t.Errorf("an input without an id: %v", in)
	}
	if none, err := a.Resources(t.Context(), "other"); err != nil || len(none) != 0 {
		t.Errorf("no stack: %v, %v", none, err)
	}
	s.failures = []error{nil, answer(429, "Throttling", "slow")}
	if _, err := a.Resources(t.Context(), "S"); !Transient(err) {
		t.Errorf("a failure in a nested stack: %v", err)
	}
}
