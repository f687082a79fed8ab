//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// TestServeOnFullDisk fills the disk of a server's state: calls that would change
// something are refused and change nothing, what is on air stays
// there, and with room again all goes on.
func TestServeOnFullDisk(t *testing.T) {
	file, disk := movie(t), smallDisk(t, "16m")
	s := serve(t, disk, "--allow-files", filepath.Dir(file))
	r := listen(t)
	c := &chaos{t: t, client: mediaLive(s.url), file: file}
	w := c.watch(r.url("rtp"))
	r.receive(t, 10)

	junk := filepath.Join(disk, "junk")
	if err := os.WriteFile(junk, make([]byte, 32<<20), 0o600); err == nil {
		t.Fatal("the disk has room")
	}
	var acknowledged []string
	var refused error
	for i := 0; refused == nil && i < 10_000; i++ {
		// Pages that are free already take some more.
		out, err := c.client.CreateInput(t.Context(), decode[sdk.CreateInputInput](t, inputDocument(fmt.Sprint("in-", i), file)))
		if refused = err; err == nil {
			acknowledged = append(acknowledged, *out.Input.Id)
		}
	}
	failed, ok := errors.AsType[*types.InternalServerErrorException](refused)
	if !ok || !strings.Contains(*failed.Message, "no space left on device") || !strings.Contains(*failed.Message, "nothing has changed") {
		t.Fatalf("a call on a full disk answers %v", refused)
	}
	if _, err := c.client.StopChannel(t.Context(), &sdk.StopChannelInput{ChannelId: w.channel.Id}); err == nil {
		t.Log("a stop still found room")
	} else if doc, err := c.client.DescribeChannel(t.Context(), &sdk.DescribeChannelInput{ChannelId: w.channel.Id}); err != nil || doc.State != types.ChannelStateRunning {
		t.Errorf("a channel whose stop was refused is %v, %v", doc, err)
	} else {
		r.receive(t, 200)
	}

	if err := os.Remove(junk); err != nil {
		t.Fatal(err)
	}
	out, err := c.client.CreateInput(t.Context(), decode[sdk.CreateInputInput](t, inputDocument("after", file)))
	if err != nil {
		t.Fatal(err)
	}
	acknowledged = append(acknowledged, *out.Input.Id)
	s.end(t, syscall.SIGKILL)
	s = serve(t, disk, "--allow-files", filepath.Dir(file))
	c.client = mediaLive(s.url)
	for _, id := range acknowledged {
		if _, err := c.client.DescribeInput(t.Context(), &sdk.DescribeInputInput{InputId: &id}); err != nil {
			t.Errorf("an acknowledged input is lost: %v", err)
		}
	}
	if d := r.datagram(t, 10*time.Second); d == nil {
		t.Error("the channel is not on air any more")
	}
	t.Logf("%d inputs were acknowledged", len(acknowledged))
	if code := s.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d:\n%s", code, &s.log)
	}
}
