package console

import (
	"net/http"
	"net/netip"
	"path"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
)

// channelInfo is what the page of a channel shows.
type channelInfo struct {
	Channel Channel             `json:"channel"`
	Outputs [][]destinationInfo `json:"outputs"` // by pipeline
	Deploy  deployInfo          `json:"deploy"`
	Encode  string              `json:"encode"`  // as --encode takes it, empty for none
	MuxRate string              `json:"muxrate"` // as --muxrate takes it
	Clip    bool                `json:"clip"`    // the bundled clip plays
	HLS     string              `json:"hls"`     // the path of its playlist
	Live    []liveValues        `json:"live"`
}

// destinationInfo is a destination and how to watch it.
type destinationInfo struct {
	URL   string   `json:"url"`
	Watch []string `json:"watch"` // commands: ffplay's, VLC's
	SDP   string   `json:"sdp,omitempty"`
}

// deployInfo is the command that deploys the channel to AWS, with notes.
type deployInfo struct {
	Command string   `json:"command"`
	Notes   []string `json:"notes"`
}

func (c *Console) serveChannelInfo(w http.ResponseWriter, _ *http.Request, ch *Channel) {
	s := c.channelStateOf(*ch)
	d := channelInfo{
		Channel: s.channel, Deploy: newDeployInfo(ch), MuxRate: channel.FormatRate(ch.Spec.MuxRate), Clip: ch.Spec.Source == "",
		HLS: path.Join("/hls", ch.ID, "index.m3u8"), Live: s.live,
	}
	if ch.Spec.Encode != nil {
		d.Encode = ch.Spec.Encode.String()
	}
	for p := range ch.Pipelines {
		d.Outputs = append(d.Outputs, destinationsOf(ch, p))
	}
	writeJSON(w, http.StatusOK, d)
}

func destinationsOf(c *Channel, pipeline int) []destinationInfo {
	all := []destinationInfo{}
	for i, to := range c.Pipelines[pipeline].To {
		info := destinationInfo{URL: to, Watch: []string{}}
		if d, err := channel.ParseDestination(to); err == nil {
			info.Watch = append(info.Watch, d.Watch()...)
			info.SDP = sdpPath(c.ID, pipeline, i)
		}
		all = append(all, info)
	}
	return all
}

func newDeployInfo(c *Channel) deployInfo {
	s := c.Spec
	s.To = pairDestinations(c.Pipelines)
	s.AWS.Standard = len(c.Pipelines) > 1
	if s.AWS == (channel.AWS{Standard: s.AWS.Standard}) {
		s.AWS = channel.DefaultAWS()
		s.AWS.Standard = len(c.Pipelines) > 1
	}
	anyTo := func(is func(netip.Addr) bool) bool {
		for _, d := range s.To {
			if a, err := netip.ParseAddr(d.Host); err == nil && is(a) {
				return true
			}
		}
		return false
	}
	d := deployInfo{Command: s.DeployCommand(), Notes: []string{}}
	for _, note := range []struct {
		applies bool
		text    string
	}{
		{!strings.Contains(s.Source, "://"), "The file is uploaded to a private bucket first."},
		{strings.HasPrefix(s.Source, "http://"), "MediaLive fetches over https:// only."},
		{anyTo(netip.Addr.IsLoopback), "AWS cannot reach a loopback address: replace it with one that it can reach."},
		{anyTo(netip.Addr.IsPrivate), "AWS reaches a private address only through a VPC that leads to it."},
		{anyTo(netip.Addr.IsMulticast), "Multicast does not leave the network of AWS: send to a unicast address."},
	} {
		if note.applies {
			d.Notes = append(d.Notes, note.text)
		}
	}
	return d
}

// pairDestinations returns the destinations of the pipelines in the order of lilo
// deploy: the first of each pipeline, then the second of each.
func pairDestinations(pipelines []Pipeline) []channel.Destination {
	var to []channel.Destination
	for i, more := 0, true; more; i++ {
		more = false
		for _, p := range pipelines {
			if i >= len(p.To) {
				continue
			}
			more = true
			if d, err := channel.ParseDestination(p.To[i]); err == nil {
				to = append(to, d)
			}
		}
	}
	return to
}
