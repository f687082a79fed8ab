package channel

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// AWS is what a channel needs to know besides to be deployed on AWS. The seed's
// variables are among it; all names of a deployment derive from them.
type AWS struct {
	// Region is the AWS region, such as eu-west-1.
	Region string
	// Stack, Customer and Project name the deployment.
	Stack, Customer, Project string
	// AutoStart has the channel start as soon as it is there.
	AutoStart bool
	// Standard makes the channel one of two pipelines (STANDARD); destinations
	// come in pairs then: the first of pipeline 0, the second of pipeline 1, and so on.
	Standard bool
	// TTL stops a channel that has run for so long; 0 never does.
	TTL time.Duration
	// LogLevel is DISABLED, ERROR, WARNING, INFO or DEBUG.
	LogLevel string
	// FEC is the forward error correction of SMPTE 2022-1; nil sends none.
	FEC *FEC
	// Boundary is the ARN of a permissions boundary for the roles; empty sets none.
	Boundary string
}

// FEC is a matrix of SMPTE 2022-1, in the words of MediaLive's FecOutputSettings.
type FEC struct {
	// IncludeFec is FECColumn or FECColumnAndRow.
	IncludeFec string
	// ColumnDepth is 4 to 20, RowLength 1 to 20 (4 to 20 with rows).
	ColumnDepth, RowLength int
}

// Kinds of FEC: columns go to the port two above the stream's, rows four above.
const (
	FECColumn       = "COLUMN"
	FECColumnAndRow = "COLUMN_AND_ROW"
)

// Bounds of the time after which a forgotten channel is stopped.
const (
	MinTTL = time.Minute
	MaxTTL = 366 * 24 * time.Hour
)

// MaxNamePart is the longest name of a stack, customer or project in bytes, so
// that what derives from them fits a stack's name.
const MaxNamePart = 24

// DefaultAWS returns what holds where nothing is said, as in the original sample.
func DefaultAWS() AWS {
	return AWS{Region: "eu-west-1", Stack: "Dev", Customer: "Client", Project: "LILO", AutoStart: true, LogLevel: "WARNING"}
}

// Filled returns it with the defaults for what is empty.
func (a AWS) Filled() AWS {
	usual := DefaultAWS()
	for _, f := range []struct {
		field *string
		usual string
	}{
		{&a.Region, usual.Region},
		{&a.Stack, usual.Stack},
		{&a.Customer, usual.Customer},
		{&a.Project, usual.Project},
		{&a.LogLevel, usual.LogLevel},
	} {
		if *f.field == "" {
			*f.field = f.usual
		}
	}
	return a
}

// Prefix returns what all names of the deployment begin with:
// project-customer-stack-region, as LILO-Client-Dev-eu-west-1.
func (a AWS) Prefix() string {
	a = a.Filled()
	return strings.Join([]string{a.Project, a.Customer, a.Stack, a.Region}, "-")
}

// LogLevels returns the levels of MediaLive's log, from nothing to everything.
func LogLevels() []string { return []string{"DISABLED", "ERROR", "WARNING", "INFO", "DEBUG"} }

// check reports the first value that cannot be meant so, by its key.
func (a AWS) check() error {
	for _, c := range []struct {
		key string
		err error
	}{
		{"region", checkRegion(a.Region)},
		{"stack", checkNamePart(a.Stack)},
		{"customer", checkNamePart(a.Customer)},
		{"project", checkNamePart(a.Project)},
		{"ttl", checkTTL(a.TTL)},
		{"logLevel", checkLogLevel(a.LogLevel)},
		{"fec", a.FEC.check()},
		{"permissionsBoundary", checkBoundary(a.Boundary)},
	} {
		if c.err != nil {
			return fault.New(fault.Usage, "%s: %w", c.key, c.err)
		}
	}
	return nil
}

// Compiled once: a server checks every channel it brings back on air.
var (
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+){1,3}-[1-9][0-9]?$`)
	namePart   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`)
	policyARN  = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$`)
)

func checkRegion(region string) error {
	if region != "" && !regionName.MatchString(region) {
		return fault.New(fault.Usage, "%q is not the name of a region: write one such as eu-west-1", region)
	}
	return nil
}

func checkNamePart(name string) error {
	if name != "" && (len(name) > MaxNamePart || !namePart.MatchString(name)) {
		return fault.New(fault.Usage, "%q: a name has letters, digits and single hyphens, a letter first, and at most %d of them", name, MaxNamePart)
	}
	return nil
}

func checkTTL(d time.Duration) error {
	if d != 0 && (d < MinTTL || d > MaxTTL) {
		return fault.New(fault.Usage, "it is 1m to %dh, not %s", MaxTTL/time.Hour, d)
	}
	return nil
}

func checkLogLevel(level string) error {
	if level == "" || slices.Contains(LogLevels(), level) {
		return nil
	}
	return fault.New(fault.Usage, "%q is not one of %s", level, strings.Join(LogLevels(), ", "))
}

func checkBoundary(arn string) error {
	if arn != "" && !policyARN.MatchString(arn) {
		return fault.New(fault.Usage, "%q is not the ARN of a policy: write arn:aws:iam::ACCOUNT:policy/NAME", arn)
	}
	return nil
}

func (f *FEC) check() error {
	if f == nil {
		return nil
	}
	shortest := 1
	switch f.IncludeFec {
	case FECColumn:
	case FECColumnAndRow:
		shortest = 4
	default:
		return fault.New(fault.Usage, "includeFec: %q is not one of %s, %s", f.IncludeFec, FECColumn, FECColumnAndRow)
	}
	switch {
	case f.ColumnDepth < 4 || f.ColumnDepth > 20:
		return fault.New(fault.Usage, "columnDepth %d: it is 4 to 20", f.ColumnDepth)
	case f.RowLength < shortest || f.RowLength > 20:
		return fault.New(fault.Usage, "rowLength %d: with %s it is %d to 20", f.RowLength, f.IncludeFec, shortest)
	}
	return nil
}
