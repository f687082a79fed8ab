package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/packet"
)

// sections are the packets of the PSI and SI tables, each complete but for its continuity counter.
type sections struct {
	pat, pmt, sdt [][packet.Size]byte
}

// tables returns PAT, PMT and SDT, in this order.
func (s *sections) tables() [3][][packet.Size]byte {
	return [3][][packet.Size]byte{s.pat, s.pmt, s.sdt}
}

// versions are the version numbers of PAT, PMT and SDT, 0 to 31.
type versions [3]byte

// newSections makes the tables of a program of these streams.
func newSections(c *Config, l *loop.Loop, v versions) sections {
	return sections{
		pat: packetize(0, section(0x00, c.TransportStreamID, v[0], pat(c))),
		pmt: packetize(c.PMTPID, section(0x02, c.ProgramNumber, v[1], pmt(c, l))),
		sdt: packetize(sdtPID, section(0x42, c.TransportStreamID, v[2], sdt(c, l))),
	}
}

// tablePIDs are the PIDs of PAT, PMT and SDT.
func (c *Config) tablePIDs() [3]PID { return [3]PID{0, c.PMTPID, sdtPID} }

// pat is the program loop of the program association table (ISO/IEC 13818-1, 2.4.4.3).
func pat(c *Config) []byte {
	return []byte{byte(c.ProgramNumber >> 8), byte(c.ProgramNumber), 0xe0 | byte(c.PMTPID>>8), byte(c.PMTPID)}
}

// pmt is the program map section behind last_section_number (2.4.4.8).
func pmt(c *Config, l *loop.Loop) []byte {
	b := []byte{0xe0 | byte(c.pcrPID(l)>>8), byte(c.pcrPID(l)), 0xf0, 0x00}
	stream := func(typ byte, pid PID, info []byte) {
		b = append(b, typ, 0xe0|byte(pid>>8), byte(pid), 0xf0|byte(len(info)>>8), byte(len(info)))
		b = append(b, info...)
	}
	if l.Video != nil {
		stream(l.Video.Track.Coding.StreamType(), c.VideoPID, l.Video.Track.Coding.Descriptors())
	}
	for i, a := range l.Audio {
		info := append([]byte(nil), a.Track.Coding.Descriptors()...)
		stream(a.Track.Coding.StreamType(), c.audioPID(i), append(info, language(a.Track.Language)...))
	}
	return b
}

// language is the ISO_639_language_descriptor (2.6.18), nothing for an undetermined language.
func language(code string) []byte {
	if len(code) != 3 || code == "und" {
		return nil
	}
	return []byte{0x0a, 4, code[0], code[1], code[2], 0}
}

// sdt is the service description section behind last_section_number
// (ETSI EN 300 468, 5.2.3): one service, running, not scrambled.
func sdt(c *Config, l *loop.Loop) []byte {
	const digitalTelevision, digitalRadio = 0x01, 0x02
	service := byte(digitalTelevision)
	if l.Video == nil {
		service = digitalRadio
	}
	provider, name := dvbText(c.Provider, 100), dvbText(c.ServiceName, 140)
	d := append([]byte{service, byte(len(provider))}, provider...)
	d = append(append(d, byte(len(name))), name...)
	d = append([]byte{0x48, byte(len(d))}, d...) // service_descriptor, 6.2.33
	const running = 4 << 5
	b := []byte{
		byte(c.TransportStreamID >> 8), byte(c.TransportStreamID), 0xff, // original_network_id
		byte(c.ProgramNumber >> 8), byte(c.ProgramNumber), 0xfc, running | byte(len(d)>>8), byte(len(d)),
	}
	return append(b, d...)
}

// dvbText encodes s in UTF-8 with its selector where it is not plain ASCII
// (ETSI EN 300 468, annex A), cut to at most limit bytes between characters.
func dvbText(s string, limit int) []byte {
	var b []byte
	for _, r := range s {
		if r >= 0x7f {
			b = []byte{0x15}
			break
		}
	}
	for _, r := range s {
		if t := string(r); r >= 0x20 && len(b)+len(t) <= limit {
			b = append(b, t...)
		}
	}
	return b
}

// section frames a table body as one section with its CRC (2.4.4.11).
func section(table byte, id uint16, version byte, body []byte) []byte {
	n := 5 + len(body) + 4
	syntax := byte(0xb0)
	if table >= 0x40 {
		syntax = 0xf0 // reserved_future_use is 1 in SI
	}
	s := []byte{table, syntax | byte(n>>8), byte(n), byte(id >> 8), byte(id), 0xc1 | version<<1, 0, 0}
	s = append(s, body...)
	crc := crc32(s)
	return append(s, byte(crc>>24), byte(crc>>16), byte(crc>>8), byte(crc))
}

// crc32 is the CRC of annex A: polynomial 0x04c11db7, most significant bit first, no final inversion.
func crc32(b []byte) uint32 {
	crc := ^uint32(0)
	for _, v := range b {
		crc ^= uint32(v) << 24
		for range 8 {
			top := crc >> 31
			crc = crc<<1 ^ 0x04c11db7*top
		}
	}
	return crc
}

// packetize cuts a section into packets, behind a pointer_field of 0 (2.4.4.2).
func packetize(pid PID, s []byte) [][packet.Size]byte {
	var packets [][packet.Size]byte
	rest := append([]byte{0}, s...)
	for len(rest) > 0 {
		var p [packet.Size]byte
		header(p[:], pid, len(packets) == 0, 1, 0)
		fill(p[4+copy(p[4:], rest):])
		rest = rest[min(payloadSize, len(rest)):]
		packets = append(packets, p)
	}
	return packets
}
