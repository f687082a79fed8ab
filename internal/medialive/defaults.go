package medialive

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// defaults returns the defaults that MediaLive fills in, by the type of the
// structure. The service does not publish them: they are what its console, its
// descriptions of real channels and its user guide show.
func defaults() map[reflect.Type]reflect.Value {
	all := make(map[reflect.Type]reflect.Value)
	for _, group := range [][]any{channelDefaults(), inputDefaults(), videoDefaults(), audioDefaults(), outputDefaults(), hlsDefaults()} {
		for _, v := range group {
			all[reflect.TypeOf(v)] = reflect.ValueOf(v)
		}
	}
	return all
}

func i32(number int32) *int32     { return new(number) }
func f64(number float64) *float64 { return new(number) }

func channelDefaults() []any {
	return []any{
		types.Channel{ChannelClass: "STANDARD", LogLevel: "DISABLED", Destinations: []types.OutputDestination{}, InputAttachments: []types.InputAttachment{}},
		types.InputSpecification{Codec: "AVC", MaximumBitrate: "MAX_20_MBPS", Resolution: "HD"},
		types.MaintenanceStatus{MaintenanceDay: "SUNDAY", MaintenanceStartTime: new("02:00")},
		types.OutputDestination{
			Settings: []types.OutputDestinationSettings{}, MediaPackageSettings: []types.MediaPackageOutputDestinationSettings{},
			SrtSettings: []types.SrtOutputDestinationSettings{},
		},
		types.EncoderSettings{
			AudioDescriptions: []types.AudioDescription{}, CaptionDescriptions: []types.CaptionDescription{},
			OutputGroups: []types.OutputGroup{}, VideoDescriptions: []types.VideoDescription{},
		},
		types.GlobalConfiguration{
			InitialAudioGain: i32(0), InputEndAction: "SWITCH_AND_LOOP_INPUTS", OutputLockingMode: "PIPELINE_LOCKING",
			OutputTimingSource: "INPUT_CLOCK", SupportLowFramerateInputs: "DISABLED",
		},
		types.InputLossBehavior{
			BlackFrameMsec: i32(1000), InputLossImageColor: new("000000"), InputLossImageType: "COLOR", RepeatFrameMsec: i32(1000),
		},
		types.FeatureActivations{InputPrepareScheduleActions: "DISABLED", OutputStaticImageOverlayScheduleActions: "DISABLED"},
		types.AvailConfiguration{Scte35SegmentationScope: "ALL_OUTPUT_GROUPS"},
		types.AvailBlanking{State: "DISABLED"},
		types.BlackoutSlate{NetworkEndBlackout: "DISABLED", State: "DISABLED"},
		types.MotionGraphicsConfiguration{MotionGraphicsInsertion: "DISABLED"},
		types.NielsenConfiguration{NielsenPcmToId3Tagging: "DISABLED"},
	}
}

func inputDefaults() []any {
	return []any{
		types.InputSettings{
			AudioSelectors: []types.AudioSelector{}, CaptionSelectors: []types.CaptionSelector{}, DeblockFilter: "DISABLED",
			DenoiseFilter: "DISABLED", FilterStrength: i32(1), InputFilter: "AUTO", Smpte2038DataPreference: "IGNORE", SourceEndBehavior: "CONTINUE",
		},
		types.VideoSelector{ColorSpace: "FOLLOW", ColorSpaceUsage: "FALLBACK"},
		types.NetworkInputSettings{ServerValidation: "CHECK_CRYPTOGRAPHY_AND_VALIDATE_NAME"},
		types.HlsInputSettings{Scte35Source: "SEGMENTS"},
		types.AutomaticInputFailoverSettings{ErrorClearTimeMsec: i32(1), InputPreference: "EQUAL_INPUT_PREFERENCE", FailoverConditions: []types.FailoverCondition{}},
		types.AudioLanguageSelection{LanguageSelectionPolicy: "LOOSE"},
	}
}

