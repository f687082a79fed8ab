// Package channel holds the definition of a channel: the [Spec], with its
// defaults and its validation, the [Schedule] that changes it while it plays,
// and the [Destination] that it is sent to.
//
// [Settings], [DeploySettings] and [YAML] are the tables of its settings (see
// package setting), from which flags, YAML, environment variables, the
// reference, the JSON Schema and the command line of a deployment derive.
// [Schemes] is the table of destinations. A new setting is a field of a struct
// and a row of its table: Spec in spec.go, [Encode] in encode.go, [AWS] in
// aws.go, and the layout of the transport stream in package m2ts.
//
// A Spec starts as [Default]. A YAML file ([Spec.Read]), then the environment (for
// deployments, [Spec.ReadEnv]), then flags ([Spec.Set]) override it, and
// [Spec.Complete] finishes it.
//
// The package plays nothing: it imports the vocabularies fault, m2ts and
// setting, and no other package of LILO.
package channel
