package stacks

import (
	"maps"
	"strconv"
	"time"

	shared "github.com/lilo-live/lilo/internal/aws/deployment"
	"github.com/lilo-live/lilo/internal/aws/function"
	"github.com/lilo-live/lilo/internal/aws/template"
)

// build adds the resources of the core stack and the nested stacks.
func (d *deployment) build() error {
	d.code = d.upload(d.files.Functions, "functions of "+d.name)
	d.addLogs()
	if d.file != nil {
		d.uploaded = d.upload(*d.file, "source of "+d.name)
		d.addBucket()
	}
	p, err := d.newPermission()
	if err != nil {
		return err
	}
	a := d.newAutomation(p)
	var object *template.Resource
	if d.file != nil {
		object = d.addObject(a)
	}
	gate := a.lifecycle.Gate(d.core, d.documents.settings)
	gate.Properties[function.ClassProperty] = d.documents.class
	m, err := d.newMediaservices(p, a.lifecycle, gate)
	if err != nil {
		return err
	}
	on := a.lifecycle.OnAir(d.core, OnAirProps{
		Of: d.name, ChannelID: m.channel.Ref(), Settings: d.documents.settings, AutoStart: d.spec.AWS.AutoStart, Schedule: d.spec.AWS.Schedule,
	})
	if object != nil {
		on.DependOn(object)
	}
	if err := d.addSchedule(p, a, m, on); err != nil {
		return err
	}
	d.addRules(a, m)
	d.addOutputs(m)
	return nil
}

// addLogs adds the functions' log groups, before the roles that name them.
func (d *deployment) addLogs() {
	all := map[string]string{function.Lifecycle: "LifecycleLog", function.Watch: "WatchLog"}
	if d.file != nil {
		all[function.Upload] = "UploadLog"
	}
	for what, id := range all {
		d.logs[what] = addLog(d.documents.tags, d.core, id, d.names.path(what))
	}
}

func addLog(t tags, scope template.Scope, id, name string) *template.Resource {
	log := t.add(scope, id, "AWS::Logs::LogGroup", props{"LogGroupName": name, "RetentionInDays": 30})
	log.SetRemoval(false)
	return log
}

