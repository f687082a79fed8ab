package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// FaultHeader is the header of a request that asks for faults of the service, so that a
// caller can test how it handles them: "throttling", or "slow=30s, pipeline-0=10s".
const FaultHeader = "X-Lilo-Fault"

// maxFault is how long a fault may last.
const maxFault = time.Hour

// faults is what a request asks for.
type faults struct {
	supervisor.Fault
	lose map[int]time.Duration // for how long pipelines are lost, by their index
	err  error                 // instead of an answer
}

// faultsOf returns what a request for an operation asks for, or what is armed if it says nothing.
func (h *handler) faultsOf(r *http.Request, route route, c *call) (faults, error) {
	asked := r.Header.Values(FaultHeader)
	if len(asked) == 0 {
		return h.o.Armed.take(route), nil
	}
	f, err := readFaults(strings.Join(asked, ","))
	if err == nil {
		err = f.check(route)
	}
	for index := range f.lose {
		if err == nil && !h.service.Channels.Plays(c.id, index) {
			err = service.Errorf(service.BadRequest, "%s: the channel %s is not on air with a pipeline %d", FaultHeader, c.id, index)
		}
	}
	return f, err
}

// check reports a fault that has no effect on an operation.
func (f faults) check(r route) error {
	changes := []string{"CreateChannel", "UpdateChannel", "UpdateChannelClass"}
	switch {
	case f.err != nil:
		return nil //nolint:nilerr // The call reports it.
	case f.Fail && !slices.Contains(changes, r.name):
		return service.Errorf(service.BadRequest, "%s: fail is for %s, not for %s", FaultHeader, strings.Join(changes, ", "), r.name)
	case len(f.lose) > 0 && !strings.Contains(r.path, "{ChannelId}"):
		return service.Errorf(service.BadRequest, "%s: the loss of a pipeline is for operations on one channel, not for %s", FaultHeader, r.name)
	}
	if changes = append(changes, "StartChannel", "StopChannel", "DeleteChannel", "BatchStart", "BatchStop", "BatchDelete"); f.Slow > 0 && !slices.Contains(changes, r.name) {
		return service.Errorf(service.BadRequest, "%s: slow is for %s, not for %s", FaultHeader, strings.Join(changes, ", "), r.name)
	}
	return nil
}

// readFaults reads faults in the form of the header.
func readFaults(text string) (f faults, err error) {
	f.lose = map[int]time.Duration{}
	for word := range strings.SplitSeq(text, ",") {
		name, text, timed := strings.Cut(strings.TrimSpace(word), "=")
		var d time.Duration
		if timed {
			if d, err = time.ParseDuration(text); err != nil || d <= 0 || d > maxFault {
				return f, service.Errorf(service.BadRequest, "%s: %q is not a time such as 30s, up to %v", FaultHeader, text, maxFault)
			}
		}
		switch {
		case name == "":
		case name == "throttling" && !timed:
			f.err = service.Errorf(service.TooMany, "Too many requests, as was asked for")
		case name == "internal" && !timed:
			f.err = service.Errorf(service.Internal, "An internal error, as was asked for")
		case name == "forbidden" && !timed:
			f.err = service.Errorf(service.Forbidden, "Forbidden, as was asked for")
		case name == "bad-gateway" && !timed:
			f.err = service.Errorf(service.BadGateway, "A bad gateway, as was asked for")
		case name == "gateway-timeout" && !timed:
			f.err = service.Errorf(service.Timeout, "A timeout, as was asked for")
		case name == "fail" && !timed:
			f.Fail = true
		case name == "slow" && timed:
			f.Slow = d
		case (name == "pipeline-0" || name == "pipeline-1") && timed:
			f.lose[int(name[len(name)-1]-'0')] = d
		default:
			return f, service.Errorf(service.BadRequest, "%s: %q is no fault: write throttling, internal, forbidden, bad-gateway, gateway-timeout, fail, slow=30s, pipeline-0=10s or pipeline-1=10s", FaultHeader, word)
		}
	}
	return f, nil
}

// do makes a call with the faults. One that is refused has none.
func (f faults) do(ctx context.Context, s *service.Service, r route, c *call) (any, error) {
	if f.err != nil {
		return nil, f.err
	}
	answer, err := r.do(service.WithFault(ctx, f.Fault), c)
	for index, d := range f.lose {
		if err == nil {
			s.Channels.Lose(c.id, index, d)
		}
	}
	return answer, err
}
