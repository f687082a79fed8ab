// Package isobmff writes the boxes of ISO base media files (ISO/IEC 14496-12).
//
// [Box] and [FullBox] nest: a box is a byte slice, and its parts are the byte
// slices of fields ([Uint16], [Uint32], [Uint64]) and of the boxes in it. The
// boxes that fragmented and progressive files share have functions of their
// own, such as [MediaInformation].
//
// Package cmaf writes segments with it and package encode mezzanines. Package
// mp4 reads such files; it does not use this package, except in its tests.
package isobmff
