package stacks

import (
	"net/url"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lilo-live/lilo/internal/fault"
)

// permission is the stack of roles and policies. All that its policies name is
// known before it is there; what only a channel's id can name is granted in the
// mediaservices stack, behind the channel.
type permission struct {
	d     *deployment
	stack awscdk.NestedStack
	// The roles: of MediaLive, of the functions, of the state machine.
	channel, lifecycle, watch, upload, machine awscdk.CfnResource
}

// mediaLiveLog is the log group of all channels; its name is the service's.
const mediaLiveLog = "log-group:ElementalMediaLive"

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
	p.lifecycle = p.role("LifecycleRole", "lifecycle", "what the function may do that brings the channel on and off air", lambda, list{
		d.ownLog("lifecycle"),
		allow("Begin", list{"states:StartExecution"}, d.machineARN()),
		allow("FindTheChannel", list{"ssm:GetParameter"}, d.parameterARN("channel")),
		allow("SeeTheUpdateThrough", list{"cloudformation:DescribeStacks"}, arnOf("cloudformation", "stack/"+d.name+"/*")),
		allow("DeadLetters", list{"sqs:SendMessage"}, d.queueARN()),
	})
	p.watch = p.role("WatchRole", "watch", "what the function may do that looks after the channel", lambda, list{
		d.ownLog("watch"),
		allow("KeepAccount", list{"ssm:GetParameter", "ssm:PutParameter"}, d.parameterARN("on-air-since")),
		allow("DeadLetters", list{"sqs:SendMessage"}, d.queueARN()),
	})
	if d.file != nil {
		p.upload = p.role("UploadRole", "upload", "what the function may do that fills the bucket and empties it", lambda, p.copySource())
	}
	p.machine = p.role("MachineRole", "machine", "what the state machine may do: call the function, step by step",
		trust("states.amazonaws.com", props{"ArnEquals": props{"aws:SourceArn": d.machineARN()}}),
		list{allow("Step", list{"lambda:InvokeFunction"}, d.functionARN("lifecycle"))})
	return p, nil
}

func (p *permission) role(id, what, text string, trusted props, statements list) awscdk.CfnResource {
	role := props{
		"RoleName": p.d.names.of(what), "Description": "LILO: " + text, "AssumeRolePolicyDocument": trusted,
	}
	if len(statements) > 0 {
		role["Policies"] = list{props{"PolicyName": what, "PolicyDocument": document(statements...)}}
	}
	if p.d.spec.AWS.Boundary != "" {
		role["PermissionsBoundary"] = p.d.spec.AWS.Boundary
	}
	return p.d.add(p.stack, id, "AWS::IAM::Role", role)
}

// readSource lets MediaLive read the source: that very object, if it is one.
func (p *permission) readSource() (list, error) {
	bucket, key, err := p.d.sourceObject()
	if err != nil || bucket == nil {
		return nil, err
	}
	all := list{allow("ReadTheSource", list{"s3:GetObject"}, join("arn:", partition(), ":s3:::", bucket, "/"+key))}
	if k := p.d.options.SourceKey; k != "" {
		all = append(all, under(allow("DecryptTheSource", list{"kms:Decrypt"}, k),
			props{"StringEquals": props{"kms:ViaService": sub("s3.${AWS::Region}.amazonaws.com")}}))
	}
	return all, nil
}

// sourceObject returns the bucket and the key of the source, nothing for one of https.
func (d *deployment) sourceObject() (bucket any, key string, err error) {
	if d.file != nil {
		return ref(d.bucket), d.objectKey(), nil
	}
	scheme, rest, _ := strings.Cut(d.spec.Source, "://")
	if scheme != "s3" && scheme != "s3ssl" {
		return nil, "", nil
	}
	name, key, _ := strings.Cut(rest, "/")
	if strings.ContainsAny(key, "*?") {
		return nil, "", fault.New(fault.Usage, "source: %q: a policy that names this object would name others, for * and ? in it: copy it to another key", d.spec.Source)
	}
	if plain, err := url.PathUnescape(key); err == nil {
		key = plain
	}
	// What looks like a variable of a policy is one, unless it is written so.
	return name, strings.ReplaceAll(key, "${", "${$}{"), nil
}

// writeLog lets MediaLive make its log group; the streams in it are granted when
// the channel's id is known.
func (p *permission) writeLog() list {
	if p.d.spec.AWS.Filled().LogLevel == "DISABLED" {
		return nil
	}
	return list{
		allow("MakeTheLog", list{"logs:CreateLogGroup", "logs:DescribeLogStreams", "logs:PutRetentionPolicy"},
			arnOf("logs", mediaLiveLog), arnOf("logs", mediaLiveLog+":*")),
		// Listing is of all groups of a region or of none: AWS takes no narrower ARN.
		allow("FindTheLog", list{"logs:DescribeLogGroups"}, arnOf("logs", "log-group:*")),
	}
}

// copySource lets the function copy the uploaded file into the bucket, and
// remove what is in there, all of which is the deployment's.
func (p *permission) copySource() list {
	bucket := att(p.d.bucket, "Arn")
	return list{
		p.d.ownLog("upload"),
		allow("ReadTheUpload", list{"s3:GetObject"}, p.d.uploaded.arn()),
		allow("FillTheBucket", list{
			"s3:GetObject", "s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion",
		}, bucket+"/*"),
		allow("LookIntoTheBucket", list{"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"}, bucket),
		allow("DeadLetters", list{"sqs:SendMessage"}, p.d.queueARN()),
	}
}

// ownLog lets a function write to its own log group, which is made for it.
func (d *deployment) ownLog(what string) props {
	return allow("OwnLog", list{"logs:CreateLogStream", "logs:PutLogEvents"}, att(d.logs[what], "Arn"))
}
