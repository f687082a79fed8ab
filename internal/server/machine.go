package server

import (
	"context"
	"net"
	"time"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
	"github.com/lilo-live/lilo/internal/source"
)

// Machine is what a server uses of the machine that it runs on. What is nil is this
// machine's; package simulation has another.
type Machine struct {
	// Now is the wall clock.
	Now func() time.Time
	// NewClock returns the clock that channels are sent by.
	NewClock func() (playout.Clock, error)
	// OpenState opens the store in the state directory.
	OpenState func(dir string) (State, error)
	// OpenSource opens sources.
	OpenSource func(ctx context.Context, name string, o source.Options) (source.Source, error)
	// Listen opens the listener.
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
	// Dial opens the sockets of destinations.
	Dial output.Dialer
}

// State is a store that copies itself.
type State interface {
	store.Store
	// Copy keeps a copy of the last good state.
	Copy() error
}

// complete sets the defaults that are not those of package player too.
func (m Machine) complete() Machine {
	if m.Now == nil {
		m.Now = time.Now
	}
	if m.OpenState == nil {
		m.OpenState = func(dir string) (State, error) {
			s, err := bolt.Open(dir)
			if err != nil {
				return nil, err // A nil *bolt.Store would not be a nil State.
			}
			return s, nil
		}
	}
	if m.Listen == nil {
		m.Listen = new(net.ListenConfig).Listen
	}
	return m
}
