package event

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// patience is how long a webhook may take to answer.
const patience = 10 * time.Second

// Webhook is a sink that posts events as JSON.
type Webhook struct {
	url    *url.URL
	client *http.Client
}

// NewWebhook returns a sink that posts to a URL of http or https. Faults are of kind Usage.
func NewWebhook(target string) (*Webhook, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New(fault.Usage, "a webhook for events is a URL of http:// or https://")
	}
	return &Webhook{url: u, client: &http.Client{Timeout: patience, CheckRedirect: stay}}, nil
}

// stay has a redirection answered as it is: events go where they were told to.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Name returns the host: the path and query of a webhook often are its secret.
func (w *Webhook) Name() string { return w.url.Scheme + "://" + w.url.Host }

// Deliver posts one event. Any answer of the 200s takes it.
func (w *Webhook) Deliver(ctx context.Context, e Event) error {
	body, err := e.JSON()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Lilo-Event", e.ID)
	answer, err := w.client.Do(request)
	if err != nil {
		return bare(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)); err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %s", answer.Status)
	}
	return nil
}

// bare leaves the URL out of an error, which may be a secret.
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
