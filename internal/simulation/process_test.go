package simulation

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server"
)

// pacing is the longest train of every channel.
const pacing = 100 * time.Millisecond

// process is a server that runs, until it is stopped or killed.
type process struct {
	world    *world
	step     time.Duration // of the wall clock when it began
	unsure   bool          // a source could not be read when it began, or just before
	dead     atomic.Bool   // it was killed: nothing that it does has an effect
	stop     context.CancelFunc
	ended    chan struct{}
	err      error // once it has ended
	listener *listener
	http     *http.Transport
	api      *sdk.Client
}

// start starts a server on what the disk holds.
func (w *world) start() {
	w.disk.restart()
	w.started++
	p := &process{world: w, step: time.Duration(w.step.Load()), unsure: w.sources.whole() < settling, ended: make(chan struct{}), listener: newListener()}
	o := server.DefaultOptions()
	o.State, o.AllowFiles, o.Pacing = filepath.Join(w.dir, "state"), []string{filepath.Join(w.dir, "media")}, pacing
	e := server.Environment{Log: slog.New(logged{w, os.Getenv("LILO_SIM_LOG") != ""}), Print: func(string) {}, Machine: server.Machine{
		Now:        w.wall,
		NewClock:   func() (playout.Clock, error) { return w.newClock(p.step), nil },
		OpenState:  func(dir string) (server.State, error) { return w.disk.open(p, dir) },
		OpenSource: w.sources.open,
		Listen:     func(context.Context, string, string) (net.Listener, error) { return p.listener, nil },
		Dial:       func(to netip.AddrPort) (net.Conn, error) { return w.network.dial(p, to) },
	}}
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	w.process = p
	s, err := server.New(ctx, o, e)
	if err != nil {
		w.fail("the server does not start: %v", err)
		close(p.ended)
		return
	}
	go func() {
		defer close(p.ended)
		p.err = s.Run(ctx, nil)
	}()
	p.http = &http.Transport{DialContext: p.listener.dial}
	p.api = sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:8080"), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), HTTPClient: &http.Client{Transport: p.http},
	})
}

// kill ends a process at once: nothing that it does from now on has an effect, and it is
// told to end only so that its goroutines do.
func (p *process) kill() {
	p.dead.Store(true)
	p.stop()
}

// wait waits until the process has ended.
func (p *process) wait() {
	<-p.ended
	if p.http != nil {
		p.http.CloseIdleConnections()
	}
	if p.err != nil && !p.dead.Load() {
		p.world.fail("the server ended: %v", p.err)
	}
}
