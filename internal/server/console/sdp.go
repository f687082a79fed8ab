package console

import (
	"fmt"
	"hash/fnv"
	"mime"
	"net/http"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/lilo-live/lilo/internal/channel"
)

func sdpPath(id string, pipeline, destination int) string {
	return path.Join("/console/channels", id, "sdp", strconv.Itoa(pipeline), strconv.Itoa(destination))
}

// sdp answers with the session description of an RTP destination, as a file.
func (c *Console) sdp(w http.ResponseWriter, r *http.Request) {
	ch, ok := c.find(w, r)
	if !ok {
		return
	}
	d, p := pick(&ch, r.PathValue("pipeline"), r.PathValue("destination"))
	if p == nil {
		refuse(w, http.StatusNotFound, "", "this channel has no such destination over RTP")
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(ch.Name, d) + ".sdp"}))
	_, _ = w.Write([]byte(describe(&ch, p, d)))
}

// pick returns a destination over RTP by its place, nil where it is none.
func pick(c *Channel, pipeline, place string) (channel.Destination, *Pipeline) {
	i, err := strconv.Atoi(pipeline)
	j, also := strconv.Atoi(place)
	if err != nil || also != nil || i < 0 || i >= len(c.Pipelines) || j < 0 || j >= len(c.Pipelines[i].To) {
		return channel.Destination{}, nil
	}
	d, err := channel.ParseDestination(c.Pipelines[i].To[j])
	if err != nil || !d.Kind().RTP {
		return channel.Destination{}, nil
	}
	return d, &c.Pipelines[i]
}

// headers are the bytes of IPv4, UDP and RTP before the packets of a datagram.
const headers = 20 + 8 + 12

// describe returns the session description (RFC 8866) of a transport stream
// over RTP: payload type 33, MP2T at 90 kHz (RFC 3551, 6; RFC 2250, 2).
func describe(c *Channel, p *Pipeline, d channel.Destination) string {
	lines := []string{
		"v=0",
		fmt.Sprintf("o=- %d %d IN IP4 127.0.0.1", sessionOf(c.ID), max(0, p.Epoch.Unix())),
		"s=" + oneLine(c.Name),
		"i=" + oneLine(d.String()),
		"c=" + connection(d),
		"t=0 0",
		"a=tool:LILO",
		fmt.Sprintf("m=video %d RTP/AVP 33", d.Port),
	}
	if p.BitRate > 0 {
		lines = append(lines, fmt.Sprintf("b=AS:%d", kilobits(p.BitRate, d.Packets)))
	}
	return strings.Join(append(lines, "a=rtpmap:33 MP2T/90000", "a=recvonly", ""), "\r\n")
}

// sessionOf returns the number that stands for the channel (RFC 8866, 5.2).
func sessionOf(id string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(id))
	return h.Sum32()
}

// connection returns the address (RFC 8866, 5.7). Multicast over IPv4 has its
// time to live behind it: 1, as the system does, where none is said.
func connection(d channel.Destination) string {
	address, err := netip.ParseAddr(d.Host)
	switch {
	case err == nil && address.Is6() && !address.Is4In6():
		return "IN IP6 " + address.WithZone("").String()
	case err == nil && address.IsMulticast():
		return fmt.Sprintf("IN IP4 %s/%d", address, max(1, d.TTL))
	}
	return "IN IP4 " + d.Host
}

// kilobits returns the rate of the datagrams with their headers in kbit/s, rounded up.
func kilobits(rate int64, packets int) int64 {
	load := int64(max(1, packets)) * 188
	return (rate*(load+headers)/load + 999) / 1000
}

// oneLine keeps a name from beginning a new field.
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
	keep := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}
	return strings.Trim(strings.Map(keep, name+"-"+strconv.Itoa(d.Port)), "-.")
}
