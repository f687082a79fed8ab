package cli

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// cloud is an AWS account over HTTP: LILO's own MediaLive API, and as much of
// STS, CloudFormation, SSM, S3, Logs and Service Quotas as a deployment uses. A
// deployment is carried out step by step in the background, the channel made through
// MediaLive's API.
type cloud struct {
	t     *testing.T
	url   string
	media *sdk.Client
	live  http.Handler // MediaLive

	mu           sync.Mutex
	bootstrapped bool
	stacks       map[string]*cloudStack // by id
	objects      map[string][]byte      // of S3, by path
	ticks        int                    // every event has a second of its own
	retained     []string               // buckets that a deletion leaves
	logs         []string               // lines of the channel's log
	channelQuota float64

	// fails is the path of the resource that fails next, and why.
	fails, why string
	// happens, if not nil, is told of every event before it can be seen.
	happens func(path, status string)
	// refuses, if not nil, returns the error that a call is answered with, or nothing.
	refuses func(call string) *refusal
	calls   []string
	work    sync.WaitGroup
}

// impatient tries again at once.
func impatient() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 20, time.Millisecond })
}

// refusal is an error of AWS.
type refusal struct {
	status        int
	code, message string
}

// cloudStack is a stack of CloudFormation.
type cloudStack struct {
	id, name, status, reason string
	prefix                   string // of paths
	url                      string // of the template
	events                   []cloudEvent
	resources                []*cloudResource
	outputs                  map[string]string
}

type cloudResource struct{ logical, physical, kind, status string }

type cloudEvent struct {
	n                                       int
	logical, physical, kind, status, reason string
}

const (
	cloudAccount = "111122223333"
	cloudRegion  = "eu-west-1"
)

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{t: t, stacks: map[string]*cloudStack{}, objects: map[string][]byte{}, bootstrapped: true, channelQuota: 5}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	t.Cleanup(c.work.Wait)
	c.url = server.URL
	c.live = newMediaLive(t, briefly())
	c.media = sdk.New(sdk.Options{
		Region: cloudRegion, BaseEndpoint: &c.url, Credentials: credentials.NewStaticCredentialsProvider("cloudformation", "x", ""),
		RetryMaxAttempts: 20,
	}, func(o *sdk.Options) { o.Retryer = impatient() })
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": c.url, "AWS_ACCESS_KEY_ID": "person", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "LILO_CACHE": t.TempDir(),
		"PATH": "", // A deployment runs no program.
	} {
		t.Setenv(name, value)
	}
	return c
}

// ServeHTTP answers for all services.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	call := callOf(r, body)
	c.mu.Lock()
	c.calls = append(c.calls, call)
	refuses := c.refuses
	c.mu.Unlock()
	if refuses != nil && r.Header.Get("Authorization") != "" && strings.Contains(r.Header.Get("Authorization"), "Credential=person/") {
		if no := refuses(call); no != nil {
			no.write(w, r)
			return
		}
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	switch {
	case strings.HasPrefix(r.URL.Path, "/prod/"):
		c.live.ServeHTTP(w, r)
	case r.Header.Get("X-Amz-Target") != "":
		c.json(w, call, body)
	case r.Method == http.MethodPost:
		form, _ := url.ParseQuery(string(body))
		c.query(w, call, form) //nolint:contextcheck // What it starts outlives the request.
	default:
		c.bucket(w, r, body)
	}
}

// callOf names a call: DescribeStacks, GET /prod/channels/1.
func callOf(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:]
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return form.Get("Action")
	}
	return r.Method + " " + r.URL.Path
}

func (no *refusal) write(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Errortype", no.code)
	if strings.HasPrefix(r.URL.Path, "/prod/") || r.Header.Get("X-Amz-Target") != "" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(no.status)
		fmt.Fprintf(w, `{"__type":%q,"message":%q}`, no.code, no.message)
		return
	}
	w.WriteHeader(no.status)
	fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, no.code, no.message)
}

