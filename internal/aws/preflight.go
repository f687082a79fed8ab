package aws

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lilo-live/lilo/internal/fault"
)

// CheckIdentity says who would deploy.
func (a *Account) CheckIdentity(ctx context.Context) (Identity, Check) {
	id, err := a.Identity(ctx)
	if err != nil {
		return id, FailedCheck("credentials", err)
	}
	return id, good("credentials", id.String())
}

// CheckService says whether MediaLive is there in the region, by asking it.
func (a *Account) CheckService(ctx context.Context) Check {
	_, err := a.Channels.ListChannels(ctx, &medialive.ListChannelsInput{MaxResults: sdk.Int32(1)})
	if err == nil {
		return good("region", a.Region+" has MediaLive")
	}
	switch troubleOf(err) {
	case denied:
		return Check{Name: "region", Result: Warning, Text: a.Region + ": this identity may not list channels", Remedy: "deploying needs the rights of docs/how-to/deploy.md"}
	case unreachable:
		return bad(fault.Access, "region", a.Region+" does not answer for MediaLive: "+cause(err), "check the name and the network; MediaLive is in eu-west-1, us-east-1 and others")
	case expired, invalid, missing, absent, conflict, throttled, interrupted, refused:
	}
	return FailedCheck("region", a.fault("asking MediaLive in "+a.Region, err))
}

// bootstrapVersion is the oldest bootstrap of the CDK that will do: the
// version that its default synthesizer asks for.
const bootstrapVersion = 6

// CheckBootstrap says whether the CDK's own resources are there, which hold
// what is uploaded and the roles that deploy it.
func (a *Account) CheckBootstrap(ctx context.Context) Check {
	out, err := a.Parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: sdk.String("/cdk-bootstrap/hnb659fds/version")})
	switch {
	case err != nil && troubleOf(err) == absent:
		return Check{Name: "bootstrap", Result: Pending, Text: "the CDK was never used in " + a.Region, Remedy: "its bootstrap is done first"}
	case err != nil && troubleOf(err) == denied:
		return Check{Name: "bootstrap", Result: Skipped, Text: "this identity may not read the bootstrap's version"}
	case err != nil:
		return FailedCheck("bootstrap", a.fault("reading the CDK's bootstrap version", err))
	}
	version := sdk.ToString(out.Parameter.Value)
	if n, err := strconv.Atoi(version); err != nil || n < bootstrapVersion {
		return Check{Name: "bootstrap", Result: Pending, Text: fmt.Sprintf("version %s is older than %d", version, bootstrapVersion), Remedy: "it is brought up to date first"}
	}
	return good("bootstrap", "version "+version)
}

// CheckQuotas says whether there is room for one more channel and input. What
// cannot be found out is no reason not to try.
func (a *Account) CheckQuotas(ctx context.Context) Check {
	channels, err := a.channelsInUse(ctx)
	if err != nil {
		return Check{Name: "quotas", Result: Skipped, Text: "this identity may not list channels"}
	}
	quota, ok := a.quota(ctx, "channels")
	if !ok {
		return Check{Name: "quotas", Result: Skipped, Text: fmt.Sprintf("%d channels are in use; the quota cannot be read", channels)}
	}
	text := fmt.Sprintf("%d of %d channels are in use", channels, quota)
	if channels >= quota {
		return bad(fault.Deploy, "quotas", text, "delete one, or ask for more in the Service Quotas console")
	}
	return good("quotas", text)
}

func (a *Account) channelsInUse(ctx context.Context) (int, error) {
	n := 0
	for in := (&medialive.ListChannelsInput{}); ; {
		out, err := a.Channels.ListChannels(ctx, in)
		if err != nil {
			return 0, err
		}
		for _, c := range out.Channels {
			if string(c.State) != Deleted {
				n++
			}
		}
		if sdk.ToString(out.NextToken) == "" {
			return n, nil
		}
		in.NextToken = out.NextToken
	}
}

// quota returns MediaLive's quota of that name: the account's, or AWS's
// default where the account has none of its own. It does not insist.
func (a *Account) quota(ctx context.Context, name string) (int, bool) {
	twice := func(o *servicequotas.Options) { o.RetryMaxAttempts = 2 }
	service := sdk.String("medialive")
	for in := (&servicequotas.ListServiceQuotasInput{ServiceCode: service}); ; {
		out, err := a.Quotas.ListServiceQuotas(ctx, in, twice)
		if err != nil {
			break
		}
		if n, ok := quotaOf(out.Quotas, name); ok {
			return n, true
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	for in := (&servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: service}); ; {
		out, err := a.Quotas.ListAWSDefaultServiceQuotas(ctx, in, twice)
		if err != nil {
			return 0, false
		}
		if n, ok := quotaOf(out.Quotas, name); ok {
			return n, true
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return 0, false
		}
	}
}

func quotaOf(all []types.ServiceQuota, name string) (int, bool) {
	for _, q := range all {
		if strings.EqualFold(sdk.ToString(q.QuotaName), name) && q.Value != nil {
			return int(*q.Value), true
		}
	}
	return 0, false
}
