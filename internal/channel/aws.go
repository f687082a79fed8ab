package channel

import (
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
	"github.com/lilo-live/lilo/internal/weekly"
)

// AWS holds the settings of a deployment on AWS. All names of a deployment
// derive from Project, Customer, Stack and Region.
type AWS struct {
	Region                   string // such as eu-west-1
	Stack, Customer, Project string
	AutoStart                bool // starts the channel as soon as it is created
	// Standard gives the channel two pipelines (class STANDARD). Destinations
	// then come in pairs: the first of pipeline 0, the second of pipeline 1, and so on.
	Standard bool
	TTL      time.Duration // stops a channel that has run for so long; 0 never does
	// Schedule is when the channel is on air (package weekly), empty for always.
	Schedule   string
	LogLevel   string // one of LogLevels
	Boundary   string // ARN of a permissions boundary for the roles; empty sets none
	AlarmTopic string // ARN of an SNS topic for alarms; empty for none
	SourceKey  string // ARN of the KMS key that encrypts the source's object; empty for none
	Retain     bool   // keep the bucket and the file in it when the deployment is deleted
	// InputSpecification says which sources the channel is made for.
	InputSpecification InputSpecification
}

// MaxNamePart is the longest name of a stack, customer or project in bytes, so
// that what derives from them fits a stack's name.
const MaxNamePart = 24

// Bounds of the time after which a running channel is stopped.
const (
	MinTTL = time.Minute
	MaxTTL = 366 * 24 * time.Hour
)

// DefaultAWS returns the defaults, those of the original sample.
func DefaultAWS() AWS {
	return AWS{Region: "eu-west-1", Stack: "Dev", Customer: "Client", Project: "LILO", AutoStart: true, LogLevel: "WARNING"}
}

