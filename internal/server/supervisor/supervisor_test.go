package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/medialive/medialivetest"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

// A failed start is no Playback at all, not a nil *player.Channel in one.
func TestPlayerReturnsNoPlaybackWithAnError(t *testing.T) {
	p, err := player.New(player.LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	b, err := Player(p)(ctx, player.Config{Key: "1", Spec: channel.Spec{Source: "no such file"}})
	if b != nil || err == nil {
		t.Errorf("Play returned %v, %v", b, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAlerts(t *testing.T) {
	var emitted []string
	id := int64(0)
	a := &alerts{
		now:   time.Now,
		newID: func() int64 { id++; return id },
		emit: func(one types.ChannelAlert) {
			emitted = append(emitted, *one.AlertType+" "+*one.PipelineId+" "+string(one.State))
		},
	}
	a.set(0, alertInput, "gone")
	a.set(0, alertInput, "still gone")
	a.set(1, alertInput, "gone")
	a.set(0, alertSetting, "one")
	a.set(0, alertSetting, "two")
	set := a.list(types.ChannelAlertStateSet)
	if len(set) != 4 || *set[0].Message != "still gone" || *set[0].Id != "1" || !IsInputLoss(set[0]) || IsInputLoss(set[2]) {
		t.Errorf("set: %+v", set)
	}
	a.clear(0, alertInput)
	a.setIf(false, 1, alertInputLoss, "") // It is not set.
	if left := a.list(types.ChannelAlertStateSet); len(left) != 3 || *left[0].PipelineId != "1" {
		t.Errorf("after clear: %+v", left)
	}
	want := []string{
		alertInput + " 0 SET", alertInput + " 1 SET", alertSetting + " 0 SET", alertSetting + " 0 SET", alertInput + " 0 CLEARED",
	}
	if strings.Join(emitted, "\n") != strings.Join(want, "\n") {
		t.Errorf("emitted %q", emitted)
	}
	for range maxCleared + 50 {
		a.set(0, alertOutput, "refused")
		a.clear(0, alertOutput)
	}
	a.set(0, alertOutput, "refused") // Cleared alerts are trimmed when one is set.
	cleared := a.list(types.ChannelAlertStateCleared)
	if len(cleared) != maxCleared || *cleared[maxCleared-1].Id != strconv.FormatInt(id-1, 10) || len(a.list(types.ChannelAlertStateSet)) != 4 {
		t.Errorf("%d cleared alerts, the last has id %s of %d", len(cleared), *cleared[len(cleared)-1].Id, id)
	}
}

// stage is a supervisor with one channel, and a player under the control of a test.
type stage struct {
	*Supervisor
	records *record.Cache
	log     logText

	mu      sync.Mutex
	err     error // of Play
	skipped bool  // the next playback has left out an entry
	on      *playback
	played  int
}

// logText is what was logged.
type logText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const id = "1234567"

// stand runs a supervisor of a channel in a state until the test ends.
func stand(t *testing.T, state types.ChannelState, edit ...func(*types.Channel)) *stage {
	t.Helper()
	file, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{}
	log := slog.New(slog.NewTextHandler(&s.log, nil))
	if s.records, err = record.Open(t.Context(), file, record.Options{Log: log}); err != nil {
		t.Fatal(err)
	}
	s.Supervisor = New(s.records, Options{Log: log, Play: s.play, Emit: func(string, event.Detail) {}})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, file.Close()); err != nil {
			t.Error(err)
		}
	})
	doc := document()
	for _, do := range edit {
		do(doc)
	}
	medialive.Complete(doc)
	doc.State = state
	s.update(t, func(tx *record.Tx) {
		tx.Inputs.Put("7", &record.Input{Origin: tx.NewOrigin("", ""), Doc: &types.Input{
			Id: aws.String("7"), Type: types.InputTypeMp4File, Sources: []types.InputSource{{Url: aws.String("file:///media/a.mp4")}},
		}})
		r := record.NewChannel(tx.NewOrigin("", ""), doc)
		r.Epoch = tx.Now
		tx.Channels.Put(id, r)
	})
	return s
}

// document returns a channel that copies its input to UDP.
func document() *types.Channel {
	return &types.Channel{
		Id: aws.String(id), Arn: aws.String("arn:" + id), Name: aws.String("news"), ChannelClass: types.ChannelClassSinglePipeline,
		Destinations: []types.OutputDestination{{Id: aws.String("d"), Settings: []types.OutputDestinationSettings{{Url: aws.String("udp://127.0.0.1:5000")}}}},
		InputAttachments: []types.InputAttachment{{
			InputId: aws.String("7"), InputAttachmentName: aws.String("a"),
			InputSettings: &types.InputSettings{SourceEndBehavior: types.InputSourceEndBehaviorLoop},
		}},
		EncoderSettings: medialivetest.EncoderSettings(&types.M2tsSettings{}),
	}
}

func (s *stage) play(context.Context, player.Config) (Playback, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.played++
	if s.err != nil {
		return nil, s.err
	}
	s.on = &playback{done: make(chan struct{}), snapshot: player.Snapshot{Skipped: s.skipped}}
	return s.on, nil
}

func (s *stage) set(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func (s *stage) update(t *testing.T, do func(*record.Tx)) {
	t.Helper()
	if err := s.records.Update(t.Context(), func(tx *record.Tx) error { do(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// alerts returns the alerts that are set, as type: message.
func (s *stage) alerts() string {
	var all []string
	for _, a := range s.Alerts(id, types.ChannelAlertStateSet) {
		all = append(all, *a.AlertType+": "+*a.Message)
	}
	return strings.Join(all, "\n")
}

// playback is a Playback that a test controls.
type playback struct {
	mu       sync.Mutex
	snapshot player.Snapshot
	refuse   error // what SetSchedule returns
	given    int   // calls of SetSchedule
	once     sync.Once
	done     chan struct{}
	err      error
}

func (p *playback) Snapshot() player.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snapshot
}

func (p *playback) SetWindow(player.Window) {}

func (p *playback) SetSchedule(context.Context, channel.Schedule) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given++
	return p.refuse
}

func (p *playback) set(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

func (*playback) HLS() http.Handler       { return http.NotFoundHandler() }
func (p *playback) Stop()                 { p.end(nil) }
func (p *playback) Done() <-chan struct{} { return p.done }
func (p *playback) Err() error            { <-p.done; return p.err }
func (p *playback) end(err error)         { p.once.Do(func() { p.err = err; close(p.done) }) }

// A pipeline that cannot play is retried, ever more slowly, and has an alert meanwhile.
func TestPipelineIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		if s.Running(id) != 1 || s.played != 1 || s.alerts() != "" || s.Pipelines(id)[0].Playback != s.on {
			t.Fatalf("%d of %d play, with alerts %q", s.Running(id), s.played, s.alerts())
		}
		s.set(func() { s.err = fault.New(fault.Source, "no such file") })
		s.on.end(errors.New("the disk has gone"))
		synctest.Wait()
		if want := alertInput + ": the disk has gone (attempt 1 failed; the next is at 00:00:00 UTC)"; s.Running(id) != 0 || s.alerts() != want {
			t.Errorf("alerts %q, want %q", s.alerts(), want)
		}
		time.Sleep(time.Minute) // 0.25, 0.5, 1, 2, 4, 8, 15, 15 s and so on
		synctest.Wait()
		if want := alertInput + ": no such file (attempt 9 failed; the next is at 00:01:00 UTC)"; s.alerts() != want || s.played != 1+8 {
			t.Errorf("alerts %q after %d attempts", s.alerts(), s.played)
		}
		if s.Recovering(id) {
			t.Error("a channel whose source is missing runs without it")
		}
		s.set(func() { s.err = nil })
		s.Restart(id, func(index int) bool { return index == 0 }) // It need not wait.
		synctest.Wait()
		if s.Running(id) != 1 || s.alerts() != "" {
			t.Errorf("%d play, with alerts %q", s.Running(id), s.alerts())
		}
		s.on.end(nil)
		synctest.Wait()
		if want := alertInput + ": the stream has ended (attempt 1 failed; the next is at 00:01:00 UTC)"; s.alerts() != want {
			t.Errorf("alerts %q, want %q", s.alerts(), want)
		}
	})
}

// startsSoFar returns how often the pipeline was started.
func (s *stage) startsSoFar() (n int) {
	s.set(func() { n = s.played })
	return n
}

// A pipeline that ends again and again is started ever more rarely, and its channel
// says so until it has played for a while.
func TestPipelineThatKeepsEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		end := func() {
			synctest.Wait()
			s.on.end(errors.New("byte 7 is damaged"))
			synctest.Wait()
		}
		var pauses []time.Duration
		for range 12 {
			time.Sleep(time.Second)
			end()
			before, begin := s.startsSoFar(), time.Now()
			for s.startsSoFar() == before {
				time.Sleep(50 * time.Millisecond)
				synctest.Wait()
			}
			pauses = append(pauses, time.Since(begin))
			if recovering := len(pauses) > 1; s.Recovering(id) != recovering || !strings.Contains(s.alerts(), fmt.Sprintf("byte 7 is damaged (attempt %d failed; the next is at ", len(pauses))) {
				t.Errorf("after %d failures: recovering is %v, alerts %q", len(pauses), s.Recovering(id), s.alerts())
			}
		}
		if fmt.Sprint(pauses) != "[250ms 500ms 1s 2s 4s 8s 16s 32s 1m4s 2m0s 2m0s 2m0s]" {
			t.Errorf("the pauses are %v", pauses)
		}
		time.Sleep(steady + time.Millisecond)
		synctest.Wait()
		if s.Recovering(id) || s.alerts() != "" {
			t.Errorf("after a minute: recovering is %v, alerts %q", s.Recovering(id), s.alerts())
		}
		end()
		if s.Recovering(id) || !strings.Contains(s.alerts(), "attempt 1 failed") {
			t.Errorf("after that: recovering is %v, alerts %q", s.Recovering(id), s.alerts())
		}
	})
}

