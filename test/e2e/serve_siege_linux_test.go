//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
)

// siegeBudget is GOMEMLIMIT of a server under siege, in MiB.
const siegeBudget = 512

// TestServeUnderSiege has a server play good channels while slow clients hold all the
// connections there may be, and channels of every broken source are created, probed and
// restarted. LILO_SIEGE_CHANNELS is the number of good channels. What it measured:
//
//	LILO_SIEGE_CHANNELS=100 go test -tags e2e -count=1 -v -run TestServeUnderSiege ./test/e2e
func TestServeUnderSiege(t *testing.T) {
	long(t)
	channels, err := strconv.Atoi(os.Getenv("LILO_SIEGE_CHANNELS"))
	if err != nil {
		channels = 30
	}
	good, dir := movie(t, "-b:v", "300k"), t.TempDir()
	s := serveIn(t, []string{fmt.Sprintf("GOMEMLIMIT=%dMiB", siegeBudget), "XDG_CACHE_HOME=" + t.TempDir()},
		"--state", t.TempDir(), "--allow-files", filepath.Dir(good), "--allow-files", dir)
	c := &chaos{t: t, client: mediaLive(s.url), file: good}
	var all []watched
	var captures []func() [][]byte
	for range channels {
		r := listen(t)
		all = append(all, c.watch(r.url("rtp")))
		captures = append(captures, r.record())
	}
	alone := s.healthFor(t, 3*time.Second)
	lift := besiege(t, strings.TrimPrefix(s.url, "http://"))
	sink, broken := listen(t), brokenSources(t, dir, good)
	var ids []string
	for _, source := range broken {
		b := &chaos{t: t, client: c.client, file: source}
		ids = append(ids, *b.watch(sink.url("udp")).channel.Id)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for begin, i := time.Now(), 0; time.Since(begin) < 12*time.Second; i++ {
			for _, source := range broken {
				probe(t, s, source)
			}
			// One that does not run cannot be restarted.
			_, _ = c.client.RestartChannelPipelines(t.Context(), &sdk.RestartChannelPipelinesInput{ChannelId: &ids[i%len(ids)]})
		}
	}()
	besieged := s.healthFor(t, 12*time.Second)
	<-done
	held := lift()
	missing, captured := 0, 0
	for i, w := range all {
		got := captures[i]()
		captured += len(got)
		if missing += c.compare(w, got); len(got) < 100 {
			t.Errorf("channel %d sent %d datagrams", i, len(got))
		}
	}
	if told := sum(t, s.skipped(t)); missing > told {
		t.Errorf("%d datagrams are missing, and %d are counted as skipped", missing, told)
	}
	t.Logf("%d channels, %d datagrams compared with render, %d skipped; %d slow connections\n/healthz without them: %v\n/healthz with them: %v", channels, captured, missing, held, alone, besieged)
	// A machine on which even datagrams are skipped lets other programs keep the server from
	// answering.
	allowed := besieged.asked / 100
	if missing > 0 {
		allowed = besieged.lateBeside + besieged.asked/20
	}
	if besieged.late > allowed || besieged.asked < 50 || held < 2000 {
		t.Errorf("/healthz, with %d slow connections: %v", held, besieged)
	}
	if code := s.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if log := s.log.String(); strings.Contains(log, "a panic was caught") {
		t.Errorf("there was a panic:\n%s", log)
	}
}

// sum adds up the values of metrics.
func sum(t *testing.T, metrics string) (total int) {
	t.Helper()
	for line := range strings.Lines(metrics) {
		fields := strings.Fields(line)
		n, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		if err != nil {
			t.Fatal(err)
		}
		total += int(n)
	}
	return total
}

// health is how /healthz answered. late are the answers that took over 100 ms, lateBeside
// those of a server that does nothing else, asked in turn.
type health struct {
	asked, late, lateBeside int
	most                    time.Duration
	memory                  int // at most, in KiB
}

