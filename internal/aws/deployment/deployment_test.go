package deployment

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// TestActionsOfEveryState goes through all states that MediaLive's API has.
func TestActionsOfEveryState(t *testing.T) {
	want := map[types.ChannelState]struct {
		run, idle Action
		onAir     bool
	}{
		types.ChannelStateCreating:     {Wait, Wait, false},
		types.ChannelStateCreateFailed: {Impossible, Done, false},
		types.ChannelStateIdle:         {Act, Done, false},
		types.ChannelStateStarting:     {Wait, Act, true},
		types.ChannelStateRunning:      {Done, Act, true},
		types.ChannelStateRecovering:   {Wait, Act, true},
		types.ChannelStateStopping:     {Wait, Wait, false},
		types.ChannelStateDeleting:     {Impossible, Done, false},
		types.ChannelStateDeleted:      {Impossible, Done, false},
		types.ChannelStateUpdating:     {Wait, Wait, false},
		types.ChannelStateUpdateFailed: {Impossible, Done, false},
	}
	for _, s := range types.ChannelState("").Values() {
		w, ok := want[s]
		if got := string(s); !ok || ToRun(got) != w.run || ToIdle(got) != w.idle || OnAir(got) != w.onAir {
			t.Errorf("%s: to run %d, to idle %d, on air %v; want %+v", s, ToRun(got), ToIdle(got), OnAir(got), w)
		}
	}
}

func TestConsoleLinkOfEachPartition(t *testing.T) {
	for region, host := range map[string]string{
		"eu-west-1": "console.aws.amazon.com", "cn-north-1": "console.amazonaws.cn", "us-gov-west-1": "console.amazonaws-us-gov.com", "eusc-de-east-1": "console.amazonaws-eusc.eu",
	} {
		if got, want := ConsoleLink(region, "7"), "https://"+region+"."+host+"/medialive/home?region="+region+"#!/channels/7"; got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
	}
}
