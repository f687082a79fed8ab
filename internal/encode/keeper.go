package encode

import (
	"encoding/binary"
	"math"
)

// keeper takes the raw samples of a lap and keeps those near its ends in a wave.
type keeper struct {
	wave *wave
	most int // samples of the end
	rest []byte
	seen int // values, of all channels
}

func newKeeper(w *wave, most int) *keeper {
	return &keeper{wave: w, most: most}
}

// Write implements io.Writer.
func (k *keeper) Write(p []byte) (int, error) {
	k.rest = append(k.rest, p...)
	values := len(k.rest) / 4
	for i := range values {
		k.add(math.Float32frombits(binary.LittleEndian.Uint32(k.rest[4*i:])))
	}
	k.rest = append(k.rest[:0], k.rest[4*values:]...)
	k.wave.endAt = k.seen/k.wave.channels - len(k.wave.end)/k.wave.channels
	return len(p), nil
}

func (k *keeper) add(v float32) {
	w := k.wave
	if len(w.head) < cap(w.head) {
		w.head = append(w.head, v)
	}
	k.seen++
	w.end = append(w.end, v)
	if most := k.most * w.channels; len(w.end) >= 2*most && k.seen%w.channels == 0 {
		w.end = append(w.end[:0], w.end[len(w.end)-most:]...)
	}
}
