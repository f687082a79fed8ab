package monitor

// Check is one thing that is counted as an error.
type Check int

// The checks. The number before each name is that of ETSI TR 101 290, clause
// 5.2; those from VideoStep on go beyond it.
const (
	// SyncLoss is 1.1 TS_sync_loss: two consecutive sync bytes are wrong.
	SyncLoss Check = iota
	// SyncByte is 1.2 Sync_byte_error: a sync byte is not 0x47.
	SyncByte
	// PAT is 1.3.a PAT_error_2: no PAT for 0.5 s, another table on PID 0, or a scrambled PAT.
	PAT
	// Continuity is 1.4 Continuity_count_error: a packet is lost, out of order or repeated more than once.
	Continuity
	// PMT is 1.5.a PMT_error_2: no PMT for 0.5 s on a PID that the PAT names, or a scrambled PMT.
	PMT
	// AbsentPID is 1.6 PID_error: a PID that a PMT names does not occur.
	AbsentPID
	// Transport is 2.1 Transport_error: transport_error_indicator is set.
	Transport
	// CRC is 2.2 CRC_error: the CRC of a PAT, CAT, PMT or SI table is wrong.
	CRC
	// PCRRepetition is 2.3.a PCR_repetition_error: two PCRs are more than 100 ms apart.
	PCRRepetition
	// PCRJump is 2.3.b PCR_discontinuity_indicator_error: the clock jumps without a discontinuity_indicator.
	PCRJump
	// PCRAccuracy is 2.4 PCR_accuracy_error: a PCR is more than 500 ns off a constant rate.
	PCRAccuracy
	// PTS is 2.5 PTS_error: no PTS for 700 ms.
	PTS
	// CAT is 2.6 CAT_error: scrambled packets without a CAT, or another table on PID 1.
	CAT
	// SIRepetition is 3.2 SI_repetition_error: an SDT that was seen stays away for more than 2 s.
	SIRepetition
	// BufferOverflow is 3.3 Buffer_error: TB, MB, B, TBsys or Bsys of the T-STD overflows.
	BufferOverflow
	// BufferUnderflow is 3.3 Buffer_error: an access unit is incomplete at its decoding time.
	BufferUnderflow
	// UnreferencedPID is 3.4.a Unreferenced_PID: no PMT names a PID that occurs.
	UnreferencedPID
	// NotEmptied is 3.9 Empty_buffer_error: TB, MB or TBsys is not empty at least once a second.
	NotEmptied
	// DataDelay is 3.10 Data_delay_error: an access unit waits too long before it is decoded.
	DataDelay
	// VideoStep is a decoding time that does not follow the one before by the usual step.
	VideoStep
	// AudioStep is a presentation time that is not where the frames before it end.
	AudioStep
	// DTSOrder is a decoding time that is not after the one before.
	DTSOrder
	// PTSBeforeDTS is a picture that is presented before it is decoded.
	PTSBeforeDTS
	// RTPLoss is an RTP packet that never arrived.
	RTPLoss
	// RTPOrder is an RTP packet that arrived after a later one.
	RTPOrder
	// RTPDuplicate is an RTP packet that arrived again.
	RTPDuplicate
	// RTPTimestamp is an RTP timestamp before that of the preceding packet.
	RTPTimestamp
	// RTPRestart is a new SSRC, or a jump of sequence numbers too wide to be a loss.
	RTPRestart

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
		RTPLoss:         {0, "", "RTP packets lost"},
		RTPOrder:        {0, "", "RTP packets out of order"},
		RTPDuplicate:    {0, "", "RTP packets repeated"},
		RTPTimestamp:    {0, "", "RTP timestamp going back"},
		RTPRestart:      {0, "", "RTP stream restarted"},
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