// awsFields returns the keys of the aws block.
func awsFields() []setting.Field[AWS] {
	defaults := DefaultAWS()
	type row = setting.Row
	return []setting.Field[AWS]{
		setting.Of(row{Key: "region", Usage: "AWS region", Default: defaults.Region},
			region(), func(a *AWS) *string { return &a.Region }),
		setting.Of(row{Key: "stack", Usage: "name of the deployment, a part of all its names", Default: defaults.Stack},
			namePart(), func(a *AWS) *string { return &a.Stack }),
		setting.Of(row{Key: "customer", Usage: "owner of the deployment, a part of all its names", Default: defaults.Customer},
			namePart(), func(a *AWS) *string { return &a.Customer }),
		setting.Of(row{Key: "project", Usage: "purpose of the deployment, a part of all its names", Default: defaults.Project},
			namePart(), func(a *AWS) *string { return &a.Project }),
		setting.Of(row{Key: "autoStart", Usage: "start the channel as soon as it is created", Default: "true"},
			setting.Bool(), func(a *AWS) *bool { return &a.AutoStart }),
		setting.Of(row{Key: "standard", Usage: "two pipelines (class STANDARD): destinations come in pairs, one of each pipeline", Default: "false"},
			setting.Bool(), func(a *AWS) *bool { return &a.Standard }),
		setting.Of(row{Key: "ttl", Usage: "stop the channel after it has run this long: 8h", Default: "never", Example: "8h"},
			ttl(), func(a *AWS) *time.Duration { return &a.TTL }),
		setting.Of(row{
			Key: "schedule", Default: "always", Example: "Mon-Fri 08:00-20:00 Europe/Paris",
			Usage: "when the channel is on air, each week: Mon-Fri 08:00-20:00; Sat,Sun 10:00-02:00 Europe/Paris",
		}, windows(), func(a *AWS) *string { return &a.Schedule }),
		setting.Of(row{Key: "logLevel", Usage: "what the channel logs: " + strings.Join(LogLevels(), ", "), Default: defaults.LogLevel},
			logLevel(), func(a *AWS) *string { return &a.LogLevel }),
		setting.Of(row{Key: "permissionsBoundary", Usage: "ARN of a permissions boundary for every role", Default: "none", Example: "arn:aws:iam::123456789012:policy/Boundary"},
			policyARN(), func(a *AWS) *string { return &a.Boundary }),
		setting.Of(row{Key: "alarmTopic", Usage: "ARN of an SNS topic for alarms", Default: "none", Example: "arn:aws:sns:eu-west-1:123456789012:alarms"},
			topic(), func(a *AWS) *string { return &a.AlarmTopic }),
		setting.Of(row{Key: "sourceKey", Usage: "ARN of the KMS key that encrypts the source in S3", Default: "none", Example: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
			matching("ARN", keyARN, "%q is not the ARN of a key: write arn:aws:kms:REGION:ACCOUNT:key/ID, which aws kms describe-key says, of an alias too"), func(a *AWS) *string { return &a.SourceKey }),
		setting.Of(row{Key: "retain", Usage: "keep the bucket and the file in it when the deployment is deleted", Default: "false"},
			setting.Bool(), func(a *AWS) *bool { return &a.Retain }),
		setting.InGroup(row{Key: "inputSpecification", Default: "the source's", Example: "resolution=UHD,maximumBitrate=MAX_20_MBPS", Usage: "" +
			"sources that MediaLive makes the channel for, and bills: codec=HEVC,resolution=UHD,maximumBitrate=MAX_50_MBPS"},
			inputSpecificationGroup(), func(a *AWS) *InputSpecification { return &a.InputSpecification }),
	}
}

// Filled returns the settings with the defaults for texts that are empty.
func (a AWS) Filled() AWS {
	filled, defaults := reflect.ValueOf(&a).Elem(), reflect.ValueOf(DefaultAWS())
	for i := range filled.NumField() {
		if f := filled.Field(i); f.Kind() == reflect.String && f.Len() == 0 {
			f.Set(defaults.Field(i))
		}
	}
	return a
}

// check checks the settings against one another. Faults do not name the section.
func (a AWS) check() error {
	a = a.Filled()
	for _, arn := range []struct{ setting, text string }{{"permissionsBoundary", a.Boundary}, {"alarmTopic", a.AlarmTopic}, {"sourceKey", a.SourceKey}} {
		if is, want := arnPart(arn.text, 1), partitionOf(a.Region); is != "" && is != want {
			return fault.New(fault.Usage, "%s: it is of the partition %s, whose resources %s does not reach: give one whose ARN begins with arn:%s:", arn.setting, is, a.Region, want)
		}
	}
	if region := regionOf(a.AlarmTopic); region != "" && region != a.Region {
		return fault.New(fault.Usage, "alarmTopic: the topic is in %s and the channel in %s, whose alarms reach topics of its own alone: give one there, and subscribe the first one's receivers to it", region, a.Region)
	}
	return nil
}

// SourceKeyRegion returns the region of the key that encrypts the source's object, which
// is that of its bucket; empty without one.
func (a AWS) SourceKeyRegion() string { return regionOf(a.SourceKey) }

// regionOf returns the region of an ARN, empty for none.
func regionOf(arn string) string { return arnPart(arn, 3) }

// arnPart returns a part of an ARN: 0 is arn, 1 the partition, 2 the service, 3 the
// region. It is empty if the ARN has none.
func arnPart(arn string, n int) string {
	if parts := strings.Split(arn, ":"); len(parts) > n {
		return parts[n]
	}
	return ""
}

// partitionOf returns the partition of AWS that a region is in.
func partitionOf(region string) string {
	for _, p := range []struct{ begin, name string }{
		{"cn-", "aws-cn"},
		{"us-gov-", "aws-us-gov"},
		{"eusc-", "aws-eusc"},
		{"us-iso-", "aws-iso"},
		{"us-isob-", "aws-iso-b"},
		{"eu-isoe-", "aws-iso-e"},
		{"us-isof-", "aws-iso-f"},
	} {
		if strings.HasPrefix(region, p.begin) {
			return p.name
		}
	}
	return "aws"
}

// Prefix returns what all names of the deployment begin with:
// project-customer-stack-region, as LILO-Client-Dev-eu-west-1.
func (a AWS) Prefix() string {
	a = a.Filled()
	return strings.Join([]string{a.Project, a.Customer, a.Stack, a.Region}, "-")
}

// LogLevels returns the levels of MediaLive's log, from nothing to everything.
func LogLevels() []string { return []string{"DISABLED", "ERROR", "WARNING", "INFO", "DEBUG"} }

// Compiled once: a server checks every channel that it starts again.
var (
	regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,3}-[1-9][0-9]?$`)
	partName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`)
	// A policy permits the use of a key by its ARN: one of an alias permits nothing, one
	// with * more than was meant.
	keyARN      = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$`)
	topicARN    = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+(\.fifo)?$`)
	boundaryARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$`)
)

func region() setting.Kind[string] {
	return matching("REGION", regionName, "%q is not the name of a region: write one such as eu-west-1")
}

// topic is the ARN of a topic, whose name has 256 characters at most (Amazon SNS API
// Reference, CreateTopic). A pattern that counts to 256 would be compiled at every start.
func topic() setting.Kind[string] {
	const otherwise = "%q is not the ARN of a topic: write arn:aws:sns:REGION:ACCOUNT:NAME"
	k := matching("ARN", topicARN, otherwise)
	form := k.Check
	k.Check = func(arn string) error {
		if name := arn[strings.LastIndexByte(arn, ':')+1:]; len(name) > 256 {
			return fault.New(fault.Usage, otherwise, arn)
		}
		return form(arn)
	}
	return k
}

func policyARN() setting.Kind[string] {
	return matching("ARN", boundaryARN, "%q is not the ARN of a policy: write arn:aws:iam::ACCOUNT:policy/NAME")
}

func windows() setting.Kind[string] {
	return setting.String("WINDOWS", func(text string) error {
		if text == "" {
			return nil
		}
		_, err := weekly.Parse(text)
		return err
	})
}

func namePart() setting.Kind[string] {
	const otherwise = "%q: a name has letters, digits and single hyphens, a letter first, and at most 24 of them"
	k := matching("NAME", partName, otherwise)
	short := k.Check
	k.Check = func(name string) error {
		if len(name) > MaxNamePart {
			return fault.New(fault.Usage, otherwise, name)
		}
		return short(name)
	}
	k.Schema["maxLength"] = MaxNamePart
	return k
}

// matching is a text that matches a pattern.
func matching(value string, pattern *regexp.Regexp, otherwise string) setting.Kind[string] {
	k := setting.String(value, func(text string) error {
		switch {
		case text == "":
			return fault.New(fault.Usage, "it is empty: leave it out")
		case !pattern.MatchString(text):
			return fault.New(fault.Usage, otherwise, text)
		}
		return nil
	})
	k.Schema = setting.Schema{"type": "string", "pattern": pattern.String()}
	return k
}

func logLevel() setting.Kind[string] {
	k := setting.Word(LogLevels()...)
	k.Value = "LEVEL"
	return k
}

// ttl is how long a channel may run: 0 would stop it at once.
func ttl() setting.Kind[time.Duration] {
	k := setting.Duration(MinTTL, MaxTTL)
	bounds := k.Check
	k.Check = func(d time.Duration) error {
		if d == 0 {
			return fault.New(fault.Usage, "%q stops at once: leave it out for never", "0s")
		}
		return bounds(d)
	}
	return k
}
