// Package medialivetest has documents of MediaLive's API for tests.
package medialivetest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// EncoderSettings returns the settings of a channel with one video "v", one audio "a" and one
// UDP output to destination "d".
func EncoderSettings(m2ts *types.M2tsSettings) *types.EncoderSettings {
	return &types.EncoderSettings{
		TimecodeConfig:    &types.TimecodeConfig{Source: types.TimecodeConfigSourceSystemclock},
		VideoDescriptions: []types.VideoDescription{{Name: aws.String("v")}},
		AudioDescriptions: []types.AudioDescription{{Name: aws.String("a"), AudioSelectorName: aws.String("audio")}},
		OutputGroups: []types.OutputGroup{{
			OutputGroupSettings: &types.OutputGroupSettings{UdpGroupSettings: &types.UdpGroupSettings{}},
			Outputs: []types.Output{{
				VideoDescriptionName: aws.String("v"), AudioDescriptionNames: []string{"a"},
				OutputSettings: &types.OutputSettings{UdpOutputSettings: &types.UdpOutputSettings{
					Destination:       &types.OutputLocationRef{DestinationRefId: aws.String("d")},
					ContainerSettings: &types.UdpContainerSettings{M2tsSettings: m2ts},
				}},
			}},
		}},
	}
}
