package loop

import (
	"math/rand/v2"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// Looking at few pictures at a time finds what sorting all of them finds.
func TestInOrder(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		v := &Video{}
		for i := range 1 + r.IntN(5000) {
			cto := r.Int32N(40)
			if r.IntN(3000) == 0 {
				cto = r.Int32N(1000)
			}
			v.units = append(v.units, media.NewAccessUnit(0, int64(i)*50, cto, 1, false))
		}
		last, apart, ok := v.inOrder()
		wantLast, want := v.sorted()
		if ok && (apart != want || apart && last != wantLast) {
			t.Fatalf("seed %d: %d, %v, want %d, %v", seed, last, apart, wantLast, want)
		}
		if !ok && want && len(v.units) < 60 {
			t.Fatalf("seed %d: %d pictures are not in order", seed, len(v.units))
		}
	}
	far := &Video{}
	for i := range 100 {
		far.units = append(far.units, media.NewAccessUnit(0, int64(i+1), 0, 1, false))
	}
	far.units = append(far.units, media.NewAccessUnit(0, 200, -250, 1, false))
	if _, _, ok := far.inOrder(); ok {
		t.Error("a picture that is shown a hundred earlier is in order")
	}
	if last, apart := far.sorted(); last != 100 || !apart {
		t.Errorf("%d, %v", last, apart)
	}
}
