package channel

import (
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// FEC is a matrix of SMPTE 2022-1, in the words of MediaLive's FecOutputSettings.
type FEC struct {
	IncludeFec  string // FECColumn or FECColumnAndRow
	ColumnDepth int    // 4 to 20
	RowLength   int    // 1 to 20, 4 to 20 with rows
}

// Kinds of FEC: columns go to the port two above the stream's, rows four above.
const (
	FECColumn       = "COLUMN"
	FECColumnAndRow = "COLUMN_AND_ROW"
)

// FECFields returns the keys of --fec and of the block fec.
func FECFields() []setting.Field[FEC] {
	type row = setting.Row
	return []setting.Field[FEC]{
		setting.Of(row{Key: "includeFec", Usage: "columns alone, or columns and rows", Default: FECColumnAndRow},
			setting.Word(FECColumn, FECColumnAndRow), func(f *FEC) *string { return &f.IncludeFec }),
		setting.Of(row{Key: "columnDepth", Usage: "datagrams in a column", Default: "10"},
			setting.Number(4, 20), func(f *FEC) *int { return &f.ColumnDepth }),
		setting.Of(row{Key: "rowLength", Usage: "datagrams in a row, 4 or more with COLUMN_AND_ROW", Default: "10"},
			setting.Number(1, 20), func(f *FEC) *int { return &f.RowLength }),
	}
}

// DefaultFEC returns the matrix of a group that leaves all out.
func DefaultFEC() FEC { return FEC{IncludeFec: FECColumnAndRow, ColumnDepth: 10, RowLength: 10} }

func fecGroup() setting.Group[FEC] {
	return setting.Group[FEC]{
		Fields: FECFields(), None: "none", Check: checkFEC,
		Base: DefaultFEC,
	}
}

func checkFEC(f FEC) error {
	if err := setting.Check(FECFields(), &f); err != nil {
		return err
	}
	shortest := 1
	if f.IncludeFec == FECColumnAndRow {
		shortest = 4
	}
	switch {
	case f.IncludeFec == "" || f.ColumnDepth == 0:
		return fault.New(fault.Usage, "includeFec, columnDepth and rowLength go together")
	case f.RowLength < shortest:
		return fault.New(fault.Usage, "rowLength %d: with %s it is %d to 20", f.RowLength, f.IncludeFec, shortest)
	}
	return nil
}

// Ports returns the ports that a destination takes: the stream's, that of sender reports, one
// above, and those of the FEC (SMPTE 2022-1, 7.1: columns two above, rows four above).
func (d Destination) Ports(f *FEC) []int {
	all := []int{d.Port}
	if d.RTCP {
		all = append(all, d.Port+1)
	}
	if f == nil || !d.Kind().RTP {
		return all
	}
	if all = append(all, d.Port+2); f.IncludeFec == FECColumnAndRow {
		all = append(all, d.Port+4)
	}
	return all
}

// CheckPorts reports two destinations that take the same port of a target, and ports that do not exist.
func CheckPorts(to []Destination, f *FEC) error {
	taken := make(map[string]Destination)
	for _, d := range to {
		for _, port := range d.Ports(f) {
			if port > 65535 {
				return fault.New(fault.Usage, "to: %s: its FEC needs port %d, and 65535 is the last: give it a lower one", d, port)
			}
			at := d
			at.Port = port
			if other, ok := taken[at.TargetAddress()]; ok {
				return fault.New(fault.Usage, "to: %s and %s both send to port %d, FEC (two and four above) and RTCP (one above) included: give one of them another", other, d, port)
			}
			taken[at.TargetAddress()] = d
		}
	}
	return nil
}

// checkFEC reports FEC that protects nothing, and ports that are taken twice.
func (s Spec) checkFEC() error {
	if s.FEC != nil && len(s.To) > 0 && !slices.ContainsFunc(s.To, func(d Destination) bool { return d.Kind().RTP }) {
		return fault.New(fault.Usage, "fec: FEC protects RTP only, and %s is not RTP: write rtp://, or leave out fec", s.To[0])
	}
	return CheckPorts(s.To, s.FEC)
}
