// Package setting describes the settings of a struct in one table.
//
// A [Field] is a setting: its [Row] of the table says its key, what it is for and
// its default, its [Kind] how values are written and checked ([Number], [Word],
// [Duration], …), and a function which field of the struct holds it ([Of]).
// [Group] makes one setting out of a table: key=value,key=value on a command
// line, a block in YAML.
//
// Flags, YAML ([ReadYAML], [WriteYAML]), environment variables ([ReadEnv]),
// validation ([Check]), the reference, commented configuration files ([Init])
// and JSON Schemas ([Object]) all derive from the table, so that a new setting
// is a new row. Every error is of kind fault.Usage.
//
// The tables themselves are with the structs, in packages channel and server.
// Package setting knows neither, and imports nothing of LILO but fault.
package setting
