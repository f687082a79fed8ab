package monitor

// watch sees to it that something comes again within a time. Times are in
// ticks of 27 MHz.
type watch struct {
	check   Check
	pid     PID
	limit   int64
	running bool
	raised  bool
	last    int64
	worst   int64
	sum     int64
	count   int64
}

// begin starts the time running as if the thing had just come.
func (w *watch) begin(t int64) {
	if !w.running {
		w.running, w.last = true, t
	}
}

// seen says that it came.
func (w *watch) seen(t, n int64, to *tally) {
	if w.running && w.count > 0 {
		w.sum += t - w.last
		w.worst = max(w.worst, t-w.last)
	}
	w.expire(t, n, to)
	w.count++
	w.running, w.raised, w.last = true, false, t
}

// expire raises the check once for every time that is too long.
func (w *watch) expire(t, n int64, to *tally) {
	if !w.running || w.raised || t-w.last <= w.limit {
		return
	}
	w.raised = true
	to.raise(w.check, n, w.pid, func() string { return "not seen for more than " + milliseconds(w.limit) })
}

// mean is the usual time between two, 0 before there are two.
func (w *watch) mean() int64 {
	if w.count < 2 {
		return 0
	}
	return w.sum / (w.count - 1)
}
