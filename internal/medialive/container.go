package medialive

import (
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/m2ts"
)

// container returns the transport stream of a spec: MediaLive's own where the
// spec says nothing, and a service description with the channel's name.
func container(s channel.Spec) *types.M2tsSettings {
	m := &types.M2tsSettings{RateMode: types.M2tsRateModeCbr}
	if s.Name != "" {
		m.DvbSdtSettings = &types.DvbSdtSettings{
			OutputSdt: types.DvbSdtOutputSdtSdtManual, ServiceName: new(s.Name), ServiceProviderName: new(m2ts.DefaultProvider),
		}
	}
	put(m, m2ts.Fields(), &s.M2TS)
	if s.M2TS.PCRPeriod != 0 {
		m.PcrControl = types.M2tsPcrControlConfiguredPcrPeriod
	}
	m.Bitrate = count(int(s.MuxRate))
	return m
}

// count returns a number, nil for one that was not given.
func count(n int) *int32 {
	if n == 0 {
		return nil
	}
	return new(int32(n))
}
