package stacks

import (
	"encoding/json"
	"strconv"

	"github.com/lilo-live/lilo/internal/aws/function"
	"github.com/lilo-live/lilo/internal/aws/template"
)

// Lifecycle brings a channel on and off air as CloudFormation creates, changes and
// deletes it. It consists of a function, a state machine that repeats the function, and
// two custom resources: a gate before the channel and on-air after it. It serves every
// channel of MediaLive, by its id and ARN.
type Lifecycle struct {
	LifecycleNames

	// Function and Machine are the function and the state machine.
	Function, Machine *template.Resource
	// FunctionRole is the role of the function.
	FunctionRole *template.Resource
	tags         tags
}

// LifecycleNames are names that policies need before what they name exists.
type LifecycleNames struct {
	Function, Machine string
	// Parameter is the parameter that holds the id of the channel.
	Parameter string
}

// LifecycleProps are the properties of a [Lifecycle].
type LifecycleProps struct {
	LifecycleNames

	// Of is what the channel is called, for people.
	Of string
	// Code is the archive of the functions.
	Code *template.File
	// FunctionRole has the permissions of FunctionPolicy and Grant, MachineRole those
	// of MachinePolicy.
	FunctionRole, MachineRole *template.Resource
	// Log is the log group of the function.
	Log *template.Resource
	// DeadLetters is the ARN of a queue for events that the function failed to handle
	// three times, nil for none.
	DeadLetters any
	Tags        map[string]string
}

// NewLifecycle adds the function and the state machine.
func NewLifecycle(scope template.Scope, p LifecycleProps) *Lifecycle {
	l := &Lifecycle{LifecycleNames: p.LifecycleNames, FunctionRole: p.FunctionRole, tags: p.Tags}
	l.Function = l.tags.add(scope, "Lifecycle", "AWS::Lambda::Function", functionProperties(functionProps{
		name: p.Function, what: function.Lifecycle, of: p.Of, code: p.Code, role: p.FunctionRole, log: p.Log, deadLetters: p.DeadLetters,
		seconds: int(function.StepTimeout.Seconds()), environment: props{function.Machine: p.machineARN()},
	}))
	l.Machine = l.tags.add(scope, "Machine", "AWS::StepFunctions::StateMachine", props{
		"StateMachineName": p.Machine, "StateMachineType": "STANDARD", "RoleArn": p.MachineRole.GetAtt("Arn"),
		"DefinitionString": machineDefinition(l.Function.GetAtt("Arn")),
	})
	return l
}

// NewStandaloneLifecycle adds a lifecycle with its roles and its log to a stack of others.
// The names begin with name.
func NewStandaloneLifecycle(scope template.Scope, name string, code *template.File) *Lifecycle {
	n := LifecycleNames{Function: name + "-lifecycle", Machine: name + "-lifecycle", Parameter: "/lilo/" + name + "/channel"}
	log := addLog(nil, scope, "Log", "/lilo/"+name+"/lifecycle")
	role := func(id, what, text string, trusted props, statements list) *template.Resource {
		return addRole(nil, scope, id, roleProps{name: name + "-" + what, what: what, text: text, trusted: trusted, statements: statements})
	}
	return NewLifecycle(scope, LifecycleProps{
		LifecycleNames: n, Of: name, Code: code, Log: log,
		FunctionRole: role("LifecycleRole", "lifecycle", lifecycleRoleText, trust("lambda.amazonaws.com", nil),
			append(list{ownLog(log)}, n.FunctionPolicy(props{"Ref": "AWS::StackId"})...)),
		MachineRole: role("MachineRole", "machine", machineRoleText, n.MachineTrust(), n.MachinePolicy()),
	})
}

// What the roles are for.
const (
	lifecycleRoleText = "what the function may do that brings the channel on and off air"
	machineRoleText   = "what the state machine may do: call the function, step by step"
)

func (n LifecycleNames) machineARN() props { return arnOf("states", "stateMachine:"+n.Machine) }

// FunctionPolicy returns what the function may do, besides what Grant adds, for
// custom resources of a stack with an ARN.
func (n LifecycleNames) FunctionPolicy(stack any) []any {
	return list{
		allow("Begin", list{"states:StartExecution", "states:ListExecutions"}, n.machineARN()),
		allow("EndOthers", list{"states:StopExecution"}, arnOf("states", "execution:"+n.Machine+":*")),
		allow("FindTheChannel", list{"ssm:GetParameter"}, arnOf("ssm", "parameter"+n.Parameter)),
		allow("SeeTheUpdateThrough", list{"cloudformation:DescribeStacks"}, stack),
	}
}

// MachinePolicy returns what the state machine may do.
func (n LifecycleNames) MachinePolicy() []any {
	return list{allow("Step", list{"lambda:InvokeFunction"}, arnOf("lambda", "function:"+n.Function))}
}

// MachineTrust returns who may assume the role of the state machine.
func (n LifecycleNames) MachineTrust() map[string]any {
	return trust("states.amazonaws.com", props{"ArnEquals": props{"aws:SourceArn": n.machineARN()}})
}

// Gate adds the custom resource that stops the channel before it changes: whatever
// changes only while the channel is idle must depend on it. Settings is a digest of
// what changes so.
func (l *Lifecycle) Gate(scope template.Scope, settings string) *template.Resource {
	return scope.Add("Gate", function.GateType, props{
		"ServiceToken": l.Function.GetAtt("Arn"), "ServiceTimeout": serviceTimeout,
		function.ParameterProperty: l.Parameter, function.SettingsProperty: settings,
	})
}

// Grant lets the function start and stop the channel.
func (l *Lifecycle) Grant(scope template.Scope, channelARN string) {
	grant(scope, "LifecycleGrant", l.FunctionRole, allow("ThisChannel",
		list{"medialive:DescribeChannel", "medialive:StartChannel", "medialive:StopChannel"}, channelARN))
}

// OnAirProps are the properties of on-air.
type OnAirProps struct {
	Of        string // what the channel is called, for people
	ChannelID string
	Settings  string // as of the gate
	AutoStart bool
	// Schedule is when the channel is on air (package weekly), empty for always.
	// On-air starts it only then.
	Schedule string
}

// OnAir adds the custom resource that starts the channel last and stops it first, and
// the parameter that tells the gate its id.
func (l *Lifecycle) OnAir(scope template.Scope, p OnAirProps) *template.Resource {
	known := l.tags.add(scope, "ChannelParameter", "AWS::SSM::Parameter", props{
		"Name": l.Parameter, "Type": "String", "Value": p.ChannelID, "Description": "LILO: the channel of " + p.Of,
	})
	properties := props{
		"ServiceToken": l.Function.GetAtt("Arn"), "ServiceTimeout": serviceTimeout,
		function.ChannelProperty: p.ChannelID, function.AutoStartProperty: strconv.FormatBool(p.AutoStart), function.SettingsProperty: p.Settings,
	}
	if p.Schedule != "" {
		properties[function.ScheduleProperty] = p.Schedule
	}
	on := scope.Add("OnAir", function.OnAirType, properties)
	on.DependOn(known)
	return on
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
