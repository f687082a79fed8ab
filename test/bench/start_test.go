//go:build bench && linux

package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// measureStart measures the time from the start of LILO on the two-hour file to its
// first datagram.
func (b *bench) measureStart(ctx context.Context, r *report) error {
	for range 2*b.rounds + 1 {
		conn, port, err := sink()
		if err != nil {
			return err
		}
		took, child, err := firstDatagram(ctx, conn, b.lilo, "run", b.twoHours(), "--to", fmt.Sprintf("rtp://127.0.0.1:%d", port))
		if err != nil {
			return err // The socket ends with this process.
		}
		r.start = append(r.start, took)
		pause(ctx, 3*time.Second)
		r.startPeak = max(r.startPeak, child.peak())
		child.stop()
		conn.Close()
	}
	return nil
}

// firstDatagram starts a process and returns how long its first datagram took, in ms.
// On an error the process is stopped.
func firstDatagram(ctx context.Context, conn *net.UDPConn, args ...string) (took float64, child *process, err error) {
	began := time.Now()
	if child, err = spawn(ctx, args...); err != nil {
		return 0, nil, err
	}
	_ = conn.SetReadDeadline(began.Add(time.Minute))
	if _, err = conn.Read(make([]byte, 2048)); err != nil {
		child.stop()
	}
	return milliseconds(time.Since(began)), child, err
}

// measureRemote measures the time to the first datagram of a file of 2 GB behind the
// emulated link, with an empty cache. It measures nothing if the machine allows no
// namespaces.
func (b *bench) measureRemote(ctx context.Context, r *report) error {
	l, err := newLink(ctx)
	if err != nil {
		r.remoteNote = "not measured: no emulated link can be made here (" + err.Error() + ")"
		return nil
	}
	defer l.close()
	files, err := b.makeLarge(ctx)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", linkHere+":0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(b.work)), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	for i := range 2*b.rounds + 1 {
		for k, file := range files {
			took, err := b.remoteStart(ctx, fmt.Sprintf("http://%s/%s", listener.Addr(), filepath.Base(file)))
			if err != nil {
				return fmt.Errorf("round %d, %s: %w", i+1, file, err)
			}
			r.remote[k] = append(r.remote[k], took)
		}
	}
	return nil
}

// makeLarge makes an hour of the clip, which is 2 GB: with its index at the end
// and with its index at the front.
func (b *bench) makeLarge(ctx context.Context) ([2]string, error) {
	files := [2]string{filepath.Join(b.work, "large.mp4"), filepath.Join(b.work, "large-front.mp4")}
	for _, args := range [][]string{
		{"-stream_loop", "369", "-i", b.clip(), "-c", "copy", files[0]},
		{"-i", files[0], "-c", "copy", "-movflags", "faststart", files[1]},
	} {
		if err := ffmpeg(ctx, args...); err != nil {
			return files, err
		}
	}
	return files, nil
}

// remoteStart starts LILO behind the link, with an empty cache, and returns how long
// its first datagram took to get here, in ms.
func (b *bench) remoteStart(ctx context.Context, url string) (float64, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(linkHere)})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	cache := filepath.Join(b.work, "cache")
	defer os.RemoveAll(cache)
	took, child, err := firstDatagram(ctx, conn, "ip", "netns", "exec", linkSpace, "env", "LILO_CACHE="+cache, b.lilo, "run", url,
		"--to", fmt.Sprintf("rtp://%s", conn.LocalAddr()))
	if err == nil {
		child.stop()
	}
	return took, err
}

// remoteRows are the goals of the remote file.
func (r *report) remoteRows() []row {
	if r.remoteNote != "" || len(r.remote[0]) == 0 {
		return nil
	}
	at, front := median(r.remote[0]), median(r.remote[1])
	return []row{{
		"first datagram, remote file of 2 GB", "≤ 1 s", fmt.Sprintf("%.0f ms (index at the end), %.0f ms (at the front)", at, front),
		max(at, front) <= 1000,
	}}
}

// remoteText returns the paragraph about it.
func (r *report) remoteText() string {
	if r.remoteNote != "" {
		return "A remote file was " + r.remoteNote + "."
	}
	return fmt.Sprintf("A file of 2 GB on an HTTP server behind an emulated link of 1 Gb/s and %s each way (a network namespace behind tun), not "+
		"in the cache: median %.0f ms, at most %.0f ms of %d starts with the index at the end of the file; median %.0f ms, at most %.0f ms with it at the front.",
		linkDelay, median(r.remote[0]), slices.Max(r.remote[0]), len(r.remote[0]), median(r.remote[1]), slices.Max(r.remote[1]))
}

// onlyRemote is the process "bench remote LILO", which takes this measurement alone.
func onlyRemote(ctx context.Context, args []string) (err error) {
	if err := os.Chdir(root); err != nil {
		return err
	}
	b := bench{lilo: "bin/lilo", rounds: 3}
	if len(args) > 0 {
		b.lilo = args[0]
	}
	if b.work, err = os.MkdirTemp("", "lilo-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	r := &report{}
	if err := errors.Join(b.makeFiles(ctx, r), b.measureRemote(ctx, r)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, r.remoteText())
	return err
}
