// Package setting describes the settings of a struct in one table.
//
// A [Field] is a setting. Its [Row] gives key, purpose and default, its [Kind] how
// values are written and checked ([Number], [Word], [Duration], …), and a function
// given to [Of] points to the field of the struct.
// [Group] makes one setting out of a table: key=value,key=value on a command
// line, a block in YAML.
//
// Flags, YAML ([ReadYAML], [WriteYAML]), environment variables ([ReadEnv]),
// validation ([Check]), the reference, commented configuration files ([Init])
// and JSON Schemas ([Object]) all derive from the table, so that a new setting
// is a new row. Every error is of kind fault.Usage.
//
// The tables themselves are with the structs, in packages channel, m2ts and
// server. Package setting knows none of them, and imports nothing of LILO but fault.
package setting
