package loop

// Segment is a stretch of a loop that is carried for itself, as a segment is.
type Segment struct {
	// Number counts the pieces of a stream.
	Number int64
	// First and End bound its pictures, counted from lap 0 on in decoding order;
	// negative numbers are laps before it.
	First, End int64
	// From and To bound the time at which its sound begins, counted from where the
	// first picture of lap 0 is shown, in ticks of 1/Scale s.
	From, To, Scale int64
}
