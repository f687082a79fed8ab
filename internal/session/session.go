// Package session describes the streams of a channel for receivers, as session
// descriptions (SDP, RFC 8866).
package session

import (
	"hash/fnv"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"github.com/pion/sdp/v3"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/packet"
)

// Session is a channel as its description names it.
type Session struct {
	ID      string     // of the channel; it tells sessions of one origin apart
	Name    string     // shown to viewers
	Version uint64     // grows with each change
	BitRate int64      // of the transport stream in bit/s, 0 if it is unknown
	Origin  netip.Addr // of the sender; an invalid one stands for 127.0.0.1
}

// Describe returns the description of what goes to the destinations of one channel. Over
// RTP, that is payload type 33, MP2T at 90 kHz (RFC 3551, 6; RFC 2250, 2). Several RTP
// destinations carry the same datagrams, so they are one group of duplicates
// (RFC 7104), of which a receiver may take each datagram from the first that brings it (SMPTE 2022-7).
func (s Session) Describe(to ...channel.Destination) ([]byte, error) {
	id := fnv.New32a()
	id.Write([]byte(s.ID))
	d := &sdp.SessionDescription{
		Origin: sdp.Origin{
			Username: "-", SessionID: uint64(id.Sum32()), SessionVersion: s.Version,
			NetworkType: "IN", AddressType: "IP4", UnicastAddress: "127.0.0.1",
		},
		SessionName:      sdp.SessionName(oneLine(s.Name)),
		TimeDescriptions: []sdp.TimeDescription{{}},
		Attributes:       []sdp.Attribute{sdp.NewAttribute("tool", "LILO")},
	}
	if s.Origin.IsValid() {
		d.Origin.AddressType, d.Origin.UnicastAddress = addressType(s.Origin), s.Origin.WithZone("").String()
	}
	if len(to) == 1 {
		info := sdp.Information(oneLine(to[0].String()))
		d.SessionInformation, d.ConnectionInformation = &info, connection(to[0])
	}
	group := []string{"DUP"}
	for i, t := range to {
		m := s.media(t)
		if len(to) > 1 {
			leg := "leg" + strconv.Itoa(i+1)
			info := sdp.Information(oneLine(t.String()))
			m.MediaTitle, m.ConnectionInformation = &info, connection(t)
			m.Attributes = append(m.Attributes, sdp.NewAttribute("mid", leg))
			group = append(group, leg)
		}
		d.MediaDescriptions = append(d.MediaDescriptions, m)
	}
	if len(to) > 1 {
		d.Attributes = append(d.Attributes, sdp.NewAttribute("group", strings.Join(group, " ")))
	}
	return d.Marshal()
}

// Duplicates returns the RTP destinations that get the same datagrams as the first: those with as
// many TS packets in each.
func Duplicates(to []channel.Destination) []channel.Destination {
	var all []channel.Destination
	for _, d := range to {
		if d.Kind().RTP && (len(all) == 0 || d.MostPackets() == all[0].MostPackets() && d.MTU == all[0].MTU) {
			all = append(all, d)
		}
	}
	return all
}

func (s Session) media(d channel.Destination) *sdp.MediaDescription {
	m := &sdp.MediaDescription{
		MediaName: sdp.MediaName{Media: "video", Port: sdp.RangedPort{Value: d.Port}, Protos: []string{"udp"}, Formats: []string{"33"}},
	}
	if d.Kind().RTP {
		m.MediaName.Protos = []string{"RTP", "AVP"}
		m.Attributes = append(m.Attributes, sdp.NewAttribute("rtpmap", "33 MP2T/90000"))
	}
	m.Attributes = append(m.Attributes, sdp.NewPropertyAttribute("recvonly"))
	if source := sourceFilter(d); source != "" {
		m.Attributes = append(m.Attributes, sdp.NewAttribute("source-filter", source))
	}
	if s.BitRate > 0 {
		m.Bandwidth = []sdp.Bandwidth{{Type: "AS", Bandwidth: kilobits(s.BitRate, d.MostPackets())}}
	}
	return m
}

// sourceFilter names the source of a group's datagrams where the destination does (RFC 4570, 3), else "".
func sourceFilter(d channel.Destination) string {
	group, err := netip.ParseAddr(d.Host)
	if err != nil || !group.IsMulticast() {
		return ""
	}
	for _, text := range []string{d.LocalAddr, d.Interface} {
		if source, err := netip.ParseAddr(text); err == nil {
			return " incl IN " + addressType(group) + " " + group.WithZone("").String() + " " + source.WithZone("").String()
		}
	}
	return ""
}

func addressType(ip netip.Addr) string {
	if ip.Is6() && !ip.Is4In6() {
		return "IP6"
	}
	return "IP4"
}

// connection returns the address (RFC 8866, 5.7). IPv4 multicast has a time to
// live: the system's default, 1, if the destination has none.
func connection(d channel.Destination) *sdp.ConnectionInformation {
	c := &sdp.ConnectionInformation{NetworkType: "IN", AddressType: "IP4", Address: &sdp.Address{Address: d.Host}}
	address, err := netip.ParseAddr(d.Host)
	if err != nil {
		return c
	}
	c.AddressType = addressType(address)
	switch {
	case c.AddressType == "IP6":
		c.Address.Address = address.WithZone("").String()
	case address.IsMulticast():
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
