//go:build bench && linux

package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive/medialivetest"
)

// serveRun is what calls of the API take while a server has many channels, in ms.
type serveRun struct {
	create, start []float64 // of all channels
	page          []float64 // a page of list-channels while all play
	restart       []float64 // from the start of the process until all channels play
}

const (
	// serveAddress is where the server listens.
	serveAddress = "127.0.0.1:18080"
	// callers is how many calls are made at once.
	callers = 8
)

// measureServe measures lilo serve with many channels of one file.
func (b *bench) measureServe(ctx context.Context, r *report) error {
	for range b.rounds {
		if err := b.serveOnce(ctx, &r.serve); err != nil {
			return err
		}
	}
	return nil
}

// serveOnce runs a server on a new state directory.
func (b *bench) serveOnce(ctx context.Context, r *serveRun) error {
	conn, port, err := sink()
	if err != nil {
		return err
	}
	defer conn.Close()
	state := filepath.Join(b.work, "state-"+fmt.Sprint(len(r.create)))
	args := []string{b.lilo, "serve", "--listen", serveAddress, "--state", state, "--allow-files", b.work, "--pacing", "10ms", "--max-channels", fmt.Sprint(b.many)}
	child, err := spawn(ctx, args...)
	if err != nil {
		return err
	}
	client := medialive.New(medialive.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + serveAddress), Credentials: aws.AnonymousCredentials{},
	})
	if err := b.playMany(ctx, client, port, r); err != nil {
		child.stop()
		return err
	}
	child.stop()
	began := time.Now()
	if child, err = spawn(ctx, args...); err != nil {
		return err
	}
	defer child.stop()
	if err := allIn(ctx, client, types.ChannelStateRunning, b.many); err != nil {
		return err
	}
	r.restart = append(r.restart, milliseconds(time.Since(began)))
	return nil
}

// playMany creates the channels, starts them and lists them.
func (b *bench) playMany(ctx context.Context, client *medialive.Client, port int, r *serveRun) error {
	if err := allIn(ctx, client, types.ChannelStateIdle, 0); err != nil {
		return err
	}
	url := aws.String("file://" + b.clip())
	inputs, channels := make([]*string, b.many), make([]*string, b.many)
	err := b.forAll(ctx, func(ctx context.Context, i int) error {
		out, err := client.CreateInput(ctx, &medialive.CreateInputInput{
			Name: aws.String("clip"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: url}, {Url: url}},
		})
		if err == nil {
			inputs[i] = out.Input.Id
		}
		return err
	})
	if err != nil {
		return err
	}
	began := time.Now()
	err = b.forAll(ctx, func(ctx context.Context, i int) error {
		out, err := client.CreateChannel(ctx, &medialive.CreateChannelInput{
			Name: aws.String(fmt.Sprint(i)), ChannelClass: types.ChannelClassSinglePipeline,
			InputAttachments: []types.InputAttachment{{InputId: inputs[i], InputSettings: &types.InputSettings{SourceEndBehavior: types.InputSourceEndBehaviorLoop}}},
			Destinations: []types.OutputDestination{{Id: aws.String("d"), Settings: []types.OutputDestinationSettings{
				{Url: aws.String(fmt.Sprintf("udp://127.0.0.1:%d", port))},
			}}},
			EncoderSettings: medialivetest.EncoderSettings(&types.M2tsSettings{Bitrate: aws.Int32(manyRate)}),
		})
		if err == nil {
			channels[i] = out.Channel.Id
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := allIn(ctx, client, types.ChannelStateIdle, b.many); err != nil {
		return err
	}
	r.create = append(r.create, milliseconds(time.Since(began)))
	began = time.Now()
	err = b.forAll(ctx, func(ctx context.Context, i int) error {
		_, err := client.StartChannel(ctx, &medialive.StartChannelInput{ChannelId: channels[i]})
		return err
	})
	if err != nil {
		return err
	}
	if err := allIn(ctx, client, types.ChannelStateRunning, b.many); err != nil {
		return err
	}
	r.start = append(r.start, milliseconds(time.Since(began)))
	for range 20 {
		began := time.Now()
		if _, err := client.ListChannels(ctx, &medialive.ListChannelsInput{}); err != nil {
			return err
		}
		r.page = append(r.page, milliseconds(time.Since(began)))
		pause(ctx, 100*time.Millisecond)
	}
	return nil
}

// forAll calls do for each channel.
func (b *bench) forAll(ctx context.Context, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.many && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// allIn waits until so many channels have that state, and play if it is RUNNING.
func allIn(ctx context.Context, client *medialive.Client, state types.ChannelState, want int) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		n := -1
		if out, err := client.ListChannels(ctx, &medialive.ListChannelsInput{MaxResults: aws.Int32(1000)}); err == nil {
			n = 0
			for _, c := range out.Channels {
				if c.State == state && (state != types.ChannelStateRunning || aws.ToInt32(c.PipelinesRunningCount) == 1) {
					n++
				}
			}
		}
		if n == want {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%d of %d channels are %s: %w", n, want, state, ctx.Err())
		}
		pause(ctx, 100*time.Millisecond) // The list itself takes the server some time.
	}
}

// serveRows are the goals of lilo serve.
func (r *report) serveRows() []row {
	if len(r.serve.restart) == 0 {
		return nil
	}
	line := func(what string, goal float64, all []float64) row {
		m := median(all)
		return row{what, fmt.Sprintf("≤ %g ms", goal), fmt.Sprintf("%.0f ms", m), m <= goal}
	}
	many := fmt.Sprintf("%d channels", r.bench.many)
	return []row{
		line(many+": created", 4000, r.serve.create),
		line(many+": on air after a restart of `lilo serve`", 2000, r.serve.restart),
		line("a page of list-channels while they play", 20, r.serve.page),
	}
}

// serveText returns the paragraph about it.
func (r *report) serveText() string {
	return fmt.Sprintf("`lilo serve` with %d channels of one file, %d calls at a time, median of %d rounds: created in %.0f ms, started in %.0f ms, "+
		"all on air %.0f ms after a restart of the process; a page of list-channels (100 channels) takes %.1f ms while they play.\n",
		r.bench.many, callers, len(r.serve.restart), median(r.serve.create), median(r.serve.start), median(r.serve.restart), median(r.serve.page))
}
