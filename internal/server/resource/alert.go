package resource

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/event"
)

// The types of alert.
const (
	// alertInput is an input that cannot be opened or read.
	alertInput = "Unable To Open Input File"
	// alertLoss is a remote source that is needed now and cannot be had.
	alertLoss = "Input Loss"
	// alertOutput is a destination that nothing can be sent to.
	alertOutput = "Output Error"
	// alertSetting is a setting that is not played as it says.
	alertSetting = "Setting Not Honoured"
	// alertSchedule is a schedule that cannot be kept.
	alertSchedule = "Schedule Error"
	// alertDocument is a channel that cannot be played as it is.
	alertDocument = "Channel Not Playable"
)

// maxCleared is how many alerts that are over are remembered of a channel.
const maxCleared = 100

// alerts are those of a channel, in the order in which they were set.
type alerts []types.ChannelAlert

// find returns the alert of that kind which is set, nil for none. Of settings
// there may be one for each message.
func (a alerts) find(pipeline, kind, message string) *types.ChannelAlert {
	for i := range a {
		if a[i].State == types.ChannelAlertStateSet && *a[i].PipelineId == pipeline && *a[i].AlertType == kind &&
			(kind != alertSetting || *a[i].Message == message) {
			return &a[i]
		}
	}
	return nil
}

// trimmed leaves out the oldest that are over.
func (a alerts) trimmed() alerts {
	over := 0
	for i := range a {
		if a[i].State == types.ChannelAlertStateCleared {
			over++
		}
	}
	return slices.DeleteFunc(a, func(one types.ChannelAlert) bool {
		if one.State == types.ChannelAlertStateCleared && over > maxCleared {
			over--
			return true
		}
		return false
	})
}

// pipelineID returns a pipeline's name: "0" or "1".
func pipelineID(index int) string { return strconv.Itoa(index) }

// alert sets an alert of a pipeline. One that is set already only gets the new message.
func (r *Registry) alert(id string, index int, kind, message string) {
	pipeline := pipelineID(index)
	r.mu.Lock()
	l := r.lives[id]
	if l == nil {
		r.mu.Unlock()
		return
	}
	if a := l.alerts.find(pipeline, kind, message); a != nil {
		a.Message = &message
		r.mu.Unlock()
		return
	}
	a := types.ChannelAlert{
		AlertType: &kind, Id: aws.String(strconv.FormatInt(r.nextAlert(), 10)), Message: &message, PipelineId: &pipeline,
		SetTimestamp: aws.Time(r.o.Now().UTC()), State: types.ChannelAlertStateSet,
	}
	l.alerts = append(l.alerts, a).trimmed()
	r.mu.Unlock()
	r.tellAlert(id, a)
}

// nextAlert numbers alerts. Its caller holds r.mu.
func (r *Registry) nextAlert() int64 {
	r.alertCount++
	return r.o.Now().UnixMilli()*1000 + r.alertCount%1000
}

// clear ends an alert of a pipeline, if it is set.
func (r *Registry) clear(id string, index int, kind string) {
	r.clearIf(id, func(a types.ChannelAlert) bool { return *a.PipelineId == pipelineID(index) && *a.AlertType == kind })
}

// clearIf ends those alerts of a channel that are set and meant.
func (r *Registry) clearIf(id string, meant func(types.ChannelAlert) bool) {
	var over []types.ChannelAlert
	r.mu.Lock()
	if l := r.lives[id]; l != nil {
		for i, a := range l.alerts {
			if a.State == types.ChannelAlertStateSet && meant(a) {
				l.alerts[i].State, l.alerts[i].ClearedTimestamp = types.ChannelAlertStateCleared, aws.Time(r.o.Now().UTC())
				over = append(over, l.alerts[i])
			}
		}
	}
	r.mu.Unlock()
	for _, a := range over {
		r.tellAlert(id, a)
	}
}

func (r *Registry) tellAlert(id string, a types.ChannelAlert) {
	r.emit(event.Alert, event.Detail{
		ChannelARN: r.arn("channel", id), Pipeline: *a.PipelineId, Message: *a.Message,
		AlarmState: string(a.State), AlarmID: *a.Id, AlertType: *a.AlertType,
	})
}

// Alerts returns a channel's alerts, those that are set and those that are
// over, in the order in which they were set; filter is SET, CLEARED, or empty for both.
func (r *Registry) Alerts(id, filter string) ([]types.ChannelAlert, error) {
	switch types.ChannelAlertState(filter) {
	case "", types.ChannelAlertStateSet, types.ChannelAlertStateCleared:
	default:
		return nil, Refuse(BadRequest, "stateFilter is SET or CLEARED, not %q", filter)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if record := r.channels[id]; record == nil || record.state() == types.ChannelStateDeleted {
		return nil, noChannel(id)
	}
	return r.lives[id].alertsOf(filter), nil
}

func (l *life) alertsOf(filter string) []types.ChannelAlert {
	all := []types.ChannelAlert{}
	if l == nil {
		return all
	}
	for _, a := range l.alerts {
		if filter == "" || string(a.State) == filter {
			all = append(all, a)
		}
	}
	return all
}

// watchEvery is how often what is on air is looked at for something to alert of.
const watchEvery = 2 * time.Second

// IsInputLoss tells whether an alert says that the input is not there.
func IsInputLoss(a types.ChannelAlert) bool {
	kind := deref(a.AlertType)
	return kind == alertInput || kind == alertLoss
}
