package stacks

import (
	"maps"

	"github.com/lilo-live/lilo/internal/aws/template"
)

// alarm adds an alarm on a metric above a threshold in a period of five minutes.
// The threshold is 0 unless p sets another.
func (d *deployment) alarm(scope template.Scope, id, what, text string, p props) {
	all := props{
		"AlarmName": d.names.of(what), "AlarmDescription": d.name + ": " + text,
		"Period": 300, "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
	}
	maps.Copy(all, p)
	if d.spec.AWS.AlarmTopic != "" {
		all["AlarmActions"], all["OKActions"] = list{d.spec.AWS.AlarmTopic}, list{d.spec.AWS.AlarmTopic}
	}
	d.add(scope, id, "AWS::CloudWatch::Alarm", all)
}

// dimensions returns the dimensions of a metric from names and values in turn.
func dimensions(pairs ...string) list {
	all := list{}
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, props{"Name": pairs[i], "Value": pairs[i+1]})
	}
	return all
}
