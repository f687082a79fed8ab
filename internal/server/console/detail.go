package console

import (
	"net/http"
	"net/netip"
	"path"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
)

// detail is what the page of a channel shows besides its view.
type detail struct {
	Channel view            `json:"channel"`
	Outputs [][]destination `json:"outputs"` // by pipeline
	Deploy  deploy          `json:"deploy"`
	Encode  string          `json:"encode"`  // as --encode takes it, empty for none
	MuxRate string          `json:"muxrate"` // as --muxrate takes it
	Clip    bool            `json:"clip"`    // the bundled clip plays
	HLS     string          `json:"hls"`     // where its playlist is, from the root
	Live    []figures       `json:"live"`
}

// destination is where a pipeline sends to, and how to watch that.
type destination struct {
	URL   string   `json:"url"`
	Watch []string `json:"watch"` // commands: ffplay's, VLC's
	SDP   string   `json:"sdp,omitempty"`
}

// deploy is how the channel comes to AWS.
type deploy struct {
	Command string   `json:"command"`
	Notes   []string `json:"notes"` // what to mind
}

func (c *Console) detail(w http.ResponseWriter, r *http.Request) {
	ch, ok := c.find(w, r)
	if !ok {
		return
	}
	d := detail{
		Channel: viewOf(&ch), Deploy: deployOf(&ch), MuxRate: channel.FormatRate(ch.Spec.MuxRate), Clip: ch.Spec.Source == "",
		HLS: path.Join("/hls", ch.ID, "index.m3u8"), Live: c.figuresOf(&ch),
	}
	if ch.Spec.Encode != nil {
		d.Encode = ch.Spec.Encode.String()
	}
	for p := range ch.Pipelines {
		d.Outputs = append(d.Outputs, destinationsOf(&ch, p))
	}
	answer(w, http.StatusOK, d)
}

func destinationsOf(c *Channel, pipeline int) []destination {
	all := []destination{}
	for i, to := range c.Pipelines[pipeline].To {
		one := destination{URL: to, Watch: []string{}}
		if d, err := channel.ParseDestination(to); err == nil {
			one.Watch = append(one.Watch, d.Watch()...)
			if d.Kind().RTP {
				one.SDP = sdpPath(c.ID, pipeline, i)
			}
		}
		all = append(all, one)
	}
	return all
}

// deployOf returns the command, and what has to be different there.
func deployOf(c *Channel) deploy {
	s := c.Spec
	s.To = paired(c.Pipelines)
	s.AWS.Standard = len(c.Pipelines) > 1
	if s.AWS == (channel.AWS{Standard: s.AWS.Standard}) {
		s.AWS = channel.DefaultAWS()
		s.AWS.Standard = len(c.Pipelines) > 1
	}
	d := deploy{Command: s.DeployCommand(), Notes: []string{}}
	note := func(when bool, text string) {
		if when {
			d.Notes = append(d.Notes, text)
		}
	}
	note(!strings.Contains(s.Source, "://"), "The file is uploaded to a private bucket first.")
	note(strings.HasPrefix(s.Source, "http://"), "MediaLive fetches over https:// only.")
	note(anyTo(s.To, netip.Addr.IsLoopback), "AWS cannot reach a loopback address: replace it with one that it can.")
	note(anyTo(s.To, netip.Addr.IsPrivate), "AWS reaches a private address only through a VPC that leads to it.")
	note(anyTo(s.To, netip.Addr.IsMulticast), "Multicast does not leave the network of AWS: send to a unicast address.")
	return d
}

// paired returns the destinations of the pipelines as lilo deploy takes them:
// the first of each, then the second of each.
func paired(pipelines []Pipeline) []channel.Destination {
	var to []channel.Destination
	for i := 0; ; i++ {
		found := false
		for _, p := range pipelines {
			if i >= len(p.To) {
				continue
			}
			found = true
			if d, err := channel.ParseDestination(p.To[i]); err == nil {
				to = append(to, d)
			}
		}
		if !found {
			return to
		}
	}
}

func anyTo(to []channel.Destination, is func(netip.Addr) bool) bool {
	for _, d := range to {
		if a, err := netip.ParseAddr(d.Host); err == nil && is(a) {
			return true
		}
	}
	return false
}
