//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// remote measures how long a file of 2 GB that lies behind the link takes to
// its first datagram, with nothing of it in the cache. Where the machine allows
// no namespaces there is nothing to measure.
func (s *settings) remote(ctx context.Context, d *document) error {
	l, err := newLink(ctx)
	if err != nil {
		d.remoteNote = "not measured: no emulated link can be made here (" + err.Error() + ")"
		return nil
	}
	defer l.close()
	files, err := s.makeLarge(ctx)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", linkHere+":0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(s.work)), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	for i := range 2*s.rounds + 1 {
		for k, file := range files {
			took, err := s.remoteStart(ctx, fmt.Sprintf("http://%s/%s", listener.Addr(), filepath.Base(file)))
			if err != nil {
				return fmt.Errorf("round %d, %s: %w", i+1, file, err)
			}
			d.remote[k] = append(d.remote[k], took.Seconds()*1e3)
		}
	}
	return nil
}

// makeLarge makes an hour of the clip, which is 2 GB: with its index at the end
// and with its index at the front.
func (s *settings) makeLarge(ctx context.Context) ([2]string, error) {
	files := [2]string{filepath.Join(s.work, "large.mp4"), filepath.Join(s.work, "large-front.mp4")}
	for _, args := range [][]string{
		{"-stream_loop", "369", "-i", s.clip(), "-c", "copy", files[0]},
		{"-i", files[0], "-c", "copy", "-movflags", "faststart", files[1]},
	} {
		cmd := exec.CommandContext(ctx, "ffmpeg", append([]string{"-v", "error", "-y"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return files, fmt.Errorf("ffmpeg %v: %w: %s", args, err, out)
		}
	}
	return files, nil
}

// remoteStart starts the program behind the link and returns how long its first
// datagram took to come here, the link included.
func (s *settings) remoteStart(ctx context.Context, url string) (time.Duration, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(linkHere)})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	cache := filepath.Join(s.work, "cache")
	defer os.RemoveAll(cache)
	to := fmt.Sprintf("rtp://%s", conn.LocalAddr())
	began := time.Now()
	child, err := spawn(ctx, "ip", "netns", "exec", linkSpace, "env", "LILO_CACHE="+cache, s.lilo, "run", url, "--to", to)
	if err != nil {
		return 0, err
	}
	_ = conn.SetReadDeadline(began.Add(20 * time.Second))
	_, err = conn.Read(make([]byte, 2048))
	took := time.Since(began)
	child.stop()
	return took, err
}

// remoteRows are the goals of the remote file.
func (d *document) remoteRows() []row {
	if d.remoteNote != "" {
		return nil
	}
	at, front := median(d.remote[0]), median(d.remote[1])
	return []row{{
		"first datagram, remote file of 2 GB", "≤ 1 s", fmt.Sprintf("%.0f ms (index at the end), %.0f ms (at the front)", at, front),
		max(at, front) <= 1000,
	}}
}

// remoteText tells of it.
func (d *document) remoteText() string {
	if d.remoteNote != "" {
		return "A remote file was " + d.remoteNote + "."
	}
	return fmt.Sprintf("A file of 2 GB on an HTTP server behind an emulated link of 1 Gb/s and %s each way (a network namespace behind tun), nothing of it "+
		"in the cache: median %.0f ms, at most %.0f ms of %d starts with the index at the end of the file; median %.0f ms, at most %.0f ms with it at the front.",
		linkDelay, median(d.remote[0]), highest(d.remote[0]), len(d.remote[0]), median(d.remote[1]), highest(d.remote[1]))
}

// onlyRemote is the process "bench remote LILO": this measurement alone.
func onlyRemote(ctx context.Context, args []string) (err error) {
	s := settings{lilo: "bin/lilo", rounds: 3}
	if len(args) > 0 {
		s.lilo = args[0]
	}
	if s.work, err = os.MkdirTemp("", "lilo-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.work)
	d := &document{}
	if err := errors.Join(s.makeFiles(ctx, d), s.remote(ctx, d)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, d.remoteText())
	return err
}
