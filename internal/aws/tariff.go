package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/channel"
)

// Tariffs are MediaLive's list prices in a region.
type Tariffs struct {
	Source string // where they come from, with their date
	all    []tariff
	unread error // why those of the Price List API could not be read
}

// tariff is the list price of a kind of input or output.
type tariff struct {
	standard, input   bool
	codec, resolution string
	maxBitRate        int64   // bit/s, inclusive; 0 for any
	maxRate           float64 // frames a second, inclusive; 0 for any
	hour              float64 // USD
}

// hourly returns the price of a stream in USD an hour: the lowest of those that cover it.
func (t Tariffs) hourly(standard, input bool, s StreamUsage) (hour float64, ok bool) {
	for _, one := range t.all {
		if one.standard == standard && one.input == input && one.covers(s) && (!ok || one.hour < hour) {
			hour, ok = one.hour, true
		}
	}
	return hour, ok
}

func (t tariff) covers(s StreamUsage) bool {
	return t.codec == s.Codec && t.resolution == s.Resolution && (t.maxBitRate == 0 || s.BitRate <= t.maxBitRate) &&
		(t.maxRate == 0 || s.Rate > 0 && s.Rate <= t.maxRate)
}

// ownList is the source of the table.
const ownList = "LILO's own list (us-east-1 alone, 2026-09-18)"

// tableOf returns a table for when the Price List API cannot be read. It has what AWS's
// list of us-east-1 said on 2026-09-18, and the input above 10 Mb/s from AWS's guide
// "Live Streaming on AWS with Amazon S3" (cost example 2, read in 2026-09). It has
// nothing that LILO would have to guess: no other regions, and no HEVC, UHD or MPEG-2.
func tableOf(region string) Tariffs {
	if region != "us-east-1" {
		return Tariffs{Source: ownList}
	}
	const fps = 30
	avc := func(standard, input bool, resolution string, most int64, rate, hour float64) tariff {
		return tariff{standard, input, channel.CodecAVC, resolution, most, rate, hour}
	}
	return Tariffs{Source: ownList, all: []tariff{
		avc(false, true, channel.ResolutionHD, 10_000_000, 0, 0.1404),
		avc(true, true, channel.ResolutionHD, 10_000_000, 0, 0.2340),
		avc(true, true, channel.ResolutionHD, 20_000_000, 0, 0.294),
		avc(false, false, channel.ResolutionSD, 10_000_000, fps, 0.2124),
		avc(true, false, channel.ResolutionSD, 10_000_000, fps, 0.3540),
		avc(false, false, channel.ResolutionHD, 10_000_000, fps, 0.4212),
		avc(true, false, channel.ResolutionHD, 10_000_000, fps, 0.7020),
	}}
}

// pricesTimeout is how long the Price List API may take.
const pricesTimeout = 10 * time.Second

// Tariffs returns the list prices of the region: those of AWS's Price List API if it can
// be read, otherwise those of a table, which has few. It asks once.
func (a *Account) Tariffs(ctx context.Context) Tariffs {
	if a.tariffs == nil {
		ctx, cancel := context.WithTimeout(ctx, pricesTimeout)
		defer cancel()
		t, err := a.listed(ctx)
		if err != nil || len(t.all) == 0 {
			t = tableOf(a.Region)
			t.unread = err
		}
		a.tariffs = &t
	}
	return *a.tariffs
}

// Price returns the list price of a running channel, or why it is not known.
func (a *Account) Price(ctx context.Context, u Usage) (price *Price, otherwise string) {
	t := a.Tariffs(ctx)
	p, err := t.Of(u)
	switch {
	case err == nil:
		return &p, ""
	case awserr.KindOf(t.unread) == awserr.Denied:
		return nil, err.Error() + ", and this identity may not read AWS's (pricing:GetProducts)"
	case t.unread != nil:
		return nil, err.Error() + ", and AWS's cannot be read: " + awserr.Cause(t.unread)
	}
	return nil, err.Error()
}

// listed reads the prices of the region from the Price List API.
func (a *Account) listed(ctx context.Context) (Tariffs, error) {
	t := Tariffs{}
	pages := pricing.NewGetProductsPaginator(a.Prices, &pricing.GetProductsInput{
		ServiceCode: sdk.String("AWSElementalMediaLive"), FormatVersion: sdk.String("aws_v1"),
		Filters: []types.Filter{{Type: types.FilterTypeTermMatch, Field: sdk.String("regionCode"), Value: &a.Region}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Tariffs{}, err
		}
		for _, text := range page.PriceList {
			one, published, ok := tariffOf(text)
			if ok {
				t.all = append(t.all, one)
				t.Source = fmt.Sprintf("AWS's price list (%s, published %s)", a.Region, published)
			}
		}
	}
	return t, nil
}

// usageType is the usage type of an input or an output by the hour, such as
// EML2-USE1-OUT-AVC-HD-L10-30-S: class (1 for SINGLE_PIPELINE, 2 for STANDARD), region,
// direction, codec, resolution, most Mb/s, most frames a second and standard quality. Of
// HEVC it has no bit rate, of inputs no frame rate. Those of reservations end with R.
var usageType = regexp.MustCompile(`^EML([12])-[A-Z0-9]+-(IN|OUT)-(AVC|HEVC|MPEG2)-(SD|HD|UHD)(?:-L([0-9]+))?(?:-([0-9]+))?(?:-S)?$`)

// tariffOf reads a product of the Price List API and the day of its list. ok is false
// for other products than inputs and outputs by the hour.
func tariffOf(text string) (t tariff, published string, ok bool) {
	var p struct {
		Product struct {
			Attributes struct{ Usagetype string }
		}
		PublicationDate string
		Terms           struct {
			OnDemand map[string]struct {
				PriceDimensions map[string]struct {
					Unit         string
					PricePerUnit struct{ USD string }
				}
			}
		}
	}
	if json.Unmarshal([]byte(text), &p) != nil {
		return tariff{}, "", false
	}
	m := usageType.FindStringSubmatch(p.Product.Attributes.Usagetype)
	if m == nil {
		return tariff{}, "", false
	}
	rate, _ := strconv.ParseFloat("0"+m[6], 64)
	megabits, _ := strconv.ParseInt("0"+m[5], 10, 32)
	t = tariff{standard: m[1] == "2", input: m[2] == "IN", codec: m[3], resolution: m[4], maxBitRate: megabits * 1_000_000, maxRate: rate}
	for _, term := range p.Terms.OnDemand {
		for _, d := range term.PriceDimensions {
			hour, err := strconv.ParseFloat(d.PricePerUnit.USD, 64)
			if ok = err == nil && hour > 0 && d.Unit == "Hrs"; ok {
				t.hour = hour
				return t, dayOf(p.PublicationDate), true
			}
		}
	}
	return tariff{}, "", false
}

// dayOf returns the day of a time of RFC 3339.
func dayOf(text string) string { return text[:min(len(text), len(time.DateOnly))] }