// bucket answers for S3.
func (c *cloud) bucket(w http.ResponseWriter, r *http.Request, body []byte) {
	name := strings.Trim(r.URL.Path, "/")
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.HasPrefix(name, "cdk-hnb659fds-assets-"+cloudAccount+"-"+cloudRegion+"/") {
		if r.Method == http.MethodPut {
			c.objects[r.URL.Path] = body
		} else if c.objects[r.URL.Path] == nil {
			w.WriteHeader(http.StatusNotFound)
		}
		return
	}
	there := name == "movies" || slices.Contains(c.retained, name)
	for _, s := range c.stacks {
		for _, x := range s.resources {
			there = there || x.physical == name && x.status == "CREATE_COMPLETE"
		}
	}
	if !there {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("X-Amz-Bucket-Region", cloudRegion)
}

// json answers for the services that speak JSON.
func (c *cloud) json(w http.ResponseWriter, call string, body []byte) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	c.mu.Lock()
	defer c.mu.Unlock()
	var answer any
	switch call {
	case "GetParameter":
		if !c.bootstrapped {
			w.Header().Set("X-Amzn-Errortype", "ParameterNotFound")
			w.WriteHeader(http.StatusBadRequest)
			answer = map[string]string{"__type": "ParameterNotFound", "message": ""}
			break
		}
		answer = map[string]any{"Parameter": map[string]string{"Value": "28"}}
	case "DescribeTrails":
		answer = map[string]any{"trailList": []map[string]string{{"Name": "main", "TrailARN": "main"}}}
	case "GetTrailStatus":
		answer = map[string]any{"IsLogging": true}
	case "ListServiceQuotas":
		answer = map[string]any{"Quotas": []map[string]any{{"QuotaName": "Channels", "Value": c.channelQuota}}}
	case "GetProducts":
		answer = map[string]any{"PriceList": priceList()}
	case "DescribeLogGroups":
		answer = map[string]any{"logGroups": []any{}}
	case "FilterLogEvents":
		answer = c.logEvents(body)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// priceList returns products as the Price List API has them.
func priceList() []string {
	var all []string
	for kind, usd := range map[string]string{"IN-AVC-HD-L10": "0.1404", "OUT-AVC-HD-L10-30-S": "0.4212", "OUT-AVC-HD-L10-60-S": "0.6318", "OUT-AVC-HD-L10-30-S-R": "0.1053"} {
		all = append(all, fmt.Sprintf(`{"product":{"attributes":{"regionCode":"eu-west-1","usagetype":"EML1-EUW1-%s"}},
			"publicationDate":"2026-11-20T16:00:00Z","terms":{"OnDemand":{"S.J":{"priceDimensions":{"S.J.6":{"unit":"Hrs","pricePerUnit":{"USD":"%s"}}}}}}}`, kind, usd))
	}
	return all
}

func (c *cloud) logEvents(body []byte) any {
	var in struct {
		LogStreamNamePrefix string `json:"logStreamNamePrefix"`
	}
	_ = json.Unmarshal(body, &in)
	events := []map[string]any{}
	for i, line := range c.logs {
		at := time.Date(2026, 1, 2, 3, 0, i, 0, time.UTC)
		events = append(events, map[string]any{
			"eventId": fmt.Sprint(i), "timestamp": at.UnixMilli(), "message": line, "logStreamName": in.LogStreamNamePrefix + "0",
		})
	}
	return map[string]any{"events": events}
}

// query answers for STS and CloudFormation.
func (c *cloud) query(w http.ResponseWriter, call string, form url.Values) {
	if call == "GetCallerIdentity" {
		fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::%s:user/person</Arn><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, cloudAccount, cloudAccount)
		return
	}
	if call == "AssumeRole" {
		fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>person</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stack(form.Get("StackName"))
	if s == nil && call == "CreateStack" {
		s = c.newStack(form.Get("StackName"), "")
	}
	if s == nil {
		(&refusal{400, "ValidationError", "Stack with id " + form.Get("StackName") + " does not exist"}).write(w, httptest.NewRequest("POST", "/", nil))
		return
	}
	var result any
	switch call {
	case "DescribeStacks":
		result = stacksResult(s)
	case "DescribeStackEvents":
		result = s.eventsResult()
	case "ListStackResources":
		result = s.resourcesResult()
	case "CreateStack", "UpdateStack":
		if s.name == "CDKToolkit" {
			c.bootstrapped = true
			c.begin(s, "CREATE_IN_PROGRESS", func(s *cloudStack) { c.event(s, s.itself(), "CREATE_COMPLETE", "") })
		} else if no := c.change(s, call, form.Get("TemplateURL")); no != nil {
			no.write(w, httptest.NewRequest(http.MethodPost, "/", nil))
			return
		}
		result = struct{}{}
	case "DeleteStack":
		if s.status == "UPDATE_IN_PROGRESS" {
			(&refusal{400, "ValidationError", "Stack [" + s.id + "] cannot be deleted while in status UPDATE_IN_PROGRESS"}).write(w, httptest.NewRequest(http.MethodPost, "/", nil))
			return
		}
		c.begin(s, "DELETE_IN_PROGRESS", c.remove)
		result = struct{}{}
	}
	fmt.Fprintf(w, "<%sResponse><%sResult>", call, call)
	_ = xml.NewEncoder(w).Encode(result)
	fmt.Fprintf(w, "</%sResult></%sResponse>", call, call)
}

// stack finds a stack by its id, or by its name unless it was deleted. The lock is held.
func (c *cloud) stack(name string) *cloudStack {
	if s := c.stacks[name]; s != nil {
		return s
	}
	for _, s := range c.stacks {
		if s.name == name && s.status != "DELETE_COMPLETE" {
			return s
		}
	}
	return nil
}

type member struct {
	XMLName xml.Name
	Inner   []any `xml:",any"`
}

type element struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

func field(name, text string) any { return element{XMLName: xml.Name{Local: name}, Text: text} }

func list(name string, members ...[]any) any {
	l := member{XMLName: xml.Name{Local: name}}
	for _, m := range members {
		l.Inner = append(l.Inner, member{xml.Name{Local: "member"}, m})
	}
	return l
}

func instant(n int) string {
	return time.Date(2026, 1, 2, 3, 0, n, 0, time.UTC).Format(time.RFC3339)
}

func stacksResult(s *cloudStack) any {
	var outputs [][]any
	for _, key := range []string{"ChannelId", "Destination0"} {
		if s.outputs[key] != "" {
			outputs = append(outputs, []any{field("OutputKey", key), field("OutputValue", s.outputs[key])})
		}
	}
	return list("Stacks", []any{
		field("StackName", s.name), field("StackId", s.id), field("StackStatus", s.status), field("StackStatusReason", s.reason),
		field("CreationTime", instant(0)), list("Outputs", outputs...),
	})
}

func (s *cloudStack) eventsResult() any {
	var all [][]any
	for _, e := range slices.Backward(s.events) {
		all = append(all, []any{
			field("EventId", fmt.Sprint(e.n)), field("StackId", s.id), field("StackName", s.name), field("LogicalResourceId", e.logical),
			field("PhysicalResourceId", e.physical), field("ResourceType", e.kind), field("ResourceStatus", e.status),
			field("ResourceStatusReason", e.reason), field("Timestamp", instant(e.n)),
		})
	}
	return list("StackEvents", all...)
}

func (s *cloudStack) resourcesResult() any {
	var all [][]any
	for _, r := range s.resources {
		all = append(all, []any{
			field("LogicalResourceId", r.logical), field("PhysicalResourceId", r.physical), field("ResourceType", r.kind),
			field("ResourceStatus", r.status), field("LastUpdatedTimestamp", instant(0)),
		})
	}
	return list("StackResourceSummaries", all...)
}

// begin has something done with a stack in the background, unless something is
// being done already. The lock is held.
func (c *cloud) begin(s *cloudStack, status string, do func(*cloudStack)) {
	if strings.HasSuffix(s.status, "_IN_PROGRESS") {
		return
	}
	s.status = status
	c.work.Go(func() { do(s) })
}

// event tells of a resource, the stack itself for an empty logical id.
func (c *cloud) event(s *cloudStack, r *cloudResource, status, reason string) {
	c.mu.Lock()
	happens, path := c.happens, s.prefix+r.logical
	c.mu.Unlock()
	if happens != nil {
		happens(path, status)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ticks++
	r.status = status
	if r.physical == s.id {
		s.status, s.reason = status, reason
	}
	s.events = append(s.events, cloudEvent{c.ticks, r.logical, r.physical, r.kind, status, reason})
}

// itself is a stack as the resource of its own events.
func (s *cloudStack) itself() *cloudResource {
	return &cloudResource{logical: s.name, physical: s.id, kind: "AWS::CloudFormation::Stack"}
}

// add makes a resource, or fails to. It is in the stack from its beginning on.
func (c *cloud) add(s *cloudStack, logical, kind string, do func() (string, error)) bool {
	r := &cloudResource{logical: logical, kind: kind}
	c.mu.Lock()
	i := slices.IndexFunc(s.resources, func(x *cloudResource) bool { return x.logical == logical && x.status != "DELETE_COMPLETE" })
	exists := i >= 0
	if exists {
		r = s.resources[i]
	} else {
		s.resources = append(s.resources, r)
	}
	fails, why := c.fails == s.prefix+logical, c.why
	c.mu.Unlock()
	if exists {
		return true
	}
	c.event(s, r, "CREATE_IN_PROGRESS", "")
	if fails {
		c.event(s, r, "CREATE_FAILED", why)
		return false
	}
	id, err := do()
	if err != nil {
		c.event(s, r, "CREATE_FAILED", err.Error())
		return false
	}
	c.mu.Lock()
	r.physical = id
	c.mu.Unlock()
	c.event(s, r, "CREATE_COMPLETE", "")
	return true
}

func named(id string) func() (string, error) { return func() (string, error) { return id, nil } }

// newStack makes an empty stack. The lock is held.
func (c *cloud) newStack(name, prefix string) *cloudStack {
	s := &cloudStack{
		id:   fmt.Sprintf("arn:aws:cloudformation:%s:%s:stack/%s/%d", cloudRegion, cloudAccount, name, len(c.stacks)),
		name: name, prefix: prefix, outputs: map[string]string{},
	}
	c.stacks[s.id] = s
	return s
}

// deployed deploys the usual channel at once.
func (c *cloud) deployed() {
	s := channel.Default()
	s.Source = "s3ssl://movies/movie.mp4"
	d, err := channel.ParseDestination(to)
	if err != nil {
		c.t.Fatal(err)
	}
	s.To = []channel.Destination{d}
	o, err := orderOf(s)
	if err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	root := c.newStack(s.AWS.Prefix(), "")
	c.mu.Unlock()
	c.deploy(root, o)
}

// change begins what CreateStack and UpdateStack ask for. The lock is held.
func (c *cloud) change(s *cloudStack, call, url string) *refusal {
	if call == "UpdateStack" && s.url == url {
		return &refusal{400, "ValidationError", "No updates are to be performed."}
	}
	o, err := c.readOrder(url)
	if err != nil {
		return &refusal{400, "ValidationError", err.Error()}
	}
	s.url = url
	status := "CREATE_IN_PROGRESS"
	if call == "UpdateStack" {
		status = "UPDATE_IN_PROGRESS"
	}
	c.begin(s, status, func(s *cloudStack) { c.deploy(s, o) })
	return nil
}

// deploy is what CloudFormation does.
func (c *cloud) deploy(root *cloudStack, o order) {
	verb := "CREATE"
	c.mu.Lock()
	if len(root.resources) > 0 {
		verb = "UPDATE"
	}
	c.mu.Unlock()
	c.event(root, root.itself(), verb+"_IN_PROGRESS", "")
	ok := c.nested(root, "permission", func(s *cloudStack) bool {
		return c.add(s, "ChannelRole1A2B3C4D", "AWS::IAM::Role", named("role"))
	}) && c.add(root, "Media11223344", "AWS::S3::Bucket", named("lilo-media")) && c.nested(root, "mediaservices", func(s *cloudStack) bool {
		input := ""
		return c.add(s, "Input", "AWS::MediaLive::Input", func() (id string, err error) {
			input, err = c.createInput(o)
			return input, err
		}) && c.add(s, "Channel", "AWS::MediaLive::Channel", func() (id string, err error) {
			id, err = c.createChannel(o, input)
			c.mu.Lock()
			root.outputs["ChannelId"] = id
			c.mu.Unlock()
			return id, err
		})
	}) && c.nested(root, "automation", func(s *cloudStack) bool {
		return c.add(s, "Start", "Custom::AutoStart", func() (string, error) {
			if !o.autoStart {
				return "start", nil
			}
			c.mu.Lock()
			id := root.outputs["ChannelId"]
			c.mu.Unlock()
			_, err := c.media.StartChannel(context.Background(), &sdk.StartChannelInput{ChannelId: &id})
			return "start", err
		})
	})
	if ok {
		c.mu.Lock()
		root.outputs["Destination0"] = o.to
		c.mu.Unlock()
		c.event(root, root.itself(), verb+"_COMPLETE", "")
		return
	}
	c.event(root, root.itself(), "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create")
	c.strip(root)
	c.event(root, root.itself(), "ROLLBACK_COMPLETE", "")
}

// nested makes a stack within another.
func (c *cloud) nested(root *cloudStack, name string, fill func(*cloudStack) bool) bool {
	logical := name + "NestedStack" + name + "NestedStackResource0A1B2C3D"
	c.mu.Lock()
	i := slices.IndexFunc(root.resources, func(x *cloudResource) bool { return x.logical == logical && x.status != "DELETE_COMPLETE" })
	var s *cloudStack
	var r *cloudResource
	if i >= 0 {
		r = root.resources[i]
		s = c.stacks[r.physical]
	}
	c.mu.Unlock()
	if r == nil {
		c.mu.Lock()
		s = c.newStack(root.name+"-"+name, name+"/")
		r = &cloudResource{logical: logical, physical: s.id, kind: "AWS::CloudFormation::Stack"}
		root.resources = append(root.resources, r)
		c.mu.Unlock()
	}
	c.event(root, r, "CREATE_IN_PROGRESS", "")
	c.event(s, s.itself(), "CREATE_IN_PROGRESS", "")
	if !fill(s) {
		c.event(s, s.itself(), "CREATE_FAILED", "The following resource(s) failed to create")
		c.event(root, r, "CREATE_FAILED", "Embedded stack "+s.id+" was not successfully created")
		return false
	}
	c.event(s, s.itself(), "CREATE_COMPLETE", "")
	c.event(root, r, "CREATE_COMPLETE", "")
	return true
}

// remove is what CloudFormation does when a stack is deleted.
func (c *cloud) remove(root *cloudStack) {
	c.event(root, root.itself(), "DELETE_IN_PROGRESS", "User Initiated")
	if c.strip(root) {
		c.event(root, root.itself(), "DELETE_COMPLETE", "")
		return
	}
	c.event(root, root.itself(), "DELETE_FAILED", "The following resource(s) failed to delete")
}

// strip deletes what a stack holds, the newest first.
func (c *cloud) strip(s *cloudStack) bool {
	c.mu.Lock()
	resources := slices.Clone(s.resources)
	c.mu.Unlock()
	for _, r := range slices.Backward(resources) {
		if r.status == "DELETE_COMPLETE" || r.status == "DELETE_SKIPPED" {
			continue
		}
		c.mu.Lock()
		below := c.stacks[r.physical]
		c.mu.Unlock()
		if below != nil {
			c.event(s, r, "DELETE_IN_PROGRESS", "")
			if !c.strip(below) {
				c.event(s, r, "DELETE_FAILED", "Embedded stack was not successfully deleted")
				return false
			}
			c.event(s, r, "DELETE_COMPLETE", "")
			continue
		}
		if !c.drop(s, r) {
			return false
		}
	}
	return true
}

// drop deletes a resource.
func (c *cloud) drop(s *cloudStack, r *cloudResource) bool {
	if r.kind == "AWS::S3::Bucket" && slices.Contains(c.retained, r.physical) {
		c.event(s, r, "DELETE_SKIPPED", "")
		return true
	}
	c.event(s, r, "DELETE_IN_PROGRESS", "")
	c.mu.Lock()
	fails, why := c.fails == s.prefix+r.logical && r.physical != "", c.why
	c.mu.Unlock()
	err := error(nil)
	if r.physical != "" && !fails {
		switch r.kind {
		case "AWS::MediaLive::Channel":
			err = c.deleteChannel(r.physical)
		case "AWS::MediaLive::Input":
			_, err = c.media.DeleteInput(context.Background(), &sdk.DeleteInputInput{InputId: &r.physical})
		}
	}
	if fails {
		err = fmt.Errorf("%s", why)
	}
	if err != nil {
		c.event(s, r, "DELETE_FAILED", err.Error())
		return false
	}
	c.event(s, r, "DELETE_COMPLETE", "")
	return true
}

func (c *cloud) createInput(o order) (string, error) {
	out, err := c.media.CreateInput(context.Background(), o.input)
	if err != nil {
		return "", err
	}
	return *out.Input.Id, nil
}

func (c *cloud) createChannel(o order, input string) (string, error) {
	o.channel.InputAttachments[0].InputId = &input
	out, err := c.media.CreateChannel(context.Background(), o.channel)
	if err != nil {
		return "", err
	}
	return *out.Channel.Id, c.until(*out.Channel.Id, types.ChannelStateIdle)
}

// deleteChannel stops a channel as the deployment's function does, and deletes it.
func (c *cloud) deleteChannel(id string) error {
	out, err := c.media.DescribeChannel(context.Background(), &sdk.DescribeChannelInput{ChannelId: &id})
	if err != nil || out.State == types.ChannelStateDeleted {
		return err
	}
	if out.State != types.ChannelStateIdle {
		if err := c.until(id, types.ChannelStateRunning); err != nil {
			return err
		}
		if _, err := c.media.StopChannel(context.Background(), &sdk.StopChannelInput{ChannelId: &id}); err != nil {
			return err
		}
		if err := c.until(id, types.ChannelStateIdle); err != nil {
			return err
		}
	}
	if _, err := c.media.DeleteChannel(context.Background(), &sdk.DeleteChannelInput{ChannelId: &id}); err != nil {
		return err
	}
	return c.until(id, types.ChannelStateDeleted)
}

// until waits for a state of a channel.
func (c *cloud) until(id string, state types.ChannelState) error {
	for range 5000 {
		out, err := c.media.DescribeChannel(context.Background(), &sdk.DescribeChannelInput{ChannelId: &id})
		if err != nil || out.State == state {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("channel %s does not get %s", id, state)
}

// state is the state of the one channel there is, nothing for none.
func (c *cloud) state() (id, state string) {
	c.t.Helper()
	out, err := c.media.ListChannels(context.Background(), &sdk.ListChannelsInput{})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, ch := range out.Channels {
		if ch.State == types.ChannelStateDeleted {
			continue
		}
		if id != "" {
			c.t.Errorf("more than one channel: %s and %s", id, *ch.Id)
		}
		id, state = *ch.Id, string(ch.State)
	}
	return id, state
}

// readSpec reads the YAML of a channel.
