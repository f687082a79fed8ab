package supervisor

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/player"
)

// The types of alert.
const (
	// alertInput is an input that cannot be opened or read.
	alertInput = "Unable To Open Input File"
	// alertInputLoss is an outage of a remote source.
	alertInputLoss = "Input Loss"
	// alertOutput is a destination that cannot be opened or sent to.
	alertOutput = "Output Error"
	// alertSetting is a setting that is not honoured.
	alertSetting = "Setting Not Honoured"
	// alertNote is what of a source is not carried as it is.
	alertNote = "Source Note"
	// alertSchedule is a schedule that cannot be kept.
	alertSchedule = "Schedule Error"
	// alertLost is datagrams that receivers miss.
	alertLost = "Datagrams Lost"
	// alertShared is a destination to which another channel sends too.
	alertShared = "Destination Shared"
	// alertHeld is a channel that is not started, since that ended the server.
	alertHeld = "Start Held Off"
	// alertTaken is a pipeline that is lost because a caller asked for it.
	alertTaken = "Pipeline Lost"
	// alertUnplaced is a pipeline that no node of a fleet can play.
	alertUnplaced = "No Node"
	// alertClock is a clock that is too far off for a pipeline to move.
	alertClock = "Clock Wrong"
	// alertDocument is a channel that cannot be played.
	alertDocument = "Channel Not Playable"
)

// IsInputLoss reports whether an alert says that the input is missing.
func IsInputLoss(a types.ChannelAlert) bool {
	kind := aws.ToString(a.AlertType)
	return kind == alertInput || kind == alertInputLoss
}

// IsNote reports whether an alert is a note about a source.
func IsNote(a types.ChannelAlert) bool { return aws.ToString(a.AlertType) == alertNote }

// maxCleared is how many cleared alerts are kept of a channel.
const maxCleared = 100

// alerts are those of a channel, in the order in which they were set.
type alerts struct {
	now   func() time.Time
	newID func() int64
	emit  func(types.ChannelAlert)

	mu  sync.Mutex
	all []types.ChannelAlert
}

// set sets an alert of a pipeline, or the message of one that is set. Alerts of settings
// and notes with different messages are different alerts.
func (a *alerts) set(index int, kind, message string) {
	pipeline := pipelineID(index)
	a.mu.Lock()
	for i := range a.all {
		if one := &a.all[i]; one.State == types.ChannelAlertStateSet && *one.PipelineId == pipeline && *one.AlertType == kind &&
			(kind != alertSetting && kind != alertNote || *one.Message == message) {
			one.Message = &message
			a.mu.Unlock()
			return
		}
	}
	one := types.ChannelAlert{
		AlertType: &kind, Id: aws.String(strconv.FormatInt(a.newID(), 10)), Message: &message, PipelineId: &pipeline,
		SetTimestamp: aws.Time(a.now().UTC()), State: types.ChannelAlertStateSet,
	}
	a.all = append(a.all, one)
	a.trim()
	a.mu.Unlock()
	a.emit(one)
}

// trim removes the oldest cleared alerts. The caller holds mu.
func (a *alerts) trim() {
	cleared := 0
	for i := range a.all {
		if a.all[i].State == types.ChannelAlertStateCleared {
			cleared++
		}
	}
	a.all = slices.DeleteFunc(a.all, func(one types.ChannelAlert) bool {
		if one.State == types.ChannelAlertStateCleared && cleared > maxCleared {
			cleared--
			return true
		}
		return false
	})
}

// setIf sets an alert, or clears it.
func (a *alerts) setIf(is bool, index int, kind, message string) {
	if is {
		a.set(index, kind, message)
		return
	}
	a.clear(index, kind)
}

// setNotes sets the alerts of the notes of a pipeline, and clears those of others.
func (a *alerts) setNotes(index int, notes []player.SourceNote) {
	texts := map[string]bool{}
	for _, n := range notes {
		texts[n.String()] = true
	}
	a.clearIf(func(one types.ChannelAlert) bool {
		return *one.PipelineId == pipelineID(index) && IsNote(one) && !texts[*one.Message]
	})
	for _, n := range notes {
		a.set(index, alertNote, n.String())
	}
}

func (a *alerts) clear(index int, kind string) {
	a.clearIf(func(one types.ChannelAlert) bool {
		return *one.PipelineId == pipelineID(index) && *one.AlertType == kind
	})
}

// clearIf clears the alerts that are set and match.
func (a *alerts) clearIf(match func(types.ChannelAlert) bool) {
	var cleared []types.ChannelAlert
	a.mu.Lock()
	for i, one := range a.all {
		if one.State == types.ChannelAlertStateSet && match(one) {
			a.all[i].State, a.all[i].ClearedTimestamp = types.ChannelAlertStateCleared, aws.Time(a.now().UTC())
			cleared = append(cleared, a.all[i])
		}
	}
	a.mu.Unlock()
	for _, one := range cleared {
		a.emit(one)
	}
}

// list returns the alerts of a state, all for "".
func (a *alerts) list(state types.ChannelAlertState) []types.ChannelAlert {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.all), func(one types.ChannelAlert) bool { return state != "" && one.State != state })
}
