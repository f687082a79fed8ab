package stacks

import (
	"fmt"
	"strings"

	"github.com/lilo-live/lilo/internal/aws/function"
	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/weekly"
)

// addSchedule adds the schedules of EventBridge that have the state machine start and
// stop the channel. They come after on-air, so that a deletion removes them first.
func (d *deployment) addSchedule(p *permission, a *automation, m *mediaservices, onAir *template.Resource) error {
	if d.spec.AWS.Schedule == "" {
		return nil
	}
	schedule, err := weekly.Parse(d.spec.AWS.Schedule)
	if err != nil {
		return err
	}
	group := d.add(d.core, "ScheduleGroup", "AWS::Scheduler::ScheduleGroup", props{"Name": d.names.of("schedule")})
	for i, c := range schedule.Crons() {
		verb := function.ScheduledStop
		if c.On {
			verb = function.ScheduledStart
		}
		one := d.add(d.core, fmt.Sprintf("Schedule%s%d", verb, i), "AWS::Scheduler::Schedule", props{
			"Name": d.names.of(fmt.Sprintf("%s-%d", strings.ToLower(verb), i)), "GroupName": group.Ref(),
			"Description":        fmt.Sprintf("LILO: %s of %s", strings.ToLower(verb), d.name),
			"ScheduleExpression": c.Expression(), "ScheduleExpressionTimezone": schedule.Zone(),
			"FlexibleTimeWindow": props{"Mode": "OFF"}, "State": "ENABLED",
			"Target": props{
				"Arn":              fnSub("arn:${AWS::Partition}:scheduler:::aws-sdk:sfn:startExecution"),
				"RoleArn":          p.schedule.GetAtt("Arn"),
				"Input":            a.lifecycle.scheduled(verb, m.channel.Ref()),
				"RetryPolicy":      props{"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 20},
				"DeadLetterConfig": props{"Arn": a.queue.GetAtt("Arn")},
			},
		})
		one.DependOn(onAir)
	}
	return nil
}

// executionID stands for what EventBridge Scheduler knows a run of a schedule by. Its
// repetition after a failure has the same.
const executionID = "<aws.scheduler.execution-id>"

// scheduled returns the request to Step Functions for a start or a stop, as JSON.
func (l *Lifecycle) scheduled(verb, channelID string) props {
	// The job is a text in a text.
	quoted := func(text string) string { return strings.ReplaceAll(text, `"`, `\"`) }
	return fnJoin(
		`{"StateMachineArn":"`, l.Machine.Ref(), `","Name":"schedule-`+strings.ToLower(verb)+`-`+executionID+`","Input":"`,
		quoted(`{"event":{"RequestType":"`+verb+`","RequestId":"`+executionID+`","ResourceType":"`+function.ScheduleType+`","StackId":"`),
		props{"Ref": "AWS::StackId"}, quoted(`","ResourceProperties":{"`+function.ChannelProperty+`":"`), channelID, quoted(`"}}}`), `"}`,
	)
}
