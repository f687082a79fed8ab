// Package metric exposes channels to Prometheus: CloudWatch's metrics of MediaLive,
// under the names that CloudWatch exporters give them, and LILO's own.
//
// [New] returns the handler of /metrics. Its collector reads the statuses of the
// channels and the counters of event sinks when it is scraped, and keeps nothing.
package metric

import (
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/lilo-live/lilo/internal/clocksync"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// Options configures the metrics.
type Options struct {
	// Statuses returns the channels, as [service.Channels.Statuses] does.
	Statuses func() []service.Status
	// Events, if not nil, returns the counters of the event sinks.
	Events func() []event.SinkStats
	// Clock, if not nil, returns how right this node's clock is, and those of others beside it.
	Clock func() (clocksync.State, map[string]clocksync.Peer)
	// Now is the wall clock; nil is the system's.
	Now func() time.Time
}

// New returns a handler that serves the metrics.
func New(o Options) http.Handler {
	return promhttp.HandlerFor(NewRegistry(o), promhttp.HandlerOpts{})
}

// NewRegistry returns a registry with the metrics.
func NewRegistry(o Options) *prometheus.Registry {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := prometheus.NewRegistry()
	r.MustRegister(newCollector(o), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// collector turns statuses into metrics.
type collector struct {
	Options
	descriptions
}

type descriptions struct {
	activeAlerts, networkIn, networkOut, frameRate, fill, loss, droppedFrames, svq, activeOutputs, locked *prometheus.Desc

	clockOffset, clockSynchronized, clockPeer *prometheus.Desc

	channels, info, late, starved, sent, bytes, lap, bitRate, paused, fetched *prometheus.Desc
	dropped, skipped, refused                                                 *prometheus.Desc
	delivered, failed, lost                                                   *prometheus.Desc
}

func newCollector(o Options) *collector {
	pipeline, output := []string{"channel_id", "pipeline"}, []string{"channel_id", "pipeline", "output"}
	cloud := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("aws_medialive_"+name, help, pipeline, nil)
	}
	own := func(name, help string, labels []string) *prometheus.Desc {
		return prometheus.NewDesc("lilo_"+name, help, labels, nil)
	}
	return &collector{o, descriptions{
		activeAlerts:  cloud("active_alerts_maximum", "CloudWatch's ActiveAlerts: alerts that are set."),
		networkIn:     cloud("network_in_average", "CloudWatch's NetworkIn, in Mb/s: the mean rate of a remote source while it is fetched."),
		networkOut:    cloud("network_out_average", "CloudWatch's NetworkOut, in Mb/s: the transport streams of all outputs."),
		frameRate:     cloud("input_video_frame_rate_average", "CloudWatch's InputVideoFrameRate: pictures per second of the source."),
		fill:          cloud("fill_msec_maximum", "CloudWatch's FillMsec: how long null packets have replaced the source, in milliseconds."),
		loss:          cloud("input_loss_seconds_sum", "CloudWatch's InputLossSeconds: how long the input has been lost."),
		droppedFrames: cloud("dropped_frames_sum", "CloudWatch's DroppedFrames: the number of pictures that the packets not sent hold on average."),
		svq:           cloud("svq_time_maximum", "CloudWatch's SvqTime: share of time in which quality was reduced for speed. It is 0, since nothing is encoded on air."),
		activeOutputs: cloud("active_outputs_maximum", "CloudWatch's ActiveOutputs: outputs that send."),
		locked:        cloud("pipelines_locked_minimum", "CloudWatch's PipelinesLocked: 1 while both pipelines are on air, since they are the same stream."),

		clockOffset:       own("clock_offset_seconds", "How far the clock by which this node sends is from its reference, as last measured.", nil),
		clockSynchronized: own("clock_synchronized", "1 while NTP or PTP keeps this node's clock.", nil),
		clockPeer:         own("clock_peer_offset_seconds", "By how much the clock of another node is ahead of this one's.", []string{"node"}),

		channels: own("channels", "Channels by state.", []string{"state"}),
		info:     own("channel_info", "Name and state of a channel.", []string{"channel_id", "name", "state"}),
		late:     own("lateness_seconds", "Lateness of trains since the start, by quantile.", append(pipeline[:2:2], "quantile")),
		starved:  own("starved_packets_total", "Packets replaced by null packets because they were read too late.", pipeline),
		sent:     own("datagrams_total", "Datagrams sent to all outputs.", pipeline),
		bytes:    own("bytes_total", "Bytes of transport stream sent to all outputs.", pipeline),
		lap:      own("laps", "The lap that plays, from 0.", pipeline),
		bitRate:  own("bit_rate", "Rate of the transport stream in bit/s.", pipeline),
		paused:   own("paused", "1 while the schedule pauses the outputs.", pipeline),
		fetched:  own("source_fetched_bytes", "Bytes of a remote source that have been fetched.", pipeline),
		dropped:  own("output_dropped_datagrams_total", "Datagrams that the operating system did not accept.", output),
		skipped:  own("output_skipped_datagrams_total", "Datagrams skipped because they were overdue.", output),
		refused:  own("output_refused_total", "Reports of the operating system that nobody listens at the destination.", output),

		delivered: own("events_delivered_total", "Events that a sink accepted.", []string{"sink"}),
		failed:    own("events_failed_total", "Failed attempts to deliver an event.", []string{"sink"}),
		lost:      own("events_dropped_total", "Events dropped because the queue of a sink was full.", []string{"sink"}),
	}}
}

// Describe implements prometheus.Collector. It describes one metric only, since
// which others there are depends on the channels.
func (c *collector) Describe(ch chan<- *prometheus.Desc) { ch <- c.channels }

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	states := map[types.ChannelState]int{}
	for _, s := range c.Statuses() {
		states[s.Channel.State]++
		c.channel(ch, s)
	}
	for state, n := range states {
		gauge(ch, c.channels, float64(n), string(state))
	}
	if c.Clock != nil {
		s, peers := c.Clock()
		gauge(ch, c.clockSynchronized, boolean(s.Synchronized))
		if s.Synchronized {
			gauge(ch, c.clockOffset, s.Offset.Seconds())
		}
		for id, p := range peers {
			gauge(ch, c.clockPeer, p.Offset.Seconds(), id)
		}
	}
	if c.Events == nil {
		return
	}
	for _, e := range c.Events() {
		count(ch, c.delivered, e.Delivered, e.Sink)
		count(ch, c.failed, e.Failed, e.Sink)
		count(ch, c.lost, e.Dropped, e.Sink)
	}
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func count(ch chan<- prometheus.Metric, d *prometheus.Desc, v int64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (c *collector) channel(ch chan<- prometheus.Metric, s service.Status) {
	id := aws.ToString(s.Channel.Id)
	gauge(ch, c.info, 1, id, aws.ToString(s.Channel.Name), string(s.Channel.State))
	onAir := 0
	for i, p := range s.Pipelines {
		label := strconv.Itoa(i)
		alerts, lost := c.alerts(s.Alerts, label)
		gauge(ch, c.activeAlerts, float64(alerts), id, label)
		gauge(ch, c.loss, lost.Seconds(), id, label)
		if p.Playback == nil {
			continue
		}
		onAir++
		gauge(ch, c.fill, float64(lost.Milliseconds()), id, label)
		c.pipeline(ch, p.Playback.Snapshot(), id, label)
	}
	if s.Channel.ChannelClass != types.ChannelClassSinglePipeline {
		for i := range s.Pipelines {
			gauge(ch, c.locked, boolean(onAir == 2), id, strconv.Itoa(i))
		}
	}
}

// alerts returns the number of alerts of a pipeline, and how long its input has been lost.
func (c *collector) alerts(all []types.ChannelAlert, pipeline string) (n int, lost time.Duration) {
	for _, a := range all {
		if aws.ToString(a.PipelineId) != pipeline {
			continue
		}
		n++
		if supervisor.IsInputLoss(a) {
			lost = max(lost, c.Now().Sub(aws.ToTime(a.SetTimestamp)))
		}
	}
	return n, lost
}

// packetsPerDatagram is the usual size of a datagram.
const packetsPerDatagram = 7

// pipeline writes the metrics of a pipeline on air.
func (c *collector) pipeline(ch chan<- prometheus.Metric, s player.Snapshot, id, label string) {
	active, lost := 0, s.Starved
	for i, o := range s.Outputs {
		if o.LastError == "" && !s.Paused {
			active++
		}
		lost += packetsPerDatagram * (o.Dropped + o.Skipped) / int64(len(s.Outputs))
		output := strconv.Itoa(i)
		count(ch, c.dropped, o.Dropped, id, label, output)
		count(ch, c.skipped, o.Skipped, id, label, output)
		count(ch, c.refused, o.Refused, id, label, output)
	}
	gauge(ch, c.networkIn, networkIn(s), id, label)
	gauge(ch, c.networkOut, float64(s.BitRate)*float64(active)/1e6, id, label)
	gauge(ch, c.frameRate, s.FrameRate, id, label)
	gauge(ch, c.droppedFrames, pictures(s, lost), id, label)
	gauge(ch, c.svq, 0, id, label)
	gauge(ch, c.activeOutputs, float64(active), id, label)
	for _, q := range []struct {
		name string
		d    time.Duration
	}{{"0.5", s.Late.P50}, {"0.99", s.Late.P99}, {"0.999", s.Late.P999}, {"1", s.Late.Max}} {
		gauge(ch, c.late, q.d.Seconds(), id, label, q.name)
	}
	count(ch, c.starved, s.Starved, id, label)
	count(ch, c.sent, s.Datagrams, id, label)
	count(ch, c.bytes, s.Bytes, id, label)
	gauge(ch, c.lap, float64(s.Lap), id, label)
	gauge(ch, c.bitRate, float64(s.BitRate), id, label)
	gauge(ch, c.paused, boolean(s.Paused), id, label)
	if s.Remote {
		gauge(ch, c.fetched, float64(s.Fetched.Have), id, label)
	}
}

// networkIn returns the rate at which a source is read over the network, in Mb/s:
// the mean rate of a remote source until all of it has been fetched, otherwise 0.
func networkIn(s player.Snapshot) float64 {
	if !s.Remote || s.Fetched.Have == s.Fetched.Size || s.LapSeconds == 0 {
		return 0
	}
	return float64(s.Fetched.Size) * 8 / s.LapSeconds / 1e6
}

// pictures returns how many pictures a number of packets hold on average.
func pictures(s player.Snapshot, packets int64) float64 {
	if s.BitRate == 0 {
		return 0
	}
	return float64(packets) * packet.Size * 8 / float64(s.BitRate) * s.FrameRate
}
