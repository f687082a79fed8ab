package outputs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// fake is an open output of five packets a datagram.
type fake struct{ closed int }

func (f *fake) URL() string  { return "fake" }
func (f *fake) Packets() int { return 5 }
func (f *fake) Send(_ packet.Number, payload []byte) output.Result {
	return output.Result{Sent: len(payload) / (5 * packet.Size)}
}

func (f *fake) Close() error {
	f.closed++
	return nil
}

func twoDestinations() []channel.Destination {
	return []channel.Destination{{Scheme: "udp", Host: "192.0.2.1", Port: 1}, {Scheme: "udp", Host: "192.0.2.2", Port: 2}}
}

// A destination whose link is down is opened with growing pauses while the other is sent to.
func TestDestinationThatOpensLater(t *testing.T) {
	tries, good := 0, new(fake)
	opened := make(chan struct{})
	open := func(_ context.Context, d channel.Destination) (output.Output, error) {
		if d.Port == 1 {
			return new(fake), nil
		}
		if tries++; tries <= 7 {
			return nil, fmt.Errorf("udp://192.0.2.2:2: cannot open a socket to it: %w", syscall.ENETUNREACH)
		}
		close(opened)
		return good, nil
	}
	var pauses []time.Duration
	begin := make(chan time.Time)
	after := func(d time.Duration) <-chan time.Time {
		pauses = append(pauses, d)
		return begin
	}
	all, err := openAll(t.Context(), twoDestinations(), open, after)
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if o := all[1]; o.URL() != "udp://192.0.2.2:2" || o.Packets() != channel.MaxPackets {
		t.Errorf("%s, %d packets", o.URL(), o.Packets())
	}
	r := all[1].Send(0, make([]byte, 3*channel.MaxPackets*packet.Size))
	if r.Sent != 0 || r.Dropped != 3 || r.Err == nil || r.Err.Error() != "cannot open a socket to it: network is unreachable" {
		t.Errorf("before it is open, Send = %+v", r)
	}
	close(begin)
	<-opened
	for all[1].Packets() != 5 {
		time.Sleep(time.Millisecond)
	}
	if r := all[1].Send(0, make([]byte, 10*packet.Size)); r.Sent != 2 || r.Err != nil {
		t.Errorf("Send = %+v", r)
	}
	if want := []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 16e9, 16e9}; !slices.Equal(pauses, want) {
		t.Errorf("pauses %v, want %v", pauses, want)
	}
	if err := Close(all); err != nil || good.closed != 1 {
		t.Errorf("%v, closed %d times", err, good.closed)
	}
}

// What never opens can be closed.
func TestDestinationThatNeverOpens(t *testing.T) {
	open := func(_ context.Context, d channel.Destination) (output.Output, error) {
		if d.Port == 1 {
			return nil, syscall.EADDRNOTAVAIL
		}
		return new(fake), nil
	}
	all, err := openAll(t.Context(), twoDestinations(), open, time.After)
	if err != nil {
		t.Fatal(err)
	}
	if err := Close(all); err != nil {
		t.Error(err)
	}
}

// Without any open destination, and with one that is wrong, nothing starts.
func TestNoDestinationOpens(t *testing.T) {
	wrong := errors.New("wrong")
	for _, c := range []struct{ one, other, want error }{
		{syscall.ENETUNREACH, syscall.EADDRNOTAVAIL, syscall.ENETUNREACH},
		{nil, wrong, wrong},
		{syscall.ENETUNREACH, wrong, wrong},
	} {
		first := new(fake)
		all, err := openAll(t.Context(), twoDestinations(), func(_ context.Context, d channel.Destination) (output.Output, error) {
			switch {
			case d.Port == 2:
				return nil, c.other
			case c.one != nil:
				return nil, c.one
			}
			return first, nil
		}, time.After)
		if all != nil || !errors.Is(err, c.want) || c.one == nil && first.closed != 1 {
			t.Errorf("%v and %v: %v, %v, closed %d times", c.one, c.other, all, err, first.closed)
		}
	}
}

// An address that this machine does not have may come; an interface that is misspelt does not.
func TestReasonsThatMayPass(t *testing.T) {
	for query, later := range map[string]bool{"localaddr=192.0.2.77": true, "iface=192.0.2.77": true, "iface=none0": false} {
		var to []channel.Destination
		for _, url := range []string{"udp://127.0.0.1:9", "udp://127.0.0.1:10?" + query} {
			d, err := channel.ParseDestination(url)
			if err != nil {
				t.Fatal(err)
			}
			to = append(to, d)
		}
		all, err := Open(t.Context(), to, output.Stream{})
		if (err == nil) != later {
			t.Errorf("%s: %v", query, err)
		}
		if err := Close(all); err != nil {
			t.Error(err)
		}
		if all, err = Open(t.Context(), to[1:], output.Stream{}); err == nil {
			t.Errorf("%s alone opens: %v", query, Close(all))
		}
	}
}
