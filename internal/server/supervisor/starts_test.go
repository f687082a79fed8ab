package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/store"
)

// disk is a store that outlives its process.
type disk struct {
	*store.History

	mu       sync.Mutex
	records  map[store.Key][]byte
	revision store.Revision
	commits  int // of starts
}

func newDisk(records map[store.Key][]byte) *disk {
	return &disk{History: store.NewHistory(0), records: records}
}

func (d *disk) Load(context.Context) (all []store.Write, r store.Revision, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, value := range d.records {
		all = append(all, store.Write{Key: key, Value: value})
	}
	return all, d.revision, nil
}

func (d *disk) Commit(_ context.Context, t store.Txn) (store.Revision, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.revision++
	for _, w := range t.Writes {
		if w.Value == nil {
			delete(d.records, w.Key)
			continue
		}
		d.records[w.Key] = w.Value
	}
	if slices.ContainsFunc(t.Writes, func(w store.Write) bool { return w.Kind == startKind }) {
		d.commits++
	}
	d.Add(store.Change{Revision: d.revision, Writes: t.Writes})
	return d.revision, nil
}

func (*disk) Close() error { return nil }

// left returns what a process leaves that ends now.
func (d *disk) left() map[store.Key][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[store.Key][]byte{}
	maps.Copy(all, d.records)
	return all
}

// process is a supervisor whose channels start well, unless they are deadly.
type process struct {
	*Supervisor
	disk    *disk
	records *record.Cache
	deadly  string // starting it never ends
	end     func()

	mu      sync.Mutex
	played  []string
	opening int
	atOnce  int // channels that were being started when the deadly one was
}

func boot(t *testing.T, records map[store.Key][]byte, deadly string) *process {
	t.Helper()
	p := &process{disk: newDisk(records), deadly: deadly}
	var err error
	log := slog.New(slog.DiscardHandler)
	if p.records, err = record.Open(t.Context(), p.disk, record.Options{Log: log}); err != nil {
		t.Fatal(err)
	}
	p.Supervisor = New(p.records, Options{Log: log, Store: p.disk, Play: p.play})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	p.end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(p.end)
	return p
}

func (p *process) play(ctx context.Context, c player.Config) (Playback, error) {
	id, _, _ := strings.Cut(c.Key, "-")
	p.mu.Lock()
	p.played = append(p.played, id)
	if id == p.deadly {
		p.atOnce = p.opening
	}
	p.opening++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.opening--
	}()
	if id == p.deadly {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	time.Sleep(10 * time.Millisecond)
	return &playback{done: make(chan struct{})}, nil
}

func (p *process) update(t *testing.T, do func(*record.Tx)) {
	t.Helper()
	if err := p.records.Update(t.Context(), func(tx *record.Tx) error { do(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func (p *process) move(t *testing.T, id string, to types.ChannelState) {
	t.Helper()
	p.update(t, func(tx *record.Tx) { tx.Channels.Put(id, tx.Channels.Get(id).InState(to, tx.Now)) })
	synctest.Wait()
}

// fill creates channels in a state.
func (p *process) fill(t *testing.T, n int, state types.ChannelState) {
	p.update(t, func(tx *record.Tx) {
		for i := range n {
			id, input := fmt.Sprint(1000000+i), fmt.Sprint(7+i)
			tx.Inputs.Put(input, &record.Input{Origin: tx.NewOrigin("", ""), Doc: &types.Input{
				Id: &input, Type: types.InputTypeMp4File, Sources: []types.InputSource{{Url: aws.String("file:///media/" + id + ".mp4")}},
			}})
			doc := document()
			doc.Id, doc.Arn = &id, aws.String("arn:"+id)
			doc.InputAttachments[0].InputId = &input
			medialive.Complete(doc)
			doc.State = state
			r := record.NewChannel(tx.NewOrigin("", ""), doc)
			r.Epoch = tx.Now
			tx.Channels.Put(id, r)
		}
	})
}

const killer = "1000007"

// TestCrashLoop has a channel that ends the process whenever it is started.
func TestCrashLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 20
		first := boot(t, map[store.Key][]byte{}, "")
		first.fill(t, n, types.ChannelStateIdle)
		for i := range n {
			first.move(t, fmt.Sprint(1000000+i), types.ChannelStateStarting)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if first.disk.commits != 0 {
			t.Errorf("%d transactions for channels in state STARTING, which says it", first.disk.commits)
		}
		if left := first.disk.left(); len(left) != 2*n {
			t.Errorf("%d records are left", len(left))
		}
		// The process ends, and the file of one channel becomes deadly.
		second := boot(t, first.disk.left(), killer)
		time.Sleep(time.Second)
		synctest.Wait()
		if len(second.played) != n || second.disk.commits < 2 || second.disk.commits > 4 {
			t.Errorf("%d channels started with %d transactions", len(second.played), second.disk.commits)
		}
		third := boot(t, second.disk.left(), killer)
		time.Sleep(time.Second)
		synctest.Wait()
		if last := third.played[len(third.played)-1]; len(third.played) != n || last != killer || third.atOnce != 0 {
			t.Errorf("%s is started last, beside %d others", last, third.atOnce)
		}
		for boots := range 2 {
			fourth := boot(t, third.disk.left(), killer)
			time.Sleep(time.Minute)
			synctest.Wait()
			set := fourth.Alerts(killer, types.ChannelAlertStateSet)
			if len(fourth.played) != n-1 || slices.Contains(fourth.played, killer) || len(set) != 1 || *set[0].AlertType != alertHeld || !fourth.Recovering(killer) {
				t.Errorf("boot %d after that: %d channels started, alerts %v", boots, len(fourth.played), set)
			}
			third = fourth
		}
		// Somebody repairs its source, stops the channel and starts it.
		third.deadly = ""
		third.move(t, killer, types.ChannelStateStopping)
		third.move(t, killer, types.ChannelStateStarting)
		time.Sleep(time.Second)
		synctest.Wait()
		if third.Running(killer) != 1 || third.Recovering(killer) || len(third.Alerts(killer, types.ChannelAlertStateSet)) != 0 {
			t.Errorf("%d play, alerts %v", third.Running(killer), third.Alerts(killer, types.ChannelAlertStateSet))
		}
		fifth := boot(t, third.disk.left(), "")
		time.Sleep(time.Second)
		synctest.Wait()
		if len(fifth.played) != n || fifth.Running(killer) != 1 {
			t.Errorf("in the end, %d channels started", len(fifth.played))
		}
	})
}

// A process that was starting a channel when it was asked to end does not make that
// channel a suspect, however often.
func TestCleanEndWhileStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := boot(t, map[store.Key][]byte{}, killer)
		p.fill(t, 10, types.ChannelStateIdle)
		p.move(t, killer, types.ChannelStateStarting)
		for range 4 {
			time.Sleep(time.Second)
			p.end()
			p = boot(t, p.disk.left(), killer)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !slices.Equal(p.played, []string{killer}) || p.Recovering(killer) {
			t.Errorf("%v are played; recovering is %v", p.played, p.Recovering(killer))
		}
	})
}
