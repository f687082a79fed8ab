package aws

import (
	"context"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// offerings is MediaLive with offerings.
type offerings struct {
	Channels

	all []types.Offering
	err error
}

func (o offerings) ListOfferings(_ context.Context, in *medialive.ListOfferingsInput, _ ...func(*medialive.Options)) (*medialive.ListOfferingsOutput, error) {
	var of []types.Offering
	for _, each := range o.all {
		if r := each.ResourceSpecification; *in.Duration == "12" && string(r.ChannelClass) == *in.ChannelClass && string(r.ResourceType) == *in.ResourceType {
			of = append(of, each)
		}
	}
	out := &medialive.ListOfferingsOutput{}
	out.Offerings, out.NextToken = page(of, in.NextToken)
	return out, o.err
}

func TestReservation(t *testing.T) {
	offer := func(kind types.ReservationResourceType, codec types.ReservationCodec, resolution types.ReservationResolution, bitrate types.ReservationMaximumBitrate, rate types.ReservationMaximumFramerate, month float64) types.Offering {
		return types.Offering{UsagePrice: &month, ResourceSpecification: &types.ReservationResourceSpecification{
			ResourceType: kind, ChannelClass: "SINGLE_PIPELINE", Codec: codec, Resolution: resolution, MaximumBitrate: bitrate, MaximumFramerate: rate,
		}}
	}
	upfront := offer("OUTPUT", "AVC", "HD", "MAX_10_MBPS", "MAX_30_FPS", 1)
	upfront.FixedPrice = sdk.Float64(900)
	a := &Account{Channels: offerings{all: []types.Offering{
		// Those that do not fit cost less.
		offer("INPUT", "MPEG2", "HD", "MAX_10_MBPS", "", 2), offer("INPUT", "AVC", "SD", "MAX_10_MBPS", "", 2), upfront,
		offer("INPUT", "AVC", "HD", "MAX_10_MBPS", "", 25), offer("INPUT", "AVC", "HD", "MAX_20_MBPS", "", 31),
		offer("OUTPUT", "AVC", "HD", "MAX_10_MBPS", "MAX_30_FPS", 75), offer("OUTPUT", "AVC", "HD", "MAX_20_MBPS", "MAX_60_FPS", 150),
		offer("OUTPUT", "AVC", "SD", "MAX_10_MBPS", "MAX_30_FPS", 40.3),
	}}}
	for name, c := range map[string]struct {
		u    Usage
		want Reservation
		ok   bool
	}{
		"default":                        {Usage{Input: StreamUsage{"AVC", "HD", 10_000_000, 0}, Outputs: []StreamUsage{{"AVC", "HD", 10_000_000, 25}}}, Reservation{100, 200}, true},
		"50 pictures":                    {Usage{Input: StreamUsage{"AVC", "HD", 10_000_000, 0}, Outputs: []StreamUsage{{"AVC", "HD", 10_000_000, 50}}}, Reservation{175, 350}, true},
		"a higher rate":                  {Usage{Input: StreamUsage{"AVC", "HD", 20_000_000, 0}, Outputs: []StreamUsage{{"AVC", "HD", 10_000_000, 25}}}, Reservation{106, 212}, true},
		"no whole hours":                 {Usage{Input: StreamUsage{"AVC", "HD", 10_000_000, 0}, Outputs: []StreamUsage{{"AVC", "SD", 10_000_000, 25}}}, Reservation{65.3, 131}, true},
		"a frame rate that is not known": {Usage{Input: StreamUsage{"AVC", "HD", 10_000_000, 0}, Outputs: []StreamUsage{{"AVC", "HD", 10_000_000, 0}}}, Reservation{175, 350}, true},
		"not offered":                    {Usage{Input: StreamUsage{"AVC", "HD", 10_000_000, 0}, Outputs: []StreamUsage{{"AVC", "HD", 30_000_000, 25}}}, Reservation{}, false},
		"of another class":               {Usage{Standard: true, Input: StreamUsage{"AVC", "HD", 10_000_000, 0}, Outputs: []StreamUsage{{"AVC", "HD", 10_000_000, 25}}}, Reservation{}, false},
		"no output":                      {Usage{Input: StreamUsage{"AVC", "HD", 10_000_000, 0}}, Reservation{25, 50}, false},
	} {
		got, ok := a.Reservation(t.Context(), c.u, &Price{Hour: 0.5})
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v %t, want %+v %t", name, got, ok, c.want, c.ok)
		}
	}
	a.Channels = offerings{err: answer(403, "AccessDeniedException", "no")}
	if _, ok := a.Reservation(t.Context(), Usage{Outputs: []StreamUsage{{}}}, nil); ok {
		t.Error("offerings that may not be read have a price")
	}
}
