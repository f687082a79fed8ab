// Package metric shows how channels fare to Prometheus: CloudWatch's metrics
// of MediaLive under the names that exporters of CloudWatch give them, and
// LILO's own. Nothing is gathered before somebody asks.
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

	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// Options is what there is to say about the metrics.
type Options struct {
	// Statuses returns the channels, as [service.Channels.Statuses] does.
	Statuses func() []service.Status
	// Events, if not nil, tells how the sinks of events fare.
	Events func() []event.SinkStats
	// Now is the wall clock; nil is that of the system.
	Now func() time.Time
}

// New returns a handler that answers Prometheus.
func New(o Options) http.Handler {
	return promhttp.HandlerFor(NewRegistry(o), promhttp.HandlerOpts{})
}

// NewRegistry returns the metrics in a registry of their own.
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
	o Options
	d descriptions
}

// descriptions are what the metrics are called.
type descriptions struct {
	activeAlerts, networkIn, networkOut, frameRate, fill, loss, droppedFrames, svq, activeOutputs, locked *prometheus.Desc

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
		networkIn:     cloud("network_in_average", "CloudWatch's NetworkIn, in Mb/s: what the source needs while it is being fetched."),
		networkOut:    cloud("network_out_average", "CloudWatch's NetworkOut, in Mb/s: the transport streams of all outputs."),
		frameRate:     cloud("input_video_frame_rate_average", "CloudWatch's InputVideoFrameRate: pictures a second of the source that plays."),
		fill:          cloud("fill_msec_maximum", "CloudWatch's FillMsec: for how long null packets have taken the place of the source, in milliseconds."),
		loss:          cloud("input_loss_seconds_sum", "CloudWatch's InputLossSeconds: for how long the input has been lost."),
		droppedFrames: cloud("dropped_frames_sum", "CloudWatch's DroppedFrames: as many pictures as what did not leave would have held."),
		svq:           cloud("svq_time_maximum", "CloudWatch's SvqTime: share of the time in which quality gave way to speed. Nothing is encoded on air."),
		activeOutputs: cloud("active_outputs_maximum", "CloudWatch's ActiveOutputs: outputs that datagrams leave by."),
		locked:        cloud("pipelines_locked_minimum", "CloudWatch's PipelinesLocked: 1 while both pipelines are on air, as they are the same stream then."),

		channels: own("channels", "Channels by state.", []string{"state"}),
		info:     own("channel_info", "What a channel is called.", []string{"channel_id", "name", "state"}),
		late:     own("lateness_seconds", "How late trains left since the start, by quantile.", append(pipeline[:2:2], "quantile")),
		starved:  own("starved_packets_total", "Packets in whose place null packets went out, since they had not been read.", pipeline),
		sent:     own("datagrams_total", "Datagrams sent, to all outputs together.", pipeline),
		bytes:    own("bytes_total", "Bytes of transport stream sent, to all outputs together.", pipeline),
		lap:      own("laps", "The lap that plays, from 0.", pipeline),
		bitRate:  own("bit_rate", "Rate of the transport stream in bit/s.", pipeline),
		paused:   own("paused", "1 while nothing is sent, as the schedule says.", pipeline),
		fetched:  own("source_fetched_bytes", "Bytes of a remote source that are here.", pipeline),
		dropped:  own("output_dropped_datagrams_total", "Datagrams that the system did not take.", output),
		skipped:  own("output_skipped_datagrams_total", "Datagrams left out because they were due too long ago.", output),
		refused:  own("output_refused_total", "How often the system said that nobody listens there.", output),

		delivered: own("events_delivered_total", "Events that a sink took.", []string{"sink"}),
		failed:    own("events_failed_total", "Tries to deliver an event that failed.", []string{"sink"}),
		lost:      own("events_dropped_total", "Events dropped because a sink was not there for too long.", []string{"sink"}),
	}}
}

