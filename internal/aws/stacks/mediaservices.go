package stacks

import (
	"encoding/json"
	"strings"

	"github.com/lilo-live/lilo/internal/aws/template"
)

// mediaservices is the stack of the channel: its input, the channel, permissions
// on it, alarms and the dashboard.
type mediaservices struct {
	d              *deployment
	stack          *template.Stack
	input, channel *template.Resource
}

func (d *deployment) newMediaservices(p *permission, l *Lifecycle, gate *template.Resource) (*mediaservices, error) {
	m := &mediaservices{d: d, stack: d.nested("mediaservices", "input and channel of MediaLive")}
	// The gate stops the channel before anything in here changes.
	m.stack.Resource().DependOn(gate)
	input, err := d.documents.input(d)
	if err != nil {
		return nil, err
	}
	m.input = d.add(m.stack, "Input", "AWS::MediaLive::Input", input)
	channel, err := d.documents.channel(m.input.Ref(), p.channel.GetAtt("Arn"))
	if err != nil {
		return nil, err
	}
	m.channel = d.add(m.stack, "Channel", "AWS::MediaLive::Channel", channel)
	m.grants(p, l)
	m.alarms()
	m.dashboard()
	return m, nil
}

// grants adds the permissions that name the channel's id.
func (m *mediaservices) grants(p *permission, l *Lifecycle) {
	channel := m.channel.GetAtt("Arn")
	l.Grant(m.stack, channel)
	actions := list{"medialive:DescribeChannel"}
	if m.d.watchStarts() {
		actions = append(actions, "medialive:StartChannel")
	}
	if m.d.spec.AWS.TTL != 0 {
		actions = append(actions, "medialive:StopChannel")
	}
	grant(m.stack, "WatchGrant", p.watch, allow("ThisChannel", actions, channel))
	if m.d.spec.AWS.Filled().LogLevel == "DISABLED" {
		return
	}
	// MediaLive names a log stream after the channel's ARN, with _ for :, and the pipeline.
	stream := fnJoin("arn:", partition(), ":logs:", props{"Ref": "AWS::Region"}, ":", props{"Ref": "AWS::AccountId"}, ":"+mediaLiveLog+":log-stream:arn_",
		partition(), "_medialive_", props{"Ref": "AWS::Region"}, "_", props{"Ref": "AWS::AccountId"}, "_channel_", m.channel.Ref(), "_*")
	grant(m.stack, "ChannelGrant", p.channel, allow("WriteTheLogOfThisChannel", list{"logs:CreateLogStream", "logs:PutLogEvents"}, stream))
}

// pipelines returns the names of the channel's pipelines.
func (d *deployment) pipelines() []string {
	if d.spec.AWS.Standard {
		return []string{"0", "1"}
	}
	return []string{"0"}
}

// alarmMetrics returns the metrics with alarms. MediaLive reports nothing about an
// idle channel, which raises no alarm.
func alarmMetrics() []struct {
	id, what, text string
	p              props
} {
	return []struct {
		id, what, text string
		p              props
	}{
		{"InputLoss", "input-loss", "the source cannot be read", props{"MetricName": "InputLossSeconds", "Statistic": "Sum"}},
		{"DroppedFrames", "dropped-frames", "the encoder is too slow", props{"MetricName": "DroppedFrames", "Statistic": "Sum"}},
		{"ActiveAlerts", "active-alerts", "MediaLive has an alert", props{"MetricName": "ActiveAlerts", "Statistic": "Maximum"}},
		{"NetworkOut", "network-out", "nothing leaves the channel while it runs", props{
			"MetricName": "NetworkOut", "Statistic": "Maximum", "ComparisonOperator": "LessThanOrEqualToThreshold", "EvaluationPeriods": 2,
		}},
	}
}

func (m *mediaservices) alarms() {
	for _, pipeline := range m.d.pipelines() {
		for _, each := range alarmMetrics() {
			each.p["Namespace"] = "AWS/MediaLive"
			each.p["Dimensions"] = dimensions("ChannelId", m.channel.Ref(), "Pipeline", pipeline)
			m.d.alarm(m.stack, each.id+"Alarm"+pipeline, each.what+"-"+pipeline, each.text+" (pipeline "+pipeline+")", each.p)
		}
	}
}

// graphs returns the graphs of the dashboard, each with all pipelines.
func graphs() []struct{ title, metric, statistic string } {
	return []struct{ title, metric, statistic string }{
		{"Network out (Mb/s)", "NetworkOut", "Average"},
		{"Network in (Mb/s)", "NetworkIn", "Average"},
		{"Pictures a second at the input", "InputVideoFrameRate", "Average"},
		{"Dropped frames", "DroppedFrames", "Sum"},
		{"Input loss (s)", "InputLossSeconds", "Sum"},
		{"Active alerts", "ActiveAlerts", "Maximum"},
		{"Filling of the output (ms)", "FillMsec", "Maximum"},
		{"Active outputs", "ActiveOutputs", "Minimum"},
	}
}

func (m *mediaservices) dashboard() {
	const id = "CHANNEL-ID" // A placeholder for the token, which JSON would escape.
	widgets := list{}
	for i, g := range graphs() {
		metrics := list{}
		for _, pipeline := range m.d.pipelines() {
			metrics = append(metrics, list{"AWS/MediaLive", g.metric, "ChannelId", id, "Pipeline", pipeline})
		}
		widgets = append(widgets, props{
			"type": "metric", "x": i % 2 * 12, "y": i / 2 * 6, "width": 12, "height": 6,
			"properties": props{
				"title": g.title, "metrics": metrics, "stat": g.statistic, "period": 60, "region": m.d.spec.AWS.Region, "view": "timeSeries",
			},
		})
	}
	body, err := json.Marshal(props{"widgets": widgets})
	if err != nil {
		return // Maps of strings and numbers can always be encoded.
	}
	m.d.add(m.stack, "Dashboard", "AWS::CloudWatch::Dashboard", props{
		"DashboardName": m.d.names.of("dashboard"), "DashboardBody": strings.ReplaceAll(string(body), id, m.channel.Ref()),
	})
}

// urls returns the destinations of the channel, separated by spaces.
func (m *mediaservices) urls() string {
	all := make([]string, len(m.d.spec.To))
	for i, to := range m.d.spec.To {
		all[i] = to.WithoutOptions().String()
	}
	return strings.Join(all, " ")
}

// fnJoin concatenates strings and values that CloudFormation fills in.
func fnJoin(parts ...any) props { return props{"Fn::Join": list{"", parts}} }

func partition() props { return props{"Ref": "AWS::Partition"} }
