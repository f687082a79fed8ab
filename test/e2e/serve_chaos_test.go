//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/smithy-go"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
)

// The numbers of channels, callers and kills.
const (
	chaosChannels = 100
	chaosCallers  = 8
	chaosKills    = 6
)

// mediaLive returns the SDK's client of a server, without retries.
func mediaLive(url string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

// decode returns the request of a JSON document.
func decode[T any](t *testing.T, document object) *T {
	t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	v := new(T)
	if err := medialive.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
	return v
}

// lane has one channel after the other. One caller uses it.
type lane struct {
	name           string
	generation     int
	input, channel string
	// acknowledged is the last call that was answered, tried a later one that was not.
	acknowledged, tried string
}

// allowed returns the states that a channel may be in after a call.
func allowed(call string) []types.ChannelState {
	switch call {
	case "create":
		return []types.ChannelState{types.ChannelStateCreating, types.ChannelStateIdle}
	case "start":
		// A channel that was starting at two kills is held off.
		return []types.ChannelState{types.ChannelStateStarting, types.ChannelStateRunning, types.ChannelStateRecovering}
	case "stop":
		return []types.ChannelState{types.ChannelStateStopping, types.ChannelStateIdle}
	case "delete":
		return []types.ChannelState{types.ChannelStateDeleting, types.ChannelStateDeleted}
	}
	return nil
}

// chaos is one run of callers.
type chaos struct {
	t      *testing.T
	client *sdk.Client
	file   string
	to     string
	lanes  []*lane
	// answered counts the calls that changed something and were acknowledged.
	answered atomic.Int64
}

// isDown reports whether the server did not answer a call.
func isDown(err error) bool {
	var answer smithy.APIError
	return err != nil && !errors.As(err, &answer)
}

// retry makes a call until the server answers it.
func (c *chaos) retry(ctx context.Context, do func() error) error {
	for {
		err := do()
		if !isDown(err) || ctx.Err() != nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// step makes the next call for a lane and checks the state of its channel.
func (c *chaos) step(ctx context.Context, l *lane) error {
	if l.channel == "" {
		return c.create(ctx, l)
	}
	state, err := c.state(ctx, l)
	if err != nil {
		return err
	}
	switch {
	case state == types.ChannelStateDeleted:
		return c.clear(ctx, l)
	case state == types.ChannelStateIdle && rand.IntN(10) == 0:
		return c.do(l, "delete", func() error {
			_, err := c.client.DeleteChannel(ctx, &sdk.DeleteChannelInput{ChannelId: &l.channel})
			return err
		})
	case state == types.ChannelStateIdle:
		return c.do(l, "start", func() error {
			_, err := c.client.StartChannel(ctx, &sdk.StartChannelInput{ChannelId: &l.channel})
			return err
		})
	case state == types.ChannelStateRunning && rand.IntN(3) == 0:
		return c.do(l, "stop", func() error {
			_, err := c.client.StopChannel(ctx, &sdk.StopChannelInput{ChannelId: &l.channel})
			return err
		})
	}
	return nil
}

// do makes a call once and records whether it was acknowledged.
func (c *chaos) do(l *lane, call string, do func() error) error {
	l.tried = call
	err := do()
	if isDown(err) {
		return nil // The next state will show whether it was done.
	}
	if err != nil {
		return fmt.Errorf("%s of %s: %w", call, l.name, err)
	}
	l.acknowledged, l.tried = call, ""
	c.answered.Add(1)
	return nil
}

// create creates an input and a channel, with tokens that make retries safe.
func (c *chaos) create(ctx context.Context, l *lane) error {
	token := fmt.Sprint(l.name, "-", l.generation)
	in := decode[sdk.CreateInputInput](c.t, inputDocument(l.name, c.file))
	in.RequestId = &token
	err := c.retry(ctx, func() error {
		out, err := c.client.CreateInput(ctx, in)
		if err == nil {
			l.input = *out.Input.Id
		}
		return err
	})
	if err != nil {
		return err
	}
	of := decode[sdk.CreateChannelInput](c.t, channelDocument(l.name, c.to, l.input))
	of.RequestId = &token
	return c.retry(ctx, func() error {
		out, err := c.client.CreateChannel(ctx, of)
		if err == nil {
			l.channel, l.acknowledged, l.tried = *out.Channel.Id, "create", ""
			c.answered.Add(1)
		}
		return err
	})
}

// state returns the state of a channel, or an error if its calls do not allow it.
func (c *chaos) state(ctx context.Context, l *lane) (state types.ChannelState, err error) {
	err = c.retry(ctx, func() error {
		out, err := c.client.DescribeChannel(ctx, &sdk.DescribeChannelInput{ChannelId: &l.channel})
		if err == nil {
			state = out.State
		}
		return err
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("%s of %s was acknowledged, but it does not exist: %w", l.acknowledged, l.name, err)
	case slices.Contains(allowed(l.acknowledged), state):
		return state, nil
	case slices.Contains(allowed(l.tried), state):
		l.acknowledged, l.tried = l.tried, "" // It was done without an answer.
		return state, nil
	}
	return "", fmt.Errorf("%s of %s was acknowledged and %q was tried, but it is %s", l.acknowledged, l.name, l.tried, state)
}

// clear deletes the input of a deleted channel, and frees the lane.
func (c *chaos) clear(ctx context.Context, l *lane) error {
	err := c.retry(ctx, func() error {
		_, err := c.client.DeleteInput(ctx, &sdk.DeleteInputInput{InputId: &l.input})
		if _, ok := errors.AsType[*types.NotFoundException](err); ok {
			return nil // It was deleted without an answer.
		}
		return err
	})
	if err != nil {
		return err
	}
	l.channel, l.input, l.acknowledged, l.tried = "", "", "", ""
	l.generation++
	return nil
}

// caller steps through its lanes until ctx is done: all of them once, then any.
func (c *chaos) caller(ctx context.Context, lanes []*lane) {
	for n := 0; ctx.Err() == nil; n++ {
		l := lanes[rand.IntN(len(lanes))]
		if n < len(lanes) {
			l = lanes[n]
		}
		if err := c.step(ctx, l); err != nil && ctx.Err() == nil {
			c.t.Error(err)
			return
		}
	}
}

// TestServeSurvivesKills creates, starts, stops and deletes a hundred channels while
// the server is killed again and again. Nothing acknowledged is lost, and a channel
// that is on air all the time sends the right datagrams, although some are missing.
func TestServeSurvivesKills(t *testing.T) {
	long(t)
	file, state := movie(t), t.TempDir()
	address := freeAddress(t)
	args := []string{"--listen", address, "--allow-files", filepath.Dir(file)}
	s := serve(t, state, args...)
	r, sink := listen(t), listen(t)
	c := &chaos{t: t, client: mediaLive(s.url), file: file, to: sink.url("udp")}
	watched := c.watch(r.url("rtp"))
	capture := r.record()
	for i := range chaosChannels {
		c.lanes = append(c.lanes, &lane{name: fmt.Sprint("lane-", i)})
	}
	ctx, cancel := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for i := range chaosCallers {
		var mine []*lane
		for j := i; j < len(c.lanes); j += chaosCallers {
			mine = append(mine, c.lanes[j])
		}
		callers.Go(func() { c.caller(ctx, mine) })
	}
	for range chaosKills {
		time.Sleep(time.Duration(700+rand.IntN(1500)) * time.Millisecond)
		s.end(t, syscall.SIGKILL)
		s = serve(t, state, args...)
	}
	time.Sleep(time.Second)
	cancel()
	callers.Wait()
	s.end(t, syscall.SIGKILL)
	s = serve(t, state, args...)
	c.checkLanes()
	s.waitReady(t)
	if code := s.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d:\n%s", code, &s.log)
	}
	got := capture()
	if missing := c.compare(watched, got); len(got) < 100 || missing == 0 {
		t.Errorf("%d datagrams were received, %d are missing: that shows nothing", len(got), missing)
	}
}

// freeAddress returns an address that is not in use.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// checkLanes checks that each lane is as its calls say, and that nothing else exists.
func (c *chaos) checkLanes() {
	ctx := c.t.Context()
	alive, onAir := 1, 1 // The channel that is watched.
	for _, l := range c.lanes {
		if l.channel == "" {
			continue
		}
		state, err := c.state(ctx, l)
		if err != nil {
			c.t.Error(err)
		}
		if !slices.Contains(allowed("delete"), state) {
			alive++
		}
		if slices.Contains(allowed("start"), state) {
			onAir++
		}
	}
	listed := 0
	pages := sdk.NewListChannelsPaginator(c.client, &sdk.ListChannelsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			c.t.Fatal(err)
		}
		listed += len(page.Channels)
	}
	// A channel whose creation was cut off may be there, once a lane.
	if listed < alive || listed > alive+chaosCallers {
		c.t.Errorf("%d channels are listed, %d are known of", listed, alive)
	}
	c.t.Logf("%d channels, %d of them on air, after %d calls", listed, onAir, c.answered.Load())
}

// watched is the channel that is on air all the time.
type watched struct {
	channel *types.Channel
	input   *types.Input
}

// watch puts it on air.
func (c *chaos) watch(to string) watched {
	ctx := c.t.Context()
	in, err := c.client.CreateInput(ctx, decode[sdk.CreateInputInput](c.t, inputDocument("watched", c.file)))
	if err != nil {
		c.t.Fatal(err)
	}
	of := decode[sdk.CreateChannelInput](c.t, channelDocument("watched", to, *in.Input.Id))
	of.Tags = map[string]string{"lilo:epoch": time.Now().Add(time.Second).UTC().Format("2006-01-02T15:04:05.000Z")}
	out, err := c.client.CreateChannel(ctx, of)
	if err != nil {
		c.t.Fatal(err)
	}
	id := *out.Channel.Id
	soon := 20 * time.Millisecond
	created := sdk.NewChannelCreatedWaiter(c.client, func(o *sdk.ChannelCreatedWaiterOptions) { o.MinDelay, o.MaxDelay = soon, soon })
	if err := created.Wait(ctx, &sdk.DescribeChannelInput{ChannelId: &id}, time.Minute); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.client.StartChannel(ctx, &sdk.StartChannelInput{ChannelId: &id}); err != nil {
		c.t.Fatal(err)
	}
	return watched{out.Channel, in.Input}
}

// record receives datagrams until the function that it returns is called, which returns them.
func (r *receiver) record() func() [][]byte {
	var all [][]byte
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, 2048)
		for {
			n, err := r.conn.Read(b)
			if err != nil {
				return
			}
			all = append(all, bytes.Clone(b[:n]))
		}
	}()
	return func() [][]byte {
		time.Sleep(100 * time.Millisecond) // What is still on its way.
		r.conn.Close()
		<-ended
		return all
	}
}

