// Package auth authenticates requests: callers of the API by AWS Signature
// Version 4, and people by login and session.
//
//   - A [Verifier] checks signatures that were made with one of the [Keys] in a
//     file of key pairs. It answers with an [Error] in AWS's words.
//   - [Logins] are the users in a file of password hashes (argon2id). [Attempts]
//     limits guessing.
//   - A [File] is one of these two files that is changed.
//   - [Sessions] are the users who have logged in.
//
// The package knows no routes and no cookies: package server decides what each
// request needs. It must not import the AWS SDK, so that the tests compare two
// implementations of signatures.
package auth
