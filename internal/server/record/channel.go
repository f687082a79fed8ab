package record

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
)

// Channel is the record of a channel. Its document lacks what is only known while
// the channel runs.
type Channel struct {
	Record[types.Channel]
	// Actions are the schedule. Each has a fixed time, or follows another, or, while the
	// channel is not on air, begins with it. One that follows the end of another has a
	// fixed time too, once that is known.
	Actions []types.ScheduleAction
	// Held are actions that are over and no longer in the schedule, but still hold.
	Held []types.ScheduleAction
	// Epoch is that of the stream since the last start; zero before the first.
	Epoch time.Time
	// Lengths are how long the inputs last that follow one another, since the last start.
	Lengths []Length
	// History is what was played until the schedule changed last.
	History History
	// reading is shared by all records that say the same about what plays.
	reading *reading
}

// reading is what medialive.Read returns for a channel, once Read was called.
type reading struct {
	once    sync.Once
	channel medialive.Channel
	err     error
}

// NewChannel returns the record of a new channel.
func NewChannel(o Origin, doc *types.Channel) *Channel {
	return &Channel{Record: Record[types.Channel]{o, doc}, reading: new(reading)}
}

// Read returns what to play according to the document and the schedule. inputs
// holds those that the document names, by id; only the first call uses it.
func (c *Channel) Read(inputs map[string]types.Input) (medialive.Channel, error) {
	c.reading.once.Do(func() {
		c.reading.channel, c.reading.err = medialive.Read(c.Doc, inputs, slices.Concat(c.Held, c.Actions))
	})
	return c.reading.channel, c.reading.err
}

// State returns the state in the document.
func (c *Channel) State() types.ChannelState { return c.Doc.State }

// OnAir reports whether the channel should play in its state.
func (c *Channel) OnAir() bool { return OnAir(c.Doc.State) }

// OnAir reports whether a channel should play in a state.
func OnAir(s types.ChannelState) bool {
	return s == types.ChannelStateStarting || s == types.ChannelStateRunning || s == types.ChannelStateRecovering
}

// Pipelines returns how many pipelines the channel has.
func (c *Channel) Pipelines() int {
	if c.Doc.ChannelClass == types.ChannelClassSinglePipeline {
		return 1
	}
	return 2
}

// With returns a copy with an edited document that plays the same.
func (c *Channel) With(edit func(*types.Channel)) *Channel {
	n := *c
	n.Record = *c.Record.With(edit)
	return &n
}

// InState returns a copy that enters another state now and plays the same.
func (c *Channel) InState(s types.ChannelState, now time.Time) *Channel {
	n := c.With(func(doc *types.Channel) { doc.State = s })
	n.Since = now
	return n
}

// Reread returns a copy that may play something else: Read reads it again.
func (c *Channel) Reread() *Channel {
	n := *c
	n.reading = new(reading)
	return &n
}

// History is what a running channel played until its schedule changed last.
type History struct {
	// End is when the schedule changed; zero if it has not.
	End time.Time `json:"cut"`
	// Schedules are those of the pipelines until End.
	Schedules []Schedule `json:"schedules,omitempty"`
	// Attachment is the input that was active at End, Action what switched to it, Since when
	// it began. Part says that less than its file is played.
	Attachment string    `json:"attachment,omitempty"`
	Action     string    `json:"action,omitempty"`
	Since      time.Time `json:"since,omitzero"`
	Part       bool      `json:"part,omitempty"`
}

// Length is how long the file of an input attachment plays; 0 if it does not end, or if
// that is not known.
type Length struct {
	Attachment string        `json:"attachment"`
	Length     time.Duration `json:"length"`
}

// Schedule is a [channel.Schedule] with the names that it has in the store.
type Schedule struct {
	Entries []channel.Entry `json:"Switches"`
	Pauses  []channel.Pause
}

// storedChannel is a channel's encoding; D is how it holds documents.
type storedChannel[D any] struct {
	Origin
	Channel D         `json:"channel"`
	Actions D         `json:"actions,omitempty"`
	Held    D         `json:"held,omitempty"`
	Epoch   time.Time `json:"epoch"`
	Lengths []Length  `json:"lengths,omitempty"`
	History History   `json:"past"`
}

func (c *Channel) encode() ([]byte, error) {
	s := storedChannel[any]{Origin: c.Origin, Channel: medialive.Wire(c.Doc), Epoch: c.Epoch, Lengths: c.Lengths, History: c.History}
	if len(c.Actions) > 0 {
		s.Actions = medialive.Wire(c.Actions)
	}
	if len(c.Held) > 0 {
		s.Held = medialive.Wire(c.Held)
	}
	return json.Marshal(s)
}

func (c *Channel) decode(data []byte) error {
	var s storedChannel[json.RawMessage]
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*c = *NewChannel(s.Origin, new(types.Channel))
	c.Epoch, c.Lengths, c.History = s.Epoch, s.Lengths, s.History
	if err := medialive.Unmarshal(s.Channel, c.Doc); err != nil {
		return err
	}
	if err := medialive.Unmarshal(s.Held, &c.Held); err != nil {
		return err
	}
	return medialive.Unmarshal(s.Actions, &c.Actions)
}

// InputDocs returns the documents of the channel's inputs that find has, by id.
func (c *Channel) InputDocs(find func(id string) *Input) map[string]types.Input {
	all := map[string]types.Input{}
	for _, a := range c.Doc.InputAttachments {
		if a.InputId == nil {
			continue
		}
		if input := find(*a.InputId); input != nil {
			all[*a.InputId] = *input.Doc
		}
	}
	return all
}
