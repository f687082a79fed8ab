package mp4

// Tags of descriptors (ISO/IEC 14496-1, table 1).
const (
	tagES                  = 0x03 // ES_Descriptor, 7.2.6.5
	tagDecoderConfig       = 0x04 // DecoderConfigDescriptor, 7.2.6.6
	tagDecoderSpecificInfo = 0x05 // DecoderSpecificInfo, 7.2.6.7
)

// readESDescriptor reads an esds box: the objectTypeIndication and the
// DecoderSpecificInfo, nil if there is none.
func readESDescriptor(b box) (objectType byte, info []byte, err error) {
	f := fieldReader{box: b}
	f.versionAndFlags()
	if !f.descriptor(tagES) {
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
	if !f.descriptor(tagDecoderConfig) {
		return 0, nil, b.damaged("holds no DecoderConfigDescriptor")
	}
	objectType = f.u8()
	f.skip(12) // streamType, bufferSizeDB, maxBitrate, avgBitrate
	if f.err() == nil && f.descriptor(tagDecoderSpecificInfo) {
		info = f.rest()
	}
	return objectType, info, f.err()
}

// descriptor advances to the contents of the next descriptor with that tag,
// skips others before it, and cuts the box off after it.
func (f *fieldReader) descriptor(tag byte) bool {
	for f.at < len(f.box.body) && !f.short {
		got := f.u8()
		n := f.descriptorSize()
		if got == tag {
			f.box.body = f.box.body[:min(len(f.box.body), f.at+n)]
			return !f.short
		}
		f.skip(n)
	}
	return false
}

// descriptorSize reads the size of a descriptor, 7 bits a byte (ISO/IEC 14496-1, 8.3.3).
func (f *fieldReader) descriptorSize() (n int) {
	for range 4 {
		b := f.u8()
		n = n<<7 | int(b&0x7f)
		if b&0x80 == 0 {
			break
		}
	}
	return n
}