func videoDefaults() []any {
	return []any{
		types.VideoDescription{RespondToAfd: "NONE", ScalingBehavior: "DEFAULT", Sharpness: i32(50)},
		types.H264Settings{
			AdaptiveQuantization: "AUTO", AfdSignaling: "NONE", ColorMetadata: "INSERT", EntropyEncoding: "CABAC", FlickerAq: "ENABLED",
			ForceFieldPictures: "DISABLED", GopBReference: "DISABLED", GopClosedCadence: i32(1), GopNumBFrames: i32(2), GopSize: f64(90),
			GopSizeUnits: "FRAMES", Level: "H264_LEVEL_AUTO", LookAheadRateControl: "MEDIUM", NumRefFrames: i32(1), Profile: "MAIN",
			RateControlMode: "CBR", ScanType: "PROGRESSIVE", SceneChangeDetect: "ENABLED", SpatialAq: "ENABLED", SubgopLength: "FIXED",
			Syntax: "DEFAULT", TemporalAq: "ENABLED", TimecodeInsertion: "DISABLED",
		},
		types.H265Settings{
			AdaptiveQuantization: "AUTO", AfdSignaling: "NONE", AlternativeTransferFunction: "OMIT", ColorMetadata: "INSERT",
			Deblocking: "ENABLED", FlickerAq: "ENABLED", GopBReference: "DISABLED", GopClosedCadence: i32(1), GopNumBFrames: i32(2),
			GopSize: f64(90), GopSizeUnits: "FRAMES", Level: "H265_LEVEL_AUTO", LookAheadRateControl: "MEDIUM",
			MvOverPictureBoundaries: "ENABLED", MvTemporalPredictor: "ENABLED", Profile: "MAIN", RateControlMode: "CBR",
			ScanType: "PROGRESSIVE", SceneChangeDetect: "ENABLED", SubgopLength: "FIXED", Tier: "MAIN", TilePadding: "NONE",
			TimecodeInsertion: "DISABLED", TreeblockSize: "AUTO",
		},
		types.Mpeg2Settings{
			AdaptiveQuantization: "AUTO", AfdSignaling: "NONE", ColorMetadata: "INSERT", ColorSpace: "AUTO",
			DisplayAspectRatio: "DISPLAYRATIO16X9", GopClosedCadence: i32(1), GopNumBFrames: i32(2), GopSize: f64(12), GopSizeUnits: "FRAMES",
			ScanType: "PROGRESSIVE", SubgopLength: "FIXED", TimecodeInsertion: "DISABLED",
		},
		types.TemporalFilterSettings{PostFilterSharpening: "AUTO", Strength: "AUTO"},
	}
}

func audioDefaults() []any {
	return []any{
		types.AudioDescription{AudioTypeControl: "FOLLOW_INPUT", LanguageCodeControl: "FOLLOW_INPUT"},
		types.AacSettings{
			Bitrate: f64(192_000), CodingMode: "CODING_MODE_2_0", InputType: "NORMAL", Profile: "LC", RateControlMode: "CBR",
			RawFormat: "NONE", SampleRate: f64(48_000), Spec: "MPEG4",
		},
		types.Ac3Settings{
			AttenuationControl: "NONE", Bitrate: f64(192_000), BitstreamMode: "COMPLETE_MAIN", CodingMode: "CODING_MODE_2_0",
			DrcProfile: "NONE", LfeFilter: "DISABLED", MetadataControl: "USE_CONFIGURED",
		},
		types.Eac3Settings{
			AttenuationControl: "NONE", Bitrate: f64(192_000), BitstreamMode: "COMPLETE_MAIN", CodingMode: "CODING_MODE_2_0",
			DcFilter: "DISABLED", DrcLine: "NONE", DrcRf: "NONE", LfeControl: "LFE", LfeFilter: "DISABLED",
			MetadataControl: "USE_CONFIGURED", PassthroughControl: "NO_PASSTHROUGH", PhaseControl: "SHIFT_90_DEGREES",
			StereoDownmix: "NOT_INDICATED", SurroundExMode: "NOT_INDICATED", SurroundMode: "NOT_INDICATED",
		},
		types.Mp2Settings{Bitrate: f64(192_000), CodingMode: "CODING_MODE_2_0", SampleRate: f64(48_000)},
		types.WavSettings{BitDepth: f64(16), CodingMode: "CODING_MODE_2_0", SampleRate: f64(48_000)},
		types.AudioNormalizationSettings{Algorithm: "ITU_1770_1", AlgorithmControl: "CORRECT_AUDIO", TargetLkfs: f64(-23)},
	}
}

