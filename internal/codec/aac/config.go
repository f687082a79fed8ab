package aac

import (
	"bytes"
	"slices"

	"github.com/Eyevinn/mp4ff/bits"

	"github.com/lilo-live/lilo/internal/fault"
)

// Audio object types (ISO/IEC 14496-3, table 1.17).
const (
	objectMain = 1
	objectLC   = 2
	objectSSR  = 3
	objectLTP  = 4
	objectSBR  = 5
	objectPS   = 29
)

// advice follows messages about a configuration that ADTS cannot carry.
const advice = "--encode avc would turn it into AAC LC"

// config holds the fields of an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).
type config struct {
	object    uint // audio object type of the core, 1 to 4
	rateIndex uint // samplingFrequencyIndex of the core, 0 to 12
	layout    uint // channelConfiguration, 1 to 7, or 0 where program has the channels
	program   program
	rate      int  // sample rate of the core in Hz
	output    int  // sample rate after band replication in Hz
	sbr, ps   bool // spectral band replication, parametric stereo
}

// parseConfig parses an AudioSpecificConfig and rejects what ADTS cannot carry.
func parseConfig(data []byte) (config, error) {
	r := bits.NewReader(bytes.NewReader(data))
	var c config
	c.object = readObject(r)
	c.rate = readRate(r)
	c.layout = r.Read(4)
	c.output = c.rate
	if c.object == objectSBR || c.object == objectPS {
		c.sbr, c.ps = true, c.object == objectPS
		c.output = readRate(r)
		c.object = readObject(r)
	}
	if err := c.check(r, len(data)); err != nil {
		return config{}, err
	}
	if err := readGeneral(r, len(data)); err != nil {
		return config{}, err
	}
	if c.layout == 0 {
		var ok bool
		if c.program, ok = readProgram(r); !ok {
			return config{}, fault.New(fault.Media, "AAC: channelConfiguration 0 promises a program_config_element, and there is none with channels: %s", advice)
		}
	}
	if !c.sbr {
		c.readExtension(r, 8*len(data))
	}
	// Parametric stereo makes two channels of one; over more it means nothing (8.A).
	c.ps = c.ps && c.layout == 1
	return c, nil
}

// check rejects the object types, sample rates and layouts that the fixed header of
// ADTS has no code for.
func (c *config) check(r *bits.Reader, size int) error {
	if r.AccError() != nil {
		return shortConfig(size)
	}
	if c.object < objectMain || c.object > objectLTP {
		return fault.New(fault.Media, "AAC: audio object type %d (%s) cannot be carried in ADTS: %s",
			c.object, objectName(c.object), advice)
	}
	index := slices.Index(sampleRates(), c.rate)
	if index < 0 {
		return fault.New(fault.Media, "AAC: ADTS has no index for a sample rate of %d Hz: %s", c.rate, advice)
	}
	if c.output <= 0 {
		return fault.New(fault.Media, "AAC: the sample rate of the band replication is reserved: the file is damaged or encrypted; get it again")
	}
	c.rateIndex = uint(index)
	if c.layout > 7 {
		return fault.New(fault.Media, "AAC: channelConfiguration %d cannot be carried in ADTS, which ends at 7: %s", c.layout, advice)
	}
	return nil
}

// readGeneral reads the GASpecificConfig (ISO/IEC 14496-3 4.4.1). None of its
// three flags has a place in ADTS, whose frames are always 1024 samples.
func readGeneral(r *bits.Reader, size int) error {
	short, core, extension := r.ReadFlag(), r.ReadFlag(), r.ReadFlag()
	switch {
	case r.AccError() != nil:
		return shortConfig(size)
	case short:
		return fault.New(fault.Media, "AAC: frames of 960 samples cannot be carried in ADTS, which is always 1024: %s", advice)
	case core, extension:
		return fault.New(fault.Media, "AAC: a scalable configuration cannot be carried in ADTS: %s", advice)
	}
	return nil
}

// readExtension looks for backward compatible signalling of SBR and PS after the
// core's configuration (ISO/IEC 14496-3, 1.6.5.3). Like decoders, it ignores
// anything else.
func (c *config) readExtension(r *bits.Reader, size int) {
	const syncSBR, syncPS = 0x2b7, 0x548
	if size-r.NrBitsRead() < 16 || r.Read(11) != syncSBR || readObject(r) != objectSBR || !r.ReadFlag() {
		return
	}
	output := readRate(r)
	if r.AccError() != nil || output <= 0 {
		return
	}
	c.sbr, c.output = true, output
	if size-r.NrBitsRead() >= 12 && r.Read(11) == syncPS {
		c.ps = r.ReadFlag()
	}
}

// readObject reads an audio object type (ISO/IEC 14496-3, table 1.16).
func readObject(r *bits.Reader) uint {
	object := r.Read(5)
	if object == 31 {
		return 32 + r.Read(6)
	}
	return object
}

// readRate reads a sample rate, by index or in full, in Hz; 0 for a reserved index.
func readRate(r *bits.Reader) int {
	index := r.Read(4)
	switch rates := sampleRates(); {
	case index == 15:
		return int(r.Read(24))
	case index < uint(len(rates)):
		return rates[index]
	}
	return 0
}

// sampleRates returns the sample rates in Hz by samplingFrequencyIndex (ISO/IEC
// 14496-3, table 1.18).
func sampleRates() []int {
	return []int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}
}

func objectName(object uint) string {
	names := map[uint]string{
		6: "AAC scalable", 17: "error resilient AAC LC", 20: "AAC scalable", 23: "AAC LD", 34: "MPEG layer III", 36: "ALS",
		39: "AAC ELD", 42: "USAC, xHE-AAC",
	}
	if name := names[object]; name != "" {
		return name
	}
	return "not AAC Main, LC, SSR or LTP"
}

func shortConfig(size int) error {
	return fault.New(fault.Media, "AAC: the AudioSpecificConfig ends early, after %d bytes: the file is damaged or encrypted; get it again", size)
}
