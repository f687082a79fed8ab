// Package auth authenticates requests: callers of the API by AWS Signature
// Version 4, and people by login and session.
//
//   - A [Verifier] checks signatures that were made with one of the [Keys] in a
//     file of key pairs. It answers with an [Error] in AWS's words.
//   - [Logins] are the users in a file of password hashes (argon2id). [Attempts]
//     slows down whoever guesses passwords.
//   - [Sessions] are the users who have logged in.
//
// The package knows no HTTP routes and no cookies: package server decides which
// request needs what. It must not import the AWS SDK, so that signatures are
// verified by code that did not make them.
package auth
