package api

import (
	"context"
	"net/http"
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
	err error // instead of an answer
}

// faultsOf returns what a request asks for, or what is armed if it says nothing.
func (h *handler) faultsOf(r *http.Request) (faults, error) {
	if asked := r.Header.Values(FaultHeader); len(asked) > 0 || h.o.Armed == nil {
		return readFaults(strings.Join(asked, ","))
	}
	return h.o.Armed.take(r.Method), nil
}

// readFaults reads faults in the form of the header.
func readFaults(text string) (f faults, err error) {
	f.Lose = map[int]time.Duration{}
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
			f.Lose[int(name[len(name)-1]-'0')] = d
		default:
			return f, service.Errorf(service.BadRequest, "%s: %q is no fault: write throttling, internal, forbidden, bad-gateway, gateway-timeout, fail, slow=30s, pipeline-0=10s or pipeline-1=10s", FaultHeader, word)
		}
	}
	return f, nil
}

// do makes a call with the faults.
func (f faults) do(ctx context.Context, s *service.Service, r route, c *call) (any, error) {
	if f.err != nil {
		return nil, f.err
	}
	asked := f.Slow > 0 || f.Fail || len(f.Lose) > 0
	if asked && c.member == "ChannelId" {
		s.Channels.Inject(c.id, f.Fault)
	}
	answer, err := r.do(service.WithFault(ctx, f.Fault), c)
	if asked && err != nil {
		s.Channels.Inject(c.id, supervisor.Fault{})
	}
	return answer, err
}
