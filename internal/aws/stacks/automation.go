package stacks

import (
	"strconv"

	"github.com/lilo-live/lilo/internal/aws/function"
	"github.com/lilo-live/lilo/internal/aws/template"
)

// automation is the stack of the functions, the state machine that repeats them,
// and the dead-letter queue. It comes before the channel, since a function stops
// the channel before it is changed. The rules that name the channel are therefore
// in the core stack.
type automation struct {
	d     *deployment
	stack *template.Stack

	lifecycle            *Lifecycle
	watch, upload, queue *template.Resource
}

func (d *deployment) newAutomation(p *permission) *automation {
	a := &automation{d: d, stack: d.nested("automation", "functions that start and stop the channel")}
	a.queue = a.newQueue()
	a.lifecycle = NewLifecycle(a.stack, LifecycleProps{
		LifecycleNames: d.names.lifecycle(), Of: d.name, Code: d.code, FunctionRole: p.lifecycle, MachineRole: p.machine,
		Log: d.logs[function.Lifecycle], DeadLetters: a.queue.GetAtt("Arn"), Tags: d.documents.tags,
	})
	since := d.add(a.stack, "OnAirSince", "AWS::SSM::Parameter", props{
		"Name": d.names.path("on-air-since"), "Type": "String", "Value": function.Unset,
		"Description": "LILO: since when the channel is on air, kept by the watch function",
	})
	a.watch = a.function("Watch", function.Watch, p.watch, 30, props{
		function.AutoStart: strconv.FormatBool(d.watchStarts()), function.TTL: d.spec.AWS.TTL.String(), function.Since: since.Ref(),
	})
	if d.file != nil {
		a.upload = a.function("Upload", function.Upload, p.upload, 900, props{})
	}
	a.alarms()
	return a
}

// function adds a function.
func (a *automation) function(id, what string, role *template.Resource, seconds int, environment props) *template.Resource {
	return a.d.add(a.stack, id, "AWS::Lambda::Function", functionProperties(functionProps{
		name: a.d.names.of(what), what: what, of: a.d.name, code: a.d.code, role: role, log: a.d.logs[what],
		deadLetters: a.queue.GetAtt("Arn"), seconds: seconds, environment: environment,
	}))
}

// newQueue adds the dead-letter queue: for events that a function failed to handle
// three times, and those that EventBridge could not deliver.
func (a *automation) newQueue() *template.Resource {
	queue := a.d.add(a.stack, "DeadLetters", "AWS::SQS::Queue", props{
		"QueueName": a.d.names.of("dead-letters"), "SqsManagedSseEnabled": true, "MessageRetentionPeriod": 14 * 24 * 3600,
	})
	rules := list{}
	for _, what := range a.d.rules() {
		rules = append(rules, a.d.names.ruleARN(what))
	}
	a.d.add(a.stack, "DeadLettersPolicy", "AWS::SQS::QueuePolicy", props{
		"Queues": list{queue.Ref()},
		"PolicyDocument": document(
			props{
				"Sid": "RulesOfThisChannel", "Effect": "Allow", "Principal": props{"Service": "events.amazonaws.com"},
				"Action": "sqs:SendMessage", "Resource": queue.GetAtt("Arn"), "Condition": props{"ArnEquals": props{"aws:SourceArn": rules}},
			},
			denyWithoutTLS("OnlyOverTLS", "sqs:*", queue.GetAtt("Arn")),
		),
	})
	return queue
}

// alarms adds alarms on failing functions and on unhandled events.
func (a *automation) alarms() {
	a.d.alarm(a.stack, "DeadLettersAlarm", "dead-letters", "events are left that no function could deal with", props{
		"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum",
		"Dimensions": dimensions("QueueName", a.queue.GetAtt("QueueName")),
	})
	a.d.alarm(a.stack, "MachineAlarm", "lifecycle-failed", "the channel could not be brought on or off air", props{
		"Namespace": "AWS/States", "MetricName": "ExecutionsFailed", "Statistic": "Sum",
		"Dimensions": dimensions("StateMachineArn", a.lifecycle.Machine.Ref()),
	})
	for _, f := range []struct {
		id, what string
		function *template.Resource
	}{{"LifecycleAlarm", function.Lifecycle, a.lifecycle.Function}, {"WatchAlarm", function.Watch, a.watch}, {"UploadAlarm", function.Upload, a.upload}} {
		if f.function == nil {
			continue
		}
		a.d.alarm(a.stack, f.id, f.what+"-errors", "the function "+f.what+" fails", props{
			"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Dimensions": dimensions("FunctionName", f.function.Ref()),
		})
	}
}
