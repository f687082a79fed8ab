// Package cfnresponse answers CloudFormation on behalf of a custom resource.
package cfnresponse

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"
)

// attempts is how often an answer is sent: without one CloudFormation waits until
// its timeout.
const attempts = 5

// maxReason is the longest reason in bytes: CloudFormation takes answers of 4 kB.
const maxReason = 1000

// Sender sends answers to the URL of an event.
type Sender struct {
	Client *http.Client
}

// Success reports that the resource is as the event asks, with its physical id.
func (s Sender) Success(ctx context.Context, e cfn.Event, physical string, data map[string]any) error {
	return s.send(ctx, e, cfn.Response{Status: cfn.StatusSuccess, PhysicalResourceID: physical, Data: data})
}

// Failure reports why the resource is not as the event asks.
func (s Sender) Failure(ctx context.Context, e cfn.Event, physical, reason string) error {
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "")
	}
	return s.send(ctx, e, cfn.Response{Status: cfn.StatusFailed, PhysicalResourceID: physical, Reason: reason})
}

func (s Sender) send(ctx context.Context, e cfn.Event, r cfn.Response) error {
	r.RequestID, r.StackID, r.LogicalResourceID = e.RequestID, e.StackID, e.LogicalResourceID
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("the answer to CloudFormation: %w", err)
	}
	for range attempts {
		if err = s.put(ctx, e.ResponseURL, body); err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

func (s Sender) put(ctx context.Context, url string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the answer to CloudFormation: %w", err)
	}
	// The URL is signed for a request without a content type.
	request.Header["Content-Type"] = nil
	response, err := s.Client.Do(request)
	if err != nil {
		return fmt.Errorf("the answer to CloudFormation: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // Lets the connection be reused.
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer to CloudFormation was refused with %s", response.Status)
	}
	return nil
}
