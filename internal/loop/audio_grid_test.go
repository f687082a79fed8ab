package loop

import (
	"math/rand/v2"
	"testing"
)

func TestFloorSumAddsUpLatticePoints(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		n, m := r.Uint64N(60), 1+r.Uint64N(50)
		a, b := r.Uint64N(200), r.Uint64N(200)
		var want uint64
		for i := range n {
			want += (a*i + b) / m
		}
		if got := floorSum(n, m, a, b); got != want {
			t.Fatalf("n %d, m %d, a %d, b %d: %d, want %d", n, m, a, b, got, want)
		}
	}
}

// randomGrid returns a grid with laps both longer and shorter than a step.
func randomGrid(r *rand.Rand) grid {
	g := grid{rate: 1, step: 1 + r.Int64N(40), lap: 1 + r.Int64N(300)}
	g.bias = r.Int64N(g.step + 1)
	return g
}

// I4: which laps hold ⌊L/D⌋ units and which one more is closed-form in the lap.
func TestGridCountsLaps(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		g, k := randomGrid(r), 1+r.Int64N(4)
		counted := map[[2]int64]uint64{}
		for n := range int64(80) {
			for residue := range k {
				for long := range int64(2) {
					if got, want := g.laps(n, residue, k, long == 1), counted[[2]int64{residue, long}]; got != want {
						t.Fatalf("%+v: laps(%d, %d, %d, %d) = %d, want %d", g, n, residue, k, long, got, want)
					}
				}
			}
			first, _ := g.first(n)
			next, _ := g.first(n + 1)
			long := next - first - g.lap/g.step
			if long != 0 && long != 1 {
				t.Fatalf("%+v: lap %d holds %d units", g, n, next-first)
			}
			counted[[2]int64{first % k, long}]++
		}
	}
}

// Every unit belongs to the lap that it is nearest to the beginning of, or within.
func TestGridFindsLaps(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		g := randomGrid(r)
		start := r.Int64N(1_000_000_000)
		for n := start; n < start+50; n++ {
			first, rest := g.first(n)
			next, _ := g.first(n + 1)
			if off := first*g.step - n*g.lap; off != g.bias-rest {
				t.Fatalf("%+v: lap %d begins %d ticks off, not %d", g, n, g.bias-rest, off)
			}
			for m := first; m < next; m++ {
				if got := g.lapOf(m); got != n {
					t.Fatalf("%+v: unit %d is of lap %d, not %d", g, m, n, got)
				}
			}
		}
	}
}

// Ten years of laps whose length shares no factor with a unit's.
func TestGridIsExactForYears(t *testing.T) {
	g := grid{rate: 240_000, step: 5120, lap: 2_402_400, bias: 2560} // 10.01 s of 29.97 fps, AAC at 48 kHz
	const lap = 31_500_000
	first, rest := g.first(lap)
	if want := (int64(lap)*g.lap + g.bias) / g.step; first != want {
		t.Errorf("lap %d begins with unit %d, want %d", lap, first, want)
	}
	if rest < 0 || rest >= g.step {
		t.Errorf("rest %d", rest)
	}
}
