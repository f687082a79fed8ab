package mp4

// chunkReader reads stsc and stco or co64 together, sample by sample.
type chunkReader struct {
	track           *track
	stsc            table
	stco            table
	wide            bool   // co64
	row             int    // of stsc, the next one
	number          uint32 // of the chunk, from 1
	samplesPerChunk uint32
	nextRowChunk    uint32 // the chunk at which the next row of stsc applies
	left            uint32 // samples left in the chunk
	offset          int64  // of the next sample
}

func newChunkReader(t *track) chunkReader {
	c := chunkReader{track: t, stsc: t.table.stsc, stco: t.table.chunks, nextRowChunk: 1}
	c.wide = c.stco.box.kind.is("co64")
	return c
}

// next sets the offset of the next sample, whose size is known.
func (c *chunkReader) next(s *sample) error {
	for c.left == 0 {
		if err := c.nextChunk(); err != nil {
			return err
		}
	}
	c.left--
	s.offset = c.offset
	c.offset += int64(s.size)
	return nil
}

func (c *chunkReader) nextChunk() error {
	if int(c.number) == c.stco.count {
		return c.stco.box.damaged("and stsc hold %d chunks with %d samples, where track %d has %d",
			c.stco.count, c.track.samples, c.track.id, c.track.table.sizes.count)
	}
	c.number++
	if c.number == c.nextRowChunk {
		if err := c.nextRow(); err != nil {
			return err
		}
	}
	c.left = c.samplesPerChunk
	if !c.wide {
		c.offset = int64(c.stco.u32(4 * int(c.number-1)))
		return nil
	}
	offset := c.stco.u64(8 * int(c.number-1))
	if offset > maxTime {
		return c.stco.box.damaged("puts chunk %d at byte %d", c.number, offset)
	}
	c.offset = int64(offset)
	return nil
}

// nextRow reads the row of stsc that begins with the chunk.
func (c *chunkReader) nextRow() error {
	if c.row >= c.stsc.count {
		return c.stsc.box.damaged("does not say how many samples chunk %d holds", c.number)
	}
	at := 12 * c.row
	if first := c.stsc.u32(at); first != c.number {
		return c.stsc.box.damaged("gives chunk %d in entry %d, where %d is next", first, c.row+1, c.number)
	}
	c.samplesPerChunk = c.stsc.u32(at + 4)
	if err := c.track.useEntry(c.stsc.u32(at + 8)); err != nil {
		return err
	}
	c.row++
	c.nextRowChunk = 0 // There is no chunk 0: the last row applies to all that follow.
	if c.row < c.stsc.count {
		c.nextRowChunk = c.stsc.u32(12 * c.row)
		if c.nextRowChunk <= c.number {
			return c.stsc.box.damaged("goes back to chunk %d in entry %d", c.nextRowChunk, c.row+1)
		}
	}
	return nil
}
