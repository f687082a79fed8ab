package medialive

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

func TestMergeReplacesMembersThatAreSet(t *testing.T) {
	doc := &types.Channel{Id: aws.String("7"), Name: aws.String("old"), Tags: map[string]string{"a": "1"}, Destinations: []types.OutputDestination{{}, {}}}
	Merge(doc, &sdk.UpdateChannelInput{
		Name: aws.String("new"), Destinations: []types.OutputDestination{}, LogLevel: types.LogLevelDebug,
		Maintenance: &types.MaintenanceUpdateSettings{MaintenanceDay: types.MaintenanceDayFriday, MaintenanceScheduledDate: aws.String("x")},
	})
	want := &types.Channel{
		Id: aws.String("7"), Name: aws.String("new"), Tags: map[string]string{"a": "1"}, Destinations: []types.OutputDestination{}, LogLevel: types.LogLevelDebug,
		Maintenance: &types.MaintenanceStatus{MaintenanceDay: types.MaintenanceDayFriday, MaintenanceScheduledDate: aws.String("x")},
	}
	if !reflect.DeepEqual(doc, want) {
		t.Errorf("merged to %+v, want %+v", doc, want)
	}
}

// What a document is merged into must not change with the document, and has to
// be what the wire form would have made of it.
func TestMergeCopiesDeeply(t *testing.T) {
	request := filled(reflect.TypeFor[sdk.CreateChannelInput](), 0).Interface().(sdk.CreateChannelInput)
	merged, want := new(types.Channel), new(types.Channel)
	Merge(merged, &request)
	text, err := Marshal(&request)
	if err != nil {
		t.Fatal(err)
	}
	if err := Unmarshal(text, want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(merged, want) {
		t.Fatal("Merge and the wire form differ")
	}
	for i := range request.Destinations {
		*request.Destinations[i].Id = "other"
	}
	*request.EncoderSettings.AudioDescriptions[0].Name = "other"
	request.Tags["a"] = "other"
	if !reflect.DeepEqual(merged, want) {
		t.Error("a change of the request shows in what it was merged into")
	}
}

// filled returns a value of a type with every member set, lists and maps with one item.
func filled(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case depth > 12:
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(filled(t.Elem(), depth+1))
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if onWire(t.Field(i)) {
				v.Field(i).Set(filled(t.Field(i).Type, depth+1))
			}
		}
	case t.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(t, 1, 1))
		v.Index(0).Set(filled(t.Elem(), depth+1))
	case t.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(reflect.ValueOf("a").Convert(t.Key()), filled(t.Elem(), depth+1))
	case t.Kind() == reflect.String:
		v.SetString("s")
	case v.CanInt():
		v.SetInt(7)
	case v.CanFloat():
		v.SetFloat(1.5)
	case t.Kind() == reflect.Bool:
		v.SetBool(true)
	}
	return v
}

func TestDigest(t *testing.T) {
	one := &sdk.CreateChannelInput{Name: aws.String("a"), Tags: map[string]string{"x": "1", "y": "2", "z": "3"}}
	same := &sdk.CreateChannelInput{Name: aws.String("a"), Tags: map[string]string{"z": "3", "y": "2", "x": "1"}}
	if Digest(one) != Digest(same) {
		t.Error("equal requests have different digests")
	}
	for name, other := range map[string]*sdk.CreateChannelInput{
		"a member less": {Name: aws.String("a")}, "another text": {Name: aws.String("b"), Tags: one.Tags},
		"an empty list": {Name: aws.String("a"), Tags: one.Tags, InputAttachments: []types.InputAttachment{}},
	} {
		if Digest(one) == Digest(other) {
			t.Errorf("%s: the digest is the same", name)
		}
	}
}
