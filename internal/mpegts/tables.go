package mpegts

import (
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/packet"
)

// table is a PSI or SI table: where and how often it is sent, and its section.
type table struct {
	id       byte // table_id (ISO/IEC 13818-1, table 2-31)
	pid      PID
	interval time.Duration // the longest from one to the next
	// packets hold the section. Their continuity counters, 0 here, are added when they are sent.
	packets [][packet.Size]byte
}

// versions are the version numbers of tables, 0 to 31, by table_id.
type versions map[byte]byte

// Values of table_id (ISO/IEC 13818-1, table 2-31; ETSI EN 300 468, table 2).
const (
	tablePAT = 0x00
	tablePMT = 0x02
	tableSDT = 0x42
	// firstSI is the first table_id that ISO/IEC 13818-1 leaves to others.
	firstSI = 0x40
)

// newTables returns the tables that describe the program, in the order in which
// they are sent.
func newTables(c *Config, l *loop.Loop, v versions) []table {
	return []table{
		newTable(tablePAT, patPID, c.PATInterval, c.TransportStreamID, v, patBody(c)),
		newTable(tablePMT, c.PMTPID, c.PMTInterval, c.ProgramNum, v, pmtBody(c, l)),
		newTable(tableSDT, sdtPID, c.SDTInterval, c.TransportStreamID, v, sdtBody(c, l)),
	}
}

// newTable returns a table of one section. number is its table_id_extension.
func newTable(id byte, pid PID, interval time.Duration, number uint16, v versions, body []byte) table {
	return table{id, pid, interval, packetize(pid, section(id, number, v[id], body))}
}

func (t *table) size() Slot { return Slot(len(t.packets)) }

// write writes packet i of the table, of which count were sent on its PID before.
func (t *table) write(dst []byte, i Slot, count byte) {
	copy(dst, t.packets[i][:])
	dst[3] |= count & 0x0f
}

// changedVersions returns the versions that tables have after a switch from old
// ones at versions v: one more where a table differs.
func changedVersions(v versions, old, tables []table) versions {
	changed := versions{}
	for _, t := range tables {
		version := v[t.id]
		i := slices.IndexFunc(old, func(o table) bool { return o.id == t.id })
		if i < 0 || !slices.Equal(old[i].packets, t.packets) {
			version = (version + 1) & 0x1f
		}
		if version > 0 {
			changed[t.id] = version
		}
	}
	return changed
}

// patBody is the program loop of the program association table (2.4.4.3).
func patBody(c *Config) []byte {
	return []byte{byte(c.ProgramNum >> 8), byte(c.ProgramNum), 0xe0 | byte(c.PMTPID>>8), byte(c.PMTPID)}
}

// pmtBody is the program map section after last_section_number (2.4.4.8).
func pmtBody(c *Config, l *loop.Loop) []byte {
	pcr := c.pcrPID(l)
	b := []byte{0xe0 | byte(pcr>>8), byte(pcr), 0xf0, 0x00}
	for _, e := range c.elements(l) {
		n := len(e.descriptors)
		b = append(b, e.streamType, 0xe0|byte(e.pid>>8), byte(e.pid), 0xf0|byte(n>>8), byte(n))
		b = append(b, e.descriptors...)
	}
	return b
}

// languageDescriptor is the ISO_639_language_descriptor (2.6.18), nil for an
// undetermined language.
func languageDescriptor(code string) []byte {
	if len(code) != 3 || code == "und" {
		return nil
	}
	return []byte{0x0a, 4, code[0], code[1], code[2], 0}
}

// sdtBody is the service description section after last_section_number (ETSI
// EN 300 468, 5.2.3): one service, running, not scrambled.
func sdtBody(c *Config, l *loop.Loop) []byte {
	const digitalTelevision, digitalRadio = 0x01, 0x02
	service := byte(digitalTelevision)
	if l.Video == nil {
		service = digitalRadio
	}
	provider, name := dvbText(c.ServiceProvider, 100), dvbText(c.ServiceName, 140)
	d := append([]byte{service, byte(len(provider))}, provider...)
	d = append(append(d, byte(len(name))), name...)
	d = append([]byte{0x48, byte(len(d))}, d...) // service_descriptor, 6.2.33
	const running = 4 << 5
	b := []byte{
		byte(c.TransportStreamID >> 8), byte(c.TransportStreamID), 0xff, // original_network_id
		byte(c.ProgramNum >> 8), byte(c.ProgramNum), 0xfc, running | byte(len(d)>>8), byte(len(d)),
	}
	return append(b, d...)
}

// dvbText encodes s (ETSI EN 300 468, annex A), with the selector of UTF-8 where
// it is not plain ASCII, cut between characters to at most limit bytes.
func dvbText(s string, limit int) []byte {
	var b []byte
	if slices.ContainsFunc([]rune(s), func(r rune) bool { return r >= 0x7f }) {
		b = []byte{0x15}
	}
	for _, r := range s {
		if t := string(r); r >= 0x20 && len(b)+len(t) <= limit {
			b = append(b, t...)
		}
	}
	return b
}

// section frames the body of a table as one section with its CRC (2.4.4.11).
func section(id byte, number uint16, version byte, body []byte) []byte {
	n := 5 + len(body) + 4
	syntax := byte(0xb0)
	if id >= firstSI {
		syntax = 0xf0 // reserved_future_use is 1 in SI
	}
	s := []byte{id, syntax | byte(n>>8), byte(n), byte(number >> 8), byte(number), 0xc1 | version<<1, 0, 0}
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

// packetize cuts a section into packets, after a pointer_field of 0 (2.4.4.2).
func packetize(pid PID, s []byte) [][packet.Size]byte {
	var packets [][packet.Size]byte
	rest := append([]byte{0}, s...)
	for len(rest) > 0 {
		var p [packet.Size]byte
		putHeader(p[:], pid, len(packets) == 0, payloadOnly, 0)
		putStuffing(p[4+copy(p[4:], rest):])
		rest = rest[min(payloadSize, len(rest)):]
		packets = append(packets, p)
	}
	return packets
}
