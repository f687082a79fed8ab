// Package dts carries DTS Coherent Acoustics (ETSI TS 102 114) in transport streams:
// the core, with or without the extensions of DTS-HD behind it.
package dts
