package server

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSystemd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Skip(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "20000")
	// next waits for a message that begins so. Signs of life may come before it.
	next := func(want string) {
		t.Helper()
		for b := make([]byte, 100); ; {
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			n, err := conn.Read(b)
			got := string(b[:n])
			if err != nil || !strings.HasPrefix(got, want) && got != "WATCHDOG=1" {
				t.Fatalf("got %q, %v, want %q", got, err, want)
			}
			if strings.HasPrefix(got, want) {
				return
			}
		}
	}
	s := newTestServer(t, false, nil)
	ctx, cancel := context.WithCancel(t.Context())
	reload, ended := make(chan os.Signal), make(chan error)
	go func() { ended <- s.Run(ctx, reload) }()
	next("READY=1")
	next("WATCHDOG=1")
	reload <- syscall.SIGHUP
	next("RELOADING=1\nMONOTONIC_USEC=")
	next("READY=1")
	cancel()
	next("STOPPING=1")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	t.Setenv("WATCHDOG_USEC", "")
	watchdog(t.Context(), nil) // It returns at once.
}
