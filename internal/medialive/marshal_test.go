package medialive

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/lilo-live/lilo/internal/fault"
)

// fakeService answers what it is told to and keeps what it was asked.
type fakeService struct {
	asked  []byte
	answer []byte
}

// Do is what the SDK calls for a request.
func (s *fakeService) Do(r *http.Request) (*http.Response, error) {
	s.asked = nil
	if r.Body != nil {
		var err error
		if s.asked, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(s.answer))}, nil
}

func client(s *fakeService) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "eu-west-1", HTTPClient: s, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

// TestWireFormOfRequests has the SDK write requests with every member set, and
// reads them back to the same values.
func TestWireFormOfRequests(t *testing.T) {
	ctx := context.Background()
	cases := map[string]struct {
		in   any
		send func(*sdk.Client, any) error
		path []string // members that are in the URL, not in the document
	}{
		"CreateChannel": {in: new(sdk.CreateChannelInput), send: func(c *sdk.Client, in any) error {
			_, err := c.CreateChannel(ctx, in.(*sdk.CreateChannelInput))
			return err
		}},
		"UpdateChannel": {in: new(sdk.UpdateChannelInput), path: []string{"ChannelId"}, send: func(c *sdk.Client, in any) error {
			_, err := c.UpdateChannel(ctx, in.(*sdk.UpdateChannelInput))
			return err
		}},
		"CreateInput": {in: new(sdk.CreateInputInput), send: func(c *sdk.Client, in any) error {
			_, err := c.CreateInput(ctx, in.(*sdk.CreateInputInput))
			return err
		}},
		"UpdateInput": {in: new(sdk.UpdateInputInput), path: []string{"InputId"}, send: func(c *sdk.Client, in any) error {
			_, err := c.UpdateInput(ctx, in.(*sdk.UpdateInputInput))
			return err
		}},
		"BatchUpdateSchedule": {in: new(sdk.BatchUpdateScheduleInput), path: []string{"ChannelId"}, send: func(c *sdk.Client, in any) error {
			_, err := c.BatchUpdateSchedule(ctx, in.(*sdk.BatchUpdateScheduleInput))
			return err
		}},
		"CreateInputSecurityGroup": {in: new(sdk.CreateInputSecurityGroupInput), send: func(c *sdk.Client, in any) error {
			_, err := c.CreateInputSecurityGroup(ctx, in.(*sdk.CreateInputSecurityGroupInput))
			return err
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fill(reflect.ValueOf(c.in), new(int))
			s := &fakeService{answer: []byte("{}")}
			if err := c.send(client(s), c.in); err != nil {
				t.Fatal(err)
			}
			got := reflect.New(reflect.TypeOf(c.in).Elem())
			if err := Unmarshal(s.asked, got.Interface()); err != nil {
				t.Fatal(err)
			}
			for _, field := range c.path {
				got.Elem().FieldByName(field).Set(reflect.ValueOf(c.in).Elem().FieldByName(field))
			}
			same(t, got.Interface(), c.in)
		})
	}
}

// TestWireFormOfAnswers writes answers with every member set, and has the SDK
// read them back to the same values.
func TestWireFormOfAnswers(t *testing.T) {
	ctx, id := context.Background(), aws.String("1")
	cases := map[string]struct {
		out  any
		call func(*sdk.Client) (any, error)
	}{
		"CreateChannel": {new(sdk.CreateChannelOutput), func(c *sdk.Client) (any, error) {
			return c.CreateChannel(ctx, &sdk.CreateChannelInput{})
		}},
		"DescribeChannel": {new(sdk.DescribeChannelOutput), func(c *sdk.Client) (any, error) {
			return c.DescribeChannel(ctx, &sdk.DescribeChannelInput{ChannelId: id})
		}},
		"UpdateChannel": {new(sdk.UpdateChannelOutput), func(c *sdk.Client) (any, error) {
			return c.UpdateChannel(ctx, &sdk.UpdateChannelInput{ChannelId: id})
		}},
		"ListChannels": {new(sdk.ListChannelsOutput), func(c *sdk.Client) (any, error) {
			return c.ListChannels(ctx, &sdk.ListChannelsInput{})
		}},
		"CreateInput": {new(sdk.CreateInputOutput), func(c *sdk.Client) (any, error) {
			return c.CreateInput(ctx, &sdk.CreateInputInput{})
		}},
		"DescribeInput": {new(sdk.DescribeInputOutput), func(c *sdk.Client) (any, error) {
			return c.DescribeInput(ctx, &sdk.DescribeInputInput{InputId: id})
		}},
		"ListInputs": {new(sdk.ListInputsOutput), func(c *sdk.Client) (any, error) {
			return c.ListInputs(ctx, &sdk.ListInputsInput{})
		}},
		"DescribeSchedule": {new(sdk.DescribeScheduleOutput), func(c *sdk.Client) (any, error) {
			return c.DescribeSchedule(ctx, &sdk.DescribeScheduleInput{ChannelId: id})
		}},
		"BatchUpdateSchedule": {new(sdk.BatchUpdateScheduleOutput), func(c *sdk.Client) (any, error) {
			return c.BatchUpdateSchedule(ctx, &sdk.BatchUpdateScheduleInput{ChannelId: id})
		}},
		"ListAlerts": {new(sdk.ListAlertsOutput), func(c *sdk.Client) (any, error) {
			return c.ListAlerts(ctx, &sdk.ListAlertsInput{ChannelId: id})
		}},
		"DescribeThumbnails": {new(sdk.DescribeThumbnailsOutput), func(c *sdk.Client) (any, error) {
			return c.DescribeThumbnails(ctx, &sdk.DescribeThumbnailsInput{ChannelId: id, PipelineId: id, ThumbnailType: id})
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fill(reflect.ValueOf(c.out), new(int))
			answer, err := Marshal(c.out)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.call(client(&fakeService{answer: answer}))
			if err != nil {
				t.Fatal(err)
			}
			reflect.ValueOf(got).Elem().FieldByName("ResultMetadata").SetZero()
			same(t, got, c.out)
		})
	}
}

