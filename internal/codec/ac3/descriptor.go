package ac3

// Descriptor tags (ETSI EN 300 468, table 12).
const (
	tagAC3         = 0x6a
	tagEnhancedAC3 = 0x7a
)

// Flags in the first byte of both descriptors (ETSI EN 300 468 D.3 and D.5).
const (
	flagComponentType = 0x80
	flagBSID          = 0x40
	flagMixInfo       = 0x08
	flagSubstream1    = 0x04 // shifted down for substreams 2 and 3
)

// Descriptors is the AC-3 or the enhanced AC-3 descriptor (ETSI EN 300 468, D.3 and
// D.5) with component_type and bsid. An MP4 file does not say which service is
// main and which associated (mainid, asvc).
func (c *Coding) Descriptors() []byte {
	first := c.programmes[0]
	flags := byte(flagComponentType | flagBSID)
	if !first.enhanced {
		return []byte{tagAC3, 3, flags, first.component(false), first.bsid}
	}
	if first.mixing {
		flags |= flagMixInfo
	}
	component := first.component(true)
	if len(c.programmes) > 1 {
		component = component&^7 | channelsProgrammes
	}
	d := []byte{tagEnhancedAC3, 0, flags, component, first.bsid}
	for _, p := range c.programmes[1:] {
		if p.substrm >= 1 && p.substrm <= 3 {
			d[2] |= flagSubstream1 >> (p.substrm - 1)
			d = append(d, p.component(p.mixing))
		}
	}
	d[1] = byte(len(d) - 2)
	return d
}

// Number of channels in component_type (ETSI EN 300 468, table D.1).
const (
	channelsMono       = 0
	channelsDual       = 1
	channelsStereo     = 2
	channelsSurround   = 3 // two channels, Dolby Surround encoded
	channelsMany       = 4 // more than two
	channelsOver51     = 5
	channelsProgrammes = 6 // several programmes in one stream
)

// component returns component_type (ETSI EN 300 468, table D.1), whose highest bit
// is set for E-AC-3, or the same code of another independent substream, where that
// bit says whether there is mixing metadata (D.5).
func (p programme) component(highest bool) byte {
	t := p.service() | p.channelCode()
	if highest {
		t |= 0x80
	}
	return t
}

// service returns full_service_flag and service_type. The standard leaves the flag
// open for the visually or hearing impaired and for commentary: there one channel
// counts as a service to be mixed with others, more channels as complete.
func (p programme) service() byte {
	const full = 0x40
	switch p.bsmod {
	case 0, 6: // complete main, emergency
		return p.bsmod<<3 | full
	case 2, 3, 5, 7: // visually impaired, hearing impaired, commentary, voice-over or karaoke
		if p.acmod != 1 {
			return p.bsmod<<3 | full
		}
	}
	return p.bsmod << 3
}

func (p programme) channelCode() byte {
	const surroundEncoded = 2
	switch full := p.full(); {
	case p.acmod == 0:
		return channelsDual
	case full == 1:
		return channelsMono
	case full == 2 && p.dsurmod == surroundEncoded:
		return channelsSurround
	case full == 2:
		return channelsStereo
	case full > 5:
		return channelsOver51
	}
	return channelsMany
}
