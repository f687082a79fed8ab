package aws

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/fault"
)

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	// Wait returns nil when d has passed, and the context's error when it is done first.
	Wait(ctx context.Context, d time.Duration) error
}

// Account is an AWS account in one region.
type Account struct {
	Region     string
	Identities Identities
	Stacks     Stacks
	Channels   Channels
	Buckets    Buckets
	Parameters Parameters
	LogGroups  LogGroups
	Quotas     Quotas
	Trails     Trails
	Prices     Prices
	Clock      Clock
	// StacksAs and ObjectsAs return CloudFormation and S3 in a role, or with this
	// identity's own permissions if it may not assume the role.
	StacksAs  func(ctx context.Context, role string) (Stacks, error)
	ObjectsAs func(ctx context.Context, role string) (Objects, error)

	tariffs *Tariffs // nil until they are asked for
}

// Options configures Connect.
type Options struct {
	// Region is where the channel is, empty for that of the user's AWS configuration.
	Region string
	Clock  Clock
	// Backoff is the longest pause before a throttled or failed call is repeated.
	Backoff time.Duration
}

// attempts is how often a throttled or failed call is made.
const attempts = 6

// Connect reads the user's AWS configuration from environment and files. It
// makes no call yet.
func Connect(ctx context.Context, o Options) (*Account, error) {
	load := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}),
		config.WithRetryer(func() sdk.Retryer {
			return retry.NewStandard(func(s *retry.StandardOptions) { s.MaxAttempts, s.MaxBackoff = attempts, o.Backoff })
		}),
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	c, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fault.New(fault.Access, "the AWS configuration cannot be read: %s; check AWS_PROFILE and ~/.aws/config", awserr.Message(err))
	}
	if err := CheckRegion(c.Region); err != nil {
		return nil, err
	}
	objects := func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }
	return &Account{
		Region:     c.Region,
		Identities: sts.NewFromConfig(c),
		Stacks:     cloudformation.NewFromConfig(c),
		Channels:   medialive.NewFromConfig(c),
		Buckets:    s3.NewFromConfig(c, objects),
		Parameters: ssm.NewFromConfig(c),
		LogGroups:  cloudwatchlogs.NewFromConfig(c),
		Quotas:     servicequotas.NewFromConfig(c),
		Trails:     cloudtrail.NewFromConfig(c),
		// The list of all regions is in us-east-1. It is not worth waiting for.
		Prices: pricing.NewFromConfig(c, func(p *pricing.Options) { p.Region, p.RetryMaxAttempts = "us-east-1", 2 }),
		Clock:  o.Clock,
		StacksAs: func(ctx context.Context, role string) (Stacks, error) {
			c, err := assume(ctx, c, role)
			return cloudformation.NewFromConfig(c), err
		},
		ObjectsAs: func(ctx context.Context, role string) (Objects, error) {
			c, err := assume(ctx, c, role)
			return s3.NewFromConfig(c, objects), err
		},
	}, nil
}

// assume returns the configuration with the credentials of a role. As the CDK does, it
// keeps those that it has if they do not permit to assume the role: they may suffice.
func assume(ctx context.Context, c sdk.Config, role string) (sdk.Config, error) {
	provider := sdk.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(c), role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "lilo"
	}))
	_, err := provider.Retrieve(ctx)
	switch awserr.KindOf(err) {
	case awserr.None:
		c = c.Copy()
		c.Credentials = provider
		return c, nil
	case awserr.Denied, awserr.NotFound:
		return c, nil
	default:
		return c, err
	}
}

// CheckRegion reports what cannot be the name of a region, which becomes part of
// a host name.
func CheckRegion(region string) error {
	switch {
	case region == "":
		return fault.New(fault.Usage, "no AWS region is known: give --region eu-west-1, or set AWS_REGION")
	case !regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`).MatchString(region):
		return fault.New(fault.Usage, "%q is not an AWS region: give one such as eu-west-1", region)
	}
	return nil
}

// Identity is who the credentials belong to.
type Identity struct {
	Account string `json:"account"`
	ARN     string `json:"arn"`
}

// String returns the account and the end of the ARN.
func (i Identity) String() string {
	who := i.ARN
	if parts := strings.SplitN(i.ARN, ":", 6); len(parts) == 6 {
		who = parts[5]
	}
	return fmt.Sprintf("account %s as %s", i.Account, who)
}

// Identity returns who the credentials belong to. It needs no permission.
func (a *Account) Identity(ctx context.Context) (Identity, error) {
	out, err := a.Identities.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, a.fault("asking who the credentials belong to", err)
	}
	return Identity{Account: sdk.ToString(out.Account), ARN: sdk.ToString(out.Arn)}, nil
}
