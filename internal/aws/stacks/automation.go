package stacks

import (
	"encoding/json"
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
	// The functions.
	lifecycle, watch, upload *template.Resource
	machine, queue           *template.Resource
}

func (d *deployment) newAutomation(p *permission) *automation {
	a := &automation{d: d, stack: d.nested("automation", "functions that start and stop the channel")}
	a.queue = a.newQueue()
	a.lifecycle = a.function("Lifecycle", function.Lifecycle, p.lifecycle, int(function.StepTimeout.Seconds()), props{function.Machine: d.names.machineARN()})
	a.machine = a.newMachine(p.machine)
	since := d.add(a.stack, "OnAirSince", "AWS::SSM::Parameter", props{
		"Name": d.names.path("on-air-since"), "Type": "String", "Value": function.Unset,
		"Description": "LILO: since when the channel is on air, kept by the watch function",
	})
	a.watch = a.function("Watch", function.Watch, p.watch, 30, props{
		function.AutoStart: strconv.FormatBool(d.spec.AWS.AutoStart), function.TTL: d.spec.AWS.TTL.String(), function.Since: since.Ref(),
	})
	if d.file != nil {
		a.upload = a.function("Upload", function.Upload, p.upload, 900, props{})
	}
	a.alarms()
	return a
}

// function adds a function. All functions are the same program.
func (a *automation) function(id, what string, role *template.Resource, seconds int, environment props) *template.Resource {
	environment[function.Variable] = what
	return a.d.add(a.stack, id, "AWS::Lambda::Function", props{
		"FunctionName": a.d.names.of(what), "Description": "LILO: " + what + " of " + a.d.name,
		"Runtime": "provided.al2023", "Architectures": list{"arm64"}, "Handler": "bootstrap", "MemorySize": 128, "Timeout": seconds,
		"Code": props{"S3Bucket": a.d.code.Bucket(), "S3Key": a.d.code.Key()}, "Role": role.GetAtt("Arn"),
		"LoggingConfig":    props{"LogGroup": a.d.logs[what].Ref(), "LogFormat": "JSON"},
		"DeadLetterConfig": props{"TargetArn": a.queue.GetAtt("Arn")},
		"Environment":      props{"Variables": environment},
	})
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

// newMachine adds the state machine that repeats the lifecycle function, with
// pauses, until its job is done.
func (a *automation) newMachine(role *template.Resource) *template.Resource {
	return a.d.add(a.stack, "Machine", "AWS::StepFunctions::StateMachine", props{
		"StateMachineName": a.d.names.of("lifecycle"), "StateMachineType": "STANDARD", "RoleArn": role.GetAtt("Arn"),
		"DefinitionString": machineDefinition(a.lifecycle.GetAtt("Arn")),
	})
}

// machineDefinition returns the state machine in the Amazon States Language.
func machineDefinition(function string) string {
	retry := list{props{
		"ErrorEquals":     list{"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException", "States.Timeout"},
		"IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2,
	}, props{"ErrorEquals": list{"States.TaskFailed"}, "IntervalSeconds": 5, "MaxAttempts": 2, "BackoffRate": 2}}
	text, err := json.Marshal(props{
		"Comment": "Has the function bring the channel on or off air, one step at a time",
		"StartAt": "Step",
		"States": props{
			"Step": props{
				"Type": "Task", "Resource": function, "TimeoutSeconds": 90, "Retry": retry,
				"Catch": list{props{"ErrorEquals": list{"States.ALL"}, "ResultPath": "$.failure", "Next": "GiveUp"}},
				"Next":  "Done?",
			},
			"Done?":  props{"Type": "Choice", "Choices": list{props{"Variable": "$.done", "BooleanEquals": true, "Next": "Done"}}, "Default": "Wait"},
			"Wait":   props{"Type": "Wait", "SecondsPath": "$.wait", "Next": "Step"},
			"GiveUp": props{"Type": "Task", "Resource": function, "TimeoutSeconds": 90, "Retry": retry[:1], "Next": "Done?"},
			"Done":   props{"Type": "Succeed"},
		},
		"TimeoutSeconds": 24 * 3600,
	})
	if err != nil {
		return "" // Maps of strings and numbers can always be encoded.
	}
	return string(text)
}

// alarms adds alarms on failing functions and on unhandled events.
func (a *automation) alarms() {
	a.d.alarm(a.stack, "DeadLettersAlarm", "dead-letters", "events are left that no function could deal with", props{
		"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum",
		"Dimensions": dimensions("QueueName", a.queue.GetAtt("QueueName")),
	})
	a.d.alarm(a.stack, "MachineAlarm", "lifecycle-failed", "the channel could not be brought on or off air", props{
		"Namespace": "AWS/States", "MetricName": "ExecutionsFailed", "Statistic": "Sum",
		"Dimensions": dimensions("StateMachineArn", a.machine.Ref()),
	})
	for _, f := range []struct {
		id, what string
		function *template.Resource
	}{{"LifecycleAlarm", function.Lifecycle, a.lifecycle}, {"WatchAlarm", function.Watch, a.watch}, {"UploadAlarm", function.Upload, a.upload}} {
		if f.function == nil {
			continue
		}
		a.d.alarm(a.stack, f.id, f.what+"-errors", "the function "+f.what+" fails", props{
			"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Dimensions": dimensions("FunctionName", f.function.Ref()),
		})
	}
}

// gateProperties returns the properties of the custom resource that stops the
// channel before it is changed.
func (a *automation) gateProperties(settings string) props {
	return props{
		"ServiceToken": a.lifecycle.GetAtt("Arn"), "ServiceTimeout": serviceTimeout,
		function.ParameterProperty: a.d.names.path("channel"), function.SettingsProperty: settings,
	}
}
