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
	peer := a.peer.Addr()
	if l.source, err = sourceOf(peer, "localaddr", a.LocalAddr); err != nil {
		return link{}, err
	}
	zone := peer.Zone()
	if a.Interface == "" && zone == "" {
		return l, linkLocal(peer)
	}
	if a.Interface == "" {
		l.Interface, err = interfaceNamed(zone)
		return l, err
	}
	if address, notAddress := netip.ParseAddr(a.Interface); notAddress != nil {
		l.Interface, err = interfaceNamed(a.Interface)
	} else if l.Interface, err = interfaceWith(address); err == nil && !l.source.IsValid() {
		l.source, err = sourceOf(peer, "iface", a.Interface)
	}
	if err != nil || zone == "" {
		return l, err
	}
	if other, err := interfaceNamed(zone); err != nil || other.Index != l.Index {
		return link{}, fault.New(fault.Destination, "iface=%s is not the interface %%%s of the address: leave one of them out", a.Interface, zone)
	}
	return l, nil
}

// sourceOf returns the source address that an option gives, the zero Addr if it is empty.
func sourceOf(peer netip.Addr, option, text string) (netip.Addr, error) {
	if text == "" {
		return netip.Addr{}, nil
	}
	source, err := netip.ParseAddr(text)
	if err != nil || source.Unmap().Is4() != peer.Is4() {
		return netip.Addr{}, fault.New(fault.Destination, "%s=%s cannot be the source of datagrams to %s: one is IPv4, the other IPv6", option, text, peer)
	}
	return source.Unmap(), nil
}

// linkLocal refuses an address that says nothing without an interface.
func linkLocal(peer netip.Addr) error {
	if peer.Is6() && (peer.IsLinkLocalUnicast() || peer.IsLinkLocalMulticast() || peer.IsInterfaceLocalMulticast()) {
		return fault.New(fault.Destination, "%s is an address of one link: name its network interface, as in [%s%%eth0] or iface=eth0", peer, peer)
	}
	return nil
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
