package mp4

// Tags of descriptors (ISO/IEC 14496-1, table 1).
const (
	tagStream  = 0x03 // ES_Descriptor, 7.2.6.5
	tagConfig  = 0x04 // DecoderConfigDescriptor, 7.2.6.6
	tagDecoder = 0x05 // DecoderSpecificInfo, 7.2.6.7
)

// elementaryStream reads an esds box: the objectTypeIndication and the
// DecoderSpecificInfo, nil when there is none.
func elementaryStream(b box) (object byte, info []byte, err error) {
	f := fields{box: b}
	f.full()
	if !f.descriptor(tagStream) {
		return 0, nil, b.damaged("holds no ES_Descriptor")
	}
	f.skip(2) // ES_ID
	flags := f.u8()
	if flags&0x80 != 0 {
		f.skip(2) // dependsOn_ES_ID
	}
	if flags&0x40 != 0 {
		f.skip(int(f.u8())) // URL
	}
	if flags&0x20 != 0 {
		f.skip(2) // OCR_ES_Id
	}
	if !f.descriptor(tagConfig) {
		return 0, nil, b.damaged("holds no DecoderConfigDescriptor")
	}
	object = f.u8()
	f.skip(12) // streamType, bufferSizeDB, maxBitrate, avgBitrate
	if f.err() == nil && f.descriptor(tagDecoder) {
		info = f.rest()
	}
	return object, info, f.err()
}

// descriptor goes to the contents of the next descriptor with that tag and cuts
// the box off behind it. Others before it are passed over.
func (f *fields) descriptor(tag byte) bool {
	for f.at < len(f.box.body) && !f.short {
		got := f.u8()
		n := f.expandable()
		if got == tag {
			f.box.body = f.box.body[:min(len(f.box.body), f.at+n)]
			return !f.short
		}
		f.skip(n)
	}
	return false
}

// expandable reads the size of a descriptor, 7 bits a byte (ISO/IEC 14496-1, 8.3.3).
func (f *fields) expandable() (n int) {
	for range 4 {
		b := f.u8()
		n = n<<7 | int(b&0x7f)
		if b&0x80 == 0 {
			break
		}
	}
	return n
}
