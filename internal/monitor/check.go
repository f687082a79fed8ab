package monitor

// Check is one thing that is counted as an error.
type Check int

// The checks. The number before each name is that of ETSI TR 101 290, clause
// 5.2; those at the end are beyond it.
const (
	// SyncLoss is 1.1 TS_sync_loss: two sync bytes in a row are wrong.
	SyncLoss Check = iota
	// SyncByte is 1.2 Sync_byte_error: a sync byte is not 0x47.
	SyncByte
	// PAT is 1.3.a PAT_error_2: none for 0.5 s, another table on PID 0, or scrambled.
	PAT
	// Continuity is 1.4 Continuity_count_error: a packet is lost, out of order or there more than twice.
	Continuity
	// PMT is 1.5.a PMT_error_2: none for 0.5 s on a PID the PAT names, or scrambled.
	PMT
	// AbsentPID is 1.6 PID_error: a PID that a PMT names does not come.
	AbsentPID
	// Transport is 2.1 Transport_error: transport_error_indicator is set.
	Transport
	// CRC is 2.2 CRC_error: the CRC of a PAT, CAT, PMT or SI table is wrong.
	CRC
	// PCRRepetition is 2.3.a PCR_repetition_error: more than 100 ms between two PCRs.
	PCRRepetition
	// PCRJump is 2.3.b PCR_discontinuity_indicator_error: the clock jumps and no discontinuity_indicator says so.
	PCRJump
	// PCRAccuracy is 2.4 PCR_accuracy_error: a PCR is more than 500 ns from where a constant rate puts it.
	PCRAccuracy
	// PTS is 2.5 PTS_error: no PTS for 700 ms.
	PTS
	// CAT is 2.6 CAT_error: scrambled packets but no CAT, or another table on PID 1.
	CAT
	// SIRepetition is 3.2 SI_repetition_error: the SDT, once seen, stays away for more than 2 s.
	SIRepetition
	// BufferOverflow is 3.3 Buffer_error: TB, MB, B, TBsys or Bsys of the T-STD overflows.
	BufferOverflow
	// BufferUnderflow is 3.3 Buffer_error: an access unit is not complete when it is to be decoded.
	BufferUnderflow
	// UnreferencedPID is 3.4.a Unreferenced_PID: a PID comes that no PMT names.
	UnreferencedPID
	// NotEmptied is 3.9 Empty_buffer_error: TB or MB is not empty once a second.
	NotEmptied
	// DataDelay is 3.10 Data_delay_error: an access unit waits too long before it is decoded.
	DataDelay
	// VideoStep is a decoding time that is not the usual step after the one before.
	VideoStep
	// AudioStep is a presentation time that does not lie where the frames before it end.
	AudioStep
	// DTSOrder is a decoding time that is not after the one before.
	DTSOrder
	// PTSBeforeDTS is a picture to be shown before it is decoded.
	PTSBeforeDTS
	// RTPLoss is an RTP packet that never came.
	RTPLoss
	// RTPOrder is an RTP packet that came after a later one.
	RTPOrder
	// RTPDuplicate is an RTP packet that came again.
	RTPDuplicate
	// RTPTimestamp is an RTP timestamp before that of the packet before.
	RTPTimestamp
	// RTPRestart is a new SSRC, or a jump of the sequence numbers too wide to be a loss.
	RTPRestart

	checkCount
)

type checkName struct {
	priority int
	clause   string
	name     string
}

// describe returns how the check is called in reports.
func (c Check) describe() checkName {
	switch c {
	case SyncLoss:
		return checkName{1, "1.1", "TS_sync_loss"}
	case SyncByte:
		return checkName{1, "1.2", "Sync_byte_error"}
	case PAT:
		return checkName{1, "1.3.a", "PAT_error_2"}
	case Continuity:
		return checkName{1, "1.4", "Continuity_count_error"}
	case PMT:
		return checkName{1, "1.5.a", "PMT_error_2"}
	case AbsentPID:
		return checkName{1, "1.6", "PID_error"}
	case Transport:
		return checkName{2, "2.1", "Transport_error"}
	case CRC:
		return checkName{2, "2.2", "CRC_error"}
	case PCRRepetition:
		return checkName{2, "2.3.a", "PCR_repetition_error"}
	case PCRJump:
		return checkName{2, "2.3.b", "PCR_discontinuity_indicator_error"}
	case PCRAccuracy:
		return checkName{2, "2.4", "PCR_accuracy_error"}
	case PTS:
		return checkName{2, "2.5", "PTS_error"}
	case CAT:
		return checkName{2, "2.6", "CAT_error"}
	default:
		return c.describeRest()
	}
}

func (c Check) describeRest() checkName {
	switch c {
	case SIRepetition:
		return checkName{3, "3.2", "SI_repetition_error"}
	case BufferOverflow:
		return checkName{3, "3.3", "Buffer_error (overflow)"}
	case BufferUnderflow:
		return checkName{3, "3.3", "Buffer_error (underflow)"}
	case UnreferencedPID:
		return checkName{3, "3.4.a", "Unreferenced_PID"}
	case NotEmptied:
		return checkName{3, "3.9", "Empty_buffer_error"}
	case DataDelay:
		return checkName{3, "3.10", "Data_delay_error"}
	case VideoStep:
		return checkName{0, "", "video timestamp step"}
	case AudioStep:
		return checkName{0, "", "audio timestamp step"}
	case DTSOrder:
		return checkName{0, "", "DTS not rising"}
	case PTSBeforeDTS:
		return checkName{0, "", "PTS before DTS"}
	case RTPLoss:
		return checkName{0, "", "RTP packets lost"}
	case RTPOrder:
		return checkName{0, "", "RTP packets out of order"}
	case RTPDuplicate:
		return checkName{0, "", "RTP packets repeated"}
	case RTPTimestamp:
		return checkName{0, "", "RTP timestamp going back"}
	case RTPRestart:
		return checkName{0, "", "RTP stream restarted"}
	default:
		return checkName{0, "", "unknown"}
	}
}

// String returns the name that TR 101 290 gives the check, or ours beyond it.
func (c Check) String() string { return c.describe().name }

// Place is where an error was.
type Place struct {
	// Packet is the number of the transport packet, from 0; of the datagram for RTP.
	Packet int64 `json:"packet"`
	PID    PID   `json:"pid"`
	// Detail says by how much, for people.
	Detail string `json:"detail,omitempty"`
}

// placesKept is how many places of each check are kept: enough to look at,
// and a bound on the memory that a broken stream can take.
const placesKept = 8

// tally counts the errors of every check.
type tally struct {
	counts [checkCount]int64
	places [checkCount][]Place
}

// raise counts one error. detail is called only while places are still kept.
func (t *tally) raise(c Check, n int64, pid PID, detail func() string) {
	t.counts[c]++
	t.note(c, n, pid, detail)
}

func (t *tally) note(c Check, n int64, pid PID, detail func() string) {
	if len(t.places[c]) >= placesKept {
		return
	}
	place := Place{Packet: n, PID: pid}
	if detail != nil {
		place.Detail = detail()
	}
	t.places[c] = append(t.places[c], place)
}
