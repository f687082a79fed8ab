// Package cmaf writes a loop as fragmented MP4 (ISO/IEC 14496-12), one track for
// itself, as CMAF has it (ISO/IEC 23000-19): a header once, then segments of one
// fragment each. Any segment of any lap is made by itself.
package cmaf
