package aws

import (
	"context"
	"math"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// Reservation is what it costs to reserve all that a channel uses for a year. It is
// paid for every month, whether the channel runs or not.
type Reservation struct {
	Month float64 `json:"usd_a_month"`
	// PaysFrom is from how many hours a month it costs less than the list price, 0 if
	// that is not known.
	PaysFrom float64 `json:"pays_from_hours_a_month,omitempty"`
}

// Reservation returns what MediaLive offers for a year in this region for what a channel
// uses, price being the list price, nil if it is not known. ok is false if there is no
// offering for a part of it, or the offerings cannot be read.
func (a *Account) Reservation(ctx context.Context, u Usage, price *Price) (r Reservation, ok bool) {
	for i, s := range append([]StreamUsage{u.Input}, u.Outputs...) {
		month, ok := a.offering(ctx, u.Standard, i == 0, s)
		if !ok {
			return Reservation{}, false
		}
		r.Month += month
	}
	r.Month = math.Round(r.Month*100) / 100
	if price != nil && price.Hour > 0 {
		r.PaysFrom = math.Ceil(r.Month / price.Hour)
	}
	return r, len(u.Outputs) > 0
}

// offering returns the price a month of the cheapest offering that a stream fits.
func (a *Account) offering(ctx context.Context, standard, input bool, s StreamUsage) (month float64, ok bool) {
	class, kind := "SINGLE_PIPELINE", "OUTPUT"
	if standard {
		class = "STANDARD"
	}
	if input {
		kind = "INPUT"
	}
	pages := medialive.NewListOfferingsPaginator(a.Channels, &medialive.ListOfferingsInput{
		ChannelClass: &class, ResourceType: &kind, Codec: &s.Codec, Resolution: &s.Resolution, Duration: sdk.String("12"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, false
		}
		for _, o := range page.Offerings {
			if price := sdk.ToFloat64(o.UsagePrice); fits(s, o.ResourceSpecification) && sdk.ToFloat64(o.FixedPrice) == 0 && (!ok || price < month) {
				month, ok = price, true
			}
		}
	}
	return month, ok
}

// fits reports whether a reservation of a resource covers a stream.
func fits(s StreamUsage, r *types.ReservationResourceSpecification) bool {
	if r == nil || string(r.Codec) != s.Codec || string(r.Resolution) != s.Resolution {
		return false
	}
	most := map[types.ReservationMaximumBitrate]int64{
		types.ReservationMaximumBitrateMax10Mbps: 10_000_000, types.ReservationMaximumBitrateMax20Mbps: 20_000_000,
		types.ReservationMaximumBitrateMax50Mbps: 50_000_000,
	}[r.MaximumBitrate]
	if r.MaximumBitrate != "" && s.BitRate > most {
		return false
	}
	return r.MaximumFramerate != types.ReservationMaximumFramerateMax30Fps || s.Rate > 0 && s.Rate <= 30
}