// healthFor asks for /healthz again and again, on a connection of its own each time. It
// checks the server's memory.
func (s *serverProcess) healthFor(t *testing.T, d time.Duration) (h health) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	ask := func(url string) time.Duration {
		begin := time.Now()
		r, err := client.Get(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			return time.Since(begin)
		}
		if r.Body.Close(); r.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, r.Status)
		}
		return time.Since(begin)
	}
	beside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer beside.Close()
	const limit = 100 * time.Millisecond
	for begin := time.Now(); time.Since(begin) < d; time.Sleep(20 * time.Millisecond) {
		took := ask(s.url + "/healthz")
		h.most = max(h.most, took)
		if h.asked++; took > limit {
			h.late++
		}
		if ask(beside.URL) > limit {
			h.lateBeside++
		}
		h.memory = max(h.memory, s.memory(t))
	}
	if h.memory > siegeBudget<<10 {
		t.Errorf("the server holds %d KiB of memory", h.memory)
	}
	return h
}

func (h health) String() string {
	return fmt.Sprintf("%d of %d answers took over 100 ms, the longest %v; %d of a server that does nothing else; %d MiB of memory at most",
		h.late, h.asked, h.most, h.lateBeside, h.memory>>10)
}

// memory returns the memory of the server that is not of files, in KiB.
func (s *serverProcess) memory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatalf("the server is gone: %v\n%s", err, &s.log)
	}
	m := regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Fatalf("no memory in %s", status)
	}
	n, _ := strconv.Atoi(string(m[1])) // It has digits only.
	return n
}

// besiege holds 2,048 connections of ten kinds of slow client, opened again when the server
// closes them. The function that it returns ends that, and returns how many there were at once.
func besiege(t *testing.T, address string) (lift func() int) {
	const sockets, body = 2048, "Content-Length: 1000\r\n\r\n"
	drip := func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, "a"); err != nil {
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	kinds := []func(c net.Conn){
		func(net.Conn) {},
		send("GET /healthz HTTP/1.1\r\nHo"),
		func(c net.Conn) { send("GET /healthz HTTP/1.1\r\nX-A: ")(c); drip(c) },
		send("POST /login HTTP/1.1\r\nHost: localhost\r\n" + body),
		send("POST /prod/channels HTTP/1.1\r\nHost: localhost\r\n" + body),
		func(c net.Conn) { send("POST /prod/inputs HTTP/1.1\r\nHost: localhost\r\n" + body)(c); drip(c) },
		send("POST /prod/channels HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nuser"),
		send("POST /prod/channels HTTP/1.1\r\nHost: evil.example\r\n" + body),
		send(strings.Repeat("GET /assets/hls.js HTTP/1.1\r\nHost: localhost\r\n\r\n", 100)),
		send(strings.Repeat("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 5000)),
	}
	ctx, cancel := context.WithCancel(t.Context())
	var working sync.WaitGroup
	var mu sync.Mutex
	open, most := 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		open += n
		most = max(most, open)
	}
	for i := range sockets {
		// Each of four neighbours has a quarter of the connections.
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i%4))}}
		working.Go(func() {
			for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
				conn, err := dialer.DialContext(ctx, "tcp", address)
				if err != nil {
					continue
				}
				count(1)
				stop := context.AfterFunc(ctx, func() { conn.Close() })
				kinds[i%len(kinds)](conn)
				closed(conn)
				stop()
				conn.Close()
				count(-1)
			}
		})
	}
	t.Cleanup(cancel)
	return func() int {
		cancel()
		working.Wait()
		return most
	}
}

func send(text string) func(net.Conn) {
	return func(c net.Conn) { _, _ = io.WriteString(c, text) }
}

// closed waits until the other side has closed a connection of which nothing is read.
func closed(c net.Conn) {
	for {
		time.Sleep(500 * time.Millisecond)
		raw, err := c.(*net.TCPConn).SyscallConn()
		if err != nil {
			return
		}
		gone := false
		err = raw.Control(func(fd uintptr) {
			code, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
			n, _, peek := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			gone = err != nil || code != 0 || n == 0 && peek == nil
		})
		if err != nil || gone {
			return
		}
	}
}
