package channel

import (
	"strings"
	"time"
	"unicode"

	"github.com/lilo-live/lilo/internal/fault"
)

// DeploySettings returns what can be said of a deployment on AWS besides: the
// keys of the aws block of the YAML, in the order of a help text.
func DeploySettings() []Setting {
	usual := DefaultAWS()
	word := func(field func(*AWS) *string, check func(string) error) func(*Spec, []string) error {
		return func(s *Spec, values []string) error {
			if values[0] == "" {
				return fault.New(fault.Usage, "it is empty: leave it out")
			}
			*field(&s.AWS) = values[0]
			return check(values[0])
		}
	}
	return []Setting{
		{
			Key: "region", Value: "REGION", Usage: "AWS region", Default: usual.Region,
			set: word(func(a *AWS) *string { return &a.Region }, checkRegion),
		},
		{
			Key: "stack", Value: "NAME", Usage: "name of the deployment, in all its names", Default: usual.Stack,
			set: word(func(a *AWS) *string { return &a.Stack }, checkNamePart),
		},
		{
			Key: "customer", Value: "NAME", Usage: "whose deployment it is, in all its names", Default: usual.Customer,
			set: word(func(a *AWS) *string { return &a.Customer }, checkNamePart),
		},
		{
			Key: "project", Value: "NAME", Usage: "what it is for, in all its names", Default: usual.Project,
			set: word(func(a *AWS) *string { return &a.Project }, checkNamePart),
		},
		{
			Key: "autoStart", Value: "BOOL", Switch: true, Usage: "start the channel as soon as it is there", Default: "true",
			set: value(parseSwitch, func(s *Spec) *bool { return &s.AWS.AutoStart }),
		},
		{
			Key: "standard", Value: "BOOL", Switch: true, Default: "false",
			Usage: "two pipelines (class STANDARD): destinations come in pairs, one of each pipeline",
			set:   value(parseSwitch, func(s *Spec) *bool { return &s.AWS.Standard }),
		},
		{
			Key: "ttl", Value: "D", Usage: "stop the channel when it has run for so long: 8h", Default: "never",
			set: value(parseTTL, func(s *Spec) *time.Duration { return &s.AWS.TTL }),
		},
		{
			Key: "logLevel", Value: "LEVEL", Usage: "what the channel logs: " + strings.Join(LogLevels(), ", "), Default: usual.LogLevel,
			set: word(func(a *AWS) *string { return &a.LogLevel }, checkLogLevel),
		},
		{
			Key: "fec", Value: "HOW", Default: "none", set: setFEC,
			Usage: "forward error correction of SMPTE 2022-1: includeFec=COLUMN_AND_ROW,columnDepth=10,rowLength=10, or none",
		},
		{
			Key: "permissionsBoundary", Value: "ARN", Usage: "permissions boundary of every role", Default: "none",
			set: word(func(a *AWS) *string { return &a.Boundary }, checkBoundary),
		},
	}
}

// Flag returns what the flag of a setting is called: auto-start for autoStart.
func (s Setting) Flag() string { return s.parted("-", unicode.ToLower) }

// Variable returns the environment variable of a setting: LILO_AUTO_START for autoStart.
func (s Setting) Variable() string { return "LILO_" + s.parted("_", unicode.ToUpper) }

// parted writes the words of a key in that case, with something between them.
func (s Setting) parted(between string, letter func(rune) rune) string {
	var b strings.Builder
	for _, r := range s.Key {
		if unicode.IsUpper(r) {
			b.WriteString(between)
		}
		b.WriteRune(letter(r))
	}
	return b.String()
}

// ReadEnv gives the spec what the environment says: a variable for each setting
// of Settings and DeploySettings (LILO_REGION, LILO_SOURCE, LILO_TO, …). An
// empty one says nothing; the URLs of LILO_TO have blanks between them. Faults
// are of kind Usage and begin with the variable.
func (s *Spec) ReadEnv(get func(string) string) error {
	for _, each := range append(Settings(), DeploySettings()...) {
		text := get(each.Variable())
		if text == "" {
			continue
		}
		values := []string{text}
		if each.List {
			values = strings.Fields(text)
		}
		if err := each.set(s, values); err != nil {
			return fault.New(fault.Usage, "%s: %w", each.Variable(), err)
		}
	}
	return nil
}

func parseSwitch(text string) (bool, error) {
	switch text {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	}
	return false, fault.New(fault.Usage, "%q is neither true nor false", text)
}

func parseTTL(text string) (time.Duration, error) {
	d, err := ParseDuration(text)
	if err == nil && d == 0 {
		err = fault.New(fault.Usage, "%q stops at once: leave it out for never", text)
	}
	if err != nil {
		return 0, err
	}
	return d, checkTTL(d)
}

// setFEC takes what the flag says.
func setFEC(s *Spec, values []string) error {
	if values[0] == "none" {
		s.AWS.FEC = nil
		return nil
	}
	return s.changeFEC(strings.Split(values[0], ","))
}

// changeFEC makes the matrix what key=value after key=value says.
func (s *Spec) changeFEC(words []string) error {
	f := &FEC{IncludeFec: FECColumnAndRow, ColumnDepth: 10, RowLength: 10}
	err := eachOnce(words, f.set)
	if err == nil {
		err = f.check()
	}
	if err == nil {
		s.AWS.FEC = f
	}
	return err
}

func (f *FEC) set(key, value string) (err error) {
	switch key {
	case "includeFec":
		err = oneOf(&f.IncludeFec, value, FECColumn, FECColumnAndRow)
	case "columnDepth":
		err = between(&f.ColumnDepth, value, 4, 20)
	case "rowLength":
		err = between(&f.RowLength, value, 1, 20)
	default:
		return unknown(key, []string{"includeFec", "columnDepth", "rowLength"})
	}
	if err != nil {
		return fault.New(fault.Usage, "%s: %w", key, err)
	}
	return nil
}
