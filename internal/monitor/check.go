package monitor

// Check is one thing that is counted as an error.
type Check int

// The checks. [Check.String] gives the name of ETSI TR 101 290, 5.2; those from
// VideoStep on go beyond it.
const (
	SyncLoss           Check = iota // two consecutive sync bytes are wrong
	SyncByte                        // a sync byte is not 0x47
	PAT                             // no PAT for 0.5 s, another table on PID 0, or a scrambled PAT
	Continuity                      // a packet is lost, out of order or repeated more than once
	PMT                             // no PMT for 0.5 s on a PID that the PAT names, or a scrambled PMT
	AbsentPID                       // a PID that a PMT names does not occur
	Transport                       // transport_error_indicator is set
	CRC                             // the CRC of a PAT, CAT, PMT or SI table is wrong
	PCRRepetition                   // two PCRs are more than 100 ms apart
	PCRJump                         // the clock jumps without a discontinuity_indicator
	PCRAccuracy                     // a PCR is more than 500 ns off a constant rate
	PTS                             // no PTS for 700 ms
	CAT                             // scrambled packets without a CAT, or another table on PID 1
	SIRepetition                    // an SDT that was seen stays away for more than 2 s
	BufferOverflow                  // TB, MB, B, TBsys or Bsys of the T-STD overflows
	BufferUnderflow                 // an access unit is incomplete at its decoding time
	UnreferencedPID                 // no PMT names a PID that occurs
	NotEmptied                      // TB, MB or TBsys is not empty at least once a second
	DataDelay                       // an access unit waits too long before it is decoded
	VideoStep                       // a DTS does not follow the one before by the usual step
	AudioStep                       // a PTS is not where the frames before it end
	DTSOrder                        // a DTS is not after the one before
	PTSBeforeDTS                    // a picture is presented before it is decoded
	DuplicatePicture                // a picture is presented together with another, or before it
	OverlappingPicture              // a picture is presented for less than a frame
	MissingPicture                  // a picture is presented for longer than a frame
	RTPLoss                         // an RTP packet never arrived
	RTPOrder                        // an RTP packet arrived after a later one
	RTPDuplicate                    // an RTP packet arrived again
	RTPTimestamp                    // an RTP timestamp is before that of the preceding packet
	RTPRestart                      // a new SSRC, or a jump of sequence numbers too wide to be a loss

	checkCount
)

type checkInfo struct {
	priority int
	clause   string
	name     string
}

// info returns how reports name the check.
func (c Check) info() checkInfo {
	if c < 0 || c >= checkCount {
		return checkInfo{name: "unknown"}
	}
	return [checkCount]checkInfo{
		SyncLoss:        {1, "1.1", "TS_sync_loss"},
		SyncByte:        {1, "1.2", "Sync_byte_error"},
		PAT:             {1, "1.3.a", "PAT_error_2"},
		Continuity:      {1, "1.4", "Continuity_count_error"},
		PMT:             {1, "1.5.a", "PMT_error_2"},
		AbsentPID:       {1, "1.6", "PID_error"},
		Transport:       {2, "2.1", "Transport_error"},
		CRC:             {2, "2.2", "CRC_error"},
		PCRRepetition:   {2, "2.3.a", "PCR_repetition_error"},
		PCRJump:         {2, "2.3.b", "PCR_discontinuity_indicator_error"},
		PCRAccuracy:     {2, "2.4", "PCR_accuracy_error"},
		PTS:             {2, "2.5", "PTS_error"},
		CAT:             {2, "2.6", "CAT_error"},
		SIRepetition:    {3, "3.2", "SI_repetition_error"},
		BufferOverflow:  {3, "3.3", "Buffer_error (overflow)"},
		BufferUnderflow: {3, "3.3", "Buffer_error (underflow)"},
		UnreferencedPID: {3, "3.4.a", "Unreferenced_PID"},
		NotEmptied:      {3, "3.9", "Empty_buffer_error"},
		DataDelay:       {3, "3.10", "Data_delay_error"},
		VideoStep:       {0, "", "video timestamp step"},
		AudioStep:       {0, "", "audio timestamp step"},
		DTSOrder:        {0, "", "DTS not rising"},
		PTSBeforeDTS:    {0, "", "PTS before DTS"},

		DuplicatePicture:   {0, "", "pictures with one PTS"},
		OverlappingPicture: {0, "", "overlapping pictures"},
		MissingPicture:     {0, "", "missing pictures"},

		RTPLoss:      {0, "", "RTP packets lost"},
		RTPOrder:     {0, "", "RTP packets out of order"},
		RTPDuplicate: {0, "", "RTP packets repeated"},
		RTPTimestamp: {0, "", "RTP timestamp going back"},
		RTPRestart:   {0, "", "RTP stream restarted"},
	}[c]
}

// String returns the name that TR 101 290 gives the check, or ours beyond it.
func (c Check) String() string { return c.info().name }

// Place is where an error occurred.
type Place struct {
	// Packet is the number of the transport packet from 0, or of the datagram for RTP.
	Packet int64 `json:"packet"`
	PID    PID   `json:"pid"`
	// Detail says by how much, for people.
	Detail string `json:"detail,omitempty"`
}

// maxPlaces is how many places of each check are kept. It bounds the memory
// that a broken stream can take.
const maxPlaces = 8

// errorCounts counts the errors of every check.
type errorCounts struct {
	counts [checkCount]int64
	places [checkCount][]Place
}

// raise counts one error. It calls detail, unless nil, only while places are kept.
func (e *errorCounts) raise(c Check, n int64, pid PID, detail func() string) {
	e.counts[c]++
	if len(e.places[c]) >= maxPlaces {
		return
	}
	place := Place{Packet: n, PID: pid}
	if detail != nil {
		place.Detail = detail()
	}
	e.places[c] = append(e.places[c], place)
}
