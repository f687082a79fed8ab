package rtp

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"net/netip"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
	"github.com/lilo-live/lilo/internal/packet"
)

// fecHeaderSize is the length of an FEC header.
const fecHeaderSize = channel.FECHeader

// fecPayloadType is the dynamic payload type of FEC datagrams (SMPTE 2022-1, 8.2).
const fecPayloadType = 96

// fec protects datagrams by SMPTE 2022-1: datagram d lies in row ⌊d/L⌋ mod D and column d mod L
// of matrix ⌊d/(L·D)⌋, counted from the epoch, so that all FEC datagrams too follow from numbers.
// A row is sent after its last datagram. The columns of a matrix are spread over the
// next one, so that the rate stays even.
type fec struct {
	stream  output.Stream
	length  packet.Number // L, datagrams in a row
	depth   packet.Number // D, datagrams in a column
	columns *datagram.Conn
	rows    *datagram.Conn // nil for columns alone
	body    int            // bytes of TS packets in a datagram
	next    packet.Number  // number of the datagram that follows the last one
	row     parity
	column  []parity // of the present matrix
	done    []parity // of the matrix before
	buf     []byte
}

// parity is the exclusive or of datagrams at equal distances.
type parity struct {
	whole   bool          // it has all from the first one on
	first   packet.Number // number of the first
	time    uint32
	odd     bool // an odd number of datagrams, whose payload types and lengths are equal
	payload []byte
}

func (p *parity) begin(first packet.Number, time uint32, body []byte) {
	p.whole, p.first, p.time, p.odd = true, first, time, true
	p.payload = append(p.payload[:0], body...)
}

func (p *parity) add(time uint32, body []byte) {
	if p.whole {
		p.time ^= time
		p.odd = !p.odd
		subtle.XORBytes(p.payload, p.payload, body)
	}
}

// openFEC opens the sockets to the ports two and four above that of c.
func openFEC(c *datagram.Conn, of output.Stream) (*fec, error) {
	f := &fec{stream: of, length: packet.Number(of.FEC.RowLength), depth: packet.Number(of.FEC.ColumnDepth), next: -1}
	f.column, f.done = make([]parity, f.length), make([]parity, f.length)
	bytes, peer := f.resize(c.Packets()*packet.Size), c.Peer()
	var err error
	if f.columns, err = c.Beside(netip.AddrPortFrom(peer.Addr(), peer.Port()+2), bytes); err != nil {
		return nil, err
	}
	if of.FEC.IncludeFec == channel.FECColumnAndRow {
		if f.rows, err = c.Beside(netip.AddrPortFrom(peer.Addr(), peer.Port()+4), bytes); err != nil {
			return nil, errors.Join(err, f.columns.Close())
		}
	}
	return f, nil
}

// resize begins anew with datagrams of that many bytes of TS packets, and returns how
// many an FEC datagram has.
func (f *fec) resize(body int) int {
	f.body, f.next = body, -1
	size := headerSize + fecHeaderSize + body
	f.buf = make([]byte, size)
	for i := range f.column {
		f.column[i] = parity{payload: make([]byte, 0, body)}
		f.done[i] = parity{payload: make([]byte, 0, body)}
	}
	f.row = parity{payload: make([]byte, 0, body)}
	return size
}

// after takes the datagrams that have been sent, of which the first begins with packet first.
func (f *fec) after(first, packets packet.Number, payload []byte) {
	if body := int(packets) * packet.Size; body != f.body {
		size := f.resize(body)
		f.columns.Resize(size)
		if f.rows != nil {
			f.rows.Resize(size)
		}
	}
	for ; len(payload) > 0; first, payload = first+packets, payload[f.body:] {
		f.datagram(first/packets, f.stream.RTPTime(first), payload[:f.body])
	}
}

func (f *fec) datagram(number packet.Number, time uint32, body []byte) {
	if number != f.next { // Something was skipped: what is incomplete protects nothing.
		f.row.whole = false
		for i := range f.column {
			f.column[i].whole, f.done[i].whole = false, false
		}
	}
	f.next = number + 1
	at := number % (f.length * f.depth)
	if f.rows != nil {
		f.addToRow(number, at%f.length, time, body)
	}
	f.addToColumn(number, at, time, body)
	if at%f.depth == 0 {
		f.sendColumn(at/f.depth, number, time)
	}
}

func (f *fec) addToRow(number, column packet.Number, time uint32, body []byte) {
	if column == 0 {
		f.row.begin(number, time, body)
	} else {
		f.row.add(time, body)
	}
	if column == f.length-1 && f.row.whole {
		f.send(f.rows, directionRow, &f.row, number/f.length, time, 1, f.length)
	}
}

func (f *fec) addToColumn(number, at packet.Number, time uint32, body []byte) {
	c := at % f.length
	p := &f.column[c]
	if at < f.length {
		p.begin(number, time, body)
	} else {
		p.add(time, body)
	}
	if at >= f.length*(f.depth-1) { // The one of the matrix before has been sent: c·D ≤ c + L·(D−1).
		f.column[c], f.done[c] = f.done[c], f.column[c]
	}
}

// sendColumn sends a column of the matrix before.
func (f *fec) sendColumn(c, number packet.Number, time uint32) {
	p := &f.done[c]
	matrix := number / (f.length * f.depth)
	if p.whole && p.first/(f.length*f.depth) == matrix-1 {
		f.send(f.columns, directionColumn, p, (matrix-1)*f.length+c, time, f.length, f.depth)
	}
	p.whole = false
}

// The bit D of an FEC header: what it protects is a column or a row (SMPTE 2022-1, 8.1). A column
// of a matrix of one column has the offset of a row.
const (
	directionColumn = 0
	directionRow    = 1 << 6
)

// send sends an FEC datagram of that number, which protects count datagrams offset apart.
func (f *fec) send(to *datagram.Conn, direction byte, p *parity, number packet.Number, time uint32, offset, count packet.Number) {
	const extended = 1 << 7 // E: the header has the extension
	var typeRecovery byte
	length := 0
	if p.odd {
		typeRecovery, length = secondByte, f.body
	}
	b := f.buf
	b[0], b[1] = firstByte, fecPayloadType
	binary.BigEndian.PutUint16(b[2:], uint16(number))
	binary.BigEndian.PutUint32(b[4:], time)
	binary.BigEndian.PutUint32(b[8:], 0) // SSRC
	h := b[headerSize:]
	binary.BigEndian.PutUint16(h, uint16(p.first))
	binary.BigEndian.PutUint16(h[2:], uint16(length))
	binary.BigEndian.PutUint32(h[4:], uint32(extended|typeRecovery)<<24) // The mask is 0.
	binary.BigEndian.PutUint32(h[8:], p.time)
	h[12], h[13], h[14], h[15] = direction, byte(offset), byte(count), 0
	copy(h[fecHeaderSize:], p.payload)
	to.Send(0, b)
}

func (f *fec) close() error {
	err := f.columns.Close()
	if f.rows != nil {
		err = errors.Join(err, f.rows.Close())
	}
	return err
}
