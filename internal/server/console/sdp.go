package console

import (
	"hash/fnv"
	"mime"
	"net/http"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/pion/sdp/v3"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/packet"
)

func sdpPath(id string, pipeline, destination int) string {
	return path.Join("/console/channels", id, "sdp", strconv.Itoa(pipeline), strconv.Itoa(destination))
}

// serveSDP answers with the session description of an RTP destination, as a file.
func serveSDP(w http.ResponseWriter, r *http.Request, ch *Channel) {
	p, d := findRTP(ch, r.PathValue("pipeline"), r.PathValue("destination"))
	if p == nil {
		writeError(w, http.StatusNotFound, "", "this channel has no such RTP destination")
		return
	}
	text, err := describe(ch, p, d).Marshal()
	if err != nil {
		fail(w, "", err)
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(ch.Name, d) + ".sdp"}))
	_, _ = w.Write(text) // The client may be gone.
}

// findRTP returns an RTP destination by the indexes of its pipeline and within it; nil if there is none.
func findRTP(c *Channel, pipeline, index string) (*Pipeline, channel.Destination) {
	i, err := strconv.Atoi(pipeline)
	j, err2 := strconv.Atoi(index)
	if err != nil || err2 != nil || i < 0 || i >= len(c.Pipelines) || j < 0 || j >= len(c.Pipelines[i].To) {
		return nil, channel.Destination{}
	}
	d, err := channel.ParseDestination(c.Pipelines[i].To[j])
	if err != nil || !d.Kind().RTP {
		return nil, channel.Destination{}
	}
	return &c.Pipelines[i], d
}

// describe returns the session description (RFC 8866) of a transport stream over
// RTP: payload type 33, MP2T at 90 kHz (RFC 3551, 6; RFC 2250, 2).
func describe(c *Channel, p *Pipeline, d channel.Destination) *sdp.SessionDescription {
	session := fnv.New32a()
	session.Write([]byte(c.ID))
	info := sdp.Information(oneLine(d.String()))
	media := &sdp.MediaDescription{
		MediaName:  sdp.MediaName{Media: "video", Port: sdp.RangedPort{Value: d.Port}, Protos: []string{"RTP", "AVP"}, Formats: []string{"33"}},
		Attributes: []sdp.Attribute{sdp.NewAttribute("rtpmap", "33 MP2T/90000"), sdp.NewPropertyAttribute("recvonly")},
	}
	if p.BitRate > 0 {
		media.Bandwidth = []sdp.Bandwidth{{Type: "AS", Bandwidth: kilobits(p.BitRate, d.MostPackets())}}
	}
	return &sdp.SessionDescription{
		Origin: sdp.Origin{
			Username: "-", SessionID: uint64(session.Sum32()), SessionVersion: uint64(max(0, time.Time(p.Epoch).Unix())),
			NetworkType: "IN", AddressType: "IP4", UnicastAddress: "127.0.0.1",
		},
		SessionName: sdp.SessionName(oneLine(c.Name)), SessionInformation: &info, ConnectionInformation: connection(d),
		TimeDescriptions:  []sdp.TimeDescription{{}},
		Attributes:        []sdp.Attribute{sdp.NewAttribute("tool", "LILO")},
		MediaDescriptions: []*sdp.MediaDescription{media},
	}
}

// connection returns the address (RFC 8866, 5.7). IPv4 multicast has a time to
// live: the system's default, 1, if the destination has none.
func connection(d channel.Destination) *sdp.ConnectionInformation {
	c := &sdp.ConnectionInformation{NetworkType: "IN", AddressType: "IP4", Address: &sdp.Address{Address: d.Host}}
	address, err := netip.ParseAddr(d.Host)
	switch {
	case err == nil && address.Is6() && !address.Is4In6():
		c.AddressType, c.Address.Address = "IP6", address.WithZone("").String()
	case err == nil && address.IsMulticast():
		ttl := max(1, d.TTL)
		c.Address.TTL = &ttl
	}
	return c
}

// kilobits returns the rate of datagrams with that many packets, including the IPv4,
// UDP and RTP headers, in kbit/s.
func kilobits(rate int64, packets int) uint64 {
	const headers = 20 + 8 + 12
	payload := int64(max(1, packets)) * packet.Size
	return uint64((rate*(payload+headers)/payload + 999) / 1000) //nolint:gosec // Rates are positive.
}

// oneLine replaces control characters, so that a name cannot begin a new field.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if strings.TrimSpace(text) == "" {
		return "-"
	}
	return text
}

// fileName returns a name that any file system takes.
func fileName(name string, d channel.Destination) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, name+"-"+strconv.Itoa(d.Port)), "-.")
}