// fill sets everything below v, each to a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fill(v.Elem(), n)
	case reflect.Struct:
		fillStruct(v, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		item := reflect.New(v.Type().Elem()).Elem()
		fill(item, n)
		v.SetMapIndex(reflect.ValueOf("Key "+strconv.Itoa(*n)).Convert(v.Type().Key()), item)
	case reflect.String:
		v.SetString("text <" + strconv.Itoa(*n) + "> é")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.25)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	default: // A stream, or what smithy keeps for itself.
	}
}

func fillStruct(v reflect.Value, n *int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(int64(*n), 120_000_000).UTC()))
		return
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Type != reflect.TypeFor[middleware.Metadata]() {
			fill(v.Field(i), n)
		}
	}
}

// same compares two values of SDK types, and shows the wire form of both where they differ.
func same(t *testing.T, got, want any) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	a, _ := Marshal(got)
	b, _ := Marshal(want)
	t.Errorf("not the same:\ngot  %s\nwant %s", a, b)
}

func TestWrongTypesNameThePath(t *testing.T) {
	cases := map[string]string{
		`{"name": 3}`: `/name: expected a string, not 3`,
		`{"encoderSettings": {"outputGroups": [{}, {"outputs": {}}]}}`:                                         `/encoderSettings/outputGroups/1/outputs: expected a list, not an object`,
		`{"encoderSettings": {"videoDescriptions": [{"height": "tall"}]}}`:                                     `/encoderSettings/videoDescriptions/0/height: expected a whole number, not "tall"`,
		`{"encoderSettings": {"videoDescriptions": [{"height": 1.5}]}}`:                                        `/encoderSettings/videoDescriptions/0/height: expected a whole number of 32 bits, not 1.5`,
		`{"encoderSettings": {"videoDescriptions": [{"height": 4294967296}]}}`:                                 `/encoderSettings/videoDescriptions/0/height: expected a whole number of 32 bits, not 4294967296`,
		`{"encoderSettings": {"videoDescriptions": [{"codecSettings": {"h264Settings": true}}]}}`:              `/encoderSettings/videoDescriptions/0/codecSettings/h264Settings: expected an object, not true`,
		`{"encoderSettings": {"audioDescriptions": [{"codecSettings": {"aacSettings": {"bitrate": "96k"}}}]}}`: `/encoderSettings/audioDescriptions/0/codecSettings/aacSettings/bitrate: expected a number, not "96k"`,
		`{"tags": []}`:       `/tags: expected an object, not a list`,
		`{"tags": {"a": 1}}`: `/tags/a: expected a string, not 1`,
		`{"logLevel": {}}`:   `/logLevel: expected a string, not an object`,
		`[]`:                 `/: expected an object, not a list`,
		`{} {}`:              `not JSON: something follows the document at byte 4`,
		`{"name": "x"`:       `not JSON: unexpected EOF`,
		`{"maintenance": {"maintenanceScheduledDate": 3}}`: ``,
	}
	for text, want := range cases {
		err := Unmarshal([]byte(text), new(sdk.CreateChannelInput))
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if err == nil || err.Error() != want || fault.KindOf(err) != fault.Usage {
			t.Errorf("%s:\ngot  %v\nwant %s", text, err, want)
		}
	}
	var alert types.ChannelAlert
	if err := Unmarshal([]byte(`{"setTimestamp": "yesterday"}`), &alert); err == nil || !strings.HasPrefix(err.Error(), "/setTimestamp: expected a time of ISO 8601") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownMembersAndNullsAreIgnored(t *testing.T) {
	var c types.Channel
	if err := Unmarshal([]byte(`{"Name": "a", "colour": {}, "name": null, "id": "1", "inputAttachments": [null]}`), &c); err != nil {
		t.Fatal(err)
	}
	same(t, &c, &types.Channel{Id: aws.String("1"), InputAttachments: []types.InputAttachment{{}}})
	if err := Unmarshal(nil, &c); err != nil {
		t.Error(err)
	}
	if Unmarshal([]byte("{}"), c) == nil || Unmarshal([]byte("{}"), nil) == nil {
		t.Error("what is no pointer was accepted")
	}
}

// FuzzUnmarshal reads any text: what is accepted is written and read back to the same value.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"name": "x", "encoderSettings": {"outputGroups": [{"outputs": []}]}, "tags": {"a": "b"}}`))
	f.Add([]byte(`{"encoderSettings": {"audioDescriptions": [{"codecSettings": {"aacSettings": {"bitrate": "NaN"}}}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var c, again types.Channel
		if Unmarshal(text, &c) != nil {
			return
		}
		one, err := Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := Unmarshal(one, &again); err != nil {
			t.Fatal(err)
		}
		two, err := Marshal(&again)
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s became %s (%v)", one, two, err)
		}
	})
}
