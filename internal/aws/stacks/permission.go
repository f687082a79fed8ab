package stacks

import (
	"net/url"
	"slices"
	"strings"

	shared "github.com/lilo-live/lilo/internal/aws/deployment"
	"github.com/lilo-live/lilo/internal/aws/function"
	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/fault"
)

// permission is the stack of roles and policies. Its policies name only what is
// known before it is created; the mediaservices stack grants what needs the
// channel's id.
type permission struct {
	d     *deployment
	stack *template.Stack
	// The roles of MediaLive, the functions, the state machine and the schedule.
	channel, lifecycle, watch, upload, machine, schedule *template.Resource
}

// mediaLiveLog is the log group of all channels in an ARN.
const mediaLiveLog = "log-group:" + shared.LogGroup

func (d *deployment) newPermission() (*permission, error) {
	p := &permission{d: d, stack: d.nested("permission", "roles and policies")}
	read, err := p.readSource()
	if err != nil {
		return nil, err
	}
	p.channel = p.role("ChannelRole", "channel", "what MediaLive may do for the channel: read its source, write its log",
		trust("medialive.amazonaws.com", props{"ArnLikeIfExists": props{"aws:SourceArn": arnOf("medialive", "channel:*")}}),
		append(read, p.writeLog()...))
	lambda := trust("lambda.amazonaws.com", nil)
	lifecycle := d.names.lifecycle()
	p.lifecycle = p.role("LifecycleRole", "lifecycle", lifecycleRoleText, lambda, slices.Concat(
		list{ownLog(d.logs[function.Lifecycle])}, lifecycle.FunctionPolicy(arnOf("cloudformation", "stack/"+d.name+"/*")),
		list{allow("DeadLetters", list{"sqs:SendMessage"}, d.names.queueARN())},
	))
	p.watch = p.role("WatchRole", "watch", "what the function may do that looks after the channel", lambda, list{
		ownLog(d.logs[function.Watch]),
		allow("KeepAccount", list{"ssm:GetParameter", "ssm:PutParameter"}, d.names.parameterARN("on-air-since")),
		allow("DeadLetters", list{"sqs:SendMessage"}, d.names.queueARN()),
	})
	if d.file != nil {
		p.upload = p.role("UploadRole", "upload", "what the function may do that fills the bucket and empties it", lambda, p.copySource())
	}
	p.machine = p.role("MachineRole", "machine", machineRoleText,
		lifecycle.MachineTrust(), lifecycle.MachinePolicy())
	if d.spec.AWS.Schedule != "" {
		p.schedule = p.role("ScheduleRole", "schedule", "what the schedule may do: have the state machine start and stop the channel",
			trust("scheduler.amazonaws.com", props{"ArnEquals": props{"aws:SourceArn": arnOf("scheduler", "schedule-group/"+d.names.of("schedule"))}}),
			list{
				allow("Begin", list{"states:StartExecution"}, lifecycle.machineARN()),
				allow("DeadLetters", list{"sqs:SendMessage"}, d.names.queueARN()),
			})
	}
	return p, nil
}

func (p *permission) role(id, what, text string, trusted props, statements list) *template.Resource {
	return addRole(p.d.documents.tags, p.stack, id, roleProps{p.d.names.of(what), what, text, p.d.spec.AWS.Boundary, trusted, statements})
}

// roleProps say what a role is for.
type roleProps struct {
	name, what, text string
	boundary         string // the ARN of its permissions boundary, empty for none
	trusted          props
	statements       list
}

func addRole(t tags, scope template.Scope, id string, r roleProps) *template.Resource {
	role := props{"RoleName": r.name, "Description": "LILO: " + r.text, "AssumeRolePolicyDocument": r.trusted}
	if len(r.statements) > 0 {
		role["Policies"] = list{props{"PolicyName": r.what, "PolicyDocument": document(r.statements...)}}
	}
	if r.boundary != "" {
		role["PermissionsBoundary"] = r.boundary
	}
	return t.add(scope, id, "AWS::IAM::Role", role)
}

// readSource lets MediaLive read the source's object, if it is one.
func (p *permission) readSource() (list, error) {
	bucket, key, err := p.d.sourceObject()
	if err != nil || bucket == nil {
		return nil, err
	}
	all := list{
		allow("ReadTheSource", list{"s3:GetObject"}, fnJoin("arn:", partition(), ":s3:::", bucket, "/"+key)),
		// Without it S3 denies access to an object that does not exist.
		allow("ListItsBucket", list{"s3:ListBucket"}, fnJoin("arn:", partition(), ":s3:::", bucket)),
	}
	if k := p.d.spec.AWS.SourceKey; k != "" {
		all = append(all, withCondition(allow("DecryptTheSource", list{"kms:Decrypt"}, k),
			props{"StringEquals": props{"kms:ViaService": fnSub("s3." + p.d.spec.AWS.SourceKeyRegion() + ".${AWS::URLSuffix}")}}))
	}
	return all, nil
}

// sourceObject returns the bucket and the key of the source, nil for https.
func (d *deployment) sourceObject() (bucket any, key string, err error) {
	if d.file != nil {
		return d.bucket.Ref(), d.objectKey(), nil
	}
	scheme, rest, _ := strings.Cut(d.spec.Source, "://")
	if scheme != "s3" && scheme != "s3ssl" {
		return nil, "", nil
	}
	name, key, _ := strings.Cut(rest, "/")
	if strings.ContainsAny(key, "*?") {
		return nil, "", fault.New(fault.Usage, "source: %q has a * or ? in its key, so that a policy for it would match other objects: copy it to another key", d.spec.Source)
	}
	if plain, err := url.PathUnescape(key); err == nil {
		key = plain
	}
	// Escapes what looks like a policy variable.
	return name, strings.ReplaceAll(key, "${", "${$}{"), nil
}

// writeLog lets MediaLive create its log group. The mediaservices stack grants the
// log streams, which are named after the channel's id.
func (p *permission) writeLog() list {
	if p.d.spec.AWS.Filled().LogLevel == "DISABLED" {
		return nil
	}
	return list{
		allow("MakeTheLog", list{"logs:CreateLogGroup", "logs:DescribeLogStreams", "logs:PutRetentionPolicy"},
			arnOf("logs", mediaLiveLog), arnOf("logs", mediaLiveLog+":*")),
		// AWS permits listing all groups of a region or none.
		allow("FindTheLog", list{"logs:DescribeLogGroups"}, arnOf("logs", "log-group:*")),
	}
}

// copySource lets the function copy the uploaded file into the deployment's bucket
// and empty the bucket.
func (p *permission) copySource() list {
	bucket := p.d.bucket.GetAtt("Arn")
	return list{
		ownLog(p.d.logs[function.Upload]),
		allow("ReadTheUpload", list{"s3:GetObject"}, arnOfObject(p.d.uploaded)),
		allow("FillTheBucket", list{
			"s3:GetObject", "s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion",
		}, bucket+"/*"),
		allow("LookIntoTheBucket", list{"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"}, bucket),
		allow("DeadLetters", list{"sqs:SendMessage"}, p.d.names.queueARN()),
	}
}

// ownLog lets a function write to its own log group.
func ownLog(log *template.Resource) props {
	return allow("OwnLog", list{"logs:CreateLogStream", "logs:PutLogEvents"}, log.GetAtt("Arn"))
}
