// Package doctor looks at what LILO needs of the machine that it runs on.
//
// [Examine] returns a [Finding] for each thing: what is there and, where it is not as it
// should be, what to do about it. It changes nothing, and sends nothing but a datagram to
// this machine and one question to AWS, if there are credentials for it.
//
// The package must not import cli or server.
package doctor
