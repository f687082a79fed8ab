package datagram

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"

	"github.com/lilo-live/lilo/internal/fault"
)

// link is the network interface by which datagrams leave and their source
// address. The zero link leaves both to the system.
type link struct {
	*net.Interface

	source netip.Addr
}

// link returns what the destination says: iface= with the name of an interface or
// with one of its addresses, which then is the source too; the zone of a link-local
// address; localaddr=.
func (a address) link() (l link, err error) {
	if err := a.CheckLink(a.peer.Addr()); err != nil {
		return link{}, err
	}
	l.source = addressIn(a.LocalAddr)
	zone := a.peer.Addr().Zone()
	if a.Interface == "" && zone == "" {
		return l, nil
	}
	if a.Interface == "" {
		l.Interface, err = interfaceNamed(zone)
		return l, err
	}
	if address := addressIn(a.Interface); !address.IsValid() {
		l.Interface, err = interfaceNamed(a.Interface)
	} else if l.Interface, err = interfaceWith(address); !l.source.IsValid() {
		l.source = address
	}
	if err != nil || zone == "" {
		return l, err
	}
	if other, err := interfaceNamed(zone); err != nil || other.Index != l.Index {
		return link{}, fault.New(fault.Destination, "iface=%s is not the interface %%%s of the address: leave one of them out", a.Interface, zone)
	}
	return l, nil
}

// addressIn returns the address that an option holds, the zero Addr if it holds none.
func addressIn(text string) netip.Addr {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap()
}

// interfaceNamed returns the interface of a name or, as zones have it, a number.
func interfaceNamed(name string) (*net.Interface, error) {
	ifi, err := net.InterfaceByName(name)
	if n, notNumber := strconv.Atoi(name); err != nil && notNumber == nil {
		ifi, err = net.InterfaceByIndex(n)
	}
	if err != nil {
		return nil, fault.New(fault.Destination, "no network interface %q: choose another with iface=", name)
	}
	return ifi, nil
}

// interfaceWith returns the interface that has the address.
func interfaceWith(address netip.Addr) (*net.Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fault.New(fault.Destination, "list the network interfaces: %w", err)
	}
	for _, ifi := range all {
		if addresses, err := ifi.Addrs(); err == nil && slices.ContainsFunc(addresses, func(a net.Addr) bool {
			prefix, err := netip.ParsePrefix(a.String())
			return err == nil && prefix.Addr() == address.Unmap().WithZone("")
		}) {
			return &ifi, nil
		}
	}
	return nil, notYetError{fault.New(fault.Destination, "no network interface has the address %s: choose another with iface=", address)}
}

// notYetError is the error of an address that this machine may get later.
type notYetError struct{ error }

func (e notYetError) Unwrap() error { return e.error }

// MayPass reports whether what kept Open from opening a socket may pass by itself: a link
// that is down, a route or an address of this machine that it does not have yet.
func MayPass(err error) bool {
	for _, passing := range []error{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return errors.As(err, new(notYetError))
}
