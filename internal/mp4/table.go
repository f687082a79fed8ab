package mp4

import "encoding/binary"

// table is a box of count rows of equal width.
type table struct {
	box   box
	found bool
	count int
	rows  *rows
}

// newTable reads a full box that consists of a count and rows of width bytes.
func newTable(b box, width int) (table, error) {
	f := fieldReader{box: b}
	f.versionAndFlags()
	return f.table(width)
}

// table reads a count and that many rows of width bytes.
func (f *fieldReader) table(width int) (table, error) {
	count := f.u32()
	if err := f.err(); err != nil {
		return table{}, err
	}
	rows := f.rows()
	if room := rows.len() / int64(width); int64(count) > room {
		return table{}, f.box.damaged("says that it has %d entries, with room for %d", count, room)
	}
	return table{box: f.box, found: true, count: int(count), rows: rows}, nil
}

func (t table) u32(at int) uint32 { return binary.BigEndian.Uint32(t.rows.from(at, 4)) }
func (t table) u64(at int) uint64 { return binary.BigEndian.Uint64(t.rows.from(at, 8)) }

// runReader reads a run-length table of counts and values (stts, ctts or sbgp)
// sample by sample.
type runReader struct {
	table table
	row   int
	left  uint32
	value uint32
}

// next sets v to the value of the next sample. It returns false if there is none.
func (r *runReader) next(v *uint32) bool {
	for r.left == 0 {
		if r.row == r.table.count {
			return false
		}
		r.left, r.value = r.table.u32(8*r.row), r.table.u32(8*r.row+4)
		r.row++
	}
	r.left--
	*v = r.value
	return true
}

// nextInGroup reports whether the next sample belongs to a group, by its index
// in an sbgp box. Samples after the last row belong to none.
func (r *runReader) nextInGroup() bool {
	var index uint32
	return r.next(&index) && index != 0
}

// numberReader reads a table of rising sample numbers: stss or stps.
type numberReader struct {
	table table
	row   int
}

// has reports whether the table contains n. Calls must be with rising n.
func (s *numberReader) has(n uint32) bool {
	for s.row < s.table.count && s.table.u32(4*s.row) < n {
		s.row++
	}
	return s.row < s.table.count && s.table.u32(4*s.row) == n
}
