package medialive

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// provider is the provider's name in the SDT where a spec has none.
const provider = "LILO"

// container returns the transport stream of a spec: MediaLive's own where the
// spec says nothing, and a service description with the channel's name.
func container(s channel.Spec) *types.M2tsSettings {
	in := s.M2TS
	m := &types.M2tsSettings{
		RateMode:          types.M2tsRateModeCbr,
		ProgramNum:        count(in.ProgramNum),
		TransportStreamId: count(in.TransportStreamID),
		PmtPid:            pid(in.PMTPID),
		VideoPid:          pid(in.VideoPID),
		PcrPid:            pid(in.PCRPID),
		AudioPids:         pidList(in.AudioPIDs),
		PatInterval:       milliseconds(in.PATInterval),
		PmtInterval:       milliseconds(in.PMTInterval),
		AudioFramesPerPes: count(in.AudioFramesPerPES),
		DvbSdtSettings:    service(s),
	}
	if in.PCRPeriod != 0 {
		m.PcrControl, m.PcrPeriod = types.M2tsPcrControlConfiguredPcrPeriod, milliseconds(in.PCRPeriod)
	}
	if s.MuxRate != 0 {
		m.Bitrate = new(int32(s.MuxRate))
	}
	return m
}

func service(s channel.Spec) *types.DvbSdtSettings {
	if s.Name == "" {
		return nil
	}
	sdt := &types.DvbSdtSettings{
		OutputSdt: types.DvbSdtOutputSdtSdtManual, ServiceName: new(s.Name), ServiceProviderName: new(provider),
		RepInterval: milliseconds(s.M2TS.SDTInterval),
	}
	if s.M2TS.ServiceProvider != "" {
		sdt.ServiceProviderName = new(s.M2TS.ServiceProvider)
	}
	return sdt
}

// count returns a number, nil for one that was not given.
func count(n int) *int32 {
	if n == 0 {
		return nil
	}
	return new(int32(n))
}

func milliseconds(d time.Duration) *int32 { return count(int(d / time.Millisecond)) }

// pid returns a PID as MediaLive writes it, nil for one that was not given.
func pid(n int) *string {
	if n == 0 {
		return nil
	}
	return new(strconv.Itoa(n))
}

func pidList(all []int) *string {
	if len(all) == 0 {
		return nil
	}
	var texts []string
	for _, n := range all {
		texts = append(texts, strconv.Itoa(n))
	}
	return new(strings.Join(texts, ","))
}
