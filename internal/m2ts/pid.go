package m2ts

import (
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/setting"
)

// pid is a PID in decimal or, as analysers write it, in hexadecimal.
func pid() setting.Kind[packet.PID] {
	k := setting.Number(MinPID, MaxPID)
	k.Value, k.Schema = "PID", setting.Schema{"anyOf": []setting.Schema{k.Schema, {"type": "string", "pattern": "^0[xX][0-9a-fA-F]+$"}}}
	k.Parse, k.Check = parsePID, checkPID
	return k
}

func parsePID(text string) (packet.PID, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 0, 16)
	if err == nil && checkPID(packet.PID(n)) == nil {
		return packet.PID(n), nil
	}
	return 0, fault.New(fault.Usage, "%q is not a PID from %d to %d", text, MinPID, MaxPID)
}

func checkPID(pid packet.PID) error {
	if pid < MinPID || pid > MaxPID {
		return fault.New(fault.Usage, "%d is not a PID from %d to %d", pid, MinPID, MaxPID)
	}
	return nil
}

// MaxAudioPIDs is how many PIDs of audio tracks a channel may choose.
const MaxAudioPIDs = int(LastAudioPID-FirstAudioPID) + 1

func pidList() setting.Kind[[]packet.PID] {
	one := setting.Schema{"anyOf": []setting.Schema{pid().Schema, {"type": "string", "pattern": "^[0-9a-fA-FxX, -]+$"}}}
	return setting.Kind[[]packet.PID]{
		Value: "PIDS", Values: "PIDs and ranges of them: 482,490 or 482-484",
		Schema: setting.Schema{"anyOf": []setting.Schema{one, {"type": "array", "items": one, "minItems": 1}}},
		Parse:  ParsePIDs,
		Check: func(pids []packet.PID) error {
			for _, pid := range pids {
				if err := checkPID(pid); err != nil {
					return err
				}
			}
			return nil
		},
		Format: func(pids []packet.PID) string {
			texts := make([]string, len(pids))
			for i, pid := range pids {
				texts[i] = strconv.Itoa(int(pid))
			}
			return strings.Join(texts, ",")
		},
	}
}

// ParsePIDs reads PIDs and ranges of them, as MediaLive writes them: 482,0x1ea
// or 482-498.
func ParsePIDs(text string) ([]packet.PID, error) {
	var all []packet.PID
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := parsePID(first)
		if err != nil {
			return nil, err
		}
		to, err := parsePID(last)
		if err != nil {
			return nil, err
		}
		if to < from {
			return nil, fault.New(fault.Usage, "%q is not a range: write the lower PID first", part)
		}
		for pid := from; pid <= to; pid++ {
			all = append(all, pid)
		}
		if len(all) > int(MaxPID) {
			return nil, fault.New(fault.Usage, "%d PIDs are more than there are", len(all))
		}
	}
	return all, nil
}
