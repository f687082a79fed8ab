//go:build soak

package simulation

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// trend is what became of a quantity.
type trend struct {
	name, unit string
	bound      float64 // how much it may grow in all
	at         []time.Duration
	values     []float64
}

// trends are those of a server: what a leak makes grow.
type trends struct{ memory, goroutines, descriptors, lateness trend }

func newTrends() *trends {
	return &trends{
		memory: trend{name: "memory", unit: "MB", bound: 4}, goroutines: trend{name: "goroutines", bound: 5},
		descriptors: trend{name: "descriptors", bound: 5}, lateness: trend{name: "lateness", unit: "ms", bound: 5},
	}
}

func (s *trends) all() []*trend {
	return []*trend{&s.memory, &s.goroutines, &s.descriptors, &s.lateness}
}

// sample adds what the process uses now; late is 0 where nothing was sent.
func (s *trends) sample(at, late time.Duration) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	open, _ := os.ReadDir("/proc/self/fd") // None where there is no such directory.
	s.memory.add(at, float64(m.HeapAlloc)/1e6)
	s.goroutines.add(at, float64(runtime.NumGoroutine()))
	s.descriptors.add(at, float64(len(open)))
	if late > 0 {
		s.lateness.add(at, late.Seconds()*1000)
	}
}

func (t *trend) add(at time.Duration, v float64) {
	t.at, t.values = append(t.at, at), append(t.values, v)
}

// growth returns how much the line grows that fits the values best, from a fifth of the time
// on: until then caches fill.
func (t *trend) growth() float64 {
	from := len(t.at) / 5
	var n, x, y, xx, xy float64
	for i := from; i < len(t.at); i++ {
		at, v := t.at[i].Seconds(), t.values[i]
		n, x, y, xx, xy = n+1, x+at, y+v, xx+at*at, xy+at*v
	}
	if n < 2 {
		return 0
	}
	return (n*xy - x*y) / (n*xx - x*x) * (t.at[len(t.at)-1] - t.at[from]).Seconds()
}

// judge draws the trends into a file, and fails the test if one grows by more than its bound.
func (s *trends) judge(t *testing.T, file string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(s.svg()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, one := range s.all() {
		t.Log(one)
		if one.growth() > one.bound {
			t.Errorf("%s grows: see %s", one.name, file)
		}
	}
}

// String returns a line such as "memory: 12.1 MB at the end, grown by 0.1 (bound 4)".
func (t *trend) String() string {
	if len(t.values) == 0 {
		return t.name + ": not measured"
	}
	return fmt.Sprintf("%s: %.4g %s at the end, grown by %.2g (bound %g)", t.name, t.values[len(t.values)-1], t.unit, t.growth(), t.bound)
}

// svg draws each trend in a row of its own.
func (s *trends) svg() string {
	const width, height, margin = 800, 120, 30
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width+2*margin, 4*(height+2*margin))
	for row, t := range s.all() {
		top, most := row*(height+2*margin)+margin, 0.0
		for _, v := range t.values {
			most = max(most, v)
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s; at most %.4g</text>`+"\n", margin, top-8, t, most)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#999"/>`+"\n", margin, top, width, height)
		b.WriteString(`<polyline fill="none" stroke="#06c" points="`)
		for i, v := range t.values {
			x := float64(margin) + width*t.at[i].Seconds()/max(1, t.at[len(t.at)-1].Seconds())
			fmt.Fprintf(&b, "%.1f,%.1f ", x, float64(top)+height*(1-v/max(1e-9, most)))
		}
		b.WriteString(`"/>` + "\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// A trend that grows is told from one that is restless.
func TestTrend(t *testing.T) {
	var flat, rising trend
	for i := range 100 {
		noise := float64(i * 7919 % 13)
		flat.add(time.Duration(i)*time.Minute, 100+noise)
		rising.add(time.Duration(i)*time.Minute, 100+noise+float64(i)/10)
	}
	if g := flat.growth(); g < -1 || g > 1 {
		t.Errorf("what does not grow grows by %v", g)
	}
	if g := rising.growth(); g < 7 || g > 9 {
		t.Errorf("what grows by 8 grows by %v", g)
	}
}