// compare compares the datagrams that were received with the stream that the
// channel's document describes, by number, and returns how many are missing. Packets
// that were read too late may differ.
func (c *chaos) compare(w watched, got [][]byte) (missing int) {
	c.t.Helper()
	missing, _ = compareStream(c.t, c.render(w), got)
	return missing
}

// compareStream compares the datagrams that were received with a stream, by number, and returns
// how many are missing and the longest gap in seconds. Packets that were read too late may differ.
func compareStream(t *testing.T, want []byte, got [][]byte) (missing int, gap float64) {
	t.Helper()
	var nulls, last int
	for i, d := range got {
		n := int(sequence(d))
		if i > 0 && n <= last {
			t.Fatalf("datagram %d came after %d", n, last)
		}
		if i > 0 && n != last+1 {
			t.Logf("missing: %d datagrams after number %d", n-last-1, last)
		}
		if i > 0 {
			missing += n - last - 1
			gap = max(gap, float64(timestamp(d)-timestamp(got[i-1]))/90_000)
		}
		last = n
		body := d[12:]
		if (n+1)*len(body) > len(want) {
			t.Fatalf("datagram %d is later than all that is rendered", n)
		}
		for at := 0; at < len(body); at += packet {
			if should := want[n*len(body)+at:][:packet]; !bytes.Equal(body[at:at+packet], should) {
				if pid(body[at:]) != 0x1fff {
					t.Fatalf("datagram %d, byte %d: % x is sent, not % x", n, at, body[at:at+12], should[:12])
				}
				nulls++
			}
		}
	}
	t.Logf("%d datagrams received, %d missing in between, the longest gap %.2f s, %d packets replaced by null packets", len(got), missing, gap, nulls)
	if nulls > len(got)/4 {
		t.Errorf("%d packets were replaced by null packets", nulls)
	}
	return missing, gap
}

// render returns the stream that a channel's document describes, from its epoch on.
func (c *chaos) render(w watched) []byte {
	c.t.Helper()
	p, err := medialive.Read(w.channel, map[string]types.Input{*w.input.Id: *w.input}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	spec := p.Pipelines[0]
	if spec.Epoch, err = channel.ParseEpoch(w.channel.Tags["lilo:epoch"]); err != nil {
		c.t.Fatal(err)
	}
	one, err := player.Open(c.t.Context(), player.Config{Spec: spec}, player.LocalOptions())
	if err != nil {
		c.t.Fatal(err)
	}
	defer one.Close()
	var b bytes.Buffer
	if _, err := one.Render(c.t.Context(), &b, 0, time.Since(spec.Epoch)+time.Second, nil); err != nil {
		c.t.Fatal(err)
	}
	return b.Bytes()
}
