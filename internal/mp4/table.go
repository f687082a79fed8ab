package mp4

import "encoding/binary"

// table is a box of count rows of the same width, still as they lie in the file.
type table struct {
	box   box
	found bool
	count int
	rows  []byte
}

// newTable reads a full box that holds nothing but a count and its rows.
func newTable(b box, width int) (table, error) {
	f := fields{box: b}
	f.full()
	return f.table(width)
}

// table reads a count and as many rows of width bytes.
func (f *fields) table(width int) (table, error) {
	count := f.u32()
	if err := f.err(); err != nil {
		return table{}, err
	}
	rows := f.rest()
	if fit := len(rows) / width; uint64(count) > uint64(fit) {
		return table{}, f.box.damaged("says that it has %d entries, with room for %d", count, fit)
	}
	return table{box: f.box, found: true, count: int(count), rows: rows[:int(count)*width]}, nil
}

func (t table) u32(at int) uint32 { return binary.BigEndian.Uint32(t.rows[at:]) }
func (t table) u64(at int) uint64 { return binary.BigEndian.Uint64(t.rows[at:]) }