// Describe implements prometheus.Collector. The metrics are not listed one by
// one: which there are depends on the channels.
func (c *collector) Describe(ch chan<- *prometheus.Desc) { ch <- c.d.channels }

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	states := map[types.ChannelState]int{}
	for _, s := range c.o.Statuses() {
		states[s.Channel.State]++
		c.channel(ch, s)
	}
	for state, n := range states {
		gauge(ch, c.d.channels, float64(n), string(state))
	}
	if c.o.Events == nil {
		return
	}
	for _, e := range c.o.Events() {
		count(ch, c.d.delivered, e.Delivered, e.Sink)
		count(ch, c.d.failed, e.Failed, e.Sink)
		count(ch, c.d.lost, e.Dropped, e.Sink)
	}
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func count(ch chan<- prometheus.Metric, d *prometheus.Desc, v int64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (c *collector) channel(ch chan<- prometheus.Metric, s service.Status) {
	id := aws.ToString(s.Channel.Id)
	gauge(ch, c.d.info, 1, id, aws.ToString(s.Channel.Name), string(s.Channel.State))
	onAir := 0
	for i, p := range s.Pipelines {
		label := strconv.Itoa(i)
		alerts, lost := c.alerts(s.Alerts, label)
		gauge(ch, c.d.activeAlerts, float64(alerts), id, label)
		gauge(ch, c.d.loss, lost.Seconds(), id, label)
		if p.Playback == nil {
			continue
		}
		onAir++
		gauge(ch, c.d.fill, float64(lost.Milliseconds()), id, label)
		c.broadcast(ch, p.Playback.Snapshot(), id, label)
	}
	if s.Channel.ChannelClass != types.ChannelClassSinglePipeline {
		for i := range s.Pipelines {
			gauge(ch, c.d.locked, truth(onAir == 2), id, strconv.Itoa(i))
		}
	}
}

// alerts returns how many alerts a pipeline has, and for how long its input has been lost.
func (c *collector) alerts(all []types.ChannelAlert, pipeline string) (n int, lost time.Duration) {
	for _, a := range all {
		if aws.ToString(a.PipelineId) != pipeline {
			continue
		}
		n++
		if supervisor.IsInputLoss(a) {
			lost = max(lost, c.o.Now().Sub(aws.ToTime(a.SetTimestamp)))
		}
	}
	return n, lost
}

// packetBits and packetsADatagram are what a transport stream is sent in.
const (
	packetBits       = 188 * 8
	packetsADatagram = 7
)

// broadcast writes the metrics of a pipeline on air.
func (c *collector) broadcast(ch chan<- prometheus.Metric, s player.Snapshot, id, label string) {
	active, lost := 0, s.Starved
	for i, o := range s.Outputs {
		if o.LastError == "" && !s.Paused {
			active++
		}
		lost += packetsADatagram * (o.Dropped + o.Skipped) / int64(len(s.Outputs))
		output := strconv.Itoa(i)
		count(ch, c.d.dropped, o.Dropped, id, label, output)
		count(ch, c.d.skipped, o.Skipped, id, label, output)
		count(ch, c.d.refused, o.Refused, id, label, output)
	}
	gauge(ch, c.d.networkIn, networkIn(s), id, label)
	gauge(ch, c.d.networkOut, float64(s.BitRate)*float64(active)/1e6, id, label)
	gauge(ch, c.d.frameRate, s.FrameRate, id, label)
	gauge(ch, c.d.droppedFrames, pictures(s, lost), id, label)
	gauge(ch, c.d.svq, 0, id, label)
	gauge(ch, c.d.activeOutputs, float64(active), id, label)
	for _, q := range []struct {
		name string
		d    time.Duration
	}{{"0.5", s.Late.P50}, {"0.99", s.Late.P99}, {"0.999", s.Late.P999}, {"1", s.Late.Max}} {
		gauge(ch, c.d.late, q.d.Seconds(), id, label, q.name)
	}
	count(ch, c.d.starved, s.Starved, id, label)
	count(ch, c.d.sent, s.Datagrams, id, label)
	count(ch, c.d.bytes, s.Bytes, id, label)
	gauge(ch, c.d.lap, float64(s.Lap), id, label)
	gauge(ch, c.d.bitRate, float64(s.BitRate), id, label)
	gauge(ch, c.d.paused, truth(s.Paused), id, label)
	if s.Remote {
		gauge(ch, c.d.fetched, float64(s.Fetched.Have), id, label)
	}
}

// networkIn returns what a source needs of the network, in Mb/s: nothing for a
// file, and for a remote one its mean rate until all of it is here.
func networkIn(s player.Snapshot) float64 {
	if !s.Remote || s.Fetched.Have == s.Fetched.Size || s.LapSeconds == 0 {
		return 0
	}
	return float64(s.Fetched.Size) * 8 / s.LapSeconds / 1e6
}

// pictures returns how many pictures so many packets hold in the mean.
func pictures(s player.Snapshot, packets int64) float64 {
	if s.BitRate == 0 {
		return 0
	}
	return float64(packets) * packetBits / float64(s.BitRate) * s.FrameRate
}