// addBucket adds the bucket of an uploaded source. CloudFormation names it, since
// bucket names are global.
func (d *deployment) addBucket() {
	d.bucket = d.add(d.core, "Bucket", "AWS::S3::Bucket", props{
		"BucketEncryption": props{"ServerSideEncryptionConfiguration": list{
			props{"ServerSideEncryptionByDefault": props{"SSEAlgorithm": "AES256"}},
		}},
		"PublicAccessBlockConfiguration": props{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		},
		"OwnershipControls":       props{"Rules": list{props{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"VersioningConfiguration": props{"Status": "Enabled"},
		"LifecycleConfiguration": props{"Rules": list{props{
			"Id": "tidy", "Status": "Enabled",
			"AbortIncompleteMultipartUpload": props{"DaysAfterInitiation": 7}, "NoncurrentVersionExpiration": props{"NoncurrentDays": 30},
		}}},
	})
	d.bucket.SetRemoval(d.spec.AWS.Retain)
	arn := d.bucket.GetAtt("Arn")
	policy := d.add(d.core, "BucketPolicy", "AWS::S3::BucketPolicy", props{
		"Bucket": d.bucket.Ref(),
		"PolicyDocument": document(
			denyWithoutTLS("OnlyOverTLS", "s3:*", arn, arn+"/*"),
			props{
				"Sid": "OnlyTLS12", "Effect": "Deny", "Principal": props{"AWS": "*"}, "Action": "s3:*", "Resource": list{arn, arn + "/*"},
				"Condition": props{"NumericLessThan": props{"s3:TlsVersion": "1.2"}},
			},
		),
	})
	policy.SetRemoval(d.spec.AWS.Retain)
}

// addObject adds the resources that copy the uploaded file into the bucket and
// empty the bucket before it is deleted.
func (d *deployment) addObject(a *automation) *template.Resource {
	token, retain := a.upload.GetAtt("Arn"), strconv.FormatBool(d.spec.AWS.Retain)
	contents := d.add(d.core, "Contents", function.ContentsType, props{
		"ServiceToken": token, "ServiceTimeout": serviceTimeout, function.BucketProperty: d.bucket.Ref(), function.RetainProperty: retain,
	})
	object := d.add(d.core, "Object", function.ObjectType, props{
		"ServiceToken": token, "ServiceTimeout": serviceTimeout, function.BucketProperty: d.bucket.Ref(), function.KeyProperty: d.objectKey(),
		function.FromBucketProperty: d.uploaded.Bucket(), function.FromKeyProperty: d.uploaded.Key(), function.RetainProperty: retain,
	})
	object.DependOn(contents)
	return object
}

// The EventBridge rules.
const (
	stateRule = "state"
	alertRule = "alert"
	tickRule  = "tick"
)

// rules returns the rules of this deployment.
func (d *deployment) rules() []string {
	if d.spec.AWS.TTL == 0 {
		return []string{stateRule, alertRule}
	}
	return []string{stateRule, alertRule, tickRule}
}

// addRules adds the rules that call the watch function for events of the channel.
func (d *deployment) addRules(a *automation, m *mediaservices) {
	arn := m.channel.GetAtt("Arn")
	events := func(kind string) props {
		return props{"EventPattern": props{"source": list{"aws.medialive"}, "detail-type": list{kind}, "resources": list{arn}}}
	}
	for _, what := range d.rules() {
		switch what {
		case stateRule:
			d.addRule(a, "StateRule", what, "the channel changes its state", events("MediaLive Channel State Change"), nil)
		case alertRule:
			d.addRule(a, "AlertRule", what, "MediaLive sets or clears an alert of the channel", events("MediaLive Channel Alert"), nil)
		case tickRule:
			d.addRule(a, "TickRule", what, "how long the channel is on air is looked at", props{"ScheduleExpression": tickRate(d.spec.AWS.TTL)},
				props{"Input": `{"channel":"` + m.channel.Ref() + `"}`})
		}
	}
}

// tickRate returns how often the time to live is checked.
func tickRate(ttl time.Duration) string {
	if ttl < time.Hour {
		return "rate(1 minute)"
	}
	return "rate(5 minutes)"
}

func (d *deployment) addRule(a *automation, id, what, text string, p, target props) {
	all := props{
		"Id": "watch", "Arn": a.watch.GetAtt("Arn"), "DeadLetterConfig": props{"Arn": a.queue.GetAtt("Arn")},
		"RetryPolicy": props{"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10},
	}
	maps.Copy(all, target)
	p["Name"], p["Description"], p["State"], p["Targets"] = d.names.of(what), "LILO: "+text+" ("+d.name+")", "ENABLED", list{all}
	rule := d.add(d.core, id, "AWS::Events::Rule", p)
	d.add(d.core, id+"Permission", "AWS::Lambda::Permission", props{
		"Action": "lambda:InvokeFunction", "FunctionName": a.watch.Ref(), "Principal": "events.amazonaws.com", "SourceArn": rule.GetAtt("Arn"),
	})
}

// addOutputs adds the outputs of the core stack.
func (d *deployment) addOutputs(m *mediaservices) {
	all := []struct{ key, text, value string }{
		{"ChannelId", "id of the MediaLive channel", m.channel.Ref()},
		{"ChannelArn", "ARN of the MediaLive channel", m.channel.GetAtt("Arn")},
		{"InputId", "id of the MediaLive input", m.input.Ref()},
		{shared.ConsoleLinkOutput, "the channel in the AWS console", shared.ConsoleLink(d.spec.AWS.Region, m.channel.Ref())},
		{"LogGroup", "log group of MediaLive, with a stream for each pipeline", shared.LogGroup},
		{"Dashboard", "name of the dashboard in CloudWatch", d.names.of("dashboard")},
		{"Destinations", "where the channel sends to", m.urls()},
	}
	if d.file != nil {
		all = append(all, struct{ key, text, value string }{"SourceBucket", "bucket of the uploaded source", d.bucket.Ref()})
	}
	for _, o := range all {
		d.core.Output(o.key, o.text, o.value)
	}
}
