package lifecycle_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// channelID is that of the one channel there is.
const channelID = "1234567"

// injected is an error answer.
type injected struct {
	// Call is the operation, such as StartChannel.
	Call   string
	Status int
	Code   string
}

// cloud emulates the services that the function calls: MediaLive, Systems Manager,
// CloudFormation, Step Functions, and the URL where custom resources answer. It speaks
// HTTP, so that tests use the SDK's clients. A test sets and reads its state between calls.
type cloud struct {
	mu         sync.Mutex
	State      string            // of the channel
	Slow       int               // how often a channel is described before a change of state ends
	Falls      bool              // a starting channel falls back to IDLE
	Faults     []injected        // returned first, in order
	Parameters map[string]string // of Systems Manager
	Stack      string            // the status of the stack, empty if it does not exist
	Calls      []string          // the operations in order
	Answers    []cfn.Response    // of custom resources
	Executions map[string]string // inputs of the state machine's executions by name

	left int
	url  string
}

// newCloud starts the services; they end with the test.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{State: "IDLE", Slow: 2, Parameters: map[string]string{}, Stack: "UPDATE_IN_PROGRESS", Executions: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// Config returns the configuration of a client that makes every call once.
func (c *cloud) Config() aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(c.url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
}

// ResponseURL is where custom resources answer.
func (c *cloud) ResponseURL() string { return c.url + "/response" }

func (c *cloud) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	call := operation(r, body)
	c.Calls = append(c.Calls, call)
	if len(c.Faults) > 0 && c.Faults[0].Call == call {
		f := c.Faults[0]
		c.Faults = c.Faults[1:]
		answerError(w, f.Status, f.Code, "injected")
		return
	}
	switch call {
	case "Answer":
		var a cfn.Response
		if err := json.Unmarshal(body, &a); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.Answers = append(c.Answers, a)
	case "DescribeStacks":
		c.stacks(w)
	case "GetParameter", "PutParameter":
		c.parameter(w, call, body)
	case "StartExecution":
		c.startExecution(w, body)
	case "ListExecutions":
		fmt.Fprint(w, `{"executions":[]}`)
	default:
		c.channel(w, call)
	}
}

// operation returns the name of a request's operation.
func operation(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	id := "/prod/channels/" + channelID
	switch {
	case r.URL.Path == "/response":
		return "Answer"
	case r.Method == http.MethodGet && r.URL.Path == id:
		return "DescribeChannel"
	case r.Method == http.MethodPost && r.URL.Path == id+"/start":
		return "StartChannel"
	case r.Method == http.MethodPost && r.URL.Path == id+"/stop":
		return "StopChannel"
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return form.Get("Action")
	}
	return r.Method + " " + r.URL.Path
}

func answerError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
}

// channel answers as MediaLive: it starts only idle channels and stops only those on air.
func (c *cloud) channel(w http.ResponseWriter, call string) {
	switch {
	case c.State == "":
		answerError(w, http.StatusNotFound, "NotFoundException", "no channel")
		return
	case call == "DescribeChannel":
		c.advance()
	case call == "StartChannel" && c.State == "CREATING":
		answerError(w, http.StatusBadRequest, "BadRequestException", "Cannot start channel while it is CREATING")
		return
	case call == "StartChannel" && c.State != "IDLE", call == "StopChannel" && c.State != "RUNNING" && c.State != "STARTING" && c.State != "RECOVERING":
		answerError(w, http.StatusConflict, "ConflictException", "The channel is "+c.State)
		return
	case call == "StartChannel":
		c.State, c.left = "STARTING", c.Slow
	case call == "StopChannel":
		c.State, c.left = "STOPPING", c.Slow
	default:
		answerError(w, http.StatusNotFound, "NotFoundException", "no such operation: "+call)
		return
	}
	fmt.Fprintf(w, `{"id":%q,"state":%q}`, channelID, c.State)
}

// advance lets time pass for the channel.
func (c *cloud) advance() {
	next := map[string]string{"STARTING": "RUNNING", "STOPPING": "IDLE", "CREATING": "IDLE", "UPDATING": "IDLE", "RECOVERING": "RUNNING"}[c.State]
	if next == "" {
		return
	}
	if c.left--; c.left > 0 {
		return
	}
	if c.State == "STARTING" && c.Falls {
		next = "IDLE"
	}
	c.State = next
}

func (c *cloud) stacks(w http.ResponseWriter) {
	if c.Stack == "" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>`)
		return
	}
	fmt.Fprintf(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>x</StackName><CreationTime>2026-11-25T00:00:00Z</CreationTime>`+
		`<StackStatus>%s</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, c.Stack)
}

func (c *cloud) parameter(w http.ResponseWriter, call string, body []byte) {
	var in struct{ Name, Value string }
	if err := json.Unmarshal(body, &in); err != nil {
		answerError(w, http.StatusBadRequest, "SerializationException", err.Error())
		return
	}
	if call == "PutParameter" {
		c.Parameters[in.Name] = in.Value
		fmt.Fprint(w, `{"Version":2}`)
		return
	}
	value, ok := c.Parameters[in.Name]
	if !ok {
		answerError(w, http.StatusBadRequest, "ParameterNotFound", "")
		return
	}
	fmt.Fprintf(w, `{"Parameter":{"Name":%q,"Value":%q}}`, in.Name, value)
}

func (c *cloud) startExecution(w http.ResponseWriter, body []byte) {
	var in struct {
		Name  string `json:"name"`
		Input string `json:"input"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		answerError(w, http.StatusBadRequest, "SerializationException", err.Error())
		return
	}
	if was, ok := c.Executions[in.Name]; ok && was != in.Input {
		answerError(w, http.StatusBadRequest, "ExecutionAlreadyExists", "Execution Already Exists")
		return
	}
	c.Executions[in.Name] = in.Input
	fmt.Fprint(w, `{"executionArn":"arn:aws:states:eu-west-1:123456789012:execution:x:y","startDate":1}`)
}
