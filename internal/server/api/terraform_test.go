package api

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
)

// TestSequencesOfTerraform makes the calls that Terraform's resources of inputs, security
// groups and channels make, for ten documents at the same time: create, wait, read back
// without a difference, read the tags, start, stop, update, read as an import does, destroy.
func TestSequencesOfTerraform(t *testing.T) {
	files, err := filepath.Glob("../service/testdata/documents/*.json")
	if err != nil || len(files) != 10 {
		t.Fatalf("there are %d documents, %v", len(files), err)
	}
	c := client(serve(t, Options{}).URL)
	var all sync.WaitGroup
	for i, file := range files {
		all.Go(func() {
			if err := sequence(t.Context(), c, file, i%2 == 0); err != nil {
				t.Errorf("%s: %v", filepath.Base(file), err)
			}
		})
	}
	all.Wait()
	left, err := c.ListChannels(t.Context(), &sdk.ListChannelsInput{})
	inputs, err2 := c.ListInputs(t.Context(), &sdk.ListInputsInput{})
	if err != nil || err2 != nil || len(left.Channels)+len(inputs.Inputs) != 0 {
		t.Errorf("%d channels and %d inputs are left, %v, %v", len(left.Channels), len(inputs.Inputs), err, err2)
	}
}

// sequence applies, changes and destroys the configuration of a channel of files, or of
// pushed inputs with a security group.
func sequence(ctx context.Context, c *sdk.Client, file string, pushed bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	want := new(sdk.CreateChannelInput)
	if err := medialive.Unmarshal(text, want); err != nil {
		return err
	}
	group, err := c.CreateInputSecurityGroup(ctx, &sdk.CreateInputSecurityGroupInput{WhitelistRules: []types.InputWhitelistRuleCidr{{Cidr: aws.String("10.0.0.8/32")}}})
	if err != nil {
		return err
	}
	for i := range want.InputAttachments {
		in := input("https://media.example.com/a.mp4", "https://media.example.com/a.mp4")
		if pushed {
			in = &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeUdpPush, InputSecurityGroups: []string{*group.SecurityGroup.Id}}
		}
		made, err := c.CreateInput(ctx, in)
		if err != nil {
			return err
		}
		want.InputAttachments[i].InputId = made.Input.Id
	}
	want.Tags = map[string]string{"Name": "x"}
	made, err := c.CreateChannel(ctx, want)
	if err != nil {
		return err
	}
	id := made.Channel.Id
	want.RequestId = nil // The SDK makes one, and it is not part of the channel.
	if err := manage(ctx, c, id, want); err != nil {
		return err
	}
	return destroy(ctx, c, id, want, *group.SecurityGroup.Id)
}

// manage reads, starts, stops and updates a channel.
func manage(ctx context.Context, c *sdk.Client, id *string, want *sdk.CreateChannelInput) error {
	describe := &sdk.DescribeChannelInput{ChannelId: id}
	created := sdk.NewChannelCreatedWaiter(c, func(o *sdk.ChannelCreatedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	if err := created.Wait(ctx, describe, long); err != nil {
		return err
	}
	same := func() error {
		got, err := c.DescribeChannel(ctx, describe)
		if err != nil {
			return err
		}
		tags, err := c.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceArn: got.Arn})
		if err != nil || tags.Tags["Name"] != "x" {
			return fmt.Errorf("the tags are %v, %w", tags, err)
		}
		return different(want, got)
	}
	if err := same(); err != nil {
		return err
	}
	if _, err := c.StartChannel(ctx, &sdk.StartChannelInput{ChannelId: id}); err != nil {
		return err
	}
	running := sdk.NewChannelRunningWaiter(c, func(o *sdk.ChannelRunningWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	if err := running.Wait(ctx, describe, long); err != nil {
		return err
	}
	if err := same(); err != nil {
		return err
	}
	if _, err := c.StopChannel(ctx, &sdk.StopChannelInput{ChannelId: id}); err != nil {
		return err
	}
	stopped := sdk.NewChannelStoppedWaiter(c, func(o *sdk.ChannelStoppedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	if err := stopped.Wait(ctx, describe, long); err != nil {
		return err
	}
	want.Name, want.LogLevel = aws.String("changed"), types.LogLevelError
	change := &sdk.UpdateChannelInput{ChannelId: id}
	medialive.Merge(change, want)
	if _, err := c.UpdateChannel(ctx, change); err != nil {
		return err
	}
	if err := created.Wait(ctx, describe, long); err == nil {
		return same()
	}
	return stopped.Wait(ctx, describe, long) // UPDATING is no state of the other waiter.
}

// destroy deletes a channel, its inputs and a security group, in the order of their
// dependencies.
func destroy(ctx context.Context, c *sdk.Client, id *string, want *sdk.CreateChannelInput, group string) error {
	stopped := sdk.NewChannelStoppedWaiter(c, func(o *sdk.ChannelStoppedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	if err := stopped.Wait(ctx, &sdk.DescribeChannelInput{ChannelId: id}, long); err != nil {
		return err
	}
	if _, err := c.DeleteChannel(ctx, &sdk.DeleteChannelInput{ChannelId: id}); err != nil {
		return err
	}
	deleted := sdk.NewChannelDeletedWaiter(c, func(o *sdk.ChannelDeletedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	if err := deleted.Wait(ctx, &sdk.DescribeChannelInput{ChannelId: id}, long); err != nil {
		return err
	}
	for _, a := range want.InputAttachments {
		if _, err := c.DeleteInput(ctx, &sdk.DeleteInputInput{InputId: a.InputId}); err != nil {
			return err
		}
		gone := sdk.NewInputDeletedWaiter(c, func(o *sdk.InputDeletedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
		if err := gone.Wait(ctx, &sdk.DescribeInputInput{InputId: a.InputId}, long); err != nil {
			return err
		}
	}
	_, err := c.DeleteInputSecurityGroup(ctx, &sdk.DeleteInputSecurityGroupInput{InputSecurityGroupId: &group})
	return err
}

// different returns the first member that was sent and does not come back as it was. An
// empty text, and an empty list, is as good as none.
func different(sent, got any) error {
	var a, b any
	for from, to := range map[any]*any{sent: &a, got: &b} {
		data, err := medialive.Marshal(from)
		if err == nil {
			err = json.Unmarshal(data, to)
		}
		if err != nil {
			return err
		}
	}
	return missing("", a, b)
}

func missing(path string, sent, got any) error {
	switch sent := sent.(type) {
	case map[string]any:
		have, _ := got.(map[string]any)
		for name, one := range sent {
			if err := missing(path+"."+name, one, have[name]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		have, _ := got.([]any)
		if len(have) != len(sent) {
			return fmt.Errorf("%s has %d items, and %d were sent", strings.TrimPrefix(path, "."), len(have), len(sent))
		}
		for i, one := range sent {
			if err := missing(fmt.Sprintf("%s[%d]", path, i), one, have[i]); err != nil {
				return err
			}
		}
		return nil
	case string:
		if sent == "" && got == nil {
			return nil
		}
	}
	if sent != got {
		return fmt.Errorf("%s is %v, and %v was sent", strings.TrimPrefix(path, "."), got, sent)
	}
	return nil
}
