package resource

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
)

// origin is what every record knows of how it came to be.
type origin struct {
	// Sequence numbers the records in the order of their creation, from 1.
	Sequence int64 `json:"sequence"`
	// Since is when the record took its state.
	Since time.Time `json:"since"`
	// Request is the token that the client gave, Digest what else it asked for then.
	Request string `json:"request,omitempty"`
	Digest  string `json:"digest,omitempty"`
}

// channelRecord is all that is kept of a channel.
type channelRecord struct {
	origin
	// doc is complete, but for what is only known while it plays.
	doc *types.Channel
	// actions are its schedule; their times are fixed or follow another's.
	actions []types.ScheduleAction
	// epoch is when it was started last, as the stream counts.
	epoch time.Time
	// past is what it played until the schedule was changed last.
	past past
	// reading is shared by all records that have the same to say of what is played.
	reading *reading
}

// reading is what a document and its schedule say is to be played. It is read
// once, when somebody first asks.
type reading struct {
	once      sync.Once
	programme medialive.Programme
	err       error
}

// read returns what is to be played; inputs are those of the document.
func (r *channelRecord) read(inputs map[string]types.Input) (medialive.Programme, error) {
	r.reading.once.Do(func() { r.reading.programme, r.reading.err = medialive.Read(r.doc, inputs, r.actions) })
	return r.reading.programme, r.reading.err
}

// past is what stays as it was when a schedule changes on air.
type past struct {
	// Cut is when that was; the zero Time while there is no past.
	Cut time.Time `json:"cut"`
	// Schedules are those of the pipelines until then.
	Schedules []channel.Schedule `json:"schedules,omitempty"`
	// Attachment and Action are what was active then.
	Attachment string `json:"attachment,omitempty"`
	Action     string `json:"action,omitempty"`
}

func (r *channelRecord) state() types.ChannelState { return r.doc.State }

// onAir tells whether the channel is to be on air in its state.
func (r *channelRecord) onAir() bool {
	switch r.state() {
	case types.ChannelStateStarting, types.ChannelStateRunning, types.ChannelStateRecovering:
		return true
	default:
		return false
	}
}

// with returns a copy in another state, of that moment, which plays the same.
func (r *channelRecord) with(state types.ChannelState, now time.Time) *channelRecord {
	n, doc := *r, *r.doc
	doc.State = state
	n.doc, n.Since = &doc, now
	return &n
}

// other returns a copy that may be given other things to play.
func (r *channelRecord) other(state types.ChannelState, now time.Time) *channelRecord {
	n := r.with(state, now)
	n.reading = new(reading)
	return n
}

// tagged returns a copy with other tags.
func (r *channelRecord) tagged(tags map[string]string) *channelRecord {
	n, doc := *r, *r.doc
	doc.Tags = tags
	n.doc = &doc
	return &n
}

type storedChannel struct {
	origin
	Channel json.RawMessage `json:"channel"`
	Actions json.RawMessage `json:"actions,omitempty"`
	Epoch   time.Time       `json:"epoch"`
	Past    past            `json:"past"`
}

func (r *channelRecord) encode() ([]byte, error) {
	doc, err := medialive.Marshal(r.doc)
	if err != nil {
		return nil, err
	}
	s := storedChannel{origin: r.origin, Channel: doc, Epoch: r.epoch, Past: r.past}
	if len(r.actions) > 0 {
		if s.Actions, err = medialive.Marshal(r.actions); err != nil {
			return nil, err
		}
	}
	return json.Marshal(s)
}

func (r *channelRecord) decode(data []byte) error {
	var s storedChannel
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	r.origin, r.epoch, r.past, r.doc, r.reading = s.origin, s.Epoch, s.Past, new(types.Channel), new(reading)
	if err := medialive.Unmarshal(s.Channel, r.doc); err != nil {
		return err
	}
	return medialive.Unmarshal(s.Actions, &r.actions)
}

// inputRecord is all that is kept of an input.
type inputRecord struct {
	origin
	doc *types.Input
}

// with returns a copy in another state, of that moment, attached to those channels.
func (r *inputRecord) with(state types.InputState, now time.Time, channels ...string) *inputRecord {
	n, doc := *r, *r.doc
	doc.State, doc.AttachedChannels = state, append([]string{}, channels...)
	n.doc, n.Since = &doc, now
	return &n
}

func (r *inputRecord) tagged(tags map[string]string) *inputRecord {
	n, doc := *r, *r.doc
	doc.Tags = tags
	n.doc = &doc
	return &n
}

// groupRecord is all that is kept of an input security group.
type groupRecord struct {
	origin
	doc *types.InputSecurityGroup
}

func (r *groupRecord) with(state types.InputSecurityGroupState, now time.Time) *groupRecord {
	n, doc := *r, *r.doc
	doc.State = state
	n.doc, n.Since = &doc, now
	return &n
}

func (r *groupRecord) tagged(tags map[string]string) *groupRecord {
	n, doc := *r, *r.doc
	doc.Tags = tags
	n.doc = &doc
	return &n
}

type stored struct {
	origin
	Document json.RawMessage `json:"document"`
}

func (r *inputRecord) encode() ([]byte, error) { return encodeDocument(r.origin, r.doc) }

func (r *inputRecord) decode(data []byte) error {
	r.doc = new(types.Input)
	return decodeDocument(data, &r.origin, r.doc)
}

func (r *groupRecord) encode() ([]byte, error) { return encodeDocument(r.origin, r.doc) }

func (r *groupRecord) decode(data []byte) error {
	r.doc = new(types.InputSecurityGroup)
	return decodeDocument(data, &r.origin, r.doc)
}

func encodeDocument(o origin, doc any) ([]byte, error) {
	data, err := medialive.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return json.Marshal(stored{o, data})
}

func decodeDocument(data []byte, o *origin, doc any) error {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*o = s.origin
	return medialive.Unmarshal(s.Document, doc)
}

// accountRecord is what is kept of the account.
type accountRecord struct{ doc *types.AccountConfiguration }

func (r *accountRecord) encode() ([]byte, error) { return medialive.Marshal(r.doc) }

func (r *accountRecord) decode(data []byte) error {
	r.doc = new(types.AccountConfiguration)
	return medialive.Unmarshal(data, r.doc)
}