func (s *stage) move(t *testing.T, to types.ChannelState) {
	t.Helper()
	s.update(t, func(tx *record.Tx) { tx.Channels.Put(id, tx.Channels.Get(id).InState(to, tx.Now)) })
	synctest.Wait()
}

// A destination that cannot be opened is no trouble of the input, and the other way round.
func TestAlertNamesWhatCannotBeOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		for i, c := range []struct {
			err  error
			want string
		}{
			{fault.New(fault.Destination, "udp://a: no route"), alertOutput + ": udp://a: no route (attempt 2 failed; the next is at 00:00:00 UTC)"},
			{fault.New(fault.Source, "no such file"), alertInput + ": no such file (attempt 3 failed; the next is at 00:00:01 UTC)"},
			{fault.New(fault.Destination, "udp://a: no route"), alertOutput + ": udp://a: no route (attempt 4 failed; the next is at 00:00:02 UTC)"},
			{nil, ""},
		} {
			s.set(func() { s.err = c.err })
			if i == 0 {
				s.on.end(errors.New("the stream has ended"))
				synctest.Wait()
			}
			s.Restart(id, func(int) bool { return true }) // It does not wait.
			synctest.Wait()
			if s.alerts() != c.want {
				t.Errorf("alerts %q, want %q", s.alerts(), c.want)
			}
		}
	})
}

func TestAlertsOfPlayingPipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		s.on.set(func() {
			s.on.snapshot.Remote, s.on.snapshot.Fetched.Stalled = true, true
			s.on.snapshot.Outputs = []playout.OutputSnapshot{{URL: "udp://a"}, {URL: "udp://b", LastError: "udp://b cannot be sent to: no route"}, {URL: "udp://c", Unheard: true}}
		})
		time.Sleep(monitorEvery + time.Millisecond)
		synctest.Wait()
		all := s.alerts()
		if !strings.Contains(all, alertInputLoss+": ") || !strings.Contains(all, alertOutput+": udp://b cannot be sent to: no route") || strings.Contains(all, "udp://c") {
			t.Errorf("alerts %q", all)
		}
		s.on.set(func() { s.on.snapshot = player.Snapshot{} })
		time.Sleep(monitorEvery)
		synctest.Wait()
		if s.alerts() != "" {
			t.Errorf("alerts %q", s.alerts())
		}
	})
}

// A note has an alert of its own, set once, as long as its source is to play.
func TestNotesAreAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		left := player.SourceNote{Source: "a.mp4", Note: media.NewNote(media.NoteTrackLeftOut, 3, "track 3 is left out")}
		cut := player.SourceNote{Source: "b.mp4", Note: media.NewNote(media.NoteSoundCut, 2, "1 s of it is cut off")}
		s.on.set(func() { s.on.snapshot.Notes = []player.SourceNote{left, cut} })
		time.Sleep(10 * monitorEvery)
		synctest.Wait()
		if want := alertNote + ": a.mp4: track 3 is left out\n" + alertNote + ": b.mp4: 1 s of it is cut off"; s.alerts() != want {
			t.Errorf("alerts %q, want %q", s.alerts(), want)
		}
		s.on.set(func() { s.on.snapshot.Notes = []player.SourceNote{cut} })
		time.Sleep(monitorEvery)
		synctest.Wait()
		if want := alertNote + ": b.mp4: 1 s of it is cut off"; s.alerts() != want {
			t.Errorf("alerts %q, want %q", s.alerts(), want)
		}
		if all := s.Alerts(id, ""); len(all) != 2 || !IsNote(all[1]) {
			t.Errorf("%d alerts were ever set", len(all))
		}
	})
}

