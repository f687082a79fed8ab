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

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/deployment"
	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/fault"
)

// CheckIdentity checks the credentials.
func (a *Account) CheckIdentity(ctx context.Context) (Identity, Check) {
	id, err := a.Identity(ctx)
	if err != nil {
		return id, FailedCheck("credentials", err)
	}
	return id, good("credentials", id.String())
}

// CheckService checks that the region has MediaLive, by calling it.
func (a *Account) CheckService(ctx context.Context) Check {
	_, err := a.Channels.ListChannels(ctx, &medialive.ListChannelsInput{MaxResults: sdk.Int32(1)})
	if err == nil {
		return good("region", a.Region+" has MediaLive")
	}
	switch awserr.KindOf(err) {
	case awserr.Denied:
		return Check{Name: "region", Result: Warning, Text: a.Region + ": this identity may not list channels", Remedy: "deploying needs the permissions in docs/how-to/deploy.md"}
	case awserr.Unreachable:
		return bad(fault.Access, "region", "MediaLive in "+a.Region+" does not answer: "+awserr.Cause(err), "check the region and the network; MediaLive is in eu-west-1, us-east-1 and others")
	default:
		return FailedCheck("region", a.fault("calling MediaLive in "+a.Region, err))
	}
}

// CheckBootstrap checks that the CDK's own resources exist: the bucket for
// uploads and the roles that deploy.
func (a *Account) CheckBootstrap(ctx context.Context) Check {
	out, err := a.Parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: sdk.String(template.BootstrapParameter)})
	switch awserr.KindOf(err) {
	case awserr.None:
	case awserr.NotFound:
		return Check{Name: "bootstrap", Result: Pending, Text: a.Region + " is not bootstrapped for the CDK", Remedy: "the deployment does it first"}
	case awserr.Denied:
		return Check{Name: "bootstrap", Result: Skipped, Text: "this identity may not read the bootstrap version"}
	default:
		return FailedCheck("bootstrap", a.fault("reading the CDK's bootstrap version", err))
	}
	version := sdk.ToString(out.Parameter.Value)
	if n, err := strconv.Atoi(version); err != nil || n < template.BootstrapVersion {
		return bad(fault.Tool, "bootstrap", fmt.Sprintf("version %s of the CDK's bootstrap is older than %d", version, template.BootstrapVersion), "update it with npx aws-cdk bootstrap")
	}
	return good("bootstrap", "version "+version)
}

// CheckQuotas checks that the account may have one more channel. It is skipped
// if the channels or the quota cannot be read.
func (a *Account) CheckQuotas(ctx context.Context) Check {
	channels, err := channelsInUse(ctx, a.Channels)
	if awserr.KindOf(err) == awserr.Denied {
		return Check{Name: "quotas", Result: Skipped, Text: "this identity may not list channels"}
	}
	if err != nil {
		return Check{Name: "quotas", Result: Skipped, Text: a.fault("listing the channels in use", err).Error()}
	}
	quota, ok := quotaOf(ctx, a.Quotas, "channels")
	if !ok {
		return Check{Name: "quotas", Result: Skipped, Text: fmt.Sprintf("%d channels are in use; the quota cannot be read", channels)}
	}
	text := fmt.Sprintf("%d of %d channels are in use", channels, quota)
	if channels >= quota {
		return bad(fault.Deploy, "quotas", text, "delete one, or request an increase in the Service Quotas console")
	}
	return good("quotas", text)
}

func channelsInUse(ctx context.Context, client medialive.ListChannelsAPIClient) (n int, err error) {
	for pages := medialive.NewListChannelsPaginator(client, &medialive.ListChannelsInput{}); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, c := range out.Channels {
			if string(c.State) != deployment.Deleted {
				n++
			}
		}
	}
	return n, nil
}

// quotaOf returns MediaLive's quota of that name: the account's, or AWS's default
// if the account has none of its own. It tries each only twice.
func quotaOf(ctx context.Context, quotas Quotas, name string) (int, bool) {
	service, twice := sdk.String("medialive"), func(o *servicequotas.Options) { o.RetryMaxAttempts = 2 }
	own := servicequotas.NewListServiceQuotasPaginator(quotas, &servicequotas.ListServiceQuotasInput{ServiceCode: service})
	for own.HasMorePages() {
		out, err := own.NextPage(ctx, twice)
		if err != nil {
			break
		}
		if n, ok := findQuota(out.Quotas, name); ok {
			return n, true
		}
	}
	defaults := servicequotas.NewListAWSDefaultServiceQuotasPaginator(quotas, &servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: service})
	for defaults.HasMorePages() {
		out, err := defaults.NextPage(ctx, twice)
		if err != nil {
			break
		}
		if n, ok := findQuota(out.Quotas, name); ok {
			return n, true
		}
	}
	return 0, false
}

func findQuota(quotas []types.ServiceQuota, name string) (int, bool) {
	for _, q := range quotas {
		if strings.EqualFold(sdk.ToString(q.QuotaName), name) && q.Value != nil {
			return int(*q.Value), true
		}
	}
	return 0, false
}
