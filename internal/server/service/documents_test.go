package service

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
)

var update = flag.Bool("update", false, "write the alerts of the documents")

// TestDocuments creates and starts channels of the kinds that public documents have, as
// Terraform sends them, with empty texts where they say nothing. What is not played of
// them is told.
func TestDocuments(t *testing.T) { testDocuments(t, "documents", 10) }

// TestDocumentsOfCDK does so with those that the channels of the CDK's second level become
// (aws-medialive-alpha 2.275), as CloudFormation sends them. They name no audio selector.
func TestDocumentsOfCDK(t *testing.T) { testDocuments(t, "cdk", 4) }

func testDocuments(t *testing.T, folder string, count int) {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.json")
	if err != nil || len(files) != count {
		t.Fatalf("there are %d documents, %v", len(files), err)
	}
	var told strings.Builder
	for _, file := range files {
		synctest.Test(t, func(t *testing.T) {
			fmt.Fprintf(&told, "# %s\n", strings.TrimSuffix(filepath.Base(file), ".json"))
			g := open(t, t.TempDir(), func(o *options) {
				o.Length = func(context.Context, channel.Spec) (time.Duration, error) { return time.Minute, nil }
			})
			in := g.document(t, file)
			id := g.started(t, in)
			if strings.Contains(file, "scheduled") {
				_, err := g.updateSchedule(t, id, nil, switchTo("one", "input-1", ""), follow("two", "input-2", "one", "END"), follow("three", "input-3", "two", "END"))
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			for _, a := range g.alerts(t, id) {
				fmt.Fprintf(&told, "%s: %s\n", *a.AlertType, *a.Message)
			}
			// What is read back is accepted as it is, and changes nothing.
			if _, err := g.Channels.Stop(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			before := g.await(t, id, types.ChannelStateIdle)
			again := new(sdk.UpdateChannelInput)
			medialive.Merge(again, before)
			again.ChannelId = &id
			if _, err := g.Channels.Update(t.Context(), again); err != nil {
				t.Fatal(err)
			}
			if after := g.await(t, id, types.ChannelStateIdle); wireOf(t, after) != wireOf(t, before) {
				t.Errorf("%s is read back as %s, then as %s", file, wireOf(t, before), wireOf(t, after))
			}
		})
	}
	golden := "testdata/" + folder + "/alerts.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(told.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || string(want) != told.String() {
		t.Errorf("%v: the alerts are\n%s", err, &told)
	}
}

func wireOf(t *testing.T, v any) string {
	t.Helper()
	data, err := medialive.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// document returns the request in a file, with inputs of its own.
func (g *server) document(t *testing.T, file string) *sdk.CreateChannelInput {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in := new(sdk.CreateChannelInput)
	if err := medialive.Unmarshal(text, in); err != nil {
		t.Fatal(err)
	}
	for i := range in.InputAttachments {
		urls := []string{fmt.Sprintf("https://media.example.com/%d.mp4", i)}
		if in.ChannelClass == types.ChannelClassStandard {
			urls = append(urls, urls[0])
		}
		in.InputAttachments[i].InputId = aws.String(g.input(t, urls...))
	}
	return in
}