// Datagrams that are lost have an alert, whatever they were lost to, and a log line a minute at most.
func TestLossesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		lose := func(n, dropped, starved int64) {
			s.on.set(func() {
				s.on.snapshot.Outputs = []playout.OutputSnapshot{{Skipped: n / 2, Dropped: dropped}, {Skipped: n - n/2}}
				s.on.snapshot.Starved = starved
			})
			time.Sleep(monitorEvery)
			synctest.Wait()
		}
		lose(0, 0, 0)
		if s.alerts() != "" {
			t.Errorf("alerts %q", s.alerts())
		}
		for n := int64(1); n <= 50; n++ {
			lose(10*n, 0, 0)
		}
		if want := alertLost + ": 500 datagrams were lost since "; !strings.HasPrefix(s.alerts(), want) || !strings.Contains(s.alerts(), "500 were overdue") {
			t.Errorf("alerts %q, want %q", s.alerts(), want)
		}
		log := s.log.String()
		if n := strings.Count(log, "datagrams were lost"); n != 2 || !strings.Contains(log, "name=news pipeline=0 datagrams=300") {
			t.Errorf("%d lines in 100 s:\n%s", n, log)
		}
		lose(500, 3, 8)
		if got := s.alerts(); !strings.Contains(got, "506 datagrams were lost") || !strings.Contains(got, "; 3 were not accepted by the system; 3 have null packets") {
			t.Errorf("alerts %q", got)
		}
		time.Sleep(calm)
		lose(500, 3, 8)
		if s.alerts() != "" {
			t.Errorf("alerts %q after a minute", s.alerts())
		}
		lose(7, 0, 0) // It was started again.
		if !strings.HasPrefix(s.alerts(), alertLost+": 7 datagrams") {
			t.Errorf("alerts %q", s.alerts())
		}
	})
}

// Two channels on air that send to one address both have an alert, until one is off air.
func TestSharedAddressIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		const other = "7654321"
		put := func(state types.ChannelState) {
			s.update(t, func(tx *record.Tx) {
				tx.Inputs.Put("8", &record.Input{Origin: tx.NewOrigin("", ""), Doc: &types.Input{
					Id: aws.String("8"), Type: types.InputTypeMp4File, Sources: []types.InputSource{{Url: aws.String("file:///media/b.mp4")}},
				}})
				doc := document()
				doc.Id, doc.Arn, doc.Name, doc.State = aws.String(other), aws.String("arn:"+other), aws.String("sport"), state
				doc.InputAttachments[0].InputId = aws.String("8")
				medialive.Complete(doc)
				r := record.NewChannel(tx.NewOrigin("", ""), doc)
				r.Epoch = tx.Now
				tx.Channels.Put(other, r)
			})
			time.Sleep(monitorEvery + time.Millisecond)
			synctest.Wait()
		}
		put(types.ChannelStateRunning)
		want := alertShared + `: 127.0.0.1:5000 gets a mixture of this stream and that of pipeline 0 of channel "sport" (7654321): give each an address of its own`
		if s.alerts() != want || len(s.Alerts(other, types.ChannelAlertStateSet)) != 1 {
			t.Errorf("alerts %q, want %q", s.alerts(), want)
		}
		put(types.ChannelStateIdle)
		if s.alerts() != "" || len(s.Alerts(other, types.ChannelAlertStateSet)) != 0 {
			t.Errorf("alerts %q of a channel that has its address for itself", s.alerts())
		}
	})
}

// A schedule that cannot be kept has an alert, until one can; the pipeline plays on.
func TestScheduleThatCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		schedule := func(refuse error) {
			s.on.set(func() { s.on.refuse = refuse })
			s.update(t, func(tx *record.Tx) {
				n := tx.Channels.Get(id).Reread()
				n.History.End = n.History.End.Add(time.Second) // As service does with each schedule.
				tx.Channels.Put(id, n)
			})
			synctest.Wait()
		}
		schedule(errors.New("no such file"))
		if want := alertSchedule + ": no such file"; s.alerts() != want || s.Running(id) != 1 {
			t.Errorf("alerts %q, want %q", s.alerts(), want)
		}
		schedule(nil)
		if s.alerts() != "" || s.played != 1 {
			t.Errorf("alerts %q, %d starts", s.alerts(), s.played)
		}
	})
}

