package medialive

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// described returns the channel that a request creates, as far as it says.
func described(t *testing.T, request any) *types.Channel {
	t.Helper()
	text, err := Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var c types.Channel
	if err := Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// completed returns a copy of a channel with every default, whether a description shows it or not.
func completed(c *types.Channel) *types.Channel {
	full := new(types.Channel)
	Merge(full, c)
	for i := range full.InputAttachments {
		if full.InputAttachments[i].InputSettings == nil {
			full.InputAttachments[i].InputSettings = &types.InputSettings{}
		}
	}
	complete(full, defaults())
	return full
}

// TestCompleteChannel holds the description of the default channel against a
// golden file, and that of an empty one.
func TestCompleteChannel(t *testing.T) {
	request, err := ChannelRequest(plain(), "1234567", "arn:aws:iam::123456789012:role/R")
	if err != nil {
		t.Fatal(err)
	}
	c := described(t, request)
	Complete(c)
	goldenDocument(t, "described", types.Channel{}, c)
	bare := &types.Channel{}
	Complete(bare)
	goldenDocument(t, "empty", types.Channel{}, bare)
}

// TestTransportStreamDefaults holds MediaLive's defaults of the transport stream.
func TestTransportStreamDefaults(t *testing.T) {
	c := &types.Channel{EncoderSettings: &types.EncoderSettings{OutputGroups: []types.OutputGroup{{
		Outputs: []types.Output{{OutputSettings: &types.OutputSettings{UdpOutputSettings: &types.UdpOutputSettings{
			ContainerSettings: &types.UdpContainerSettings{M2tsSettings: &types.M2tsSettings{}},
		}}}},
	}}}}
	m2ts := follow(tree(t, completed(c)), "encoderSettings/outputGroups/0/outputs/0/outputSettings/udpOutputSettings/containerSettings/m2tsSettings")
	for key, want := range map[string]any{
		"patInterval": 100.0, "pmtInterval": 100.0, "pcrControl": "PCR_EVERY_PES_PACKET", "pcrPeriod": 40.0, "rateMode": "CBR",
		"bufferModel": "MULTIPLEX", "programNum": 1.0, "audioFramesPerPes": 2.0, "audioBufferModel": "ATSC", "audioStreamType": "DVB",
		"esRateInPes": "EXCLUDE", "segmentationMarkers": "NONE", "segmentationStyle": "MAINTAIN_CADENCE",
		"absentInputAudioBehavior": "ENCODE_SILENCE", "scte35Control": "NONE", "timedMetadataBehavior": "NO_PASSTHROUGH",
		"pmtPid": "480", "videoPid": "481", "audioPids": "482-498", "scte35Pid": "500", "timedMetadataPid": "502",
	} {
		if got := follow(m2ts, key); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}

// Terraform's provider takes what a description shows of a member that its schema has as optional
// and not as computed, or computed in an item of a set, for a difference to the configuration.
// testdata/terraform.txt lists them for version 5.100.0. MediaLive shows none of their defaults,
// or the provider's own tests would fail.
func TestDescriptionsAgreeWithTerraform(t *testing.T) {
	text, err := os.ReadFile("testdata/terraform.txt")
	if err != nil {
		t.Fatal(err)
	}
	optional := strings.Split(strings.TrimSpace(string(text)), "\n")
	var c types.Channel
	fill(reflect.ValueOf(&c), new(int))
	empty(reflect.ValueOf(&c).Elem())
	Complete(&c)
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		for m := range members(v) {
			if isLeaf(m.value) && slices.Contains(optional, m.key()) && textOf(m.value) != "" && m.value.Kind() != reflect.Slice && m.value.Kind() != reflect.Map {
				t.Errorf("%s is described as %s", m.key(), textOf(m.value))
			}
			walk(m.value)
		}
	}
	walk(reflect.ValueOf(&c))
	shown := describedDefaults()
	for key := range defaults() {
		if shown[key] == "" && !slices.Contains(optional, key) {
			t.Errorf("%s is not described, although Terraform would take it", key)
		}
	}
	bare := types.Channel{InputAttachments: make([]types.InputAttachment, 1)}
	if Complete(&bare); bare.InputAttachments[0].InputSettings != nil {
		t.Error("input settings appear")
	}
}

// TestCompleteTwice completes channels of every kind of settings a second time.
func TestCompleteTwice(t *testing.T) {
	var all types.Channel
	fill(reflect.ValueOf(&all), new(int))
	var shape types.Channel
	fill(reflect.ValueOf(&shape), new(int))
	empty(reflect.ValueOf(&shape).Elem())
	for name, c := range map[string]*types.Channel{"empty": {}, "everything": &all, "every structure": &shape} {
		Complete(c)
		once, err := Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		Complete(c)
		if twice, _ := Marshal(c); string(twice) != string(once) {
			t.Errorf("%s changed", name)
		}
	}
}

// empty sets everything back but the structures and the first of each list.
func empty(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Struct && v.Elem().NumField() > 0 && v.Type().Elem().Name() != "Time" {
			empty(v.Elem())
			return
		}
		v.SetZero()
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				empty(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			empty(v.Index(i))
		}
	default:
		v.SetZero()
	}
}

// TestDefaultsAreValues holds every default against the type of its member.
func TestDefaultsAreValues(t *testing.T) {
	left := defaults()
	var check func(of reflect.Type, seen map[string]bool)
	check = func(of reflect.Type, seen map[string]bool) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of.Name()] {
			return
		}
		seen[of.Name()] = true
		for m := range members(reflect.New(of)) {
			check(m.value.Type(), seen)
			text, ok := left[m.key()]
			if !ok {
				continue
			}
			delete(left, m.key())
			setText(m.value, text)
			switch values := enumValues(m.value); {
			case m.value.Kind() == reflect.Slice && text != "[]", m.value.Kind() != reflect.Slice && textOf(m.value) != text:
				t.Errorf("%s: %s is no value of it", m.key(), text)
			case values != nil && !slices.Contains(values, text):
				t.Errorf("%s: %s is none of %v", m.key(), text, values)
			}
		}
	}
	check(reflect.TypeFor[types.Channel](), make(map[string]bool))
	if len(left) > 0 {
		t.Errorf("no document has %v", left)
	}
}

// TestDefaultsAreNotShared changes one document and looks at another.
func TestDefaultsAreNotShared(t *testing.T) {
	var empty types.Channel
	empty.InputAttachments = make([]types.InputAttachment, 1)
	one, other := completed(&empty), completed(&empty)
	*one.InputAttachments[0].InputSettings.FilterStrength = 5
	if *other.InputAttachments[0].InputSettings.FilterStrength != 1 || empty.InputAttachments[0].InputSettings != nil {
		t.Error("they share a number")
	}
}
