// Package construct has LILO's constructs for CDK apps in Go.
package construct

import (
	"context"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lilo-live/lilo/deploy/aws/internal/tree"
	"github.com/lilo-live/lilo/internal/aws/assembly"
	"github.com/lilo-live/lilo/internal/aws/stacks"
	"github.com/lilo-live/lilo/internal/aws/template"
)

// LifecycleProps are the properties of a [Lifecycle].
type LifecycleProps struct {
	// ChannelID and ChannelARN are those of the channel, usually references.
	ChannelID, ChannelARN string
	// Guarded are the resources that change only while the channel is idle: the channel
	// and its inputs. The gate is called before them.
	Guarded []awscdk.CfnResource
	// Settings is a digest of what Guarded says. When it changes, the channel is stopped
	// before the update and started after it.
	Settings string
	// AutoStart starts the channel when it was created.
	AutoStart bool
	// Functions is the path of the archive of LILO's functions.
	Functions string
	// Name begins the names of the resources: at most 40 letters, digits and hyphens,
	// unique in the account and region.
	Name string
}

// Lifecycle starts a channel of AWS Elemental MediaLive when its stack has created it,
// stops it before CloudFormation changes or deletes it, and starts it again after a
// change. The README of this package tells how.
type Lifecycle struct {
	constructs.Construct

	// Gate is called before the channel changes. OnAir starts the channel, and is what
	// others that need it on air depend on.
	Gate, OnAir awscdk.CfnResource
}

// NewLifecycle adds a lifecycle to a stack that has a channel.
func NewLifecycle(scope constructs.Construct, id string, p LifecycleProps) (*Lifecycle, error) {
	archive, err := assembly.Hash(context.Background(), p.Functions, "")
	if err != nil {
		return nil, fmt.Errorf("the archive of the functions: %w", err)
	}
	self := constructs.NewConstruct(scope, &id)
	s := template.New(p.Name, "", "", nil)
	l := stacks.NewStandaloneLifecycle(s, p.Name, s.Upload(archive))
	gate := l.Gate(s, p.Settings)
	l.Grant(s, p.ChannelARN)
	onAir := l.OnAir(s, stacks.OnAirProps{Of: p.Name, ChannelID: p.ChannelID, Settings: p.Settings, AutoStart: p.AutoStart})
	made, err := tree.Fill(self, s)
	if err != nil {
		return nil, err
	}
	for _, r := range p.Guarded {
		r.AddResourceDependency(made[gate], nil)
	}
	return &Lifecycle{Construct: self, Gate: made[gate], OnAir: made[onAir]}, nil
}