// A pipeline that cannot play is tried again when the next input is due, not only after a pause.
func TestRetryAtTheNextSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		at := s.records.Now().Add(20 * time.Second)
		s.set(func() { s.err = fault.New(fault.Source, "no such file") })
		s.update(t, func(tx *record.Tx) {
			n := tx.Channels.Get(id).Reread()
			n.Actions = []types.ScheduleAction{{
				ActionName: aws.String("next"),
				ScheduleActionSettings: &types.ScheduleActionSettings{InputSwitchSettings: &types.InputSwitchScheduleActionSettings{
					InputAttachmentNameReference: n.Doc.InputAttachments[0].InputAttachmentName,
				}},
				ScheduleActionStartSettings: &types.ScheduleActionStartSettings{FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{
					Time: aws.String(at.UTC().Format(time.RFC3339Nano)),
				}},
			}}
			tx.Channels.Put(id, n)
		})
		s.Restart(id, func(int) bool { return true })
		time.Sleep(at.Sub(s.records.Now()) - time.Millisecond) // Attempts after 0, 0.25, 0.75, 1.75, 3.75, 7.75 and 15.75 s.
		synctest.Wait()
		s.set(func() { s.err = nil })
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if s.Running(id) != 1 {
			t.Errorf("it does not play what is due: %q", s.alerts())
		}
	})
}

// A schedule that is not taken, or not all of it, is tried again until it is: its sources may
// be missing for a moment only.
func TestScheduleIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		s.on.set(func() { s.on.refuse = errors.New("no such file") })
		s.update(t, func(tx *record.Tx) {
			n := tx.Channels.Get(id).Reread()
			n.History.End = n.History.End.Add(time.Second)
			tx.Channels.Put(id, n)
		})
		time.Sleep(time.Minute) // 0.25, 0.5, 1, 2, 4, 8, 15, 15 s and so on
		synctest.Wait()
		if want := alertSchedule + ": no such file"; s.alerts() != want || s.on.given != 1+8 {
			t.Errorf("alerts %q after %d attempts", s.alerts(), s.on.given)
		}
		s.on.set(func() { s.on.refuse = nil })
		time.Sleep(time.Hour)
		if s.alerts() != "" || s.on.given != 1+8+1 {
			t.Errorf("alerts %q after %d attempts", s.alerts(), s.on.given)
		}
		s.set(func() { s.skipped = true })
		s.Restart(id, func(int) bool { return true })
		time.Sleep(minRetry)
		synctest.Wait()
		if s.played != 2 || s.on.given != 1 {
			t.Errorf("what skipped an entry is given its schedule %d times", s.on.given)
		}
	})
}

// A channel that cannot be played is created and updated in vain.
func TestUnplayableChannel(t *testing.T) {
	for from, to := range map[types.ChannelState]types.ChannelState{
		types.ChannelStateCreating: types.ChannelStateCreateFailed,
		types.ChannelStateUpdating: types.ChannelStateUpdateFailed,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := stand(t, from, func(c *types.Channel) { c.Tags = map[string]string{record.TagPacing: "a week"} })
			synctest.Wait()
			if state := s.records.Channels.Get(id).State(); state != to || !strings.HasPrefix(s.alerts(), alertDocument) || s.Pipelines(id) != nil {
				t.Errorf("from %s to %s, with alerts %q", from, state, s.alerts())
			}
		})
	}
}

// A channel that is stopped ends its pipelines; one that is deleted is forgotten.
func TestDeletedChannelIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, types.ChannelStateRunning)
		synctest.Wait()
		on := s.on
		s.move(t, types.ChannelStateStopping)
		select {
		case <-on.done:
		default:
			t.Error("the pipeline still plays")
		}
		if state := s.records.Channels.Get(id).State(); state != types.ChannelStateIdle {
			t.Errorf("it is %s", state)
		}
		s.move(t, types.ChannelStateDeleting)
		if s.channel(id) != nil || s.records.Channels.Find(id) != nil || s.Alerts(id, "") != nil || s.Running(id) != 0 {
			t.Error("it is still known")
		}
	})
}