func outputDefaults() []any {
	return []any{
		types.OutputGroup{Outputs: []types.Output{}},
		types.Output{AudioDescriptionNames: []string{}, CaptionDescriptionNames: []string{}},
		types.UdpGroupSettings{InputLossAction: "EMIT_PROGRAM", TimedMetadataId3Frame: "PRIV", TimedMetadataId3Period: i32(10)},
		types.UdpOutputSettings{BufferMsec: i32(1000)},
		types.SrtGroupSettings{InputLossAction: "EMIT_PROGRAM"},
		types.SrtOutputSettings{BufferMsec: i32(1000), EncryptionType: "AES256", Latency: i32(2000)},
		types.M2tsSettings{
			AbsentInputAudioBehavior: "ENCODE_SILENCE", Arib: "DISABLED", AribCaptionsPid: new("507"), AribCaptionsPidControl: "AUTO",
			AudioBufferModel: "ATSC", AudioFramesPerPes: i32(2), AudioPids: new("482-498"), AudioStreamType: "DVB", BufferModel: "MULTIPLEX",
			CcDescriptor: "DISABLED", DvbSubPids: new("460-479"), DvbTeletextPid: new("499"), Ebif: "NONE", EbpAudioInterval: "VIDEO_INTERVAL",
			EbpPlacement: "VIDEO_AND_AUDIO_PIDS", EsRateInPes: "EXCLUDE", EtvPlatformPid: new("504"), EtvSignalPid: new("505"), Klv: "NONE",
			KlvDataPids: new("501"), NielsenId3Behavior: "NO_PASSTHROUGH", PatInterval: i32(100), PcrControl: "PCR_EVERY_PES_PACKET",
			PcrPeriod: i32(40), PmtInterval: i32(100), PmtPid: new("480"), ProgramNum: i32(1), RateMode: "CBR", Scte27Pids: new("450-459"),
			Scte35Control: "NONE", Scte35Pid: new("500"), SegmentationMarkers: "NONE", SegmentationStyle: "MAINTAIN_CADENCE",
			TimedMetadataBehavior: "NO_PASSTHROUGH", TimedMetadataPid: new("502"), VideoPid: new("481"),
		},
		types.DvbSdtSettings{OutputSdt: "SDT_MANUAL", RepInterval: i32(500)},
		types.DvbNitSettings{RepInterval: i32(500)},
		types.DvbTdtSettings{RepInterval: i32(1000)},
		types.ArchiveGroupSettings{RolloverInterval: i32(300)},
		types.RtmpGroupSettings{
			AdMarkers: []types.RtmpAdMarkers{}, AuthenticationScheme: "COMMON", CacheFullBehavior: "DISCONNECT_IMMEDIATELY", CacheLength: i32(30),
			CaptionData: "ALL", IncludeFillerNalUnits: "AUTO", InputLossAction: "EMIT_OUTPUT", RestartDelay: i32(15),
		},
		types.RtmpOutputSettings{CertificateMode: "VERIFY_AUTHENTICITY", ConnectionRetryInterval: i32(2), NumRetries: i32(10)},
		types.MsSmoothGroupSettings{
			AudioOnlyTimecodeControl: "PASSTHROUGH", CertificateMode: "VERIFY_AUTHENTICITY", ConnectionRetryInterval: i32(2),
			EventIdMode: "USE_CONFIGURED", EventStopBehavior: "SEND_EOS", FilecacheDuration: i32(0), FragmentLength: i32(2),
			InputLossAction: "EMIT_OUTPUT", NumRetries: i32(10), RestartDelay: i32(15), SegmentationMode: "USE_SEGMENT_DURATION",
			SendDelayMs: i32(0), SparseTrackType: "NONE", StreamManifestBehavior: "SEND", TimestampOffsetMode: "USE_EVENT_START_DATE",
		},
	}
}

func hlsDefaults() []any {
	return []any{
		types.HlsGroupSettings{
			AdMarkers: []types.HlsAdMarkers{}, CaptionLanguageMappings: []types.CaptionLanguageMapping{}, CaptionLanguageSetting: "OMIT",
			ClientCache: "ENABLED", CodecSpecification: "RFC_4281", DirectoryStructure: "SINGLE_DIRECTORY", DiscontinuityTags: "INSERT",
			HlsId3SegmentTagging: "DISABLED", IFrameOnlyPlaylists: "DISABLED", IncompleteSegmentBehavior: "AUTO", IndexNSegments: i32(10),
			InputLossAction: "EMIT_OUTPUT", IvInManifest: "INCLUDE", IvSource: "FOLLOWS_SEGMENT_NUMBER", KeepSegments: i32(21),
			ManifestCompression: "NONE", ManifestDurationFormat: "FLOATING_POINT", Mode: "LIVE", OutputSelection: "MANIFESTS_AND_SEGMENTS",
			ProgramDateTime: "EXCLUDE", ProgramDateTimeClock: "INITIALIZE_FROM_OUTPUT_TIMECODE", ProgramDateTimePeriod: i32(600),
			RedundantManifest: "DISABLED", SegmentLength: i32(10), SegmentationMode: "USE_SEGMENT_DURATION", SegmentsPerSubdirectory: i32(10000),
			StreamInfResolution: "INCLUDE", TimedMetadataId3Frame: "PRIV", TimedMetadataId3Period: i32(10), TsFileMode: "SEGMENTED_FILES",
		},
		types.HlsBasicPutSettings{ConnectionRetryInterval: i32(1), FilecacheDuration: i32(300), NumRetries: i32(10), RestartDelay: i32(15)},
		types.HlsOutputSettings{H265PackagingType: "HVC1"},
		types.StandardHlsSettings{AudioRenditionSets: new("program_audio")},
		types.Fmp4HlsSettings{AudioRenditionSets: new("program_audio"), NielsenId3Behavior: "NO_PASSTHROUGH", TimedMetadataBehavior: "NO_PASSTHROUGH"},
		types.M3u8Settings{
			AudioFramesPerPes: i32(4), AudioPids: new("492-498"), KlvBehavior: "NO_PASSTHROUGH", KlvDataPids: new("501"),
			NielsenId3Behavior: "NO_PASSTHROUGH", PcrControl: "PCR_EVERY_PES_PACKET", PmtPid: new("480"), ProgramNum: i32(1),
			Scte35Behavior: "NO_PASSTHROUGH", Scte35Pid: new("500"), TimedMetadataBehavior: "NO_PASSTHROUGH", TimedMetadataPid: new("502"),
			VideoPid: new("481"),
		},
	}
}
