package aws

import (
	"math"
	"reflect"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

func TestPrices(t *testing.T) {
	hd := StreamUsage{Codec: "AVC", Resolution: "HD", BitRate: 10_000_000, Rate: 25}
	with := func(change func(*StreamUsage)) StreamUsage {
		s := hd
		change(&s)
		return s
	}
	cases := []struct {
		name string
		b    Usage
		hour float64 // 0 where the table does not have it
	}{
		{"the original's channel", Usage{Input: hd, Outputs: []StreamUsage{hd}}, 0.5616},
		{"of two pipelines", Usage{Standard: true, Input: hd, Outputs: []StreamUsage{hd}}, 0.936},
		{"a larger input", Usage{Standard: true, Input: with(func(s *StreamUsage) { s.BitRate = 20_000_000 }), Outputs: []StreamUsage{hd}}, 0.996},
		{"SD out", Usage{Standard: true, Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Resolution = "SD" })}}, 0.588},
		{"HEVC", Usage{Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Codec = "HEVC" })}}, 0},
		{"50 frames a second", Usage{Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Rate = 50 })}}, 0},
		{"UHD", Usage{Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Resolution = "UHD" })}}, 0},
		{"a frame rate that is not known", Usage{Input: hd, Outputs: []StreamUsage{with(func(s *StreamUsage) { s.Rate = 0 })}}, 0},
		{"20 Mb/s into a pipeline", Usage{Input: with(func(s *StreamUsage) { s.BitRate = 20_000_000 }), Outputs: []StreamUsage{hd}}, 0},
	}
	for _, c := range cases {
		p, err := tableOf("us-east-1").Of(c.b)
		if p.Hour != c.hour || (err == nil) != (c.hour > 0) {
			t.Errorf("%s: %.4f, %v", c.name, p.Hour, err)
		}
		if err == nil && (p.Month < p.Hour*729 || p.Output < 4.4 || p.Source == "") {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

// TestUsageOfATemplateAndOfAChannel reads the same usage from both.
func TestUsageOfATemplateAndOfAChannel(t *testing.T) {
	template := `{"ChannelClass":"STANDARD","InputSpecification":{"Codec":"AVC","Resolution":"HD","MaximumBitrate":"MAX_20_MBPS"},
		"EncoderSettings":{"VideoDescriptions":[
			{"Name":"a","Height":1080,"CodecSettings":{"H264Settings":{"Bitrate":5000000,"MaxBitrate":8000000,"FramerateNumerator":30000,"FramerateDenominator":1001}}},
			{"Name":"b","Height":576,"CodecSettings":{"H264Settings":{"Bitrate":2000000,"FramerateNumerator":25,"FramerateDenominator":1}}}],
		"OutputGroups":[{"Outputs":[{"VideoDescriptionName":"a"},{"VideoDescriptionName":"b"}]}]}}`
	want := Usage{
		Standard: true, Input: StreamUsage{Codec: "AVC", Resolution: "HD", BitRate: 20_000_000},
		Outputs: []StreamUsage{{"AVC", "HD", 8_000_000, 30000. / 1001}, {"AVC", "SD", 2_000_000, 25}},
	}
	got, err := UsageOf([]byte(template))
	if err != nil || got.Standard != want.Standard || got.Input != want.Input || len(got.Outputs) != 2 || got.Outputs[0] != want.Outputs[0] || got.Outputs[1] != want.Outputs[1] {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	kept, err := UsageOf([]byte(`{"InputSpecification":{"Codec":"HEVC","Resolution":"UHD","MaximumBitrate":"MAX_50_MBPS"},"EncoderSettings":{
		"VideoDescriptions":[{"Name":"a","CodecSettings":{"H264Settings":{"Bitrate":5000000}}}],"OutputGroups":[{"Outputs":[{"VideoDescriptionName":"a"}]}]}}`))
	if want := (StreamUsage{"AVC", "UHD", 5_000_000, 0}); err != nil || kept.Outputs[0] != want || kept.Input.BitRate != 50_000_000 {
		t.Errorf("an output of the source's size and frame rate: %+v, %v", kept, err)
	}
	constant, err := UsageOf([]byte(`{"ChannelClass":"STANDARD","EncoderSettings":{
		"VideoDescriptions":[{"Name":"a","Height":1080,"CodecSettings":{"H264Settings":{"Bitrate":10000000,"RateControlMode":"CBR"}}}],"OutputGroups":[{"Outputs":[{"VideoDescriptionName":"a"}]}]}}`))
	if saved := constant.SavedByQVBR(); err != nil || math.Abs(saved-2*1.8) > 1e-9 || kept.SavedByQVBR() != 0 {
		t.Errorf("QVBR saves %g GB an hour of 10 Mb/s from two pipelines (%v)", saved, err)
	}
	p, err := tableOf("us-east-1").Of(got)
	if err != nil || math.Abs(p.Hour-(0.294+0.702+0.354)) > 1e-9 || len(p.Lines) != 3 {
		t.Errorf("%+v, %v", p, err)
	}
	channel := &medialive.DescribeChannelOutput{
		ChannelClass:       types.ChannelClassStandard,
		InputSpecification: &types.InputSpecification{Codec: types.InputCodecAvc, Resolution: types.InputResolutionHd, MaximumBitrate: types.InputMaximumBitrateMax20Mbps},
		EncoderSettings: &types.EncoderSettings{
			VideoDescriptions: []types.VideoDescription{
				{Name: sdk.String("a"), Height: sdk.Int32(1080), CodecSettings: &types.VideoCodecSettings{H264Settings: &types.H264Settings{
					Bitrate: sdk.Int32(5_000_000), MaxBitrate: sdk.Int32(8_000_000), FramerateNumerator: sdk.Int32(30000), FramerateDenominator: sdk.Int32(1001),
				}}},
				{Name: sdk.String("b"), Height: sdk.Int32(576), CodecSettings: &types.VideoCodecSettings{H264Settings: &types.H264Settings{
					Bitrate: sdk.Int32(2_000_000), FramerateNumerator: sdk.Int32(25), FramerateDenominator: sdk.Int32(1),
				}}},
			},
			OutputGroups: []types.OutputGroup{{Outputs: []types.Output{{VideoDescriptionName: sdk.String("a")}, {VideoDescriptionName: sdk.String("b")}}}},
		},
	}
	if of, err := usageOfChannel(channel); err != nil || !reflect.DeepEqual(of, got) {
		t.Errorf("of the channel %+v, of the template %+v, %v", of, got, err)
	}
	if _, err := UsageOf([]byte("[")); err == nil {
		t.Error("this is not a channel")
	}
	for class, want := range map[string]int64{"MAX_10_MBPS": 10_000_000, "MAX_50_MBPS": 50_000_000} {
		if got := maxBitRate(class); got != want {
			t.Errorf("%s: %d", class, got)
		}
	}
}
