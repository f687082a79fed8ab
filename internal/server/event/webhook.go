package event

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Webhook is a sink that posts events as JSON.
type Webhook struct {
	url    *url.URL
	client *http.Client
}

// NewWebhook returns a sink that posts to an http or https URL. Errors are of kind Usage.
func NewWebhook(target string) (*Webhook, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New(fault.Usage, "a webhook for events is an http:// or https:// URL")
	}
	return &Webhook{url: u, client: &http.Client{
		Timeout: 10 * time.Second,
		// Events go where the configuration says, and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Name returns the scheme and host, since path and query may be a secret.
func (w *Webhook) Name() string { return w.url.Scheme + "://" + w.url.Host }

// Deliver posts an event. Any 2xx status accepts it.
func (w *Webhook) Deliver(ctx context.Context, e Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Lilo-Event", e.ID)
	response, err := w.client.Do(request)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // The URL may be a secret.
		}
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)); err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("it responded with %s", response.Status)
	}
	return nil
}
