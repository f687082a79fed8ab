package monitor

// repetition measures how often something comes and raises a check when it
// stays away longer than limit. Times are in ticks of 27 MHz.
type repetition struct {
	check   Check
	pid     PID
	limit   int64
	running bool
	raised  bool
	last    int64
	count   int64
	// sum and worst are of the intervals so far.
	sum, worst int64
}

// start begins to measure at t, unless it began already.
func (r *repetition) start(t int64) {
	if !r.running {
		r.running, r.last = true, t
	}
}

// seen records that it came at t, in packet n.
func (r *repetition) seen(t, n int64, errs *errorCounts) {
	if r.running && r.count > 0 {
		r.sum += t - r.last
		r.worst = max(r.worst, t-r.last)
	}
	r.checkLimit(t, n, errs)
	r.count++
	r.running, r.raised, r.last = true, false, t
}

// pass says that an interval which ends at t may be as long as it is.
func (r *repetition) pass(t int64) { r.last = max(r.last, t-r.limit) }

// checkLimit raises the check once for every interval that exceeds the limit.
func (r *repetition) checkLimit(t, n int64, errs *errorCounts) {
	if !r.running || r.raised || t-r.last <= r.limit {
		return
	}
	r.raised = true
	errs.raise(r.check, n, r.pid, func() string { return "not seen for more than " + milliseconds(r.limit) })
}

// mean returns the mean interval, 0 before there is one.
func (r *repetition) mean() int64 {
	if r.count < 2 {
		return 0
	}
	return r.sum / (r.count - 1)
}

func (r *repetition) report() TableReport {
	return TableReport{Count: r.count, MeanMS: ms(r.mean()), MaxMS: ms(r.worst)}
}
