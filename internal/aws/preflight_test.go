package aws

import (
	"context"
	"errors"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lilo-live/lilo/internal/fault"
)

// channelList is MediaLive with channels in these states, listed two a page.
type channelList struct {
	Channels

	states []types.ChannelState
	err    error
}

func (c channelList) ListChannels(_ context.Context, in *medialive.ListChannelsInput, _ ...func(*medialive.Options)) (*medialive.ListChannelsOutput, error) {
	if c.err != nil {
		return nil, c.err
	}
	out := &medialive.ListChannelsOutput{}
	states, next := page(c.states, in.NextToken)
	for _, s := range states {
		out.Channels = append(out.Channels, types.ChannelSummary{State: s})
	}
	out.NextToken = next
	return out, nil
}

func TestCheckService(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		result Result
		kind   fault.Kind
		want   string
	}{
		"there":        {nil, OK, 0, "eu-west-1 has MediaLive"},
		"denied":       {answer(403, "AccessDeniedException", "no"), Warning, 0, "eu-west-1: this identity may not list channels"},
		"no such host": {&smithyhttp.RequestSendError{Err: errors.New("no such host")}, Failing, fault.Access, "MediaLive in eu-west-1 does not answer: no such host"},
		"busy":         {answer(500, "InternalServerErrorException", "x"), Failing, fault.Deploy, "AWS is busy while calling MediaLive in eu-west-1"},
		"expired":      {answer(403, "ExpiredTokenException", "x"), Failing, fault.Access, "the AWS credentials expired"},
	} {
		got := (&Account{Region: "eu-west-1", Channels: channelList{err: c.err}}).CheckService(t.Context())
		if got.Result != c.result || got.Kind != c.kind || !strings.HasPrefix(got.Text, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

type parameter struct {
	value string
	err   error
}

func (p parameter) GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: &p.value}}, p.err
}

func TestCheckBootstrap(t *testing.T) {
	for name, c := range map[string]struct {
		parameter parameter
		result    Result
		want      string
	}{
		"recent":  {parameter{value: "25"}, OK, "version 25"},
		"oldest":  {parameter{value: "6"}, OK, "version 6"},
		"too old": {parameter{value: "5"}, Failing, "version 5 of the CDK's bootstrap is older than 6"},
		"garbled": {parameter{value: "x"}, Failing, "version x of the CDK's bootstrap is older than 6"},
		"never":   {parameter{err: answer(400, "ParameterNotFound", "")}, Pending, "eu-west-1 is not bootstrapped"},
		"denied":  {parameter{err: answer(400, "AccessDeniedException", "no")}, Skipped, "this identity may not read"},
		"failing": {parameter{err: answer(500, "InternalServerError", "x")}, Failing, "AWS is busy"},
	} {
		got := (&Account{Region: "eu-west-1", Parameters: c.parameter}).CheckBootstrap(t.Context())
		if got.Result != c.result || !strings.HasPrefix(got.Text, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// quotas is Service Quotas: own are the account's, listed two a page.
type quotas struct {
	own, defaults       []quotatypes.ServiceQuota
	ownErr, defaultsErr error
}

func (q quotas) ListServiceQuotas(_ context.Context, in *servicequotas.ListServiceQuotasInput, _ ...func(*servicequotas.Options)) (*servicequotas.ListServiceQuotasOutput, error) {
	out := &servicequotas.ListServiceQuotasOutput{}
	out.Quotas, out.NextToken = page(q.own, in.NextToken)
	return out, q.ownErr
}

func (q quotas) ListAWSDefaultServiceQuotas(_ context.Context, in *servicequotas.ListAWSDefaultServiceQuotasInput, _ ...func(*servicequotas.Options)) (*servicequotas.ListAWSDefaultServiceQuotasOutput, error) {
	out := &servicequotas.ListAWSDefaultServiceQuotasOutput{}
	out.Quotas, out.NextToken = page(q.defaults, in.NextToken)
	return out, q.defaultsErr
}

func TestCheckQuotas(t *testing.T) {
	list := func(pairs ...any) (all []quotatypes.ServiceQuota) {
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, quotatypes.ServiceQuota{QuotaName: sdk.String(pairs[i].(string)), Value: sdk.Float64(pairs[i+1].(float64))})
		}
		return all
	}
	five := []types.ChannelState{types.ChannelStateRunning, types.ChannelStateIdle, types.ChannelStateDeleted, types.ChannelStateRunning, types.ChannelStateIdle, types.ChannelStateCreating}
	denied := answer(403, "AccessDeniedException", "no")
	for name, c := range map[string]struct {
		channels channelList
		quotas   quotas
		result   Result
		want     string
	}{
		"room":            {channelList{states: five}, quotas{own: list("Inputs", 100., "x", 1., "Channels", 6.)}, OK, "5 of 6 channels are in use"},
		"full":            {channelList{states: five}, quotas{own: list("Channels", 5.)}, Failing, "5 of 5 channels are in use"},
		"default":         {channelList{states: five}, quotas{own: list("Inputs", 100.), defaults: list("a", 1., "b", 2., "channels", 7.)}, OK, "5 of 7"},
		"own not allowed": {channelList{states: five}, quotas{ownErr: denied, defaults: list("Channels", 7.)}, OK, "5 of 7"},
		"unknown quota":   {channelList{states: five}, quotas{}, Skipped, "5 channels are in use; the quota cannot be read"},
		"not allowed":     {channelList{states: five}, quotas{ownErr: denied, defaultsErr: denied}, Skipped, "5 channels are in use"},
		"no list":         {channelList{err: denied}, quotas{}, Skipped, "this identity may not list channels"},
		"throttled":       {channelList{err: answer(429, "TooManyRequestsException", "Slow down")}, quotas{}, Skipped, "AWS is busy while listing the channels in use: Slow down"},
		"no answer":       {channelList{err: &smithyhttp.RequestSendError{Err: errors.New("no route")}}, quotas{}, Skipped, "AWS in eu-west-1 cannot be reached while listing the channels in use: no route"},
		"expired":         {channelList{err: answer(403, "ExpiredTokenException", "x")}, quotas{}, Skipped, "the AWS credentials expired while listing the channels in use"},
	} {
		got := (&Account{Region: "eu-west-1", Channels: c.channels, Quotas: c.quotas}).CheckQuotas(t.Context())
		if got.Result != c.result || !strings.HasPrefix(got.Text, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
