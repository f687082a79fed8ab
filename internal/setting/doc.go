// Package setting describes the settings of a struct in one table.
//
// A [Field] is a row of the table: the key of a setting, what it is for, its
// default, and a [Binding] that reads it from text into a field of the struct,
// writes it back, checks it and describes its values. [Of] makes a Binding from
// a [Kind], which is how values of one type are written ([Number], [Word],
// [Duration], …), and from the address of the field. [Group] makes one setting
// out of a table: key=value,key=value on a command line, a block in YAML.
//
// Flags, YAML ([ReadYAML], [WriteYAML]), environment variables ([ReadEnv]),
// validation ([Check]), the reference, commented configuration files ([Init])
// and JSON Schemas ([Object]) all derive from the table, so that a new setting
// is a new row. Every error is of kind fault.Usage.
//
// The tables themselves are with the structs, in packages channel and server.
// Package setting knows neither, and imports nothing of LILO but fault.
package setting
